"""Drills as screens show them: the list, and the debrief that holds each clock against the last drill's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.formats import share
from accounts.models import User
from accounts.roles import Duty
from alerts.models import Alert, Drill, DrillAlert, ObjectiveClock, TimelineEntry
from alerts.models.drills import DrillQuerySet
from alerts.policy import Confirmation, Deed, Objective, ObjectiveState, State
from alerts.screens.clock import lasted
from residents.access import may
from residents.models import Area, Post

Kind = TimelineEntry.Kind
LINES_NEEDED = (Kind.DISPATCHED, Kind.ACCEPTED, Kind.ASSIGNED, Kind.ACTION)


def state_of(drill: Drill) -> str | Promise:
    """Return how far a drill is, in words."""
    if drill.is_planned:
        return _("planned")
    if drill.is_running:
        return _("running")
    return _("held") if drill.started_at is not None else _("called off")


@dataclass(frozen=True, slots=True)
class DrillRow:
    """One drill in the list."""

    pk: int
    url: str
    starts_at: datetime
    community: str
    level: str
    level_word: str
    grids: str
    state: str | Promise
    is_announced: bool
    kept: str


def drill_rows(drills: DrillQuerySet) -> list[DrillRow]:
    """Return the drills of a list, the latest first, in three queries however many they are."""
    clocks = Prefetch("parts__alert__clocks", queryset=ObjectiveClock.objects.order_by("pk"))
    found = drills.select_related("community").prefetch_related("grids", "parts__alert", clocks)
    return [_row(drill) for drill in found]


def _row(drill: Drill) -> DrillRow:
    measured = measure([part.alert for part in drill.parts.all()])
    return DrillRow(
        pk=drill.pk,
        url=reverse("alerts:drill", args=[drill.pk]),
        starts_at=drill.started_at or drill.starts_at,
        community=drill.community.name,
        level=drill.level,
        level_word=drill.get_level_display(),
        grids="、".join(sorted(grid.name for grid in drill.grids.all())),
        state=state_of(drill),
        is_announced=drill.is_announced,
        kept=share(measured.kept, measured.asked) if drill.started_at else "–",
    )


@dataclass(frozen=True, slots=True)
class Measures:
    """What a drill's clocks came to. Times are means over the alerts that got so far; ``None`` where none did.

    Attributes:
        dispatch: from the receipt to the grid.
        accept: from the grid to somebody's acceptance.
        reach: from the grid to the last confirmation.
        kept: clocks kept in time, of ``asked`` that ran.
    """

    dispatch: timedelta | None
    accept: timedelta | None
    reach: timedelta | None
    kept: int
    asked: int


def measure(alerts: Sequence[Alert]) -> Measures:
    """Return the measures of a drill's alerts, read with their clocks."""
    clocks = [clock for alert in alerts for clock in alert.clocks.all() if clock.state != ObjectiveState.REPLACED]
    done = {objective: [c for c in clocks if c.objective == objective and c.met_at] for objective in Objective}
    return Measures(
        dispatch=_mean(c.met_at - c.started_at for c in done[Objective.DISPATCH] if c.met_at),
        accept=_mean(a.accepted_at - a.dispatched_at for a in alerts if a.accepted_at and a.dispatched_at),
        reach=_mean(c.met_at - c.started_at for c in done[Objective.RESPOND] if c.met_at),
        kept=sum(clock.state == ObjectiveState.MET for clock in clocks),
        asked=len(clocks),
    )


def _mean(spans: Iterable[timedelta]) -> timedelta | None:
    found = list(spans)
    return sum(found, timedelta()) / len(found) if found else None


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of this drill beside the last one's."""

    name: str | Promise
    this: str
    last: str
    change: str
    is_better: bool | None


@dataclass(frozen=True, slots=True)
class Did:
    """One thing somebody did, when, and how long after the alert came."""

    at: datetime
    after: str
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One clock of one alert: kept after so long, late by so much, or never done."""

    name: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one grid made of its alert."""

    grid: str
    number: int
    url: str
    clocks: tuple[Kept, ...]
    did: tuple[Did, ...]
    missing: str
    handed_on: int
    ended: str


@dataclass(frozen=True, slots=True)
class Debrief:
    """A drill to talk over: each clock, who, how late, and how that was the last time."""

    drill: Drill
    state: str | Promise
    kind: str
    parts: tuple[Part, ...]
    compared: tuple[Compared, ...]
    last: Drill | None
    may_run: bool

    @property
    def is_over(self) -> bool:
        """Whether it was held and has ended."""
        return self.drill.started_at is not None and self.drill.ended_at is not None


def debrief(drill: Drill, *, user: User, on: date) -> Debrief:
    """Return a drill's debrief. The same queries for two grids as for twenty."""
    parts = _parts(drill)
    last = Drill.objects.held_before(drill).first()
    now, before = measure([part.alert for part in parts]), measure([part.alert for part in _parts(last)])
    return Debrief(
        drill=drill,
        state=state_of(drill),
        kind=drill.fraud_type.name if drill.fraud_type else "",
        parts=tuple(_part(part.alert) for part in parts),
        compared=_compared(now, before if last else None),
        last=last,
        may_run=may(user, Duty.RUN_DRILLS, drill.community.code, on),
    )


