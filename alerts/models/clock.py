"""The clocks of an alert: its objectives, the timers that fire its steps, and the pulse of whoever sweeps them."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alerts import policy


class ObjectiveClock(models.Model):
    """One objective of one alert: when it started, when it is due, how it ended."""

    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, related_name="clocks", db_index=False)
    objective = models.CharField(_("objective"), max_length=12, choices=policy.Objective.choices)
    level = models.CharField(_("level"), max_length=8, choices=policy.Level.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=policy.ObjectiveState.choices, default=policy.ObjectiveState.PENDING
    )
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"))
    met_at = models.DateTimeField(_("kept at"), null=True, blank=True)
    """When the work was done, kept or late."""
    breached_at = models.DateTimeField(_("overdue since"), null=True, blank=True)
    """The true time of the breach: the due time, whenever it was noticed."""

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "objective", "level"], name="one_clock_per_objective_and_level_of_an_alert"
            )
        ]

    def __str__(self) -> str:
        return f"{self.objective} {self.level} {self.state}"

    @property
    def is_running(self) -> bool:
        """Whether the work is still to be done: pending, or breached and not yet done."""
        return self.state == policy.ObjectiveState.PENDING or (
            self.state == policy.ObjectiveState.BREACHED and self.met_at is None
        )


class TimerQuerySet(models.QuerySet["Timer"]):
    def pending(self) -> "TimerQuerySet":
        return self.filter(state=Timer.State.PENDING)

    def due(self, now: datetime) -> "TimerQuerySet":
        return self.pending().filter(due_at__lte=now)

    def most_urgent_first(self) -> "TimerQuerySet":
        return self.order_by("urgency", "due_at")


class Timer(models.Model):
    """A deadline is a row: one step of one alert, due at an absolute time."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        FIRED = "fired", _("carried out")
        PASSED_OVER = "passed_over", _("passed over, late")
        MOOT = "moot", _("not needed")
        CANCELLED = "cancelled", _("cancelled")

    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, related_name="timers", db_index=False)
    objective = models.CharField(max_length=12, choices=policy.Objective.choices)
    level = models.CharField(max_length=8, choices=policy.Level.choices)
    step = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    """The step's own time, absolute; never moved."""
    wake_at = models.DateTimeField()
    """When the sweep looks at it: the due time, or later where an attempt raised."""
    urgency = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    settled_at = models.DateTimeField(null=True, blank=True)
    late_ms = models.IntegerField(null=True, blank=True)
    """How late it fired, in milliseconds; empty where it was cancelled."""
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = TimerQuerySet.as_manager()

    class Meta:
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        constraints = [models.UniqueConstraint(fields=["alert", "step"], name="one_timer_per_step_of_an_alert")]
        indexes = [
            # The whole game of an idle sweep: it holds pending rows alone, however many have fired.
            models.Index(fields=["wake_at"], condition=Q(state="pending"), name="timer_pending_by_wake"),
            # The page of lateness by day reads fired rows by the day on which they were due.
            models.Index(fields=["settled_at"], condition=Q(state="fired"), name="timer_fired_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.step} @ {self.due_at:%H:%M:%S}"


class Heartbeat(models.Model):
    """When each guard last did its round. Two guards sweep: Celery's workers, and the stand-by (``keep_watch``)."""

    class Guard(models.TextChoices):
        CELERY = "celery", _("Celery")
        WATCH = "watch", _("Stand-by")
        WATCH_ALIVE = "watch_alive", _("Stand-by, watching")
        RECONCILER = "reconciler", _("Reconciler")

    guard = models.CharField(max_length=12, choices=Guard.choices, primary_key=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.guard} {self.at:%H:%M:%S}"
