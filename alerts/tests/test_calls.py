"""What waits for somebody is said on every page; nobody misses an alert because they were reading something else."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from alerts import services
from alerts.models import Alert
from alerts.tests.factories import Scene, make_alert, make_scene, receive, sweep

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def strip(user, *, but: int = 0) -> str:
    return as_(user).get(reverse("alerts:calls"), {"but": but}, **HTMX).content.decode()


def dispatched(scene: Scene) -> Alert:
    alert = make_alert(at=database_now(), grid=scene.grid)
    services.dispatch_alert(alert, by=scene.officer, now=database_now())
    return Alert.objects.get(pk=alert.pk)


def test_a_new_alert_calls_its_desk_on_every_page_but_the_desk(scene) -> None:
    client = as_(scene.officer)
    assert 'class="waits ' not in client.get(reverse("alerts:list")).content.decode()
    alert = make_alert(at=database_now(), grid=scene.grid)
    for page in ("alerts:list", "alerts:readiness", "accounts:profile", "notifications:inbox"):
        assert f'id="call-{alert.pk}"' in client.get(reverse(page)).content.decode(), page
    assert 'id="strip"' not in client.get(reverse("alerts:desk")).content.decode()


def test_who_is_to_accept_is_called_and_nobody_else_of_the_grid(scene) -> None:
    alert = dispatched(scene)
    assert alert.holder == scene.first
    assert "to accept" in strip(scene.first)
    assert "call-" not in strip(scene.second)
    assert "call-" not in strip(scene.officer)


def test_an_alert_that_is_accepted_calls_nobody_any_more(scene) -> None:
    alert = dispatched(scene)
    services.accept_alert(alert, by=scene.first, now=database_now())
    assert "call-" not in strip(scene.first)


def test_the_page_of_an_alert_is_not_called_to_itself(scene) -> None:
    alert = dispatched(scene)
    page = as_(scene.first).get(reverse("alerts:detail", args=[alert.pk])).content.decode()
    assert f'{reverse("alerts:calls")}?but={alert.pk}"' in page
    assert f'id="call-{alert.pk}"' not in page
    assert "call-" not in strip(scene.first, but=alert.pk)


def test_of_several_the_most_pressing_is_written_out_and_all_are_counted(scene) -> None:
    low = receive(at=database_now(), area_code=scene.grid.code, level="low").alert
    high = receive(at=database_now(), area_code=scene.grid.code, level="high").alert
    drawn = strip(scene.officer)
    assert f'class="waits waits-high" id="call-{high.pk}"' in drawn
    assert f'id="call-{low.pk}" data-waiting' in drawn
    assert '<span class="count">2</span>' in drawn


def test_another_communitys_alert_calls_nobody_here(scene) -> None:
    elsewhere = make_scene(7)
    make_alert(at=database_now(), grid=elsewhere.grid)
    assert "call-" in strip(elsewhere.officer)
    assert "call-" not in strip(scene.officer)


def test_nothing_new_is_not_drawn_again(scene) -> None:
    client = as_(scene.officer)
    make_alert(at=database_now(), grid=scene.grid)
    url = reverse("alerts:calls")
    first = client.get(url, **HTMX)
    assert client.get(url, HTTP_IF_NONE_MATCH=first["ETag"], **HTMX).status_code == 304
    make_alert(at=database_now(), grid=scene.grid)
    assert client.get(url, HTTP_IF_NONE_MATCH=first["ETag"], **HTMX).status_code == 200


def test_names_are_masked_in_the_strip(scene) -> None:
    receive(at=database_now(), area_code=scene.grid.code, name="周秀兰", phone="19900008765")
    drawn = strip(scene.officer)
    assert "周" in drawn
    assert "周秀兰" not in drawn
    assert "19900008765" not in drawn


@pytest.mark.parametrize("but", ["", "x", "-1", "9" * 40, "²"])
def test_a_strange_address_answers_all_the_same(scene, but) -> None:
    assert as_(scene.officer).get(reverse("alerts:calls"), {"but": but}, **HTMX).status_code == 200


def test_opened_as_a_page_it_leads_home(scene) -> None:
    assert as_(scene.officer).get(reverse("alerts:calls")).status_code == 302


def test_who_is_called_for_nothing_has_no_strip(scene) -> None:
    sweep(database_now())
    page = as_(scene.supervisor).get(reverse("alerts:list")).content.decode()
    assert 'id="strip"' not in page
