"""Days that repeat, and hours that are covered: what campaigns and duty rosters ask of a calendar. Pure.

Days repeat by a rule of RFC 5545; hours are half-open stretches of moments where the office stands, which knows no
summer time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr

from accounts.clock import LOCAL_TZ

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""The days of the week as RFC 5545 writes them, Monday first."""

DAILY = "FREQ=DAILY"

_INTERVAL = r"(;INTERVAL=([1-9]|[1-9]\d))?"
_DAY = rf"({'|'.join(WEEKDAYS)})"
_NUMBER = r"(-?([1-9]|[12]\d|3[01]))"
_ORDINAL = rf"([+-]?[1-5])?{_DAY}"
TYPED = re.compile(
    rf"FREQ=DAILY{_INTERVAL}"
    rf"|FREQ=WEEKLY{_INTERVAL}(;BYDAY={_DAY}(,{_DAY})*)?"
    rf"|FREQ=MONTHLY{_INTERVAL};(BYMONTHDAY={_NUMBER}(,{_NUMBER})*|BYDAY={_ORDINAL}(,{_ORDINAL})*)(;BYSETPOS=-?[1-5])?"
)
"""The rules that somebody may type: days, weeks and months with their parts. Others can mean no day at all, and a
program that looks for the first one looks for eight thousand years."""


def weekly_on(weekdays: Iterable[int]) -> str:
    """Return the rule of these days of every week; Monday is 0."""
    return f"FREQ=WEEKLY;BYDAY={','.join(WEEKDAYS[day] for day in sorted(set(weekdays)))}"


def is_rule(text: str) -> bool:
    """Say whether somebody typed a rule that can be followed."""
    return TYPED.fullmatch(text) is not None


def dates_of(rule: str, *, first: date, after: date, until: date) -> list[date]:
    """Return the dates a rule gives from ``first`` on: those later than ``after``, up to and with ``until``."""
    begin, end = (datetime.combine(day, time()) for day in (first, until))
    found = rrulestr(rule, dtstart=begin).between(datetime.combine(after, time()), end, inc=True)
    return [moment.date() for moment in found if moment.date() > after]


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """Some hours: from a moment on, up to another that no longer counts."""

    begins_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Stretch") -> bool:
        """Say whether both share a moment."""
        return self.begins_at < other.ends_at and other.begins_at < self.ends_at


def hours_on(day: date, *, starts: time, ends: time) -> Stretch:
    """Return the hours of a day from one time to another; one that is not later is meant of the next day."""
    last = day if ends > starts else day + timedelta(days=1)
    begins_at, ends_at = (datetime.combine(on, at, tzinfo=LOCAL_TZ) for on, at in ((day, starts), (last, ends)))
    return Stretch(begins_at, ends_at)


def uncovered(covered: Iterable[Stretch], *, within: Stretch) -> list[Stretch]:
    """Return what of a stretch none of the others covers, in the order of time; neighbours of a hole never touch."""
    holes: list[Stretch] = []
    reached = within.begins_at
    for one in sorted(covered):
        if one.begins_at >= within.ends_at:
            break
        if one.begins_at > reached:
            holes.append(Stretch(reached, one.begins_at))
        reached = max(reached, one.ends_at)
    if reached < within.ends_at:
        holes.append(Stretch(reached, within.ends_at))
    return holes
