"""Alerts in hand for one transaction: the one place where an alert's clocks, timers, holder and timeline change.

A ``Docket`` takes alerts whose rows the caller has locked (one for a person's press, up to some hundred for the sweep),
and gives each a ``Matter`` on which the engine and the verbs work in memory. ``save`` then writes all that changed with
few statements however many alerts there are; nothing is in the database before it, and all of it is or none.

It asks ``policy`` what is to be done and knows nothing of who asked: no request, no Celery, no clock of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import User
from accounts.rows import insert_rows, insert_together, mark_as_stored, row_of, update_rows
from alerts import letters, policy
from alerts.letters import Tiding
from alerts.models import Alert, ObjectiveClock, PolicyVersion, TimelineEntry, Timer
from alerts.policy import Action, Audience, Condition, Fate, Objective, ObjectiveState, Rank, State
from alerts.teams import Team, Teams
from notifications import services as notifications
from notifications.services import Letter

Kind = TimelineEntry.Kind

LATE = 2 * policy.SECONDS
"""A step that fires later than this is marked late in the timeline: the bound of an idle machine (limits.md)."""
LATEST_MS = 2**31 - 1
"""The column holds no more: a step that fires after weeks of outage is written down as three and a half weeks late."""


MANY = 4
"""Of so many different changes of the same columns on, one statement with a list is quicker than one for each."""


class Docket:
    """The alerts in hand. The caller holds the lock of every row and runs inside one transaction."""

    def __init__(
        self,
        alerts: Iterable[Alert],
        *,
        now: datetime,
        by: User | None = None,
        from_where: str = "",
        fresh: bool = False,
    ) -> None:
        """Take the alerts in hand.

        Args:
            now: the time of the transaction, the database server's.
            by: who presses; ``None`` for the clock.
            from_where: the desk, the pocket, a source's code, the engine: kept on every line.
            fresh: the alerts were made in this very transaction, so nothing else is stored of them yet.
        """
        self.now, self.by, self.from_where = now, by, from_where
        self.alerts = list(alerts)
        self._teams: Teams | None = None
        self.matters = self._open(fresh=fresh)
        self._letters: dict[str, list[Letter]] = {}
        self._lines: list[dict[str, Any]] = []
        self._helpers: list[tuple[int, int]] = []
        self._withdrawn: dict[frozenset[str], list[str]] = {}

    def _open(self, *, fresh: bool) -> dict[int, "Matter"]:
        clocks: dict[int, list[ObjectiveClock]] = {}
        timers: dict[int, list[Timer]] = {}
        ids = [alert.pk for alert in self.alerts]
        if not fresh:
            for clock in ObjectiveClock.objects.filter(alert__in=ids).order_by("pk"):
                clocks.setdefault(clock.alert_id, []).append(clock)
            # Those yet to come are changed by objective, in one statement, and need not be read.
            due = Timer.objects.pending().filter(alert__in=ids, due_at__lte=self.now)
            for timer in due.order_by("due_at", "pk"):
                timers.setdefault(timer.alert_id, []).append(timer)
        versions = (
            {alert.policy_version_id: alert.policy_version for alert in self.alerts}
            if fresh
            else PolicyVersion.objects.in_bulk({alert.policy_version_id for alert in self.alerts})
        )
        tables = {pk: version.as_policy() for pk, version in versions.items()}
        return {
            alert.pk: Matter(
                self,
                alert,
                tables[alert.policy_version_id],
                clocks.get(alert.pk, []),
                timers.get(alert.pk, []),
            )
            for alert in self.alerts
        }

    @property
    def teams(self) -> Teams:
        """The people behind these alerts; read when the first step needs somebody."""
        if self._teams is None:
            self._teams = Teams(self.alerts, now=self.now)
        return self._teams

    def team_of(self, alert: Alert) -> Team:
        """Return one alert's team as it was when the people were first asked for."""
        return self.teams.of(alert)

    def forget_teams(self) -> None:
        """Read the people again: an alert was placed in another area, or somebody became busy."""
        self._teams = None

    def note(
        self,
        matter: "Matter",
        kind: Kind,
        *,
        at: datetime | None,
        actor: User | None,
        person_id: int | None,
        objective: str,
        detail: Mapping[str, Any] | None,
    ) -> None:
        self._lines.append(
            {
                "alert_id": matter.alert.pk,
                "at": at or self.now,
                "recorded_at": self.now,
                "kind": kind,
                "actor_id": actor.pk if actor is not None else None,
                "person_id": person_id,
                "objective": objective,
                "detail": detail or {},
                "from_where": self.from_where,
            }
        )

    def post(self, letter: Letter) -> None:
        self._letters.setdefault(letter.subject, []).append(letter)

    def withdraw(self, matter: "Matter", purposes: Collection[str]) -> None:
        """Take back what was not yet sent or read about these objectives, this transaction's letters included."""
        subject = matter.alert.subject_key
        self._withdrawn.setdefault(frozenset(purposes), []).append(subject)
        self._letters[subject] = [it for it in self._letters.get(subject, ()) if it.purpose not in purposes]

    def bring_in(self, matter: "Matter", user_id: int) -> None:
        self._helpers.append((matter.alert.pk, user_id))

    def catch_up(self) -> None:
        """Carry out whatever is due for each alert, so that what follows finds it as the clock would have left it."""
        for matter in self.matters.values():
            matter.catch_up()

    def begin(self, *along: tuple[type[Model], Sequence[Mapping[str, Any]]]) -> None:
        """Write alerts that are new with all that was begun about them, and rows that belong to them, in one statement.

        The alerts have their keys (``reserve_keys``), and nobody was told anything yet. Their clocks and timers get no
        keys here: take the alerts in hand anew to go on with them.
        """
        matters = self.matters.values()
        alerts = [row_of(matter.alert) for matter in matters]
        clocks = [row_of(clock) for matter in matters for clock in matter.take_new_clocks()]
        timers = [row_of(timer) for matter in matters for timer in matter.take_new_timers()]
        insert_together(
            (Alert, alerts), (ObjectiveClock, clocks), (Timer, timers), (TimelineEntry, self._lines), *along
        )
        mark_as_stored(self.alerts)
        self._lines = []

    def save(self) -> None:
        """Write everything that changed, set-based, and forget it."""
        matters = self.matters.values()
        self._save_alerts(matters)
        ObjectiveClock.objects.bulk_create([clock for m in matters for clock in m.take_new_clocks()])
        _update(ObjectiveClock, [(clock.pk, fields) for m in matters for clock, fields in m.take_clock_changes()])
        _update(Timer, [(timer.pk, fields) for m in matters for timer, fields in m.take_timer_changes()])
        self._stop_timers(matters)
        Timer.objects.bulk_create([timer for m in matters for timer in m.take_new_timers()])
        Alert.helpers.through.objects.bulk_create(
            [Alert.helpers.through(alert_id=alert_id, user_id=user_id) for alert_id, user_id in self._helpers],
            ignore_conflicts=True,
        )
        for purposes, subjects in self._withdrawn.items():
            notifications.withdraw(subjects, purposes=purposes, now=self.now)
        if posted := [letter for mine in self._letters.values() for letter in mine]:
            notifications.tell(posted, now=self.now)
        insert_rows(TimelineEntry, self._lines)
        self._letters, self._lines, self._helpers, self._withdrawn = {}, [], [], {}

    def _stop_timers(self, matters: Collection["Matter"]) -> None:
        """Cancel what was pending of objectives that ended. Timers begun in this transaction are not yet written."""
        stopped: dict[str, list[int]] = {}
        for matter in matters:
            for objective in matter.take_stopped():
                stopped.setdefault(objective, []).append(matter.alert.pk)
        for objective, alerts in stopped.items():
            pending = Timer.objects.pending().filter(alert__in=alerts, objective=objective)
            pending.update(state=Timer.State.CANCELLED, settled_at=self.now)

    def _save_alerts(self, matters: Collection["Matter"]) -> None:
        # A person's press changes one alert; its row may hold an encrypted field, so only what changed is written.
        changes = [(matter.alert.pk, matter.take_changes()) for matter in matters]
        _update(Alert, [(pk, fields | {"changed_at": self.now}) for pk, fields in changes if fields])


