"""Visits to somebody who was, or nearly was, defrauded: again after some days, for many are deceived a second time."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.roles import Duty
from residents.access import scope_codes, within
from residents.models.care import Visit
from residents.models.people import Resident
from residents.policy import FollowUpWhy, days_overdue

IS_OPEN = Q(visit__isnull=True, cancelled_on__isnull=True)


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """Follow-ups, asked for by what is left of them, whose they are and when they are due."""

    def open(self) -> "FollowUpQuerySet":
        """Return those neither made nor cancelled, to people who live here."""
        return self.filter(IS_OPEN, resident__ended_on__isnull=True)

    def of_resident(self, resident: Resident) -> "FollowUpQuerySet":
        """Return a resident's."""
        return self.filter(resident=resident)

    def due_by(self, day: date) -> "FollowUpQuerySet":
        """Return those due on a day or before."""
        return self.filter(due_on__lte=day)

    def overdue(self, on: date) -> "FollowUpQuerySet":
        """Return those that were due before a day."""
        return self.filter(due_on__lt=on)

    def about(self, subject: str) -> "FollowUpQuerySet":
        """Return those that one fraud caused."""
        return self.filter(subject=subject)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.PAIR) -> "FollowUpQuerySet":
        """Return those in the areas where a person has a duty, to residents whom they may see."""
        seen = Resident.objects.visible_to(user, on=on)
        return self.filter(within("resident__grid__code", scope_codes(user, duty, on)), resident__in=seen)


class FollowUp(models.Model):
    """A visit that is to be made by a day, because of one fraud. One visit may be several at once.

    Who makes it follows from pairings and posts on the day it is shown (``services.who_follows_up``), unless somebody
    was chosen. ``subject`` names the fraud ("case:12", "alert:9"): asked for twice, it is planned once.
    """

    resident = models.ForeignKey(
        Resident, models.CASCADE, verbose_name=_("resident"), related_name="follow_ups", db_index=False
    )
    why = models.CharField(_("why"), max_length=10, choices=FollowUpWhy.choices)
    days = models.PositiveSmallIntegerField(_("days after"))
    due_on = models.DateField(_("due by"))
    subject = models.CharField(max_length=40, editable=False)
    chosen = models.ForeignKey(
        User, models.SET_NULL, verbose_name=_("who was chosen"), related_name="+", null=True, blank=True, db_index=False
    )
    visit = models.ForeignKey(
        Visit, models.SET_NULL, verbose_name=_("visit"), related_name="follow_ups", null=True, blank=True
    )
    cancelled_on = models.DateField(_("cancelled on"), null=True, blank=True)
    cancelled_why = models.CharField(_("why it was cancelled"), max_length=200, blank=True)
    # What was chased already, by the due day it was chased for: nobody is told twice of one day.
    worker_told_on = models.DateField(_("worker reminded of"), null=True, blank=True, editable=False)
    leader_told_on = models.DateField(_("grid leader told of"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow-up visit")
        verbose_name_plural = _("follow-up visits")
        ordering = ("due_on", "pk")
        indexes = (
            models.Index(fields=["resident", "due_on"], name="follow_up_by_resident"),
            # What is open is little, however many were made.
            models.Index(fields=["due_on"], condition=IS_OPEN, name="follow_up_open_by_day"),
        )
        constraints = (models.UniqueConstraint(fields=["subject", "days"], name="one_follow_up_per_fraud_and_days"),)

    def __str__(self) -> str:
        """Return why, in words."""
        return self.words

    @property
    def words(self) -> str:
        """Why somebody is visited again: "7 days after a fraud"."""
        if self.why == FollowUpWhy.DISSUADED:
            said = ngettext("%(days)d day after a dissuasion", "%(days)d days after a dissuasion", self.days)
        else:
            said = ngettext("%(days)d day after a fraud", "%(days)d days after a fraud", self.days)
        return said % {"days": self.days}

    @property
    def is_open(self) -> bool:
        """Whether it is still to be made."""
        return self.visit_id is None and self.cancelled_on is None

    def overdue(self, on: date) -> int:
        """Return by how many days it is late."""
        return days_overdue(self.due_on, on)
