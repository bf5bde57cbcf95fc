"""Drills (演练): alerts of nobody, on the real path, with people's real reactions."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from alerts.models.alert import Alert
from alerts.policy import Level
from knowledge.models import FraudType
from residents.access import scope_codes, within
from residents.models import Area


class DrillQuerySet(models.QuerySet["Drill"]):
    """Drills, asked for by how far they are, and whose."""

    def planned(self) -> "DrillQuerySet":
        """Return those that have yet to start."""
        return self.filter(started_at__isnull=True, ended_at__isnull=True)

    def due(self, now: datetime) -> "DrillQuerySet":
        """Return those that are to start now."""
        return self.planned().filter(starts_at__lte=now)

    def held_before(self, drill: "Drill") -> "DrillQuerySet":
        """Return the drills of the same community that were held to their end before another, the last first."""
        held = self.filter(community=drill.community_id, started_at__isnull=False, ended_at__isnull=False)
        before = held.exclude(pk=drill.pk).filter(starts_at__lt=drill.starts_at)
        return before.order_by("-started_at", "-pk")

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_CLOCK) -> "DrillQuerySet":
        """Return the drills of the communities where somebody has a duty on a day."""
        return self.filter(within("community__code", scope_codes(user, duty, on)))


class Drill(models.Model):
    """One drill: what is played, where, who leads it. Its alerts are marked as drills and count in no figure."""

    community = models.ForeignKey(Area, models.PROTECT, related_name="drills", verbose_name=_("community"))
    grids = models.ManyToManyField(Area, related_name="+", verbose_name=_("grids"))
    scenario = models.TextField(_("what is played"))
    level = models.CharField(_("level"), max_length=8, choices=Level.choices)
    fraud_type = models.ForeignKey(
        FraudType, models.PROTECT, related_name="+", verbose_name=_("fraud type"), null=True, blank=True
    )
    is_announced = models.BooleanField(_("announced"), default=False)
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="led_drills", verbose_name=_("leads the drill")
    )
    """Who is called in place of the resident and the family: no resident's phone rings in a drill."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"))
    starts_at = models.DateTimeField(_("starts at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ended by"), null=True, blank=True
    )
    """Empty where it ended by itself, with its last alert."""
    lessons = models.TextField(_("what to do better"), blank=True)
    alerts = models.ManyToManyField(Alert, through="DrillAlert", related_name="drills")

    objects = DrillQuerySet.as_manager()

    class Meta:
        verbose_name = _("drill")
        verbose_name_plural = _("drills")
        ordering = ("-starts_at", "-pk")

    def __str__(self) -> str:
        """Return its number."""
        return f"#{self.pk}"

    @property
    def is_running(self) -> bool:
        """Whether it has started and not ended."""
        return self.started_at is not None and self.ended_at is None

    @property
    def is_planned(self) -> bool:
        """Whether it has yet to start."""
        return self.started_at is None and self.ended_at is None


class DrillAlert(models.Model):
    """One alert of a drill, in one of its grids."""

    drill = models.ForeignKey(Drill, models.CASCADE, related_name="parts")
    alert = models.OneToOneField(Alert, models.PROTECT, related_name="drill_part")

    class Meta:
        verbose_name = _("alert of a drill")
        verbose_name_plural = _("alerts of drills")