def _update(model: type[Any], changes: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Write what changed in each row with few statements: ``bulk_update``'s CASE lists were several times slower.

    Rows that change alike share one UPDATE. Where many change each in its own way (every late step has its own
    lateness, every grid its own holder), those of the same columns share one that reads them from a list.
    """
    by_columns: dict[tuple[str, ...], list[tuple[int, dict[str, Any]]]] = {}
    for pk, fields in changes:
        by_columns.setdefault(tuple(sorted(fields)), []).append((pk, fields))
    for columns, rows in by_columns.items():
        alike = _alike(columns, rows)
        if alike is None:
            update_rows(model, columns, rows)
            continue
        as_written = dict(rows)
        for pks in alike:
            model.objects.filter(pk__in=pks).update(**as_written[pks[0]])


def _alike(columns: Sequence[str], rows: Iterable[tuple[int, dict[str, Any]]]) -> Collection[list[int]] | None:
    """Return the keys of rows that change alike, together; ``None`` where there are too many different changes."""
    alike: dict[str, list[int]] = {}
    for pk, fields in rows:
        alike.setdefault(repr([fields[name] for name in columns]), []).append(pk)
        if len(alike) > MANY:
            return None
    return alike.values()


class Matter:
    """One alert in hand, with its clocks, its due timers and its policy. Everything here is in memory."""

    def __init__(
        self,
        docket: Docket,
        alert: Alert,
        table: policy.Policy,
        clocks: Sequence[ObjectiveClock],
        timers: Sequence[Timer],
    ) -> None:
        self.docket, self.alert, self.policy = docket, alert, table
        self.clocks, self.timers = list(clocks), list(timers)
        self._new_clocks: list[ObjectiveClock] = []
        self._new_timers: list[Timer] = []
        self._stopped: dict[str, None] = {}
        self._changes: dict[str, Any] = {}
        self._clock_changes: dict[int, dict[str, Any]] = {}
        self._timer_changes: dict[int, dict[str, Any]] = {}

    # ── what changed ────────────────────────────────────────────────────────────────────────────────────────────────

    def set(self, **fields: Any) -> None:
        """Change columns of the alert's row."""
        for name, value in fields.items():
            setattr(self.alert, name, value)
        self._changes |= fields

    def _set_clock(self, clock: ObjectiveClock, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(clock, name, value)
        if clock.pk:  # a new one is yet to be written, and will be as it stands then
            self._clock_changes.setdefault(id(clock), {}).update(fields)

    def _set_timer(self, timer: Timer, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(timer, name, value)
        if timer.pk:
            self._timer_changes.setdefault(id(timer), {}).update(fields)

    def take_changes(self) -> dict[str, Any]:
        changes, self._changes = self._changes, {}
        return changes

    def take_new_clocks(self) -> list[ObjectiveClock]:
        new, self._new_clocks = self._new_clocks, []
        return new

    def take_new_timers(self) -> list[Timer]:
        new, self._new_timers = self._new_timers, []
        return new

    def take_stopped(self) -> Collection[str]:
        stopped, self._stopped = self._stopped, {}
        return stopped

    def take_clock_changes(self) -> list[tuple[ObjectiveClock, dict[str, Any]]]:
        changes, self._clock_changes = self._clock_changes, {}
        return [(clock, changes[id(clock)]) for clock in self.clocks if id(clock) in changes]

    def take_timer_changes(self) -> list[tuple[Timer, dict[str, Any]]]:
        changes, self._timer_changes = self._timer_changes, {}
        return [(timer, changes[id(timer)]) for timer in self.timers if id(timer) in changes]

    def note(
        self,
        kind: Kind,
        *,
        at: datetime | None = None,
        actor: User | None = None,
        person_id: int | None = None,
        objective: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Append a line to the timeline; ``TimelineEntry`` says what stands in it."""
        self.docket.note(self, kind, at=at, actor=actor, person_id=person_id, objective=objective, detail=detail)

    # ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def team(self) -> Team:
        return self.docket.team_of(self.alert)

    @property
    def grid_name(self) -> str:
        return self.alert.grid.name if self.alert.grid is not None else ""

    # ── clocks ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def clock(self, objective: str) -> ObjectiveClock | None:
        """Return the objective's present clock; one replaced by a higher level is past."""
        mine = [c for c in self.clocks if c.objective == objective and c.state != ObjectiveState.REPLACED]
        return mine[-1] if mine else None

    def start(self, objective: str) -> None:
        """Start an objective now: its clock, and all its steps as timers, each due at an absolute time."""
        level, now = self.alert.level, self.docket.now
        clock = ObjectiveClock(
            alert=self.alert,
            objective=objective,
            level=level,
            started_at=now,
            due_at=now + self.policy.due_after(objective, level),
        )
        self.clocks.append(clock)
        self._new_clocks.append(clock)
        self._add_timers(clock, self.policy.steps_of(objective, level))

    def _add_timers(self, clock: ObjectiveClock, steps: Iterable[policy.Step]) -> None:
        timers = [self._timer(clock, step) for step in steps]
        self.timers += timers
        self._new_timers += timers

    def hurry(self) -> None:
        """Serve what is pending in the order of the alert's new level."""
        Timer.objects.pending().filter(alert=self.alert).update(urgency=self.alert.urgency)

    def _timer(self, clock: ObjectiveClock, step: policy.Step) -> Timer:
        due_at = clock.started_at + step.at
        return Timer(
            alert=self.alert,
            objective=clock.objective,
            level=clock.level,
            step=step.key,
            due_at=due_at,
            wake_at=due_at,
            urgency=self.alert.urgency,
        )

    def meet(self, objective: str, *, at: datetime) -> None:
        """Count an objective's work as done. In time it is met; a breached one stays breached, with how late."""
        clock = self.clock(objective)
        if clock is None or not clock.is_running:
            return
        at = max(at, clock.started_at)  # somebody may have reached the resident before it was asked of them
        if clock.state == ObjectiveState.PENDING:
            self._set_clock(clock, state=ObjectiveState.MET, met_at=at)
            self.note(
                Kind.MET, at=at, objective=objective, detail={"seconds": round((at - clock.started_at).total_seconds())}
            )
        else:
            self._set_clock(clock, met_at=at)
        self.stop(objective)

    def replace(self, objective: str) -> None:
        """End an objective because a higher level's begins. What was breached stays on record as breached."""
        clock = self.clock(objective)
        if clock is None:
            return
        if clock.state == ObjectiveState.PENDING:
            self._set_clock(clock, state=ObjectiveState.REPLACED)
        self.stop(objective)

    def drop(self) -> None:
        """End every clock without a verdict: the alert was void."""
        for clock in self.clocks:
            if clock.state == ObjectiveState.PENDING:
                self._set_clock(clock, state=ObjectiveState.DROPPED)
        for objective in Objective:
            self.stop(objective)

    def stop(self, objective: str) -> None:
        """Cancel an objective's pending timers, and what was not yet sent or read about it."""
        self._stopped[objective] = None
        for timer in self.timers:
            if timer.objective == objective and timer.state == Timer.State.PENDING:
                timer.state, timer.settled_at = Timer.State.CANCELLED, self.docket.now
        self.docket.withdraw(self, [objective])

    def restore_timers(self) -> None:
        """Write again the timers an alert has lost; with no clock at all, start the one it should have."""
        running = [clock for clock in self.clocks if clock.state == ObjectiveState.PENDING]
        if not running:
            self.start(Objective.DISPATCH if self.alert.dispatched_at is None else Objective.RESPOND)
        settled = set(Timer.objects.filter(alert=self.alert).values_list("step", flat=True))
        for clock in running:
            steps = self.policy.steps_of(clock.objective, clock.level)
            self._add_timers(clock, [step for step in steps if step.key not in settled])

    # ── the clock's own doing ───────────────────────────────────────────────────────────────────────────────────────

    def catch_up(self) -> None:
        """Carry out every step that is due, those overdue together as one, until nothing is due any more.

        A step may start an objective whose own first step is due at once, hence the loop; it ends because each round
        settles at least one of finitely many timers.
        """
        while due := [t for t in self.timers if t.state == Timer.State.PENDING and t.due_at <= self.docket.now]:
            first = due[0]
            self._settle([t for t in due if (t.objective, t.level) == (first.objective, first.level)])

    def _settle(self, due: Sequence[Timer]) -> None:
        objective, level = due[0].objective, due[0].level
        clock = next(c for c in self.clocks if (c.objective, c.level) == (objective, level))
        by_key = {timer.step: timer for timer in due}
        ordered = sorted((self.policy.step(timer.step) for timer in due), key=lambda step: step.at)
        round_ = _Round(self, clock)
        fates = policy.settle(ordered, self._facts(clock))
        # Before anything is carried out: a dispatch by itself must not count as one in time.
        if any(step.breach and fate is not Fate.MOOT for step, fate in fates):
            self.breach(clock)
        for step, fate in fates:
            timer = by_key[step.key]
            late = self.docket.now - timer.due_at
            late_ms = min(round(late.total_seconds() * 1000), LATEST_MS)
            self._set_timer(timer, state=_STATES[fate], settled_at=self.docket.now, late_ms=late_ms)
            if fate is not Fate.MOOT:
                round_.take(step, fate, late_seconds=late.total_seconds() if late > LATE else 0.0)
        round_.tell()

    def _facts(self, clock: ObjectiveClock) -> policy.Facts:
        alert = self.alert
        since = max(filter(None, [alert.accepted_at, clock.started_at]))
        return policy.Facts(
            is_open=alert.is_open,
            is_dispatched=alert.dispatched_at is not None,
            is_accepted=alert.state == State.ACCEPTED,
            has_acted=alert.acted_at is not None and alert.acted_at >= since,
            is_met=not clock.is_running,
        )

    def breach(self, clock: ObjectiveClock) -> None:
        """Record that an objective was not kept, at the time when that was so, whenever it is noticed."""
        if clock.state != ObjectiveState.PENDING:
            return
        self._set_clock(clock, state=ObjectiveState.BREACHED, breached_at=clock.due_at)
        noticed = (self.docket.now - clock.due_at).total_seconds()
        self.note(
            Kind.BREACHED,
            at=clock.due_at,
            objective=clock.objective,
            detail={"noticed_late_seconds": round(noticed, 1)} if noticed > LATE.total_seconds() else {},
        )

    # ── what both people and the clock do ───────────────────────────────────────────────────────────────────────────

    def dispatch(self, *, at: datetime, is_reported: bool = False) -> None:
        """Push the alert to its grid: one objective's work is done, the next begins, its 0:00 steps included.

        ``is_reported`` says that an informant of the grid told it: it goes there without the desk, and nobody is late.
        """
        self.set(state=State.DISPATCHED, dispatched_at=at)
        self.note(
            Kind.DISPATCHED,
            at=at,
            actor=self.docket.by,
            objective=Objective.DISPATCH,
            detail={"grid": self.grid_name, "by_itself": self.docket.by is None}
            | ({"reported": True} if is_reported else {}),
        )
        self.meet(Objective.DISPATCH, at=at)
        self.start(Objective.RESPOND)
        self.catch_up()

    def hand_to(self, choice: policy.Choice, *, key: str, tidings: Collection[Tiding] = (Tiding.YOURS,)) -> bool:
        """Make somebody the holder and tell them; they have yet to accept.

        Returns: whether somebody was found. Where nobody was, the timeline says why and the caller tells the desk.
        """
        passed = [[rank.name.lower(), user_id, why] for rank, user_id, why in choice.passed]
        if choice.member is None:
            self.note(Kind.ESCALATED, objective=Objective.RESPOND, detail={"nobody": True, "passed": passed})
            return False
        member = choice.member
        self.docket.withdraw(self, [Objective.RESPOND])
        self.set(
            state=State.DISPATCHED,
            accepted_at=None,
            holder_id=member.user_id,
            holder_rank=member.rank,
            offered_to=[*self.alert.offered_to, member.user_id],
        )
        self.note(
            Kind.ASSIGNED,
            actor=self.docket.by,
            person_id=member.user_id,
            objective=Objective.RESPOND,
            detail={"rank": member.rank.name.lower(), "passed": passed},
        )
        self.tell([member.user_id], tidings, key=key)
        return True

    def give_out(self) -> bool:
        """Hand an alert that is in nobody's hands to whoever is free by now; say whether somebody was.

        Where nobody is nothing is written: the timeline has said so, and the desk knows.
        """
        if self.alert.state != State.DISPATCHED or self.alert.holder_id is not None:
            return False
        choice = self.choose(Rank.SPECIALIST)
        return choice.member is not None and self.hand_to(choice, key=f"free.{len(self.alert.offered_to)}")

    def choose(self, start: Rank) -> policy.Choice:
        """Choose who is to hold the alert next, beginning at a rank; whoever holds it now is relieved."""
        now_holding = [self.alert.holder_id] if self.alert.holder_id else []
        return policy.choose_holder(self.team.members, start=start, without=now_holding, offered=self.alert.offered_to)

    def bring_in(self, members: Iterable[policy.Member]) -> None:
        """Bring people in to help the holder: the alert becomes their task too. The caller tells them."""
        for user_id in dict.fromkeys(member.user_id for member in members):
            self.docket.bring_in(self, user_id)

    def tell(
        self, user_ids: Iterable[int], tidings: Collection[Tiding], *, key: str, purpose: str = Objective.RESPOND
    ) -> None:
        """Tell people, each one once, and write down whom."""
        clock = self.clock(purpose)
        for user_id in dict.fromkeys(user_ids):
            letter = letters.write(
                self.alert,
                to=self.docket.teams.person(user_id),
                tidings=tidings,
                key=f"{self.alert.subject_key}:{key}:{user_id}",
                purpose=purpose,
                due_at=clock.due_at if clock is not None else None,
                grid_name=self.grid_name,
            )
            self.docket.post(letter)
            self.note(
                Kind.NOTIFIED,
                person_id=user_id,
                objective=purpose,
                detail={"tidings": [tiding.name.lower() for tiding in sorted(tidings)], "key": letter.key},
            )


_STATES = {Fate.CARRIED_OUT: Timer.State.FIRED, Fate.PASSED_OVER: Timer.State.PASSED_OVER, Fate.MOOT: Timer.State.MOOT}


class _Round:
    """The steps of one objective that are settled together: carried out one by one, told as one."""

    def __init__(self, matter: Matter, clock: ObjectiveClock) -> None:
        self.matter, self.clock = matter, clock
        self.key = ""
        self._telling: dict[int, set[Tiding]] = {}
        self._told: set[int] = set()

    def take(self, step: policy.Step, fate: Fate, *, late_seconds: float) -> None:
        """Carry out one step, or write down that it was passed over; either way its people are told."""
        matter = self.matter
        self.key = step.key
        detail: dict[str, Any] = {
            "step": step.key,
            "at_seconds": step.at.total_seconds(),
            "do": step.do,
            "when": step.when,
        }
        if late_seconds:
            detail["late_seconds"] = round(late_seconds, 1)
        if fate is Fate.PASSED_OVER:
            matter.note(Kind.ESCALATED, objective=step.objective, detail=detail | {"passed_over": True})
        else:
            self._carry_out(step, detail)
        people = [
            (user_id, _tiding(step, audience)) for audience in step.tell for user_id in matter.team.told(audience)
        ]
        if step.tell and not people:
            self._tell_last_resort(_tiding(step, step.tell[0]))
        for user_id, tiding in people:
            self._tell_later([user_id], tiding)

    def _carry_out(self, step: policy.Step, detail: dict[str, Any]) -> None:
        matter = self.matter
        if step.do == Action.REMIND_DESK:
            matter.note(Kind.REMINDED, objective=step.objective, detail=detail)
        elif step.do != Action.ASSIGN_FIRST:
            matter.note(Kind.ESCALATED, objective=step.objective, detail=detail)
        match step.do:
            case Action.DISPATCH if matter.alert.is_unplaced:
                self._tell_last_resort(Tiding.UNPLACED)
            case Action.DISPATCH:
                matter.dispatch(at=matter.docket.now)
            case Action.ASSIGN_FIRST | Action.HAND_TO_SECOND | Action.HAND_TO_LEADER:
                self._hand_on(step)
            case Action.BRING_IN_HELP:
                self._bring_in_help(step)

    def _hand_on(self, step: policy.Step) -> None:
        """Hand the alert to the step's rank, or above. One that is already held at that height stays where it is."""
        matter, start = self.matter, policy.ASSIGNS[step.do]
        holder, rank = matter.alert.holder_id, matter.alert.holder_rank
        if holder is not None and rank is not None:
            is_accepted = matter.alert.state == State.ACCEPTED
            if step.do == Action.ASSIGN_FIRST:
                # The level was raised: who has accepted keeps it, and so does who was given it and is still the one.
                stays = is_accepted or self._is_still_the_one(holder, start)
            else:
                stays = rank >= Rank.LEADER if start == Rank.LEADER else rank > start
            if stays:
                at_work = Tiding.RAISED if step.do == Action.ASSIGN_FIRST else Tiding.BREACHED
                self._tell_later([holder], at_work if is_accepted else Tiding.YOURS)
                return
        if matter.hand_to(matter.choose(start), key=step.key):
            self._told.add(matter.alert.holder_id or 0)
        else:
            self._tell_last_resort(Tiding.NOBODY)

    def _is_still_the_one(self, holder: int, start: Rank) -> bool:
        """Say whether who was given it is free, and on duty or without anybody on duty to take it from them."""
        member = self.matter.team.member(holder)
        if member is None or not member.is_free:
            return False
        other = self.matter.choose(start).member
        return member.is_on_call or other is None or not other.is_on_call

    def _bring_in_help(self, step: policy.Step) -> None:
        matter = self.matter
        helpers, passed = policy.choose_helpers(matter.team.members, beside=matter.alert.holder_id)
        if helpers:
            # Told with the rest of the round: a hand-over in it takes back what was posted before.
            matter.bring_in(helpers)
            self._tell_later([member.user_id for member in helpers], Tiding.HELP)
            return
        said = [[rank.name.lower(), user_id, why] for rank, user_id, why in passed]
        matter.note(Kind.ESCALATED, objective=step.objective, detail={"nobody": True, "passed": said})
        self._tell_last_resort(Tiding.NOBODY)

    def _tell_later(self, user_ids: Iterable[int], tiding: Tiding) -> None:
        for user_id in user_ids:
            self._telling.setdefault(user_id, set()).add(tiding)

    def _tell_last_resort(self, tiding: Tiding) -> None:
        self._tell_later(self.matter.team.last_resort(), tiding)

    def tell(self) -> None:
        """Tell each person once what this round brought; a new holder and helpers have been told already."""
        alike: dict[tuple[Tiding, ...], list[int]] = {}
        for user_id, tidings in self._telling.items():
            if user_id not in self._told:
                alike.setdefault(tuple(sorted(tidings)), []).append(user_id)
        for merged, user_ids in alike.items():
            self.matter.tell(user_ids, merged, key=self.key, purpose=self.clock.objective)


def _tiding(step: policy.Step, audience: Audience) -> Tiding:
    """Return what a step's audience is told."""
    if step.do == Action.REMIND_DESK:
        return Tiding.REMIND
    if step.breach or step.when == Condition.NOT_MET:
        return Tiding.BREACHED
    if step.when == Condition.ACCEPTED_AND_IDLE:
        return Tiding.IDLE
    if step.at:
        return Tiding.ESCALATED
    return Tiding.ARRIVED
