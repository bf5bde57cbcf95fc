"""The doors of Celery lead to the chase and to the letting go."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.clock import database_now, today
from residents import services, tasks
from residents.tests.factories import PairingFactory, make_community, make_elder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("task", [tasks.chase_visits, tasks.apply_retention])
def test_the_beat_calls_each_task_and_it_goes_where_nothing_urgent_waits(task) -> None:
    entries = [one for one in settings.CELERY_BEAT_SCHEDULE.values() if one["task"] == task.name]
    assert len(entries) == 1
    assert settings.CELERY_TASK_ROUTES[task.name] == {"queue": "default"}


def test_visits_are_chased_at_least_hourly() -> None:
    assert settings.CELERY_BEAT_SCHEDULE["chase-visits"]["schedule"] <= 3600


def test_the_task_of_the_night_lets_go_of_who_has_gone() -> None:
    gone = make_elder(make_community().grid, ended_on=today() - timedelta(days=731))
    tasks.apply_retention()
    gone.refresh_from_db()
    assert gone.anonymised_at is not None


def test_the_task_tells_what_the_service_would(monkeypatch) -> None:
    PairingFactory(resident=make_elder(make_community().grid), starts_on=today() - timedelta(days=8))
    noon = database_now().replace(hour=4)
    monkeypatch.setattr(tasks, "database_now", lambda: noon)
    assert tasks.chase_visits() == 1
    assert services.chase_overdue(now=noon) == 0
