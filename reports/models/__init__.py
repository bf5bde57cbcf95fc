"""Reports that are signed with their files, and what a year is scored by."""

from reports.models.kept import KeptFigures
from reports.models.reports import FrozenError, Report, ReportFile, ReportQuerySet
from reports.models.scores import (
    Commendation,
    Commended,
    HandPoints,
    Inspection,
    ScoreLine,
    ScorePolicy,
    ScoreSnapshot,
    ScoreVeto,
    VetoFound,
)

__all__ = [
    "Commendation",
    "Commended",
    "FrozenError",
    "HandPoints",
    "Inspection",
    "KeptFigures",
    "Report",
    "ReportFile",
    "ReportQuerySet",
    "ScoreLine",
    "ScorePolicy",
    "ScoreSnapshot",
    "ScoreVeto",
    "VetoFound",
]
