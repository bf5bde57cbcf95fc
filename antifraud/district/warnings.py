"""Three years of alerts that are over, with their clocks and timelines, and a handful that has just come in.

What is over is written as the engine would have left it: an alert, its two clocks, of those that were handed on the
step that fired, and the lines of its timeline that pages read. What is open came through the intake itself, so that
every clock of it runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.personal_data import encrypt, phone_index
from accounts.rows import reserve_keys
from alerts.models import Alert, ObjectiveClock, PolicyVersion, Source, TimelineEntry, Timer
from alerts.policy import (
    CONFIRMATIONS,
    URGENCY,
    Action,
    Confirmation,
    Deed,
    Level,
    Objective,
    ObjectiveState,
    Outcome,
    Policy,
    Rank,
    State,
)
from alerts.services import Incoming, receive
from antifraud.district.people import People
from antifraud.district.places import Place
from antifraud.district.pouring import in_batches, pour
from antifraud.district.scale import Scale
from knowledge.models import FraudType

Kind = TimelineEntry.Kind
LEVELS = (Level.HIGH, Level.MEDIUM, Level.MEDIUM, Level.LOW)
OUTCOMES = (Outcome.DISSUADED,) * 6 + (Outcome.SAW_THROUGH,) * 2 + (Outcome.FALSE_ALARM, Outcome.DEFRAUDED)
WORDS = (
    "正在向陌生账户转账",
    "接到冒充客服的电话，对方要求共享屏幕",
    "点开陌生短信链接并填写了银行卡号",
    "在陌生投资平台多次充值",
)
DEED_OF = {
    Confirmation.PHONE: Deed.PHONE_CONFIRMED,
    Confirmation.DOOR: Deed.DOOR_CONFIRMED,
    Confirmation.FAMILY: Deed.FAMILY_CONTACTED,
    Confirmation.CONTACT: Deed.REMINDED,
}
SHARE_OF_STRANGERS, SHARE_LATE, SHARE_OF_DRILLS = 0.1, 0.06, 0.02
LATE_BY = {Level.HIGH: timedelta(minutes=15), Level.MEDIUM: timedelta(minutes=40), Level.LOW: timedelta(hours=25)}
LONGEST, LONGEST_LATE = timedelta(hours=1), timedelta(days=2)
"""How long an alert takes at most: those that came later than this before now would not be over."""
JUST_NOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Reported:
    """A fraud as the ledger knows it: whose, when reported, and of which alert (nought: nobody had warned)."""

    alert: int
    person: int
    at: datetime


@dataclass(frozen=True)
class _Told:
    """One alert that is over: its row, and what happened when."""

    row: dict[str, object]
    person: int
    place: Place
    specialist: int
    is_late: bool
    received_at: datetime
    dispatched_at: datetime
    accepted_at: datetime
    reached_at: datetime
    closed_at: datetime

    @property
    def level(self) -> Level:
        """How great the danger was."""
        return Level(str(self.row["level"]))

    @property
    def as_reported(self) -> Reported:
        """What the ledger says of it."""
        return Reported(int(str(self.row["id"])), self.person, self.reached_at)


def make_alerts(scale: Scale, people: People, places: Sequence[Place], *, now: datetime) -> list[Reported]:
    """Make the alerts that are over, in the order in which they came. Returns those in which money was lost."""
    dice = Random(f"{scale.seed} alerts")
    kinds = list(FraudType.objects.order_by("pk").values_list("pk", flat=True))
    about = {
        "source_id": Source.objects.get_or_create(code="police-platform", defaults={"name": "公安预警平台"})[0].pk,
        "policy_version_id": PolicyVersion.objects.in_force().pk,
    }
    step = (timedelta(days=scale.days) - LONGEST) / scale.alerts
    first = now - timedelta(days=scale.days)
    policy = Policy()
    lost: list[Reported] = []
    for numbers in in_batches(range(scale.alerts), size=2_000):
        keys = reserve_keys(Alert, len(numbers))
        told = [
            _tell(key, about, first + n * step, people, places, kinds, dice=dice, now=now)
            for key, n in zip(keys, numbers, strict=True)
        ]
        lost += [one.as_reported for one in told if one.row["outcome"] == Outcome.DEFRAUDED]
        pour(Alert, (one.row for one in told))
        pour(ObjectiveClock, (clock for one in told for clock in _clocks(one, policy)))
        pour(Timer, (timer for one in told if one.is_late for timer in _fired(one, policy)))
        pour(TimelineEntry, (line for one in told for line in _timeline(one)))
    return lost


def receive_alerts(scale: Scale, people: People, places: Sequence[Place], *, now: datetime) -> int:
    """Let a handful of alerts come in by the intake, in the last quarter of an hour."""
    dice = Random(f"{scale.seed} open")
    source = Source.objects.get(code="police-platform")
    moments = sorted(now - JUST_NOW * dice.random() for _one in range(scale.open_alerts))
    for n, at in enumerate(moments):
        number = dice.randrange(len(people))
        message = Incoming(
            external_id=f"district-{scale.seed}-{n}",
            level=dice.choice(LEVELS),
            fraud_type="fake_investment",
            name=people.names[number],
            area_code=places[people.grid_of(number)].code,
            resident_id=people.keys[number],
            description=dice.choice(WORDS),
        )
        receive(source, [message], now=at)
    return len(moments)


def _tell(
    key: int,
    about: Mapping[str, object],
    received_at: datetime,
    people: People,
    places: Sequence[Place],
    kinds: Sequence[int],
    *,
    dice: Random,
    now: datetime,
) -> _Told:
    number = dice.randrange(len(people))
    place = places[people.grid_of(number)]
    is_known = dice.random() >= SHARE_OF_STRANGERS
    level, outcome, kind = dice.choice(LEVELS), dice.choice(OUTCOMES), dice.choice(kinds)
    is_late = dice.random() < SHARE_LATE and received_at < now - LONGEST_LATE
    dispatched_at = received_at + timedelta(seconds=dice.randrange(20, 240) + 200 * is_late)
    accepted_at = dispatched_at + timedelta(seconds=dice.randrange(20, 170) + 200 * is_late)
    reached_at = accepted_at + timedelta(seconds=dice.randrange(60, 300)) + LATE_BY[level] * is_late
    closed_at = reached_at + timedelta(seconds=dice.randrange(60, 1800))
    specialist = place.specialists[is_late]
    phone = people.phones[number] or "19900000000"
    row = {
        "id": key,
        **about,
        "is_drill": dice.random() < SHARE_OF_DRILLS,
        "level": level,
        "urgency": URGENCY[level],
        "state": State.CLOSED,
        "fraud_type_id": kind,
        "actual_fraud_type_id": kind,
        "description": dice.choice(WORDS),
        "amount_at_risk": dice.randrange(1, 200) * 500,
        "subject_name": people.names[number],
        "subject_phone": encrypt(phone),
        "subject_phone_hash": phone_index(phone),
        "resident_id": people.keys[number] if is_known else None,
        "grid_id": place.pk,
        "area_code": place.code,
        "received_at": received_at,
        "dispatched_at": dispatched_at,
        "accepted_at": accepted_at,
        "acted_at": reached_at,
        "closed_at": closed_at,
        "changed_at": closed_at,
        "holder_id": specialist,
        "holder_rank": Rank.SPECIALIST,
        "offered_to": list(place.specialists[: 1 + is_late]),
        **{f"{c}_at": reached_at if c in CONFIRMATIONS[level] else None for c in Confirmation},
        "outcome": outcome,
        "spoken_to": "本人",
        "amount_lost": dice.randrange(1, 100) * 500 if outcome == Outcome.DEFRAUDED else None,
        "amount_prevented": dice.randrange(1, 100) * 500 if outcome == Outcome.DISSUADED else None,
        "actual_level": level,
        "needs_second_feedback": dice.random() < 0.01,
    }
    return _Told(
        row, number, place, specialist, is_late, received_at, dispatched_at, accepted_at, reached_at, closed_at
    )


def _clocks(told: _Told, policy: Policy) -> Iterator[dict[str, object]]:
    started = {Objective.DISPATCH: told.received_at, Objective.RESPOND: told.dispatched_at}
    done = {Objective.DISPATCH: told.dispatched_at, Objective.RESPOND: told.reached_at}
    for objective in Objective:
        due_at = started[objective] + policy.due_after(objective, told.level)
        is_late = done[objective] > due_at
        yield {
            "alert_id": told.row["id"],
            "objective": objective,
            "level": told.level,
            "state": ObjectiveState.BREACHED if is_late else ObjectiveState.MET,
            "started_at": started[objective],
            "due_at": due_at,
            "met_at": done[objective],
            "breached_at": due_at if is_late else None,
        }


def _fired(told: _Told, policy: Policy) -> Iterator[dict[str, object]]:
    """Yield the steps that fired for an alert that was late: those of its level that ask whether it is done."""
    for step in policy.steps_of(Objective.RESPOND, told.level):
        due_at = told.dispatched_at + step.at
        if step.do in (Action.HAND_TO_SECOND, Action.TELL) and due_at < told.reached_at:
            yield {
                "alert_id": told.row["id"],
                "objective": step.objective,
                "level": told.level,
                "step": step.key,
                "due_at": due_at,
                "wake_at": due_at,
                "urgency": URGENCY[told.level],
                "state": Timer.State.FIRED,
                "settled_at": due_at + timedelta(milliseconds=40),
                "late_ms": 40,
            }


def _timeline(told: _Told) -> Iterator[dict[str, object]]:
    place, worker = told.place, told.specialist
    respond = Objective.RESPOND
    yield _line(
        told, Kind.RECEIVED, told.received_at, objective=Objective.DISPATCH, level=told.level, source="公安预警平台"
    )
    yield _line(
        told, Kind.DISPATCHED, told.dispatched_at, actor=place.officer, objective=Objective.DISPATCH, grid=place.name
    )
    yield _line(told, Kind.ASSIGNED, told.dispatched_at, person=worker, objective=respond, rank="specialist", passed=[])
    yield _line(told, Kind.ACCEPTED, told.accepted_at, actor=worker, objective=respond)
    for confirmation in CONFIRMATIONS[told.level]:
        yield _line(
            told, Kind.ACTION, told.reached_at, actor=worker, objective=respond, deed=DEED_OF[confirmation].value
        )
    yield _line(told, Kind.CLOSED, told.closed_at, actor=worker, outcome=told.row["outcome"])


def _line(
    told: _Told,
    kind: str,
    at: datetime,
    *,
    actor: int | None = None,
    person: int | None = None,
    objective: str = "",
    **detail: object,
) -> dict[str, object]:
    return {
        "alert_id": told.row["id"],
        "at": at,
        "recorded_at": at,
        "kind": kind,
        "actor_id": actor,
        "person_id": person,
        "objective": objective,
        "detail": detail,
    }
