"""Calendars that telephones and mail programs subscribe to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class CalendarFeed(models.Model):
    """One person's calendar under a secret address; a new secret makes the old address dead."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="calendar_feed")
    # The address is shown once, when it is made; of its secret the hash is kept.
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar to subscribe to")
        verbose_name_plural = _("calendars to subscribe to")

    def __str__(self) -> str:
        """Return whose; the secret is nobody's business in a log."""
        return str(self.user)
