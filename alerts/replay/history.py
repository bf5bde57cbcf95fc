"""A period's real alerts as a rehearsal needs them: who stood where, and what people did after what.

Read from the live tables, in a dozen queries whatever the period; plain enough to be handed to another process as JSON.
Nothing of a resident is in it: an alert is a number, a level and a place.

**What people did is kept as delays, not as times of day.** Somebody accepted 65 seconds after it was given to them, and
was at the door seven minutes after that; told earlier, they are taken to have needed as long. What is counted from what
stands at ``Move``; what it assumes is said for everybody in docs/learning.md.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db.models import F, Prefetch, Q

from accounts.models import User
from alerts.docket import LATE
from alerts.models import Alert, BusySpell, ObjectiveClock, PolicyVersion, Shift, TimelineEntry, Timer
from alerts.policy import LONGEST_SHIFT, Level, Objective, Step
from residents.access import within
from residents.models import Area, Post, ancestry

Kind = TimelineEntry.Kind

RECEIVED, REMINDED, DISPATCHED, GIVEN, TOLD, JOINED, ACCEPTED = (
    "received",
    "reminded",
    "dispatched",
    "given",
    "told",
    "joined",
    "accepted",
)
"""What a move is counted from."""

CONTEXT_BEFORE = timedelta(days=7)
"""Alerts received so long before the period count nowhere and are played where they were open when it began."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing a person did about one alert.

    Attributes:
        kind: dispatch, place, report, accept, hand_over, deed, excuse, close or join.
        who: the key of who did it; for ``hand_over`` ``to`` is the key of who got it.
        since, delay: what it followed, and after how many seconds. The desk answers the alert or the reminder; who
            accepts answers what was given to them, or else what they were told; whatever is done at the grid follows
            the acceptance before it, or else the dispatch. What comes from outside follows nothing: its moment stands.
        otherwise: seconds from the dispatch (of what the desk did, from the receipt), for where what it followed does
            not come about.
        entered_late: seconds between the deed and its entry.
        what: the deed, the confirmation that was excused, or the level of a second message.
        reminder: which reminder of the desk it followed, the first being 1.
    """

    kind: str
    who: int | None
    since: str
    delay: float
    otherwise: float = 0.0
    entered_late: float = 0.0
    what: str = ""
    to: int | None = None
    reminder: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """One alert: what it was, what people did, who was asked and kept silent.

    Attributes:
        is_counted: whether the period counts it; others are there because they kept people busy.
        silent: who was given it and had it taken from them unaccepted.
        waited: who had it when somebody else accepted it → for how many seconds they had.
        clocks: what happened: objective, level, state, seconds it took (``None`` where it was never done).
    """

    pk: int
    version: int
    level: str
    received_at: str
    area_code: str
    grid_code: str
    place_name: str
    is_counted: bool
    moves: tuple[Move, ...]
    silent: tuple[int, ...]
    waited: Mapping[str, float]
    clocks: tuple[tuple[str, str, str, float | None], ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody's hours in the duty roster."""

    kind: str
    area_code: str
    user: int
    starts_at: str
    ends_at: str
    seat: int = 0
    pk: int = 0


@dataclass(frozen=True)
class History:
    """All that a rehearsal needs to know."""

    until: str
    areas: tuple[tuple[str, str, str], ...]
    users: tuple[tuple[int, str, bool], ...]
    posts: tuple[tuple[int, str, str, str, str | None], ...]
    watches: tuple[Watch, ...]
    busy: tuple[tuple[int, str, str | None], ...]
    policies: Mapping[str, list[dict[str, Any]]]
    alerts: tuple[Past, ...] = field(default=())

    @property
    def counted(self) -> list[Past]:
        """The alerts of the period itself."""
        return [past for past in self.alerts if past.is_counted]

    def as_json(self) -> str:
        """Return it as text for another process."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return it as it was."""
        told = json.loads(text)
        pasts = tuple(Past(**(one | {"moves": tuple(Move(**move) for move in one["moves"])})) for one in told["alerts"])
        return cls(**(told | {"alerts": pasts, "watches": cls.watches_of(told["watches"])}))

    @staticmethod
    def watches_of(told: Iterable[Mapping[str, Any]]) -> tuple[Watch, ...]:
        """Return a duty roster as it was before it became JSON."""
        return tuple(Watch(**one) for one in told)


STEP_FIELDS = ("objective", "level", "at_seconds", "when", "do", "tell", "breach")
"""What a step of the table is made of, in rows, files and between processes."""


