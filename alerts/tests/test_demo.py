"""The demo is played by the real verbs: it must hold what it promises whoever first sees it."""

from datetime import timedelta

import pytest

from accounts.clock import database_now, local
from alerts import demo, engine
from alerts.models import Alert, HandOver, InboundMessage, ObjectiveClock, Shift, Swap, TimelineEntry, Timer
from alerts.policy import Became, ObjectiveState, ShiftKind, State
from alerts.services.rostering import holes_ahead
from residents import demo as residents_demo

pytestmark = pytest.mark.django_db


def load_demo() -> None:
    now = database_now()
    residents_demo.make_areas_and_staff(now=now)
    residents_demo.make_residents(now=now)
    demo.make_alerts(now=now)
    demo.make_roster(now=now)


def test_the_demo_has_alerts_in_every_state() -> None:
    load_demo()

    assert set(Alert.objects.values_list("state", flat=True)) == set(State.values)
    assert Alert.objects.open().unplaced().exists()
    assert ObjectiveClock.objects.filter(state=ObjectiveState.BREACHED).exists()
    assert Alert.objects.filter(is_drill=True).exists()


def test_the_demo_has_messages_that_became_alerts_and_some_that_nobody_can_read() -> None:
    load_demo()

    assert InboundMessage.objects.filter(became=Became.CREATED).count() == 2
    assert InboundMessage.objects.not_taken_in().count() == 4


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
    before = [model.objects.count() for model in (Alert, Timer, TimelineEntry, Shift, Swap)]

    load_demo()

    assert [model.objects.count() for model in (Alert, Timer, TimelineEntry, Shift, Swap)] == before


def test_the_demo_has_a_roster_with_one_hole_tomorrow_night_and_a_swap_that_waits() -> None:
    load_demo()
    now = database_now()

    holes = holes_ahead(Shift.objects.all(), now=now, until=now + timedelta(days=7))

    assert [(hole.area.code, hole.kind, local(hole.hours.begins_at).hour) for hole in holes] == [
        (demo.XIYUAN, ShiftKind.DESK, 20)
    ]
    assert local(holes[0].hours.begins_at).date() == local(now).date() + timedelta(days=1)
    assert Swap.objects.open().count() == 1
    assert HandOver.objects.get().is_signed_by_both
