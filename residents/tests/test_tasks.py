"""The door of Celery leads to the chase."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.clock import database_now, today
from residents import services, tasks
from residents.tests.factories import PairingFactory, make_community, make_elder

pytestmark = pytest.mark.django_db


def test_the_beat_chases_and_its_task_goes_where_nothing_urgent_waits() -> None:
    (entry,) = [one for one in settings.CELERY_BEAT_SCHEDULE.values() if one["task"] == tasks.chase_visits.name]
    assert entry["task"] == tasks.chase_visits.name
    assert settings.CELERY_TASK_ROUTES[entry["task"]] == {"queue": "default"}
    assert entry["schedule"] <= 3600


def test_the_task_tells_what_the_service_would(monkeypatch) -> None:
    PairingFactory(resident=make_elder(make_community().grid), starts_on=today() - timedelta(days=8))
    noon = database_now().replace(hour=4)
    monkeypatch.setattr(tasks, "database_now", lambda: noon)
    assert tasks.chase_visits() == 1
    assert services.chase_overdue(now=noon) == 0
