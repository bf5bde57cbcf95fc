"""The demo street: full of people, none of them real."""

from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from accounts.clock import local
from accounts.models import AuditEntry, User
from accounts.roles import Duty
from notifications.models import Channel, Preference
from residents import demo
from residents.access import may
from residents.demo import make_areas_and_staff, make_care, make_channels, make_residents
from residents.models import Area, FamilyContact, Household, Pairing, Resident, Visit
from residents.policy import Group, days_overdue
from sheets.models import Import, State

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)


@pytest.fixture
def people() -> list[Resident]:
    make_areas_and_staff(now=NOW)
    return make_residents(now=NOW)


def test_some_two_hundred_people_live_in_all_ten_grids(people) -> None:
    assert 180 <= len(people) <= 230
    assert {one.grid for one in Resident.objects.all()} == set(Area.objects.grids())
    assert Household.objects.count() == 100


def test_every_one_of_them_is_right_by_the_programs_own_rules(people) -> None:
    for thing in [*Resident.objects.all(), *FamilyContact.objects.all(), *User.objects.all()]:
        thing.full_clean(exclude={"password"} if isinstance(thing, User) else None)


def test_every_number_is_an_invented_one_and_belongs_to_one_person(people) -> None:
    things = [*people, *FamilyContact.objects.all(), *User.objects.all()]
    phones = [thing.phone for thing in things if thing.phone]
    assert all(phone.startswith("1990000") for phone in phones)
    assert len(phones) == len(set(phones))
    assert all(one.id_number.startswith("999999") for one in people if one.id_number)
    assert any(one.id_number for one in people)


def test_there_are_elders_who_live_alone_children_and_people_of_working_age(people) -> None:
    ages = [one.age(NOW.date()) for one in people]
    alone = [one for one in people if Group.ELDER_ALONE in one.groups]
    assert len(alone) >= 10
    assert all(one.age(NOW.date()) >= 60 for one in alone)
    assert any(Group.LEFT_BEHIND in one.groups for one in people)
    assert min(ages) < 18
    assert max(ages) >= 80
    assert all(one.phone for one in people if one.age(NOW.date()) >= 18)


def test_two_thirds_have_somebody_of_the_family_to_call(people) -> None:
    assert 0.55 <= FamilyContact.objects.count() / len(people) <= 0.78


def test_a_second_time_changes_nothing_even_days_later(people) -> None:
    later = NOW + timedelta(days=40)
    assert [outcome.new + outcome.changed for outcome in make_areas_and_staff(now=later)] == [0, 0]
    assert [one.pk for one in make_residents(now=later)] == [one.pk for one in people]


def test_the_same_seed_gives_the_same_people(people) -> None:
    first = [(one.name, one.phone, one.birth_on, one.address) for one in people]
    Resident.objects.all().delete()
    Household.objects.all().delete()
    assert [(one.name, one.phone, one.birth_on, one.address) for one in make_residents(now=NOW)] == first


def test_the_demo_staff_have_been_on_duty_for_a_year(people) -> None:
    officer = User.objects.get(username="duty_officer.012003.1")
    assert may(officer, Duty.WATCH_DESK, "370105012003001", NOW.date() - timedelta(days=365))
    assert not may(officer, Duty.WATCH_DESK, "370105012003001", NOW.date() - timedelta(days=366))


def test_its_key_groups_are_looked_after_as_in_life(people) -> None:
    assert make_care(now=NOW) == make_care(now=NOW) == Visit.objects.count() > 60
    on = local(NOW).date()
    key = Resident.objects.in_key_groups()
    current = Pairing.objects.current(on).with_last_visits().select_related("carer", "resident__grid")
    alone = key.exclude(pk__in=current.values("resident"))
    late = [one for one in current if days_overdue(one.due_on(every_days=7), on)]
    assert 0 < alone.count() < key.count() / 3
    assert 0 < len(late) < len(current) / 2
    assert all(may(one.carer, Duty.VISIT, one.resident.grid.code, on) for one in current)
    assert not Visit.objects.filter(at__gt=NOW).exists()
    for visit in Visit.objects.all():
        visit.full_clean()


def test_one_of_its_visits_has_a_photo_that_is_one(people) -> None:
    make_care(now=NOW)
    (visit,) = Visit.objects.exclude(photo="")
    with visit.photo.open("rb") as file:
        assert Image.open(file).format == "JPEG"


def test_two_files_are_handed_in_one_to_look_through_and_one_with_a_parked_row(people) -> None:
    assert demo.make_imports(now=NOW) == 2
    waiting, applied = Import.objects.order_by("-at")
    assert (waiting.state, applied.state) == (State.PREVIEW, State.APPLIED)
    assert waiting.counts == {"rows": 6, "new": 2, "changed": 1, "same": 1, "conflicts": 0, "errors": 2}
    assert applied.counts["new"] == 0
    assert applied.conflicts.open().count() == 1
    assert demo.make_imports(now=NOW) == 0


def test_each_community_has_a_robot_that_is_switched_off_and_some_people_have_wishes(people) -> None:
    assert make_channels(now=NOW) == make_channels(now=NOW) == Area.objects.filter(level="community").count()
    robots = Channel.objects.robots()
    assert {robot.kind for robot in robots} == {"wecom", "dingtalk", "feishu"}
    assert not robots.filter(is_active=True).exists()
    assert Preference.objects.filter(topic="alerts").exists()
    assert AuditEntry.objects.filter(verb="notifications.robot_added").count() == len(robots)
