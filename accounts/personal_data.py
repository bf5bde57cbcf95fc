"""Personal data at rest: encrypted, found by a keyed hash, shown masked.

Phone and ID numbers are stored as AES-256-GCM text that names its key, so that keys can be
changed without rewriting every row at once: ``settings.FIELD_KEYS`` is ``{id: 32 bytes}``, the
first writes, all of them read. Because the same number encrypts differently each time, a row is
found by ``blind_index``: HMAC-SHA256 under ``settings.INDEX_KEY``, useless without that key. While that
key is being changed, rows are found under ``settings.EARLIER_INDEX_KEYS`` too.
"""

import base64
import hmac
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from operator import mul
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Exact, In
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext as _

if TYPE_CHECKING:  # generic to the type checker only; Django's own fields take no brackets
    PlainTextField = models.TextField[str, str]
    PlainCharField = models.CharField[str | None, str | None]
else:
    PlainTextField, PlainCharField = models.TextField, models.CharField

NONCE_BYTES = 12  # what NIST SP 800-38D asks of GCM
MOBILE = re.compile(r"1[3-9][0-9]{9}")
ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
ID_CHECK_DIGITS = "10X98765432"
ZEROS = ord("0") * sum(ID_WEIGHTS)
"""What seventeen noughts weigh as the bytes they are written with."""


class UnreadableError(Exception):
    """A stored text that no key of this installation opens."""


@cache
def _cipher(key: bytes) -> AESGCM:
    """Return the cipher of a key: making one takes as long as enciphering a number with it."""
    return AESGCM(key)


@cache
def _keyed_hash(key: bytes) -> hmac.HMAC:
    """Return a hash that has taken in its key, to be copied for each value."""
    return hmac.new(key, digestmod="sha256")


def encrypt(text: str) -> str:
    """Return the text encrypted under the current key as ``key id:base64``; "" stays ""."""
    if not text:
        return ""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(key).encrypt(nonce, text.encode(), key_id.encode())
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str) -> str:
    """Return what ``encrypt`` was given. Raises ``UnreadableError`` for a lost key or a forged text."""
    if not stored:
        return ""
    key_id, _colon, body = stored.partition(":")
    key = settings.FIELD_KEYS.get(key_id)
    if key is None:
        raise UnreadableError(f"FIELD_KEYS holds no key {key_id!r}; put the key that wrote this row back.")
    try:
        sealed = base64.b64decode(body, validate=True)
        return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key_id.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise UnreadableError(
            f"The key {key_id!r} does not open this text; it is another key or the text was changed."
        ) from error


def seal(content: bytes) -> bytes:
    """Return bytes encrypted under the current key, ``key id:`` first: a file that somebody handed in, say."""
    key_id, key = next(iter(settings.FIELD_KEYS.items()))
    nonce = os.urandom(NONCE_BYTES)
    return f"{key_id}:".encode() + nonce + _cipher(key).encrypt(nonce, content, key_id.encode())


def unseal(stored: bytes | memoryview) -> bytes:
    """Return what ``seal`` was given. Raises ``UnreadableError`` for a lost key or forged bytes."""
    key_id, _colon, body = bytes(stored).partition(b":")
    key = settings.FIELD_KEYS.get(key_id.decode(errors="replace"))
    if key is None:
        raise UnreadableError("FIELD_KEYS no longer holds the key of this file; put it back.")
    try:
        return _cipher(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], key_id)
    except InvalidTag as error:
        raise UnreadableError("The key does not open this file; it is another key or the file was changed.") from error


class BlindIndex(str):
    """The keyed hash of a value, with what it was under earlier keys, under which rows may still stand."""

    __slots__ = ("earlier",)
    earlier: tuple[str, ...]


def blind_index(value: str, *, length: int = 64) -> str:
    """Return the keyed hash by which an encrypted value is found: 64 hexadecimal digits, or fewer."""
    today = keyed_hash(settings.INDEX_KEY, value)[:length]
    if not settings.EARLIER_INDEX_KEYS:
        return today
    index = BlindIndex(today)
    index.earlier = tuple(keyed_hash(key, value)[:length] for key in settings.EARLIER_INDEX_KEYS)
    return index


def is_key_changing() -> bool:
    """Say whether rows may stand under an earlier key."""
    return bool(settings.EARLIER_INDEX_KEYS)


def under_any_key(index: str) -> tuple[str, ...]:
    """Return under what a row with this index may stand: today's hash, then those of earlier keys."""
    return (str(index), *getattr(index, "earlier", ()))


def todays(indexes: Iterable[str]) -> Mapping[str, str]:
    """Return today's hash for each earlier one of these: for rows that are held against each other in memory."""
    return {earlier: str(index) for index in indexes for earlier in getattr(index, "earlier", ())}


def keyed_hash(key: bytes, text: str) -> str:
    """Return HMAC-SHA256 of a text: 64 hexadecimal digits."""
    keyed = _keyed_hash(key).copy()
    keyed.update(text.encode())
    return keyed.hexdigest()


def bare_phone(text: str) -> str:
    """Return a phone number without what people put between its digits, and without +86.

    Full-width digits become plain ones. The shape is not checked: a land line passes through.
    """
    if MOBILE.fullmatch(text):
        return text  # as nearly all are written; a roster has a hundred thousand of them
    bare = re.sub(r"[\s\-‐‑‒–—―−()]", "", unicodedata.normalize("NFKC", text))
    country = re.fullmatch(r"(?:\+|00)?86(1[0-9]{10})", bare)
    return country[1] if country else bare


