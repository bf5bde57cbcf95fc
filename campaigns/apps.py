"""Outreach: campaigns and events, whom they reached, and whom they never have. It does not know the alerts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Name the app for the administration."""

    name = "campaigns"
    verbose_name = _("Outreach")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have outreach in every dossier (``residents.screens.dossier``)."""
        # Rows are known only once every app is there.
        from campaigns.screens.dossier import Touches  # noqa: PLC0415
        from residents.screens.dossier import register_source  # noqa: PLC0415

        register_source(Touches())
