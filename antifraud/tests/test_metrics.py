"""/metrics: told to whoever brings the token, names nobody, and says what the database says."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts.clock import database_now
from alerts.models import Alert, Heartbeat, Timer
from alerts.tests.factories import make_scene
from antifraud.backups.keeping import name_at

TOKEN = "token-of-the-tests-only-24"


def asked(client: Client, token: str = TOKEN) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


@pytest.mark.django_db
def test_who_brings_no_token_or_another_one_finds_nothing(client):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404


@pytest.mark.django_db
def test_without_a_token_set_nobody_finds_anything(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_it_says_what_the_database_says(client):
    now = database_now()
    Heartbeat.objects.create(guard=Heartbeat.Guard.CELERY, at=now - timedelta(seconds=7))
    scene = make_scene()
    alert, *_others = [scene.dispatched(at=now) for _n in range(3)]
    Alert.objects.filter(pk=scene.dispatched(at=now).pk).update(is_drill=True)
    first = Timer.objects.pending().filter(alert=alert).earliest("due_at")
    Timer.objects.filter(pk=first.pk).update(due_at=now - timedelta(seconds=40), wake_at=now - timedelta(seconds=40))
    said = asked(client)
    assert said["antifraud_database_up",] == 1
    assert 7 <= said["antifraud_sweep_age_seconds", "celery"] < 60
    assert said["antifraud_alerts_open", alert.level, alert.state] == 3
    assert said["antifraud_steps_due",] == 1
    assert 40 <= said["antifraud_oldest_overdue_step_seconds",] < 100


@pytest.mark.django_db
def test_it_names_nobody(client):
    alert = make_scene().dispatched(at=database_now(), name="王桂兰", phone="19900001234")
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert Alert.objects.get() == alert
    assert "王桂兰" not in answer
    assert not re.search(r"\d{11}", answer)
    assert alert.area_code not in answer


@pytest.mark.django_db
def test_it_costs_the_same_for_one_alert_as_for_twenty(client, django_assert_max_num_queries):
    scene = make_scene()
    for _n in range(20):
        scene.dispatched(at=database_now())
    with django_assert_max_num_queries(14):
        asked(client)


@pytest.mark.django_db
def test_it_says_how_old_the_newest_backup_is_and_answers_where_their_folder_cannot_be_read(client, settings, tmp_path):
    settings.BACKUP_DIR = tmp_path
    # Where there should be one and there never was, it is older than any limit.
    assert asked(client)["antifraud_newest_backup_age_seconds",] == float("inf")
    (tmp_path / name_at(database_now() - timedelta(hours=3))).touch()
    assert 3 * 3600 <= asked(client)["antifraud_newest_backup_age_seconds",] < 3 * 3600 + 60
    # A name too long for any folder is refused as a disk that went away is.
    settings.BACKUP_DIR = tmp_path / ("x" * 300)
    assert ("antifraud_newest_backup_age_seconds",) not in asked(client)
