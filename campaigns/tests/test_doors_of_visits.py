"""Household visits: the list of doors, and what came of knocking."""

from datetime import UTC, datetime

import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns.models import Door
from campaigns.policy import EventState, Form
from campaigns.services import OutreachError, add_doors
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
