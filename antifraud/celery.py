"""The Celery app. Celery is the muscle only: the database alone knows what is due and when.

Tasks are found in each app's ``tasks.py``; queues, options and the beat's clocks are in the settings.
"""

import contextlib
import logging
import os
import time
import warnings
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.beat import SchedulingError
from celery.exceptions import CPendingDeprecationWarning, Ignore
from celery.result import AsyncResult
from celery.signals import celeryd_init, setup_logging
from kombu import Connection

from antifraud import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "antifraud.settings")

# Who publishes has a person or the next sweep waiting behind it, so a broker that is gone must fail
# at once and one that fell silent within half a second. Workers keep the defaults: they wait inside
# blocking reads, which such limits would break, and they recover by themselves.
PUBLISH_OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}

REQUEST_ID = "request_id"
"""The header of a message that holds the id of the request that began a task."""

log = logging.getLogger("antifraud.task")

POLITE = 10
"""How far a worker without the clock stands back, in steps of the operating system's priority."""

# Said at every loss of the broker, eight lines long: a task that is redelivered finds its work done.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


class OneLineAMinute(logging.Filter):
    """Let beat say once a minute that the broker is away: eight kilobytes at each tick fill a disk within a weekend."""

    EVERY_SECONDS = 60

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._next_at = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Pass on what is said for the first time in a minute, without its traceback; everything else as it is."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, SchedulingError):
            return True
        if record.created < self._next_at:
            return False
        self._next_at = record.created + self.EVERY_SECONDS
        record.msg, record.args, record.exc_info = "%s", (error,), None
        return True


class ImpatientPublisher(Celery):
    """Celery whose connections for publishing never make the caller wait for a dead broker."""

    def connection_for_write(self, url: str | None = None, *args: Any, **kwargs: Any) -> Connection:
        """Return a connection to publish over. Raises ``OperationalError`` quickly when it cannot connect."""
        options = {**(kwargs.pop("transport_options", None) or {}), **PUBLISH_OPTIONS}
        return super().connection_for_write(url, *args, transport_options=options, **kwargs)


class OurTask(Task[Any, Any]):
    """A task that leaves to the stand-by what is the stand-by's, and ends its process where there is no memory left.

    Its lines in the log tell which request began it, where one did.
    """

    def apply_async(self, *args: Any, headers: dict[str, str] | None = None, **options: Any) -> AsyncResult[Any]:
        """Publish, with the id of the request that is being answered."""
        if request_id := logs.REQUEST_ID.get():
            headers = {REQUEST_ID: request_id, **(headers or {})}
        return super().apply_async(*args, **options | ({"headers": headers} if headers else {}))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do the work. One that a request began has a line of its own; the clock's own would fill the log."""
        request_id = (self.request.headers or {}).get(REQUEST_ID, "")
        with logs.written_by(request_id=request_id or logs.REQUEST_ID.get(), task=self.name):
            began = time.monotonic()
            try:
                return super().__call__(*args, **kwargs)
            finally:
                if request_id:
                    log.info("task", extra={"ms": round((time.monotonic() - began) * 1000)})

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Write down that an errand begins. What the stand-by has done while Celery was silent is not done again."""
        from accounts.clock import database_now  # noqa: PLC0415  # the apps are not loaded when this file is
        from antifraud import errands  # noqa: PLC0415

        if (name := errands.name_of(str(self.name))) and not errands.begin(name, now=database_now()):
            raise Ignore

    def on_failure(self, exc: BaseException, *_about: Any) -> None:
        """End the process that has no memory left: whoever keeps it starts it anew, and others do its work meanwhile.

        It would fail at every step from now on. What it held comes back: locks fall, messages by their lease.
        """
        if isinstance(exc, MemoryError):
            os.write(2, b"no memory is left: this worker ends, to be started anew\n")
            os._exit(1)


app = ImpatientPublisher("antifraud", task_cls=OurTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def give_way_to_the_clock(options: dict[str, Any], **_about: Any) -> None:
    """Have a worker that sends messages wait for the one that sweeps, where both want the processor.

    A thousand messages that go out a second later harm nobody; a step that waits behind them is not in anybody's hands.
    """
    if hasattr(os, "nice") and "clock" not in (options.get("queues") or ""):
        os.nice(POLITE)
        # Linux weighs sessions against each other first (sched(7), autogroup), and each worker leads one.
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(POLITE), encoding="ascii")


@setup_logging.connect
def leave_the_log_alone(**_about: Any) -> None:
    """Keep the log as the settings made it: Celery would silence all below the level that it is started with."""
