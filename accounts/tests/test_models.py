"""People, and the trail that is only ever added to."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.clock import database_now, local
from accounts.models import AppendOnlyError, AuditEntry, User
from accounts.services import record
from accounts.tests.factories import AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)


def test_a_user_is_known_by_the_name_else_by_the_username() -> None:
    assert str(UserFactory(name="李芳雨")) == "李芳雨"
    assert str(UserFactory(username="desk", name="")) == "desk"


def test_two_people_cannot_share_a_username() -> None:
    UserFactory(username="desk")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(username="desk")


def test_two_people_cannot_share_a_phone_number_but_many_may_have_none() -> None:
    UserFactory(phone="19900000017")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone="19900000017")
    UserFactory(phone="")
    UserFactory(phone="")


def test_a_form_is_told_that_somebody_else_has_the_phone_number() -> None:
    UserFactory(phone="19900000017")
    other = UserFactory(phone="19900000018")
    other.phone = "199-0000-0017"
    with pytest.raises(ValidationError) as caught:
        other.clean()
    assert "phone" in caught.value.message_dict


def test_a_phone_number_is_brought_into_its_one_form_by_clean() -> None:
    user = UserFactory(phone="199 0000 0017")
    user.clean()
    assert user.phone == "19900000017"


def test_a_person_without_a_password_cannot_log_in_until_one_is_set() -> None:
    assert not UserFactory().has_usable_password()


def test_an_administrator_is_a_superuser_of_the_administration() -> None:
    boss = User.objects.create_superuser("boss", "a long password", name="周")
    assert (boss.is_staff, boss.is_superuser) == (True, True)
    assert AdministratorFactory().is_superuser


def test_the_first_administrator_is_made_from_the_command_line() -> None:
    call_command("createsuperuser", "--noinput", "--username=boss", "--name=周", verbosity=0)
    assert User.objects.get().is_superuser


def test_creation_is_dated_by_the_database() -> None:
    before = database_now()
    user = UserFactory()
    assert abs((user.created_at - before).total_seconds()) < 5


def test_the_clock_is_aware_and_goes_on_in_a_transaction() -> None:
    one, two = database_now(), database_now()
    assert one.tzinfo is UTC
    assert one <= two
    assert local(NOON).isoformat() == "2026-04-02T12:00:00+08:00"


def test_a_line_of_the_trail_says_who_what_when_to_what_and_from_where() -> None:
    user = UserFactory()
    record("accounts.tried", by=user, at=NOON, about=user, area_code="370105", detail={"a": 1}, from_where="127.0.0.1")
    entry = AuditEntry.objects.about(user).get()
    assert (entry.actor, entry.verb, entry.at, entry.area_code, entry.detail, entry.from_where) == (
        user,
        "accounts.tried",
        NOON,
        "370105",
        {"a": 1},
        "127.0.0.1",
    )
    assert (entry.object_type, entry.object_id) == ("accounts.user", str(user.pk))
    assert "accounts.tried" in str(entry)


def test_the_program_itself_leaves_no_name() -> None:
    assert record("accounts.tried", by=None, at=NOON).actor is None


@pytest.mark.parametrize(
    "tamper",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(verb="other"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: AuditEntry.objects.all().delete(),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["verb"]),
        lambda entry: AuditEntry.objects.bulk_create(
            [entry], update_conflicts=True, unique_fields=["id"], update_fields=["verb"]
        ),
        lambda entry: AuditEntry.objects.update_or_create(defaults={"verb": "other"}, pk=entry.pk),
    ],
)
def test_a_line_of_the_trail_is_never_changed_nor_removed(tamper) -> None:
    entry = record("accounts.tried", by=UserFactory(), at=NOON)
    with pytest.raises(AppendOnlyError), transaction.atomic():
        tamper(entry)
    assert AuditEntry.objects.get().verb == "accounts.tried"


def test_nobody_with_a_line_in_the_trail_can_be_deleted() -> None:
    user = UserFactory()
    record("accounts.tried", by=user, at=NOON)
    with pytest.raises(ProtectedError):
        user.delete()
