"""What was done before a fraud, frozen as of a day, and what a person found in it (倒查宣传责任)."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models import Problem
from cases.models.cases import Case
from cases.policy import Evidence, LookBackState, Verdict, evidence_from
from residents.access import within


class LookBackQuerySet(models.QuerySet["LookBack"]):
    """Look-backs, asked for by place, by what they say and by how far they are."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_CASES) -> "LookBackQuerySet":
        """Return those of the cases that a person may see."""
        return self.filter(case__in=Case.objects.visible_to(user, on=on, duty=duty))

    def within(self, area_code: str) -> "LookBackQuerySet":
        """Return those whose victims live in an area or below it."""
        return self.filter(within("case__area_code", (area_code,)))

    def saying(self, verdict: str) -> "LookBackQuerySet":
        """Return those of a verdict: the confirmed one, else the proposed one."""
        return self.filter(Q(verdict=verdict) | Q(verdict="", proposed=verdict))

    def to_confirm(self) -> "LookBackQuerySet":
        """Return those that nobody has confirmed yet."""
        return self.filter(confirmed_at__isnull=True)

    def with_open_remedy(self) -> "LookBackQuerySet":
        """Return those confirmed whose remedies were not all struck off the problem list."""
        return self.filter(Exists(_standing()), confirmed_at__isnull=False)

    def with_late_remedy(self, on: date) -> "LookBackQuerySet":
        """Return those with a remedy that was to be done before a day and is not."""
        late = _standing().filter(problem__mended_on__isnull=True, problem__due_on__lt=on)
        return self.filter(Exists(late), confirmed_at__isnull=False)

    def done(self) -> "LookBackQuerySet":
        """Return those confirmed of which nothing is left to do."""
        return self.filter(~Exists(_standing()), confirmed_at__isnull=False)

    def in_state(self, state: str) -> "LookBackQuerySet":
        """Return those that are so far."""
        match state:
            case LookBackState.TO_CONFIRM:
                return self.to_confirm()
            case LookBackState.REMEDY:
                return self.with_open_remedy()
            case _:
                return self.done()


def _standing() -> models.QuerySet[Any]:
    """Return the remedies, of the look-back that a query is about, that were not struck off."""
    return LookBack.remedies.through.objects.filter(lookback=OuterRef("pk"), problem__struck_on__isnull=True)


class LookBack(models.Model):
    """The look-back of a case: evidence as of a moment, the verdict it proposes, and the one a person confirmed.

    ``evidence`` is an ``Evidence`` as JSON: of the staff it holds keys and names, of the victim nothing. What is to be
    mended stands on the problem list of outreach, which gives it to somebody, chases it and has it struck off.
    """

    # A case that was imported by mistake and taken back takes what nobody had confirmed along.
    case = models.OneToOneField(Case, models.CASCADE, verbose_name=_("case"), related_name="look_back")
    frozen_at = models.DateTimeField(_("evidence as of"))
    frozen_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("opened by"), related_name="+", null=True, blank=True, db_index=False
    )
    evidence = models.JSONField(_("evidence"))
    proposed = models.CharField(_("proposed verdict"), max_length=14, choices=Verdict.choices)
    # The one confirmed last; it stays, as a proposal, when the look-back is opened again.
    verdict = models.CharField(_("verdict"), max_length=14, choices=Verdict.choices, blank=True)
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    shortcoming = models.CharField(_("shortcoming"), max_length=200, blank=True)
    remedies = models.ManyToManyField(Problem, verbose_name=_("remedies"), related_name="look_backs", blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("confirmed by"), related_name="+", null=True, blank=True, db_index=False
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    reopened_why = models.CharField(_("why it was opened again"), max_length=200, blank=True)

    objects = LookBackQuerySet.as_manager()

    class Meta:
        verbose_name = _("look-back")
        verbose_name_plural = _("look-backs")
        ordering = ("-case__reported_at", "-pk")
        indexes = (
            # What waits to be confirmed is little, however many were.
            models.Index(fields=["case"], condition=Q(confirmed_at__isnull=True), name="look_back_to_confirm"),
        )

    def __str__(self) -> str:
        """Return the case's number alone: it ends up in logs."""
        return f"#{self.case_id}"

    @property
    def frozen(self) -> Evidence:
        """The evidence as it was."""
        return evidence_from(self.evidence)

    @property
    def said(self) -> Verdict:
        """The verdict: the confirmed one, else the proposed one."""
        return Verdict(self.verdict or self.proposed)

    @property
    def state(self) -> LookBackState:
        """How far it is; no query where the remedies were prefetched."""
        if self.confirmed_at is None:
            return LookBackState.TO_CONFIRM
        is_standing = any(problem.struck_on is None for problem in self.remedies.all())
        return LookBackState.REMEDY if is_standing else LookBackState.DONE
