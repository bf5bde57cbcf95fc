"""Moments, numbers and money in the reader's language: the one place where a screen, a letter or a file writes them.

Moments are shown in the office's own time. What each language makes of them stands in ``antifraud/formats``; templates
use the same functions as filters (``{% load formats %}``).
"""

from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.clock import local

TEN_THOUSAND = 10_000


def milliseconds(at: datetime) -> int:
    """Return a moment as browsers count it."""
    return int(at.timestamp() * 1000)


def hour_minute(at: datetime) -> str:
    """Return a time of day: 14:06."""
    return formats.date_format(local(at), "TIME_FORMAT")


def to_the_second(at: datetime) -> str:
    """Return a time of day to the second: 14:06:09."""
    return formats.date_format(local(at), "H:i:s")


def day(at: date) -> str:
    """Return a whole date: 2026年4月2日, 2 Apr 2026."""
    return formats.date_format(local(at) if isinstance(at, datetime) else at, "DATE_FORMAT")


def month(at: date) -> str:
    """Return a month: 2026年4月, April 2026."""
    return formats.date_format(local(at) if isinstance(at, datetime) else at, "YEAR_MONTH_FORMAT")


def moment(at: datetime) -> str:
    """Return a moment of this year, for rows: 04-02 14:06, 2 Apr 14:06."""
    return formats.date_format(local(at), "SHORT_DATETIME_FORMAT")


def whole_moment(at: datetime) -> str:
    """Return a moment with its year and second, for a title or a record: 2026年4月2日 14:06:09."""
    return f"{day(at)} {to_the_second(at)}"


def hours(begins_at: datetime, ends_at: datetime) -> str:
    """Return hours as a roster writes them: 08:00–20:00; 20:00–24:00; 20:00–08:00 next day; longer with their end."""
    begins, ends = local(begins_at), local(ends_at)
    nights = (ends.date() - begins.date()).days
    span = f"{hour_minute(begins)}–{hour_minute(ends)}"
    if nights == 1 and ends.time() == time():
        return f"{hour_minute(begins)}–24:00"
    if nights == 1:
        return _("{hours} next day").format(hours=span)
    return span if not nights else f"{hour_minute(begins)} – {day(ends)} {hour_minute(ends)}"


def day_and_hours(begins_at: datetime, ends_at: datetime) -> str:
    """Return hours with their day: 3 Dec 2026 Thu 20:00–08:00 next day."""
    begins = local(begins_at)
    return f"{day(begins)} {WEEKDAYS_ABBR[begins.weekday()]} {hours(begins_at, ends_at)}"


def machine_moment(at: datetime) -> str:
    """Return a moment for the ``datetime`` attribute of HTML: 2026-04-02T14:06:09+08:00."""
    return local(at).isoformat(timespec="seconds")


def decimals(number: float | Decimal, places: int = 2) -> str:
    """Return a number with thousands apart and so many places, halves rounded up as people do: 1,234.50."""
    # Django's own cuts off what it does not show.
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


def share(part: int, whole: int) -> str:
    """Return a part of a whole with its percentage, never the percentage alone: 16 of 20 (80 %). "–" of nothing."""
    if not whole:
        return "–"
    percent = f"{decimals(Decimal(100 * part) / whole, 0)}\u00a0%"  # no line ends between a number and its sign
    return _("{part} of {whole} ({percent})").format(part=decimals(part, 0), whole=decimals(whole, 0), percent=percent)


def yuan(amount: Decimal | None) -> str:
    """Return an amount in full, without idle decimals: 12,000元. "" for none."""
    if amount is None:
        return ""
    return _("{amount} yuan").format(amount=decimals(amount, 0 if amount == amount.to_integral_value() else 2))


def headline(amount: Decimal) -> str:
    """Return an amount in short: Chinese offices count in ten thousands, 58.7万元."""
    if (get_language() or "").startswith("zh"):
        return f"{decimals(amount / TEN_THOUSAND, 1)}万元"
    return _("{amount} yuan").format(amount=decimals(amount, 0))


def percent_change(percent: Decimal | None, *, more: str = "") -> str:
    """Return how a number changed: +15.0 %, −80.0 %, ±0 %.

    ``percent`` is None where the number before was zero; ``more`` then says how much came, with its unit ("3 起"), and
    "" says that nothing did: a percentage of nothing is none (field-notes.md "Statistics").
    """
    if percent is None:
        return _("up by {more} from 0").format(more=more) if more else _("unchanged at 0")
    sign = "+" if percent > 0 else "−" if percent < 0 else "±"
    return f"{sign}{decimals(abs(percent), 1)}\u00a0%"
