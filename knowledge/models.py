"""The types of fraud, and the texts workers carry against them."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

DISSUASION_CARD = "dissuasion_card"
"""The key of the card whose lines are the steps at the door."""


def in_active_language(chinese: str, english: str) -> str:
    """Return the English words where English is active and there are any, else the Chinese."""
    is_english = (get_language() or "").startswith("en")
    return (english if is_english else chinese) or chinese or english


class FraudTypeQuerySet(models.QuerySet["FraudType"]):
    """Types of fraud."""

    def elder(self) -> "FraudTypeQuerySet":
        """Return the types that aim at elders."""
        return self.filter(is_elder=True)

    def top(self) -> "FraudTypeQuerySet":
        """Return the first of the two levels."""
        return self.filter(parent__isnull=True)


class FraudType(models.Model):
    """A kind of fraud, in two levels; offices add their own."""

    code = models.CharField(
        _("code"),
        max_length=64,
        validators=[RegexValidator(r"^[a-z0-9_]+$", _("Use small letters, digits and underscores."))],
        help_text=_("What other programs send; it is never changed once alerts use it."),
    )
    name_zh = models.CharField(_("Chinese name"), max_length=64)
    name_en = models.CharField(_("English name"), max_length=64, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("wider type"), null=True, blank=True, related_name="children"
    )
    is_elder = models.BooleanField(_("aims at elders"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    objects = FraudTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("type of fraud")
        verbose_name_plural = _("types of fraud")
        ordering = ("order", "code")
        constraints = (
            models.UniqueConstraint(
                fields=["code"],
                name="one_fraud_type_per_code",
                violation_error_message=_("Another type has this code."),
            ),
        )

    def __str__(self) -> str:
        """Return the name in the active language."""
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language."""
        return in_active_language(self.name_zh, self.name_en)

    @property
    def script_key(self) -> str:
        """The key of the text that says what these frauds say, and what to say against it."""
        return f"script.{self.code}"


class TextQuerySet(models.QuerySet["Text"]):
    """Texts, asked for by what they are about and where."""

    def for_area(self, key: str, area_code: str) -> "Text | None":
        """Return the text for an area: its community's own, else the general one, else None.

        ``area_code`` is the code of the community or of anything within it; "" asks for the
        general text.
        """
        own = Q(community_code="")
        if area_code:
            own |= Q(community_code__in=[area_code[:length] for length in range(1, len(area_code) + 1)])
        return self.filter(own, key=key).order_by("-community_code").first()

    def holding_in(self, community_code: str) -> "list[Text]":
        """Return the text of every key that holds in a community: its own, else the general one; by key."""
        found = self.filter(community_code__in=("", community_code)).order_by("key", "community_code")
        return list({text.key: text for text in found}.values())


class Text(models.Model):
    """Words the office keeps: the dissuasion card, the scripts by type. Anybody there may better them."""

    key = models.CharField(_("key"), max_length=64, help_text=_("For example dissuasion_card or script.fake_loan."))
    community_code = models.CharField(
        _("community code"),
        max_length=32,
        blank=True,
        help_text=_("Empty: for every community without a text of its own."),
    )
    title_zh = models.CharField(_("Chinese title"), max_length=128)
    title_en = models.CharField(_("English title"), max_length=128, blank=True)
    body_zh = models.TextField(_("Chinese text"), help_text=_("One step or sentence a line."))
    body_en = models.TextField(_("English text"), blank=True)
    origin = models.CharField(_("where it comes from"), max_length=255, blank=True)
    updated_at = models.DateTimeField(_("changed at"), db_default=Now(), editable=False)

    objects = TextQuerySet.as_manager()

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ("key", "community_code")
        constraints = (
            models.UniqueConstraint(
                fields=["key", "community_code"],
                name="one_text_per_key_and_community",
                violation_error_message=_("This community already has a text under this key."),
            ),
        )

    def __str__(self) -> str:
        """Return the title in the active language."""
        return self.title

    @property
    def title(self) -> str:
        """The title in the active language."""
        return in_active_language(self.title_zh, self.title_en)

    @property
    def body(self) -> str:
        """The text in the active language."""
        return in_active_language(self.body_zh, self.body_en)

    @property
    def lines(self) -> list[str]:
        """The text in the active language by lines, without empty ones."""
        return [line.strip() for line in self.body.splitlines() if line.strip()]
