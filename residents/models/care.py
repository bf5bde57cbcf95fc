"""Paired carers and the visits they make (S1: key groups are visited at least once a week)."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.clock import local
from accounts.models import User
from residents.access import within
from residents.models.people import Resident
from residents.models.rules import NumberedRule
from residents.policy import (
    COUNTING_RESULTS,
    DEFAULT_RULES,
    Mood,
    RuleName,
    VisitResult,
    WarningSign,
    next_visit_due,
    still_counts,
)


class Rule(NumberedRule):
    """A number of the roster and of care that this office changed."""

    DEFAULTS = DEFAULT_RULES

    name = models.CharField(_("rule"), max_length=24, choices=RuleName.choices, unique=True)

    class Meta(NumberedRule.Meta):
        verbose_name = _("rule with a number")
        verbose_name_plural = _("rules with a number")


class PairingQuerySet(models.QuerySet["Pairing"]):
    """Pairings, asked for by day, person and place."""

    def current(self, on: date) -> "PairingQuerySet":
        """Return those that run on a day; the first and the last day count."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)

    def of_carer(self, user: User) -> "PairingQuerySet":
        """Return a carer's."""
        return self.filter(carer=user)

    def within(self, area_code: str) -> "PairingQuerySet":
        """Return those of an area's residents."""
        return self.filter(within("resident__grid__code", (area_code,)))

    def of_residents(self, residents: models.QuerySet[Resident] | Collection[Resident]) -> "PairingQuerySet":
        """Return those of some residents."""
        return self.filter(resident__in=residents)

    def overlapping(self, first: date, last: date) -> "PairingQuerySet":
        """Return those that share a day with a span; both its days count."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first), starts_on__lte=last)

    def of_those_living_here(self) -> "PairingQuerySet":
        """Leave out residents who have moved away or died."""
        return self.filter(resident__ended_on__isnull=True)

    def with_last_visits(self) -> "PairingQuerySet":
        """Read along what ``Pairing.due_on`` needs: the last visit that met them, and the day agreed on last."""
        visits = Visit.objects.filter(resident=OuterRef("resident")).order_by("-at", "-pk")
        agreed = visits.filter(next_on__isnull=False)
        return self.annotate(  # type: ignore[no-redef]  # the pairing says what they are
            met_at=Subquery(visits.met().values("at")[:1]),
            agreed_at=Subquery(agreed.values("at")[:1]),
            agreed_on=Subquery(agreed.values("next_on")[:1]),
        )


class Pairing(models.Model):
    """A carer for a resident, from a day to a day; both count."""

    resident = models.ForeignKey(
        Resident, models.CASCADE, verbose_name=_("resident"), related_name="pairings", db_index=False
    )
    carer = models.ForeignKey(User, models.PROTECT, verbose_name=_("carer"), related_name="pairings", db_index=False)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    # What was chased already, by the due day it was chased for: nobody is told twice of one day.
    carer_told_on = models.DateField(_("carer reminded of"), null=True, blank=True, editable=False)
    leader_told_on = models.DateField(_("grid leader told of"), null=True, blank=True, editable=False)

    objects = PairingQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing")
        verbose_name_plural = _("pairings")
        ordering = ("resident", "-starts_on")
        indexes = (
            models.Index(fields=["carer", "ends_on"], name="pairing_by_carer"),
            models.Index(fields=["resident", "starts_on"], name="pairing_by_resident"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_pairing_ends_after_it_starts",
                violation_error_message=_("A pairing cannot end before it starts."),
            ),
            models.UniqueConstraint(
                fields=["resident"],
                condition=Q(ends_on__isnull=True),
                name="one_carer_at_a_time",
                violation_error_message=_("Somebody is paired with this resident already; end that pairing first."),
            ),
        )

    # What ``with_last_visits`` reads along.
    met_at: datetime | None
    agreed_at: datetime | None
    agreed_on: date | None

    def __str__(self) -> str:
        """Return who cares for whom."""
        return f"{self.carer} → {self.resident}"

    @property
    def met_on(self) -> date | None:
        """The day of the last visit that met the resident, whoever made it; needs ``with_last_visits``."""
        return local(self.met_at).date() if self.met_at is not None else None

    def due_on(self, *, every_days: int) -> date:
        """Return the day by which the next visit is due; needs ``with_last_visits``.

        A day agreed on stands until somebody is met again; one from before this pairing binds nobody.
        """
        is_later = self.agreed_at is not None and (self.met_at is None or self.agreed_at >= self.met_at)
        stands = is_later and self.agreed_on is not None and self.agreed_on >= self.starts_on
        return next_visit_due(
            last_on=still_counts(self.met_on, paired_on=self.starts_on, every_days=every_days),
            paired_on=self.starts_on,
            agreed_on=self.agreed_on if stands else None,
            every_days=every_days,
        )


def private_files() -> Storage:
    """Return where photos lie: beside the database, never under an address of the web server's own."""
    return storages["private"]


class VisitQuerySet(models.QuerySet["Visit"]):
    """Visits, asked for by whom they met and when."""

    def met(self) -> "VisitQuerySet":
        """Return those that count: somebody was met or spoken to."""
        return self.filter(result__in=COUNTING_RESULTS)

    def within(self, area_code: str) -> "VisitQuerySet":
        """Return those to an area's residents."""
        return self.filter(within("resident__grid__code", (area_code,)))

    def made_by(self, user: User) -> "VisitQuerySet":
        """Return those somebody made."""
        return self.filter(by=user)

    def of_residents_seen_by(self, user: User, *, on: date) -> "VisitQuerySet":
        """Return those to the residents whom a person may see on a day."""
        return self.filter(resident__in=Resident.objects.visible_to(user, on=on))


class Visit(models.Model):
    """One visit, or one try."""

    resident = models.ForeignKey(
        Resident, models.CASCADE, verbose_name=_("resident"), related_name="visits", db_index=False
    )
    by = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"), related_name="visits")
    at = models.DateTimeField(_("at"))
    result = models.CharField(_("result"), max_length=12, choices=VisitResult.choices)
    mood = models.CharField(_("mood"), max_length=8, choices=Mood.choices, blank=True)
    signs = models.JSONField(_("warning signs"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    photo = models.FileField(_("photo"), upload_to="visits/%Y/%m", storage=private_files, blank=True)
    next_on = models.DateField(_("next time"), null=True, blank=True)
    # One press arrives once, however often the phone sends it.
    press = models.UUIDField(_("press"), null=True, blank=True, unique=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=["resident", "at"], name="visit_by_resident"),)

    def __str__(self) -> str:
        """Return whom and with what result."""
        return f"{self.resident} · {self.get_result_display()}"

    @property
    def sign_labels(self) -> list[Any]:
        """The warning signs in words."""
        return [WarningSign(sign).label for sign in self.signs if sign in WarningSign.values]
