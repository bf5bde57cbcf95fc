"""Figures in words: what a period is called, how a number changed with its unit, what the public may read."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import day, decimals, month, percent_change, yuan
from campaigns.policy import Span
from reports.policy import PUBLIC_FROM, Change, Hidden, PeriodKind, change, kind_of, masked


def period_name(span: Span) -> str:
    """Return what a period is called: April 2026, the second quarter of 2026, 2026, 3 – 9 April 2026."""
    first = span.first
    match kind_of(span):
        case PeriodKind.MONTH:
            return month(first)
        case PeriodKind.QUARTER:
            return _("Quarter {number} of {year}").format(number=(first.month + 2) // 3, year=first.year)
        case PeriodKind.HALF:
            words = _("First half of {year}") if first.month == 1 else _("Second half of {year}")
            return words.format(year=first.year)
        case PeriodKind.YEAR:
            return _("The year {year}").format(year=first.year)
    return _("{first} to {last}").format(first=day(first), last=day(span.last))


def cases_said(count: int) -> str:
    """Return a number of cases with its unit."""
    return ngettext("{number} case", "{number} cases", count).format(number=decimals(count, 0))


def cases_changed(now: int, base: int) -> str:
    """Return how a number of cases changed: "+15.0 %"; from nothing "up by 3 cases from 0", "unchanged at 0"."""
    return _changed(change(now, base), cases_said(now))


def yuan_changed(now: Decimal, base: Decimal) -> str:
    """Return how an amount changed; from nothing, by how much."""
    return _changed(change(now, base), yuan(now))


def number_changed(now: int, base: int) -> str:
    """Return how any other number changed; from nothing, by how many."""
    return _changed(change(now, base), decimals(now, 0))


def _changed(told: Change, more: str) -> str:
    return percent_change(told.percent, more=more if told.now else "")


FEW = f"<{PUBLIC_FROM}"
BESIDE = "*"
"""What a public table says of a number that would tell a small one with the total."""


def numbers(cells: Sequence[int], *, is_public: bool) -> list[str]:
    """Return the numbers of a column whose total is shown, in words; in public without what would name somebody."""
    if not is_public:
        return [decimals(cell, 0) for cell in cells]
    told = masked(cells)
    if told is None:
        return [BESIDE] * len(cells)
    words = {Hidden.FEW: FEW, Hidden.BESIDE: BESIDE}
    return [words[cell] if isinstance(cell, Hidden) else decimals(cell, 0) for cell in told]


def number(count: int, *, is_public: bool) -> str:
    """Return one number that stands alone."""
    return FEW if is_public and 0 < count < PUBLIC_FROM else decimals(count, 0)
