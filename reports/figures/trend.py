"""Cases month by month: how many, and what was lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.db.models import Count, Sum

from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures.cases import counted
from reports.figures.slices import Slices, dated
from reports.policy import months_later

MONTHS = 24


@dataclass(frozen=True, slots=True)
class Month:
    """Cases of one calendar month: how many (起), and what was lost (yuan)."""

    first: date
    count: int
    lost: Decimal


def trend_of(area_code: str, *, last: date, dated_by: DatedBy, months: int = MONTHS) -> tuple[Month, ...]:
    """Return the calendar months up to the one a day lies in, the oldest first. One query.

    The last of them is counted up to today, as far as it has gone.
    """
    spans = _months(last, months)
    slices, by = Slices(spans), dated(dated_by)
    rows = counted(area_code).filter(slices.condition(by)).annotate(slice=slices.number(by)).values("slice")
    # One part for each of so many months would take three times as long as one pass (``slices.summed``).
    found = {row["slice"]: row for row in rows.annotate(count=Count("status"), yuan=Sum("amount_lost"))}
    return tuple(
        Month(span.first, found[at]["count"], found[at]["yuan"]) if at in found else Month(span.first, 0, Decimal(0))
        for at, span in enumerate(spans)
    )


def _months(last: date, months: int) -> tuple[Span, ...]:
    firsts: Sequence[date] = [months_later(last.replace(day=1), back) for back in range(1 - months, 2)]
    return tuple(Span(first, after) for first, after in pairwise(firsts))
