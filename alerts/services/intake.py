"""How alerts come in: recognised, matched to a resident and a grid, joined to one that is open, or begun.

One path for one message and for five hundred: a handful of statements whatever their number. Two messages about one
subject that arrive at the same instant are served one after the other (advisory locks on PostgreSQL, the immediate
transaction on SQLite), so the second finds the alert of the first.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, prefetch_related_objects

from accounts.composed import Among, Composed, Given
from accounts.models import User
from accounts.personal_data import phone_index, under_any_key
from accounts.rows import reserve_keys
from accounts.services import record
from alerts.docket import Docket, Matter
from alerts.letters import Tiding
from alerts.models import FILE, Alert, IntakeMessage, ObjectiveClock, PolicyVersion, Source
from alerts.policy import URGENCY, Objective, ObjectiveState, Policy, State, higher
from alerts.services.common import Kind, caught_up
from alerts.services.placing import Places
from knowledge.models import FraudType
from residents.models import Area, Resident

KNOWN = Composed(
    lambda: (
        IntakeMessage.objects.filter(Among(F("external_id"), Given("numbers")), source_id=Given("source"))
        .order_by()
        .values_list("pk")
    )
)
TYPES = Composed(
    lambda: FraudType.objects.filter(Among(F("code"), Given("codes"))).order_by().values_list("code", "pk")
)
POLICY = ("id", "published_at")
IN_FORCE = Composed(lambda: PolicyVersion.objects.published().order_by("-published_at", "-pk").values_list(*POLICY)[:1])
SUBJECT = ("id", "is_drill", "subject_name", "subject_phone_hash", "resident_id", "grid_id")
# Three questions, for each has a partial index of open alerts of its own, and a message mostly needs one of them.
ABOUT_RESIDENTS = Composed(
    lambda: Alert.objects.open().filter(Among(F("resident_id"), Given("residents"))).order_by().values_list("pk")
)
ABOUT_PHONES = Composed(
    lambda: (
        Alert.objects.open()
        .filter(Among(F("subject_phone_hash"), Given("phones")), ~Q(subject_phone_hash=""))
        .order_by()
        .values_list("pk")
    )
)
ABOUT_NAMES = Composed(
    lambda: (
        Alert.objects.open()
        .filter(Among(F("grid_id"), Given("grids")), Among(F("subject_name"), Given("names")))
        .order_by()
        .values_list("pk")
    )
)
OPEN = Composed(
    lambda: (
        Alert.objects.open()
        .filter(Among(F("pk"), Given("keys")))
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list(*SUBJECT)
    )
)


@dataclass(frozen=True)
class Incoming:
    """One message as it came, checked for form but not yet understood.

    Attributes:
        external_id: the source's own number for it; the same number again is the same message.
        fraud_type: the code of a type; an unknown type is kept as sent.
        area_code: of any level; one that is unknown leaves the alert unplaced at the nearest area above that is known.
        resident_id: where the sender knows whom of the roster it is about; nobody is looked for by name then.
    """

    external_id: str
    level: str
    fraud_type: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    area_code: str = ""
    description: str = ""
    amount_at_risk: Decimal | None = None
    warned_at: datetime | None = None
    is_drill: bool = False
    resident_id: int | None = None

    @cached_property
    def body_hash(self) -> str:
        """What makes two messages of one number the same message."""
        # What was not said is left out of what came later: a message of before that day is still the same.
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        if self.resident_id is None:
            del said["resident_id"]
        body = json.dumps(said, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(body.encode()).hexdigest()


class ConflictError(Exception):
    """The number was used before for another message."""


class Result(Enum):
    """What became of a message."""

    CREATED = auto()
    JOINED = auto()
    SAME = auto()
    CONFLICT = auto()


@dataclass(frozen=True)
class Terms:
    """What an alert's clocks ask for.

    Attributes:
        due_at: objective → when it is due; one that has not started has no time yet.
        respond_within: how long the grid has from the dispatch, at the alert's level.
    """

    due_at: Mapping[str, datetime]
    respond_within: timedelta

    @classmethod
    def of(cls, policy: Policy, level: str, clocks: Iterable[ObjectiveClock]) -> "Terms":
        """Return what these clocks ask for; one replaced by a higher level asks for nothing any more."""
        running = {clock.objective: clock.due_at for clock in clocks if clock.state != ObjectiveState.REPLACED}
        return cls(running, policy.due_after(Objective.RESPOND, level))


@dataclass(frozen=True)
class Receipt:
    """What the sender is told: what became of the message, and of which alert and under which terms.

    A conflict has no alert and no terms. ``joined`` says that the message was added to an open alert, now or, where it
    is the same again, when it came first.
    """

    external_id: str
    result: Result
    alert: Alert | None = None
    terms: Terms | None = None
    joined: bool = False


def receive_one(source: Source, message: Incoming, *, now: datetime, by: User | None = None) -> Receipt:
    """Take one message in. Raises ``ConflictError`` where its number was used for another body."""
    receipt = receive(source, [message], now=now, by=by)[0]
    if receipt.result is Result.CONFLICT:
        raise ConflictError(message.external_id)
    return receipt


@transaction.atomic
def receive(source: Source, messages: Sequence[Incoming], *, now: datetime, by: User | None = None) -> list[Receipt]:
    """Take messages in, in their order. Every alert's dispatch clock runs from ``now``.

    Returns: a receipt for each message. No alert is refused for naming a place, a type or a person that is unknown.
    """
    _serve_one_after_the_other(source, messages)
    batch = _Batch(source, messages, now=now, by=by)
    return batch.receive()


def _serve_one_after_the_other(source: Source, messages: Iterable[Incoming]) -> None:
    """Hold, until the transaction ends, a lock for each message's number and each subject, always in the same order."""
    if connection.vendor != "postgresql":
        return
    keys: set[int] = set()
    for message in messages:
        marks = [f"{source.pk}:{message.external_id}", message.phone and phone_index(message.phone), message.name]
        keys |= {int.from_bytes(hashlib.sha256(m.encode()).digest()[:8], signed=True) for m in marks if m}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) AS k", [sorted(keys)])


