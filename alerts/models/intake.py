"""The way in: who may send alerts, with which token, and each message they sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from residents.models import Area

DESK = "desk"
"""The source that stands for what is typed in at a desk."""

VISITOR = "visitor"
"""The source that stands for what carers and others saw at a door."""

INFORMANT = "informant"
"""The source that stands for what building informants report with their own link."""

FILE = "file"
"""The source that stands for lists of alerts that somebody brought in as a file."""

DRILL = "drill"
"""The source that stands for drills: nothing of it is ever real."""


class Source(models.Model):
    """Somebody or something alerts come from: the police platform, the desk itself, an informant."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    area = models.ForeignKey(
        Area,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("area"),
        related_name="+",
        help_text=_("Whose desks see an alert of this source that names no known area. Empty: every desk."),
    )
    is_drill = models.BooleanField(_("drills only"), default=False)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["code"]

    def __str__(self) -> str:
        words = {
            DESK: gettext("Typed in at the desk"),
            VISITOR: gettext("Seen on a visit"),
            INFORMANT: gettext("Reported by an informant"),
            FILE: gettext("Brought in as a file"),
            DRILL: gettext("Drill"),
        }
        return words.get(self.code, self.name)


class IntakeTokenQuerySet(models.QuerySet["IntakeToken"]):
    def valid(self) -> "IntakeTokenQuerySet":
        return self.filter(revoked_at__isnull=True)


class IntakeToken(models.Model):
    """A source's bearer token. Only its hash is kept: the token itself is shown once, when it is made."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("source"))
    label = models.CharField(_("label"), max_length=80, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = IntakeTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake token")
        verbose_name_plural = _("intake tokens")
        ordering = ["source", "-created_at"]

    def __str__(self) -> str:
        return self.label or f"{self.source} {self.created_at:%Y-%m-%d}"


class IntakeMessage(models.Model):
    """One message a source sent, kept so that the same one again is recognised. The alert holds what it said."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="messages", db_index=False)
    external_id = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    alert = models.ForeignKey("alerts.Alert", on_delete=models.PROTECT, related_name="messages")
    received_at = models.DateTimeField()
    joined = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("intake message")
        verbose_name_plural = _("intake messages")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_alert_per_message_of_a_source")
        ]

    def __str__(self) -> str:
        return self.external_id
