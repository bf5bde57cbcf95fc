"""What must hold for any policy, any people's presses in any order, and any interleaving with sweeps."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.calendars import Stretch
from alerts import engine, services
from alerts.models import Alert, ObjectiveClock, Shift, TimelineEntry, Timer
from alerts.policy import (
    ASSIGNS,
    STEPS,
    Action,
    Condition,
    Confirmation,
    Deed,
    Level,
    Objective,
    ObjectiveState,
    Outcome,
    Policy,
    ShiftKind,
    State,
)
from alerts.services import AlertError, RosterError
from alerts.tests.factories import EXCUSED, NOON, SECOND, Scene, ending, make_scene, publish_policy, receive, sweep
from alerts.tests.policies import policies
from notifications.models import Notice

# Many examples on a slow machine take minutes; what is held here is no time.
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]

PHONES = ("19900007771", "19900007772")
WHO = st.sampled_from(["first", "second", "leader", "manager", "police", "officer"])
ANY_ALERT = st.integers(0, len(PHONES) - 1)
MANY = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@contextmanager
def thrown_away() -> Iterator[None]:
    """Let an example leave nothing behind for the next one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# ── what people and the clock do ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Event:
    """Something that happens so many seconds after the event before it."""

    pause: float
    verb: str
    who: str = "first"
    alert: int = 0
    more: Any = None


