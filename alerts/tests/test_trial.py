"""A period tried under another policy or roster: files, the command, the page, and what is said of what was assumed."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.clock import local, midnight
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import services
from alerts.models import Alert, Replay, Shift, TimelineEntry
from alerts.policy import STEPS, Action, Deed, Level, ObjectiveState
from alerts.replay import RecordingError
from alerts.replay.files import read_policy, read_roster
from alerts.replay.history import STEP_FIELDS, History, Watch, read_history, steps_as_rows
from alerts.replay.ordered import found_by
from alerts.replay.trial import Result, compare
from alerts.tests.factories import EXCUSED, NOON, Scene, after, ending, make_scene, sweep
from alerts.tests.test_properties import thrown_away
from alerts.tests.test_rehearsal import on_an_empty_stage, verdicts
from residents.tests.factories import make_community, make_staff
from sheets.services.ordering import make_file

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

DAY = timedelta(days=1)
TODAY = local(NOON).date()
RESPOND = ("respond", "high")


def other_steps(**at: int) -> list[dict[str, Any]]:
    """Return the shipped table with the high level's steps at other seconds, by what they do."""
    return steps_as_rows(
        replace(step, at=timedelta(seconds=at[step.do])) if step.level == Level.HIGH and step.do in at else step
        for step in STEPS
    )


def late_alert(scene: Scene) -> Alert:
    """An alert that the first let lapse; the second accepted it a minute after it was theirs, and was done too late."""
    alert = scene.dispatched()
    sweep(after(minutes=3))
    services.accept_alert(alert, by=scene.second, now=after(minutes=4))
    for minute, deed in ((5, Deed.PHONE_CONFIRMED), (6, Deed.FAMILY_CONTACTED)):
        services.record_deed(alert, deed=deed, by=scene.second, now=after(minutes=minute))
    sweep(after(minutes=10))
    services.record_deed(alert, deed=Deed.DOOR_CONFIRMED, by=scene.second, now=after(minutes=11))
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.second, now=after(minutes=15))
    return alert


def history_of(story: Callable[[Scene], object]) -> tuple[History, Scene]:
    """Let something happen to a scene, and return its history alone: the stage must be empty."""
    with thrown_away():
        scene = make_scene()
        story(scene)
        return read_history(scene.grid.code, NOON - DAY, NOON + DAY, now=NOON + 3 * DAY), scene


def tried(story: Callable[[Scene], object], **options: Any) -> Result:
    """Play the day of these tests as it was and otherwise, here."""
    history, _scene = history_of(story)
    return compare(history.counted, on_an_empty_stage(history), on_an_empty_stage(history, **options))


def response(found: Result) -> tuple[str, float | None, str, float | None]:
    verdict = next(it for one in found.differing for it in one.verdicts if it.objective == "respond")
    return verdict.then, verdict.then_took, verdict.there, verdict.there_took


# ── the rules of the play ───────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_given_it_earlier_is_at_the_door_earlier():
    found = tried(late_alert, policy=other_steps(hand_to_second=60))

    assert response(found) == (ObjectiveState.BREACHED, 660.0, ObjectiveState.MET, 540.0)
    assert (found.all.kept, found.all.kept_there) == (1, 2)


def test_who_let_it_lapse_lets_it_lapse_again_and_without_another_step_nobody_comes():
    history, _scene = history_of(late_alert)
    steps = [step for step in steps_as_rows(STEPS) if step["do"] not in {Action.HAND_TO_SECOND, Action.HAND_TO_LEADER}]

    (came,) = on_an_empty_stage(history, policy=steps)

    assert [line[1] for line in came.lines].count("accepted") == 0
    assert verdicts(came.clocks)[-1][2:] == (ObjectiveState.BREACHED, None)


def prompt_alert(scene: Scene) -> None:
    """An alert that the first accepts after two minutes and closes after eight."""
    alert = scene.dispatched()
    services.accept_alert(alert, by=scene.first, now=after(minutes=2))
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=8))


