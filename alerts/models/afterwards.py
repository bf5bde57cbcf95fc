"""What comes after an alert was closed: the second feedback, the desk's call-back, the story it teaches with."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.alert import Alert
from alerts.policy import Found


class SecondFeedback(models.Model):
    """What was found some days after an alert that was closed with "needs a second feedback". Written once."""

    alert = models.OneToOneField(Alert, models.PROTECT, related_name="second_feedback", verbose_name=_("alert"))
    found = models.CharField(_("what was found"), max_length=10, choices=Found.choices)
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))

    class Meta:
        verbose_name = _("second feedback")
        verbose_name_plural = _("second feedbacks")

    def __str__(self) -> str:
        """Return what was found."""
        return self.get_found_display()


class CallBack(models.Model):
    """Whether the desk, calling the resident back, found what was written down to be true. Written once."""

    alert = models.OneToOneField(Alert, models.PROTECT, related_name="call_back", verbose_name=_("alert"))
    is_true = models.BooleanField(_("true"))
    note = models.TextField(_("note"), blank=True)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        indexes = (models.Index(fields=["at"], name="call_back_by_time"),)

    def __str__(self) -> str:
        """Return the verdict."""
        return str(_("true") if self.is_true else _("not true"))


class Story(models.Model):
    """Which text of the library a closed alert was turned into; the text itself knows of no alert."""

    alert = models.OneToOneField(Alert, models.PROTECT, related_name="story", verbose_name=_("alert"))
    community_code = models.CharField(_("community code"), max_length=32)
    text_key = models.CharField(_("key"), max_length=64)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))

    class Meta:
        verbose_name = _("story from an alert")
        verbose_name_plural = _("stories from alerts")

    def __str__(self) -> str:
        """Return the text's key."""
        return self.text_key