def normalise_phone(text: str) -> str:
    """Return a mobile number as its eleven digits.

    Spaces, dashes, full-width digits and +86 are tolerated. Raises ``ValueError``, in words for
    the user, when it is no mobile number.
    """
    if MOBILE.fullmatch(text):
        return text
    bare = bare_phone(text)
    if not MOBILE.fullmatch(bare):
        raise ValueError(_("A mobile number has eleven digits and begins with 13 to 19."))
    return bare


def normalise_id_number(text: str) -> str:
    """Return a resident's ID number as its eighteen characters, X in capitals.

    Raises ``ValueError``, in words for the user, for a wrong length, a birth date that does not
    exist, or a wrong check digit.
    """
    bare = _bare_id_number(text)
    if not ID_NUMBER.fullmatch(bare):
        raise ValueError(_("An ID number has eighteen digits; the last may be X."))
    try:
        date(int(bare[6:10]), int(bare[10:12]), int(bare[12:14]))
    except ValueError as error:
        raise ValueError(_("The birth date in the ID number does not exist.")) from error
    if id_check_digit(bare[:17]) != bare[17]:
        raise ValueError(_("The check digit of the ID number is wrong; a digit was mistyped."))
    return bare


def id_check_digit(first_seventeen: str) -> str:
    """Return the eighteenth character that belongs to seventeen digits (GB 11643-1999)."""
    total = sum(map(mul, first_seventeen.encode("ascii"), ID_WEIGHTS)) - ZEROS
    return ID_CHECK_DIGITS[total % 11]


def phone_index(text: str) -> str:
    """Return the blind index of a phone number, however it was typed."""
    return blind_index(bare_phone(text))


def phone_tail_index(text: str) -> str:
    """Return the blind index of a phone number's last four digits: sixteen hexadecimal digits.

    People find each other by "the one that ends in 0017". Ten thousand texts are soon tried by who holds the key;
    without it the column says nothing.
    """
    return blind_index(f"tail:{bare_phone(text)[-4:]}", length=16)


def id_number_index(text: str) -> str:
    """Return the blind index of an ID number, however it was typed."""
    return blind_index(_bare_id_number(text))


def _bare_id_number(text: str) -> str:
    if ID_NUMBER.fullmatch(text):
        return text  # as nearly all are written
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def mask_name(name: str) -> str:
    """Return a name with all but its first character hidden: 王秀英 is 王**."""
    return name[:1] + "*" * (len(name) - 1)


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden: 19900000017 is 199****0017."""
    return _mask(phone, head=3, tail=4)


def mask_id_number(id_number: str) -> str:
    """Return an ID number with all but its first three and last two characters hidden."""
    return _mask(id_number, head=3, tail=2)


def _mask(text: str, *, head: int, tail: int) -> str:
    """Hide the middle; a text too short to have one is hidden altogether."""
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


class EncryptedTextField(PlainTextField):
    """A text that only this program can read in the database; everywhere else a plain ``str``.

    It cannot be searched, ordered or grouped by: keep a ``BlindIndexField`` beside it.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database."""
        text = super().get_prep_value(value)
        return text if text is None else encrypt(str(text))

    def from_db_value(self, value: str | None, _expression: Any, _connection: BaseDatabaseWrapper) -> str | None:
        """Decrypt on the way from the database."""
        return value if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every comparison but with NULL: an encrypted text never equals another."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: look for its blind index instead.")
        return super().get_lookup(lookup_name)


class BlindIndexField(PlainCharField):
    """The blind index of the encrypted field beside it, written whenever the row is saved.

    ``of`` names that field, ``index`` makes the hash from its text. An empty text has no index:
    NULL where the field allows it, else "". ``QuerySet.update`` bypasses it, as it does any
    ``pre_save``, so phones and ID numbers are never written with ``update``.
    """

    def __init__(self, *args: Any, of: str, index: Callable[[str], str], **options: Any) -> None:
        self.of = of
        self.index = index
        super().__init__(*args, **{"max_length": 64, "editable": False, "blank": True, **options})

    def deconstruct(self) -> Any:
        """Return what a migration needs to make the field again."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of, "index": self.index}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        """Return the index of the text that is about to be saved."""
        text = getattr(model_instance, self.of)
        value = self.index(text) if text else (None if self.null else "")
        setattr(model_instance, self.attname, value)
        return value


@BlindIndexField.register_lookup
class UnderAnyKey(Exact):
    """``phone_hash=…``: while the key is changed, a row stands under today's hash or under an earlier one."""

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Ask for all of them."""
        hashes = under_any_key(self.rhs) if isinstance(self.rhs, BlindIndex) else ()
        if not hashes:
            return super().as_sql(compiler, connection)
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN ({', '.join(['%s'] * len(hashes))})", [*params, *hashes]


@BlindIndexField.register_lookup
class UnderAnyKeyIn(In):
    """``phone_hash__in=…``: the same for many."""

    def get_prep_lookup(self) -> Any:
        """Ask for all of them."""
        if self.rhs_is_direct_value():
            self.rhs = [hash_ for index in self.rhs for hash_ in (under_any_key(index) if index else (index,))]
        return super().get_prep_lookup()
