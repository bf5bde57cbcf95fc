"""How the program is, for a watchdog outside and for who starts it: ``/healthz``."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from kombu.exceptions import OperationalError

from accounts.clock import database_now
from alerts.engine import health
from antifraud.celery import PUBLISH_OPTIONS


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the clock is kept, 503 when the database is gone or nobody has swept for 10 seconds."""
    try:
        now = database_now()
        clock = health(now=now)
    except DatabaseError:
        return JsonResponse({"ok": False, "database": "down"}, status=503)
    return JsonResponse(
        {
            "ok": clock.is_well,
            "database": "up",
            # A broker that is gone is said, but the stand-by keeps the clock without it.
            "broker": broker_state(settings.CELERY_BROKER_URL),
            "sweep": {"age_seconds": clock.swept_seconds_ago, "by": clock.by, "guard": clock.guard},
            "oldest_overdue_seconds": clock.oldest_overdue_seconds,
            "outbox_oldest_seconds": clock.oldest_unsent_seconds,
        },
        status=200 if clock.is_well else 503,
    )


def broker_state(url: str) -> str:
    """Return "up", "down", or "none" where no broker is named. Takes no longer than publishing may."""
    if url.startswith("memory:"):
        return "none"
    try:
        with Connection(url, transport_options=PUBLISH_OPTIONS) as connection:
            channel: Any = connection.default_channel  # its stubs know no Redis
            channel.client.ping()
    except (OperationalError, OSError):
        return "down"
    return "up"
