"""The verbs of reports."""

from reports.services.commendation import Place, freeze_commendation, record_commendation_exported, write_commendation
from reports.services.common import ReportsError
from reports.services.inspections import add_inspection, answer_inspection, make_problem
from reports.services.reports import (
    FileToKeep,
    create_draft,
    discard,
    hand_out_file,
    hand_out_public,
    locked,
    may_sign,
    print_report,
    redraw,
    restore_words,
    sign,
    signers_of,
    write_words,
)
from reports.services.scores import (
    Standing,
    copy_to_draft,
    find_veto,
    give_points,
    keep_snapshots,
    lift_veto,
    publish,
)

__all__ = [
    "FileToKeep",
    "Place",
    "ReportsError",
    "Standing",
    "add_inspection",
    "answer_inspection",
    "copy_to_draft",
    "create_draft",
    "discard",
    "find_veto",
    "freeze_commendation",
    "give_points",
    "hand_out_file",
    "hand_out_public",
    "keep_snapshots",
    "lift_veto",
    "locked",
    "make_problem",
    "may_sign",
    "print_report",
    "publish",
    "record_commendation_exported",
    "redraw",
    "restore_words",
    "sign",
    "signers_of",
    "write_commendation",
    "write_words",
]
