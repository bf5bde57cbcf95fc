"""What the roof remembers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Errand(models.Model):
    """When something that is done by itself on a schedule was last begun, by Celery or by the stand-by."""

    name = models.CharField(max_length=40, primary_key=True)
    begun_at = models.DateTimeField()

    class Meta:
        verbose_name = _("errand")
        verbose_name_plural = _("errands")

    def __str__(self) -> str:
        """Return its name."""
        return self.name