def happens(
    verb: str, *, pause: st.SearchStrategy[float], **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[Event]:
    return st.builds(Event, pause=pause, verb=st.just(verb), alert=ANY_ALERT, **fields)


def presses(pause: st.SearchStrategy[float]) -> list[st.SearchStrategy[Event]]:
    """Every verb that changes an alert, but for those that change who is available."""
    return [
        happens("dispatch", pause=pause, who=WHO),
        happens("accept", pause=pause, who=WHO),
        happens("accept", pause=pause, who=WHO),
        happens("hand_over", pause=pause, who=WHO, more=WHO),
        happens("deed", pause=pause, who=WHO, more=st.sampled_from(Deed)),
        happens("deed", pause=pause, who=WHO, more=st.sampled_from(Deed)),
        happens("excuse", pause=pause, who=WHO, more=st.sampled_from(Confirmation)),
        happens("close", pause=pause, who=WHO, more=st.booleans()),
        happens("join", pause=pause, more=st.sampled_from(Level)),
        happens("help", pause=pause, who=WHO),
    ]


PAUSE = st.integers(0, 40).map(lambda seconds: seconds / 2)
EVENTS = st.lists(
    st.one_of(
        *presses(PAUSE),
        happens("sweep", pause=PAUSE),
        happens("sweep", pause=PAUSE),
        happens("busy", pause=PAUSE, who=WHO),
        happens("free", pause=PAUSE, who=WHO),
        happens("void", pause=PAUSE, who=WHO),
        happens("on_duty", pause=PAUSE, who=WHO, more=st.integers(1, 3)),
        happens("off_duty", pause=PAUSE, who=WHO),
        happens("place", pause=PAUSE, who=WHO),
        happens("hand_on", pause=PAUSE, who=WHO),
    ),
    max_size=14,
)


@dataclass
class Play:
    """Alerts of a scene, and what happens to them."""

    scene: Scene
    now: datetime = NOON
    alerts: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def receive(self, level: str, phone: str, *, placed: bool = True) -> Alert:
        code = self.scene.grid.code if placed else self.scene.place.community.code
        alert = receive(at=self.now, level=level, phone=phone, name="", address="", area_code=code).alert
        assert alert is not None
        self.alerts.append(alert.pk)
        return alert

    def do(self, number: int, event: Event) -> None:
        """Let an event happen; note it as refused where it was."""
        self.now += timedelta(seconds=event.pause)
        alert = Alert.objects.get(pk=self.alerts[event.alert % len(self.alerts)])
        who = self.scene.people[event.who]
        common: dict[str, Any] = {"by": who, "now": self.now}
        grid = self.scene.grid
        verbs: dict[str, Callable[[], Any]] = {
            "dispatch": lambda: services.dispatch_alert(alert, grid=grid if alert.is_unplaced else None, **common),
            "place": lambda: services.place_alert(alert, grid=grid, **common),
            "accept": lambda: services.accept_alert(alert, **common),
            "hand_over": lambda: services.hand_over_alert(alert, to=self.scene.people[event.more], **common),
            "hand_on": lambda: services.hand_over_alert(alert, **common),
            "deed": lambda: services.record_deed(alert, deed=event.more, **common),
            "excuse": lambda: services.excuse_confirmation(
                alert, confirmation=event.more, reason="民警已在门口", **common
            ),
            "close": lambda: services.close_alert(
                alert, ending=ending(outcome=Outcome.SAW_THROUGH, excuses=EXCUSED if event.more else {}), **common
            ),
            "void": lambda: services.void_alert(alert, reason="测试", **common),
            "help": lambda: services.ask_for_help(alert, **common),
            "busy": lambda: services.mark_busy(who, now=self.now),
            "free": lambda: services.mark_free(who, now=self.now),
            "on_duty": lambda: self._on_duty(event.who, event.more),
            "off_duty": lambda: Shift.objects.of(who).ending_after(self.now).delete(),
            "sweep": lambda: sweep(self.now),
            "join": lambda: self._join(alert, event.more),
        }
        try:
            verbs[event.verb]()
        except (AlertError, RosterError):
            self.refused.append(number)

    def _on_duty(self, who: str, minutes: int) -> None:
        """Put somebody on the roster for some minutes, where their post is."""
        place = self.scene.place
        area = self.scene.grid if who in {"first", "second", "leader"} else place.community
        kind = ShiftKind.DESK if who == "officer" else ShiftKind.ON_CALL
        hours = Stretch(self.now, self.now + timedelta(minutes=minutes))
        services.add_shift(area, kind=kind, user=self.scene.people[who], hours=hours, by=None, now=self.now)

    def _join(self, alert: Alert, level: str) -> None:
        if alert.is_open:
            phone = alert.subject_phone
            joined = receive(at=self.now, level=level, phone=phone, name="", area_code=alert.area_code)
            assert joined.alert == alert

    def run_out(self) -> None:
        """Let every step there is come due."""
        for _round in range(3):  # a dispatch by itself, late, starts another clock
            self.now += timedelta(hours=25)
            sweep(self.now)


# ── what must hold after each of them ───────────────────────────────────────────────────────────────────────────────


@dataclass
class Watch:
    """Everything that was seen of the clocks so far, to tell what may not change any more."""

    table: Policy
    settled: dict[int, tuple[str, datetime | None]] = field(default_factory=dict)
    decided: dict[int, str] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)
    last_line: int = 0

    def look(self, *, by_clock: bool) -> None:
        self.alerts = list(Alert.objects.without_phone())
        self.clocks = list(ObjectiveClock.objects.order_by("pk"))
        self.timers = list(Timer.objects.all())
        self.lines = list(TimelineEntry.objects.order_by("pk"))
        self.nobody_is_forgotten()
        self.no_step_is_lost_or_early_or_taken_twice()
        self.what_was_decided_stays_decided()
        self.who_accepted_keeps_it(by_clock=by_clock)
        self.what_the_timeline_tells_was_told()

    def nobody_is_forgotten(self) -> None:
        watched = {timer.alert_id for timer in self.timers if timer.state == Timer.State.PENDING}
        for alert in self.alerts:
            if not alert.is_open or alert.pk in watched:
                continue
            objective = Objective.DISPATCH if alert.state == State.RECEIVED else Objective.RESPOND
            last = [c for c in self.clocks if (c.alert_id, c.objective) == (alert.pk, objective)][-1]
            if last.state == ObjectiveState.MET:  # the resident was reached; it only waits to be closed
                assert (objective, alert.missing) == (Objective.RESPOND, [])
            else:
                assert last.state == ObjectiveState.BREACHED, f"{alert} {alert.state}: {last}, and no timer"
        for alert in self.alerts:
            if alert.state == State.DISPATCHED and alert.holder_id is None:
                told = [line.detail["tidings"] for line in self.lines if line.kind == "notified"]
                assert any("nobody" in tidings for tidings in told), "nobody has it, and nobody knows"

    def no_step_is_lost_or_early_or_taken_twice(self) -> None:
        for clock in self.clocks:
            mine = [t for t in self.timers if _whose(t) == _whose(clock)]
            steps = self.table.steps_of(clock.objective, clock.level)
            assert {t.step: t.due_at for t in mine} == {s.key: clock.started_at + s.at for s in steps}
            if clock.met_at is not None:  # a met objective never escalates
                assert not [timer for timer in mine if timer.state == Timer.State.PENDING]
        written = Counter((line.alert_id, line.detail["step"]) for line in self.lines if "step" in line.detail)
        for timer in self.timers:
            assert timer.attempts == 0, timer.last_error
            if timer.state == Timer.State.PENDING:
                assert timer.pk not in self.settled
                continue
            assert timer.settled_at is not None
            assert timer.state == Timer.State.CANCELLED or timer.settled_at >= timer.due_at
            now = (timer.state, timer.settled_at)
            assert self.settled.setdefault(timer.pk, now) == now
            carried_out = timer.state in {Timer.State.FIRED, Timer.State.PASSED_OVER}
            if timer.state == Timer.State.FIRED and self.table.step(timer.step).do == Action.ASSIGN_FIRST:
                carried_out = False  # its line is the assignment itself
            assert written[timer.alert_id, timer.step] == int(carried_out)

    def what_was_decided_stays_decided(self) -> None:
        for clock in self.clocks:
            if clock.state == ObjectiveState.PENDING:
                assert clock.pk not in self.decided
                continue
            assert self.decided.setdefault(clock.pk, clock.state) == clock.state
            if clock.state == ObjectiveState.BREACHED:
                assert clock.breached_at == clock.due_at
            if clock.state == ObjectiveState.MET:
                assert clock.met_at is not None
                assert clock.started_at <= clock.met_at < clock.due_at

    def who_accepted_keeps_it(self, *, by_clock: bool) -> None:
        """Of what the clock did alone: a holder who had accepted is relieved by no "not accepted" step."""
        fresh = [line for line in self.lines if line.pk > self.last_line and "step" in line.detail]
        for alert in self.alerts:
            before = self.held.pop(alert.pk, None)
            if by_clock and before is not None and (alert.state, alert.holder_id) != (State.ACCEPTED, before):
                taken = [line.detail for line in fresh if line.alert_id == alert.pk and line.detail["do"] in ASSIGNS]
                assert any(detail["when"] != Condition.NOT_ACCEPTED for detail in taken)
            if alert.state == State.ACCEPTED:
                assert alert.holder_id is not None
                self.held[alert.pk] = alert.holder_id
        self.last_line = max((line.pk for line in self.lines), default=0)

    def what_the_timeline_tells_was_told(self) -> None:
        keys = {line.detail["key"] for line in self.lines if line.kind == "notified"}
        assert keys == set(Notice.objects.values_list("key", flat=True))