@dataclass
class _Found:
    """One message understood: whom and where it is about."""

    message: Incoming
    resident: Resident | None
    grid: Area | None
    area_code: str


@dataclass
class _Taken(_Found):
    """One message and the alert that it began or joins."""

    alert: Alert
    joins: bool


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom a message or an alert is about."""

    is_drill: bool
    resident_id: int | None
    phone_hash: str
    name: str
    grid_id: int | None

    @classmethod
    def of(cls, alert: Alert) -> "_Subject":
        return cls(alert.is_drill, alert.resident_id, alert.subject_phone_hash or "", alert.subject_name, alert.grid_id)

    @property
    def marks(self) -> list[tuple[object, ...]]:
        """What another must share one of to be about the same subject: the resident or, where nobody on the roster
        matches, the phone, or the name in the grid. An exercise never joins what is real."""
        if self.resident_id is not None:
            return [(self.is_drill, "resident", self.resident_id)]
        marks: list[tuple[object, ...]] = []
        if self.phone_hash:
            marks += [(self.is_drill, "phone", index) for index in under_any_key(self.phone_hash)]
        if self.name and self.grid_id is not None:
            marks.append((self.is_drill, "name", self.name, self.grid_id))
        return marks


class _Candidates:
    """The alerts that messages of this batch could join, found by whom they are about; of several the oldest."""

    def __init__(self, alerts: Iterable[Alert]) -> None:
        self._by_mark: dict[tuple[object, ...], tuple[int, Alert]] = {}
        self._count = 0
        for alert in alerts:
            self.add(alert, _Subject.of(alert))

    def add(self, alert: Alert, subject: _Subject) -> None:
        for mark in subject.marks:
            self._by_mark.setdefault(mark, (self._count, alert))
        self._count += 1

    def about(self, subject: _Subject) -> Alert | None:
        found = [self._by_mark[mark] for mark in subject.marks if mark in self._by_mark]
        return min(found, key=lambda aged: aged[0])[1] if found else None


@dataclass
class _Batch:
    source: Source
    messages: Sequence[Incoming]
    now: datetime
    by: User | None

    def receive(self) -> list[Receipt]:
        self.terms: dict[int, Terms] = {}
        known = self._known()
        first: dict[str, Incoming] = {}
        for message in self.messages:
            if message.external_id not in known:
                first.setdefault(message.external_id, message)
        taken = self._take_in(list(first.values()))
        return [self._receipt(message, known, first, taken) for message in self.messages]

    def _known(self) -> dict[str, IntakeMessage]:
        numbers = [message.external_id for message in self.messages]
        found = KNOWN.ask(source=self.source.pk, numbers=numbers)
        if not found:
            return {}
        known = {it.external_id: it for it in IntakeMessage.objects.filter(pk__in=[pk for (pk,) in found])}
        prefetch_related_objects(list(known.values()), "alert__policy_version")
        self._recall_terms([message.alert for message in known.values()])
        return known

    def _recall_terms(self, alerts: Iterable[Alert]) -> None:
        clocks: dict[int, list[ObjectiveClock]] = {}
        for clock in ObjectiveClock.objects.filter(alert__in=alerts):
            clocks.setdefault(clock.alert_id, []).append(clock)
        for alert in alerts:
            table = alert.policy_version.as_policy()
            self.terms[alert.pk] = Terms.of(table, alert.level, clocks.get(alert.pk, ()))

    def _receipt(
        self,
        message: Incoming,
        known: Mapping[str, IntakeMessage],
        first: Mapping[str, Incoming],
        taken: Mapping[str, _Taken],
    ) -> Receipt:
        number = message.external_id
        if number in known:
            before, alert, joined = known[number].body_hash, known[number].alert, known[number].joined
        else:
            before, alert, joined = first[number].body_hash, taken[number].alert, taken[number].joins
        result = Result.SAME
        if first.get(number) is message:
            result = Result.JOINED if joined else Result.CREATED
        elif before != message.body_hash:
            return Receipt(number, Result.CONFLICT)
        return Receipt(number, result, alert, self.terms[alert.pk], joined)

    def _take_in(self, messages: Sequence[Incoming]) -> dict[str, _Taken]:
        """Begin an alert for each new message, or join it to one that is open, maybe begun by a message before it."""
        places = Places(self.source, messages)
        founds = [_Found(message, *places.of(message)) for message in messages]
        candidates = _Candidates(self._open_alerts(founds))
        said = {message.fraud_type for message in messages if message.fraud_type}
        known: dict[str, int] = dict(TYPES.ask(codes=said)) if said else {}
        others = said - known.keys()  # a platform may send a type's name, or one of its other names
        self.types: Mapping[str, int] = known | (FraudType.objects.meant_by(others) if others else {})
        self.policy = PolicyVersion.from_db(connection.alias, POLICY, IN_FORCE.ask()[0])
        taken: list[_Taken] = []
        for found in founds:
            subject = self._subject(found)
            same = candidates.about(subject)
            alert = same or self._begin(found)
            if same is None:
                candidates.add(alert, subject)
            taken.append(_Taken(found.message, found.resident, found.grid, found.area_code, alert, same is not None))
        self._start([it for it in taken if not it.joins], taken)
        for it in taken:
            if it.joins:
                it.alert = self._join(it.alert, it)
        return {it.message.external_id: it for it in taken}

    def _open_alerts(self, founds: Sequence[_Found]) -> list[Alert]:
        """Lock and return the open alerts that any of these could join, the oldest first. Drills join drills alone.

        Locked before one is chosen: a message that joined an alert in the moment it was closed would be forgotten.
        """
        subjects = [self._subject(found) for found in founds]
        # Who is on the roster is joined as that resident alone.
        strangers = [subject for subject in subjects if subject.resident_id is None]
        residents = {it.resident_id for it in subjects if it.resident_id is not None}
        phones = {h for it in strangers if it.phone_hash for h in under_any_key(it.phone_hash)}
        named = [it for it in strangers if it.name and it.grid_id is not None]
        found = ABOUT_RESIDENTS.ask(residents=residents) if residents else []
        if phones:
            found += ABOUT_PHONES.ask(phones=phones)
        if named:
            found += ABOUT_NAMES.ask(names={it.name for it in named}, grids={it.grid_id for it in named})
        if not found:
            return []
        # Whichever is joined is read again, whole, under the lock that is taken here, in one order for everybody.
        keys = {pk for (pk,) in found}
        return [Alert.from_db(connection.alias, SUBJECT, row) for row in OPEN.ask(keys=keys)]

    def _subject(self, found: _Found) -> "_Subject":
        message = found.message
        return _Subject(
            is_drill=message.is_drill or self.source.is_drill,
            resident_id=found.resident.pk if found.resident is not None else None,
            phone_hash=phone_index(message.phone) if message.phone else "",
            name=message.name,
            grid_id=found.grid.pk if found.grid is not None else None,
        )

    def _begin(self, found: _Found) -> Alert:
        message = found.message
        return Alert(
            source=self.source,
            policy_version=self.policy,
            is_drill=message.is_drill or self.source.is_drill,
            level=message.level,
            urgency=URGENCY[message.level],
            fraud_type_id=self.types.get(message.fraud_type),
            fraud_type_said="" if message.fraud_type in self.types else message.fraud_type,
            description=message.description,
            amount_at_risk=message.amount_at_risk,
            subject_name=message.name,
            subject_phone=message.phone,
            subject_address=message.address,
            resident=found.resident,
            grid=found.grid,
            area_code=found.area_code,
            warned_at=message.warned_at,
            received_at=self.now,
            changed_at=self.now,
        )

    def _start(self, new: Sequence[_Taken], taken: Sequence[_Taken]) -> None:
        """Store the new alerts with all that begins with them, and which message began or joins which alert."""
        alerts = [it.alert for it in new]
        for alert, pk in zip(alerts, reserve_keys(Alert, len(alerts)) if alerts else (), strict=True):
            alert.pk = pk
        docket = Docket(alerts, now=self.now, by=self.by, from_where=self.source.code, fresh=True)
        for it in new:
            matter = docket.matters[it.alert.pk]
            detail = {"source": self.source.name, "level": it.alert.level, "external_id": it.message.external_id}
            if it.message.area_code and not it.area_code.startswith(it.message.area_code):
                detail["unknown_area_code"] = it.message.area_code
            matter.note(Kind.RECEIVED, actor=self.by, objective=Objective.DISPATCH, detail=detail)
            matter.start(Objective.DISPATCH)
            self.terms[it.alert.pk] = Terms.of(matter.policy, it.alert.level, matter.clocks)
            if self.by is not None:
                verb = "alerts.brought_in" if self.source.code == FILE else "alerts.typed_in"
                record(verb, by=self.by, at=self.now, about=it.alert, area_code=it.area_code)
        docket.begin((IntakeMessage, self._messages(taken)))

    def _join(self, alert: Alert, found: _Found) -> Alert:
        """Add a message to an open alert. A higher level starts the higher objective now; who had accepted keeps it."""
        message = found.message
        docket = caught_up(alert.pk, now=self.now)
        docket.by, docket.from_where = self.by, self.source.code
        matter = docket.matters[alert.pk]
        rises = higher(message.level, matter.alert.level)
        matter.note(
            Kind.JOINED,
            actor=self.by,
            detail={
                "source": self.source.name,
                "external_id": message.external_id,
                "level": message.level,
                "raised": rises,
                "description": message.description,
                "amount_at_risk": str(message.amount_at_risk) if message.amount_at_risk is not None else None,
            },
        )
        amounts = [amount for amount in (matter.alert.amount_at_risk, message.amount_at_risk) if amount is not None]
        if amounts:
            matter.set(amount_at_risk=max(amounts))
        if rises:
            _raise_level(matter, message.level)
        docket.save()
        holder = matter.alert.holder_id
        # Where the level rises, the higher objective's first step has told the holder.
        if holder is not None and not rises:
            matter.tell([holder], [Tiding.JOINED], key=f"joined.{self.source.pk}.{message.external_id}")
            docket.save()
        self.terms[alert.pk] = Terms.of(matter.policy, matter.alert.level, matter.clocks)
        return matter.alert

    def _messages(self, taken: Sequence[_Taken]) -> list[dict[str, Any]]:
        return [
            {
                "source_id": self.source.pk,
                "external_id": it.message.external_id,
                "body_hash": it.message.body_hash,
                "alert_id": it.alert.pk,
                "received_at": self.now,
                "joined": it.joins,
            }
            for it in taken
        ]


def _raise_level(matter: Matter, level: str) -> None:
    """Raise an alert's level: if it has reached its grid, the higher objective starts at this moment, with its steps.

    What was confirmed before was about the lesser danger: it stays in the timeline and is asked for again.
    """
    docket, alert = matter.docket, matter.alert
    matter.set(level=level, urgency=URGENCY[level])
    if alert.state == State.RECEIVED:
        matter.hurry()
        return
    matter.replace(Objective.RESPOND)
    matter.set(phone_at=None, door_at=None, family_at=None, contact_at=None, excuses={})
    by, docket.by = docket.by, None
    matter.start(Objective.RESPOND)
    matter.catch_up()
    docket.by = by
