"""What was received, raw, and what became of it; and what a source's messages mean."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import EncryptedTextField, seal, unseal
from accounts.roles import Duty
from alerts.models.alert import Alert
from alerts.models.intake import Source
from alerts.policy import NOT_TAKEN_IN, Became, Field, How, Way
from residents import access
from residents.models import Area

WAITS = Q(became__in=NOT_TAKEN_IN)

WAYS_WITH_A_FORM_OF_THEIR_OWN = (Way.WEBHOOK, Way.EMAIL)


class SourceMappingQuerySet(models.QuerySet["SourceMapping"]):
    def in_use(self) -> "SourceMappingQuerySet":
        """Return those that are switched on, with what they need to be read."""
        return self.filter(is_on=True).select_related("source", "area").prefetch_related("rules", "words")

    def of_way(self, way: str) -> "SourceMappingQuerySet":
        return self.filter(way=way)


class SourceMapping(models.Model):
    """What the messages of a source mean that come by one way: an administrator's, tried before it is switched on."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="mappings", verbose_name=_("source"))
    way = models.CharField(
        _("way"), max_length=8, choices=[(way.value, way.label) for way in WAYS_WITH_A_FORM_OF_THEIR_OWN]
    )
    senders = models.CharField(
        _("senders"),
        max_length=400,
        blank=True,
        help_text=_("E-mail only: whose mail it is, separated by commas: warn@example.org, or @example.org for all."),
    )
    area = models.ForeignKey(
        Area,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
        help_text=_("Where a message belongs that names no area code."),
    )
    date_format = models.CharField(
        _("form of times"),
        max_length=40,
        blank=True,
        help_text=_("Like %d/%m/%Y %H:%M. Empty: 2026-04-02 21:57, 2026年4月2日21时57分, ISO 8601, Unix seconds."),
    )
    zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    sample = EncryptedTextField(
        _("sample message"),
        blank=True,
        help_text=_("One message as the source sends it. The mapping is tried on it; it is kept encrypted."),
    )
    is_on = models.BooleanField(_("switched on"), default=False, editable=False)

    objects = SourceMappingQuerySet.as_manager()

    class Meta:
        verbose_name = _("mapping of messages")
        verbose_name_plural = _("mappings of messages")
        ordering = ("source__code", "way")
        constraints = (models.UniqueConstraint(fields=["source", "way"], name="one_mapping_per_source_and_way"),)

    def __str__(self) -> str:
        return f"{self.source} · {self.get_way_display()}"


