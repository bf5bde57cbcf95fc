"""The stand-by: sweeps by itself whenever Celery does not."""

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from accounts.clock import database_now
from accounts.services import forget_presses
from alerts import engine, services
from alerts.models import Heartbeat
from alerts.policy import SECONDS
from notifications import services as notifications
from residents import services as residents

logger = logging.getLogger(__name__)

SILENCE = 3 * SECONDS
"""How long Celery may be silent before the stand-by takes over."""

TICK_SECONDS = 0.5
RECONCILE_EVERY_TICKS = 120


class Command(BaseCommand):
    """Watch Celery's pulse and take its place while it is gone: broker away, beat silent, worker deaf.

    A database error ends the process with a non-zero code, so that its supervisor starts it again with a fresh
    connection. It holds nothing in memory that matters.
    """

    help = "Sweep whenever Celery has not for 3 seconds, and step back when it is there again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--ticks", type=int, default=0, help="Stop after so many rounds; 0 is never.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Watch until told to stop."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        on_guard = False
        ticks = 0
        # Who has just started has not listened long enough to call Celery silent.
        self._listening_since = database_now()
        while not stop.is_set() and (not options["ticks"] or ticks < options["ticks"]):
            ticks += 1
            on_guard = self._tick(on_guard, ticks)
            close_old_connections()
            stop.wait(TICK_SECONDS)
        logger.info("the stand-by stops")

    def _tick(self, on_guard: bool, ticks: int) -> bool:
        """Do one round; say whether the stand-by is on guard after it."""
        now = database_now()
        silent = now - self._listening_since >= SILENCE and engine.celery_is_silent(now=now, bound=SILENCE)
        if silent and not on_guard:
            logger.warning("no sweep by Celery for %s: the stand-by takes over", SILENCE)
        if on_guard and not silent:
            logger.warning("Celery sweeps again: the stand-by steps back")
        engine.beat(Heartbeat.Guard.WATCH_ALIVE, now=now, by=engine.this_process())
        if silent:
            self._stand_in(ticks)
        # Slow channels answer after the round that asked them, maybe after the guard has changed back.
        notifications.settle_answered(clock=database_now)
        return silent

    def _stand_in(self, ticks: int) -> None:
        for _batch in range(engine.MOST_BATCHES):
            settled = engine.sweep(now=database_now(), guard=Heartbeat.Guard.WATCH, by=engine.this_process())
            notifications.deliver_due(clock=database_now, worker=engine.this_process())
            if not settled:
                break
        services.report_undelivered(now=database_now())
        if ticks % RECONCILE_EVERY_TICKS == 0:
            engine.reconcile(now=database_now())
            forget_presses(now=database_now())
            residents.chase_overdue(now=database_now())
