"""A history played in a database of its own: the real engine and the real verbs, and people who do what they did.

``rehearse`` writes into the default database and is meant for one made for the occasion, as ``recording.play`` is. The
engine runs at the exact instants at which steps are due, each before what people do at the same instant.

What people do follows what they are told here (``history.Move``). The rules of the play, said for everybody in
docs/learning.md:

1. Who answered that day answers here as long after being given the alert, or told of it, as that day.
2. Who was given it that day and let it lapse lets it lapse here as well.
3. Anybody else who is given it here takes as long as the one who answered that day; who had it when another accepted
   it takes no less than they had waited by then.
4. What was done after accepting is done as long after accepting.
5. What nobody was asked to do again, for want of another step, is done as long after the grid had it as that day.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Min

from accounts.models import User
from alerts import engine, services
from alerts.models import (
    Alert,
    BusySpell,
    ObjectiveClock,
    PolicyStep,
    PolicyVersion,
    Shift,
    Source,
    TimelineEntry,
    Timer,
)
from alerts.policy import Action, Objective, Outcome, State, higher
from alerts.replay.history import (
    ACCEPTED,
    GIVEN,
    JOINED,
    RECEIVED,
    REMINDED,
    TOLD,
    History,
    Move,
    Past,
    Watch,
    clock_as_row,
)
from alerts.services import AlertError, Ending, Incoming
from alerts.services.common import in_hand
from residents.models import COMMUNITY_DIGITS, Area, Post

Kind = TimelineEntry.Kind

WHERE = "replay"
TOLD_ABOUT = (
    Kind.DISPATCHED,
    Kind.ASSIGNED,
    Kind.ACCEPTED,
    Kind.REMINDED,
    Kind.ESCALATED,
    Kind.BREACHED,
    Kind.MET,
    Kind.CLOSED,
)
"""The lines of a timeline that the comparison shows."""

OF_THE_DESK = frozenset({"dispatch", "place", "report"})
"""What is done before an alert is at its grid."""

_VERSIONS = count(1_000_000_000)
"""A process reads a published version once: no two plays may call theirs the same."""

Report = Callable[[int, int], None]

EARLY, REAL, ASSUMED = range(3)
"""At one instant what comes from outside comes first, then what people really did, then what they are taken to do."""


LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class Came:
    """What came of one alert."""

    pk: int
    clocks: list[tuple[str, str, str, float | None]] = field(default_factory=list)
    lines: list[tuple[float, str, int | None, str]] = field(default_factory=list)
    """Seconds after the receipt, kind, person, objective or step."""
    someone_else: int | None = None
    """Who accepted it in place of who really did."""
    refused: int = 0


@dataclass
class _Script:
    """One alert on the stage."""

    past: Past
    key: int = 0
    head: int = 0
    received_at: datetime = LONG_AGO
    anchors: dict[str, datetime] = field(default_factory=dict)
    given: dict[int, datetime] = field(default_factory=dict)
    told: dict[int, datetime] = field(default_factory=dict)
    holder: int | None = None
    asked: set[tuple[int, int]] = field(default_factory=set)
    reminded: list[datetime] = field(default_factory=list)
    joined: int = 0
    plays: dict[int, int] = field(default_factory=dict)
    came: Came | None = None

    @property
    def move(self) -> Move | None:
        """What is to come next."""
        return self.past.moves[self.head] if self.head < len(self.past.moves) else None


def make_tables() -> None:
    """Make an empty database's tables as the models have them: it lives for some seconds and needs no history."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def rehearse(
    history: History,
    *,
    policy: list[dict[str, Any]] | None = None,
    watches: Iterable[Watch] | None = None,
    report: Report = lambda _done, _total: None,
) -> list[Came]:
    """Play a history and throw it away again; return what came of each alert that counts.

    Args:
        policy: the steps that all alerts come under; without it each comes under its own version.
        watches: the duty roster instead of the one there was.
    """
    with transaction.atomic():
        stage = _Stage(history, policy=policy, watches=history.watches if watches is None else tuple(watches))
        try:
            return stage.play(report)
        finally:
            transaction.set_rollback(True)


