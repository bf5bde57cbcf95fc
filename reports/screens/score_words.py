"""What a score says in words: points, what a line found, its scale, how quiet a place is."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import decimals, percent_change, share, yuan
from reports.figures.quiet import Quiet
from reports.figures.scores import Scored
from reports.policy.scores import CHANGES, Line, Measure, percent_of


def points_words(points: Decimal) -> str:
    """Return points as people write them: 8, 7.5."""
    return decimals(points, 0 if points == points.to_integral_value() else 1)


def found_words(one: Scored) -> str:
    """Return what a line found: both counts beside every percentage."""
    if one.line.is_by_hand:
        return _("given by hand") if one.hand else _("nobody has given points yet")
    assert one.counts is not None
    part, whole = one.counts.part, one.counts.whole
    if one.line.measure in CHANGES:
        is_money = one.line.measure == Measure.LOSSES_CHANGE
        now, before = (yuan(part), yuan(whole)) if is_money else (decimals(part, 0), decimals(whole, 0))
        percent = percent_of(one.line.measure, one.counts) if whole else None
        change = percent_change(percent, more=now if part else "")
        return _("{now}, last year {before}: {change}").format(now=now, before=before, change=change)
    if whole:
        return share(int(part), int(whole))
    if one.is_out:
        return _("nothing fell due: left out")
    return _("nothing fell due") if one.line.is_full_of_nothing else _("nothing on record")


def scale_words(line: Line) -> str:
    """Return the scale of a line in words."""
    if line.is_by_hand:
        return _("by hand, with evidence")
    words = _("all from {full} % on, none at {none} % or below")
    if line.full_at < line.none_at:
        words = _("all at {full} % or below, none from {none} % on")
    return words.format(full=_signed(line.full_at, line), none=_signed(line.none_at, line))


def _signed(percent: Decimal, line: Line) -> str:
    sign = "−" if percent < 0 else "+" if percent > 0 and line.measure in CHANGES else ""
    return f"{sign}{points_words(abs(percent))}"


def quiet_words(quiet: Quiet) -> str:
    """Return the days without a case of this year, of all."""
    return share(quiet.zero_days, quiet.days)


def row_words(quiet: Quiet) -> str:
    """Return how many days in a row there was no case."""
    if quiet.in_a_row is None:
        return _("no case on record")
    said = ngettext("%(count)d day in a row", "%(count)d days in a row", quiet.in_a_row)
    return said % {"count": quiet.in_a_row}