def test_somebody_else_who_is_given_it_takes_as_long_as_who_accepted_that_day():
    history, scene = history_of(prompt_alert)
    hours = (after(hours=-1).isoformat(), after(hours=6).isoformat())
    watches = [Watch("on_call", scene.grid.code, scene.second.pk, *hours)]

    (came,) = on_an_empty_stage(history, watches=watches)

    assert came.someone_else == scene.second.pk
    assert (120.0, "accepted", scene.second.pk, "respond") in came.lines
    assert verdicts(came.clocks)[-1][2:] == (ObjectiveState.MET, 480.0)


def test_a_longer_time_turns_a_breach_into_a_kept_clock_and_is_tallied_by_grid():
    found = tried(late_alert, policy=_slower())

    assert found.clocks["respond.high"].kept_there == 1
    assert list(found.grids.values()) == [found.all]
    assert Result.from_plain(json.loads(json.dumps(found.as_plain()))).all == found.all


def _slower() -> list[dict[str, Any]]:
    return [
        step | {"at_seconds": 900} if step["breach"] and step["level"] == Level.HIGH else step
        for step in steps_as_rows(STEPS)
    ]


def stood_still(scene: Scene) -> None:
    """An alert at whose grid nobody swept for half an hour; the leader, told by telephone, had it done in seven."""
    alert = scene.dispatched()
    sweep(after(minutes=30))
    services.accept_alert(alert, by=scene.leader, now=after(minutes=31))
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.leader, now=after(minutes=37))


def test_an_alert_of_a_day_on_which_the_clock_stood_still_counts_on_neither_side():
    found = tried(stood_still)

    assert (found.received, found.compared, len(found.unlike)) == (1, 0, 1)
    assert found.clocks == {}


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_policy_is_read_from_json_and_from_csv_alike():
    rows = steps_as_rows(STEPS)
    lines = [",".join(STEP_FIELDS)]
    lines += [
        ",".join(";".join(row[name]) if name == "tell" else str(row[name]) for name in STEP_FIELDS) for row in rows
    ]

    assert read_policy(json.dumps(rows).encode()) == rows == read_policy("\n".join(lines).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"at,when\n1,2",
        b'[{"objective": "respond"}]',
        b"[1]",
        json.dumps(steps_as_rows(STEPS[:2])).encode(),
    ],
)
def test_a_file_that_is_no_policy_is_refused_in_words(content: bytes):
    with pytest.raises(RecordingError) as refusal:
        read_policy(content)

    assert refusal.value.faults


def roster_file(scene: Scene, *, day: str, who: str) -> bytes:
    book = Workbook()
    book.active.append(["日期", "值班岗位", "值班时间", "值班人员"])
    book.active.append([day, scene.grid.name, "00:00-24:00", who])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_roster_made_for_later_is_moved_back_by_whole_weeks_and_writes_nothing():
    scene = make_scene()
    content = roster_file(scene, day=(TODAY + 14 * DAY).isoformat(), who=scene.second.name)

    found = read_roster(content, area_code=scene.place.community.code, begin=midnight(TODAY), end=midnight(TODAY + DAY))

    assert found.weeks == -2
    assert [(watch.user, watch.area_code) for watch in found.new] == [(scene.second.pk, scene.grid.code)]
    assert not Shift.objects.exists()


