"""The numbers of reports: each has one definition, one unit, one place where it is counted."""

from reports.figures.everything import figures_of
from reports.figures.trend import trend_of

__all__ = ["figures_of", "trend_of"]
