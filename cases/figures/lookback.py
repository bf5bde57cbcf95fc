"""The evidence of a look-back: every touch of the victim and the household before a fraud, and the alerts before it.

What counts, what is weak, and what is left out: docs/decisions/what-a-look-back-counts.md.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Prefetch, Q

from accounts.clock import local, midnight
from accounts.models import AuditEntry, User
from accounts.personal_data import phone_index
from alerts.models import Alert, ObjectiveClock
from alerts.policy import ObjectiveState
from campaigns.models import ChatMember, Door, Event, Pledge, Push, Touch
from campaigns.policy import STRONG, Channel, DoorResult
from cases.models import Case, Rule
from cases.policy import (
    AlertLine,
    ClockLine,
    Evidence,
    EvidenceKind,
    FraudKind,
    Line,
    OffRoster,
    Person,
    RuleName,
    Strength,
    Whom,
    is_this_kind,
)
from knowledge.models import FraudType
from residents.models import Resident, Visit
from residents.policy import COUNTING_RESULTS


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked about one case: about whom, from when, until when."""

    case: Case
    fraud: FraudKind
    resident: Resident | None
    victim: frozenset[int]
    others: frozenset[int]
    moment: datetime
    since: datetime
    alerts_since: datetime

    @property
    def everybody(self) -> frozenset[int]:
        """The victim and the household."""
        return self.victim | self.others

    def whom(self, resident_id: int) -> Whom:
        """Say whether somebody is the victim, or of the household."""
        return Whom.VICTIM if resident_id in self.victim else Whom.HOUSEHOLD

    def line(self, *, types: Iterable[FraudType], strength: Strength, recorded_at: datetime, **fields: object) -> Line:
        """Return a line of evidence. Whoever else of a household was reached, the victim was not: that is weak."""
        taught = [kind_of(one) for one in types]
        is_weak = strength == Strength.STRONG and fields["whom"] == Whom.HOUSEHOLD
        return Line(
            **fields,  # type: ignore[arg-type]  # the callers' own
            types=tuple(one.code for one in taught),
            strength=Strength.WEAK if is_weak else strength,
            is_same=is_this_kind(taught, self.fraud, is_elder_fraud=self.case.is_elder_fraud),
            is_late=recorded_at > self.case.reported_at,
            recorded_at=recorded_at,
        )


def kind_of(type_: FraudType) -> FraudKind:
    """Return a type of fraud as a look-back compares it."""
    return FraudKind(type_.code, type_.parent_id or type_.pk, type_.is_elder)


def evidence_of(case: Case, *, now: datetime) -> Evidence:
    """Return what is known as of now of what was done before a fraud, the latest first.

    Outreach and care from ``look_back_days`` before the fraud on, alerts from ``alerts_back_days`` on, up to the moment
    of the fraud, else of its report. A fixed number of queries, however much there is.
    """
    asked = _asked(case)
    lines = [*_touches(asked), *_doors(asked), *_pledges(asked), *_pushes(asked), *_visits(asked)]
    return Evidence(
        as_of=now,
        moment=asked.moment,
        reported_at=case.reported_at,
        since=asked.since,
        alerts_since=asked.alerts_since,
        resident=asked.resident.pk if asked.resident is not None else None,
        off_roster=_off_roster(asked),
        fraud_type=case.fraud_type.code,
        is_elder_fraud=case.is_elder_fraud,
        lines=tuple(sorted(_without_doors_told_twice(lines), key=lambda line: (line.at, line.key), reverse=True)),
        alerts=tuple(_alerts(asked)),
    )


def _asked(case: Case) -> _Asked:
    numbers = Rule.objects.numbers()
    moment = case.occurred_at or case.reported_at
    resident = case.resident
    if resident is not None and resident.merged_into is not None:
        resident = resident.merged_into
    victim, others = set[int](), set[int]()
    if resident is not None:
        # What hangs on a record that was merged is carried over at night.
        victim = {resident.pk, *Resident.objects.filter(merged_into=resident).values_list("pk", flat=True)}
        flat = Resident.objects.filter(household__isnull=False, household=resident.household_id)
        others = set(flat.values_list("pk", flat=True)) - victim
    return _Asked(
        case=case,
        fraud=kind_of(case.fraud_type),
        resident=resident,
        victim=frozenset(victim),
        others=frozenset(others),
        moment=moment,
        since=moment - timedelta(days=numbers[RuleName.LOOK_BACK_DAYS]),
        alerts_since=moment - timedelta(days=numbers[RuleName.ALERTS_BACK_DAYS]),
    )


