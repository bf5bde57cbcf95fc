"""The stand-by: sweeps by itself whenever Celery does not."""

import logging
import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
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
DRILLS_EVERY_TICKS = 30
"""As often as the beat asks for it: 15 seconds."""
RECONCILE_EVERY_TICKS = 120
ERRANDS_AFTER_SECONDS = 10
"""A change of guard while something is started anew is shorter."""
ERRANDS_EVERY_SECONDS = 60
ERRANDS = (sys.executable, str(settings.BASE_DIR / "manage.py"), "do_errands")
"""All else that the beat asks for, in a process of its own: a report or a copy must not keep the clock waiting."""


class Errands:
    """The process that does errands now and then while the stand-by is on guard; never two of them."""

    def __init__(self) -> None:
        self._next_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def look(self, *, on_guard: bool, at: float) -> None:
        """Start it where it is time. ``at`` is in seconds of whatever clock moves on evenly."""
        is_busy = self._process is not None and self._process.poll() is None
        if not on_guard:
            self._next_at = None
        elif self._next_at is None:
            self._next_at = at + ERRANDS_AFTER_SECONDS
        elif at >= self._next_at and not is_busy:
            self._next_at = at + ERRANDS_EVERY_SECONDS
            self._process = subprocess.Popen(ERRANDS)  # noqa: S603  # our own interpreter, a list and no shell

    def end(self) -> None:
        """Have a process that is at work stop with this one."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()


class Command(BaseCommand):
    """Watch Celery's pulse and take its place while it is gone: broker away, beat silent, worker deaf.

    A database error ends the process with a non-zero code, so that its supervisor starts it again with a fresh
    connection. It holds nothing in memory that matters.
    """

    help = "Sweep whenever Celery has not for 3 seconds, and step back when it is there again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument("--ticks", type=int, default=0, help="Stop after so many rounds; 0 is never.")
        parser.add_argument(
            "--at-once", action="store_true", help="Sweep from the start: whoever starts this starts Celery after it."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Watch until told to stop."""
        # No Event: a signal's handler that sets one while this thread waits for it waits for ever.
        self._is_stopping = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        on_guard = False
        ticks = 0
        errands = Errands()
        # Who has just started has not listened long enough to call Celery silent. Counted here: a clock that is put
        # back would have it listen again for as long.
        self._listening_since = time.monotonic() - (SILENCE.total_seconds() if options["at_once"] else 0)
        while not self._is_stopping and (not options["ticks"] or ticks < options["ticks"]):
            ticks += 1
            on_guard = self._tick(on_guard, ticks)
            errands.look(on_guard=on_guard, at=time.monotonic())
            close_old_connections()
            time.sleep(TICK_SECONDS)
        errands.end()
        logger.info("the stand-by stops")

    def _stop(self, *_signal: Any) -> None:
        self._is_stopping = True

    def _tick(self, on_guard: bool, ticks: int) -> bool:
        """Do one round; say whether the stand-by is on guard after it."""
        now = database_now()
        engine.drop_beats_of_the_future(now=now)
        has_listened = time.monotonic() - self._listening_since >= SILENCE.total_seconds()
        silent = has_listened and engine.celery_is_silent(now=now, bound=SILENCE)
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
        if ticks % DRILLS_EVERY_TICKS == 0:
            services.start_due_drills(now=database_now())
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
