"""A recorded day played again through the real engine on a virtual clock.

A recording is a CSV of posts, alerts and human actions (columns ``at,event,alert,who,detail``; details are
``key=value`` joined by ``;``). It says who holds which post, so it needs no other data. ``play`` writes into the
default database and is meant for one made for the occasion; ``replay_alerts`` gives it an empty one and throws it away.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, ClassVar

from django.db.models import Min
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from alerts import engine, services
from alerts.models import Alert, Shift, Source, TimelineEntry, Timer
from alerts.policy import Deed, Level, Outcome, ShiftKind
from alerts.services import AlertError, Ending, Incoming
from knowledge.models import FraudType
from residents.models import Area, Post
from residents.models import Level as AreaLevel

COLUMNS = ("at", "event", "alert", "who", "detail")
DIGITS_OF_LEVEL: Mapping[int, str] = {
    6: AreaLevel.DISTRICT,
    9: AreaLevel.STREET,
    12: AreaLevel.COMMUNITY,
    15: AreaLevel.GRID,
}
EXCUSE = "excuse."
PRINTED = frozenset(
    [
        "received",
        "joined",
        "dispatched",
        "assigned",
        "accepted",
        "reminded",
        "escalated",
        "notified",
        "breached",
        "met",
        "action",
        "closed",
        "voided",
    ]
)
"""The kinds of line a replay prints; what else the timeline holds is printed as ``action``."""


class RecordingError(Exception):
    """A file that cannot be played. ``faults`` holds a sentence for each fault, with its row."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Event:
    """One row of a recording. ``row`` is its number in the file, the header being 1."""

    row: int
    at: datetime
    event: str
    alert: str
    who: str
    detail: Mapping[str, str]


def read(path: Path) -> list[Event]:
    """Return a recording's events in their order of time. Raises ``RecordingError`` naming every fault by row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="gb18030", errors="replace")
    except OSError as error:
        raise RecordingError([_("{path} cannot be read: {why}").format(path=path, why=error.strerror)]) from error
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise RecordingError([_("The first row must be: {columns}").format(columns=",".join(COLUMNS))])
    faults: list[str] = []
    events: list[Event] = []
    for number, row in enumerate(rows, start=2):
        try:
            events.append(_event(number, row))
        except ValueError as error:
            faults.append(_("Row {row}: {fault}").format(row=number, fault=error))
    if faults:
        raise RecordingError(faults)
    return sorted(events, key=lambda event: event.at)  # stable: rows of one moment keep their order


def _event(number: int, row: Mapping[str, str | None]) -> Event:
    values = {column: (row.get(column) or "").strip() for column in COLUMNS}
    at = _moment(values["at"])
    if at is None:
        raise ValueError(
            _('"{text}" is not a time with a zone, such as 2026-04-02T14:00:00+08:00').format(text=values["at"])
        )
    if values["event"] not in Player.EVENTS:
        raise ValueError(
            _('there is no event "{event}"; there are: {events}').format(
                event=values["event"], events=", ".join(Player.EVENTS)
            )
        )
    detail: dict[str, str] = {}
    for part in filter(None, values["detail"].split(";")):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(_('"{part}" is not written as key=value').format(part=part))
        detail[key.strip()] = value.strip()
    return Event(number, at, values["event"], values["alert"], values["who"], detail)


def play(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Play a recording into the default database; return its lines, one dictionary a line, in the order they happened.

    The engine runs at the exact instants at which steps are due, each before what people do at the same instant. After
    the last event it runs on until nothing is pending, unless the recording ends itself with ``end``.
    """
    player = Player()
    for event in events:
        player.run_clock(until=event.at)
        player.do(event)
        if event.event == "end":
            return player.lines
    player.run_clock(until=None)
    return player.lines


