"""Numbers for Prometheus: ``/metrics``. They all stand in the database: any process of any machine says the same.

They name nobody and no place smaller than the installation. Whoever asks brings ``METRICS_TOKEN``; without one set
there is no such page. docs/monitoring.md says what each means and from when on somebody should be woken.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import inf

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.db.utils import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.clock import database_now
from alerts import engine
from alerts.models import Alert, Heartbeat, Timer
from antifraud.backups.verbs import age_of_newest
from antifraud.health import broker_state
from notifications.models import Channel, Delivery

LATELY = timedelta(minutes=15)
"""Lateness is told of the steps of so long: longer than Prometheus usually waits between two questions."""

Family = GaugeMetricFamily


class Clockwork(Collector):
    """What the database says of the clock, the desk and the outbox, at one moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Family]:
        """Yield every number. A dozen questions, each answered by an index."""
        yield Family("antifraud_database_up", "1 while the database answers.", value=1)
        broker = broker_state(settings.CELERY_BROKER_URL)
        yield Family(
            "antifraud_broker_up", "1 while the broker answers, or where none is named.", value=broker != "down"
        )
        health = engine.health(now=self.now)
        yield from self._clock(health)
        yield from self._alerts()
        yield from self._outbox(health)
        if (backup := _age_of_newest_backup(self.now)) is not None:
            yield Family("antifraud_newest_backup_age_seconds", "Age of the newest backup.", value=backup)

    def _clock(self, health: engine.Health) -> Iterator[Family]:
        ages = Family("antifraud_sweep_age_seconds", "Since a guard's last round.", labels=["guard"])
        for guard, at in Heartbeat.objects.order_by("guard").values_list("guard", "at"):
            # A round of a time that has not come was before the clock was put back.
            ages.add_metric([guard], abs((self.now - at).total_seconds()))
        yield ages
        overdue = health.oldest_overdue_seconds or 0
        yield Family("antifraud_oldest_overdue_step_seconds", "How long the oldest due step waits.", value=overdue)
        due = Timer.objects.pending().filter(wake_at__lte=self.now).count()
        yield Family("antifraud_steps_due", "Steps that are due and not yet carried out.", value=due)
        late = engine.lateness(since=self.now - LATELY, until=self.now)
        yield Family(
            "antifraud_steps_fired", "Steps carried out in the last 15 minutes.", value=late.count if late else 0
        )
        lateness = Family(
            "antifraud_step_lateness_seconds", "How late those steps were; drills do not count.", labels=["quantile"]
        )
        for quantile, seconds in (("0.5", late.median), ("0.99", late.p99), ("1", late.worst)) if late else ():
            lateness.add_metric([quantile], seconds)
        yield lateness

    def _alerts(self) -> Iterator[Family]:
        family = Family("antifraud_alerts_open", "Open alerts; drills do not count.", labels=["level", "state"])
        rows = Alert.objects.open().filter(is_drill=False).order_by().values("state", "level").annotate(n=Count("pk"))
        for state, level, count in rows.values_list("state", "level", "n"):
            family.add_metric([level, state], count)
        yield family

    def _outbox(self, health: engine.Health) -> Iterator[Family]:
        waiting = Family("antifraud_outbox_waiting", "Messages to be sent, by kind of channel.", labels=["kind"])
        rows = Delivery.objects.waiting().order_by().values("channel__kind").annotate(n=Count("pk"))
        for kind, count in rows.values_list("channel__kind", "n"):
            waiting.add_metric([kind], count)
        yield waiting
        oldest = health.oldest_unsent_seconds or 0
        yield Family("antifraud_outbox_oldest_seconds", "How long the oldest due message waits.", value=oldest)
        failing = Channel.objects.active().filter(failing_since__isnull=False).count()
        yield Family("antifraud_channels_failing", "Channels whose last message was not taken.", value=failing)


def _age_of_newest_backup(now: datetime) -> float | None:
    """Return it in seconds, without end where none was ever made: what waits for an old one must not wait for ever.

    ``None`` where none are to be made here, and where their folder cannot be read (another machine's disk).
    """
    if settings.BACKUP_DIR is None:
        return None
    try:
        age = age_of_newest(settings.BACKUP_DIR, now=now)
    except OSError:
        return None
    return age.total_seconds() if age is not None else inf


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus's text form; 404 for whoever does not bring the token."""
    token = settings.METRICS_TOKEN
    if not token or not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}"):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    try:
        registry.register(Clockwork(database_now()))
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("antifraud_database_up 0\n", content_type=CONTENT_TYPE_LATEST)