def _whose(row: Timer | ObjectiveClock) -> tuple[int, str, str]:
    return row.alert_id, row.objective, row.level


@MANY
@given(table=policies(longest=60), events=EVENTS, levels=st.tuples(*[st.sampled_from(Level)] * 2), placed=st.booleans())
def test_whatever_people_do_and_whenever_it_is_swept_no_alert_is_forgotten_and_no_step_taken_twice(
    scene, table, events, levels, placed
):
    with thrown_away():
        publish_policy(table.steps)
        play, watch = Play(scene), Watch(table)
        play.receive(levels[0], PHONES[0])
        play.receive(levels[1], PHONES[1], placed=placed)
        for number, event in enumerate(events):
            play.do(number, event)
            watch.look(by_clock=event.verb == "sweep")
        assert engine.reconcile(now=play.now).without_timer == ()
        play.run_out()
        watch.look(by_clock=True)
        assert not Timer.objects.pending().exists()
        for alert in Alert.objects.open():
            assert not alert.clocks.filter(state=ObjectiveState.PENDING).exists()


@MANY
@given(events=EVENTS, level=st.sampled_from(Level))
def test_under_the_default_policy_a_high_or_low_alert_once_accepted_stays_with_its_holder_whatever_the_clock_does(
    scene, events, level
):
    """Of the default table only the breach of a medium alert hands on what somebody has accepted."""
    with thrown_away():
        play, watch = Play(scene), Watch(Policy(STEPS))
        play.receive(level, PHONES[0])
        for number, event in enumerate(events):
            play.do(number, event)
            watch.look(by_clock=event.verb == "sweep")
        alert = Alert.objects.get(pk=play.alerts[0])
        play.run_out()
        later = Alert.objects.get(pk=alert.pk)
        if alert.state == State.ACCEPTED and alert.level != Level.MEDIUM:
            assert (later.state, later.holder_id) == (State.ACCEPTED, alert.holder_id)


