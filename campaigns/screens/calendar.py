"""The calendar of events: a month, a week, or a list of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils.dates import WEEKDAYS

from accounts.clock import local
from accounts.models import User
from campaigns.models import Event, EventQuerySet
from campaigns.policy import week_of
from campaigns.screens.events import DayRows, EventRow, rows_of, together

MONTH, WEEK, LIST = "month", "week", "list"
MOST = 1000
"""Events of one page of the calendar; a street with more is narrowed to an area."""

IN_A_CELL = 5
"""Events shown of one day of the month; the others stand in its list."""

FED_BACK, FED_AHEAD = timedelta(days=92), timedelta(days=366)
"""What a calendar that is subscribed to reaches back and ahead."""

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its events, and how many more there are than are shown."""

    on: date
    events: tuple[EventRow, ...]
    more: int
    is_today: bool
    is_outside: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Some days, whole weeks where they stand in rows, and the days before and after to go to."""

    shown: str
    first: date
    last: date
    weeks: tuple[tuple[Day, ...], ...]
    days: Sequence[DayRows]
    count: int
    is_capped: bool
    earlier: date
    later: date
    weekdays: tuple[str, ...]
    has_today: bool


def calendar_of(user: User, chosen: Mapping[str, Any], *, at: date, now: datetime) -> Calendar:
    """Return the calendar that somebody asks for, around a day."""
    shown = chosen.get("shown") if chosen.get("shown") in {WEEK, LIST} else MONTH
    first, after = week_of(at) if shown == WEEK else month_of(at)
    begin, end = (first, after) if shown != MONTH else (week_of(first)[0], week_of(after - timedelta(days=1))[1])
    rows = rows_of(_chosen(user, chosen, now=now).between(begin, end).earliest_first()[: MOST + 1], now=now)
    inside = [row for row in rows[:MOST] if first <= row.on < after]
    return Calendar(
        shown=str(shown),
        first=first,
        last=after - timedelta(days=1),
        weeks=_weeks(rows[:MOST], begin, end, month=(first, after), today=local(now).date(), is_month=shown == MONTH),
        days=together(inside),
        count=len(inside),
        is_capped=len(rows) > MOST,
        earlier=max(FIRST, first - timedelta(days=1)),
        later=min(LAST, after),
        weekdays=tuple(map(str, WEEKDAYS.values())),
        has_today=first <= local(now).date() < after,
    )


def month_of(day: date) -> tuple[date, date]:
    """Return the first day of a day's month and the first of the next: a half-open month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1)


def subscribed(user: User, *, is_mine: bool, on: date) -> list[Event]:
    """Return the events of the calendar somebody subscribed to: of their areas, or those they are on the staff of.

    Cancelled ones are among them: a calendar learns so that they are.
    """
    seen = Event.objects.visible_to(user, on=on).between(on - FED_BACK, on + FED_AHEAD)
    chosen = seen.with_staff([user]) if is_mine else seen
    return list(chosen.with_partners().earliest_first()[:MOST])


def fingerprint(content: bytes) -> str:
    """Return what tells one state of a calendar from another."""
    return sha256(content).hexdigest()[:32]


def _chosen(user: User, chosen: Mapping[str, Any], *, now: datetime) -> EventQuerySet:
    events = Event.objects.visible_to(user, on=local(now).date())
    if chosen.get("area"):
        events = events.within(chosen["area"])
    if chosen.get("form"):
        events = events.of_form(chosen["form"])
    return events.with_staff([user]) if chosen.get("mine") else events


def _weeks(
    rows: Sequence[EventRow], begin: date, end: date, *, month: tuple[date, date], today: date, is_month: bool
) -> tuple[tuple[Day, ...], ...]:
    on_day = {day.on: day.rows for day in together(rows)}
    most = IN_A_CELL if is_month else MOST
    days = []
    for number in range((end - begin).days):
        on = begin + timedelta(days=number)
        events = on_day.get(on, [])
        days.append(
            Day(
                on=on,
                events=tuple(events[:most]),
                more=max(0, len(events) - most),
                is_today=on == today,
                is_outside=not month[0] <= on < month[1],
            )
        )
    return tuple(tuple(days[start : start + 7]) for start in range(0, len(days), 7))
