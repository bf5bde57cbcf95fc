"""The trail under seal: batches chained to each other, so that a change shows.

Nobody who writes a line waits for this (docs/decisions/the-trail-is-sealed-in-batches.md).
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from accounts.models import AuditEntry, AuditMark, AuditSeal
from accounts.personal_data import keyed_hash

FIELDS = ("pk", "at", "actor_id", "verb", "object_type", "object_id", "area_code", "detail", "from_where")
ROW = struct.Struct(">q16s")
BATCH, BATCHES_AT_ONCE = 1000, 50
NOTHING_BEFORE = "0" * 64


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it was sealed: ``what`` is edited, removed, inserted, chain, tag or missing; which lines, seal."""

    what: str
    seal: int
    lines: tuple[int, ...] = ()


def digest_of(values: Sequence[object]) -> bytes:
    """Return the hash of one line, from ``FIELDS`` as the database gives them."""
    pk, at, *others = values
    moment = at.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(at, datetime) else str(at)
    text = json.dumps([pk, moment, *others], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).digest()[:16]


def mark_and_seal(*, now: datetime) -> int:
    """Seal what was marked the last time and can no longer change, and mark anew; return how many lines were sealed.

    Keys are given out before their lines stand in the table. So a line up to the mark may still be on its way when the
    mark is set; it is sealed once every transaction of that time is over.
    """
    count = 0
    for _batch in range(BATCHES_AT_ONCE):
        sealed = _seal_next(now=now)
        count += sealed
        if sealed < BATCH:
            break
    with transaction.atomic():
        mark = AuditMark.objects.select_for_update().get_or_create(pk=1, defaults={"looked_at": now})[0]
        last = AuditSeal.objects.aggregate(last=Max("last_id"))["last"] or 0
        # A mark that transactions still run behind stays: one set anew each minute would never be old enough.
        if mark.high_id <= last:
            high = AuditEntry.objects.aggregate(high=Max("pk"))["high"] or 0
            # By the database's own clock, and later than what was read: whoever had a key by then had begun by then.
            AuditMark.objects.filter(pk=1).update(high_id=high, looked_at=Now())
    return count


@transaction.atomic
def _seal_next(*, now: datetime) -> int:
    mark = AuditMark.objects.select_for_update().filter(pk=1).first()
    if mark is None or not _is_settled(mark):
        return 0
    last = AuditSeal.objects.order_by("-number").first()
    number, after, before = (last.number + 1, last.last_id, last.chain) if last is not None else (1, 0, NOTHING_BEFORE)
    lines = AuditEntry.objects.filter(pk__gt=after, pk__lte=mark.high_id).order_by("pk")
    rows = b"".join(ROW.pack(one[0], digest_of(one)) for one in lines.values_list(*FIELDS)[:BATCH])
    if not rows:
        return 0
    pks = [pk for pk, _digest in ROW.iter_unpack(rows)]
    chain = chain_of(before, number, rows)
    key_id = next(iter(settings.FIELD_KEYS))
    AuditSeal.objects.create(
        number=number,
        first_id=pks[0],
        last_id=pks[-1],
        count=len(pks),
        rows=rows,
        chain=chain,
        key_id=key_id,
        tag=tag_of(chain, key_id),
        sealed_at=now,
    )
    return len(pks)


def _is_settled(mark: AuditMark) -> bool:
    """Say whether every transaction that may still write a line up to the mark is over."""
    if connection.vendor != "postgresql":
        return True  # one writer at a time: what stands there stands in order
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND xact_start <= %s",
            [mark.looked_at],
        )
        return not cursor.fetchone()[0]


def chain_of(before: str, number: int, rows: bytes) -> str:
    """Return the hash that binds a batch to the one before it."""
    return sha256(f"{before}:{number}:".encode() + rows).hexdigest()


def tag_of(chain: str, key_id: str) -> str:
    """Return the keyed hash of a batch: who has the database alone cannot make the chain anew. "" for a lost key."""
    key = settings.FIELD_KEYS.get(key_id)
    return keyed_hash(key, f"audit-seal:{chain}") if key is not None else ""


def head_of_trail() -> str:
    """Return the last seal as ``number:chain``, to be written down elsewhere; "" where nothing is sealed yet."""
    last = AuditSeal.objects.order_by("-number").only("number", "chain").first()
    return f"{last.number}:{last.chain}" if last is not None else ""


def verify(*, known_head: tuple[int, str] | None = None, archived: int = 0) -> Iterator[Finding]:
    """Yield what is not as it was sealed, seal by seal; nothing for a trail that is whole.

    Args:
        known_head: number and chain of a seal written down elsewhere: with it, seals taken off the end show too.
        archived: up to this seal the lines were archived and removed: of them the chain alone is checked.
    """
    before, expected, after = NOTHING_BEFORE, 1, 0
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=50):
        rows = bytes(seal.rows)
        if seal.number != expected or chain_of(before, seal.number, rows) != seal.chain:
            yield Finding("chain", seal.number)
        if not compare_digest(tag_of(seal.chain, seal.key_id), seal.tag):
            yield Finding("tag", seal.number)
        if seal.number > archived:
            yield from _compare(seal, rows, after=after)
        if known_head is not None and known_head[0] == seal.number and known_head[1] != seal.chain:
            yield Finding("chain", seal.number)
        before, expected, after = (
            seal.chain,
            seal.number + 1,
            max((pk for pk, _digest in ROW.iter_unpack(rows)), default=after),
        )
    if known_head is not None and known_head[0] >= expected:
        yield Finding("missing", known_head[0])


def _compare(seal: AuditSeal, rows: bytes, *, after: int) -> Iterator[Finding]:
    sealed = dict(ROW.iter_unpack(rows))
    lines = (
        AuditEntry.objects.filter(pk__gt=after, pk__lte=max(sealed, default=after)).order_by("pk").values_list(*FIELDS)
    )
    found = {one[0]: digest_of(one) for one in lines}
    edited = sorted(pk for pk, digest in found.items() if pk in sealed and sealed[pk] != digest)
    for what, pks in (
        ("edited", edited),
        ("removed", sorted(sealed.keys() - found.keys())),
        ("inserted", sorted(found.keys() - sealed.keys())),
    ):
        if pks:
            yield Finding(what, seal.number, tuple(pks))
