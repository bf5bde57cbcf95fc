"""What a pocket pressed: kept for some days, so that a press sent twice is carried out once."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class PressQuerySet(models.QuerySet["Press"]):
    def forget(self, *, before: datetime, limit: int) -> int:
        """Remove the oldest presses recorded before a moment, at most so many at once; return how many went."""
        oldest = self.filter(recorded_at__lt=before).order_by("recorded_at").values_list("pk", flat=True)[:limit]
        count, _of_each = self.filter(pk__in=list(oldest)).delete()
        return count


class Press(models.Model):
    """One press of one person, under the key that their device gave it, and how it was answered."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    what = models.CharField(_("what"), max_length=20)
    """The name of the address it was sent to: accept, deed, close."""
    alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("pressed at"))
    """When it was pressed, by the device's clock as the server's time corrects it; never later than recorded."""
    recorded_at = models.DateTimeField(_("recorded at"))
    is_refused = models.BooleanField(_("refused"), default=False)
    said = models.TextField(_("answer"), blank=True)

    objects = PressQuerySet.as_manager()

    class Meta:
        verbose_name = _("press")
        verbose_name_plural = _("presses")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_press_per_key_of_a_user")]
        indexes = [models.Index(fields=["recorded_at"], name="press_by_record")]

    def __str__(self) -> str:
        return f"{self.what} {self.at:%H:%M:%S}"
