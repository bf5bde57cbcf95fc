"""The administration of people: masked, and in the trail."""

import pytest

from accounts.clock import database_now
from accounts.models import AuditEntry, User
from accounts.services import record
from accounts.tests.factories import AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"


@pytest.fixture
def boss(client):
    administrator = AdministratorFactory(username="boss")
    client.force_login(administrator)
    return administrator


def test_the_list_shows_phone_numbers_masked(client, boss) -> None:
    UserFactory(phone="19900000017")
    page = client.get(LIST).content.decode()
    assert "199****0017" in page
    assert "19900000017" not in page


def test_a_person_is_found_by_the_whole_phone_number(client, boss) -> None:
    UserFactory(username="wanted", phone="19900000017")
    UserFactory(username="another")
    page = client.get(LIST, {"q": "199 0000 0017"}).content.decode()
    assert "wanted" in page
    assert "another" not in page


def test_a_person_is_found_by_name(client, boss) -> None:
    UserFactory(username="wanted", name="李芳雨")
    assert "wanted" in client.get(LIST, {"q": "芳雨"}).content.decode()


def test_adding_and_changing_a_person_leaves_a_line_each_without_the_phone_number(client, boss) -> None:
    new = {
        "username": "new",
        "name": "新人",
        "phone": "199 0000 0017",
        "usable_password": "true",
        "password1": "a long password 1",
        "password2": "a long password 1",
    }
    assert client.post(f"{LIST}add/", new).status_code == 302
    user = User.objects.get(username="new")
    assert user.phone == "19900000017"
    changed = {
        "username": "new",
        "name": "新人",
        "phone": "19900000018",
        "language": "en",
        "theme": "auto",
        "text_size": "normal",
        "channel_order": "[]",
        "is_active": "on",
    }
    assert client.post(f"{LIST}{user.pk}/change/", changed).status_code == 302
    entries = list(AuditEntry.objects.about(user).order_by("pk"))
    assert [entry.verb for entry in entries] == ["accounts.user_added", "accounts.user_changed"]
    assert all(entry.actor == boss and entry.from_where for entry in entries)
    assert "1990000" not in str([entry.detail for entry in entries])


def test_a_wrong_or_taken_phone_number_is_refused_beside_its_field(client, boss) -> None:
    UserFactory(phone="19900000017")
    user = UserFactory(phone="19900000018")
    form = {"username": user.username, "name": "x", "language": "en", "theme": "auto", "text_size": "normal"}
    form["channel_order"] = "[]"
    for phone in ("123", "199-0000-0017"):
        answer = client.post(f"{LIST}{user.pk}/change/", form | {"phone": phone})
        assert answer.status_code == 200
        assert "phone" in answer.context["adminform"].form.errors


def test_nobody_is_deleted(client, boss) -> None:
    user = UserFactory()
    assert client.post(f"{LIST}{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


def test_the_trail_can_be_read_and_nothing_else(client, boss) -> None:
    entry = record("accounts.tried", by=boss, at=database_now(), about=boss)
    trail = "/admin/accounts/auditentry/"
    assert "accounts.tried" in client.get(trail).content.decode()
    assert client.get(f"{trail}{entry.pk}/change/").status_code == 200
    assert client.post(f"{trail}{entry.pk}/change/", {"verb": "other"}).status_code == 403
    assert client.post(f"{trail}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{trail}add/").status_code == 403
