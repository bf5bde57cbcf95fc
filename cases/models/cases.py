"""A fraud that was reported to the police, with or without loss."""

from datetime import date, datetime

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.clock import midnight
from accounts.models import User
from accounts.personal_data import BlindIndexField, EncryptedTextField, mask_name, phone_index
from accounts.roles import Duty
from alerts.models import Alert
from cases.policy import COUNTED, FIELD_OF, Approach, DatedBy, Status
from knowledge.models import FraudType
from residents.access import scope_codes, within
from residents.models import Area, Resident, Sex
from residents.policy import MINOR_UNDER, Group, Residence

NOT_NEGATIVE = [MinValueValidator(0)]
GROWN = Q(victim_age__isnull=True) | Q(victim_age__gte=MINOR_UNDER)
"""Not known to be a minor under fourteen (PIPL, article 28)."""
WARNED = Q(was_warned=True) | Q(alert__isnull=False)


class CaseQuerySet(models.QuerySet["Case"]):
    """Cases, asked for by place, day and who asks."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_CASES) -> "CaseQuerySet":
        """Return those of the areas where a person has a duty; a minor's only where they may see minors too."""
        codes, minors = scope_codes(user, duty, on), scope_codes(user, Duty.SEE_MINORS, on)
        seen = self.filter(within("area_code", codes))
        return seen if minors is None else seen.filter(GROWN | within("area_code", minors))

    def without_minors(self) -> "CaseQuerySet":
        """Leave out victims under fourteen; of whom no age is noted stays."""
        return self.filter(GROWN)

    def within(self, area_code: str) -> "CaseQuerySet":
        """Return those whose victims live in an area or below it."""
        return self.filter(within("area_code", (area_code,)))

    def counted(self) -> "CaseQuerySet":
        """Leave out what was withdrawn: no figure counts it."""
        return self.filter(status__in=COUNTED)

    def warned(self) -> "CaseQuerySet":
        """Return those of which there was a warning: an alert of ours, or one that the office's ledger tells of."""
        return self.filter(WARNED)

    def not_warned(self) -> "CaseQuerySet":
        """Return the others, and those of which nobody noted it."""
        return self.exclude(WARNED)

    def without_look_back(self) -> "CaseQuerySet":
        """Return those counted whose look-back was not opened yet, the newest first."""
        return self.counted().filter(look_back__isnull=True).newest_first()

    def reported_since(self, at: datetime) -> "CaseQuerySet":
        """Return those that were reported from a moment on."""
        return self.filter(reported_at__gte=at)

    def with_victim(self) -> "CaseQuerySet":
        """Read along what a look-back asks of the victim."""
        return self.select_related("fraud_type", "community", "grid", "resident__merged_into")

    def between(self, first: date, after: date, *, dated_by: DatedBy = DatedBy.REPORTED) -> "CaseQuerySet":
        """Return those dated from a day on and before another, by the date a report names."""
        field = FIELD_OF[dated_by]
        if dated_by == DatedBy.FILED:
            return self.filter(**{f"{field}__gte": first, f"{field}__lt": after})
        return self.filter(**{f"{field}__gte": midnight(first), f"{field}__lt": midnight(after)})

    def newest_first(self) -> "CaseQuerySet":
        """Return them in the order of the ledger."""
        return self.order_by("-reported_at", "-pk")