class MappingRule(models.Model):
    """How one field of the alert is found."""

    mapping = models.ForeignKey(SourceMapping, models.CASCADE, related_name="rules", db_index=False)
    field = models.CharField(_("field"), max_length=16, choices=Field.choices)
    how = models.CharField(_("found by"), max_length=8, choices=How.choices)
    where = models.CharField(_("where"), max_length=200, blank=True)
    otherwise = models.CharField(_("otherwise"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules: where each field stands")
        ordering = ("mapping", "pk")
        constraints = (models.UniqueConstraint(fields=["mapping", "field"], name="one_rule_per_field_of_a_mapping"),)

    def __str__(self) -> str:
        return f"{self.get_field_display()}"


class MappingWord(models.Model):
    """What a word of the source means: a level, or a type of fraud."""

    OF = ((Field.LEVEL.value, Field.LEVEL.label), (Field.FRAUD_TYPE.value, Field.FRAUD_TYPE.label))

    mapping = models.ForeignKey(SourceMapping, models.CASCADE, related_name="words", db_index=False)
    field = models.CharField(_("field"), max_length=16, choices=OF)
    said = models.CharField(_("the source says"), max_length=80)
    means = models.CharField(
        _("it means"), max_length=80, help_text=_("high, medium or low; of a type its code or one of its names.")
    )

    class Meta:
        verbose_name = _("word")
        verbose_name_plural = _("table of values")
        ordering = ("mapping", "field", "pk")
        constraints = (
            models.UniqueConstraint(fields=["mapping", "field", "said"], name="one_meaning_per_word_of_a_mapping"),
        )

    def __str__(self) -> str:
        return f"{self.said} → {self.means}"


class InboundMessageQuerySet(models.QuerySet["InboundMessage"]):
    def visible_to(self, user: User, *, on: date) -> "InboundMessageQuerySet":
        """Return what this user's desks may see: what became an alert as the alert is seen, and anything else where it
        would have waited unplaced (see ``AlertQuerySet.at_desks``)."""
        codes = access.scope_codes(user, Duty.WATCH_DESK, on)
        if codes is None:
            return self.all()
        if not codes:
            return self.none()
        seen = Alert.objects.visible_to(user, on=on, duty=Duty.WATCH_DESK)
        above = sorted({code[:length] for code in codes for length in range(len(code))})
        alone = access.within("area_code", codes) | Q(area_code__in=above)
        return self.filter(Q(alert__in=seen) | (Q(alert__isnull=True) & alone))

    def not_taken_in(self) -> "InboundMessageQuerySet":
        """Return what somebody must still look at: nothing of it has become an alert."""
        return self.filter(WAITS)

    def left_waiting(self, before: datetime) -> "InboundMessageQuerySet":
        """Return what was stored and never read: who stored it died."""
        return self.filter(became=Became.WAITING, received_at__lt=before)

    def not_told(self) -> "InboundMessageQuerySet":
        """Return what could not be taken in and nobody was told of."""
        return self.filter(became__in=(Became.REFUSED, Became.FAILED), told_at__isnull=True)

    def from_before(self, at: datetime) -> "InboundMessageQuerySet":
        return self.filter(received_at__lt=at)

    def without_body(self) -> "InboundMessageQuerySet":
        """Leave the raw text in the database until somebody asks for it."""
        return self.defer("body")


class InboundMessage(models.Model):
    """One message as it came, kept before anybody tried to read it.

    ``body`` is sealed: it names people. ``area_code`` says whose desk it is as long as it has no alert. ``faults`` are
    kept without words (``reading.Fault``). ``mark`` is what makes a message the same when it is fetched or sent twice.
    """

    source = models.ForeignKey(
        Source, models.PROTECT, null=True, related_name="+", verbose_name=_("source"), db_index=False
    )
    way = models.CharField(_("way"), max_length=8, choices=Way.choices)
    received_at = models.DateTimeField(_("received at"))
    area_code = models.CharField(max_length=24, blank=True)
    sender = models.CharField(_("sender"), max_length=200, blank=True)
    content_type = models.CharField(max_length=200, blank=True)
    body = models.BinaryField()
    size = models.PositiveIntegerField()
    is_cut = models.BooleanField(default=False)
    mark = models.CharField(max_length=64, blank=True)
    times = models.PositiveIntegerField(default=1)

    became = models.CharField(_("became"), max_length=8, choices=Became.choices, default=Became.WAITING)
    external_id = models.CharField(max_length=100, blank=True)
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="+", verbose_name=_("alert"))
    faults = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    objects = InboundMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("received message")
        verbose_name_plural = _("received messages")
        ordering = ("-received_at", "-pk")
        indexes = (
            models.Index(fields=["-received_at", "-id"], name="inbound_by_receipt"),
            models.Index(fields=["source", "received_at"], condition=WAITS, name="inbound_not_taken_in"),
            models.Index(fields=["source", "external_id"], name="inbound_by_number"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["way", "mark"], condition=~Q(mark=""), name="one_row_per_message_that_was_received"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"

    @staticmethod
    def sealed(raw: bytes) -> bytes:
        """Return bytes as they are kept."""
        return seal(raw)

    @cached_property
    def raw(self) -> bytes:
        """What was received. Raises ``UnreadableError`` where its key is lost."""
        return unseal(self.body)

    @property
    def is_taken_in(self) -> bool:
        return self.alert_id is not None

    @property
    def may_be_tried(self) -> bool:
        """Whether trying it once more could make an alert of it."""
        return self.became in {*NOT_TAKEN_IN, Became.ASIDE}

    @property
    def kept_faults(self) -> Sequence[dict[str, Any]]:
        return self.faults if isinstance(self.faults, list) else []


class Mailbox(models.Model):
    """How the last look into the mailbox went, so that silence is not taken for peace."""

    name = models.CharField(max_length=200, unique=True)
    looked_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name
