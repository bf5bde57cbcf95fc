"""The ticks: each looks ahead, so that what comes due before the next one is not kept waiting for it."""

import signal
from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.core.management import call_command
from kombu.exceptions import OperationalError

from accounts.clock import local
from accounts.roles import Role
from alerts import services, tasks
from alerts.management.commands import keep_watch
from alerts.models import Alert, Heartbeat, Timer
from alerts.policy import SECONDS, Level
from alerts.services import Plan
from alerts.tests.factories import NOON, after, make_alert, make_scene
from notifications.models import Notice
from residents.tests.factories import PairingFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch) -> mock.Mock:
    """What was asked of the broker."""
    asked = mock.Mock()
    monkeypatch.setattr("alerts.tasks.sweep.apply_async", asked)
    return asked


@pytest.fixture
def at(monkeypatch):
    """Set the database's clock."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr("alerts.tasks.database_now", lambda: moment)

    return set_clock


def first_step_due() -> datetime:
    """Have an alert; return when its first step is due."""
    make_scene()
    make_alert()
    return Timer.objects.pending().order_by("due_at")[0].due_at


def test_a_step_due_before_the_next_tick_is_swept_in_its_own_moment(asked, at) -> None:
    at(first_step_due() - 0.6 * SECONDS)
    tasks.sweep()
    asked.assert_called_once()
    assert asked.call_args.kwargs["countdown"] == pytest.approx(0.6)


@pytest.mark.parametrize("seconds", [1.1, 180])
def test_a_step_that_the_next_tick_finds_in_time_is_left_to_it(asked, at, seconds) -> None:
    at(first_step_due() - seconds * SECONDS)
    tasks.sweep()
    asked.assert_not_called()


def test_where_one_batch_is_not_enough_another_worker_is_called(asked, at, monkeypatch) -> None:
    monkeypatch.setattr("alerts.engine.FIRST_BATCH", 1)
    at(first_step_due())
    tasks.sweep()
    asked.assert_called_once_with(retry=False)


def test_with_nothing_pending_nothing_is_asked(asked) -> None:
    tasks.sweep()
    asked.assert_not_called()


def test_a_broker_that_is_away_leaves_it_to_the_tick(asked, at) -> None:
    asked.side_effect = OperationalError("refused")
    at(first_step_due() - 0.6 * SECONDS)
    assert tasks.sweep() == 0
    assert Timer.objects.pending().exists()


def test_the_look_ahead_reaches_as_far_as_the_beat_is_apart(settings) -> None:
    assert timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"]) == tasks.TICK


def test_the_stand_by_chases_overdue_visits_while_celery_is_silent(monkeypatch) -> None:
    PairingFactory(starts_on=local(NOON).date() - timedelta(days=8))
    monkeypatch.setattr(keep_watch, "database_now", lambda: NOON)
    keep_watch.Command()._stand_in(1)
    assert not Notice.objects.filter(kind="visits.overdue").exists()
    keep_watch.Command()._stand_in(keep_watch.RECONCILE_EVERY_TICKS)
    assert Notice.objects.filter(kind="visits.overdue").count() == 1


@pytest.mark.parametrize(("options", "guards"), [({}, set()), ({"at_once": True}, {Heartbeat.Guard.WATCH})])
def test_the_stand_by_listens_first_unless_nobody_else_has_been_started(options, guards, monkeypatch) -> None:
    monkeypatch.setattr(keep_watch, "close_old_connections", lambda: None)  # it would close the test's own
    keeping = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    try:
        call_command("keep_watch", ticks=1, **options)
    finally:
        signal.signal(signal.SIGINT, keeping[0])
        signal.signal(signal.SIGTERM, keeping[1])
    sweeping = Heartbeat.objects.exclude(guard=Heartbeat.Guard.WATCH_ALIVE)
    assert set(sweeping.values_list("guard", flat=True)) == guards


def test_a_planned_drill_starts_once_though_celery_is_silent_and_comes_back(asked, at, monkeypatch) -> None:
    scene = make_scene()
    leader = make_staff(Role.DUTY_OFFICER, scene.place.community, phone="19900007703")
    plan = Plan(scenario="演练", level=Level.HIGH, grids=[scene.grid], leader=leader, starts_at=after(minutes=5))
    services.plan_drill(plan, by=scene.manager, now=NOON)
    monkeypatch.setattr(keep_watch, "database_now", lambda: after(minutes=5))
    keep_watch.Command()._stand_in(1)
    assert not Alert.objects.exists()
    for _round in range(2):
        keep_watch.Command()._stand_in(keep_watch.DRILLS_EVERY_TICKS)
    at(after(minutes=6))
    tasks.start_drills()
    assert Alert.objects.filter(is_drill=True).count() == 1
    asked.assert_not_called()


def test_the_stand_by_starts_drills_as_often_as_the_beat_does(settings) -> None:
    every = settings.CELERY_BEAT_SCHEDULE["start-drills"]["schedule"]
    assert every == keep_watch.DRILLS_EVERY_TICKS * keep_watch.TICK_SECONDS
