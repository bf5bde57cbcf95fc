"""What was received: kept raw before anybody tries to read it, then turned into an alert by the same intake as all.

Keeping is a transaction of its own, so call it outside of any other: whatever happens to the reading, the message is
there and can be tried again (docs/decisions/what-is-kept-of-messages.md).
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from pydantic_core import from_json

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from alerts import letters
from alerts.channels import Mail, MailboxAddress, MailboxError, opened
from alerts.models import InboundMessage, InboundMessageQuerySet, Mailbox, Source, SourceMapping
from alerts.policy import SECONDS, TOLD_AT_MOST_EVERY, Became, Level, Way
from alerts.reading import (
    ADDRESSES,
    AlertIn,
    Document,
    Fault,
    MappingError,
    Reading,
    Rule,
    Rules,
    bare_word,
    check,
    check_rule,
    document_of,
    document_of_mail,
    read,
    sender_of,
    storable,
)
from alerts.services.common import AlertError
from alerts.services.intake import Incoming, Result, receive
from notifications import services as notifications
from residents.access import within
from residents.models import Post, ancestry

logger = logging.getLogger(__name__)

LARGEST_KEPT = 1024 * 1024
"""Bytes of a message that are kept; what is larger is cut and says so."""

LEFT_AFTER = 15 * SECONDS
"""After this long without being read a message was left by who kept it."""

MOST_AT_ONCE = 200
"""Messages that one press or one round tries, and mails that one look into the mailbox fetches."""

BECAME: Mapping[Result, Became] = {
    Result.CREATED: Became.CREATED,
    Result.JOINED: Became.JOINED,
    Result.SAME: Became.SAME,
    Result.CONFLICT: Became.REFUSED,
}


def incoming_of(alert: AlertIn) -> Incoming:
    """Return a checked message in the words of the services; one amount has one spelling."""
    amount = alert.amount_at_risk
    return Incoming(
        external_id=alert.external_id,
        level=Level(alert.level),
        fraud_type=alert.fraud_type,
        name=alert.subject.name,
        phone=alert.subject.phone,
        address=alert.subject.address,
        area_code=alert.area_code,
        description=alert.description,
        amount_at_risk=amount if amount is None else amount.quantize(Decimal("0.01")),
        warned_at=alert.warned_at,
    )


# ── kept ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def keep(
    *,
    way: Way,
    source: Source | None,
    body: bytes,
    now: datetime,
    size: int | None = None,
    content_type: str = "",
    sender: str = "",
    mark: str = "",
    limit: int = LARGEST_KEPT,
    faults: Sequence[Fault] = (),
    became: Became = Became.WAITING,
) -> InboundMessage:
    """Store what came, whatever it is; what has the ``mark`` of one that is there counts as that once more.

    Args:
        size: of the whole, where ``body`` is only its beginning.
        faults, became: where its sender was answered already.
    """
    whole = max(len(body), size or 0)
    fields: dict[str, Any] = {
        "source": source,
        "received_at": now,
        "area_code": source.area.code if source is not None and source.area is not None else "",
        "sender": storable(sender)[:200],
        "content_type": storable(content_type)[:200],
        "body": InboundMessage.sealed(body[:limit]),
        "size": whole,
        "is_cut": whole > min(len(body), limit),
        "became": became,
        "faults": [fault.as_dict() for fault in faults],
        "read_at": None if became == Became.WAITING else now,
    }
    if not mark:
        return InboundMessage.objects.create(way=way, **fields)
    message, is_new = InboundMessage.objects.get_or_create(way=way, mark=mark, defaults=fields)
    if not is_new:
        InboundMessage.objects.filter(pk=message.pk).update(times=F("times") + 1)
        message.refresh_from_db(fields=["times"])
    return message


def keep_refused(source: Source, body: bytes, faults: Sequence[Fault], *, now: datetime, limit: int) -> InboundMessage:
    """Keep what the interface refused. A sender that tries the same again and again has one row, with the number."""
    mark = sha256(f"{source.pk}:".encode() + body).hexdigest()
    became = Became.FAILED if any(fault.kind == "defect" for fault in faults) else Became.REFUSED
    options: dict[str, Any] = {"content_type": "application/json", "mark": mark, "limit": limit}
    return keep(way=Way.API, source=source, body=body, now=now, faults=faults, became=became, **options)


# ── read ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def take_in(message: InboundMessage, *, now: datetime, by: User | None = None) -> InboundMessage:
    """Read a kept message and turn it into an alert, or write down why not. It never raises for what the message says.

    A database that goes away in the middle raises; the message then waits, and is read when it is back.
    """
    try:
        entries = _entries_of(message)
        return _take_apart(message, entries, now=now, by=by) if entries else _take_in(message.pk, now=now, by=by)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("message %d raised as it was read", message.pk)
        return _settle(message.pk, Became.FAILED, [Fault("", "defect")], now=now)


def _entries_of(message: InboundMessage) -> list[Any]:
    """Return the alerts of a batch that the interface refused or failed at as a whole."""
    if message.way != Way.API or message.is_cut or not message.may_be_tried:
        return []
    try:
        body = from_json(message.raw, allow_inf_nan=True)
    except ValueError:
        return []
    entries = body.get("alerts") if isinstance(body, dict) else None
    return entries if isinstance(entries, list) else []


def _take_apart(batch: InboundMessage, entries: Sequence[Any], *, now: datetime, by: User | None) -> InboundMessage:
    """Keep each alert of a batch as a message of its own and take it in; the batch is then set aside."""
    assert batch.source is not None  # the interface knows who sends
    for entry in entries:
        body = json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace")
        one = keep_refused(batch.source, body, [], now=now, limit=LARGEST_KEPT)
        take_in(one, now=now, by=by)
    return _settle(batch.pk, Became.ASIDE, [Fault("", "batch", {"number": len(entries)})], now=now)


@transaction.atomic
def _take_in(pk: int, *, now: datetime, by: User | None) -> InboundMessage:
    message = InboundMessage.objects.select_for_update(of=("self",)).select_related("source__area").get(pk=pk)
    if not message.may_be_tried:
        return message
    source, reading = _read(message, now=now)
    message.source = source
    message.read_at = now
    message.faults = [fault.as_dict() for fault in reading.faults]
    if source is not None and source.area is not None:
        message.area_code = source.area.code
    if reading.alert is None or source is None:
        message.became = Became.REFUSED
    else:
        _become(message, source, _dated(incoming_of(reading.alert), message, now=now), now=now)
    message.save(
        update_fields=["source", "read_at", "faults", "area_code", "became", "external_id", "alert", "told_at"]
    )
    if by is not None:
        detail = {"became": str(message.became)}
        record("alerts.message_tried", by=by, at=now, about=message, area_code=message.area_code, detail=detail)
    return message


def _dated(incoming: Incoming, message: InboundMessage, *, now: datetime) -> Incoming:
    """Say when the message came where it says nothing of its time and was read late: the delay is shown, not hidden."""
    if incoming.warned_at is not None or now - message.received_at < timedelta(minutes=1):
        return incoming
    values = {name: getattr(incoming, name) for name in Incoming.__dataclass_fields__}
    return Incoming(**values | {"warned_at": message.received_at})


def _become(message: InboundMessage, source: Source, incoming: Incoming, *, now: datetime) -> None:
    receipt = receive(source, [incoming], now=now)[0]
    message.external_id = incoming.external_id
    message.became = BECAME[receipt.result]
    if receipt.alert is None:
        message.faults = [*message.faults, Fault("external_id", "conflict").as_dict()]
        return
    message.alert = receipt.alert
    message.area_code = receipt.alert.area_code


@transaction.atomic
def _settle(pk: int, became: Became, faults: Sequence[Fault], *, now: datetime) -> InboundMessage:
    message = InboundMessage.objects.select_for_update(of=("self",)).get(pk=pk)
    message.became, message.faults, message.read_at = became, [fault.as_dict() for fault in faults], now
    message.save(update_fields=["became", "faults", "read_at"])
    return message


def _read(message: InboundMessage, *, now: datetime) -> tuple[Source | None, Reading]:
    match message.way:
        case Way.EMAIL:
            mapping = mapping_of_sender(message.sender or sender_of(message.raw))
            if mapping is None:
                return message.source, Reading(None, (Fault("", "no_source", {"said": message.sender or "?"}),))
            return mapping.source, read_with(mapping, message, now=now)
        case Way.WEBHOOK:
            return message.source, _read_webhook(message, now=now)
        case _:
            return message.source, _read_api(message, now=now)


def _read_webhook(message: InboundMessage, *, now: datetime) -> Reading:
    mappings = SourceMapping.objects.in_use().of_way(Way.WEBHOOK).filter(source=message.source)
    mapping = mappings.first()
    return Reading(None, (Fault("", "no_mapping"),)) if mapping is None else read_with(mapping, message, now=now)


def _read_api(message: InboundMessage, *, now: datetime) -> Reading:
    """Read what the interface refused: as it asks for it, or else by the source's mapping, if it has one by now."""
    if message.is_cut:
        return Reading(None, (Fault("", "too_large", {"number": LARGEST_KEPT // 2**20}),))
    try:
        fields = from_json(message.raw, allow_inf_nan=True)
    except ValueError as error:
        fields, faults = None, [Fault("", "json", {"error": str(error)[:200]})]
    else:
        alert = check(fields, now=now)
        if isinstance(alert, AlertIn):
            return Reading(alert)
        faults = alert
    mapped = _read_webhook(message, now=now)
    return mapped if mapped.alert is not None else Reading(None, tuple(faults))


def taken_apart(way: str, raw: bytes, *, content_type: str, is_cut: bool) -> Document:
    """Return a message taken apart, as its way has it. A mail that was cut still has its text."""
    if way == Way.EMAIL:
        return document_of_mail(raw)
    return document_of(raw, content_type=content_type, is_cut=is_cut)


def read_with(mapping: SourceMapping, message: InboundMessage, *, now: datetime) -> Reading:
    """Return what a mapping finds in a message."""
    raw = message.raw
    document = taken_apart(message.way, raw, content_type=message.content_type, is_cut=message.is_cut)
    # What has no number of its own is recognised by its every byte.
    number = document.number or f"sha256-{sha256(raw).hexdigest()[:40]}"
    return read(document, rules_of(mapping), number=number, now=now)


def rules_of(mapping: SourceMapping) -> Rules:
    """Return a mapping as the pure functions take it."""
    area = mapping.area or mapping.source.area
    return Rules(
        rules=[Rule(one.field, one.how, one.where, one.otherwise) for one in mapping.rules.all()],
        values={(one.field, bare_word(one.said)): one.means for one in mapping.words.all()},
        date_format=mapping.date_format,
        zone=mapping.zone,
        area_code=area.code if area is not None else "",
    )


def mapping_of_sender(sender: str) -> SourceMapping | None:
    """Return the mapping in use whose senders name this address, the whole address before its domain."""
    domain = sender[sender.rfind("@") :]
    by_domain = None
    for mapping in SourceMapping.objects.in_use().of_way(Way.EMAIL):
        named = {found.lower() for found in ADDRESSES.findall(mapping.senders)}
        if sender in named:
            return mapping
        if domain in named and by_domain is None:
            by_domain = mapping
    return by_domain


# ── a mapping tried and switched on ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Tried:
    """How a mapping did on its sample: what is wrong with it, and what it read."""

    wrong: Sequence[str]
    reading: Reading | None = None

    @property
    def is_well(self) -> bool:
        """Whether it may be switched on: the sample became an alert and nothing of it was left unread."""
        return not self.wrong and self.reading is not None and self.reading.alert is not None


def try_mapping(mapping: SourceMapping, *, now: datetime) -> Tried:
    """Try a mapping on its sample message; nothing is received."""
    wrong = []
    for rule in rules_of(mapping).rules:
        try:
            check_rule(rule)
        except MappingError as error:
            wrong.append(f"{rule.field}: {error}")
    if not mapping.sample.strip():
        wrong.append(_("There is no sample message. Paste one as the source sends it."))
    if mapping.way == Way.EMAIL and not ADDRESSES.search(mapping.senders):
        wrong.append(_("No sender is named: mail of nobody would be read."))
    if wrong:
        return Tried(wrong)
    raw = mapping.sample.replace("\r\n", "\n").strip().encode()
    if mapping.way == Way.EMAIL and not raw.lower().startswith((b"from:", b"subject:", b"received:", b"return-path:")):
        raw = b"Subject: \nContent-Type: text/plain; charset=utf-8\n\n" + raw
    document = taken_apart(mapping.way, raw, content_type="", is_cut=False)
    reading = read(document, rules_of(mapping), number="sample", now=now)
    return Tried([str(fault.words) for fault in reading.faults] if reading.alert is None else [], reading)


@transaction.atomic
def switch_mapping(mapping: SourceMapping, *, on: bool, by: User | None, now: datetime) -> SourceMapping:
    """Switch a mapping on, or off. Raises ``AlertError`` where it does not read its own sample."""
    locked = SourceMapping.objects.select_for_update(of=("self",)).select_related("source__area", "area")
    found = locked.get(pk=mapping.pk)
    if on and not (tried := try_mapping(found, now=now)).is_well:
        raise AlertError("\n".join(tried.wrong))
    if found.is_on != on:
        found.is_on = on
        found.save(update_fields=["is_on"])
        record(f"alerts.mapping_switched_{'on' if on else 'off'}", by=by, at=now, about=found)
    return found


# ── what somebody does with a message ───────────────────────────────────────────────────────────────────────────────


def try_again(message: InboundMessage, *, by: User, now: datetime) -> InboundMessage:
    """Read a message once more. Raises ``AlertError`` for one that has become an alert."""
    if not message.may_be_tried:
        raise AlertError(_("This message was taken in already."))
    return take_in(message, now=now, by=by)


def try_all_again(messages: Iterable[InboundMessage], *, by: User, now: datetime) -> tuple[int, int]:
    """Read messages once more, each by itself; return how many became alerts and how many did not."""
    tried = [take_in(message, now=now, by=by).is_taken_in for message in messages]
    return sum(tried), len(tried) - sum(tried)


@transaction.atomic
def set_aside(message: InboundMessage, *, by: User, now: datetime) -> InboundMessage:
    """Say that a message needs no alert. Raises ``AlertError`` for one that has one, or that was set aside before."""
    locked = InboundMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if locked.is_taken_in or locked.became == Became.ASIDE:
        raise AlertError(_("There is nothing to set aside: this message was taken in, or set aside before."))
    locked.became, locked.read_at = Became.ASIDE, now
    locked.save(update_fields=["became", "read_at"])
    record("alerts.message_set_aside", by=by, at=now, about=locked, area_code=locked.area_code)
    return locked


@transaction.atomic
def reveal_message(message: InboundMessage, *, by: User, now: datetime, from_where: str = "") -> None:
    """Write down that somebody opened a message's text."""
    record("alerts.message_revealed", by=by, at=now, about=message, area_code=message.area_code, from_where=from_where)


# ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def take_in_left(*, now: datetime) -> int:
    """Read what was kept and left: who kept it died before it was read. Returns how many."""
    left = list(InboundMessage.objects.left_waiting(now - LEFT_AFTER).without_body().order_by("pk")[:MOST_AT_ONCE])
    for message in left:
        take_in(message, now=now)
    return len(left)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one look into a mailbox brought: mails kept, how many of them became alerts."""

    kept: int
    taken_in: int


def _keep_mail(mail: Mail, *, now: datetime) -> InboundMessage:
    return keep(
        way=Way.EMAIL,
        source=None,
        body=mail.raw,
        size=mail.size,
        now=now,
        content_type="message/rfc822",
        sender=sender_of(mail.raw),
        mark=mail.mark,
    )


def fetch_mail(address: MailboxAddress, *, now: datetime) -> Fetched:
    """Fetch what is new in a mailbox: kept first, then marked as read there, then taken in.

    Raises ``MailboxError`` where the mailbox cannot be read, once that is written down.
    """
    kept: list[InboundMessage] = []
    try:
        with opened(address) as box:
            for mail in box.unseen(most=MOST_AT_ONCE, limit=LARGEST_KEPT):
                message = _keep_mail(mail, now=now)
                box.mark_seen(mail)
                kept.append(take_in(message, now=now))
    except MailboxError as error:
        _note_mailbox(address.name, now=now, error=str(error))
        raise
    _note_mailbox(address.name, now=now, error="")
    return Fetched(len(kept), sum(message.is_taken_in for message in kept))


@transaction.atomic
def _note_mailbox(name: str, *, now: datetime, error: str) -> None:
    box, _is_new = Mailbox.objects.select_for_update().get_or_create(name=name[:200], defaults={"looked_at": now})
    box.looked_at, box.error = now, error[:300]
    box.failing_since = (box.failing_since or now) if error else None
    box.told_at = box.told_at if error else None
    box.save()


@transaction.atomic
def tell_of_messages(*, now: datetime) -> int:
    """Tell desks and administrators of what could not be taken in: once an hour for each source, with the number.

    Returns how many letters were written.
    """
    told = 0
    for source in _sources_of(InboundMessage.objects.not_told()):
        of_source = InboundMessage.objects.filter(source=source)
        if of_source.filter(told_at__gt=now - TOLD_AT_MOST_EVERY).exists():
            continue
        untold = list(of_source.not_told().select_for_update().values_list("pk", "area_code"))
        if not untold:
            continue
        people = _desks({code for _pk, code in untold}, now=now)
        written = [letters.messages_unread(person, source=source, number=len(untold), now=now) for person in people]
        told += notifications.tell(written, now=now)
        InboundMessage.objects.filter(pk__in=[pk for pk, _code in untold]).update(told_at=now)
    return told + _tell_of_mailboxes(now=now)


def _sources_of(messages: InboundMessageQuerySet) -> list[Source | None]:
    keys = list(messages.order_by().values_list("source", flat=True).distinct())
    sources = Source.objects.in_bulk([key for key in keys if key is not None])
    return [sources.get(key) if key is not None else None for key in keys]


def _tell_of_mailboxes(*, now: datetime) -> int:
    silent = Mailbox.objects.filter(failing_since__isnull=False)
    silent = silent.filter(Q(told_at__isnull=True) | Q(told_at__lte=now - TOLD_AT_MOST_EVERY))
    told = 0
    for box in silent.select_for_update():
        people = _desks({""}, now=now)
        told += notifications.tell([letters.mailbox_silent(one, box=box, now=now) for one in people], now=now)
        box.told_at = now
        box.save(update_fields=["told_at"])
    return told


def _desks(codes: Iterable[str], *, now: datetime) -> list[User]:
    """Return the duty officers of these areas, of those above and those within, and the administrators: a mapping is
    theirs to mend."""
    posts = Post.objects.current(local(now).date()).filter(role=Role.DUTY_OFFICER)
    if "" not in (areas := set(codes)):
        above = {code for area in areas for code in ancestry(area)}
        posts = posts.filter(within("area__code", tuple(areas)) | Q(area__code__in=above))
    people = User.objects.filter(is_active=True).filter(Q(is_superuser=True) | Q(pk__in=posts.values("user")))
    return list(people.order_by("pk"))
