"""The types of fraud, and the texts workers carry against them."""

import re
import unicodedata
from collections.abc import Collection

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User

DISSUASION_CARD = "dissuasion_card"
"""The key of the card whose lines are the steps at the door."""


_NOT_IN_NAMES = re.compile(r"[\s、,，()（）《》“”\"·.\-_/／]|类$|诈骗(案件|案)?$|类?诈骗$")


def bare_type(text: str) -> str:
    """Return a type's name as it is compared: without blanks and signs, and without 诈骗 and 类 at its end."""
    bare = unicodedata.normalize("NFKC", text).lower()
    while (shorter := _NOT_IN_NAMES.sub("", bare)) != bare:
        bare = shorter
    return bare


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

    def under(self, code: str) -> "FraudTypeQuerySet":
        """Return the type of a code and those below it."""
        return self.filter(Q(code=code) | Q(parent__code=code))

    def by_every_name(self) -> "dict[str, FraudType]":
        """Return the types by whatever they are called (``bare_type``): code, names and other names; two queries.

        Where two are called alike the names of types come before other names, and the first type before later ones.
        """
        types = {one.pk: one for one in self.select_related("parent")}
        said = [(name, one) for one in types.values() for name in (one.code, one.name_zh, one.name_en)]
        others = FraudTypeAlias.objects.filter(fraud_type__in=list(types)).values_list("name", "fraud_type_id")
        said += [(name, types[pk]) for name, pk in others]
        found: dict[str, FraudType] = {}
        for name, one in said:
            if bare := bare_type(name):
                found.setdefault(bare, one)
        return found

    def meant_by(self, words: Collection[str]) -> dict[str, int]:
        """Return the keys of the types that go by exactly these words, by word; two queries."""
        named = self.filter(Q(name_zh__in=words) | Q(name_en__in=words)).values_list("name_zh", "name_en", "pk")
        found = dict(FraudTypeAlias.objects.filter(name__in=words).values_list("name", "fraud_type_id"))
        return found | {name: pk for zh, en, pk in named for name in (zh, en) if name in words}


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


class FraudTypeAlias(models.Model):
    """Another name of a type: offices call one fraud by several, and files and platforms send them all."""

    fraud_type = models.ForeignKey(FraudType, models.CASCADE, verbose_name=_("type of fraud"), related_name="aliases")
    name = models.CharField(_("name"), max_length=64)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["name"],
                name="one_fraud_type_per_other_name",
                violation_error_message=_("Another type goes by this name."),
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name


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

    def script_of(self, kind: FraudType, area_code: str) -> "Text | None":
        """Return what frauds of a type say, for an area; what those of the type above say where it has none."""
        own = self.for_area(kind.script_key, area_code)
        if own is None and kind.parent is not None:
            return self.for_area(kind.parent.script_key, area_code)
        return own

    def released(self) -> "TextQuerySet":
        """Leave out drafts."""
        return self.filter(is_draft=False)

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
    is_draft = models.BooleanField(
        _("draft"), default=False, help_text=_("Seen by who writes texts alone, until it is released.")
    )
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


class TextVersion(models.Model):
    """How a text read from a moment on. Never changed: whoever wants old words back writes them anew."""

    key = models.CharField(_("key"), max_length=64)
    community_code = models.CharField(_("community code"), max_length=32, blank=True)
    title_zh = models.CharField(max_length=128)
    title_en = models.CharField(max_length=128, blank=True)
    body_zh = models.TextField()
    body_en = models.TextField(blank=True)
    origin = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField(_("from"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who"), null=True)
    """Empty for the words as they were shipped."""

    class Meta:
        verbose_name = _("version of a text")
        verbose_name_plural = _("versions of texts")
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=["key", "community_code", "at"], name="version_of_a_text"),)

    def __str__(self) -> str:
        """Return the title in the active language."""
        return in_active_language(self.title_zh, self.title_en)

    @property
    def lines(self) -> list[str]:
        """The words in the active language by lines, without empty ones."""
        body = in_active_language(self.body_zh, self.body_en)
        return [line.strip() for line in body.splitlines() if line.strip()]
