"""Cases, and what a look-back found."""

from cases.models.cases import Case, CaseQuerySet
from cases.models.lookback import LookBack, LookBackQuerySet
from cases.models.rules import Rule

__all__ = ["Case", "CaseQuerySet", "LookBack", "LookBackQuerySet", "Rule"]
