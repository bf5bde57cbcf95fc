"""The demo is played by the real verbs: it must hold what it promises whoever first sees it."""

from datetime import timedelta

import pytest

from accounts.clock import database_now
from alerts import demo, engine
from alerts.models import Alert, ObjectiveClock, TimelineEntry, Timer
from alerts.policy import ObjectiveState, State
from residents import demo as residents_demo

pytestmark = pytest.mark.django_db


def load_demo() -> None:
    now = database_now()
    residents_demo.make_areas_and_staff(now=now)
    residents_demo.make_residents(now=now)
    demo.make_alerts(now=now)


def test_the_demo_has_alerts_in_every_state() -> None:
    load_demo()

    assert set(Alert.objects.values_list("state", flat=True)) == set(State.values)
    assert Alert.objects.open().unplaced().exists()
    assert ObjectiveClock.objects.filter(state=ObjectiveState.BREACHED).exists()
    assert Alert.objects.filter(is_drill=True).exists()


def test_an_alert_of_the_demo_is_handed_on_by_itself_within_five_minutes_of_its_loading() -> None:
    load_demo()
    now = database_now()

    for seconds in range(0, 300, 5):
        engine.sweep(now=now + timedelta(seconds=seconds))

    handed_on = TimelineEntry.objects.filter(
        kind=TimelineEntry.Kind.ASSIGNED, at__gt=now, actor__isnull=True, alert__description__contains="检察院"
    )
    assert handed_on.exists()


def test_loading_the_demo_twice_changes_nothing() -> None:
    load_demo()
    before = (Alert.objects.count(), Timer.objects.count(), TimelineEntry.objects.count())

    load_demo()

    assert (Alert.objects.count(), Timer.objects.count(), TimelineEntry.objects.count()) == before
