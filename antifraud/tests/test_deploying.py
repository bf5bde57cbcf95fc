"""What an office copies to run the program says nothing that the program does not know."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client

from antifraud.testing.environment import TEST_SECRETS

DEPLOY = settings.BASE_DIR / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ASKED_FOR = re.compile(r"antifraud_\w+")


@pytest.fixture
def told(client: Client, settings, db) -> set[str]:
    """The names of every number that is told."""
    settings.METRICS_TOKEN = "token-of-the-tests-only-24"
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"})
    return set(re.findall(r"^# TYPE (antifraud_\w+)", answer.content.decode(), re.MULTILINE)) | {
        "antifraud_newest_backup_age_seconds"
    }


@pytest.mark.parametrize("file", ["deploy/prometheus-rules.yml", "deploy/grafana.json", "docs/monitoring.md"])
def test_only_numbers_that_are_told_are_asked_for(told, file):
    text = (settings.BASE_DIR / file).read_text(encoding="utf-8")
    assert set(ASKED_FOR.findall(text)) <= told | {"antifraud_sweep_age_seconds"}
    assert "antifraud_newest_backup_age_seconds" in (settings.BASE_DIR / "antifraud" / "metrics.py").read_text()


def test_the_dashboard_can_be_read():
    panels = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) > 5


def test_every_variable_of_the_containers_is_in_the_example():
    example = (settings.BASE_DIR / ".env.example").read_text(encoding="utf-8")
    for name in set(re.findall(r"\$\{(\w+)", (settings.BASE_DIR / "compose.yaml").read_text(encoding="utf-8"))):
        assert f"\n# {name}=" in example, name


def test_secrets_of_the_containers_must_be_set_and_have_no_value_of_ours():
    text = (settings.BASE_DIR / "compose.yaml").read_text(encoding="utf-8")
    for name in (*TEST_SECRETS, "POSTGRES_PASSWORD", "BACKUP_KEYS"):
        assert f"${{{name}:?" in text


def test_every_queue_has_a_process_in_containers_and_units():
    queues = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    units = " ".join(unit.read_text(encoding="utf-8") for unit in UNITS)
    containers = (settings.BASE_DIR / "compose.yaml").read_text(encoding="utf-8")
    for text in (units, containers):
        served = {name for found in re.findall(r"-Q,? \"?([\w,]+)", text) for name in found.strip(",").split(",")}
        assert queues <= served


def test_the_units_let_nobody_write_where_they_need_not():
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        assert "User=antifraud" in text
        assert "ProtectSystem=strict" in text
        assert "Restart=always" in text
