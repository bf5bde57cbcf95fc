"""A press of the pocket: carried out once however often it is sent, with its own time, answered to a script in JSON."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now, local
from accounts.models import Press, User
from accounts.services import forget_presses, press_once
from alerts import services
from alerts.models import Alert, BusySpell, ObjectiveClock
from alerts.policy import Deed, Objective, ObjectiveState, State
from alerts.screens.timeline import lines as timeline
from alerts.services import AlertError
from alerts.tests.factories import EXCUSED, NOON, Scene, after, ending, lines, make_scene, sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def press(client: Client, address: str, alert: Alert | None = None, **fields: Any) -> Any:
    """Send a press as the pocket's script does."""
    url = reverse(f"alerts:{address}", args=[alert.pk] if alert else [])
    return client.post(url, {"press": str(uuid4()), **fields}, headers={"Accept": "application/json"})


def ms(at: Any) -> int:
    return int(at.timestamp() * 1000)


# ── the verb ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_is_carried_out_once_and_answered_as_the_first_time(scene: Scene) -> None:
    calls: list[int] = []

    def verb() -> str:
        calls.append(1)
        return f"done {len(calls)}"

    key = uuid4()
    said = [press_once(verb, key=key, address="deed", by=scene.first, now=after(seconds=s)).said for s in (0, 1, 60)]
    assert (said, len(calls)) == (["done 1"] * 3, 1)


def test_a_refusal_is_answered_again_even_where_it_would_be_allowed_by_now(scene: Scene) -> None:
    key, refusals = uuid4(), iter([AlertError("not yet")])

    def verb() -> str:
        for refusal in refusals:
            raise refusal
        return "done"

    answers = [press_once(verb, key=key, address="accept", by=scene.first, now=NOON) for _time in range(2)]
    assert [(it.is_refused, it.said) for it in answers] == [(True, "not yet")] * 2


def test_a_press_that_failed_leaves_no_trace_and_may_come_again(scene: Scene) -> None:
    key = uuid4()

    def fails() -> str:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        press_once(fails, key=key, address="deed", by=scene.first, now=NOON)
    assert not Press.objects.exists()
    assert press_once(lambda: "done", key=key, address="deed", by=scene.first, now=NOON).said == "done"


def test_two_people_may_have_the_same_key(scene: Scene) -> None:
    key = uuid4()
    people = (scene.first, scene.second)
    said = [press_once(lambda u=u: u.name, key=key, address="x", by=u, now=NOON).said for u in people]
    assert said == ["甲专员", "乙专员"]


def test_a_press_is_never_written_down_as_made_in_the_future(scene: Scene) -> None:
    done = press_once(lambda: "", key=uuid4(), address="x", by=scene.first, now=NOON, pressed_at=after(minutes=5))
    assert done.at == NOON


def test_presses_are_forgotten_after_a_week_some_at_a_time(scene: Scene) -> None:
    for day in (0, 1, 2, 9):
        press_once(lambda: "", key=uuid4(), address="x", by=scene.first, now=after(minutes=day * 24 * 60))
    now = after(minutes=9 * 24 * 60 + 1)
    assert [forget_presses(now=now, limit=2) for _round in range(3)] == [2, 1, 0]
    assert Press.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_press_on_two_connections_at_once_has_one_effect() -> None:
    scene = make_scene()
    alert, key, start = scene.accepted(), uuid4(), threading.Barrier(8)
    said: list[str] = []

    def send() -> None:
        def verb() -> str:
            services.record_deed(alert, deed=Deed.PHONE_NO_ANSWER, by=scene.first, now=after(minutes=1))
            return f"recorded by {threading.get_ident()}"

        try:
            start.wait()
            said.append(press_once(verb, key=key, address="deed", by=scene.first, now=after(minutes=1)).said)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(said), len(set(said))) == (8, 1)
    assert [entry.kind for entry in alert.timeline.all()].count("action") == 1


