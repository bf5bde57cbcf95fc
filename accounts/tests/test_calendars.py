"""Days that repeat and hours that nobody has: held to what a person with a calendar and a pencil would find."""

import itertools
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.calendars import DAILY, Stretch, dates_of, hours_on, is_rule, uncovered, weekly_on
from accounts.clock import LOCAL_TZ

MONDAY = date(2026, 3, 30)
NIGHT = datetime(2026, 3, 30, 20, tzinfo=LOCAL_TZ)
HOUR = timedelta(hours=1)


def stretch(begins: int, ends: int) -> Stretch:
    """Some hours of a test, counted from its night."""
    return Stretch(NIGHT + begins * HOUR, NIGHT + ends * HOUR)


SPANS = st.lists(
    st.tuples(st.integers(-40, 200), st.integers(1, 30)).map(lambda one: stretch(one[0], one[0] + one[1])), max_size=25
)


@settings(deadline=None)
@given(covered=SPANS, length=st.integers(1, 168))
def test_of_every_hour_it_is_either_covered_by_somebody_or_lies_in_one_hole(covered, length):
    whole = stretch(0, length)
    holes = uncovered(covered, within=whole)
    for hour in range(length):
        at = NIGHT + hour * HOUR
        has_somebody = any(one.begins_at <= at < one.ends_at for one in covered)
        in_holes = sum(hole.begins_at <= at < hole.ends_at for hole in holes)
        assert in_holes == (0 if has_somebody else 1)


@settings(deadline=None)
@given(covered=SPANS, length=st.integers(1, 168))
def test_holes_stand_in_order_never_touch_and_never_leave_the_span(covered, length):
    whole = stretch(0, length)
    holes = uncovered(covered, within=whole)
    assert all(whole.begins_at <= hole.begins_at < hole.ends_at <= whole.ends_at for hole in holes)
    assert all(one.ends_at < other.begins_at for one, other in itertools.pairwise(holes))


def test_a_night_shift_ends_on_the_next_day_and_a_whole_day_at_its_end():
    assert hours_on(MONDAY, starts=time(20), ends=time(8)) == stretch(0, 12)
    assert hours_on(MONDAY, starts=time(8), ends=time(8)).ends_at - NIGHT == 12 * HOUR


def test_the_night_of_a_months_last_day_ends_in_the_next_month():
    night = hours_on(date(2026, 2, 28), starts=time(20), ends=time(8))
    assert night.ends_at == datetime(2026, 3, 1, 8, tzinfo=LOCAL_TZ)


@given(on=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_the_two_shifts_of_a_day_have_twenty_four_hours_on_every_day_of_the_year(on):
    """Where the office stands no clock is put forward or back."""
    day, night = hours_on(on, starts=time(8), ends=time(20)), hours_on(on, starts=time(20), ends=time(8))
    assert day.ends_at == night.begins_at
    assert night.ends_at - day.begins_at == timedelta(days=1)


def test_some_weekdays_and_every_day_repeat():
    week = {"first": MONDAY, "after": MONDAY - timedelta(days=1), "until": MONDAY + timedelta(days=7)}
    assert dates_of(weekly_on([0, 3]), **week) == [MONDAY, date(2026, 4, 2), date(2026, 4, 6)]
    assert len(dates_of(DAILY, **week)) == 8


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        "FREQ=MONTHLY;BYMONTHDAY=1,15,-1",
        "FREQ=MONTHLY;BYDAY=2TU",
    ],
)
def test_a_rule_that_people_type_is_followed(rule):
    assert is_rule(rule)
    assert dates_of(rule, first=MONDAY, after=MONDAY - timedelta(days=1), until=MONDAY + timedelta(days=70))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "every day",
        "FREQ=SECONDLY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",  # no such day: it would be looked for until the year 9999
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY\nDTSTART:20260101",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;COUNT=99999999",
    ],
)
def test_a_rule_that_cannot_be_followed_is_no_rule(rule):
    assert not is_rule(rule)