# ── swept in time, or caught up with ────────────────────────────────────────────────────────────────────────────────


def outcome(scene: Scene, level: str, events: list[Event], *, in_time: bool) -> dict[str, Any]:
    """Play events under the default policy, swept at the very instant of each step or never until the end."""
    with thrown_away():
        play = Play(scene)
        alert = play.receive(level, PHONES[0])
        services.dispatch_alert(alert, by=scene.officer, now=NOON)
        holders = []
        for number, event in enumerate(events):
            if in_time:
                _sweep_at_each_instant(until=play.now + timedelta(seconds=event.pause))
            refused_before = len(play.refused)
            play.do(number, event)
            if len(play.refused) > refused_before:
                continue  # a refused press leaves all as it was, what it had caught up with included
            now = Alert.objects.get(pk=alert.pk)
            holders.append(now.holder_id if now.state == State.ACCEPTED else None)
        end = play.now + timedelta(hours=25)
        if in_time:
            _sweep_at_each_instant(until=end)
        sweep(end)
        last = Alert.objects.get(pk=alert.pk)
        clocks = last.clocks.order_by("pk").values_list(
            "objective", "level", "state", "started_at", "due_at", "met_at", "breached_at"
        )
        return {
            "refused": play.refused,
            "accepted by": holders,
            "state": last.state,
            "holder": scene.name_of(last.holder_id),
            "confirmed": last.confirmed,
            "helpers": set(last.helpers.values_list("pk", flat=True)),
            "clocks": list(clocks),
            "breaches": list(last.timeline.filter(kind="breached").values_list("at", flat=True)),
        }


def _sweep_at_each_instant(*, until: datetime) -> None:
    while due := Timer.objects.due(until).order_by("due_at").first():
        sweep(due.due_at)


@MANY
@given(events=st.lists(st.one_of(*presses(st.integers(0, 600).map(float))), max_size=8), level=st.sampled_from(Level))
def test_an_outcome_does_not_depend_on_whether_the_sweep_was_in_time_or_a_press_caught_up(scene, events, level):
    """The alert has reached its grid: one that waits at the desk through an outage gets its full time there."""
    assert outcome(scene, level, events, in_time=False) == outcome(scene, level, events, in_time=True)


@settings(MANY, max_examples=30)
@given(lag=st.lists(st.integers(0, 400), min_size=1, max_size=12), level=st.sampled_from(Level))
def test_however_unevenly_it_is_swept_everybody_is_told_of_a_breach_exactly_once(scene, lag, level):
    with thrown_away():
        play = Play(scene)
        alert = play.receive(level, PHONES[0])
        services.dispatch_alert(alert, by=scene.officer, now=NOON)
        for seconds in lag:
            play.now += seconds * SECOND
            sweep(play.now)
        play.run_out()
        told = [
            line.person_id
            for line in alert.timeline.filter(kind="notified")
            if "breached" in line.detail["tidings"] and line.person_id != scene.supervisor.pk
        ]
        assert len(told) == len(set(told)) > 0
        assert alert.timeline.filter(kind="breached").count() == 1
