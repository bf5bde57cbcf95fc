"""The alert itself, its timeline, and who is busy."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import BlindIndexField, EncryptedTextField, phone_index
from accounts.roles import Duty
from alerts import policy
from knowledge.models import FraudType
from residents import access
from residents.models import Area, Resident

IS_OPEN = Q(state__in=policy.OPEN_STATES)
SAVED = Q(outcome__in=policy.AVERTED, amount_prevented__gt=0)
IS_REAL = Q(is_drill=False) & ~Q(state=policy.State.VOIDED)

AWAITS_FEEDBACK = Q(needs_second_feedback=True, closed_at__isnull=False, second_feedback__isnull=True)

OF_A_CLOCK = {
    policy.Fact.PUSHED: (policy.Objective.DISPATCH, policy.ObjectiveState.MET),
    policy.Fact.PUSHED_LATE: (policy.Objective.DISPATCH, policy.ObjectiveState.BREACHED),
    policy.Fact.REACHED: (policy.Objective.RESPOND, policy.ObjectiveState.MET),
    policy.Fact.REACHED_LATE: (policy.Objective.RESPOND, policy.ObjectiveState.BREACHED),
}
_AT_GRID = Q(dispatched_at__isnull=False)
OF_THE_ALERT = {
    policy.Fact.PHONE: _AT_GRID & Q(phone_at__isnull=False),
    policy.Fact.NO_PHONE: _AT_GRID & Q(phone_at__isnull=True),
    policy.Fact.DOOR: _AT_GRID & Q(door_at__isnull=False),
    policy.Fact.NO_DOOR: _AT_GRID & Q(door_at__isnull=True),
    policy.Fact.FAMILY: _AT_GRID & Q(family_at__isnull=False),
    policy.Fact.NO_FAMILY: _AT_GRID & Q(family_at__isnull=True),
    policy.Fact.CORRECTED: Q(state=policy.State.CLOSED) & ~Q(actual_level="") & ~Q(actual_level=F("level")),
    policy.Fact.AS_PUSHED: Q(state=policy.State.CLOSED) & (Q(actual_level="") | Q(actual_level=F("level"))),
    policy.Fact.SECOND: Q(needs_second_feedback=True),
    policy.Fact.AWAITING: AWAITS_FEEDBACK,
}


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> "AlertQuerySet":
        return self.filter(IS_OPEN)

    def in_nobodys_hands(self) -> "AlertQuerySet":
        """Return those at their grid that nobody holds: nobody was free when a step looked for somebody."""
        return self.open().filter(state=policy.State.DISPATCHED, holder__isnull=True)

    def ended_since(self, at: datetime) -> "AlertQuerySet":
        return self.filter(closed_at__gte=at)

    def unplaced(self) -> "AlertQuerySet":
        return self.filter(grid__isnull=True)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_ALERTS) -> "AlertQuerySet":
        """Return the alerts this user may see on that day: those of their areas, and for a desk also those that
        could not be placed and lie above it (a street's unplaced alert is seen by every desk of the street)."""
        codes = access.scope_codes(user, duty, on)
        return self._within(codes, access.scope_codes(user, Duty.WATCH_DESK, on))

    def at_desks(self, codes: access.Scope) -> "AlertQuerySet":
        """Return what the desks of these areas show: see ``visible_to``."""
        return self._within(codes, codes)

    def _within(self, codes: access.Scope, desks: access.Scope) -> "AlertQuerySet":
        if codes is None:
            return self.all()
        mine = access.within("area_code", codes)
        above = {code[:length] for code in desks or () for length in range(len(code))}
        if above:
            mine |= Q(grid__isnull=True, area_code__in=sorted(above))
        return self.filter(mine)

    def real(self) -> "AlertQuerySet":
        """Leave out drills, and what was voided as a mistake or a second message of the same: no figure counts them."""
        return self.filter(IS_REAL)

    def that_saved(self) -> "AlertQuerySet":
        """Return those of which somebody reckoned what they saved."""
        return self.real().filter(SAVED)

    def of_fact(self, fact: policy.Fact) -> "AlertQuerySet":
        """Return those of which a fact holds, counted as the reports' rates count it."""
        if fact == policy.Fact.BREACHED:
            late = self.model.objects.filter(clocks__state=policy.ObjectiveState.BREACHED)
            return self.filter(pk__in=late.values("pk"))
        if fact in OF_A_CLOCK:
            objective, state = OF_A_CLOCK[fact]
            clocked = self.model.objects.filter(clocks__objective=objective, clocks__state=state)
            return self.filter(pk__in=clocked.values("pk"))
        return self.filter(OF_THE_ALERT[fact])

    def awaiting_feedback(self) -> "AlertQuerySet":
        """Return the real ones that were closed with a second feedback to come, and have none yet."""
        return self.real().filter(AWAITS_FEEDBACK)

    def not_called_back(self, *, closed_since: datetime) -> "AlertQuerySet":
        """Return the real ones closed from a moment on that the desk has not called back."""
        closed = self.real().filter(state=policy.State.CLOSED, closed_at__gte=closed_since)
        return closed.filter(call_back__isnull=True)

    def within(self, area_code: str) -> "AlertQuerySet":
        """Return the alerts of an area and all below it."""
        return self.filter(access.within("area_code", (area_code,)))

    def received_between(self, begin: datetime, end: datetime) -> "AlertQuerySet":
        """Return those received from a moment on and before another."""
        return self.filter(received_at__gte=begin, received_at__lt=end)

    def held_by(self, user: User | int) -> "AlertQuerySet":
        """Return the open alerts this user holds or was brought in to help with."""
        return self.open().filter(Q(holder=user) | Q(helpers=user)).distinct()

    def without_phone(self) -> "AlertQuerySet":
        """Leave the phone enciphered in the database until somebody asks for it: the clock never does, and one that no
        key opens then stops nobody."""
        return self.defer("subject_phone")

    def most_urgent_first(self) -> "AlertQuerySet":
        return self.order_by("urgency", "received_at", "pk")


class Alert(models.Model):
    """A warning that a resident may be being defrauded right now, from its receipt to its end.

    Times are UTC. ``area_code`` is the code of the most exact area known (the grid once it is placed), kept on the row
    so that a subtree is one range of an index. The row is the lock of everything about the alert: whoever changes
    its clocks, timers or timeline holds it.
    """

    source = models.ForeignKey(
        "alerts.Source", on_delete=models.PROTECT, related_name="alerts", verbose_name=_("source"), db_index=False
    )
    policy_version = models.ForeignKey(
        "alerts.PolicyVersion", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_drill = models.BooleanField(_("drill"), default=False)

    level = models.CharField(_("level"), max_length=8, choices=policy.Level.choices)
    urgency = models.PositiveSmallIntegerField(editable=False)
    state = models.CharField(_("state"), max_length=12, choices=policy.State.choices, default=policy.State.RECEIVED)
    fraud_type = models.ForeignKey(
        FraudType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fraud type"),
        db_index=False,
    )
    fraud_type_said = models.CharField(max_length=80, blank=True)
    """The source's own word where it is none of our types."""
    description = models.TextField(_("what happened"), blank=True)
    amount_at_risk = models.DecimalField(
        _("amount at risk (yuan)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    subject_name = models.CharField(_("name"), max_length=60, blank=True)
    subject_phone = EncryptedTextField(_("phone"), blank=True)
    subject_phone_hash = BlindIndexField(of="subject_phone", index=phone_index)
    subject_address = models.CharField(_("address"), max_length=200, blank=True)
    resident = models.ForeignKey(
        Resident, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts", verbose_name=_("resident")
    )
    grid = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="alerts",
        verbose_name=_("grid"),
        db_index=False,
    )
    area_code = models.CharField(_("area"), max_length=24, blank=True)

    warned_at = models.DateTimeField(_("warned by the platform at"), null=True, blank=True)
    received_at = models.DateTimeField(_("received at"))
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    acted_at = models.DateTimeField(_("last done at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    changed_at = models.DateTimeField(editable=False)

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="held_alerts",
        verbose_name=_("held by"),
        db_index=False,
    )
    holder_rank = models.PositiveSmallIntegerField(choices=policy.Rank.choices, null=True, blank=True)
    helpers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="helped_alerts", verbose_name=_("helping")
    )
    offered_to = models.JSONField(default=list, blank=True)
    """Ids of the users it was handed to since it reached the grid, in order."""

    phone_at = models.DateTimeField(_("phone confirmed"), null=True, blank=True)
    door_at = models.DateTimeField(_("door confirmed"), null=True, blank=True)
    family_at = models.DateTimeField(_("family reached"), null=True, blank=True)
    contact_at = models.DateTimeField(_("contacted and reminded"), null=True, blank=True)
    excuses = models.JSONField(default=dict, blank=True)
    """Confirmation → the recorded reason why it is impossible."""

    outcome = models.CharField(_("outcome"), max_length=16, choices=policy.Outcome.choices, blank=True)
    spoken_to = models.CharField(_("spoken to"), max_length=60, blank=True)
    amount_lost = models.DecimalField(_("lost (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True)
    amount_prevented = models.DecimalField(
        _("prevented (yuan, estimate)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    actual_level = models.CharField(_("level as it was"), max_length=8, choices=policy.Level.choices, blank=True)
    actual_fraud_type = models.ForeignKey(
        FraudType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("type as it was"),
        db_index=False,
    )
    needs_second_feedback = models.BooleanField(_("needs a second feedback"), default=False)
    closing_note = models.TextField(_("note"), blank=True)
    void_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        # Every press and every step writes a row anew, and with it an entry in each of these: none is here that no
        # question needs. Hence no index on most foreign keys, and one on the area without its twin for LIKE.
        indexes = [
            # By day within an area: the figures of a community read its days and not its years.
            models.Index(fields=["area_code", "received_at"], name="alert_by_area_and_receipt"),
            models.Index(fields=["area_code"], condition=IS_OPEN, name="alert_open_by_area"),
            models.Index(fields=["holder"], condition=IS_OPEN, name="alert_open_by_holder"),
            models.Index(
                fields=["subject_phone_hash"], condition=IS_OPEN & ~Q(subject_phone_hash=""), name="alert_open_by_phone"
            ),
            models.Index(fields=["grid", "subject_name"], condition=IS_OPEN, name="alert_open_by_name"),
            models.Index(fields=["closed_at"], name="alert_by_end"),
            models.Index(fields=["closed_at"], condition=Q(needs_second_feedback=True), name="alert_for_feedback"),
            models.Index(fields=["received_at"], name="alert_by_receipt"),
            # What alerts saved over a year is added up from the index alone: 24 ms where the rows took 200. Only what
            # was closed with something saved has an entry, so neither an intake nor a press on an open alert writes it.
            models.Index(
                fields=["received_at", "area_code", "actual_fraud_type", "fraud_type", "amount_prevented", "id"],
                condition=IS_REAL & SAVED,
                name="alert_saved_by_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def subject_key(self) -> str:
        """What the notices about this alert are filed under, so that they are withdrawn together."""
        return f"alert:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in policy.OPEN_STATES

    @property
    def is_unplaced(self) -> bool:
        return self.grid_id is None

    @property
    def confirmed(self) -> dict[str, datetime]:
        """The confirmations recorded, each with its time."""
        return {c: at for c in policy.Confirmation if (at := getattr(self, f"{c}_at")) is not None}

    @property
    def missing(self) -> list[policy.Confirmation]:
        """What still has to be confirmed or excused before the resident counts as reached."""
        return policy.missing_confirmations(self.level, confirmed=self.confirmed, excused=self.excuses)


class TimelineEntryQuerySet(models.QuerySet["TimelineEntry"]):
    """Lines of timelines; they can be read and added, nothing else."""

    def update(self, **_fields: Any) -> NoReturn:
        """Refuse: the timeline is never edited."""
        raise TypeError("the timeline is never edited")

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse: the timeline is never edited."""
        raise TypeError("the timeline is never edited")

    def delete(self) -> NoReturn:
        """Refuse: the timeline is never deleted."""
        raise TypeError("the timeline is never deleted")


class TimelineEntry(models.Model):
    """One line of an alert's timeline: who, what, when, from where. Never edited, never deleted."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")
        JOINED = "joined", _("another alert joined")
        PLACED = "placed", _("placed")
        DISPATCHED = "dispatched", _("dispatched")
        ASSIGNED = "assigned", _("assigned")
        ACCEPTED = "accepted", _("accepted")
        REMINDED = "reminded", _("desk reminded")
        ESCALATED = "escalated", _("escalated")
        NOTIFIED = "notified", _("told")
        UNDELIVERED = "undelivered", _("not delivered")
        BREACHED = "breached", _("overdue")
        MET = "met", _("kept")
        ACTION = "action", _("done")
        REVEALED = "revealed", _("personal data shown")
        CLOSED = "closed", _("closed")
        VOIDED = "voided", _("voided")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    """When it happened."""
    recorded_at = models.DateTimeField()
    """When this program wrote it down: later than ``at`` for what was done in time and entered late."""
    kind = models.CharField(max_length=12, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    """Who did it; empty for the clock."""
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    """Whom it concerns: the new holder, the person told."""
    objective = models.CharField(max_length=12, choices=policy.Objective.choices, blank=True)
    detail = models.JSONField(default=dict)
    from_where = models.CharField(max_length=20, blank=True)

    objects = TimelineEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the line once. Raises ``TypeError`` for a line that exists: the timeline is never edited."""
        if not self._state.adding:
            raise TypeError("the timeline is never edited")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: the timeline is never deleted."""
        raise TypeError("the timeline is never deleted")


class BusySpellQuerySet(models.QuerySet["BusySpell"]):
    def running(self) -> "BusySpellQuerySet":
        return self.filter(ended_at__isnull=True)

    def busy_among(self, user_ids: Collection[int]) -> set[int]:
        return set(self.running().filter(user__in=user_ids).values_list("user_id", flat=True))


class BusySpell(models.Model):
    """A time in which somebody marked themselves busy: nothing new is handed to them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="busy_spells")
    started_at = models.DateTimeField(_("busy from"))
    ended_at = models.DateTimeField(_("busy until"), null=True, blank=True)

    objects = BusySpellQuerySet.as_manager()

    class Meta:
        verbose_name = _("busy spell")
        verbose_name_plural = _("busy spells")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="one_running_busy_spell_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%H:%M}"
