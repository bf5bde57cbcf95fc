"""Rules of reports: periods, how a change is told, what the public may read. How a year is scored stands beside it."""

from campaigns.policy import MONTHS_OF_A_YEAR, months_later
from reports.policy.carrying import carried_sections, numbers_of_their_own
from reports.policy.changes import (
    Change,
    Direction,
    change,
)
from reports.policy.papers import (
    Paper,
    Section,
    State,
)
from reports.policy.periods import (
    FIRST_DAY,
    LAST_DAY,
    MONTHS_IN,
    THURSDAY,
    WEEK,
    PeriodKind,
    before_at_the_same_day,
    kind_of,
    month_key,
    period_around,
    period_before,
    so_far,
    weeks_of,
    whole_months,
    year_before,
    year_of,
)
from reports.policy.public import (
    PUBLIC_FROM,
    Hidden,
    masked,
)

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "MONTHS_IN",
    "MONTHS_OF_A_YEAR",
    "PUBLIC_FROM",
    "THURSDAY",
    "WEEK",
    "Change",
    "Direction",
    "Hidden",
    "Paper",
    "PeriodKind",
    "Section",
    "State",
    "before_at_the_same_day",
    "carried_sections",
    "change",
    "kind_of",
    "masked",
    "month_key",
    "months_later",
    "numbers_of_their_own",
    "period_around",
    "period_before",
    "so_far",
    "weeks_of",
    "whole_months",
    "year_before",
    "year_of",
]
