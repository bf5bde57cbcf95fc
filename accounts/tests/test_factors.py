"""The second factor: set up, asked for, recovered, reset, required by role."""

import base64
import hmac
import re
import struct
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts import services
from accounts.clock import database_now
from accounts.models import AuditEntry, KnownDevice, RecoveryCode, RolePolicy, SecondFactor, User
from accounts.models.guarding import ADMINISTRATOR
from accounts.tests.factories import AdministratorFactory, UserFactory


@pytest.fixture(autouse=True)
def in_english(settings):
    """What pages and refusals say is asked for by the words of the source."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, 5, tzinfo=UTC)
PASSWORD = "a long enough word"


def code_at(secret: str, at: datetime) -> str:
    """The code by RFC 6238, written out: not by the library that is under test."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at.timestamp()) // 30), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture
def user() -> User:
    made: User = UserFactory(username="wang", password=PASSWORD)
    return made


def set_up(user: User, *, at: datetime = NOW) -> tuple[str, list[str]]:
    secret = services.begin_factor(user, now=at).secret
    return secret, services.confirm_factor(user, code=code_at(secret, at), now=at)


def test_the_code_is_the_one_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert code_at(secret, datetime.fromtimestamp(59, UTC)) == "287082"  # RFC 6238, appendix B


def test_a_factor_counts_only_once_a_code_of_it_was_typed(user: User) -> None:
    secret = services.begin_factor(user, now=NOW).secret
    assert not services.has_factor(user)
    with pytest.raises(services.RefusedError, match="not the code"):
        services.confirm_factor(user, code="000000", now=NOW)
    codes = services.confirm_factor(user, code=code_at(secret, NOW), now=NOW)
    assert services.has_factor(user)
    assert len(set(codes)) == 10
    with pytest.raises(services.RefusedError, match="in use already"):
        services.begin_factor(user, now=NOW)


@pytest.mark.parametrize(("seconds", "passes"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_a_telephones_clock_may_be_half_a_minute_off(user: User, seconds: int, passes: bool) -> None:
    secret, _codes = set_up(user)
    later = NOW + timedelta(hours=1)
    shown = code_at(secret, later + timedelta(seconds=seconds))
    assert services.passes_factor(user, code=f"{shown[:3]} {shown[3:]}", now=later) is passes


def test_a_code_is_good_once(user: User) -> None:
    secret, _codes = set_up(user)
    later = NOW + timedelta(hours=1)
    assert services.passes_factor(user, code=code_at(secret, later), now=later)
    assert not services.passes_factor(user, code=code_at(secret, later), now=later)
    assert not services.passes_factor(user, code=code_at(secret, later - timedelta(seconds=30)), now=later)


def test_a_recovery_code_is_good_once_however_it_is_typed(user: User) -> None:
    _secret, codes = set_up(user)
    assert services.passes_factor(user, code=codes[0].lower().replace("-", " "), now=NOW)
    assert not services.passes_factor(user, code=codes[0], now=NOW)
    assert services.codes_left(user) == 9
    services.renew_codes(user, now=NOW)
    assert not services.passes_factor(user, code=codes[1], now=NOW)


def test_the_database_holds_neither_the_secret_nor_a_recovery_code(user: User) -> None:
    secret, codes = set_up(user)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        assert secret not in cursor.fetchone()[0]
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    assert secret not in str(list(AuditEntry.objects.values()))


# Through the door


def log_in(client: Client, **typed: str):
    return client.post(reverse("accounts:login"), {"username": "wang", "password": PASSWORD, **typed})


def test_who_has_a_factor_is_let_in_by_its_code_and_not_before(client: Client, user: User) -> None:
    secret, codes = set_up(user, at=database_now() - timedelta(hours=1))
    assert log_in(client, next="/accounts/profile/")["Location"] == reverse("accounts:factor")
    assert client.get(reverse("accounts:profile")).status_code == 302
    page = client.post(reverse("accounts:factor"), {"code": "12"}).content.decode()
    assert "This code is not right" in page
    right = client.post(reverse("accounts:factor"), {"code": code_at(secret, database_now())})
    assert right["Location"] == "/accounts/profile/"
    assert client.get(reverse("accounts:profile")).status_code == 200
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))[-3:]
    assert verbs == ["accounts.logged_in", "accounts.log_in_failed", "accounts.second_factor_passed"]
    other = Client()
    log_in(other)
    assert other.post(reverse("accounts:factor"), {"code": codes[3]})["Location"] == "/"


