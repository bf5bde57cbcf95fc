"""Campaigns, with the parts of a case report of social work (S0), planned and actual kept apart."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models.scope import outreach_scope
from residents.access import within
from residents.models import Area


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns, asked for by place."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "CampaignQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))


class Campaign(models.Model):
    """Outreach with one aim, of several events; its texts are the parts of the report, in their order."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="campaigns")
    title = models.CharField(_("title"), max_length=120)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    background = models.TextField(_("background"), blank=True)
    problems_macro = models.TextField(_("problems: macro level"), blank=True)
    problems_meso = models.TextField(_("problems: meso level"), blank=True)
    problems_micro = models.TextField(_("problems: micro level"), blank=True)
    needs_macro = models.TextField(_("needs: macro level"), blank=True)
    needs_meso = models.TextField(_("needs: meso level"), blank=True)
    needs_micro = models.TextField(_("needs: micro level"), blank=True)
    theory = models.TextField(_("theory"), blank=True)
    objectives = models.TextField(_("service objectives"), blank=True)
    plan = models.TextField(_("plan"), blank=True)
    actual = models.TextField(_("what was done"), blank=True)
    evaluation = models.TextField(_("evaluation"), blank=True)
    reflection = models.TextField(_("reflection"), blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="a_campaign_ends_after_it_starts",
                violation_error_message=_("A campaign cannot end before it starts."),
            ),
        )

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    def clean(self) -> None:
        """Refuse a campaign that ends before it starts, at the field that says so."""
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("A campaign cannot end before it starts.")})


class BudgetLine(models.Model):
    """A line of a campaign's budget of materials: what was planned, what it came to."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="budget")
    item = models.CharField(_("item"), max_length=64)
    unit_price = models.DecimalField(_("price of one, yuan"), max_digits=10, decimal_places=2, default=Decimal(0))
    planned = models.PositiveIntegerField(_("planned number"), default=0)
    actual = models.PositiveIntegerField(_("actual number"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of the budget")
        verbose_name_plural = _("budget")
        ordering = ("pk",)

    def __str__(self) -> str:
        """Return the item."""
        return self.item

    @property
    def planned_cost(self) -> Decimal:
        """The planned cost in yuan."""
        return self.unit_price * self.planned

    @property
    def actual_cost(self) -> Decimal | None:
        """What it came to in yuan; None where that was not written down yet."""
        return None if self.actual is None else self.unit_price * self.actual