# ── the time of the press ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_deed_sent_late_is_recorded_with_the_time_of_its_press(scene: Scene) -> None:
    now = database_now()
    alert = scene.accepted(at=now - timedelta(minutes=20))
    at = now - timedelta(minutes=7)
    assert press(as_(scene.first), "deed", alert, deed="phone_confirmed", pressed_at=ms(at)).status_code == 200
    alert.refresh_from_db()
    assert alert.phone_at is not None
    assert ms(alert.phone_at) == ms(at)


@pytest.mark.parametrize(("minutes", "expected"), [(-600, "received"), (600, "now")])
def test_a_time_that_cannot_be_is_brought_to_the_nearest_that_can(scene: Scene, minutes: int, expected: str) -> None:
    now = database_now()
    alert = scene.accepted(at=now - timedelta(minutes=20))
    wrong = now + timedelta(minutes=minutes)
    assert press(as_(scene.first), "deed", alert, deed="phone_confirmed", pressed_at=ms(wrong)).status_code == 200
    alert.refresh_from_db()
    assert alert.phone_at is not None
    if expected == "received":
        assert alert.phone_at == alert.received_at
    else:
        assert now <= alert.phone_at <= database_now()


@pytest.mark.parametrize("nonsense", ["", "yesterday", "9" * 40, "2026-01-01T12:00:00", "-5"])
def test_a_time_that_is_none_is_as_no_time(scene: Scene, nonsense: str) -> None:
    now = database_now()
    alert = scene.accepted(at=now - timedelta(minutes=20))
    assert press(as_(scene.first), "deed", alert, deed="phone_confirmed", pressed_at=nonsense).status_code == 200
    alert.refresh_from_db()
    assert alert.phone_at is not None
    assert alert.phone_at >= now


def test_a_press_made_in_time_and_sent_late_undoes_no_breach(scene: Scene) -> None:
    now = database_now()
    alert = scene.accepted(at=now - timedelta(minutes=20))
    sweep(now - timedelta(minutes=5))
    early = ms(now - timedelta(minutes=18))
    for deed in ("phone_confirmed", "door_confirmed", "family_contacted"):
        press(as_(scene.first), "deed", alert, deed=deed, pressed_at=early)
    clock = ObjectiveClock.objects.get(alert=alert, objective=Objective.RESPOND)
    assert (clock.state, clock.breached_at) == (ObjectiveState.BREACHED, clock.due_at)


def test_who_pressed_in_time_without_reception_does_not_take_it_from_who_has_it_by_now(scene: Scene) -> None:
    now = database_now()
    alert = scene.dispatched(at=now - timedelta(minutes=6))
    sweep(now - timedelta(minutes=2))
    services.accept_alert(alert, by=scene.second, now=now - timedelta(minutes=1))
    response = press(as_(scene.first), "accept", alert, pressed_at=ms(now - timedelta(minutes=5)))
    alert.refresh_from_db()
    assert (response.status_code, alert.holder) == (409, scene.second)
    assert "乙专员" in response.json()["message"]


def test_acceptance_and_closing_sent_late_keep_both_times_in_the_timeline(scene: Scene) -> None:
    now = database_now()
    alert = scene.dispatched(at=now - timedelta(minutes=2, seconds=30))
    client, at = as_(scene.first), now - timedelta(minutes=2)
    press(client, "accept", alert, pressed_at=ms(at))
    for confirmation in ("phone", "door", "family"):
        press(client, "excuse", alert, confirmation=confirmation, usual="民警已在门口", pressed_at=ms(at))
    fields = {"outcome": "dissuaded", "spoken_to": "resident", "level": "high"}
    assert press(client, "close", alert, pressed_at=ms(at), **fields).status_code == 200
    alert.refresh_from_db()
    assert alert.accepted_at is not None
    assert alert.accepted_at >= now
    with translation.override("en"):
        said = [line.words for line in timeline(alert) if f"(pressed at {local(at):%H:%M})" in line.words]
    assert len(said) == 5


# ── the answers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_script_is_answered_in_json_with_where_to_go(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    response = press(as_(scene.first), "accept", alert)
    assert (response.status_code, response.json()) == (
        200,
        {"ok": True, "message": "It is yours. Call now.", "url": reverse("alerts:detail", args=[alert.pk])},
    )
    assert not list(get_messages(response.wsgi_request))


