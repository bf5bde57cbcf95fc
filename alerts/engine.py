"""The sweep: claim what is due, let the policy decide, carry it out; and the round that mends what should not be.

Any number of sweepers may run at once, in Celery's workers, in the stand-by, on several machines. What is due is found
by timer, but locked by alert: **the alert's row is the lock of everything about it**, so two sweepers and a person
pressing a button never wait for each other crosswise. On PostgreSQL a sweeper skips what another holds; on SQLite the
immediate transaction lets one in at a time.

Measured trap (limits.md): one UPDATE fed by several overdue timers of one alert lost steps under two workers. Hence all
that is due for one alert is settled together, in memory, under its lock.
"""

import logging
import os
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, Q

from alerts.docket import Docket
from alerts.letters import Tiding
from alerts.models import Alert, Heartbeat, ObjectiveClock, TimelineEntry, Timer
from alerts.policy import SECONDS, Objective, ObjectiveState
from notifications import services as notifications
from notifications.models import Delivery
from residents.models import Area

logger = logging.getLogger(__name__)

BATCH = 1000
"""Timers claimed in one transaction. Each batch reads the people anew and waits for its commit: a thousand cost a tenth
less a step than five hundred (docs/performance.md). More cost less still, but who presses a button meanwhile on one of
their alerts would wait for longer than half a second."""

FIRST_BATCH = 100
"""The first of a tick is small: its messages go out at once, and where it is not enough others are called to help."""

MOST_BATCHES = 100
"""A round gives way after so many batches; the next one goes on."""

PUT_ON = 30 * SECONDS
"""How long a step that raised is left alone."""

ATTEMPTS = 3
"""After so many the desk is told; the step is still tried again."""

AHEAD = 3 * SECONDS
"""A heartbeat may be ahead of who reads it by the moment between two questions, not by more."""

OVERDUE = 30 * SECONDS
"""A timer pending for longer than this past its time means a defect."""

Guard = Heartbeat.Guard


def sweep(*, now: datetime, guard: str = Guard.CELERY, by: str = "", limit: int = BATCH) -> int:
    """Settle one batch of what is due, the high risks first, then by due time.

    Args:
        now: the database server's time, taken once for the batch.
        guard: who sweeps; their heartbeat is moved on.
        by: which process of theirs.
        limit: how many timers at the most.

    Returns: how many timers were claimed. Call again while it is not 0: somebody else may hold the rest.
    """
    with transaction.atomic():
        alerts = claim(now=now, limit=limit)
        settled = len(alerts)
        if alerts:
            _settle(alerts, now=now)
    beat(guard, now=now, by=by)
    return settled


def claim(*, now: datetime, limit: int) -> list[Alert]:
    """Lock and return the alerts with something due, most urgent first; those another sweeper holds are left to it."""
    due = Alert.objects.filter(timers__state=Timer.State.PENDING, timers__wake_at__lte=now)
    due = due.order_by("timers__urgency", "timers__wake_at")
    # SQLite knows no row locks and ignores this; its immediate transaction has let nobody else in.
    due = due.select_for_update(of=("self",), skip_locked=True, no_key=True)
    ids = list(dict.fromkeys(due.values_list("pk", flat=True)[:limit]))
    if not ids:
        return []
    # Read again now that the rows are locked: what was found may have been changed by whoever held them before.
    found = Alert.objects.without_phone().in_bulk(ids)
    # Grids apart: some hundred alerts lie in a few dozen of them.
    grids = Area.objects.in_bulk({alert.grid_id for alert in found.values() if alert.grid_id is not None})
    for alert in found.values():
        alert.grid = grids.get(alert.grid_id or 0)
    return [found[pk] for pk in ids]


def _settle(alerts: Sequence[Alert], *, now: datetime) -> None:
    """Settle a batch at once; where that raises, each alert by itself, so that a poison row holds up nobody else."""
    try:
        with transaction.atomic():
            _settle_together(alerts, now=now)
    except MemoryError:
        raise  # this process's fault and no alert's: another one does the work
    except Exception:
        logger.exception("a batch of %d alerts raised; settling them one by one", len(alerts))
        for alert in Alert.objects.select_related("grid").without_phone().filter(pk__in=[alert.pk for alert in alerts]):
            _settle_alone(alert, now=now)


def _settle_together(alerts: Sequence[Alert], *, now: datetime) -> None:
    docket = Docket(alerts, now=now, from_where="engine")
    docket.catch_up()
    docket.save()


