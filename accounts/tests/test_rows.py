"""Rows written as JSON arrive as Django would have written them, on whichever database the suite runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, User
from accounts.personal_data import phone_index
from accounts.rows import (
    insert_new_rows,
    insert_rows,
    insert_together,
    mark_as_stored,
    reserve_keys,
    row_of,
    update_rows,
)
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 2, 6, 3, 0, 123456, tzinfo=UTC)


def line(verb: str, **columns: object) -> dict[str, object]:
    return {
        "at": AT,
        "actor_id": None,
        "verb": verb,
        "object_type": "",
        "object_id": "",
        "area_code": "",
        "detail": {},
        "from_where": "",
        **columns,
    }


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"姓名": "周秀兰", "quote": 'it\'s "so" \\ 100 %'},
        {"n": [1, None, True, {"at": 0.5}]},
        {"lines": "a\nb\t€😀"},
    ],
)
def test_what_is_inserted_is_read_as_the_model_itself_writes_it(detail) -> None:
    person = UserFactory()
    insert_rows(AuditEntry, [line("rows", actor_id=person.pk, detail=detail, object_id="百分号 % 和 '引号'")])
    AuditEntry.objects.create(at=AT, actor=person, verb="model", detail=detail, object_id="百分号 % 和 '引号'")
    by_rows, by_model = (
        AuditEntry.objects.filter(verb=verb).values("at", "actor", "detail", "object_id").get()
        for verb in ("rows", "model")
    )
    assert by_rows == by_model
    assert AuditEntry.objects.filter(at=AT).count() == 2


def test_each_new_row_hands_back_what_it_is_asked_for() -> None:
    given = insert_rows(AuditEntry, [line("one"), line("two")], returning=("verb", "id"))
    assert dict(given) == dict(AuditEntry.objects.values_list("verb", "pk"))
    assert insert_rows(AuditEntry, [], returning=("id",)) == []


def test_a_row_that_breaks_a_constraint_leaves_none_of_its_batch() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(AuditEntry, [line("good"), line("bad", at=None)])
    assert not AuditEntry.objects.exists()


def test_of_rows_that_may_be_there_already_the_new_ones_alone_are_handed_back() -> None:
    UserFactory(username="there")
    columns = {"name": "", "phone": "", "email": "", "language": "en", "theme": "auto", "text_size": "normal"}
    columns |= {"channel_order": [], "is_active": True, "is_staff": False, "is_superuser": False, "password": "!"}
    rows = [{"username": username, **columns} for username in ("there", "new")]
    assert [name for (name,) in insert_new_rows(User, rows, returning=("username",))] == ["new"]
    assert User.objects.get(username="new").channel_order == []


def test_each_row_gets_its_own_values_and_secrets_stay_enciphered() -> None:
    first, second, third = UserFactory(), UserFactory(), UserFactory(name="untouched")
    update_rows(
        User,
        ("name", "phone", "channel_order", "last_login"),
        [
            (first.pk, {"name": "甲", "phone": "19900000001", "channel_order": ["sms"], "last_login": AT}),
            (second.pk, {"name": "乙", "phone": "", "channel_order": [], "last_login": None}),
        ],
    )
    for user in (first, second, third):
        user.refresh_from_db()
    assert (first.name, first.phone, first.channel_order, first.last_login) == ("甲", "19900000001", ["sms"], AT)
    assert (second.name, second.phone, second.channel_order, second.last_login) == ("乙", "", [], None)
    assert third.name == "untouched"
    assert not User.objects.extra(where=["phone LIKE '%%19900000001%%'"]).exists()


def test_what_json_cannot_say_is_refused_before_anything_is_written() -> None:
    with pytest.raises(TypeError, match="timedelta"):
        insert_rows(AuditEntry, [line("x", detail={"span": timedelta(seconds=1)})])


def test_an_object_becomes_the_row_that_it_would_have_saved() -> None:
    values = {"name": "周秀兰", "channel_order": ["sms"], "last_login": AT, "password": "!"}
    saved = User.objects.create(username="saved", phone="19900000017", **values)
    written = User(username="written", phone="19900000018", **values)
    (written.pk,) = reserve_keys(User, 1)
    insert_rows(User, [row_of(written)])
    its_own = {"id", "username", "created_at", "phone", "phone_hash"}
    columns = [field.attname for field in User._meta.concrete_fields if field.name not in its_own]
    for row in (saved, written):
        row.refresh_from_db()
    assert {name: getattr(written, name) for name in columns} == {name: getattr(saved, name) for name in columns}
    assert User.objects.get(phone_hash=phone_index("19900000018")).phone == "19900000018"


def test_an_object_that_was_written_as_a_row_changes_its_row_when_saved() -> None:
    user = User(username="written", password="!")
    (user.pk,) = reserve_keys(User, 1)
    insert_rows(User, [row_of(user)])
    mark_as_stored([user])
    user.name = "later"
    user.save()
    assert User.objects.get(username="written").name == "later"


def test_rows_of_several_models_point_at_each_other() -> None:
    user = User(username="both", password="!")
    (user.pk,) = reserve_keys(User, 1)
    lines = [line("one", actor_id=user.pk), line("two", actor_id=user.pk)]
    insert_together((AuditEntry, lines), (User, [row_of(user)]))
    assert set(AuditEntry.objects.filter(actor__username="both").values_list("verb", flat=True)) == {"one", "two"}
    insert_together((AuditEntry, []), (User, []))


def test_of_rows_that_belong_together_none_stands_where_one_cannot() -> None:
    user = User(username="both", password="!")
    (user.pk,) = reserve_keys(User, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together((User, [row_of(user)]), (AuditEntry, [line("bad", at=None)]))
    assert not User.objects.filter(username="both").exists()
