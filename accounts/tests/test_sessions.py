"""Where somebody is logged in, and who was away for long."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import middleware
from accounts.clock import machine_now
from accounts.models import AuditEntry, RolePolicy, Sitting, User
from accounts.models.guarding import ADMINISTRATOR
from accounts.sessions import TOUCHED_EVERY, kept_key
from accounts.tests.factories import AdministratorFactory, UserFactory
from accounts.views import door


@pytest.fixture(autouse=True)
def in_english(settings):
    """What pages and refusals say is asked for by the words of the source."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


pytestmark = pytest.mark.django_db
PASSWORD = "a long enough word"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15; HarmonyOS; ABC) AppleWebKit/537.36 Chrome/138.0 HuaweiBrowser/16 Mobile"
PROFILE = {"language": "en", "theme": "dark", "text_size": "normal"}


@pytest.fixture
def user() -> User:
    RolePolicy.objects.filter(role=ADMINISTRATOR).update(idle_minutes=30, desk_minutes=720)
    made: User = AdministratorFactory(username="wang", password=PASSWORD)
    return made


def come_in(agent: str = EDGE, place: str = "203.0.113.7") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=place)
    assert client.post(reverse("accounts:login"), {"username": "wang", "password": PASSWORD}).status_code == 302
    return client


def test_the_database_keeps_no_session_that_a_thief_of_it_could_use(user: User) -> None:
    client = come_in()
    cookie = client.cookies["sessionid"].value
    assert not Session.objects.filter(session_key=cookie).exists()
    assert Session.objects.filter(session_key=kept_key(cookie)).exists()
    thief = Client()
    thief.cookies["sessionid"] = kept_key(cookie)
    assert thief.get(reverse("accounts:profile")).status_code == 302


def test_ones_own_sessions_are_listed_in_words_and_ended_there(user: User) -> None:
    here, there = come_in(), come_in(PHONE, "198.51.100.3")
    page = here.get(reverse("accounts:security")).content.decode()
    assert "Edge · Windows" in page
    assert "Huawei Browser · HarmonyOS" in page
    assert "198.51.100.3" in page
    elsewhere = Sitting.objects.get(device="Huawei Browser · HarmonyOS")
    here.post(reverse("accounts:end_sitting", args=[elsewhere.pk]))
    assert there.get(reverse("accounts:profile")).status_code == 302
    assert here.get(reverse("accounts:profile")).status_code == 200
    assert AuditEntry.objects.filter(verb="accounts.sessions_ended", actor=user).count() == 1


def test_nobody_ends_anothers_session(user: User) -> None:
    come_in()
    stranger = Client()
    stranger.force_login(UserFactory())
    assert stranger.post(reverse("accounts:end_sitting", args=[Sitting.objects.get().pk])).status_code == 404


