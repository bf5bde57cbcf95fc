"""Periods that offices report by, what each is compared with, and how a change is told.

Sources: field-notes.md "Statistics": month on month and year on year, both counts beside every percentage, a base of
zero in words; bands of one table add up to its total.
"""

from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from campaigns.policy import MONTHS_OF_A_YEAR, Span, months_later

WEEK, THURSDAY = 7, 3


class PeriodKind(TextChoices):
    """Periods that offices report by."""

    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    HALF = "half", _("Half-year")
    YEAR = "year", _("Year")
    DAYS = "days", _("From … to …")


FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""Days outside these are typing mistakes; within them every period has one before it and one of last year."""

MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}


def period_around(on: date, kind: PeriodKind) -> Span:
    """Return the month, quarter, half-year or year a day lies in. Raises ``KeyError`` for ``PeriodKind.DAYS``."""
    months = MONTHS_IN[kind]
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    return Span(first, months_later(first, months))


def month_key(on: date) -> str:
    """Return the month a day lies in as addresses and axes carry it: 2026-04."""
    return f"{on:%Y-%m}"


def whole_months(span: Span) -> int:
    """Return how many calendar months a span is; 0 where it is not made of whole ones."""
    if span.first.day != 1 or span.after.day != 1:
        return 0
    return (span.after.year - span.first.year) * MONTHS_OF_A_YEAR + span.after.month - span.first.month


def kind_of(span: Span) -> PeriodKind:
    """Return what a span is called: the month, quarter, half-year or year that it is, else some days."""
    for kind, months in MONTHS_IN.items():
        if whole_months(span) == months and period_around(span.first, kind) == span:
            return kind
    return PeriodKind.DAYS


def period_before(span: Span) -> Span:
    """Return the period before: so many months before whole months, so many days before any others."""
    if months := whole_months(span):
        return Span(months_later(span.first, -months), span.first)
    return Span(span.first - (span.after - span.first), span.first)


def year_before(span: Span) -> Span:
    """Return the same period of the year before; a last day of February stays one."""
    if whole_months(span):
        return Span(months_later(span.first, -MONTHS_OF_A_YEAR), months_later(span.after, -MONTHS_OF_A_YEAR))
    last = span.after - timedelta(days=1)
    return Span(months_later(span.first, -MONTHS_OF_A_YEAR), months_later(last, -MONTHS_OF_A_YEAR) + timedelta(days=1))


def so_far(span: Span, *, on: date) -> Span:
    """Return a period up to a day, that day counted; the whole of one that is over."""
    return Span(span.first, max(span.first, min(span.after, on + timedelta(days=1))))


def before_at_the_same_day(span: Span, *, so_far: Span) -> Span:
    """Return the period before, up to the same day as this one so far: a month half gone is held against half of one.

    Where the month before has no such day it is taken whole.
    """
    before = period_before(span)
    last = so_far.after - timedelta(days=1)
    if so_far.after >= span.after or last < so_far.first:
        return Span(before.first, before.after if so_far.after >= span.after else before.first)
    months = whole_months(span)
    if not months:
        return Span(before.first, min(before.after, before.first + (so_far.after - so_far.first)))
    return Span(before.first, min(before.after, months_later(last, -months) + timedelta(days=1)))


def weeks_of(span: Span, *, on: date) -> tuple[date, ...]:
    """Return the Mondays of a period's weeks that are over by a day: those whose Thursday lies in it.

    So each week belongs to one month, one quarter, one year.
    """
    thursday = span.first + timedelta(days=(THURSDAY - span.first.weekday()) % WEEK)
    mondays = []
    while thursday < span.after and thursday + timedelta(days=WEEK - 1 - THURSDAY) < on:
        mondays.append(thursday - timedelta(days=THURSDAY))
        thursday += timedelta(days=WEEK)
    return tuple(mondays)


def year_of(year: int) -> Span:
    """Return a calendar year."""
    return Span(date(year, 1, 1), date(year + 1, 1, 1))
