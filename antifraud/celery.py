"""The Celery app. Celery is the muscle only: the database alone knows what is due and when.

Tasks are found in each app's ``tasks.py``; queues, options and the beat's clocks are in the settings.
"""

import contextlib
import os
import warnings
from pathlib import Path
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.signals import celeryd_init
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "antifraud.settings")

# Who publishes has a person or the next sweep waiting behind it, so a broker that is gone must fail
# at once and one that fell silent within half a second. Workers keep the defaults: they wait inside
# blocking reads, which such limits would break, and they recover by themselves.
PUBLISH_OPTIONS = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}


POLITE = 10
"""How far a worker without the clock stands back, in steps of the operating system's priority."""

# Said at every loss of the broker, eight lines long: a task that is redelivered finds its work done.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


class ImpatientPublisher(Celery):
    """Celery whose connections for publishing never make the caller wait for a dead broker."""

    def connection_for_write(self, url: str | None = None, *args: Any, **kwargs: Any) -> Connection:
        """Return a connection to publish over. Raises ``OperationalError`` quickly when it cannot connect."""
        options = {**(kwargs.pop("transport_options", None) or {}), **PUBLISH_OPTIONS}
        return super().connection_for_write(url, *args, transport_options=options, **kwargs)


app = ImpatientPublisher("antifraud")
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
