"""The April incident again: with the rule that was made for it, and with the policy changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.clock import database_now
from alerts import policy
from alerts.models import Alert, PolicyVersion
from alerts.services import copy_to_draft, publish

pytestmark = pytest.mark.django_db

APRIL = Path(__file__).with_name("april-incident.csv")


def replay(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    call_command("replay_alerts", str(path), "--json", *options)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def without(event: str, folder: Path) -> Path:
    """Return the April recording without the rows of one event."""
    kept = [row for row in APRIL.read_text(encoding="utf-8").splitlines() if f",{event}," not in row]
    path = folder / "april.csv"
    path.write_text("\n".join(kept), encoding="utf-8")
    return path


def at(lines: list[dict[str, Any]], kind: str, **fields: Any) -> list[str]:
    """Return the times of day of the lines of a kind."""
    mine = [line for line in lines if line["kind"] == kind and all(line[key] == value for key, value in fields.items())]
    return [line["at"][11:19] for line in mine]


def test_with_the_first_specialist_busy_the_second_has_it_the_moment_it_reaches_the_grid(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = replay(APRIL, capsys)

    assert at(lines, "dispatched") == ["14:03:00"]
    assert at(lines, "assigned", who="second")[0] == "14:03:00"
    assert at(lines, "assigned", who="first") == []
    assert at(lines, "breached") == []
    assert at(lines, "met", objective="dispatch") == ["14:03:00"]
    assert at(lines, "met", objective="respond") == ["14:12:30"]
    assert at(lines, "closed", who="second") == ["14:20:00"]
    assert at(lines, "refused") == []


def test_why_the_first_specialist_was_passed_over_is_written_down(capsys: pytest.CaptureFixture[str]) -> None:
    lines = replay(APRIL, capsys)

    assigned = next(line for line in lines if line["kind"] == "assigned")
    assert ["specialist", "first", "busy"] in assigned["detail"]["passed"]


def test_without_the_busy_row_the_second_specialist_holds_it_three_minutes_after_it_reached_the_grid(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = replay(without("busy", tmp_path), capsys)

    assert at(lines, "assigned", who="first") == ["14:03:00"]
    assert at(lines, "assigned", who="second") == ["14:06:00"]
    assert at(lines, "breached") == []


def test_with_nobody_doing_anything_the_whole_table_fires_at_its_exact_times(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = APRIL.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "nobody.csv"
    path.write_text(
        "\n".join(row for row in rows if ",post," in row or ",alert," in row or row == rows[0]), encoding="utf-8"
    )

    lines = replay(path, capsys)

    assert at(lines, "reminded") == ["14:05:00"]
    assert at(lines, "dispatched", who=None) == ["14:07:00"]
    assert at(lines, "breached") == ["14:07:00", "14:17:00"]
    assert at(lines, "assigned") == ["14:07:00", "14:10:00", "14:12:00"]
    assert at(lines, "notified", who="street") == ["14:27:00"]
    assert {line["who"] for line in lines if line["kind"] == "notified"} == {
        "duty", "first", "second", "leader", "manager", "police", "street"
    }  # fmt: skip


def test_the_policy_in_force_is_the_one_replayed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    draft = copy_to_draft(PolicyVersion.objects.in_force(), name="slower", by=None, now=database_now())
    draft.steps.filter(do=policy.Action.HAND_TO_SECOND, level=policy.Level.HIGH).update(at_seconds=210)
    publish(draft, by=None, now=database_now())
    path = without("busy", tmp_path)

    in_force, shipped = replay(path, capsys), replay(path, capsys, "--default-policy")

    assert at(in_force, "assigned", who="second") == ["14:06:30"]
    assert at(shipped, "assigned", who="second") == ["14:06:00"]


def test_an_action_that_is_not_allowed_at_its_moment_is_printed_as_refused_and_the_replay_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "early.csv"
    rows = APRIL.read_text(encoding="utf-8").splitlines()
    rows.insert(10, "2026-04-02T14:02:30+08:00,accept,A1,second,")
    path.write_text("\n".join(rows), encoding="utf-8")

    lines = replay(path, capsys)

    assert at(lines, "refused", who="second") == ["14:02:30"]
    assert at(lines, "closed") == ["14:20:00"]


def test_a_replay_writes_nothing_to_the_live_tables(capsys: pytest.CaptureFixture[str]) -> None:
    replay(APRIL, capsys)

    assert not Alert.objects.exists()


def test_a_file_that_is_no_recording_is_refused_row_by_row(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(
        "at,event,alert,who,detail\n2 April,post,,duty,role=duty_officer\n2026-04-02T14:00:00+08:00,sneeze,,duty,\n",
        encoding="utf-8",
    )

    with pytest.raises(CommandError) as refusal:
        call_command("replay_alerts", str(path), "--json")

    assert "2 April" in str(refusal.value)
    assert "sneeze" in str(refusal.value)


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("replay_alerts", str(tmp_path / "nowhere.csv"))
