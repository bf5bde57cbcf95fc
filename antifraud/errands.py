"""What is done by itself on a schedule, besides the clock: seals, copies, reminders, reports.

Celery's beat sends each at its time. Where no Celery is (an office on SQLite whose machine has no broker, a night
without Redis), the stand-by has ``do_errands`` do what is due (docs/operations.md). When each was last begun is a row,
so that the one does not do again what the other has done, and a time that passed with nobody there is made up for once.
"""

import copy
from datetime import datetime, timedelta
from typing import Any

from celery.schedules import crontab
from django.conf import settings
from django.db import transaction

from antifraud.models import Errand

THE_CLOCKS = frozenset({"sweep", "deliver", "report-undelivered", "reconcile", "start-drills", "chase-visits"})
"""What the stand-by does itself, in its own loop (``keep_watch``)."""

APART = timedelta(minutes=5)
"""How far a beat's machine may be ahead of the database: what it sends so early is what falls due by then."""


def names() -> list[str]:
    """Return every errand's name, as the schedule has it."""
    return [name for name in settings.CELERY_BEAT_SCHEDULE if name not in THE_CLOCKS]


def task_of(name: str) -> str:
    """Return the name of the task that does an errand."""
    return str(settings.CELERY_BEAT_SCHEDULE[name]["task"])


def name_of(task: str) -> str | None:
    """Return the name of the errand that a task does; ``None`` for the clock's own and for what nobody schedules."""
    return next((name for name in names() if task_of(name) == task), None)


def until_due(schedule: Any, *, last: datetime, now: datetime) -> timedelta:
    """Return how long it is until an errand is due that was last begun at a time; not above 0 where it is due.

    Args:
        schedule: seconds from one to the next, or the hours of a crontab.
        last: of the future where the clock was put back since; then it counts as a day ago.
        now: the database server's time.
    """
    if last > now + APART:
        last = now - timedelta(days=1)
    if not isinstance(schedule, crontab):
        return last + timedelta(seconds=schedule) - now
    clocked: Any = copy.copy(schedule)
    clocked.nowfun = lambda: now
    remaining: timedelta = clocked.remaining_estimate(last)
    return remaining


def claim(name: str, *, now: datetime) -> bool:
    """Take an errand in hand if it is due and nobody else has it: once in its time, whatever becomes of it.

    What was never done is counted from now on, as beat does; what comes every so many seconds is due at once.
    """
    schedule = settings.CELERY_BEAT_SCHEDULE[name]["schedule"]
    with transaction.atomic():
        last = Errand.objects.filter(name=name).values_list("begun_at", flat=True).first()
        if last is None:
            return _write_down(name, at=now) and not isinstance(schedule, crontab)
        if until_due(schedule, last=last, now=now) > timedelta(0):
            return False
        return bool(Errand.objects.filter(name=name, begun_at=last).update(begun_at=now))


def begin(name: str, *, now: datetime) -> bool:
    """Write down that Celery begins an errand; ``False`` where it was done for this time already."""
    schedule = settings.CELERY_BEAT_SCHEDULE[name]["schedule"]
    with transaction.atomic():
        last = Errand.objects.filter(name=name).values_list("begun_at", flat=True).first()
        if last is None:
            return _write_down(name, at=now)
        ahead = until_due(schedule, last=last, now=now) if isinstance(schedule, crontab) else timedelta(0)
        if ahead > APART:
            return False
        at = now + max(ahead, timedelta(0))
        return bool(Errand.objects.filter(name=name, begun_at=last).update(begun_at=at))


def _write_down(name: str, *, at: datetime) -> bool:
    """Write down an errand for the first time; return whether nobody else was quicker."""
    _row, is_new = Errand.objects.get_or_create(name=name, defaults={"begun_at": at})
    return is_new
