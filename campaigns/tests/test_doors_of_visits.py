"""Household visits: the list of doors, and what came of knocking."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns.models import Door, Reach, Touch
from campaigns.policy import DoorResult, EventState, Form
from campaigns.services import OutreachError, add_doors, knock
from campaigns.tests.factories import EventFactory
from residents.tests.factories import HouseholdFactory, ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 10, 3, 0, tzinfo=UTC)


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community)


@pytest.fixture
def visits(place, worker):
    return EventFactory(area=place.community, form=Form.HOUSEHOLD, created_by=worker)


def test_a_door_is_on_the_list_once_for_all_who_live_behind_it(place, visits, worker):
    flat = HouseholdFactory(grid=place.grid)
    couple = [ResidentFactory(grid=place.grid, household=flat) for _one in range(2)]
    alone, doorless = ResidentFactory(grid=place.grid), ResidentFactory(grid=place.grid, household=None)
    assert add_doors(event=visits, residents=[*couple, alone, doorless], by=worker, now=NOW) == 2
    assert add_doors(event=visits, residents=couple, by=worker, now=NOW) == 0
    assert set(visits.doors.get(household=flat).wanted.all()) == set(couple)
    assert AuditEntry.objects.filter(verb="campaigns.doors_added").count() == 2


def test_a_door_that_is_there_for_everybody_stays_so(place, visits, worker):
    resident = ResidentFactory(grid=place.grid)
    door = Door.objects.create(event=visits, household=resident.household)
    assert add_doors(event=visits, residents=[resident], by=worker, now=NOW) == 0
    assert not door.wanted.exists()


@pytest.mark.parametrize("fields", [{"form": Form.LECTURE}, {"state": EventState.CANCELLED}])
def test_no_doors_for_what_is_no_household_visits(place, visits, worker, fields):
    for name, value in fields.items():
        setattr(visits, name, value)
    with pytest.raises(OutreachError):
        add_doors(event=visits, residents=[ResidentFactory(grid=place.grid)], by=worker, now=NOW)


def test_many_doors_cost_no_query_each(place, visits, worker, django_assert_max_num_queries):
    many = [ResidentFactory(grid=place.grid) for _one in range(40)]
    with django_assert_max_num_queries(9):
        assert add_doors(event=visits, residents=many, by=worker, now=NOW) == 40


# ── knocking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def elder(place):
    return ResidentFactory(grid=place.grid, name="慕容居民")


@pytest.fixture
def door(visits, elder, worker):
    add_doors(event=visits, residents=[elder], by=worker, now=NOW)
    return visits.doors.get()


def as_(user):
    client = Client()
    client.force_login(user)
    return client


def knock_at(door, user, result, **fields):
    url = reverse("campaigns:knock", args=[door.pk])
    return as_(user).post(url, {"result": result, **fields}, headers={"Accept": "application/json"})


def test_who_was_talked_to_is_touched_and_a_correction_takes_it_back(door, elder, worker):
    assert knock_at(door, worker, "talked", who=[elder.pk], installed="1").status_code == 200
    touch = Touch.objects.get()
    assert (touch.resident, touch.channel, touch.source, touch.has_installed) == (elder, "door", "door", True)
    assert knock_at(door, worker, "nobody", who=[elder.pk]).status_code == 200
    assert not Touch.objects.exists()
    assert Reach.objects.get().door_on is None


def test_a_correction_of_a_talk_keeps_its_time(door, elder, worker):
    knock(door, result=DoorResult.TALKED, talked_to=[], by=worker, now=NOW, at=NOW)
    later = NOW + timedelta(hours=1)
    made = knock(door, result=DoorResult.TALKED, talked_to=[elder], by=worker, now=later, at=later)
    assert (made.at, made.recorded_at, Touch.objects.get().at) == (NOW, later, NOW)


def test_a_press_that_comes_late_keeps_the_time_at_which_it_was_made(door, elder, worker):
    at = database_now() - timedelta(hours=2)
    knock_at(door, worker, "talked", who=[elder.pk], pressed_at=int(at.timestamp() * 1000), press=str(uuid4()))
    door.refresh_from_db()
    assert abs(door.at - at) < timedelta(seconds=1)
    assert door.recorded_at - door.at > timedelta(hours=1)


def test_the_same_press_twice_is_one_knock(door, elder, worker):
    press = str(uuid4())
    answers = [knock_at(door, worker, "talked", who=[elder.pk], press=press).json() for _time in range(2)]
    assert answers[0] == answers[1]
    assert AuditEntry.objects.filter(verb="campaigns.door_knocked_at").count() == 1


def test_nobody_else_than_who_lives_there_is_touched(door, worker, place):
    neighbour = ResidentFactory(grid=place.grid)
    assert knock_at(door, worker, "talked", who=[neighbour.pk]).status_code == 409
    assert not Touch.objects.exists()


@pytest.mark.parametrize("result", ["", "open", "x" * 500, "\x00"])
def test_a_result_that_is_none_is_refused_in_words(door, worker, result):
    response = knock_at(door, worker, result)
    assert (response.status_code, response.json()["ok"]) == (409, False)


def test_a_door_that_was_knocked_at_stays_on_the_list(visits, door, elder, worker):
    knock_at(door, worker, "refused")
    as_(worker).post(reverse("campaigns:remove_door", args=[door.pk]))
    assert visits.doors.exists()
    other = Door.objects.create(event=visits, household=HouseholdFactory(grid=door.household.grid))
    as_(worker).post(reverse("campaigns:remove_door", args=[other.pk]))
    assert not visits.doors.filter(pk=other.pk).exists()


def test_a_grid_s_post_sees_the_doors_of_its_grid_alone(visits, door, place):
    other = HouseholdFactory(grid=place.grids[1], building="77")
    Door.objects.create(event=visits, household=other)
    shown = as_(make_staff(Role.GRID_LEADER, place.grids[1])).get(reverse("campaigns:doors", args=[visits.pk]))
    assert other.address in shown.content.decode()
    assert door.household.address not in shown.content.decode()
    assert knock_at(door, make_staff(Role.GRID_LEADER, place.grids[1]), "refused").status_code == 404


def test_doors_of_a_stairwell_are_added_for_everybody_or_for_an_audience(visits, place, worker):
    for unit, born in (("1", "1940-01-01"), ("1", "2000-01-01"), ("2", "1940-01-01")):
        flat = HouseholdFactory(grid=place.grid, building="8", unit=unit)
        ResidentFactory(grid=place.grid, household=flat, birth_on=born)
    url, client = reverse("campaigns:add_doors", args=[visits.pk]), as_(worker)
    client.post(url, {"building": "8", "unit": "1", "audience": "over_60"})
    assert visits.doors.count() == 1
    client.post(url, {"building": "8", "unit": "", "audience": "everybody"})
    assert visits.doors.count() == 3
    assert not Door.wanted.through.objects.exists()
    assert client.post(url, {"building": "8", "unit": "", "audience": "everybody"}).status_code == 200


def test_the_door_of_one_resident_is_found_and_added(visits, elder, worker):
    url, client = reverse("campaigns:add_doors", args=[visits.pk]), as_(worker)
    assert elder.name in client.post(url, {"q": elder.name}).content.decode()
    stranger = ResidentFactory(grid=make_community(4).grid)
    doorless = ResidentFactory(grid=elder.grid, household=None)
    for one in (stranger, doorless, elder):
        client.post(reverse("campaigns:add_door", args=[visits.pk]), {"resident": one.pk})
    assert [list(door.wanted.all()) for door in visits.doors.all()] == [[elder]]


def test_the_list_of_doors_costs_the_same_for_five_as_for_fifty(visits, place, worker):
    client, url = as_(worker), reverse("campaigns:doors", args=[visits.pk])

    def price() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    add_doors(event=visits, residents=[ResidentFactory(grid=place.grid) for _one in range(5)], by=worker, now=NOW)
    price()
    few = price()
    add_doors(event=visits, residents=[ResidentFactory(grid=place.grid) for _one in range(45)], by=worker, now=NOW)
    assert price() == few