@dataclass
class Player:
    """One replay under way."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    _alerts: dict[str, int] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _printed: int = 0
    _source: Source | None = None

    def run_clock(self, *, until: datetime | None) -> None:
        """Let the engine do what is due up to and at a moment, each step at its own instant."""
        while (due := Timer.objects.pending().aggregate(at=Min("wake_at"))["at"]) and (until is None or due <= until):
            engine.sweep(now=due, guard="replay")
            self._print()

    def do(self, event: Event) -> None:
        """Do what a person did; what is not allowed at its moment is printed as refused, and the replay goes on."""
        try:
            self.EVENTS[event.event](self, event)
        except (AlertError, RecordingError) as error:
            self._refuse(event, str(error))
        self._print()

    # ── the events ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _post(self, event: Event) -> None:
        role, code = event.detail.get("role", ""), event.detail.get("area", "")
        if role not in Role.values:
            raise RecordingError([_('there is no role "{role}"').format(role=role)])
        Post.objects.create(
            user=self._user(event.who), role=role, area=_area(code), starts_on=date.min + timedelta(days=1)
        )

    def _shift(self, event: Event) -> None:
        """Put somebody on the duty roster from this moment until another; where, and as what, is in the detail."""
        kind, until = event.detail.get("kind", ShiftKind.ON_CALL), _moment(event.detail.get("until", ""))
        if kind not in ShiftKind.values:
            raise RecordingError([_('there is no kind of shift "{kind}"').format(kind=kind)])
        if until is None or until <= event.at:
            raise RecordingError([_('a shift needs "until": a time with a zone, after its start')])
        Shift.objects.create(
            user=self._user(event.who),
            kind=kind,
            area=_area(event.detail.get("area", "")),
            starts_at=event.at,
            ends_at=until,
            changed_at=event.at,
        )

    def _busy(self, event: Event) -> None:
        services.mark_busy(self._user(event.who), now=event.at, from_where="replay")

    def _free(self, event: Event) -> None:
        services.mark_free(self._user(event.who), now=event.at, from_where="replay")

    def _alert(self, event: Event) -> None:
        detail = event.detail
        level = detail.get("level", "")
        if level not in Level.values:
            raise RecordingError([_('there is no level "{level}"').format(level=level)])
        if code := detail.get("area", ""):
            _area(code)
        if self._source is None:
            self._source = Source.objects.create(code="replay", name="replay")
        message = Incoming(
            external_id=event.alert,
            level=level,
            fraud_type=detail.get("fraud_type", ""),
            name=detail.get("subject", ""),
            phone=detail.get("phone", ""),
            address=detail.get("address", ""),
            area_code=code,
            description=detail.get("description", ""),
            amount_at_risk=_money(detail.get("amount_at_risk")),
            warned_at=parse_datetime(detail["warned_at"]) if "warned_at" in detail else None,
        )
        receipt = services.receive_one(self._source, message, now=event.at)
        if receipt.alert is not None:
            self._alerts[event.alert] = receipt.alert.pk
            self._names.setdefault(receipt.alert.pk, event.alert)

    def _dispatch(self, event: Event) -> None:
        grid = _area(event.detail["grid"]) if "grid" in event.detail else None
        services.dispatch_alert(self._of(event), by=self._user(event.who), now=event.at, grid=grid, from_where="replay")

    def _accept(self, event: Event) -> None:
        services.accept_alert(self._of(event), by=self._user(event.who), now=event.at, from_where="replay")

    def _hand_over(self, event: Event) -> None:
        to = self._user(event.detail["to"]) if "to" in event.detail else None
        by = self._user(event.who)
        reason = event.detail.get("reason", "")
        services.hand_over_alert(self._of(event), by=by, now=event.at, to=to, reason=reason, from_where="replay")

    def _deed(self, event: Event) -> None:
        by, note = self._user(event.who), event.detail.get("note", "")
        services.record_deed(self._of(event), deed=event.event, by=by, now=event.at, note=note, from_where="replay")

    def _close(self, event: Event) -> None:
        detail = event.detail
        ending = Ending(
            outcome=detail.get("outcome", Outcome.DISSUADED),
            spoken_to=detail.get("spoken_to", ""),
            lost=_money(detail.get("lost")),
            prevented=_money(detail.get("prevented")),
            level=detail.get("level", ""),
            fraud_type=FraudType.objects.filter(code=detail.get("fraud_type", "")).first(),
            needs_second_feedback=detail.get("second_feedback", "") in {"1", "true", "yes"},
            note=detail.get("note", ""),
            excuses={key.removeprefix(EXCUSE): why for key, why in detail.items() if key.startswith(EXCUSE)},
        )
        services.close_alert(
            self._of(event), ending=ending, by=self._user(event.who), now=event.at, from_where="replay"
        )

    def _void(self, event: Event) -> None:
        by, reason = self._user(event.who), event.detail.get("reason", "")
        services.void_alert(self._of(event), reason=reason, by=by, now=event.at, from_where="replay")

    def _end(self, event: Event) -> None:
        """Nothing happens at the end; the clock has been run up to it."""

    EVENTS: ClassVar[Mapping[str, Callable[["Player", Event], None]]] = {
        "post": _post,
        "shift": _shift,
        "busy": _busy,
        "free": _free,
        "alert": _alert,
        "dispatch": _dispatch,
        "accept": _accept,
        "hand_over": _hand_over,
        **dict.fromkeys((Deed.PHONE_CONFIRMED, Deed.DOOR_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.REMINDED), _deed),
        "close": _close,
        "void": _void,
        "end": _end,
    }

    # ── what they name ──────────────────────────────────────────────────────────────────────────────────────────────

    def _user(self, name: str) -> User:
        if not name:
            raise RecordingError([_('the row names nobody under "who"')])
        user, _made = User.objects.get_or_create(username=name, defaults={"name": name})
        return user

    def _of(self, event: Event) -> Alert:
        if event.alert not in self._alerts:
            raise RecordingError([_('no alert "{alert}" has come in yet').format(alert=event.alert)])
        return Alert.objects.get(pk=self._alerts[event.alert])

    # ── what is printed ─────────────────────────────────────────────────────────────────────────────────────────────

    def _print(self) -> None:
        fresh = TimelineEntry.objects.filter(pk__gt=self._printed).select_related("actor", "person").order_by("pk")
        for entry in fresh:
            self._printed = entry.pk
            self.lines.append(self._line(entry))

    def _line(self, entry: TimelineEntry) -> dict[str, Any]:
        who = entry.person or entry.actor
        kind = entry.kind if entry.kind in PRINTED else "action"
        return {
            "at": local(entry.at).isoformat(),
            "alert": self._names[entry.alert_id],
            "kind": kind,
            "who": who.username if who is not None else None,
            "objective": entry.objective or None,
            "detail": entry.detail | self._passed(entry),
        }

    def _passed(self, entry: TimelineEntry) -> dict[str, Any]:
        """Name those who were passed over: a recording knows people by name, not by number."""
        if not entry.detail.get("passed"):
            return {}
        names = dict(User.objects.values_list("pk", "username"))
        return {"passed": [[rank, names.get(user_id), why] for rank, user_id, why in entry.detail["passed"]]}

    def _refuse(self, event: Event, reason: str) -> None:
        self.lines.append(
            {
                "at": local(event.at).isoformat(),
                "alert": event.alert or None,
                "kind": "refused",
                "who": event.who or None,
                "objective": None,
                "detail": {"row": event.row, "event": event.event, "reason": reason},
            }
        )


def _area(code: str) -> Area:
    """Return an area by code, made with all above it where a recording names it first."""
    if not code.isdigit() or len(code) < min(DIGITS_OF_LEVEL):
        raise RecordingError([_('"{code}" is no area code').format(code=code)])
    parent: Area | None = None
    for digits, level in DIGITS_OF_LEVEL.items():
        if digits <= len(code):
            parent, _made = Area.objects.get_or_create(
                code=code[:digits], defaults={"name": code[:digits], "level": level, "parent": parent}
            )
    if parent is None or parent.code != code:
        parent = Area.objects.create(code=code, name=code, level=AreaLevel.BUILDING, parent=parent)
    return parent


def _moment(text: str) -> datetime | None:
    """Return a moment with its zone; ``None`` for anything else."""
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def _money(text: str | None) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise RecordingError([_('"{text}" is not an amount').format(text=text)]) from error