class Case(models.Model):
    """A fraud in the ledger (台账). Its place is where the victim lives; where it happened is a field of its own.

    ``area_code`` is the code of the most exact area known (the grid, else the community), kept on the row so that a
    subtree is one range of an index. Amounts are yuan. What was prevented is an estimate and is never added to losses.
    """

    number = models.CharField(_("number of the police"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.REPORTED)
    occurred_at = models.DateTimeField(_("happened at"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported at"))
    filed_on = models.DateField(_("filed on"), null=True, blank=True)

    fraud_type = models.ForeignKey(
        FraudType, models.PROTECT, verbose_name=_("type of fraud"), related_name="+", db_index=False
    )
    # Across types: a fraud that aimed at somebody as an elder (养老诈骗).
    is_elder_fraud = models.BooleanField(_("elder fraud"), default=False)
    approach = models.CharField(_("way of contact"), max_length=10, choices=Approach.choices, blank=True)
    place_happened = models.CharField(_("where it happened"), max_length=120, blank=True)
    story = models.TextField(_("what happened"), blank=True)

    amount_lost = models.DecimalField(
        _("lost (yuan)"), max_digits=14, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    amount_frozen = models.DecimalField(
        _("frozen (yuan)"), max_digits=14, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    amount_returned = models.DecimalField(
        _("returned (yuan)"), max_digits=14, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    amount_prevented = models.DecimalField(
        _("prevented (yuan, estimate)"), max_digits=14, decimal_places=2, default=0, validators=NOT_NEGATIVE
    )
    prevented_judged_by = models.CharField(_("who judged what was prevented"), max_length=64, blank=True)

    area_code = models.CharField(max_length=32, editable=False)
    community = models.ForeignKey(Area, models.PROTECT, verbose_name=_("community"), related_name="+", db_index=False)
    grid = models.ForeignKey(
        Area, models.PROTECT, verbose_name=_("grid"), related_name="+", null=True, blank=True, db_index=False
    )
    resident = models.ForeignKey(
        Resident, models.SET_NULL, verbose_name=_("resident"), related_name="cases", null=True, blank=True
    )
    victim_name = models.CharField(_("victim"), max_length=64, blank=True)
    victim_phone = EncryptedTextField(_("victim's phone"), blank=True, default="")
    victim_phone_hash = BlindIndexField(of="victim_phone", index=phone_index)
    victim_sex = models.CharField(_("victim's sex"), max_length=6, choices=Sex.choices, blank=True)
    # In full years on the day of the fraud: the roster goes on, the case does not.
    victim_age = models.PositiveSmallIntegerField(_("victim's age"), null=True, blank=True)
    victim_occupation = models.CharField(_("victim's occupation"), max_length=32, blank=True)
    victim_group = models.CharField(_("victim's group"), max_length=12, choices=Group.choices, blank=True)
    victim_residence = models.CharField(
        _("victim's kind of residence"), max_length=10, choices=Residence.choices, blank=True
    )

    alert = models.OneToOneField(
        Alert, models.PROTECT, verbose_name=_("alert"), related_name="case", null=True, blank=True
    )
    # What the office's own ledger says of a warning; where ``alert`` is known, its clocks say it better.
    was_warned = models.BooleanField(_("there was a warning"), null=True, blank=True)
    warned_at = models.DateTimeField(_("warned at"), null=True, blank=True)

    note = models.TextField(_("note"), blank=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True, editable=False, db_index=False
    )
    created_at = models.DateTimeField(_("entered at"), db_default=Now(), editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-reported_at", "-pk")
        indexes = (
            # A figure asks for an area and some days; whole districts ask by the day alone.
            models.Index(fields=["area_code", "reported_at"], name="case_by_area_and_report"),
            models.Index(fields=["reported_at"], name="case_by_report"),
            models.Index(fields=["occurred_at"], name="case_by_fraud"),
            models.Index(fields=["victim_phone_hash"], name="case_by_phone"),
            # What an alert saved is not counted twice where it became a case; few did, so this is small, and figures
            # read it instead of every case.
            models.Index(
                fields=["alert"],
                condition=Q(alert__isnull=False, status__in=COUNTED),
                name="case_counted_by_alert",
            ),
        )

    def __str__(self) -> str:
        """Return the number alone: it ends up in logs."""
        return f"#{self.pk}"

    @property
    def masked_victim(self) -> str:
        """The victim's name as lists show it."""
        return mask_name(self.victim_name)

    @property
    def is_minors(self) -> bool:
        """Whether its victim is known to be a minor under fourteen."""
        return self.victim_age is not None and self.victim_age < MINOR_UNDER

    @property
    def had_warning(self) -> bool:
        """Whether there was a warning: an alert of ours, or one that the office's ledger tells of."""
        return bool(self.alert_id or self.was_warned)

    @property
    def is_counted(self) -> bool:
        """Whether figures count it."""
        return self.status in COUNTED

    def settle_place(self) -> None:
        """Keep the code of the most exact area known, and the grid's community, on the row."""
        self.area_code = self.grid.code if self.grid is not None else self.community.code
