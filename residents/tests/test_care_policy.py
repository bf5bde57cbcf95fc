"""The rules of care: when a visit is due, who is told when, which weeks count."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import LOCAL_TZ
from residents.policy import (
    COUNTS_FROM_DAYS,
    WEEK,
    Chase,
    asks_for_visit,
    chases_due,
    days_in_week,
    days_overdue,
    is_office_hour,
    monday_of,
    next_visit_due,
    still_counts,
)

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
maybe_days = st.none() | days


@given(last=maybe_days, paired=days, agreed=maybe_days, every=st.integers(1, 60))
def test_a_visit_is_never_due_later_than_the_rule_says(last, paired, agreed, every) -> None:
    due = next_visit_due(last_on=last, paired_on=paired, agreed_on=agreed, every_days=every)
    assert due <= (last or paired) + timedelta(days=every)
    assert agreed is None or due <= agreed


@given(last=maybe_days, paired=days, every=st.integers(1, 60))
def test_nobody_is_late_on_the_day_they_begin(last, paired, every) -> None:
    counted = still_counts(last, paired_on=paired, every_days=every)
    due = next_visit_due(last_on=counted, paired_on=paired, agreed_on=None, every_days=every)
    assert days_overdue(due, paired) == 0


@given(last=days, paired=days)
def test_a_new_carer_goes_on_from_the_last_visit_while_it_is_within_the_rule(last, paired) -> None:
    assert (still_counts(last, paired_on=paired, every_days=7) == last) == ((paired - last).days <= 7)


@given(due=days, on=days)
def test_a_visit_is_overdue_from_the_day_after_its_last_day(due, on) -> None:
    assert days_overdue(due, on) == max((on - due).days, 0)


@given(due=days, late=st.integers(-10, 40), leader_days=st.integers(0, 14))
def test_each_is_told_once_of_one_due_day_the_carer_first(due, late, leader_days) -> None:
    told: dict[Chase, list[date]] = {Chase.CARER: [], Chase.LEADER: []}
    for on in (due + timedelta(days=one) for one in range(-10, max(late, leader_days, 1) + 1)):
        chases = chases_due(
            due,
            on=on,
            carer_told_on=due if told[Chase.CARER] else None,
            leader_told_on=due if told[Chase.LEADER] else None,
            leader_days=leader_days,
        )
        for chase in chases:
            told[chase].append(on)
    assert told[Chase.CARER] == [due + timedelta(days=1)]
    assert told[Chase.LEADER] == [due + timedelta(days=max(leader_days, 1))]


def test_a_later_due_day_is_told_of_anew() -> None:
    due = date(2026, 4, 9)
    before = due - timedelta(days=7)
    on = due + timedelta(days=3)
    chases = chases_due(due, on=on, carer_told_on=before, leader_told_on=before, leader_days=2)
    assert chases == {Chase.CARER, Chase.LEADER}


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"), [(7, 59, False), (8, 0, True), (12, 0, True), (19, 59, True), (20, 0, False)]
)
def test_nobody_is_reminded_outside_office_hours(hour, minute, is_open) -> None:
    assert is_office_hour(datetime(2026, 4, 2, hour, minute, tzinfo=LOCAL_TZ)) is is_open


@given(days)
def test_a_week_begins_on_its_monday(on) -> None:
    monday = monday_of(on)
    assert monday.weekday() == 0
    assert 0 <= (on - monday).days < WEEK


@given(starts=days, length=st.none() | st.integers(0, 30), some=days)
def test_a_week_counts_from_four_days_on(starts, length, some) -> None:
    ends = None if length is None else starts + timedelta(days=length)
    monday = monday_of(some)
    week = [monday + timedelta(days=one) for one in range(WEEK)]
    ran = sum(starts <= day and (ends is None or day <= ends) for day in week)
    assert days_in_week(starts, ends, monday=monday) == ran
    assert asks_for_visit(starts, ends, monday=monday) is (ran >= COUNTS_FROM_DAYS)


@given(starts=days, change=st.integers(0, 20))
def test_of_two_carers_one_after_the_other_a_week_asks_one_at_most(starts, change) -> None:
    changed = starts + timedelta(days=change)
    monday = monday_of(changed)
    first = change > 0 and asks_for_visit(starts, changed - timedelta(days=1), monday=monday)
    assert not (first and asks_for_visit(changed, None, monday=monday))


@pytest.mark.parametrize(
    ("weekday", "counts"), [(0, True), (1, True), (2, True), (3, True), (4, False), (5, False), (6, False)]
)
def test_the_week_of_pairing_counts_if_it_begins_on_thursday_or_before(weekday, counts) -> None:
    monday = date(2026, 3, 30)
    assert asks_for_visit(monday + timedelta(days=weekday), None, monday=monday) is counts