def _settle_alone(alert: Alert, *, now: datetime) -> None:
    try:
        with transaction.atomic():
            _settle_together([alert], now=now)
    except MemoryError:
        raise
    except Exception as error:
        logger.exception("alert %d raised; its due steps are put on by %s", alert.pk, PUT_ON)
        due = Timer.objects.pending().filter(alert=alert, wake_at__lte=now)
        due.update(
            wake_at=now + PUT_ON, attempts=F("attempts") + 1, last_error=f"{type(error).__name__}: {error}"[:300]
        )
        if Timer.objects.pending().filter(alert=alert, attempts=ATTEMPTS, wake_at=now + PUT_ON).exists():
            _tell_desk_of_fault(alert, now=now)


def _tell_desk_of_fault(alert: Alert, *, now: datetime) -> None:
    """Tell the desk that the clock failed at this alert, so that people take over what the program cannot do."""
    try:
        with transaction.atomic():
            docket = Docket([alert], now=now, from_where="engine")
            matter = docket.matters[alert.pk]
            matter.note(TimelineEntry.Kind.ESCALATED, detail={"fault": True, "attempts": ATTEMPTS})
            matter.tell(matter.team.last_resort(), [Tiding.FAULT], key="fault")
            docket.save()
    except Exception:
        # What broke the step may break its telling; the log and /healthz (overdue timers) still say it.
        logger.exception("alert %d: the desk could not be told of the fault", alert.pk)


def next_due_at(*, now: datetime, within: timedelta) -> datetime | None:
    """Return when the next pending step is looked at, if that is soon: a sweep then needs not wait for the tick."""
    soon = Timer.objects.pending().filter(wake_at__gt=now, wake_at__lte=now + within)
    # Not Min(): with ORDER BY … LIMIT the partial index answers with its first entry.
    return soon.order_by("wake_at").values_list("wake_at", flat=True).first()


def beat(guard: str, *, now: datetime, by: str = "") -> None:
    """Move a guard's heartbeat on."""
    if not Heartbeat.objects.filter(guard=guard).update(at=now, by=by):
        Heartbeat.objects.bulk_create([Heartbeat(guard=guard, at=now, by=by)], ignore_conflicts=True)


def drop_beats_of_the_future(*, now: datetime) -> None:
    """Let go of heartbeats of a time that has not come: the clock was put back, and nobody knows how old they are."""
    Heartbeat.objects.filter(at__gt=now + AHEAD).delete()


def this_process() -> str:
    """Return what tells this sweeper from every other: host and process number."""
    return f"{socket.gethostname()}:{os.getpid()}"


# ── health ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Health:
    """How the clock stands. Ages in seconds; ``None`` where there is nothing to have an age."""

    swept_seconds_ago: float | None
    guard: str
    by: str
    oldest_overdue_seconds: float | None
    oldest_unsent_seconds: float | None

    BOUND = 10.0

    @property
    def is_well(self) -> bool:
        """Whether somebody sweeps and nothing is overdue past the bound."""
        swept, overdue = self.swept_seconds_ago, self.oldest_overdue_seconds
        return swept is not None and swept <= self.BOUND and (overdue is None or overdue <= self.BOUND)


def health(*, now: datetime) -> Health:
    """Return how the clock stands, in three indexed queries."""
    sweepers = Heartbeat.objects.filter(guard__in=(Guard.CELERY, Guard.WATCH), at__lte=now + AHEAD)
    last = sweepers.order_by("-at").first()
    # By due time, not by wake time: a step put on after an error is overdue all the same.
    oldest = (
        Timer.objects.pending().filter(wake_at__lte=now + PUT_ON, due_at__lte=now).aggregate(at=Min("due_at"))["at"]
    )
    unsent = notifications.oldest_due_at(now)
    return Health(
        swept_seconds_ago=_seconds(now, last.at) if last else None,
        guard=last.guard if last else "",
        by=last.by if last else "",
        oldest_overdue_seconds=_seconds(now, oldest) if oldest else None,
        oldest_unsent_seconds=_seconds(now, unsent) if unsent else None,
    )


def _seconds(now: datetime, then: datetime) -> float:
    return round((now - then).total_seconds(), 3)


def celery_is_silent(*, now: datetime, bound: timedelta) -> bool:
    """Say whether no worker of Celery's has swept within the bound, so that the stand-by must."""
    return not Heartbeat.objects.filter(guard=Guard.CELERY, at__gt=now - bound, at__lte=now + AHEAD).exists()


# ── the reconciler ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Found:
    """What the reconciler found and mended. Anything but nothing means a defect."""

    without_timer: tuple[int, ...] = ()
    """Open alerts that had neither a pending timer nor a breached last step."""
    overdue: tuple[int, ...] = ()
    """Alerts with a timer pending for longer than ``OVERDUE``."""
    dead_leases: int = 0
    """Deliveries whose sender died and which the outbox has not taken back: it does so at its next round."""

    @property
    def is_clean(self) -> bool:
        return not (self.without_timer or self.overdue or self.dead_leases)