def test_a_refusal_is_a_409_with_words_for_who_pressed(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    response = press(as_(scene.second), "accept", alert)
    assert response.status_code == 409
    assert response.json()["ok"] is False
    assert "甲专员" in response.json()["message"]


def test_a_press_sent_twice_gets_the_same_answer_and_has_one_effect(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, fields = as_(scene.first), {"press": str(uuid4()), "deed": "phone_no_answer"}
    answers = [press(client, "deed", alert, **fields).json() for _time in range(3)]
    assert answers == [answers[0]] * 3
    assert [entry.kind for entry in alert.timeline.all()].count("action") == 1
    assert Press.objects.get().address == reverse("alerts:deed", args=[alert.pk])


def test_without_a_script_the_same_press_leads_to_the_same_page_with_the_same_words(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, fields = as_(scene.first), {"press": str(uuid4()), "deed": "phone_no_answer"}
    responses = [client.post(reverse("alerts:deed", args=[alert.pk]), fields) for _time in range(2)]
    assert {response["Location"] for response in responses} == {reverse("alerts:detail", args=[alert.pk])}
    assert [str(m) for m in get_messages(responses[1].wsgi_request)][-1:] == ["Recorded: Called, no answer"]


def test_busy_pressed_twice_is_one_spell_even_where_free_was_pressed_between(scene: Scene) -> None:
    client, key = as_(scene.first), str(uuid4())
    press(client, "busy", press=key)
    press(client, "free")
    assert press(client, "busy", press=key).status_code == 200
    assert not BusySpell.objects.running().exists()


def test_help_handing_over_and_numbers_answer_in_json_too(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client = as_(scene.first)
    got = [press(client, "help", alert), press(client, "reveal", alert)]
    got.append(press(client, "hand_over", alert, to=scene.second.pk))
    assert [(response.status_code, response.json()["ok"]) for response in got] == [(200, True)] * 3


def test_a_closing_form_that_is_not_complete_is_a_422_with_what_is_missing(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    response = press(as_(scene.first), "close", alert)
    assert response.status_code == 422
    assert "Choose how it ended." in response.json()["message"]


def test_closing_twice_with_one_key_closes_once(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    fields = {"press": str(uuid4()), "outcome": "dissuaded", "spoken_to": "resident", "level": "high"}
    fields |= {f"{confirmation}_how": "done" for confirmation in ("phone", "door", "family")}
    client = as_(scene.first)
    answers = [press(client, "close", alert, **fields) for _time in range(2)]
    assert [answer.json()["message"] for answer in answers] == ["Closed: Dissuaded in time."] * 2
    assert [entry.kind for entry in alert.timeline.all()].count("closed") == 1


def test_a_press_of_somebody_else_on_the_same_phone_is_not_carried_out_as_mine(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    response = press(as_(scene.first), "accept", alert, pressed_by=scene.second.pk)
    alert.refresh_from_db()
    assert (response.status_code, alert.state) == (409, State.DISPATCHED)
    assert not Press.objects.exists()


def test_an_alert_that_one_may_not_see_is_a_404_and_leaves_no_press(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    assert press(as_(make_scene(4).leader), "accept", alert).status_code in {403, 404}
    assert not Press.objects.exists()


def test_an_ended_session_leads_to_the_log_in_and_carries_nothing_out(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    response = press(Client(), "accept", alert)
    assert (response.status_code, Press.objects.count()) == (302, 0)
    assert response["Location"].startswith(reverse("accounts:login"))


def test_what_a_phone_asks_before_sending_names_who_is_logged_in(scene: Scene) -> None:
    client = as_(scene.first)
    told = client.get(reverse("accounts:presses")).json()
    assert told["user"] == scene.first.pk
    assert told["token"]


def test_a_closed_alert_says_when_it_was_closed(scene: Scene) -> None:
    now = database_now()
    alert = scene.accepted(at=now)
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.leader, now=now)
    response = press(as_(scene.first), "deed", alert, deed="phone_confirmed")
    assert response.status_code == 409
    assert "was closed at" in response.json()["message"]
    assert len(lines(alert)) == alert.timeline.count()
