"""Personal data: unreadable in the database, found all the same, masked on screens."""

import contextlib
import re
import string

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.personal_data import (
    UnreadableError,
    blind_index,
    decrypt,
    encrypt,
    id_check_digit,
    mask_id_number,
    mask_name,
    mask_phone,
    normalise_id_number,
    normalise_phone,
    phone_index,
)
from accounts.tests.factories import UserFactory

OLD, NEW = b"o" * 32, b"n" * 32
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
full_width = str.maketrans(string.digits, "０１２３４５６７８９")


def stored(column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM accounts_user")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_a_phone_number_comes_back_as_it_went_in_and_the_database_holds_none_of_it() -> None:
    user = UserFactory(phone="19900000017")
    assert User.objects.get(pk=user.pk).phone == "19900000017"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_user")
        assert "19900000017" not in str(cursor.fetchall())
    assert re.fullmatch(r"[^:]+:[A-Za-z0-9+/=]+", stored("phone")[0])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_encryption(text: str) -> None:
    assert decrypt(encrypt(text)) == text


def test_the_same_number_is_never_stored_alike_twice() -> None:
    assert encrypt("19900000017") != encrypt("19900000017")


def test_what_an_old_key_wrote_is_read_after_a_new_key_came_first(settings) -> None:
    settings.FIELD_KEYS = {"old": OLD}
    written_before = encrypt("19900000017")
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}
    assert decrypt(written_before) == "19900000017"
    assert encrypt("19900000017").startswith("new:")


def test_a_lost_key_is_named(settings) -> None:
    settings.FIELD_KEYS = {"old": OLD}
    written_before = encrypt("19900000017")
    settings.FIELD_KEYS = {"new": NEW}
    with pytest.raises(UnreadableError, match="old"):
        decrypt(written_before)


@pytest.mark.parametrize("other", [{"old": NEW}, {"old": OLD, "new": OLD}])
def test_a_wrong_key_or_a_text_moved_to_another_key_is_refused(settings, other) -> None:
    settings.FIELD_KEYS = {"old": OLD}
    body = encrypt("19900000017").partition(":")[2]
    settings.FIELD_KEYS = other
    with pytest.raises(UnreadableError):
        decrypt(f"{list(other)[-1]}:{body}")


@pytest.mark.parametrize("forged", ["", "AAAA", "???", "A" * 60])
def test_a_forged_text_is_refused(settings, forged) -> None:
    settings.FIELD_KEYS = {"old": OLD}
    with pytest.raises(UnreadableError):
        decrypt(f"old:{forged}")


@pytest.mark.django_db
def test_an_encrypted_field_cannot_be_searched_by_mistake() -> None:
    with pytest.raises(FieldError, match="blind index"):
        User.objects.filter(phone="19900000017").exists()
    assert not User.objects.filter(phone__isnull=True).exists()


@pytest.mark.django_db
def test_the_index_follows_the_number_and_is_null_without_one() -> None:
    user = UserFactory(phone="19900000017")
    assert stored("phone_hash") == [phone_index("19900000017")]
    user.phone = "19900000018"
    user.save()
    assert stored("phone_hash") == [phone_index("19900000018")]
    user.phone = ""
    user.save()
    assert stored("phone_hash") == [None]
    assert stored("phone") == [""]


def test_the_index_depends_on_its_key(settings) -> None:
    settings.INDEX_KEY = b"a" * 32
    one = blind_index("19900000017")
    settings.INDEX_KEY = b"b" * 32
    assert one != blind_index("19900000017")
    assert re.fullmatch("[0-9a-f]{64}", one)


@given(
    mobiles,
    st.sampled_from(["", " ", "-", "－", "　", "–"]),
    st.sampled_from(["", "+86", "0086", "86", "+86 "]),
    st.booleans(),
)
def test_a_mobile_number_is_one_number_however_it_is_typed(mobile: str, gap: str, country: str, wide: bool) -> None:
    typed = country + gap.join((mobile[:3], mobile[3:7], mobile[7:]))
    typed = typed.translate(full_width) if wide else typed
    assert normalise_phone(typed) == mobile
    assert normalise_phone(normalise_phone(typed)) == mobile
    assert phone_index(typed) == phone_index(mobile)


@given(st.text())
def test_what_is_taken_as_a_mobile_number_looks_like_one(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert re.fullmatch(r"1[3-9][0-9]{9}", normalise_phone(text), re.ASCII)


@pytest.mark.parametrize(
    "text", ["", "1990000001", "199000000011", "12345678901", "0531-88886666", "1990000001x", "1990000001.0", "电话"]
)
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalise_phone(text)


@given(st.dates(), st.integers(0, 999))
def test_an_id_number_with_its_check_digit_is_taken_and_with_any_other_refused(birth_on, order) -> None:
    first = f"999999{birth_on.year:04d}{birth_on:%m%d}{order:03d}"
    right = id_check_digit(first)
    assert normalise_id_number(f" {first} {right.lower()}") == first + right
    for wrong in set("0123456789X") - {right}:
        with pytest.raises(ValueError, match=r"."):
            normalise_id_number(first + wrong)


@pytest.mark.parametrize("text", ["", "99999919500101", "3.7E+17", "999999195002300012", "99999919500101001A"])
def test_what_is_no_id_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalise_id_number(text)


def test_masks_look_as_the_offices_write_them() -> None:
    assert mask_name("王秀英") == "王**"
    assert mask_phone("19900000017") == "199****0017"
    assert mask_id_number("999999195001010012") == "999*************12"


@given(st.text())
def test_a_mask_keeps_the_length_and_never_shows_the_middle(text: str) -> None:
    for mask, shown in ((mask_name, 1), (mask_phone, 7), (mask_id_number, 5)):
        masked = mask(text)
        assert len(masked) == len(text)
        hidden = sum(1 for one in masked if one == "*")
        assert hidden >= min(len(text), max(0, len(text) - shown))
