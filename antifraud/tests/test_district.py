"""The invented district: small, it is held against what the services would have written."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.clock import database_now, local
from accounts.models import User
from accounts.roles import Role
from alerts import engine
from alerts.models import Alert, ObjectiveClock
from alerts.policy import ObjectiveState
from campaigns.models import CommunityCover, Reach
from campaigns.policy import Channel
from campaigns.services.touches import recount_reach
from cases.models import Case
from cases.policy import Said, contradictions
from residents.models import Area, Household, Level, Resident

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("district")]

RESIDENTS = 200


def make(residents: int = RESIDENTS, *, seed: int = 1) -> str:
    said = StringIO()
    call_command("make_district", residents=residents, seed=seed, stdout=said)
    return said.getvalue()


def test_what_is_enciphered_is_found_as_if_each_had_been_saved_by_its_model():
    make()
    for row in (
        *Resident.objects.all(),
        *User.objects.exclude(phone_hash=None),
        *Alert.objects.all(),
        *Case.objects.all(),
    ):
        keys = {f.attname: getattr(row, f.attname) for f in row._meta.fields if f.attname.endswith("_hash")}
        assert keys
        row.save()
        row.refresh_from_db()
        assert {name: getattr(row, name) for name in keys} == keys
    for household in Household.objects.all():
        assert household.order == household.door.order


def test_nobody_in_it_is_real_and_every_row_is_one_that_its_form_would_take():
    make()
    assert Resident.objects.count() == RESIDENTS
    for resident in Resident.objects.select_related("household"):
        resident.full_clean()
        assert resident.id_number.startswith("999999")
        assert not resident.phone or resident.phone.startswith("1990000")
    for area in Area.objects.select_related("parent"):
        area.full_clean()
    now = database_now()
    for case in Case.objects.all():
        reported_on = local(case.reported_at).date()
        money = (case.amount_lost, case.amount_frozen, case.amount_returned)
        said = Said(case.occurred_at, case.reported_at, reported_on, case.filed_on, case.warned_at, *money)
        assert not list(contradictions(said, now=now, on=local(now).date()))


def test_the_last_days_kept_are_those_that_the_touches_give():
    make()
    written = list(Reach.objects.order_by("pk").values())
    assert written
    for channel in (Channel.ON_SITE, Channel.DOOR, Channel.PHONE):
        recount_reach(list(Resident.objects.values_list("pk", flat=True)), channel)
    assert list(Reach.objects.order_by("pk").values()) == written
    assert CommunityCover.objects.filter(reached__gt=0).exists()


def test_what_is_over_has_its_clocks_and_the_clock_finds_nothing_to_mend_in_what_is_open():
    make()
    closed, running = Alert.objects.filter(state="closed"), Alert.objects.open()
    assert closed.count() == RESIDENTS // 2
    assert running.exists()
    clocks = ObjectiveClock.objects.filter(alert__in=closed)
    assert clocks.count() == 2 * closed.count()
    for clock in clocks:
        assert (clock.state == ObjectiveState.BREACHED) == (clock.met_at > clock.due_at)
    for alert in closed:
        assert alert.received_at < alert.dispatched_at < alert.accepted_at < alert.acted_at < alert.closed_at
        assert not alert.missing
    now = database_now()
    while engine.sweep(now=now):
        pass
    assert engine.reconcile(now=now).is_clean


def test_each_role_and_an_administrator_can_log_in_with_the_password_that_is_printed():
    said = make()
    password = re.search(r"password: (\S+)", said)[1]
    names = re.findall(r": ([a-z_]+\.1)$", said, flags=re.MULTILINE)
    assert len(names) == len(Role) + 1
    for name in names:
        assert Client().login(username=name, password=password), name
    assert not User.objects.filter(username__endswith=".2")[0].has_usable_password()


def test_the_same_seed_gives_the_same_people_and_everything_grows_with_how_many_they_are():
    make(500)
    names = list(Resident.objects.order_by("pk").values_list("name", flat=True))
    assert (len(names), Alert.objects.filter(state="closed").count(), Case.objects.count()) == (500, 250, 100)
    assert Area.objects.filter(level=Level.GRID).count() == 2
    assert names[:3] != names[3:6]


def test_a_database_that_holds_somebody_is_refused_and_so_is_a_number_that_makes_no_district():
    make()
    before = Resident.objects.count()
    with pytest.raises(CommandError, match="wants an empty, migrated database"):
        make()
    with pytest.raises(CommandError, match="from 20 to"):
        make(19)
    assert Resident.objects.count() == before