def test_a_changed_password_ends_every_other_session_and_keeps_this_one(user: User) -> None:
    here, there = come_in(), come_in(PHONE)
    new = "another long word"
    here.post(reverse("accounts:password"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert there.get(reverse("accounts:profile")).status_code == 302
    assert "this device" in here.get(reverse("accounts:security")).content.decode()
    assert Sitting.objects.count() == Session.objects.filter(session_key=Sitting.objects.get().session_key).count() == 1


def test_a_page_costs_no_query_more_for_being_guarded(user: User, django_assert_num_queries) -> None:
    guarded, bare = come_in(), Client()
    bare.force_login(user)
    for client in (guarded, bare):
        with django_assert_num_queries(2):  # the session, the person
            client.get(reverse("accounts:awake"))


# Away for long


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Let some minutes pass on the machine's clock, for the guard and its views."""

    def passes(**time: float) -> None:
        moment = machine_now() + timedelta(**time)
        for module in (middleware, door):
            monkeypatch.setattr(module, "machine_now", lambda: moment)

    return passes


def test_who_was_away_is_asked_for_the_password_and_goes_on_where_they_were(user: User, later) -> None:
    client = come_in()
    later(minutes=29)
    assert client.get(reverse("accounts:profile")).status_code == 200
    later(minutes=58)
    assert client.get(reverse("accounts:profile")).status_code == 200  # a press counts anew
    later(minutes=89)
    asked = client.get(f"{reverse('accounts:profile')}?x=1")
    assert asked["Location"] == f"{reverse('accounts:again')}?next=%2Faccounts%2Fprofile%2F%3Fx%3D1"
    wrong = client.post(reverse("accounts:again"), {"password": "wrong", "next": "/accounts/profile/"})
    assert "This is not your password" in wrong.content.decode()
    assert client.get(reverse("accounts:profile")).status_code == 302
    back = client.post(reverse("accounts:again"), {"password": PASSWORD, "next": "/accounts/profile/"})
    assert back["Location"] == "/accounts/profile/"
    assert client.get(reverse("accounts:profile")).status_code == 200


def hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {unescape(name): unescape(value) for name, value in fields}


def test_a_form_that_arrives_from_somebody_away_is_carried_over_and_sent(user: User, later) -> None:
    client = come_in()
    later(minutes=31)
    asked = client.post(reverse("accounts:profile"), PROFILE)
    page = asked.content.decode()
    assert "Nothing that you typed is lost" in page
    user.refresh_from_db()
    assert user.theme == "auto"
    again = client.post(reverse("accounts:again"), {"password": "wrong"} | hidden(page)).content.decode()
    sent_on = client.post(reverse("accounts:again"), {"password": PASSWORD} | hidden(again)).content.decode()
    assert "data-send-on" in sent_on
    assert f'action="{reverse("accounts:profile")}"' in sent_on
    client.post(reverse("accounts:profile"), hidden(sent_on))
    user.refresh_from_db()
    assert user.theme == "dark"


def test_a_form_that_arrives_after_the_session_ended_is_carried_over_the_log_in(user: User) -> None:
    client = come_in()
    Session.objects.all().delete()
    page = client.post(reverse("accounts:profile"), PROFILE).content.decode()
    assert "Your session has ended" in page
    typed = {"username": "wang", "password": PASSWORD}
    sent_on = client.post(reverse("accounts:login"), typed | hidden(page)).content.decode()
    assert "data-send-on" not in sent_on  # it may be somebody else: they press themselves
    client.post(reverse("accounts:profile"), hidden(sent_on))
    user.refresh_from_db()
    assert user.theme == "dark"


def test_nothing_is_carried_to_another_host(user: User) -> None:
    data = {"username": "wang", "password": PASSWORD, "kept": "a=1", "kept_path": "//evil.example/"}
    assert Client().post(reverse("accounts:login"), data)["Location"] == "/"


def test_a_script_is_told_how_long_and_typing_keeps_awake(user: User, later) -> None:
    client = come_in()
    assert 29 * 60 <= client.get(reverse("accounts:awake")).json()["left"] <= 30 * 60
    later(minutes=20)
    assert client.get(reverse("accounts:awake")).json()["left"] <= 10 * 60
    assert client.post(reverse("accounts:awake")).json()["left"] == 30 * 60
    later(minutes=40)
    assert client.post(reverse("accounts:awake")).json()["left"] > 0
    later(minutes=90)
    assert client.post(reverse("accounts:awake")).json()["left"] <= 0
    refused = client.post(reverse("accounts:again"), {"password": "x"}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["ok"]) == (422, False)
    back = client.post(reverse("accounts:again"), {"password": PASSWORD}, headers={"accept": "application/json"})
    assert back.json() == {"ok": True}


def test_a_screen_that_asks_by_itself_keeps_nobody_awake(user: User, later) -> None:
    client = come_in()
    later(minutes=20)
    client.get(reverse("accounts:profile"), headers={"hx-request": "true"})
    later(minutes=31)
    assert client.get(reverse("accounts:profile")).status_code == 302


def test_the_desk_stands_open_through_a_shift(user: User, later) -> None:
    client = come_in()
    client.get(reverse("alerts:desk"))
    later(minutes=700)
    assert client.get(reverse("accounts:profile")).status_code == 200
    later(minutes=700 + 721)
    assert client.get(reverse("accounts:profile")).status_code == 302


def test_who_holds_no_post_with_a_limit_is_never_asked(later) -> None:
    RolePolicy.objects.all().delete()
    UserFactory(username="wang", password=PASSWORD)
    client = come_in(PHONE)
    later(hours=11)
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert client.get(reverse("accounts:awake")).json() == {"left": None}


def test_a_session_in_use_is_written_once_a_minute_at_most(user: User, later) -> None:
    client = come_in()
    before = Session.objects.get().session_data
    later(seconds=TOUCHED_EVERY - 5)
    client.get(reverse("accounts:profile"))
    assert Session.objects.get().session_data == before
    later(seconds=TOUCHED_EVERY + 5)
    client.get(reverse("accounts:profile"))
    assert Session.objects.get().session_data != before


def test_a_session_ends_after_a_shift_whatever_is_pressed(user: User, later) -> None:
    client = come_in()
    ends_at = Session.objects.get().expire_date
    later(minutes=20)
    client.get(reverse("accounts:profile"))
    assert Session.objects.get().expire_date == ends_at
