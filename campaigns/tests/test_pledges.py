"""Pledges on the screen: signed with ink, kept with their text."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now
from accounts.pictures import has_ink
from accounts.roles import Role
from campaigns.models import Pledge
from campaigns.policy import Form
from campaigns.tests.factories import EventFactory
from campaigns.tests.pictures import signature
from knowledge.models import Text
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def client(place):
    client = Client()
    client.force_login(make_staff(Role.OUTREACH_WORKER, place.community, language="en"))
    return client


@pytest.fixture
def event(place):
    now = database_now()
    return EventFactory(area=place.community, form=Form.PLEDGE, starts_at=now - timedelta(hours=1), ends_at=now)


@pytest.fixture
def words(place):
    text, _is_new = Text.objects.update_or_create(
        key="pledge",
        community_code=place.community.code,
        defaults={"title_zh": "反诈承诺书", "body_zh": "不轻信。\n不转账。"},
    )
    return text


def sign(client, event, **fields):
    fields = {"name": "慕容居民", "signature": signature(), **fields}
    return client.post(reverse("campaigns:sign_pledge", args=[event.pk]), fields)


def test_a_pledge_keeps_its_text_as_it_was_signed(client, event, words, place):
    resident = ResidentFactory(grid=place.grid, name="慕容居民")
    assert sign(client, event, resident=resident.pk).status_code == 302
    Text.objects.filter(pk=words.pk).update(body_zh="另一种写法")
    pledge = Pledge.objects.get()
    assert (pledge.title, pledge.words, pledge.resident, pledge.area) == (
        "反诈承诺书",
        "不轻信。\n不转账。",
        resident,
        place.grid,
    )
    shown = client.get(reverse("campaigns:pledge", args=[pledge.pk])).content.decode()
    assert "不轻信。" in shown
    assert client.get(reverse("campaigns:signature", args=[pledge.pk]))["Content-Type"] == "image/jpeg"


DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize(
    "drawn",
    [
        "",
        signature(is_empty=True),
        DOT,
        "data:image/png;base64,!!!",
        "data:text/html;base64,PGI+",
        "data:image/png;base64," + "A" * 2_200_000,
    ],
)
def test_an_empty_signature_is_refused_and_the_name_is_kept(client, event, words, drawn):
    response = sign(client, event, signature=drawn)
    assert response.status_code == 200
    shown = response.content.decode()
    assert "Nobody has signed yet" in shown
    assert "慕容居民" in shown
    assert not Pledge.objects.exists()


def test_ink_is_counted_on_white_and_on_a_see_through_ground_alike():
    drawn = base64.b64decode(signature().partition(",")[2])
    assert has_ink(drawn)
    assert not has_ink(base64.b64decode(signature(is_empty=True).partition(",")[2]))


def test_a_resident_whom_one_may_not_see_is_not_named(client, event, words):
    stranger = ResidentFactory(grid=make_community(4).grid, name="外来居民")
    shown = client.get(reverse("campaigns:sign_pledge", args=[event.pk]), {"resident": stranger.pk}).content.decode()
    assert stranger.name not in shown
    sign(client, event, resident=stranger.pk)
    assert Pledge.objects.get().resident is None


def test_a_pledge_is_read_by_those_alone_who_may_know_the_name(client, event, words, place):
    resident = ResidentFactory(grid=place.grid)
    sign(client, event, resident=resident.pk)
    url = reverse("campaigns:pledge", args=[Pledge.objects.get().pk])
    other = Client()
    other.force_login(make_staff(Role.GRID_LEADER, place.grids[1]))
    assert other.get(url).status_code == 404
    own = Client()
    own.force_login(make_staff(Role.GRID_LEADER, place.grid))
    assert own.get(url).status_code == 200
