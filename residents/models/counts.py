"""Counts that are kept, so that a wide area is added up and not counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from residents.models.areas import COMMUNITY_DIGITS


class CommunityApp(models.Model):
    """How many live in a community, and how many of them have the app: what wide areas consist of.

    A task counts it (``tasks.count_app``); a community and a grid are counted on the spot.
    """

    # The community's code, not its key: a wide area's communities are one range of the index.
    area_code = models.CharField(max_length=COMMUNITY_DIGITS, unique=True)
    installed = models.PositiveIntegerField()
    warning_on = models.PositiveIntegerField()
    not_asked = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("the app in a community")
        verbose_name_plural = _("the app in communities")

    def __str__(self) -> str:
        """Return the counts."""
        return f"{self.installed}/{self.total}"
