"""The engine's doors: Celery's ticks. Each reads the clock and calls one thing; the database remembers everything."""

import logging
from typing import Any

import httpx
from celery import shared_task
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.clock import database_now
from accounts.services import forget_presses
from alerts import engine, services
from alerts.channels import MailboxAddress, MailboxError
from alerts.policy import SECONDS
from notifications.tasks import wake_outbox

logger = logging.getLogger(__name__)


TICK = 1 * SECONDS
"""How often the beat asks for a sweep (settings), and so how far each looks ahead."""


@shared_task(ignore_result=True, expires=2)
def sweep() -> int:
    """Drain what is due. The outbox is woken after the first batch: its message does not wait for the last step.

    What comes due before the next tick is swept in its own moment: a step then fires within hundredths of a second,
    and a thousand that come due together do not wait for the tick first. Should that be lost, the tick finds it.
    """
    total = 0
    for _batch in range(engine.MOST_BATCHES):
        limit = engine.BATCH if total else engine.FIRST_BATCH
        settled = engine.sweep(now=database_now(), by=engine.this_process(), limit=limit)
        if not settled:
            break
        if not total:
            wake_outbox()
            if settled == limit:
                _ask_for_sweep()  # there is more: a worker that has nothing to do need not wait for the tick
        total += settled
    now = database_now()
    if (due_at := engine.next_due_at(now=now, within=TICK)) is not None:
        _ask_for_sweep(countdown=(due_at - now).total_seconds(), expires=3)
    return total


@shared_task(ignore_result=True, expires=60)
def reconcile() -> None:
    """Hold every open alert to the rule that none is forgotten, and let go of presses that no phone sends again."""
    now = database_now()
    engine.reconcile(now=now)
    forget_presses(now=now)


@shared_task(ignore_result=True, expires=4)
def report_undelivered() -> None:
    """Say in the timeline and to the desk what did not arrive."""
    services.report_undelivered(now=database_now())


@shared_task(ignore_result=True, expires=15)
def start_drills() -> None:
    """Start the drills whose time has come, and have their alerts swept like any other."""
    if services.start_due_drills(now=database_now()):
        _ask_for_sweep()


@shared_task(ignore_result=True, expires=3600)
def chase_feedback() -> None:
    """Remind of second feedbacks that are due."""
    if services.chase_feedback(now=database_now()):
        wake_outbox()


@shared_task(ignore_result=True, expires=60)
def ping_watchdog() -> None:
    """Tell an outside dead-man's switch that the clock is well; its silence then calls somebody."""
    if settings.WATCHDOG_URL and engine.health(now=database_now()).is_well:
        try:
            httpx.get(settings.WATCHDOG_URL, timeout=10)
        except httpx.HTTPError as error:
            logger.warning("the outside watchdog could not be reached: %s", error)


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def make_next_shifts() -> int:
    """Make what rotations give, five weeks ahead."""
    return services.make_next_shifts(now=database_now()).shifts


@shared_task(ignore_result=True, expires=4 * 60 * 60)
def warn_of_tomorrow() -> int:
    """Tell managers in the evening which hours nobody has until tomorrow night, and whom no channel reaches."""
    told = services.warn_of_tomorrow(now=database_now())
    if told:
        wake_outbox()
    return told


@shared_task(ignore_result=True, expires=30)
def read_messages() -> None:
    """Read what was received and left, and tell of what could not be read."""
    now = database_now()
    read = services.take_in_left(now=now)
    if services.tell_of_messages(now=now) or read:
        wake_outbox()


@shared_task(ignore_result=True, expires=60)
def fetch_mail() -> None:
    """Look into the mailbox that sources write to; that it cannot be read is written down and told by the above."""
    if not settings.INTAKE_MAIL_URL:
        return
    try:
        fetched = services.fetch_mail(MailboxAddress.of(settings.INTAKE_MAIL_URL), now=database_now())
    except MailboxError as error:
        logger.warning("the mailbox could not be read: %s", error)
    else:
        if fetched.taken_in:
            wake_outbox()


def wake_engine() -> None:
    """Have what the present transaction made due swept and sent as soon as it is committed.

    Only a hurry: without it the next tick does the same. A broker that is away never turns an intake into an error.
    """
    transaction.on_commit(_ask_for_sweep, robust=True)


def _ask_for_sweep(**options: Any) -> None:
    try:
        sweep.apply_async(retry=False, **options)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the next tick sweeps: %s", error)
