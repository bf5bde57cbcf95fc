"""What was received lately, by whichever way, and what became of each message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.paging import PAGE_SIZE, ListPage, page_number
from accounts.personal_data import UnreadableError
from accounts.roles import Duty
from alerts.models import (
    DESK,
    DRILL,
    FILE,
    INFORMANT,
    VISITOR,
    Alert,
    InboundMessage,
    InboundMessageQuerySet,
    IntakeMessage,
    Mailbox,
    Rule,
    Source,
)
from alerts.policy import NOT_TAKEN_IN, TAKEN_IN, Became, Field, RuleName, Way
from alerts.reading import Fault, document_of, document_of_mail, masked, storable, text_of_bytes
from residents.access import scope_codes, within

LAST_PAGE = 40
"""Two sources of rows are merged page by page; further back the list of alerts has what became alerts."""

OURS = (DESK, VISITOR, INFORMANT, DRILL)
"""Sources that stand for what people did in this program: nothing is received from them."""

UNREAD = "unread"
"""What the filter calls everything that somebody must still look at."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message: when, by which way, from whom, and what it became; ``url`` is its own page, where it has one."""

    at: datetime
    way: str
    source: str
    became: str
    word: str
    alert: int | None
    faults: tuple[str, ...]
    url: str
    times: int = 1

    @property
    def is_unread(self) -> bool:
        """Whether somebody must still look at it."""
        return self.became in NOT_TAKEN_IN


@dataclass(frozen=True, slots=True)
class Pile:
    """The messages of one source that could not be taken in."""

    source_id: int | None
    name: str
    number: int


def sources(user: User, *, on: date) -> list[tuple[str, str]]:
    """Return the sources that this user's desks may receive something from: key and name."""
    codes = scope_codes(user, Duty.WATCH_DESK, on)
    above = {code[:length] for code in codes or () for length in range(len(code))}
    here = within("area__code", codes) | Q(area__isnull=True) | Q(area__code__in=above)
    shown = Source.objects.exclude(code__in=OURS)
    return [(str(one.pk), str(one)) for one in (shown if codes is None else shown.filter(here))]


def received(user: User, chosen: Mapping[str, Any], *, number: str, now: datetime) -> ListPage:
    """Return one page of what was received, the newest first; two queries, merged."""
    page = min(page_number(number), LAST_PAGE)
    most = page * PAGE_SIZE + 1
    source, became = chosen.get("source") or "", chosen.get("became") or ""
    kept = InboundMessage.objects.visible_to(user, on=local(now).date()).without_body().select_related("source")
    kept = _narrowed(kept, source, became)
    rows = [_row_of(message) for message in kept[:most]]
    if became in {"", Became.CREATED, Became.JOINED}:
        rows += [_row_of_intake(message) for message in _taken_in(user, source, became, now=now)[:most]]
    rows.sort(key=lambda row: row.at, reverse=True)
    start = (page - 1) * PAGE_SIZE
    has_next = len(rows) > start + PAGE_SIZE and page < LAST_PAGE
    return ListPage(rows=rows[start : start + PAGE_SIZE], number=page, has_next=has_next)


def _narrowed(messages: InboundMessageQuerySet, source: str, became: str) -> InboundMessageQuerySet:
    if source:
        messages = messages.filter(source=int(source))
    if became == UNREAD:
        return messages.not_taken_in()
    return messages.filter(became=became) if became else messages


def _taken_in(user: User, source: str, became: str, *, now: datetime) -> Any:
    """Return what the interface took in without anything to keep apart: the alert has what it said."""
    since = now - timedelta(days=Rule.objects.numbers()[RuleName.MESSAGES_DAYS])
    alerts = Alert.objects.visible_to(user, on=local(now).date(), duty=Duty.WATCH_DESK)
    apart = InboundMessage.objects.filter(
        source=OuterRef("source"), external_id=OuterRef("external_id"), became__in=TAKEN_IN
    )
    found = IntakeMessage.objects.filter(received_at__gte=since).exclude(source__code__in=OURS)
    if not user.is_superuser:
        found = found.filter(alert__in=alerts)
    if source:
        found = found.filter(source=int(source))
    if became:
        found = found.filter(joined=became == Became.JOINED)
    return found.exclude(Exists(apart)).select_related("source").order_by("-pk")


def _row_of(message: InboundMessage) -> Row:
    return Row(
        at=message.received_at,
        way=str(message.get_way_display()),
        source=str(message.source) if message.source is not None else message.sender or _("unknown"),
        became=message.became,
        word=str(message.get_became_display()),
        alert=message.alert_id,
        faults=words_of(message),
        url=reverse("alerts:message", args=[message.pk]),
        times=message.times,
    )


def _row_of_intake(message: IntakeMessage) -> Row:
    became = Became.JOINED if message.joined else Became.CREATED
    return Row(
        at=message.received_at,
        way=_("file") if message.source.code == FILE else str(Way.API.label),
        source=str(message.source),
        became=became,
        word=str(became.label),
        alert=message.alert_id,
        faults=(),
        url="",
    )


FIELD_OF = {
    "subject.name": Field.NAME,
    "subject.phone": Field.PHONE,
    "subject.address": Field.ADDRESS,
}


def words_of(message: InboundMessage) -> tuple[str, ...]:
    """Return what was wrong with a message, in the reader's language."""
    faults = [Fault.kept(stored) for stored in message.kept_faults]
    return tuple(f"{_name_of(fault.field)}{fault.words}" for fault in faults)


def _name_of(field: str) -> str:
    known = FIELD_OF.get(field, field)
    if known in Field.values:
        return _("{field}: ").format(field=Field(known).label)
    return _("{field}: ").format(field=field) if field else ""


def piles(user: User, *, now: datetime) -> list[Pile]:
    """Return what could not be taken in, by source, the largest first."""
    messages = InboundMessage.objects.visible_to(user, on=local(now).date()).not_taken_in()
    numbers = dict(messages.order_by().values_list("source").annotate(number=Count("pk")))
    known = Source.objects.in_bulk([key for key in numbers if key is not None])
    found = [
        Pile(key, str(known[key]) if key is not None else _("unknown senders"), number)
        for key, number in numbers.items()
    ]
    return sorted(found, key=lambda pile: (-pile.number, pile.name))


def silent_mailboxes() -> Sequence[Mailbox]:
    """Return the mailboxes that could not be read when somebody last looked."""
    return list(Mailbox.objects.filter(failing_since__isnull=False))


@dataclass(frozen=True, slots=True)
class Shown:
    """One message on its page."""

    row: Row
    text: str
    is_open: bool
    is_lost: bool


def shown(message: InboundMessage, *, is_open: bool) -> Shown:
    """Return a message with its text, masked unless its reader has opened it."""
    try:
        text = text_in(message)
    except UnreadableError:
        return Shown(_row_of(message), "", is_open, is_lost=True)
    return Shown(_row_of(message), storable(text if is_open else masked(text)), is_open, is_lost=False)


def text_in(message: InboundMessage) -> str:
    """Return what a message says, as far as it can be read. Raises ``UnreadableError`` where its key is lost."""
    if message.way == Way.EMAIL:
        return document_of_mail(message.raw).text
    # A form is shown as its fields; what cannot be taken apart as it came.
    document = document_of(message.raw, content_type=message.content_type)
    return document.text or text_of_bytes(message.raw, message.content_type)[0]
