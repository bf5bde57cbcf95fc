"""A change of the audit trail shows."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from accounts.models import AuditEntry, AuditSeal
from accounts.services import head_of_trail, mark_and_seal, record, sealing, verify
from accounts.tests.factories import UserFactory

NOW = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)


def write(number: int) -> list[int]:
    user = UserFactory()
    return [
        record(f"tests.did_{one}", by=user, at=NOW + timedelta(seconds=one), detail={"n": one, "words": "甲"}).pk
        for one in range(number)
    ]


def seal() -> int:
    """What two rounds of the task do: mark, then seal what was marked."""
    mark_and_seal(now=NOW)
    return mark_and_seal(now=NOW)


def raw(statement: str, *values: object) -> None:
    """What somebody does who has the database's password."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def found() -> list[tuple[str, tuple[int, ...]]]:
    return [(one.what, one.lines) for one in verify()]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)


@pytest.mark.django_db
def test_every_line_is_sealed_once_in_batches_and_a_whole_trail_is_found_whole() -> None:
    write(10)
    assert seal() == 10
    assert mark_and_seal(now=NOW) == 0
    write(1)
    seal()
    assert sum(AuditSeal.objects.values_list("count", flat=True)) == AuditEntry.objects.count() == 11
    assert found() == []


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["verb", "object_id", "area_code", "from_where"])
def test_an_edited_line_is_named(column: str) -> None:
    pks = write(9)
    seal()
    raw(f"UPDATE accounts_auditentry SET {column} = 'changed' WHERE id = %s", pks[5])
    assert found() == [("edited", (pks[5],))]


@pytest.mark.django_db
def test_edited_times_people_and_details_are_named() -> None:
    pks = write(9)
    seal()
    other = UserFactory().pk
    raw("UPDATE accounts_auditentry SET at = %s WHERE id = %s", NOW - timedelta(days=1), pks[1])
    raw("UPDATE accounts_auditentry SET actor_id = %s WHERE id = %s", other, pks[2])
    raw("UPDATE accounts_auditentry SET detail = %s WHERE id = %s", '{"n": 7}', pks[8])
    assert found() == [("edited", (pks[1], pks[2])), ("edited", (pks[8],))]


@pytest.mark.django_db
def test_a_removed_line_is_named_and_one_that_is_put_in_its_place_too() -> None:
    pks = write(9)
    seal()
    raw("DELETE FROM accounts_auditentry WHERE id IN (%s, %s)", pks[0], pks[6])
    assert found() == [("removed", (pks[0],)), ("removed", (pks[6],))]
    entry = AuditEntry(pk=pks[6], at=NOW, verb="tests.did_6")
    AuditEntry.objects.bulk_create([entry])
    assert ("edited", (pks[6],)) in found()


@pytest.mark.django_db
def test_a_line_put_in_between_is_named() -> None:
    pks = write(4)
    raw("UPDATE accounts_auditentry SET id = id + 100 WHERE id = %s", pks[3])
    seal()
    AuditEntry.objects.bulk_create([AuditEntry(pk=pks[3] + 50, at=NOW, verb="tests.forged")])
    assert found() == [("inserted", (pks[3] + 50,))]


@pytest.mark.django_db
def test_a_seal_made_anew_without_the_key_is_found_out() -> None:
    pks = write(9)
    seal()
    raw("UPDATE accounts_auditentry SET verb = 'changed' WHERE id = %s", pks[8])
    last = AuditSeal.objects.order_by("number").last()
    assert last is not None
    rows = b"".join(
        sealing.ROW.pack(one[0], sealing.digest_of(one))
        for one in AuditEntry.objects.filter(pk__in=[pks[8]]).values_list(*sealing.FIELDS)
    )
    before = AuditSeal.objects.get(number=last.number - 1).chain
    AuditSeal.objects.filter(pk=last.pk).update(rows=rows, chain=sealing.chain_of(before, last.number, rows))
    assert found() == [("tag", ())]


@pytest.mark.django_db
def test_a_seal_taken_out_breaks_the_chain_and_one_taken_off_the_end_shows_by_what_was_written_down() -> None:
    write(12)
    seal()
    number, _colon, chain = head_of_trail().partition(":")
    AuditSeal.objects.filter(number=3).delete()
    assert found() == []
    assert [one.what for one in verify(known_head=(int(number), chain))] == ["missing"]
    AuditSeal.objects.filter(number=1).delete()
    assert "chain" in [what for what, _lines in found()]


@pytest.mark.django_db
def test_lines_that_were_archived_are_not_asked_for_and_their_seals_still_are() -> None:
    pks = write(12)
    seal()
    raw("DELETE FROM accounts_auditentry WHERE id <= %s", pks[7])
    assert list(verify(archived=2)) == []
    assert [what for what, _lines in found()] == ["removed", "removed"]
    raw("UPDATE accounts_auditseal SET tag = 'x' WHERE number = 1")
    assert [one.what for one in verify(archived=2)] == ["tag"]


@pytest.mark.django_db
def test_the_command_says_what_it_found_and_ends_accordingly(capsys) -> None:
    pks = write(5)
    seal()
    call_command("verify_audit")
    assert "Whole. Sealed up to 2:" in capsys.readouterr().out
    raw("UPDATE accounts_auditentry SET verb = 'changed' WHERE id = %s", pks[0])
    with pytest.raises(CommandError) as failed:
        call_command("verify_audit", "--json")
    assert failed.value.returncode == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["findings"] == [{"what": "edited", "seal": 1, "lines": [pks[0]]}]
    assert not answer["is_whole"]
    with pytest.raises(CommandError, match="a number, a colon"):
        call_command("verify_audit", "--head", "rubbish")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_line_that_was_still_on_its_way_is_sealed_with_the_others_and_never_taken_for_a_forgery() -> None:
    """A transaction takes its key first and writes last: what is sealed meanwhile must wait for it."""
    write(1)
    slow = connections.create_connection("default")
    try:
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_auditentry (at, verb, object_type, object_id, area_code, detail, from_where)"
                " VALUES (now(), 'tests.slow', '', '', '', '{}', '')"
            )
        write(2)
        mark_and_seal(now=NOW)
        assert mark_and_seal(now=NOW) == 0
        slow.commit()
    finally:
        slow.close()
    assert mark_and_seal(now=NOW) == 4
    assert found() == []
