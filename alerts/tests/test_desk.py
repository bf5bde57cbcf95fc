"""The desk in use: whether the clock is swept, long columns, the shift's summary, the wall."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now, local
from accounts.models import User
from alerts import engine, services
from alerts.models import Alert, Heartbeat
from alerts.policy import Deed, Level
from alerts.screens.board import ROOMY, Board
from alerts.screens.summary import begins_at, summary
from alerts.screens.watching import SILENT, Pulse
from alerts.tests.factories import NOON, Scene, after, make_scene, sweep
from alerts.views.styleguide import styleguide

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    engine.beat(Heartbeat.Guard.CELERY, now=database_now(), by="a test")
    return make_scene()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refresh(client: Client, etag: str = "") -> Any:
    return client.get(reverse("alerts:desk"), headers={"HX-Request": "true", "If-None-Match": etag})


def shown(user: User) -> Board:
    board: Board = as_(user).get(reverse("alerts:desk")).context["board"]
    return board


# ── whether the clock is swept ────────────────────────────────────────────────────────────────────────────────────────


def test_a_sweep_is_told_beside_not_modified_and_changes_nothing(scene: Scene) -> None:
    client = as_(scene.officer)
    first = refresh(client)
    swept = database_now()
    engine.beat(Heartbeat.Guard.CELERY, now=swept, by="a test")
    again = refresh(client, first["ETag"])
    assert again.status_code == 304
    assert int(again["X-Swept-At"]) == int(swept.timestamp() * 1000) >= int(first["X-Swept-At"])


@pytest.mark.parametrize(
    ("ago", "phase", "age"),
    [(timedelta(seconds=1.9), "runs", 1), (timedelta(seconds=6), "runs", 6), (timedelta(seconds=7), "stands", 7)],
)
def test_the_pill_says_how_long_ago_the_clock_was_swept(ago: timedelta, phase: str, age: int) -> None:
    beat = Pulse(NOON - ago, NOON)
    assert (beat.phase, beat.age) == (phase, age)


def test_a_clock_that_was_never_swept_stands(scene: Scene) -> None:
    Heartbeat.objects.all().delete()
    answer = refresh(as_(scene.officer))
    assert answer["X-Swept-At"] == ""
    assert "The clock stands still" in answer.content.decode()


# ── many alerts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_column_becomes_dense_once_it_is_longer_than_a_screen(scene: Scene) -> None:
    now = database_now()
    for _ in range(ROOMY):
        scene.alert(at=now, level=Level.LOW)
    assert not shown(scene.officer).to_dispatch.is_long
    scene.alert(at=now, level=Level.LOW)
    board = shown(scene.officer)
    assert (board.to_dispatch.is_long, board.at_grid.is_long) == (True, False)
    assert "data-long" in refresh(as_(scene.officer)).content.decode()


def test_high_alerts_come_first_then_the_overdue_then_what_is_due_soonest(scene: Scene) -> None:
    now = database_now()
    quiet = scene.alert(at=now, level=Level.MEDIUM)
    soon = scene.alert(at=now - timedelta(minutes=4), level=Level.MEDIUM)
    overdue = scene.alert(at=now - timedelta(minutes=30), level=Level.LOW)
    grave = scene.alert(at=now)
    column = shown(scene.officer).to_dispatch
    assert [card.pk for card in column.cards] == [grave.pk, overdue.pk, soon.pk, quiet.pk]
    assert column.urgent == 2


def test_what_only_waits_to_be_closed_stands_below_what_still_runs(scene: Scene) -> None:
    now = database_now()
    done = scene.accepted(at=now, name="甲居民", phone="19900000101")
    for deed in (Deed.PHONE_CONFIRMED, Deed.DOOR_CONFIRMED, Deed.FAMILY_CONTACTED):
        services.record_deed(done, deed=deed, by=scene.first, now=now)
    running = scene.accepted(at=now, by=scene.second, name="乙居民", phone="19900000102", level=Level.LOW)
    assert [card.pk for card in shown(scene.officer).in_hand.cards] == [running.pk, done.pk]


def test_the_head_of_a_column_counts_what_presses(scene: Scene) -> None:
    now = database_now()
    scene.alert(at=now)
    scene.alert(at=now, level=Level.LOW)
    assert "1 urgent" in refresh(as_(scene.officer)).content.decode()


# ── being called ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_desk_can_be_muted_for_a_while_and_say_until_when(scene: Scene) -> None:
    page = as_(scene.officer).get(reverse("alerts:desk")).content.decode()
    button = page.split('id="sound"')[1].split("</button>")[0]
    assert [f'data-face="{face}"' in button for face in ("off", "on", "muted")] == [True] * 3
    assert "data-until-time" in button


def test_only_the_desk_offers_to_show_alerts_outside_the_browser(scene: Scene) -> None:
    client = as_(scene.officer)
    assert 'id="notify"' in client.get(reverse("alerts:desk")).content.decode()
    assert 'id="notify"' not in client.get(reverse("alerts:list")).content.decode()


# ── the shift's summary ───────────────────────────────────────────────────────────────────────────────────────────────


def summed_up(user: User, hour: str = "0") -> Any:
    return as_(user).get(reverse("alerts:summary"), {"from": hour})


def test_the_summary_counts_as_the_desk_does(scene: Scene) -> None:
    now = database_now()
    scene.alert(at=now, is_drill=True)
    scene.alert(at=now), scene.dispatched(at=now, level=Level.LOW)
    found = summed_up(scene.officer).context["summary"]
    assert found.day == shown(scene.officer).day
    assert found.day.received == 2
    assert len(found.open_now) == 2


def test_every_late_one_of_the_figures_is_a_line_of_the_summary(scene: Scene) -> None:
    alert = scene.alert(at=NOON)
    sweep(after(hours=1))
    alert.refresh_from_db()
    found = summary(
        Alert.objects.all(), grids=[scene.grid], viewer_id=scene.officer.pk, begins=NOON, now=after(hours=1)
    )
    late = found.day.dispatched.late + found.day.high_reached.late + found.day.others_reached.late
    assert [breach.number for breach in found.breaches] == [alert.pk] * late
    assert late >= 1
    assert {breach.reasons for breach in found.breaches} == {()}


def test_the_summary_gives_the_reasons_that_were_written_down_and_no_others(scene: Scene) -> None:
    alert = scene.accepted(at=NOON)
    services.excuse_confirmation(
        alert, confirmation="door", reason="民警已在门口", by=scene.first, now=after(minutes=1), from_where="pocket"
    )
    sweep(after(hours=1))
    with translation.override("en"):
        found = summary(Alert.objects.all(), grids=[], viewer_id=scene.officer.pk, begins=NOON, now=after(hours=1))
    (breach,) = found.breaches
    assert [reason.endswith("民警已在门口") for reason in breach.reasons] == [True]
    assert breach.took == "not done yet"


@pytest.mark.parametrize(
    ("asked", "hour"),
    [("8", 8), ("0", 0), ("12", 12), ("13", 0), ("", 0), ("-1", 0), ("999", 0), ("noon", 0), ("٣", 3)],
)
def test_a_shift_begins_at_an_hour_of_today_that_has_come_else_at_midnight(asked: str, hour: int) -> None:
    begins = begins_at(asked, now=NOON)
    assert (local(begins).hour, local(begins).date()) == (hour, local(NOON).date())


def test_what_was_received_before_the_shift_is_left_out(scene: Scene) -> None:
    scene.alert(at=NOON)
    found = summary(Alert.objects.all(), grids=[], viewer_id=0, begins=after(minutes=1), now=after(minutes=2))
    assert (found.day.received, len(found.open_now)) == (0, 1)


def test_the_summary_is_the_desks_own_and_shows_its_own_alerts_alone(scene: Scene) -> None:
    scene.alert(at=database_now(), address="梧桐巷12号")
    neighbours = make_scene(4)
    assert "梧桐巷12号" in summed_up(scene.officer).content.decode()
    assert "梧桐巷12号" not in summed_up(neighbours.officer).content.decode()
    assert summed_up(scene.first).status_code == 403


def test_the_figures_say_since_when_they_count(scene: Scene) -> None:
    assert "Received since 00:00" in refresh(as_(scene.officer)).content.decode()


# ── the wall ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_wall_shows_the_board_without_ways_and_asks_as_the_desk_does(scene: Scene) -> None:
    scene.alert(at=database_now())
    client = as_(scene.officer)
    wall = client.get(reverse("alerts:desk"), {"wall": "1"})
    page = wall.content.decode()
    assert "topbar-nav" not in page
    assert 'id="entry"' not in page
    assert page.count("data-column") == 4
    assert all(f'id="{needed}"' in page for needed in ("pulse", "sound", "live", "herald", "lost"))
    assert refresh(client, wall["ETag"]).status_code == 304


# ── the page of the look ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_the_look_shows_every_level_state_and_phase(scene: Scene, rf: RequestFactory) -> None:
    request: Any = rf.get("/styleguide/")
    request.user = scene.officer
    page = styleguide(request).content.decode()
    for level in Level:
        assert f"card-{level}" in page
    for phase in ("early", "half", "late", "done"):
        assert f'data-phase="{phase}"' in page
    for state in ("open", "done", "excused"):
        assert f"step-{state}" in page
    for kind in ("success", "info", "warning", "error"):
        assert f"message-{kind}" in page


def test_the_page_of_the_look_is_there_only_while_developing(scene: Scene) -> None:
    assert as_(scene.officer).get("/styleguide/").status_code == 404


def test_a_clock_that_stands_is_on_the_board_within_ten_seconds(scene: Scene) -> None:
    page = as_(scene.officer).get(reverse("alerts:desk")).content.decode()
    (every,) = re.findall(r'data-hx-trigger="every (\d+)s, refresh"', page)
    assert SILENT + timedelta(seconds=int(every)) <= timedelta(seconds=10)


# ── what a refresh costs ──────────────────────────────────────────────────────────────────────────────────────────────


def test_who_becomes_busy_or_free_changes_the_board(scene: Scene) -> None:
    client = as_(scene.officer)
    first = refresh(client)
    services.mark_busy(scene.first, now=database_now())
    busy = refresh(client, first["ETag"])
    assert busy.status_code == 200
    services.mark_free(scene.first, now=database_now())
    assert refresh(client, busy["ETag"]).status_code == 200