def _off_roster(asked: _Asked) -> str:
    """Say why the victim counts as not on the roster when it happened; "" where they were on it.

    Somebody who was taken on after the report was not; unless the roster here itself began later.
    """
    resident, case = asked.resident, asked.case
    if resident is None:
        return OffRoster.UNKNOWN
    if resident.ended_on is not None and resident.ended_on < local(asked.moment).date():
        return OffRoster.GONE
    if resident.created_at <= case.reported_at:
        return ""
    here = Resident.objects.within(case.community.code)
    return OffRoster.LATER if here.filter(created_at__lte=case.reported_at).exists() else ""


def _person(user: User | None) -> Person | None:
    return Person(user.pk, str(user)) if user is not None else None


def _place(event: Event | None) -> str:
    return "" if event is None else event.place or event.area.name


def _types(event: Event | None) -> Iterable[FraudType]:
    return () if event is None else event.fraud_types.all()


def _touches(asked: _Asked) -> Iterator[Line]:
    found = Touch.objects.filter(resident__in=asked.everybody, at__gte=asked.since, at__lt=asked.moment)
    for touch in found.select_related("event__area", "by").prefetch_related("event__fraud_types"):
        yield asked.line(
            key=f"touch:{touch.pk}",
            kind=EvidenceKind.TOUCH,
            whom=asked.whom(touch.resident_id),
            at=touch.at,
            how=touch.channel,
            title=touch.event.title if touch.event is not None else "",
            place=_place(touch.event),
            by=_person(touch.by),
            types=_types(touch.event),
            strength=Strength.STRONG if touch.channel in STRONG else Strength.WEAK,
            recorded_at=touch.recorded_at,
        )


def _doors(asked: _Asked) -> Iterator[Line]:
    """Yield the doors of the flat that were knocked at. Nobody at home, refused: it was tried."""
    household = asked.resident.household_id if asked.resident is not None else None
    found = Door.objects.filter(household__isnull=False, household=household, at__gte=asked.since, at__lt=asked.moment)
    for door in found.exclude(result="").select_related("event__area", "by").prefetch_related("event__fraud_types"):
        assert door.at is not None
        yield asked.line(
            # Knocking again is written over it: another result is another line.
            key=f"door:{door.event_id}:{door.result}",
            kind=EvidenceKind.DOOR,
            whom=Whom.HOUSEHOLD,
            at=door.at,
            how=door.result,
            title=door.event.title,
            place=_place(door.event),
            by=_person(door.by),
            types=_types(door.event),
            strength=Strength.WEAK if door.result == DoorResult.TALKED else Strength.TRIED,
            recorded_at=door.recorded_at or door.at,
        )


def _without_doors_told_twice(lines: Collection[Line]) -> list[Line]:
    """Leave out the doors at which somebody of the flat was talked to by name: that has a line of its own."""
    told = {(line.at, line.title) for line in lines if line.kind == EvidenceKind.TOUCH and line.how == Channel.DOOR}
    return [line for line in lines if line.kind != EvidenceKind.DOOR or (line.at, line.title) not in told]