def steps_as_rows(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return a table's steps as plain rows."""
    return [
        {
            "objective": str(step.objective),
            "level": str(step.level or ""),
            "at_seconds": int(step.at.total_seconds()),
            "when": str(step.when),
            "do": str(step.do),
            "tell": [str(audience) for audience in step.tell],
            "breach": step.breach,
        }
        for step in steps
    ]


def received_in(area_code: str, begin: datetime, end: datetime) -> int:
    """Return how many alerts a period of an area has to be counted."""
    return Alert.objects.real().within(area_code).received_between(begin, end).count()


def read_history(area_code: str, begin: datetime, end: datetime, *, now: datetime) -> History:
    """Return a period of an area as it was: alerts received from ``begin`` on and before ``end``."""
    inside = within("area_code", (area_code,))
    around = (Q(closed_at__isnull=True) | Q(closed_at__gt=begin)) & Q(received_at__gte=begin - CONTEXT_BEFORE)
    alerts = Alert.objects.real().without_phone().filter(received_at__lt=end)
    wanted = Q(received_at__gte=begin) & inside | around & inside | _of_the_same_people(area_code, begin, end)
    lines = Prefetch("timeline", queryset=TimelineEntry.objects.order_by("pk"))
    clocks = Prefetch("clocks", queryset=ObjectiveClock.objects.order_by("pk"))
    alerts = alerts.filter(wanted).select_related("grid").prefetch_related(lines, clocks)
    found = list(alerts.order_by("received_at", "pk"))
    due = _due_times([alert.pk for alert in found])
    lasting = Q(ended_at__isnull=True) | Q(ended_at__gte=begin - CONTEXT_BEFORE)
    spells = BusySpell.objects.filter(lasting, started_at__lt=end)
    reader = _Reader(due, {(user, at) for user, at in spells.values_list("user_id", "started_at")})
    pasts = tuple(
        reader.past(alert, is_counted=alert.received_at >= begin and alert.area_code.startswith(area_code))
        for alert in found
    )
    return _with_people(pasts, spells.order_by("started_at"), begin=begin, until=min(now, end + CONTEXT_BEFORE))


def _of_the_same_people(area_code: str, begin: datetime, end: datetime) -> Q:
    """Return the condition of alerts elsewhere that kept people of this area busy: accepted by one of them."""
    posts = Post.objects.filter(within("area__code", (area_code,)))
    elsewhere = Post.objects.filter(user__in=posts.values("user")).exclude(within("area__code", (area_code,)))
    codes = {code for code in elsewhere.values_list("area__code", flat=True) if not area_code.startswith(code)}
    if not codes:
        return Q(pk__in=[])
    held = TimelineEntry.objects.filter(kind=Kind.ACCEPTED, actor__in=posts.values("user"), at__gte=begin, at__lt=end)
    return within("area_code", tuple(sorted(codes))) & Q(received_at__gte=begin, pk__in=held.values("alert"))


def _due_times(alerts: Sequence[int]) -> Mapping[tuple[int, str], datetime]:
    timers = Timer.objects.filter(alert__in=alerts).values_list("alert_id", "step", "due_at")
    return {(pk, step): at for pk, step, at in timers}


def _with_people(pasts: tuple[Past, ...], spells: Any, *, begin: datetime, until: datetime) -> History:
    """Add who stood where to the alerts: posts, shifts and busy spells of all their places."""
    codes = {code for past in pasts for code in ancestry(past.area_code)}
    known = {area.code: area for area in Area.objects.filter(code__in=codes)}
    desks = Post.objects.none()
    if unplaced := [past.area_code for past in pasts if not past.grid_code]:
        desks = Post.objects.filter(within("area__code", tuple(unplaced)))
    posts = list((Post.objects.filter(area__code__in=codes) | desks).select_related("area").distinct().order_by("pk"))
    known |= {post.area.code: post.area for post in posts}
    people = {post.user_id for post in posts} | {move.who for past in pasts for move in past.moves if move.who}
    users = User.objects.filter(Q(pk__in=people) | Q(is_superuser=True)).defer("phone").order_by("pk")
    # What was entered when it was over told nobody whom to call.
    shifts = (
        Shift.objects.filter(changed_at__lt=F("ends_at"))
        .filter(area__code__in=known, starts_at__gte=begin - CONTEXT_BEFORE - LONGEST_SHIFT, starts_at__lt=until)
        .select_related("area")
    )
    versions = PolicyVersion.objects.filter(pk__in={past.version for past in pasts})
    return History(
        until=until.isoformat(),
        areas=tuple((area.code, area.name, area.level) for area in sorted(known.values(), key=lambda one: one.code)),
        users=tuple((user.pk, str(user), user.is_superuser and user.is_active) for user in users),
        posts=tuple(
            (post.user_id, post.role, post.area.code, post.starts_on.isoformat(), _iso(post.ends_on)) for post in posts
        ),
        watches=tuple(watch_of(shift) for shift in shifts.order_by("starts_at", "seat", "pk")),
        busy=tuple(
            (spell.user_id, spell.started_at.isoformat(), _iso(spell.ended_at))
            for spell in spells
            if spell.user_id in people
        ),
        policies={str(version.pk): steps_as_rows(version.as_policy().steps) for version in versions},
        alerts=pasts,
    )


def _iso(at: date | None) -> str | None:
    return at.isoformat() if at is not None else None


def watch_of(shift: Shift) -> Watch:
    """Return a shift as a rehearsal needs it."""
    return Watch(
        shift.kind,
        shift.area.code,
        shift.user_id,
        shift.starts_at.isoformat(),
        shift.ends_at.isoformat(),
        shift.seat,
        shift.pk,
    )


class _Reader:
    """Reads the moves out of timelines."""

    def __init__(self, due: Mapping[tuple[int, str], datetime], busy_from: set[tuple[int, datetime]]) -> None:
        self._due, self._busy_from = due, busy_from

    def past(self, alert: Alert, *, is_counted: bool) -> Past:
        """Return one alert as it went."""
        told = _Telling(alert, list(alert.timeline.all()), self._due, self._busy_from)
        told.read()
        return Past(
            pk=alert.pk,
            version=alert.policy_version_id,
            level=told.level,
            received_at=alert.received_at.isoformat(),
            area_code=alert.area_code,
            grid_code=alert.grid.code if alert.grid else "",
            place_name=alert.grid.name if alert.grid else "",
            is_counted=is_counted,
            moves=tuple(told.moves),
            silent=tuple(sorted(told.silent)),
            waited=told.waited,
            clocks=tuple(clock_as_row(clock) for clock in alert.clocks.all()),
        )


def clock_as_row(clock: ObjectiveClock) -> tuple[str, str, str, float | None]:
    """Return what became of a clock: objective, level, state, and how many seconds its work took."""
    took = (clock.met_at - clock.started_at).total_seconds() if clock.met_at else None
    return clock.objective, clock.level, clock.state, took


class _Telling:
    """One timeline, read from its first line to its last."""

    def __init__(
        self,
        alert: Alert,
        lines: Sequence[TimelineEntry],
        due: Mapping[tuple[int, str], datetime],
        busy_from: set[tuple[int, datetime]],
    ) -> None:
        self.alert, self.lines, self._due, self._busy_from = alert, lines, due, busy_from
        self.level: str = alert.level
        self.moves: list[Move] = []
        self.silent: set[int] = set()
        self.waited: dict[str, float] = {}
        self._since: tuple[str, datetime] = (RECEIVED, alert.received_at)
        self._dispatched_at: datetime | None = None
        self._given: dict[int, datetime] = {}
        self._told: dict[int, datetime] = {}
        self._holder: int | None = None
        self._is_accepted = False
        self._at_work: set[int] = set()
        self._reminded = 0

    def read(self) -> None:
        """Read it all."""
        placed = [line for line in self.lines if line.kind == Kind.PLACED]
        reads: Mapping[str, Callable[[TimelineEntry], None]] = {
            Kind.RECEIVED: self._receive,
            Kind.JOINED: self._join,
            Kind.REMINDED: self._remind,
            Kind.DISPATCHED: self._dispatch,
            Kind.NOTIFIED: self._tell,
            Kind.ACTION: self._act,
            Kind.CLOSED: self._close,
        }
        for number, line in enumerate(self.lines):
            if line.kind == Kind.ASSIGNED:
                self._assign(line, number)
            elif line.kind == Kind.ACCEPTED:
                self._accept(line, self.lines[number + 1] if number + 1 < len(self.lines) else None)
            elif line in placed[-1:]:
                self._move("place", line)  # it was dispatched to where it was placed last
            elif line.kind in reads:
                reads[line.kind](line)

    def _receive(self, line: TimelineEntry) -> None:
        self.level = line.detail.get("level", self.level)

    def _remind(self, line: TimelineEntry) -> None:
        self._reminded += 1
        self._since = (REMINDED, self._ideal(line, line.detail.get("step", "")))

    def _tell(self, line: TimelineEntry) -> None:
        if line.objective == Objective.RESPOND and line.person_id:
            self._told.setdefault(line.person_id, self._ideal(line, self._step_of(line)))

    def _close(self, line: TimelineEntry) -> None:
        self._move("close", line, what=self.alert.outcome)

    def _step_of(self, line: TimelineEntry) -> str:
        """Return the step that a message was about, as its key has it."""
        key = str(line.detail.get("key", ""))
        return key.removeprefix(f"{self.alert.subject_key}:").removesuffix(f":{line.person_id}")

    def _ideal(self, line: TimelineEntry, step: str) -> datetime:
        """Return when the clock meant to do something: its sweep is a moment late, and people answer the moment itself.

        After an outage it is when it was really done: nobody answers what they were not told.
        """
        due = self._due.get((self.alert.pk, step))
        return due if due is not None and line.recorded_at - due <= LATE else line.recorded_at

    def _join(self, line: TimelineEntry) -> None:
        after = (line.recorded_at - self.alert.received_at).total_seconds()
        self.moves.append(Move("join", None, RECEIVED, after, what=str(line.detail.get("level", Level.LOW))))
        self._since = (JOINED, line.recorded_at)
        if line.detail.get("raised"):
            self._told.clear()

    def _dispatch(self, line: TimelineEntry) -> None:
        if line.detail.get("reported"):
            self._move("report", line)
        elif line.actor_id:
            self._move("dispatch", line)
        self._since = (DISPATCHED, line.recorded_at)
        self._dispatched_at = line.recorded_at

    def _assign(self, line: TimelineEntry, number: int) -> None:
        assert line.person_id is not None
        if line.actor_id == line.person_id:
            return  # who accepts what another had: the next line says so
        after = (it for it in self.lines[number + 1 :] if it.kind == Kind.NOTIFIED)
        told = next((it for it in after if it.person_id == line.person_id), None)
        step = self._step_of(told) if told is not None else ""
        # Whoever dispatches is named beside what the clock did in the same breath: its message names the step.
        by_person = line.actor_id is not None and (self.alert.pk, step) not in self._due
        if by_person and (line.actor_id, line.recorded_at) not in self._busy_from:
            self._move("hand_over", line, to=line.person_id)
        if self._holder is not None and not self._is_accepted and self._holder != line.person_id:
            self.silent.add(self._holder)
        self._given[line.person_id] = self._ideal(line, step)
        self._holder, self._is_accepted = line.person_id, False

    def _accept(self, line: TimelineEntry, next_line: TimelineEntry | None) -> None:
        who = line.actor_id
        assert who is not None
        at = line.recorded_at
        came_with_a_deed = (
            next_line is not None
            and next_line.recorded_at == at
            and next_line.actor_id == who
            and "deed" in next_line.detail
        )
        if came_with_a_deed and who in self._at_work:
            # It was taken from them while they were at work, and is theirs again by what they did: nobody asked.
            self._holder, self._is_accepted = who, True
            return
        self._at_work.add(who)
        dispatched = self._dispatched_at or at
        since, began = (
            (GIVEN, self._given[who])
            if who in self._given
            else (TOLD, self._told[who])
            if who in self._told
            else (DISPATCHED, dispatched)
        )
        self.moves.append(Move("accept", who, since, (at - began).total_seconds(), (at - dispatched).total_seconds()))
        if self._holder is not None and self._holder != who and not self._is_accepted:
            self.waited[str(self._holder)] = (at - self._given[self._holder]).total_seconds()
        self.silent.discard(who)
        self._holder, self._is_accepted = who, True
        self._given, self._told = {}, {}
        self._since = (ACCEPTED, at)

    def _act(self, line: TimelineEntry) -> None:
        if "deed" in line.detail:
            self._move("deed", line, what=line.detail["deed"])
        elif "excused" in line.detail:
            self._move("excuse", line, what=line.detail["excused"])

    def _move(self, kind: str, line: TimelineEntry, *, what: str = "", to: int | None = None) -> None:
        since, began = self._since
        at = line.recorded_at
        self.moves.append(
            Move(
                kind,
                line.actor_id,
                since,
                (at - began).total_seconds(),
                otherwise=(at - (self._dispatched_at or self.alert.received_at)).total_seconds(),
                entered_late=(line.recorded_at - line.at).total_seconds(),
                what=what,
                to=to,
                reminder=self._reminded if since == REMINDED else 0,
            )
        )
