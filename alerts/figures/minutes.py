"""Which minutes of an alert were spent where: from the platform's warning to the door, leg by leg.

A leg ends where its point was reached and begins where the one before it ended; what was reached before is no leg of
its own (nobody waits for it any more). So the legs of an alert add up to its whole time, always.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alerts.models import Alert, AlertQuerySet, ObjectiveClock
from alerts.policy import CONFIRMATIONS, Fact, Objective, ObjectiveState
from notifications.models import Notice

SOURCE, DESK, SEEN, ACCEPTED, DONE = "source", "desk", "seen", "accepted", "done"

LEGS: Mapping[str, str | Promise] = {
    SOURCE: _("Source → us"),
    DESK: _("Us → grid (desk)"),
    SEEN: _("→ seen at the grid"),
    ACCEPTED: _("→ accepted"),
    "phone": _("→ reached by phone"),
    "door": _("→ at the door"),
    "family": _("→ family reached"),
    "contact": _("→ contacted and reminded"),
    DONE: _("→ the last step, or its reason"),
}
"""The legs, each by where it leads; confirmations come in the order in which they came about."""

OF_RESPONSE = frozenset(LEGS) - {SOURCE, DESK}


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of an alert's time. ``is_open``: its end was never reached; it runs to the alert's end, or to now."""

    key: str
    begins_at: datetime
    ends_at: datetime
    is_open: bool = False

    @property
    def took(self) -> timedelta:
        """How long it was."""
        return self.ends_at - self.begins_at


@dataclass(frozen=True, slots=True)
class Late:
    """A clock that was not kept: when it was due, when its work was done if ever, and the leg in which most was lost.

    ``lost_in`` is the longest leg of those the clock ran through; ``passed_in`` the one in which its time ran out.
    """

    objective: str
    level: str
    due_at: datetime
    done_at: datetime | None
    late_by: timedelta
    lost_in: str
    passed_in: str


@dataclass(frozen=True, slots=True)
class Spent:
    """An alert's time, and the clocks it did not keep."""

    alert: Alert
    legs: tuple[Leg, ...]
    lates: tuple[Late, ...]

    @property
    def whole(self) -> timedelta:
        """All legs together: from the source's warning (or the receipt) to the last step (or to the end)."""
        return sum((leg.took for leg in self.legs), timedelta())


def breached(alerts: AlertQuerySet) -> AlertQuerySet:
    """Return the real ones of which a clock was not kept."""
    return alerts.real().of_fact(Fact.BREACHED)


def spent_on(alerts: Iterable[Alert] | AlertQuerySet, *, now: datetime) -> list[Spent]:
    """Return where the minutes of some alerts went. Three queries, however many they are."""
    if isinstance(alerts, AlertQuerySet):
        clocks = Prefetch("clocks", queryset=ObjectiveClock.objects.order_by("pk"))
        alerts = alerts.select_related("grid").without_phone().prefetch_related(clocks)
    found = list(alerts)
    seen = _seen(found)
    return [_spent(alert, seen.get(alert.subject_key), now=now) for alert in found]


def _seen(alerts: Sequence[Alert]) -> Mapping[str, datetime]:
    """Return when the first of those told at the grid opened what they were told, by the alert's key."""
    notices = Notice.objects.about([alert.subject_key for alert in alerts], purposes=[Objective.RESPOND])
    # Of each subject the earliest comes last, and stays.
    rows = notices.filter(read_at__isnull=False).order_by("-read_at").values_list("subject", "read_at")
    return {subject: at for subject, at in rows if at is not None}


def _spent(alert: Alert, seen_at: datetime | None, *, now: datetime) -> Spent:
    clocks = list(alert.clocks.all())
    legs = tuple(_legs(alert, seen_at, clocks, now=now))
    lates = tuple(_late(clock, legs, now=now) for clock in clocks if clock.state == ObjectiveState.BREACHED)
    return Spent(alert, legs, lates)


def _legs(alert: Alert, seen_at: datetime | None, clocks: Sequence[ObjectiveClock], *, now: datetime) -> Iterable[Leg]:
    response = [clock for clock in clocks if clock.objective == Objective.RESPOND]
    done_at = response[-1].met_at if response else None
    stops_at = done_at or alert.closed_at or now
    points = _points(alert, seen_at, done_at)
    here = min(alert.warned_at or alert.received_at, alert.received_at)
    for key, at in points:
        if at is None:
            yield Leg(key, here, max(stops_at, here), is_open=True)
            return
        if at > here:
            yield Leg(key, here, at)
            here = at


def _points(alert: Alert, seen_at: datetime | None, done_at: datetime | None) -> Sequence[tuple[str, datetime | None]]:
    """Return what an alert went through, in order; the first that has no time was not reached."""
    dispatched = alert.dispatched_at
    # Seen only where it was opened at the grid before somebody accepted it: who accepts has seen it.
    seen = seen_at if seen_at is not None and dispatched is not None and seen_at >= dispatched else None
    if seen is not None and alert.accepted_at is not None and seen > alert.accepted_at:
        seen = alert.accepted_at
    confirmed = sorted(
        ((str(one), at) for one in CONFIRMATIONS[alert.level] if (at := alert.confirmed.get(one)) is not None),
        key=lambda point: point[1],
    )
    points: list[tuple[str, datetime | None]] = [(SOURCE, alert.received_at), (DESK, dispatched)]
    if dispatched is None:
        return points
    points += [(SEEN, seen)] if seen is not None else []
    points += [(ACCEPTED, alert.accepted_at)] if alert.accepted_at or not confirmed else []
    points += confirmed
    missing = next((str(one) for one in alert.missing), "")
    points.append((missing or DONE, done_at))
    return points


def _late(clock: ObjectiveClock, legs: Sequence[Leg], *, now: datetime) -> Late:
    of_it = (
        [leg for leg in legs if leg.key == DESK]
        if clock.objective == Objective.DISPATCH
        else [leg for leg in legs if leg.key in OF_RESPONSE]
    )
    longest = max(of_it, key=lambda leg: _within(leg, clock, now=now), default=None)
    passed = next((leg for leg in of_it if leg.begins_at <= clock.due_at <= leg.ends_at), longest)
    until = clock.met_at or max((leg.ends_at for leg in of_it), default=now)
    return Late(
        objective=clock.objective,
        level=clock.level,
        due_at=clock.due_at,
        done_at=clock.met_at,
        late_by=max(until - clock.due_at, timedelta()),
        lost_in=longest.key if longest else "",
        passed_in=passed.key if passed else "",
    )


def _within(leg: Leg, clock: ObjectiveClock, *, now: datetime) -> timedelta:
    """Return how much of a leg lies within a clock's time: a higher level's clock begins in the middle of the work."""
    return max(min(leg.ends_at, clock.met_at or now) - max(leg.begins_at, clock.started_at), timedelta())


def lost_by_leg(spents: Iterable[Spent]) -> Mapping[str, tuple[int, timedelta]]:
    """Return, for each leg, in how many clocks most was lost there, and how long those legs were together."""
    lost: dict[str, tuple[int, timedelta]] = {}
    for spent in spents:
        took = {leg.key: leg.took for leg in spent.legs}
        for late in spent.lates:
            number, sum_ = lost.get(late.lost_in, (0, timedelta()))
            lost[late.lost_in] = (number + 1, sum_ + took.get(late.lost_in, timedelta()))
    return {key: lost[key] for key in LEGS if key in lost}
