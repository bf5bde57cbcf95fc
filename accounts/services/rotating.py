"""A change of keys: every row written anew under the current ones, in batches, resumable, while everybody works on.

The new keys write and the earlier ones read as soon as they stand in the environment; this is what makes the earlier
ones unnecessary (docs/decisions/personal-data-at-rest.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from accounts.models import AuditSeal, Rotation, User
from accounts.personal_data import (
    BlindIndexField,
    EncryptedTextField,
    UnreadableError,
    decrypt,
    encrypt,
    seal,
    unseal,
)
from accounts.services.sealing import tag_of
from accounts.services.trail import record

BATCH = 500
ROTATED = "accounts.keys_rotated"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one table has come: rows looked at, rows written anew, rows that no key opens."""

    table: str
    looked_at: int
    changed: int
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class _Table:
    """The columns of one table that stand under a key."""

    name: str
    key: str
    texts: tuple[str, ...]
    indexes: Mapping[str, tuple[BlindIndexField, str]]
    files: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.texts, *self.files, *self.indexes)


def tables() -> list[_Table]:
    """Return every table that holds something under a key, by its fields: nobody can forget a new one."""
    found = []
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy or model is AuditSeal:
            continue
        fields = model._meta.local_concrete_fields
        of = {field.name: str(field.column) for field in fields}
        indexes = {str(field.column): (field, of[field.of]) for field in fields if isinstance(field, BlindIndexField)}
        texts = tuple(str(field.column) for field in fields if isinstance(field, EncryptedTextField))
        files = tuple(str(field.column) for field in fields if isinstance(field, models.BinaryField))
        if texts or files:
            key = str(model._meta.pk.column)
            found.append(_Table(model._meta.db_table, key, texts, indexes, files))
    return sorted(found, key=lambda table: table.name)


def rotate_keys(*, by: User | None, now: datetime, batch: int = BATCH) -> Iterator[Progress]:
    """Write everything anew that does not stand under the current keys; yield how far it is after each batch.

    Each batch is a transaction of its own with its own note of how far it came, so whatever interrupts it costs no more
    than one batch: called again with the same keys, it goes on from there. Rows that no key opens are left as they are
    and counted.
    """
    keys = _print_of_keys()
    totals = {"looked_at": 0, "changed": 0, "unreadable": 0}
    for table in tables():
        while True:
            progress, is_done = _next_batch(table, keys, batch=batch, now=now)
            totals["looked_at"] += progress.looked_at
            totals["changed"] += progress.changed
            totals["unreadable"] += progress.unreadable
            if is_done:
                break
            yield progress
    resealed = _tag_anew()
    with transaction.atomic():
        Rotation.objects.all().delete()
        detail = totals | {"seals": resealed, "key": next(iter(settings.FIELD_KEYS))}
        record(ROTATED, by=by, at=now, detail=detail)


def count_left(*, batch: int = BATCH) -> dict[str, int]:
    """Return by table how many rows do not stand under the current keys; empty where the earlier may be taken out."""
    left: dict[str, int] = {}
    for table in tables():
        after: Any = None
        while rows := _read(table, after, batch=batch):
            count = sum(any(_anew(table, row[1:])) for row in rows)
            left[table.name] = left.get(table.name, 0) + count
            after = rows[-1][0]
    left["accounts_auditseal"] = AuditSeal.objects.exclude(key_id=next(iter(settings.FIELD_KEYS))).count()
    return {name: count for name, count in left.items() if count}


def _print_of_keys() -> str:
    """Return what tells one set of current keys from another, and says nothing about them."""
    name, key = next(iter(settings.FIELD_KEYS.items()))
    return sha256(b"rotation:" + name.encode() + b":" + key + settings.INDEX_KEY).hexdigest()


@transaction.atomic
def _next_batch(table: _Table, keys: str, *, batch: int, now: datetime) -> tuple[Progress, bool]:
    noted, _is_new = Rotation.objects.select_for_update().get_or_create(
        table=table.name, keys=keys, defaults={"changed_at": now}
    )
    rows = [] if noted.is_done else _read(table, noted.last_id or None, batch=batch)
    changed = unreadable = 0
    for pk, *values in rows:
        anew, is_unreadable = _anew(table, values)
        unreadable += is_unreadable
        if anew:
            _write(table, pk, anew)
            changed += 1
    if rows:
        noted.last_id, noted.rows = str(rows[-1][0]), noted.rows + len(rows)
    noted.is_done, noted.changed_at = not rows, now
    noted.save()
    return Progress(table.name, len(rows), changed, unreadable), not rows


def _read(table: _Table, after: Any, *, batch: int) -> list[tuple[Any, ...]]:
    """Return the next rows as the database has them, locked where a transaction asks."""
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, (table.key, *table.columns)))
    since = f"WHERE {quote(table.key)} > %s" if after is not None else ""
    lock = "FOR UPDATE" if connection.vendor == "postgresql" and connection.in_atomic_block else ""
    order = f"ORDER BY {quote(table.key)} LIMIT {batch:d}"
    # Names of our own tables and columns alone.
    sql = f"SELECT {names} FROM {quote(table.name)} {since} {order} {lock}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [after] if after is not None else [])
        return list(cursor.fetchall())


def _write(table: _Table, pk: Any, anew: Mapping[str, Any]) -> None:
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(name)} = %s" for name in anew)
    sql = f"UPDATE {quote(table.name)} SET {places} WHERE {quote(table.key)} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*anew.values(), pk])


def _anew(table: _Table, values: Any) -> tuple[dict[str, Any], bool]:
    """Return the columns of a row to be written anew, and whether one of them is opened by no key."""
    stood = dict(zip(table.columns, values, strict=True))
    anew: dict[str, Any] = {}
    is_unreadable = False
    for name in (*table.texts, *table.files):
        try:
            value = _text_anew(stood[name]) if name in table.texts else _file_anew(stood[name])
        except UnreadableError:
            is_unreadable = True
            continue
        if value is not None:
            anew[name] = value
    for name, (field, of) in table.indexes.items():
        try:
            text = decrypt(stood[of] or "")
        except UnreadableError:
            continue
        if text and (index := str(field.index(text))) != stood[name]:
            anew[name] = index
    return anew, is_unreadable


def _text_anew(stored: str | None) -> str | None:
    current = next(iter(settings.FIELD_KEYS))
    return encrypt(decrypt(stored)) if stored and not stored.startswith(f"{current}:") else None


def _file_anew(stored: bytes | memoryview | None) -> bytes | None:
    content = bytes(stored) if stored is not None else b""
    name, colon, _body = content[:64].partition(b":")
    if not colon or not name.isalnum() or name.decode(errors="replace") == next(iter(settings.FIELD_KEYS)):
        return None
    return seal(unseal(content))


def _tag_anew() -> int:
    """Give each seal of the trail a tag under the current key, where its own was right; a forged one stays as it is."""
    current, count = next(iter(settings.FIELD_KEYS)), 0
    for one in AuditSeal.objects.exclude(key_id=current).only("number", "chain", "tag", "key_id").iterator():
        if compare_digest(tag_of(one.chain, one.key_id), one.tag):
            AuditSeal.objects.filter(pk=one.pk).update(key_id=current, tag=tag_of(one.chain, current))
            count += 1
    return count
