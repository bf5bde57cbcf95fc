"""A screen with nothing new costs one statement; a mark is good for nobody else, nowhere else and not for long."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.clock import database_now
from accounts.tests.factories import AdministratorFactory
from alerts import services
from alerts.models import Alert, Heartbeat
from alerts.screens import watching
from alerts.screens.watching import Watch, look_at, minute_of
from alerts.tests.factories import EXCUSED, Scene, ending, make_alert, make_scene

pytestmark = pytest.mark.django_db

PAGES = {"officer": "alerts:desk", "first": "alerts:tasks", "leader": "alerts:calls"}


@pytest.fixture
def scene(monkeypatch) -> Scene:
    # A minute that ends in the middle of a test would paint every screen anew.
    monkeypatch.setattr(watching, "STALE", timedelta(days=100_000))
    return make_scene()


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, page: str, mark: str = ""):
    return client.get(reverse(page), headers={"HX-Request": "true", "If-None-Match": mark})


@pytest.mark.parametrize(("who", "page"), PAGES.items())
def test_nothing_new_is_said_in_one_statement(scene, who, page) -> None:
    scene.dispatched(at=database_now())
    client = as_(getattr(scene, who))
    mark = ask(client, page)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, page, mark)
    assert answer.status_code == 304
    assert len(queries) == 1
    assert answer["ETag"] == mark
    assert abs(int(answer["X-Server-Now"]) / 1000 - database_now().timestamp()) < 60


@pytest.mark.parametrize(("who", "page"), PAGES.items())
def test_an_administrator_who_sees_all_is_answered_alike(scene, who, page) -> None:
    make_alert(at=database_now(), grid=scene.grid)
    client = as_(AdministratorFactory())
    mark = ask(client, page)["ETag"]
    assert ask(client, page, mark).status_code == 304
    make_alert(at=database_now(), grid=make_scene(7).grid)
    assert ask(client, page, mark).status_code == (200 if page != "alerts:tasks" else 304)


def test_everything_that_changes_a_screen_changes_its_mark(scene) -> None:
    desk, phone = as_(scene.officer), as_(scene.first)
    marks = {"alerts:desk": ask(desk, "alerts:desk")["ETag"], "alerts:tasks": ask(phone, "alerts:tasks")["ETag"]}

    def changes(*pages: str) -> None:
        for page, client in (("alerts:desk", desk), ("alerts:tasks", phone)):
            answer = ask(client, page, marks[page])
            assert answer.status_code == (200 if page in pages else 304), page
            marks[page] = answer["ETag"]
        for page, client in (("alerts:desk", desk), ("alerts:tasks", phone)):
            assert ask(client, page, marks[page]).status_code == 304, page

    alert = make_alert(at=database_now(), grid=scene.grid)
    changes("alerts:desk")
    services.dispatch_alert(alert, by=scene.officer, now=database_now())
    changes("alerts:desk", "alerts:tasks")
    services.accept_alert(Alert.objects.get(pk=alert.pk), by=scene.first, now=database_now())
    changes("alerts:desk", "alerts:tasks")
    services.mark_busy(scene.second, now=database_now())
    changes("alerts:desk")
    services.mark_busy(scene.first, now=database_now())
    changes("alerts:desk", "alerts:tasks")
    services.close_alert(
        Alert.objects.get(pk=alert.pk), ending=ending(excuses=EXCUSED), by=scene.first, now=database_now()
    )
    changes("alerts:desk", "alerts:tasks")
    elsewhere = make_scene(7)
    make_alert(at=database_now(), grid=elsewhere.grid)
    changes()
    services.mark_busy(elsewhere.first, now=database_now())
    changes()


def test_a_thousand_screens_do_not_grow_stale_together() -> None:
    people = range(1, 1001)
    begin = datetime(2026, 4, 2, 6, 0, tzinfo=UTC)
    minutes = [[minute_of(one, now=begin + timedelta(seconds=n)) for one in people] for n in range(61)]
    anew = [sum(a != b for a, b in zip(then, now, strict=True)) for then, now in pairwise(minutes)]
    assert sum(anew) == len(people)  # within a minute each of them once
    assert max(anew) <= 17


def test_an_ended_alert_leaves_the_board_after_its_hour(scene) -> None:
    alert = make_alert(at=database_now(), grid=scene.grid)
    services.void_alert(alert, reason="误报", by=scene.officer, now=database_now())
    desk = as_(scene.officer)
    mark = ask(desk, "alerts:desk")["ETag"]
    Alert.objects.update(closed_at=F("closed_at") - timedelta(hours=1, minutes=1))
    assert ask(desk, "alerts:desk", mark).status_code == 200


def test_a_clock_that_stands_is_said_at_once(scene) -> None:
    Heartbeat.objects.create(guard="celery", at=database_now())
    desk = as_(scene.officer)
    mark = ask(desk, "alerts:desk")["ETag"]
    assert ask(desk, "alerts:desk", mark).status_code == 304
    Heartbeat.objects.update(at=F("at") - timedelta(seconds=10))
    assert ask(desk, "alerts:desk", mark).status_code == 200
    # Put back since: what it says of a time that has not come is no sign of life either.
    Heartbeat.objects.update(at=F("at") + timedelta(minutes=5))
    assert ask(desk, "alerts:desk", mark).status_code == 200


def test_who_is_logged_out_or_no_longer_active_is_not_told_that_nothing_is_new(scene) -> None:
    desk = as_(scene.officer)
    mark = ask(desk, "alerts:desk")["ETag"]
    scene.officer.is_active = False
    scene.officer.save()
    assert ask(desk, "alerts:desk", mark).status_code == 302
    scene.officer.is_active = True
    scene.officer.save()
    assert ask(desk, "alerts:desk", mark).status_code == 304
    Session.objects.update(expire_date=F("expire_date") - timedelta(days=30))
    assert ask(desk, "alerts:desk", mark).status_code == 302
    Session.objects.all().delete()
    assert ask(desk, "alerts:desk", mark).status_code == 302


def test_a_mark_is_good_for_one_session_and_one_page(scene) -> None:
    mine, again = as_(scene.officer), as_(scene.officer)
    mark = ask(mine, "alerts:desk")["ETag"]
    assert ask(again, "alerts:desk", mark).status_code == 200
    assert ask(mine, "alerts:calls", mark).status_code == 200
    assert ask(mine, "alerts:desk", f'{mark[:-3]}xx"').status_code == 200
    assert ask(Client(), "alerts:desk", mark).status_code == 302


@pytest.mark.parametrize("mark", ['"', '""', 'W/"x:y"', "*", '"' + "a" * 5000 + '"', '"eyJ9:é"'])
def test_a_strange_mark_is_no_mark(scene, mark) -> None:
    assert ask(as_(scene.officer), "alerts:desk", mark).status_code == 200


def test_each_screen_watches_what_it_shows(scene) -> None:
    """The one statement and the page's own queryset must never disagree about whose alerts these are."""
    make_alert(at=database_now(), grid=scene.grid)
    mine = scene.dispatched(at=database_now())
    elsewhere = make_scene(7)
    elsewhere.dispatched(at=database_now())
    desk = Watch.of("desk", scene.officer, areas=(scene.place.community.code,))
    assert set(desk.alerts()) == set(Alert.objects.visible_to(scene.officer, on=database_now().date()))
    assert list(Watch.of("tasks", scene.first).alerts()) == [mine]
    assert (
        look_at(desk).stamp != look_at(Watch.of("desk", scene.officer, areas=(elsewhere.place.community.code,))).stamp
    )
