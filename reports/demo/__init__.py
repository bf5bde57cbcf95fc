"""Reports to try the program with."""

from reports.demo.monthly import make_reports
from reports.demo.scores import make_scores

__all__ = ["make_reports", "make_scores"]
