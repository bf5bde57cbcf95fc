from datetime import timedelta

import pytest
from django.db.utils import OperationalError
from django.test import Client

from accounts.clock import database_now
from alerts.engine import Guard, Health, beat
from antifraud import health
from antifraud.testing.servers import free_port, own_broker


@pytest.mark.django_db
def test_the_program_is_well_while_somebody_sweeps(client: Client):
    beat(Guard.WATCH, now=database_now(), by="desk-1")
    answer = client.get("/healthz")
    assert answer.status_code == 200
    body = answer.json()
    assert body["ok"] is True
    assert body["database"] == "up"
    assert body["sweep"]["guard"] == Guard.WATCH
    assert body["sweep"]["by"] == "desk-1"
    assert body["sweep"]["age_seconds"] < 10
    assert body["oldest_overdue_seconds"] is None
    assert body["outbox_oldest_seconds"] is None


@pytest.mark.django_db
def test_the_program_is_not_well_before_anybody_has_swept(client: Client):
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["ok"] is False


@pytest.mark.django_db
def test_the_program_is_not_well_when_nobody_has_swept_for_more_than_ten_seconds(client: Client):
    beat(Guard.CELERY, now=database_now() - timedelta(seconds=11))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["sweep"]["age_seconds"] > 10


@pytest.mark.django_db
def test_a_clock_that_was_put_back_does_not_make_a_dead_guard_look_alive(client: Client):
    beat(Guard.CELERY, now=database_now() + timedelta(minutes=5))
    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db
def test_a_timer_overdue_past_the_bound_makes_the_program_unwell_although_somebody_sweeps(client: Client, monkeypatch):
    standing = Health(
        swept_seconds_ago=0.5, guard="celery", by="", oldest_overdue_seconds=10.5, oldest_unsent_seconds=None
    )
    monkeypatch.setattr(health, "health", lambda now: standing)
    assert client.get("/healthz").status_code == 503


def test_without_a_database_it_still_answers(client: Client, monkeypatch):
    def is_down() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "database_now", is_down)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"ok": False, "database": "down"}


@pytest.mark.django_db
def test_a_broker_that_is_gone_is_said_but_is_no_alarm_while_the_stand_by_sweeps(client: Client, settings):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    beat(Guard.WATCH, now=database_now())
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["broker"] == "down"


def test_a_broker_is_up_down_or_not_there_at_all():
    with own_broker() as broker:
        assert health.broker_state(broker.url) == "up"
    assert health.broker_state(broker.url) == "down"
    assert health.broker_state("memory://") == "none"
