"""Whoever is on the staff of an event is told when it is planned for them, moved, cancelled or given to others."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from accounts.roles import Role
from campaigns import services
from campaigns.models import Event
from campaigns.policy import Audience, Form, Repeat
from campaigns.services import Outcome, Plan
from notifications.models import Notice
from residents.models import Household, Resident
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BEGINS = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def planner(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, language="en")


@pytest.fixture
def worker(place):
    return make_staff(Role.WARNING_SPECIALIST, place.grid, language="en")


@pytest.fixture
def other(place):
    return make_staff(Role.GRID_LEADER, place.grid, language="en")


@pytest.fixture
def plan(place, planner, worker):
    return Plan(
        title="广场讲座",
        form=Form.LECTURE,
        area=place.community,
        starts_at=BEGINS,
        ends_at=BEGINS + timedelta(hours=2),
        place="东门广场",
        staff=[planner, worker],
    )


def inbox(person) -> list[tuple[str, str]]:
    found = Notice.objects.filter(recipient=person, withdrawn_at=None).order_by("pk")
    return [(notice.title, notice.body) for notice in found]


def test_the_staff_is_told_what_when_and_where_and_who_planned_it_is_not(plan, planner, worker):
    services.plan_event(plan, by=planner, now=NOW)
    assert inbox(worker) == [("On the staff of an event: 广场讲座", "24 Nov 2026 09:00–11:00; 东门广场")]
    assert inbox(planner) == []


def test_who_is_told_can_open_what_they_are_told_of(plan, planner, worker):
    services.plan_event(plan, by=planner, now=NOW)
    client = Client()
    client.force_login(worker)
    assert client.get(Notice.objects.get().url).status_code == 200


def test_of_what_is_over_when_it_is_entered_nobody_is_told(plan, planner):
    past = replace(plan, starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    services.plan_event(past, by=planner, now=NOW)
    assert not Notice.objects.exists()


def test_a_new_time_takes_the_place_of_the_old_one_in_the_inbox(plan, planner, worker):
    event = services.plan_event(plan, by=planner, now=NOW)
    later = BEGINS + timedelta(days=1)
    services.move_event(event, starts_at=later, ends_at=later + timedelta(hours=1), by=planner, now=NOW)
    assert inbox(worker) == [("Changed in time or place: 广场讲座", "25 Nov 2026 09:00–10:00; 东门广场")]


def test_a_change_tells_who_came_who_left_and_who_stayed_only_where_they_would_go_wrong(plan, planner, worker, other):
    event = services.plan_event(replace(plan, staff=[worker]), by=planner, now=NOW)
    services.change_event(event, replace(plan, staff=[worker, other], note="带宣传单"), by=planner, now=NOW)
    assert [len(inbox(one)) for one in (worker, other)] == [1, 1]
    services.change_event(event, replace(plan, staff=[other], place="西门"), by=planner, now=NOW + timedelta(minutes=1))
    assert inbox(worker) == [("No longer on the staff: 广场讲座", "24 Nov 2026 09:00–11:00; 西门")]
    assert inbox(other) == [("Changed in time or place: 广场讲座", "24 Nov 2026 09:00–11:00; 西门")]


def test_a_cancelled_event_says_why(plan, planner, worker):
    event = services.plan_event(plan, by=planner, now=NOW)
    services.cancel_event(event, why="大雨", by=planner, now=NOW)
    assert inbox(worker) == [("Cancelled: 广场讲座", "24 Nov 2026 09:00–11:00; 东门广场; 大雨")]


def test_who_is_told_that_they_need_not_come_is_not_named_before_a_group(plan, planner, worker, other):
    event = services.plan_event(plan, by=planner, now=NOW)
    services.change_event(event, replace(plan, staff=[other]), by=planner, now=NOW)
    assert Notice.objects.get(recipient=worker, purpose="released").public_text == ""


def test_a_repetition_is_told_once_and_once_that_it_stops(plan, planner, worker):
    event = services.plan_series(plan, repeat=Repeat.WEEKLY, by=planner, now=NOW)
    assert Event.objects.count() > 10
    assert len(inbox(worker)) == 1
    services.stop_series(event, last_on=date(2026, 12, 1), by=planner, now=NOW)
    told = inbox(worker)
    assert ("No longer takes place: 广场讲座", "From 8 Dec 2026 on, each of its dates.") in told
    assert len(told) == 2


def test_what_was_held_is_no_longer_news(plan, planner, worker):
    event = services.plan_event(plan, by=planner, now=NOW)
    services.log_event(event, outcome=Outcome(heads=20), by=worker, now=BEGINS + timedelta(hours=3))
    assert inbox(worker) == []


def test_who_is_given_doors_to_visit_is_told(place, planner, worker):
    home = Household.objects.create(grid=place.grid, building="3", unit="1", room="101")
    ResidentFactory(grid=place.grid, household=home)
    services.arrange_visits(
        list(Resident.objects.all()),
        area=place.grid,
        worker=worker,
        on=date(2026, 11, 24),
        audience=Audience.OVER_60,
        by=planner,
        now=NOW,
    )
    ((title, _body),) = inbox(worker)
    assert title.startswith("On the staff of an event: Household visits")
