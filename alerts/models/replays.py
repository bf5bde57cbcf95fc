"""Periods tried out under another policy or roster: what was asked, and what was found."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from residents.access import scope_codes, within
from residents.models import Area
from sheets.models import FileJob


class ReplayQuerySet(models.QuerySet["Replay"]):
    """Replays, asked for by whose they are."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.REPLAY) -> "ReplayQuerySet":
        """Return those of the areas where somebody has a duty on a day."""
        return self.filter(within("area__code", scope_codes(user, duty, on)))

    def newest_first(self) -> "ReplayQuerySet":
        """Return them as the page lists them."""
        return self.order_by("-pk")


class Replay(models.Model):
    """One period, played again. It is made by a worker as an ordered file is; the file is its workbook.

    ``steps`` are the other policy's, empty where each alert keeps its own; ``roster`` is what another roster changes of
    the shifts there were (keys of shifts and people), empty where nothing. ``result`` is ``trial.Result`` in plain.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    policy_name = models.CharField(_("policy"), max_length=120, blank=True)
    steps = models.JSONField(default=list)
    roster_name = models.CharField(_("duty roster"), max_length=200, blank=True)
    roster = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    job = models.OneToOneField(FileJob, models.PROTECT, related_name="replay", null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ordered by"))
    at = models.DateTimeField(_("ordered at"))

    objects = ReplayQuerySet.as_manager()

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")
        constraints = (models.CheckConstraint(condition=Q(last__gte=F("first")), name="a_replay_ends_after_it_starts"),)

    def __str__(self) -> str:
        """Return which."""
        return f"#{self.pk}"

    @property
    def is_done(self) -> bool:
        """Whether it was played."""
        return bool(self.result)

    @property
    def is_changed(self) -> bool:
        """Whether anything is tried; else it only shows how faithful the play is."""
        return bool(self.steps or self.roster)

    def keep(self, result: dict[str, Any]) -> None:
        """Keep what was found."""
        self.result = result
        self.save(update_fields=["result"])
