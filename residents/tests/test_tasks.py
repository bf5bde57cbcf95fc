"""The doors of Celery lead to the chase and to the letting go."""

from datetime import timedelta

import pytest
from django.conf import settings

from accounts.clock import midnight, today
from residents import services, tasks
from residents.figures import app_by_community, app_kept
from residents.models import CommunityApp
from residents.tests.factories import PairingFactory, ResidentFactory, make_community, make_elder

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("task", [tasks.chase_visits, tasks.apply_retention, tasks.count_app])
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
    noon = midnight(today()) + timedelta(hours=12)
    monkeypatch.setattr(tasks, "database_now", lambda: noon)
    assert tasks.chase_visits() == 1
    assert services.chase_overdue(now=noon) == 0


def test_what_is_kept_of_the_app_for_wide_areas_equals_what_is_counted_on_the_spot() -> None:
    places = [make_community(1), make_community(2)]
    for place in places:
        for has_app, warning in ((True, True), (True, None), (False, None), (None, None)):
            ResidentFactory(grid=place.grids[0], has_app=has_app, has_call_warning=warning)
    ResidentFactory(grid=places[0].grids[1], has_app=True)
    ResidentFactory(grid=places[1].grids[1], has_app=True, ended_on=today())
    assert app_kept("") == ({}, None)
    assert tasks.count_app() == 2
    kept, at = app_kept("")
    assert kept == app_by_community("")
    assert at is not None
    street = places[0].community.code[:9]
    assert app_kept(street)[0] == app_by_community(street)
    assert app_kept(places[0].community.code)[0] == app_by_community(places[0].community.code)


def test_the_app_of_a_community_is_counted_anew_and_of_one_without_anybody_forgotten() -> None:
    place, other = make_community(1), make_community(2)
    ResidentFactory(grid=place.grid, has_app=None)
    gone = ResidentFactory(grid=other.grid, has_app=True)
    tasks.count_app()
    ResidentFactory(grid=place.grid, has_app=True)
    gone.delete()
    tasks.count_app()
    kept = CommunityApp.objects.get()
    assert (kept.area_code, kept.installed, kept.not_asked, kept.total) == (place.community.code, 1, 1, 2)
