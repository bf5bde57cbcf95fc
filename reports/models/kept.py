"""Figures of wide areas as they were counted last: a district's take seconds, and are looked at all day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.policy import DatedBy


class KeptFigures(models.Model):
    """The figures of an area and a period in one language; whatever they are made of may have moved on since."""

    area_code = models.CharField(max_length=32)
    first = models.DateField()
    after = models.DateField()
    dated_by = models.CharField(max_length=10, choices=DatedBy.choices)
    language = models.CharField(max_length=10)
    on = models.DateField()
    """The day up to which a running period was counted."""
    figures = models.JSONField()
    counted_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    """When somebody last looked, to the hour: what nobody looks at is not counted again."""

    class Meta:
        verbose_name = _("figures as counted last")
        verbose_name_plural = _("figures as counted last")
        constraints = (
            models.UniqueConstraint(
                fields=("area_code", "first", "after", "dated_by", "language"), name="one_count_of_a_period"
            ),
        )

    def __str__(self) -> str:
        """Return whose figures they are."""
        return f"{self.area_code} {self.first}"