def reconcile(*, now: datetime, limit: int = 500) -> Found:
    """Hold every open alert to the rule that none is forgotten; mend what breaks it, and report it.

    Bounded: at most ``limit`` alerts a round, found by the partial indexes of open alerts and pending timers.
    """
    orphans = _without_timer(limit)
    for pk in orphans:
        _mend(pk, now=now)
    overdue = Timer.objects.pending().filter(wake_at__lt=now - OVERDUE).values_list("alert_id", flat=True)[:limit]
    found = Found(
        without_timer=tuple(orphans),
        overdue=tuple(sorted(set(overdue))),
        dead_leases=Delivery.objects.with_dead_lease(now - OVERDUE).count(),
    )
    if not found.is_clean:
        logger.error("the reconciler found a defect: %s", found)
    if found.overdue:
        with transaction.atomic():
            locked = Alert.objects.select_related("grid").without_phone().filter(pk__in=found.overdue)
            locked = locked.select_for_update(of=("self",), skip_locked=True, no_key=True)
            _settle(list(locked.order_by("pk")), now=now)
    _give_out(now=now, limit=limit)
    beat(Guard.RECONCILER, now=now)
    return found


def _give_out(*, now: datetime, limit: int) -> None:
    """Hand what is in nobody's hands to whoever is free by now, and was not when its step looked for somebody.

    Somebody has closed another alert since, or a shift has begun: neither touches the alerts that wait. No defect, and
    so no part of what was found.
    """
    try:
        with transaction.atomic():
            waiting = Alert.objects.in_nobodys_hands().select_related("grid").without_phone().order_by("urgency", "pk")
            locked = waiting.select_for_update(of=("self",), skip_locked=True, no_key=True)[:limit]
            if alerts := list(locked):
                docket = Docket(alerts, now=now, from_where="engine")
                docket.catch_up()
                for matter in docket.matters.values():
                    matter.give_out()
                docket.save()
    except Exception:
        # Each of them has its own steps still; the next round tries again.
        logger.exception("what waits for want of anybody could not be given out")


def _without_timer(limit: int) -> list[int]:
    """Return open alerts that the clock no longer watches although their running objective has steps to come."""
    pending = Timer.objects.pending().filter(alert=OuterRef("pk"))
    running = ObjectiveClock.objects.filter(alert=OuterRef("pk"), met_at__isnull=True).filter(
        state=ObjectiveState.PENDING
    )
    clocks = ObjectiveClock.objects.filter(alert=OuterRef("pk"))
    has_dispatch, has_respond = (Exists(clocks.filter(objective=objective)) for objective in Objective)
    unwatched = Q(dispatched_at__isnull=True) & ~Q(has_dispatch) | Q(dispatched_at__isnull=False) & ~Q(has_respond)
    lost = Q(Exists(running)) | unwatched
    return list(
        Alert.objects.open().filter(~Exists(pending)).filter(lost).order_by("pk").values_list("pk", flat=True)[:limit]
    )


def _mend(pk: int, *, now: datetime) -> None:
    """Give an alert the timers it has lost. The past ones then fire at once, as after an outage."""
    try:
        with transaction.atomic():
            docket = Docket([lock(pk)], now=now, from_where="reconciler")
            docket.matters[pk].restore_timers()
            docket.save()
    except Exception:
        # The next orphan must not wait for this one; the log names it every minute until somebody looks.
        logger.exception("alert %d could not be given its timers again", pk)


def lock(pk: int) -> Alert:
    """Return one alert with its row locked until the transaction ends. Raises ``Alert.DoesNotExist``."""
    return Alert.objects.select_related("grid").without_phone().select_for_update(of=("self",), no_key=True).get(pk=pk)


# ── lateness ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the steps of one span fired, in seconds."""

    count: int
    median: float
    p95: float
    p99: float
    worst: float


def lateness(*, since: datetime, until: datetime) -> Lateness | None:
    """Return how late the steps settled in ``[since, until)`` fired; ``None`` where none did.

    Drills count nowhere. Steps at 0:00 do not count either: they are done in the very press that starts the objective,
    and would flatter the clock.
    """
    fired = Timer.objects.filter(state=Timer.State.FIRED, settled_at__gte=since, settled_at__lt=until)
    fired = fired.filter(alert__is_drill=False).exclude(step__contains=".0.")
    values = sorted(v for v in fired.values_list("late_ms", flat=True) if v is not None)
    if not values:
        return None
    return Lateness(
        count=len(values),
        median=_percentile(values, 50),
        p95=_percentile(values, 95),
        p99=_percentile(values, 99),
        worst=values[-1] / 1000,
    )


def _percentile(ordered: Collection[int], percent: int) -> float:
    """Return a percentile by nearest rank, in seconds: always a value that occurred."""
    values = list(ordered)
    rank = -(-len(values) * percent // 100)
    return values[max(rank, 1) - 1] / 1000