def _pledges(asked: _Asked) -> Iterator[Line]:
    """Yield the pledges signed. When one was entered, the trail says: the pledge has the moment of the signature."""
    found = Pledge.objects.filter(resident__in=asked.everybody, at__gte=asked.since, at__lt=asked.moment)
    pledges = list(found.select_related("event__area", "area", "by").prefetch_related("event__fraud_types"))
    events = {str(pledge.event_id) for pledge in pledges}
    trail = AuditEntry.objects.filter(
        object_type=Event._meta.label_lower, object_id__in=events, verb="campaigns.pledge_signed"
    )
    entered = {entry.detail.get("pledge"): entry.at for entry in trail}
    for pledge in pledges:
        yield asked.line(
            key=f"pledge:{pledge.pk}",
            kind=EvidenceKind.PLEDGE,
            whom=asked.whom(pledge.resident_id or 0),
            at=pledge.at,
            how="",
            title=pledge.event.title if pledge.event is not None else "",
            place=_place(pledge.event) or pledge.area.name,
            by=_person(pledge.by),
            types=_types(pledge.event),
            strength=Strength.STRONG,
            recorded_at=max(entered.get(pledge.pk, pledge.at), pledge.at),
        )


def _pushes(asked: _Asked) -> Iterator[Line]:
    """Yield the pushes to chat groups while the victim was in them: of a day before that of the fraud."""
    spells = list(ChatMember.objects.filter(resident__in=asked.victim))
    first, last = local(asked.since).date(), local(asked.moment).date()
    found = Push.objects.filter(sent_to__group__in={spell.group_id for spell in spells}, on__gte=first, on__lt=last)
    for push in found.distinct().select_related("by").prefetch_related("fraud_types", "sent_to__group"):
        groups = {
            sent.group_id: sent.group
            for sent in push.sent_to.all()
            for spell in spells
            if sent.group_id == spell.group_id
            and spell.since_on <= push.on
            and (spell.until_on is None or push.on <= spell.until_on)
        }
        if groups:
            line = asked.line(
                key=f"push:{push.pk}",
                kind=EvidenceKind.PUSH,
                whom=Whom.VICTIM,
                at=midnight(push.on),
                how=Channel.PUSH,
                title="、".join(group.name for group in groups.values()),
                place="",
                by=_person(push.by),
                types=push.fraud_types.all(),
                strength=Strength.WEAK,
                recorded_at=push.recorded_at,
            )
            yield replace(line, posts=push.posts)


def _visits(asked: _Asked) -> Iterator[Line]:
    """Yield care visits: on no kind of fraud, but somebody was spoken to."""
    found = Visit.objects.filter(resident__in=asked.everybody, at__gte=asked.since, at__lt=asked.moment)
    for visit in found.select_related("by"):
        yield asked.line(
            key=f"visit:{visit.pk}",
            kind=EvidenceKind.VISIT,
            whom=asked.whom(visit.resident_id),
            at=visit.at,
            how=visit.result,
            title="",
            place="",
            by=_person(visit.by),
            types=(),
            strength=Strength.STRONG if visit.result in COUNTING_RESULTS else Strength.TRIED,
            recorded_at=visit.recorded_at,
        )


def _alerts(asked: _Asked) -> Iterator[AlertLine]:
    """Yield the alerts about the victim, or the victim's phone, before the fraud; and the one the case came from."""
    case = asked.case
    same = Q(resident__in=asked.victim)
    if case.victim_phone:
        same |= Q(subject_phone_hash=phone_index(case.victim_phone))
    before = Q(received_at__gte=asked.alerts_since, received_at__lt=asked.moment) & same
    clocks = Prefetch("clocks", ObjectiveClock.objects.order_by("pk"))
    found = Alert.objects.real().without_phone().filter(before | Q(pk=case.alert_id))
    for alert in found.select_related("holder", "fraud_type").prefetch_related(clocks).order_by("-received_at", "-pk"):
        yield AlertLine(
            pk=alert.pk,
            at=alert.received_at,
            level=alert.level,
            type=alert.fraud_type.code if alert.fraud_type is not None else "",
            state=alert.state,
            outcome=alert.outcome,
            holder=_person(alert.holder),
            accepted_at=alert.accepted_at,
            clocks=tuple(map(_clock, alert.clocks.all())),
            is_before=alert.received_at < asked.moment,
        )


def _clock(clock: ObjectiveClock) -> ClockLine:
    return ClockLine(
        objective=clock.objective,
        level=clock.level,
        due_at=clock.due_at,
        met_at=clock.met_at,
        is_overdue=clock.state == ObjectiveState.BREACHED,
    )