class _Stage:
    """The people, the places, and everything that is going to happen, by its time."""

    def __init__(self, history: History, *, policy: list[dict[str, Any]] | None, watches: Iterable[Watch]) -> None:
        self.history = history
        self.until = datetime.fromisoformat(history.until)
        self._numbers = count()
        self._events: list[tuple[datetime, int, int, Callable[[datetime], None]]] = []
        self._scripts: dict[int, _Script] = {}
        self._printed = 0
        self._published = LONG_AGO
        self._in_force = 0
        self._build(watches)
        self._make_policies(policy)

    # ── who and where ───────────────────────────────────────────────────────────────────────────────────────────────

    def _build(self, watches: Iterable[Watch]) -> None:
        history = self.history
        codes = [code for code, _name, _level in history.areas]
        areas: dict[str, Area] = {}
        for code, name, level in history.areas:
            above = max((other for other in codes if code.startswith(other) and other != code), key=len, default="")
            areas[code] = Area.objects.create(code=code, name=name, level=level, parent=areas.get(above))
        self.areas = areas
        User.objects.bulk_create(
            User(pk=pk, username=f"replay-{pk}", name=name, is_superuser=is_administrator)
            for pk, name, is_administrator in history.users
        )
        Post.objects.bulk_create(
            Post(user_id=user, role=role, area=areas[code], starts_on=_day(starts), ends_on=ends and _day(ends))
            for user, role, code, starts, ends in history.posts
        )
        known = {pk for pk, _name, _administrator in history.users}
        Shift.objects.bulk_create(
            Shift(
                kind=watch.kind,
                area=areas[watch.area_code],
                user_id=watch.user,
                seat=watch.seat,
                starts_at=datetime.fromisoformat(watch.starts_at),
                ends_at=datetime.fromisoformat(watch.ends_at),
                changed_at=self.until,
            )
            for watch in watches
            if watch.user in known and watch.area_code in areas
        )
        self.source = Source.objects.create(code=WHERE, name=WHERE)
        self.people = User.objects.in_bulk()

    def _make_policies(self, policy: list[dict[str, Any]] | None) -> None:
        self.versions: dict[int, int] = {}
        self.reminders: dict[int, int] = {}
        tables = {"0": policy} if policy is not None else self.history.policies
        for key, steps in tables.items():
            version = PolicyVersion.objects.create(pk=next(_VERSIONS), name=key, created_at=self.until)
            PolicyStep.objects.bulk_create(PolicyStep(version=version, **step) for step in steps)
            self.versions[int(key)] = version.pk
            self.reminders[int(key)] = sum(step["do"] == Action.REMIND_DESK for step in steps)
        self.one_policy = policy is not None

    def _version_of(self, past: Past) -> int:
        return 0 if self.one_policy else past.version

    def _put_in_force(self, key: int, *, now: datetime) -> None:
        """Have the next alert come under a version: the one published last."""
        if self._in_force == self.versions[key]:
            return
        self._published = max(now, self._published + timedelta(microseconds=1))
        PolicyVersion.objects.filter(pk=self.versions[key]).update(published_at=self._published)
        self._in_force = self.versions[key]

    # ── what happens when ───────────────────────────────────────────────────────────────────────────────────────────

    def play(self, report: Report) -> list[Came]:
        for past in self.history.alerts:
            self._at(datetime.fromisoformat(past.received_at), EARLY, self._receives(past))
        for user, starts, ends in self.history.busy:
            self._spell(user, datetime.fromisoformat(starts), datetime.fromisoformat(ends) if ends else None)
        total, done = len(self.history.alerts), 0
        while (due := self._next()) is not None:
            if due[1] is None:
                engine.sweep(now=due[0], guard=WHERE)
            else:
                due[1](due[0])
            self._observe()
            if len(self._scripts) > done:
                done = len(self._scripts)
                report(done, total)
        return [self._came(script) for script in self._scripts.values() if script.past.is_counted]

    def _next(self) -> tuple[datetime, Callable[[datetime], None] | None] | None:
        """Return what comes next: a step of the clock, or before it what somebody does; nothing past the end."""
        due = Timer.objects.pending().aggregate(at=Min("wake_at"))["at"]
        event = self._events[0] if self._events else None
        if due is not None and (event is None or due <= event[0]):
            return (due, None) if due <= self.until else None
        if event is None or event[0] > self.until:
            return None
        heapq.heappop(self._events)
        return event[0], event[3]

    def _at(self, at: datetime, order: int, deed: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, (at, order, next(self._numbers), deed))

    def _spell(self, user: int, starts: datetime, ends: datetime | None) -> None:
        person = self.people[user]
        first = min((datetime.fromisoformat(past.received_at) for past in self.history.alerts), default=self.until)
        if starts < first:
            BusySpell.objects.create(user=person, started_at=starts)
        else:
            self._at(starts, EARLY, lambda now: _ignore(services.mark_busy(person, now=now, from_where=WHERE)))
        if ends is not None:
            self._at(ends, EARLY, lambda now: _ignore(services.mark_free(person, now=now, from_where=WHERE)))

    def _receives(self, past: Past) -> Callable[[datetime], None]:
        def receive(now: datetime) -> None:
            self._put_in_force(self._version_of(past), now=now)
            script = _Script(past, received_at=now, anchors={RECEIVED: now}, came=Came(past.pk))
            placed = any(move.kind == "place" for move in past.moves)
            area = past.grid_code[:COMMUNITY_DIGITS] if placed else past.area_code
            receipt = services.receive_one(self.source, self._message(past, past.level, area), now=now)
            assert receipt.alert is not None
            script.key = receipt.alert.pk
            self._scripts[script.key] = script
            for number, move in enumerate(past.moves):
                if move.kind == "join":
                    at = now + timedelta(seconds=move.delay)
                    self._at(at, EARLY, partial(self._join, script, move, number))
            self._go_on(script)

        return receive

    def _message(self, past: Past, level: str, area: str, *, number: int = 0) -> Incoming:
        # A number of its own is what a second message about the same person is known by.
        return Incoming(
            external_id=f"{past.pk}.{number}",
            level=level,
            phone=f"{19_900_000_000 + past.pk}",
            name=f"#{past.pk}",
            area_code=area,
        )

    def _join(self, script: _Script, move: Move, number: int, now: datetime) -> None:
        alert = Alert.objects.get(pk=script.key)
        if alert.is_open:
            rises = higher(move.what, alert.level)
            message = self._message(script.past, move.what, alert.area_code, number=number + 1)
            services.receive_one(self.source, message, now=now)
            if rises:
                script.told.clear()
        script.joined += 1
        script.anchors[JOINED] = now
        self._go_on(script)

    # ── what was told, and what follows ─────────────────────────────────────────────────────────────────────────────

    def _observe(self) -> None:
        """Read what the clock and people wrote since, and let it have its consequences."""
        touched: dict[int, _Script] = {}
        for line in TimelineEntry.objects.filter(pk__gt=self._printed).order_by("pk"):
            self._printed = line.pk
            script = self._scripts.get(line.alert_id)
            if script is None:
                continue
            self._read(script, line)
            touched[script.key] = script
        for script in touched.values():
            self._go_on(script)

    def _read(self, script: _Script, line: TimelineEntry) -> None:
        match line.kind:
            case Kind.REMINDED:
                script.reminded.append(line.at)
            case Kind.DISPATCHED:
                script.anchors["dispatched"] = line.at
            case Kind.NOTIFIED if line.objective == Objective.RESPOND and line.person_id:
                script.told.setdefault(line.person_id, line.at)
            case Kind.ASSIGNED if line.actor_id != line.person_id and line.person_id:
                script.given[line.person_id] = line.at
                script.holder = line.person_id
            case Kind.ACCEPTED:
                script.anchors[ACCEPTED] = line.at
                script.given, script.told, script.holder = {}, {}, line.actor_id
        if line.kind in TOLD_ABOUT and script.came is not None:
            after = (line.at - script.received_at).total_seconds()
            script.came.lines.append((after, line.kind, line.person_id or line.actor_id, line.objective or ""))

    def _go_on(self, script: _Script) -> None:
        """See what is next to come about an alert, as far as it can be known."""
        while (move := script.move) is not None:
            if move.kind == "join":
                if script.joined < sum(one.kind == "join" for one in script.past.moves[: script.head + 1]):
                    return
                script.head += 1
                continue
            if move.kind == "accept":
                self._ask(script, move)
                return
            if move.kind in OF_THE_DESK and "dispatched" in script.anchors:
                script.head += 1  # the clock was first
                continue
            at = self._time_of(script, move)
            if at is not None and (script.head, 0) not in script.asked:
                script.asked.add((script.head, 0))
                self._at(max(at, self._latest(script)), REAL, self._does(script, script.head, move))
            return

    def _latest(self, script: _Script) -> datetime:
        return script.anchors.get("last", script.received_at)

    def _time_of(self, script: _Script, move: Move) -> datetime | None:
        """Return when a move comes, if what it follows has come."""
        if move.kind in OF_THE_DESK:
            if move.since == REMINDED:
                return self._after_reminder(script, move)
            since = script.anchors.get(move.since)
            return since + timedelta(seconds=move.delay) if since is not None else None
        dispatched = script.anchors.get("dispatched")
        if dispatched is None:
            return None
        since = script.anchors.get(move.since)
        if since is None or (move.since == ACCEPTED and "dropped" in script.anchors):
            return dispatched + timedelta(seconds=move.otherwise)
        return since + timedelta(seconds=move.delay)

    def _after_reminder(self, script: _Script, move: Move) -> datetime | None:
        """Return when the desk does what it did after a reminder: after the same one or, of fewer, after the last."""
        which = min(move.reminder, self.reminders[self._version_of(script.past)])
        if not which:
            return script.received_at + timedelta(seconds=move.otherwise)
        reached = len(script.reminded) >= which
        return script.reminded[which - 1] + timedelta(seconds=move.delay) if reached else None

    def _ask(self, script: _Script, move: Move) -> None:
        """Let whoever was given an alert, or told of it, answer in their time."""
        dispatched, who, head = script.anchors.get("dispatched"), move.who, script.head
        if dispatched is None or who is None:
            return
        delay = timedelta(seconds=move.delay)
        since = {GIVEN: script.given, TOLD: script.told}.get(move.since)
        began = dispatched if since is None else since.get(who)
        # Only told that day, and given it here: they answer no later than they would have.
        began = min((at for at in (began, script.given.get(who)) if at is not None), default=None)
        if began is not None:
            self._answers(script, head, who, began + delay, REAL)
        for other, at in script.given.items():
            if other != who and other not in script.past.silent:
                waited = timedelta(seconds=script.past.waited.get(str(other), 0.0))
                self._answers(script, head, other, at + max(delay, waited), ASSUMED)
        if (head, -1) not in script.asked:
            script.asked.add((head, -1))
            self._at(dispatched + timedelta(seconds=move.otherwise), ASSUMED, lambda _now: self._drop(script, head))

    def _answers(self, script: _Script, head: int, who: int, at: datetime, order: int) -> None:
        if (head, who) in script.asked:
            return
        script.asked.add((head, who))
        self._at(max(at, self._latest(script)), order, lambda now: self._accept(script, head, who, now))

    def _accept(self, script: _Script, head: int, who: int, now: datetime) -> None:
        move = script.move
        if script.head != head or move is None or move.who is None:
            return
        if who not in {move.who, script.holder}:
            return  # it was taken from them before they answered
        person = self.people[who]
        if not self._try(script, lambda alert: services.accept_alert(alert, by=person, now=now, from_where=WHERE), now):
            return
        script.plays[move.who] = who
        if who != move.who and script.came is not None:
            script.came.someone_else = who
        script.anchors.pop("dropped", None)
        script.head += 1

    def _drop(self, script: _Script, head: int) -> None:
        """Let an acceptance go that nobody asks for here: the alert is in hand all the same."""
        if script.head == head and Alert.objects.filter(pk=script.key, state=State.ACCEPTED).exists():
            script.anchors["dropped"] = script.received_at
            script.head += 1
            self._go_on(script)

    def _does(self, script: _Script, head: int, move: Move) -> Callable[[datetime], None]:
        def do(now: datetime) -> None:
            if script.head != head:
                return
            self._try(script, lambda alert: self._carry_out(script, alert, move, now), now)
            script.head += 1
            self._go_on(script)

        return do

    def _try(self, script: _Script, verb: Callable[[Alert], object], now: datetime) -> bool:
        script.anchors["last"] = now
        try:
            verb(Alert.objects.get(pk=script.key))
        except AlertError:
            if script.came is not None:
                script.came.refused += 1
            return False
        return True

    def _carry_out(self, script: _Script, alert: Alert, move: Move, now: datetime) -> None:
        if move.kind == "report":
            with in_hand(alert, by=None, now=now, from_where=WHERE) as matter:
                if matter.alert.state == State.RECEIVED:
                    matter.dispatch(at=now, is_reported=True)
            return
        assert move.who is not None
        who = self.people[script.plays.get(move.who, move.who)]
        common: dict[str, Any] = {"by": who, "now": now, "from_where": WHERE}
        if move.kind in OF_THE_DESK:
            self._at_the_desk(script, alert, move, common)
        elif move.kind == "hand_over" and move.to is not None:
            services.hand_over_alert(alert, to=self.people[move.to], **common)
        elif move.kind == "deed":
            done_at = max(now - timedelta(seconds=move.entered_late), alert.received_at)
            services.record_deed(alert, deed=move.what, done_at=done_at, **common)
        elif move.kind == "excuse":
            services.excuse_confirmation(alert, confirmation=move.what, reason=WHERE, **common)
        elif move.kind == "close":
            services.close_alert(alert, ending=Ending(outcome=Outcome.FALSE_ALARM), **common)

    def _at_the_desk(self, script: _Script, alert: Alert, move: Move, common: dict[str, Any]) -> None:
        grid = self.areas.get(script.past.grid_code)
        if move.kind == "dispatch":
            services.dispatch_alert(alert, grid=grid if alert.is_unplaced else None, **common)
        elif grid is not None:
            services.place_alert(alert, grid=grid, **common)

    def _came(self, script: _Script) -> Came:
        came = script.came or Came(script.past.pk)
        came.clocks = [clock_as_row(clock) for clock in ObjectiveClock.objects.filter(alert=script.key).order_by("pk")]
        return came


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _ignore(_value: object) -> None:
    """Take no notice."""
