"""Signing in at an event: open to everybody, and telling nothing of anybody."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now
from accounts.roles import Role
from campaigns import services
from campaigns.models import Reach, Rule, SignIn, Touch
from campaigns.policy import EventState, RuleName, TouchSource
from campaigns.services import OutreachError
from campaigns.tests.factories import EventFactory
from campaigns.views.patience import MOST_FROM_AN_ADDRESS
from residents.services import apply_retention
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _alone():
    cache.clear()
    with translation.override("en"):
        yield
    cache.clear()


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, language="en")


@pytest.fixture
def event(place, worker):
    now = database_now()
    event = EventFactory(
        area=place.community, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), created_by=worker
    )
    return services.open_sign_in(event, by=worker, now=now)


@pytest.fixture
def elder(place):
    return ResidentFactory(grid=place.grid, name="慕容居民", phone="19900000017")


def url(event) -> str:
    return reverse("campaigns:sign_in", args=[event.sign_in_key])


def sign_in(event, name: str, phone: str, **fields):
    return Client().post(url(event), {"name": name, "phone": phone, **fields}, headers={"Accept-Language": "en"})


@pytest.mark.parametrize("phone", ["0017", "19900000017", "+86 199-0000-0017", "００１７"])
def test_a_visitor_whom_the_roster_knows_is_touched_in_silence(event, elder, phone):
    assert sign_in(event, " 慕容 居民 ", phone).status_code == 302
    touch = Touch.objects.get()
    assert (touch.resident, touch.source, touch.by) == (elder, TouchSource.SIGN_IN, None)
    assert Reach.objects.get().on_site_on is not None


def test_the_answer_is_the_same_whether_or_not_the_roster_knows_the_visitor(event, elder):
    known, unknown = sign_in(event, elder.name, "0017"), sign_in(event, "无名氏", "0099")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    thanks = Client().get(known["Location"]).content.decode()
    assert elder.name not in thanks
    assert Client().get(url(event)).content.decode().count(elder.name) == 0


def test_the_same_visitor_twice_counts_once(event, elder):
    for phone in ("0017", "19900000017", "0017"):
        sign_in(event, elder.name, phone)
        sign_in(event, "无名氏", phone)
    assert (SignIn.objects.count(), Touch.objects.count()) == (2, 1)


def test_of_two_with_the_same_name_and_number_it_is_neither(event, place, elder):
    ResidentFactory(grid=place.grid, name=elder.name, phone="13800000017")
    sign_in(event, elder.name, "0017")
    assert (Touch.objects.count(), SignIn.objects.get().resident) == (0, None)


def test_who_lives_in_another_community_is_a_visitor_like_any(event):
    stranger = ResidentFactory(grid=make_community(4).grid, name="外来居民", phone="19900000044")
    sign_in(event, stranger.name, "0044")
    assert not Touch.objects.exists()


@pytest.mark.parametrize(
    ("name", "phone"), [("", "0017"), ("慕容居民", ""), ("慕容居民", "17"), ("慕容居民", "abcd"), ("x" * 70, "0017")]
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(event, elder, name, phone):
    response = sign_in(event, name, phone)
    assert response.status_code == 200
    assert all(text in response.content.decode() for text in (name, phone))
    assert not SignIn.objects.exists()


def test_a_machine_is_thanked_and_not_written_down(event):
    assert sign_in(event, "无名氏", "0099", website="http://example.org").status_code == 302
    assert not SignIn.objects.exists()


def test_who_presses_without_end_is_asked_to_wait(event):
    answers = [sign_in(event, "无名氏", "0099").status_code for _time in range(MOST_FROM_AN_ADDRESS + 1)]
    assert answers == [302] * MOST_FROM_AN_ADDRESS + [429]
    assert "Wait a minute" in sign_in(event, "无名氏", "0099").content.decode()


def test_the_page_shuts_two_hours_after_the_end_and_when_somebody_shuts_it(event, worker):
    key = url(event)
    event.ends_at = database_now() - timedelta(hours=2, minutes=1)
    event.starts_at = event.ends_at - timedelta(hours=1)
    event.save()
    assert Client().get(key).status_code == 404
    event.ends_at = database_now()
    event.save()
    assert Client().get(key).status_code == 200
    services.shut_sign_in(event, by=worker, now=database_now())
    assert Client().get(key).status_code == 404


def test_a_cancelled_event_has_no_page(event):
    event.state = EventState.CANCELLED
    event.save()
    assert Client().get(url(event)).status_code == 404
    with pytest.raises(OutreachError):
        services.open_sign_in(event, by=event.created_by, now=database_now())


def test_the_sheet_shows_the_code_and_how_many_are_here(event, worker):
    client = Client()
    client.force_login(worker)
    sign_in(event, "无名氏", "0099")
    shown = client.get(reverse("campaigns:sign_in_sheet", args=[event.pk])).content.decode()
    assert f"http://testserver{url(event)}" in shown
    assert "<strong>1</strong>" in shown
    client.post(reverse("campaigns:open_sign_in", args=[event.pk]), {"shut": "1"})
    assert Client().get(url(event)).status_code == 404


def test_what_visitors_typed_is_let_go_of_after_the_rule_s_days_and_the_count_stays(event, elder):
    now = database_now()
    for name, phone in ((elder.name, "0017"), ("无名氏", "0099")):
        services.sign_in(event, name=name, phone=phone, now=now)
    Rule.objects.create(name=RuleName.KEEP_SIGN_INS_DAYS, number=10)
    emptied = [apply_retention(now=now + timedelta(days=days)).beside["sign_ins"] for days in (9, 12, 13)]
    assert emptied == [0, 2, 0]
    assert list(event.sign_ins.values_list("name", "resident")) == [("", elder.pk), ("", None)]
    assert all(one.phone == "" for one in event.sign_ins.all())
    assert Touch.objects.count() == 1