def test_a_roster_that_names_nobody_known_is_refused_by_cell():
    scene = make_scene()
    content = roster_file(scene, day=TODAY.isoformat(), who="无名氏")

    with pytest.raises(RecordingError, match="无名氏"):
        read_roster(content, area_code=scene.place.community.code, begin=midnight(TODAY), end=midnight(TODAY + DAY))


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_plays_a_period_apart_and_touches_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    scene = make_scene()
    late_alert(scene)
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(other_steps(hand_to_second=60)), encoding="utf-8")
    lines = TimelineEntry.objects.count()
    days = ["--from", TODAY.isoformat(), "--to", TODAY.isoformat()]

    call_command("replay_alerts", *days, "--area", scene.grid.code, "--policy", str(path), "--json")

    found = Result.from_plain(json.loads(capsys.readouterr().out))
    assert (found.received, found.compared) == (1, 1)
    assert response(found) == (ObjectiveState.BREACHED, 660.0, ObjectiveState.MET, 540.0)
    assert TimelineEntry.objects.count() == lines
    assert Alert.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "recording"),
        (["--from", "2026-04-02"], "--to"),
        (["--from", "2026-04-03", "--to", "2026-04-02"], "order"),
        (["--from", "2026-04-02", "--to", "2026-04-02"], ""),
        (["--from", "2026-04-02", "--to", "2026-04-02", "--area", "9"], "9"),
        (["--from", "2026-04-02", "--to", "2026-04-02", "--policy", "nowhere.json"], "nowhere"),
        (["--from", "2026-04-02", "--to", "2026-04-02", "--policy", "987654"], "987654"),
    ],
)
def test_a_command_that_cannot_be_meant_says_why(options: list[str], words: str):
    with pytest.raises(CommandError, match=words):
        call_command("replay_alerts", *options)


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def asked(scene: Scene, **fields: Any) -> dict[str, Any]:
    return {"area": scene.grid.code, "first": TODAY.isoformat(), "last": TODAY.isoformat(), **fields}


def test_a_manager_orders_a_replay_and_sees_both_sides(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("alerts.views.replays.wake_maker", lambda _pk: None)
    scene = make_scene()
    alert = late_alert(scene)
    client.force_login(scene.manager)
    file = SimpleUploadedFile("p.json", json.dumps(other_steps(hand_to_second=60)).encode())

    ordered = client.post(reverse("alerts:replays"), asked(scene, policy_file=file))
    replay = Replay.objects.get()
    waiting = client.get(ordered["Location"])
    make_file(replay.job_id, now=NOON + DAY)
    played = client.get(ordered["Location"])

    assert waiting.context["page"] is None
    replay.refresh_from_db()
    assert found_by(replay).all.kept_there == 2
    assert [one.pk for one in played.context["page"].differences] == [alert.pk]
    book = client.get(reverse("sheets:file_download", args=[replay.job_id]))
    assert load_workbook(io.BytesIO(b"".join(book) if book.streaming else book.content)).sheetnames


def test_what_a_form_has_wrong_is_said_beside_it_and_nothing_is_ordered(client: Client):
    scene = make_scene()
    late_alert(scene)
    client.force_login(scene.manager)
    wrong = SimpleUploadedFile("p.json", b"[]")
    last = (TODAY - DAY).isoformat()

    for fields, name in (({"policy_file": wrong}, "policy_file"), ({"last": last}, "last"), ({"area": "9"}, "area")):
        answer = client.post(reverse("alerts:replays"), asked(scene, **fields))
        assert answer.status_code == 400
        assert answer.context["form"].errors[name]
    empty = client.post(reverse("alerts:replays"), asked(scene, first=(TODAY - 9 * DAY).isoformat(), last=last))
    assert empty.status_code == 400
    assert not Replay.objects.exists()


def test_managers_supervisors_and_administrators_alone_may_replay(client: Client):
    scene = make_scene()
    for user, status in (
        (scene.manager, 200),
        (scene.supervisor, 200),
        (AdministratorFactory(), 200),
        (scene.officer, 403),
        (scene.leader, 403),
        (scene.police, 403),
    ):
        client.force_login(user)
        assert client.get(reverse("alerts:replays")).status_code == status


def test_a_foreign_replay_is_not_found(client: Client):
    scene = make_scene()
    replay = Replay.objects.create(area=scene.grid, first=TODAY, last=TODAY, by=scene.manager, at=NOON)
    client.force_login(make_staff(Role.MANAGER, make_community(7).community))

    assert client.get(reverse("alerts:replay", args=[replay.pk])).status_code == 404
