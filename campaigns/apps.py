"""Campaigns: outreach and its coverage of grids and residents.

What will live here: the campaigns of the office, the touches its people record at the door and at
events, and the figures of coverage. It stands beside ``alerts``; neither knows the other.
"""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Name the app for the administration."""

    name = "campaigns"
    verbose_name = _("Outreach")
    default_auto_field = "django.db.models.BigAutoField"
