"""Who guesses at passwords waits; who works here does not."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry, Brake, User
from accounts.policy import FORGOTTEN_AFTER, PATIENCE, Against
from accounts.services import Attempt, TooSoonError, count_attempt, forget_failures, let_go_of_guards
from accounts.tests.factories import UserFactory

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.{}"
PASSWORD = "a long enough word"


@given(st.sampled_from(Against), st.integers(0, 10_000))
def test_a_further_failure_never_shortens_the_wait_and_none_is_for_ever(against: Against, failures: int) -> None:
    patience = PATIENCE[against]
    assert patience.wait_after(failures) <= patience.wait_after(failures + 1) <= patience.longest
    assert (patience.wait_after(failures) == timedelta()) == (failures <= patience.free)


def fail(attempt: Attempt, times: int, *, at: datetime = NOW) -> datetime | None:
    """Fail so often, each time as soon as one may; return until when the next waits."""
    until: datetime | None = None
    for _time in range(times):
        until = count_attempt(attempt, now=max(at, until or at))
    return until


@pytest.fixture
def user() -> User:
    made: User = UserFactory(username="wang", password=PASSWORD)
    return made


@pytest.mark.django_db
def test_the_waits_grow_and_end(user: User) -> None:
    attempt = Attempt.of("wang", user=user, place=OFFICE)
    assert fail(attempt, 5) is None
    first = fail(attempt, 1)
    assert first == NOW + timedelta(seconds=30)
    with pytest.raises(TooSoonError) as refused:
        count_attempt(attempt, now=first - timedelta(seconds=1))
    assert refused.value.until == first
    second = count_attempt(attempt, now=first)
    assert second == first + timedelta(minutes=1)
    assert fail(attempt, 20, at=second) <= second + 20 * timedelta(minutes=15)


@pytest.mark.django_db
def test_who_waits_and_tries_all_the_same_does_not_wait_longer_for_it(user: User) -> None:
    attempt = Attempt.of("wang", user=user, place=OFFICE)
    until = fail(attempt, 6)
    for _time in range(50):
        with pytest.raises(TooSoonError):
            count_attempt(attempt, now=NOW + timedelta(seconds=1))
    count_attempt(attempt, now=until)


@pytest.mark.django_db
def test_one_who_mistypes_stops_nobody_else_behind_the_same_address(user: User) -> None:
    fail(Attempt.of("wang", user=user, place=OFFICE), 20)
    assert count_attempt(Attempt.of("li", user=UserFactory(username="li"), place=OFFICE), now=NOW) is None


@pytest.mark.django_db
def test_no_stranger_shuts_out_somebody_on_a_device_that_knows_them(user: User) -> None:
    for number in range(200):
        stranger = Attempt.of("wang", user=user, place=ELSEWHERE.format(number))
        with contextlib.suppress(TooSoonError):
            count_attempt(stranger, now=NOW)
    with pytest.raises(TooSoonError):  # a thousand addresses do not help the stranger either
        count_attempt(Attempt.of("wang", user=user, place="192.0.2.1"), now=NOW)
    assert count_attempt(Attempt.of("wang", user=user, place=OFFICE, device="7"), now=NOW) is None


@pytest.mark.django_db
def test_a_name_and_a_phone_number_of_one_person_are_one_name_and_a_network_of_ipv6_one_address(user: User) -> None:
    by_name = Attempt.of("wang", user=user, place="2001:db8:1:2::1")
    by_phone = Attempt.of(user.phone, user=user, place="2001:db8:1:2:ffff::9")
    assert by_name == by_phone
    assert by_name != Attempt.of("wang", user=user, place="2001:db8:1:3::1")


@pytest.mark.django_db
def test_failures_are_forgotten_after_a_day_and_at_once_after_the_right_password(user: User) -> None:
    attempt = Attempt.of("wang", user=user, place=OFFICE)
    until = fail(attempt, 8)
    assert count_attempt(attempt, now=until + FORGOTTEN_AFTER + timedelta(seconds=1)) is None
    fail(attempt, 3, at=until + 2 * FORGOTTEN_AFTER)
    forget_failures(attempt)
    assert not Brake.objects.exists()
    fail(attempt, 1)
    assert let_go_of_guards(now=NOW + FORGOTTEN_AFTER + timedelta(seconds=1)) == 2


@pytest.mark.django_db
def test_nothing_that_is_kept_names_anybody(user: User) -> None:
    count_attempt(Attempt.of("somebody typed", user=None, place=OFFICE), now=NOW)
    kept = str(list(Brake.objects.values()))
    assert "somebody" not in kept
    assert OFFICE not in kept


# Through the door


def knock(client: Client, password: str, *, place: str = OFFICE) -> str:
    answer = client.post(reverse("accounts:login"), {"username": "wang", "password": password}, REMOTE_ADDR=place)
    return "in" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.django_db
def test_at_the_door_a_stranger_waits_and_the_owner_comes_in_where_they_came_in_before(user: User) -> None:
    home, stranger = (Client(headers={"accept-language": "en"}) for _one in range(2))
    assert knock(home, PASSWORD) == "in"
    home.post(reverse("accounts:logout"))
    for _time in range(6):
        assert "do not match" in knock(stranger, "wrong")
    page = knock(stranger, PASSWORD)
    assert "Nobody is locked out: try again after" in page
    assert knock(home, PASSWORD) == "in"
    last = AuditEntry.objects.filter(verb="accounts.log_in_failed").first()
    assert last is not None
    assert "waits_until" in last.detail


@pytest.mark.django_db
def test_behind_a_proxy_the_address_is_what_the_nearest_proxy_saw(user: User, settings) -> None:
    settings.BEHIND_PROXY = True
    data = {"username": "wang", "password": "wrong"}
    Client(headers={"x-forwarded-for": "1.1.1.1, 203.0.113.9"}).post(reverse("accounts:login"), data)
    settings.BEHIND_PROXY = False
    Client(headers={"x-forwarded-for": "1.1.1.1"}).post(reverse("accounts:login"), data, REMOTE_ADDR="203.0.113.8")
    places = (
        AuditEntry.objects.filter(verb="accounts.log_in_failed").order_by("pk").values_list("from_where", flat=True)
    )
    assert list(places) == ["203.0.113.9", "203.0.113.8"]
