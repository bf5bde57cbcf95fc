"""Keys are changed while everybody works on; what interrupts it costs nothing."""

import json
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from accounts.models import AuditEntry, Rotation, SecondFactor, User
from accounts.personal_data import UnreadableError, phone_index, seal, unseal
from accounts.services import begin_factor, count_left, mark_and_seal, rotate_keys, verify
from accounts.services.rotating import _file_anew
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NEW, NEW_INDEX = b"new field key of tests, 32 bytes", b"new index key of tests, 32 bytes"


@pytest.fixture
def people() -> list[User]:
    made = [UserFactory(username=f"person{number}", phone=f"1990000{number:04d}") for number in range(7)]
    begin_factor(made[0], now=NOW)
    return made


@pytest.fixture
def new_keys(people, settings):
    """What stands in the environment once a new key is put first."""
    old, old_index = dict(settings.FIELD_KEYS), settings.INDEX_KEY
    settings.FIELD_KEYS = {"n2": NEW, **old}
    settings.INDEX_KEY, settings.EARLIER_INDEX_KEYS = NEW_INDEX, (old_index,)
    return settings


def forget_old_keys(settings) -> None:
    settings.FIELD_KEYS, settings.EARLIER_INDEX_KEYS = {"n2": NEW}, ()


def stored() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, phone_hash FROM accounts_user ORDER BY id")
        return list(cursor.fetchall())


def test_old_and_new_are_found_and_read_before_during_and_after(people, new_keys) -> None:
    def all_are_found() -> bool:
        by_phone = [User.objects.who_types(person.phone) for person in people]
        at_once = User.objects.filter(phone_hash__in=[phone_index(person.phone) for person in people])
        numbers = {person.phone for person in User.objects.all()}
        return by_phone == people and set(at_once) == set(people) and numbers == {one.phone for one in people}

    assert all_are_found()
    for _progress in rotate_keys(by=None, now=NOW, batch=2):
        assert all_are_found()
    forget_old_keys(new_keys)
    assert all_are_found()


def test_somebody_written_under_the_old_key_still_keeps_their_number_to_themselves(people, new_keys) -> None:
    double = User(username="double", phone=people[3].phone)
    with translation.override("en"), pytest.raises(ValidationError, match="Somebody else logs in with this phone"):
        double.clean()


def test_an_interrupted_change_goes_on_where_it_was(people, new_keys) -> None:
    running = rotate_keys(by=None, now=NOW, batch=2)
    while not any(row[0].startswith("n2:") for row in stored()):
        next(running)
    running.close()  # the machine goes down
    half = stored()
    assert {row[0].partition(":")[0] for row in half} == set(new_keys.FIELD_KEYS)
    noted = Rotation.objects.get(table="accounts_user")
    assert 0 < noted.rows < len(people)
    assert count_left()["accounts_user"] == len(people) - noted.rows
    looked_at = sum(one.looked_at for one in rotate_keys(by=None, now=NOW, batch=2) if one.table == "accounts_user")
    assert looked_at == len(people) - noted.rows
    after = stored()
    assert after[: noted.rows] == half[: noted.rows]  # nothing was written twice
    assert count_left() == {}
    forget_old_keys(new_keys)
    assert [User.objects.get(pk=one.pk).phone for one in people] == [one.phone for one in people]
    assert SecondFactor.objects.get().secret


def test_it_is_written_down_and_a_second_time_changes_nothing(people, new_keys) -> None:
    list(rotate_keys(by=None, now=NOW))
    first = stored()
    list(rotate_keys(by=None, now=NOW))
    assert stored() == first
    assert not Rotation.objects.exists()
    details = [one.detail for one in AuditEntry.objects.filter(verb="accounts.keys_rotated").order_by("pk")]
    assert [one["changed"] for one in details] == [len(people) + 1, 0]


def test_what_no_key_opens_is_left_and_told(people, new_keys) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = 'lost:AAAA' WHERE id = %s", [people[2].pk])
    assert sum(one.unreadable for one in rotate_keys(by=None, now=NOW)) == 1
    assert count_left() == {"accounts_user": 1}
    with pytest.raises(CommandError, match="opened by none: accounts_user: 1"):
        call_command("rotate_keys", "--check")


def test_files_are_sealed_anew_by_their_own_key(new_keys) -> None:
    content = b"n:o key, but a colon"
    new_first = dict(new_keys.FIELD_KEYS)
    new_keys.FIELD_KEYS = dict(reversed(new_first.items()))
    old = seal(content)
    new_keys.FIELD_KEYS = new_first
    anew = _file_anew(memoryview(old))
    assert anew is not None
    assert anew.startswith(b"n2:")
    assert unseal(anew) == content
    assert _file_anew(anew) is None
    assert _file_anew(b"") is None
    with pytest.raises(UnreadableError):
        _file_anew(b"gone:" + bytes(40))


def test_the_seals_of_the_trail_stand_under_the_new_key_and_a_forged_one_is_not_made_right(people, settings) -> None:
    for _time in range(2):
        AuditEntry.objects.create(at=NOW, verb="tests.did")
        mark_and_seal(now=NOW)
        mark_and_seal(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_auditseal SET tag = 'forged' WHERE number = 2")
    settings.FIELD_KEYS = {"n2": NEW, **settings.FIELD_KEYS}
    list(rotate_keys(by=None, now=NOW))
    assert count_left() == {"accounts_auditseal": 1}
    forget_old_keys(settings)
    assert [(one.what, one.seal) for one in verify()] == [("tag", 2)]


def test_the_command_says_how_far_it_came(people, new_keys, capsys) -> None:
    with pytest.raises(CommandError, match="accounts_user: 7"):
        call_command("rotate_keys", "--check", "--json")
    assert json.loads(capsys.readouterr().out)["left"]["accounts_user"] == 7
    call_command("rotate_keys", "--batch", "3")
    assert "accounts_user: 3 looked at, 3 written anew" in capsys.readouterr().out
    call_command("rotate_keys", "--check", "--json")
    assert json.loads(capsys.readouterr().out) == {"is_done": True, "left": {}}
    with pytest.raises(CommandError, match="1 to 10000"):
        call_command("rotate_keys", "--batch", "0")