def test_codes_are_not_guessed_faster_than_passwords(client: Client, user: User) -> None:
    set_up(user)
    log_in(client)
    for _time in range(6):
        client.post(reverse("accounts:factor"), {"code": "000000"})
    page = client.post(reverse("accounts:factor"), {"code": "000000"}).content.decode()
    assert "try again after" in page


def test_nobody_comes_to_the_second_page_past_the_first(client: Client, user: User) -> None:
    set_up(user)
    assert client.get(reverse("accounts:factor"))["Location"] == reverse("accounts:login")
    log_in(client)
    user.set_password("quite another word")
    user.save()
    assert client.get(reverse("accounts:factor"))["Location"] == reverse("accounts:login")


def test_a_device_may_be_remembered_for_the_days_of_the_role(client: Client) -> None:
    RolePolicy.objects.filter(role=ADMINISTRATOR).update(remember_days=7)
    user = AdministratorFactory(username="wang", password=PASSWORD)
    secret, _codes = set_up(user)
    log_in(client)
    assert "for 7 days" in client.get(reverse("accounts:factor")).content.decode()
    client.post(reverse("accounts:factor"), {"code": code_at(secret, database_now()), "trust": "on"})
    client.post(reverse("accounts:logout"))
    assert log_in(client)["Location"] == "/"
    # A stolen list of hashes is no cookie, and another person at the same browser is asked.
    assert client.cookies["known_device"].value not in str(list(KnownDevice.objects.values()))
    client.post(reverse("accounts:logout"))
    KnownDevice.objects.update(trusted_until=database_now())
    assert log_in(client)["Location"] == reverse("accounts:factor")


def test_who_needs_a_factor_and_has_none_is_led_to_set_it_up_and_then_goes_on(client: Client) -> None:
    RolePolicy.objects.filter(role=ADMINISTRATOR).update(needs_second_factor=True)
    user = AdministratorFactory(username="wang", password=PASSWORD)
    log_in(client)
    for path in ("/", reverse("accounts:security"), reverse("admin:index")):
        assert client.get(path)["Location"] == reverse("accounts:set_up_factor")
    assert "Your role asks for a second factor" in client.get(reverse("accounts:set_up_factor")).content.decode()
    client.post(reverse("accounts:begin_factor"))
    page = client.get(reverse("accounts:set_up_factor")).content.decode()
    secret = SecondFactor.objects.get(user=user).secret
    assert secret in re.sub(r"\s", "", page)
    shown = client.post(reverse("accounts:set_up_factor"), {"code": code_at(secret, database_now())})
    assert len(re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", shown.content.decode())) == 10
    assert "no-store" in shown["Cache-Control"]
    assert client.get(reverse("accounts:security")).status_code == 200
    refused = client.post(reverse("accounts:remove_factor"), {"password": PASSWORD}, follow=True)
    assert "Your role asks for a second factor" in refused.content.decode()
    assert services.has_factor(user)


def test_ones_own_factor_is_taken_away_with_the_password_alone(client: Client, user: User) -> None:
    set_up(user)
    client.force_login(user)
    page = client.post(reverse("accounts:remove_factor"), {"password": "wrong"}).content.decode()
    assert "This is not your password" in page
    assert services.has_factor(user)
    client.post(reverse("accounts:remove_factor"), {"password": PASSWORD})
    assert not services.has_factor(user)
    assert AuditEntry.objects.filter(verb="accounts.second_factor_removed", actor=user).count() == 1


def test_an_administrator_resets_it_and_the_trail_says_who(client: Client, user: User) -> None:
    set_up(user)
    administrator = AdministratorFactory()
    client.force_login(administrator)
    chosen = {"action": "reset_second_factor", "_selected_action": [user.pk, administrator.pk]}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    entry = AuditEntry.objects.get(verb="accounts.second_factor_reset")
    assert (entry.actor, entry.object_id) == (administrator, str(user.pk))
    assert not services.has_factor(user)
    assert not RecoveryCode.objects.exists()
