"""Coming in: by username or by phone number, and what the trail keeps of it."""

import pytest
from django.contrib.auth import authenticate
from django.test import RequestFactory

from accounts.models import AuditEntry
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "a password of the tests"


@pytest.fixture
def person():
    return UserFactory(username="desk.one", phone="19900000017", password=PASSWORD)


def came_from(address: str = "127.0.0.9"):
    return RequestFactory().post("/", REMOTE_ADDR=address)


@pytest.mark.parametrize(
    "typed",
    [
        "desk.one",
        " desk.one ",
        "19900000017",
        "199 0000 0017",
        "199-0000-0017",
        "１９９００００００１７",
        "+86 199 0000 0017",
    ],
)
def test_a_person_comes_in_by_username_or_by_phone_number_however_typed(person, typed: str) -> None:
    assert authenticate(came_from(), username=typed, password=PASSWORD) == person


@pytest.mark.parametrize("typed", ["desk.two", "19900000018", "", "   ", "+86"])
def test_an_unknown_name_does_not_come_in(person, typed: str) -> None:
    assert authenticate(came_from(), username=typed, password=PASSWORD) is None


def test_a_wrong_password_does_not_come_in(person) -> None:
    assert authenticate(came_from(), username="desk.one", password="another") is None


def test_somebody_no_longer_active_does_not_come_in(person) -> None:
    person.is_active = False
    person.save()
    assert authenticate(came_from(), username="desk.one", password=PASSWORD) is None


def test_somebody_without_a_password_does_not_come_in() -> None:
    UserFactory(username="new")
    assert authenticate(came_from(), username="new", password="") is None
    assert authenticate(came_from(), username="new", password="!") is None


def test_a_username_of_digits_goes_before_the_phone_number_of_another(person) -> None:
    named_so = UserFactory(username="19900000017", phone="", password=PASSWORD)
    assert authenticate(came_from(), username="19900000017", password=PASSWORD) == named_so


def test_coming_in_leaves_one_line_in_the_trail(person) -> None:
    authenticate(came_from(), username="desk.one", password=PASSWORD)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.from_where) == ("accounts.logged_in", person, "127.0.0.9")


def test_failing_to_come_in_leaves_one_line_that_names_no_password(person) -> None:
    authenticate(came_from(), username="desk.one", password="the wrong secret")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.object_id) == ("accounts.log_in_failed", None, str(person.pk))
    assert "the wrong secret" not in str(entry.detail)


def test_a_password_typed_in_the_place_of_the_name_is_not_kept_whole(person) -> None:
    authenticate(came_from(), username=PASSWORD, password="x")
    assert PASSWORD not in str(AuditEntry.objects.get().detail)


def test_a_name_of_any_length_is_borne(person) -> None:
    assert authenticate(came_from(), username="长" * 100_000, password="x") is None
    assert authenticate(came_from(), username="a\x00b", password="x") is None


def test_the_administration_has_no_door_of_its_own(client, person) -> None:
    answer = client.post("/admin/login/?next=/admin/", {"username": "desk.one", "password": PASSWORD})
    assert answer["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert not AuditEntry.objects.exists()