def _parts(drill: Drill | None) -> list[DrillAlert]:
    if drill is None:
        return []
    lines = TimelineEntry.objects.filter(kind__in=LINES_NEEDED).select_related("actor", "person").order_by("at", "pk")
    parts = DrillAlert.objects.filter(drill=drill).select_related("alert__grid").order_by("alert__area_code")
    clocks = Prefetch("alert__clocks", queryset=ObjectiveClock.objects.order_by("pk"))
    return list(parts.prefetch_related(clocks, Prefetch("alert__timeline", queryset=lines)))


_MEASURES: tuple[tuple[str, str | Promise], ...] = (
    ("dispatch", gettext_lazy("From the alert to the grid, on average")),
    ("accept", gettext_lazy("From the grid to acceptance, on average")),
    ("reach", gettext_lazy("From the grid to the last step, on average")),
)


def _compared(this: Measures, last: Measures | None) -> tuple[Compared, ...]:
    rows = [_span(name, getattr(this, key), getattr(last, key) if last else None) for key, name in _MEASURES]
    kept, before = share(this.kept, this.asked), share(last.kept, last.asked) if last else "–"
    better = None
    if last is not None and this.asked and last.asked and this.kept * last.asked != last.kept * this.asked:
        better = this.kept * last.asked > last.kept * this.asked
    return (*rows, Compared(gettext_lazy("Clocks kept in time"), kept, before, "", better))


def _span(name: str | Promise, this: timedelta | None, last: timedelta | None) -> Compared:
    now, before = (lasted(span) if span is not None else "–" for span in (this, last))
    if this is None or last is None or round(this.total_seconds()) == round(last.total_seconds()):
        return Compared(name, now, before, "", None)
    change = _("{span} quicker") if this < last else _("{span} slower")
    return Compared(name, now, before, change.format(span=lasted(abs(this - last))), this < last)


def _part(alert: Alert) -> Part:
    lines = list(alert.timeline.all())
    missing = "、".join(str(one.label) for one in alert.missing) if alert.dispatched_at else ""
    return Part(
        grid=alert.grid.name if alert.grid else "",
        number=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        clocks=tuple(_clock(clock) for clock in alert.clocks.all()),
        did=tuple(did for line in lines if (did := _did(line, alert)) is not None),
        missing=missing,
        handed_on=max(0, sum(line.kind == Kind.ASSIGNED for line in lines) - 1),
        ended=_ended(alert),
    )


def _ended(alert: Alert) -> str:
    if alert.is_open:
        return _("still open")
    if alert.state == State.VOIDED:
        return _("ended with the drill")
    return alert.get_outcome_display()


def _clock(clock: ObjectiveClock) -> Kept:
    name = str(Objective(clock.objective).label)
    if clock.state == ObjectiveState.MET and clock.met_at:
        return Kept(name, "good", _("kept, after {span}").format(span=lasted(clock.met_at - clock.started_at)))
    if clock.state == ObjectiveState.BREACHED and clock.met_at:
        return Kept(name, "late", _("done {span} late").format(span=lasted(clock.met_at - clock.due_at)))
    if clock.state == ObjectiveState.BREACHED:
        return Kept(name, "late", _("never done"))
    return Kept(name, "soft", _("not done when it ended") if clock.state == ObjectiveState.DROPPED else _("runs"))


def _did(line: TimelineEntry, alert: Alert) -> Did | None:
    what = _what(line)
    if what is None:
        return None
    person = line.person if line.kind == Kind.ASSIGNED else line.actor
    return Did(line.at, lasted(line.at - alert.received_at), what, str(person or _("The clock")))


def _what(line: TimelineEntry) -> str | None:
    """Return what a line of the timeline says somebody did; ``None`` for one that a debrief does not need."""
    if line.kind == Kind.DISPATCHED:
        return _("dispatched") if line.actor_id else _("dispatched by itself")
    if line.kind == Kind.ASSIGNED:
        return _("was given it")
    if line.kind == Kind.ACCEPTED:
        return _("accepted")
    if "deed" in line.detail:
        return str(Deed(line.detail["deed"]).label)
    if "excused" in line.detail:
        return _("{what} impossible: {reason}").format(
            what=Confirmation(line.detail["excused"]).label, reason=line.detail.get("reason", "")
        )
    return _("asked for help") if "help_asked" in line.detail else None


def grids_of(user: User, *, on: date) -> list[tuple[int, str]]:
    """Return the grids in which somebody may hold a drill."""
    grids = Area.objects.visible_to(user, duty=Duty.RUN_DRILLS, on=on).grids().select_related("parent")
    return [(one.pk, f"{one.parent.name if one.parent else ''} {one.name}".strip()) for one in grids.order_by("code")]


def leaders_for(user: User, *, on: date) -> list[tuple[int, str]]:
    """Return who may lead a drill: whoever plans it, and the desk and managers of the same areas; who has a number."""
    posts = Post.objects.visible_to(user, on=on, duty=Duty.RUN_DRILLS).current(on).with_duty(Duty.WATCH_DESK)
    found = {post.user_id: post.user for post in posts.select_related("user").order_by("pk") if post.user.is_active}
    people = {user.pk: user} | found
    return [(pk, str(person)) for pk, person in people.items() if person.phone_hash is not None]
