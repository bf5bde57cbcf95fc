"""Outreach: campaigns and events, whom they reached, and whom they never have. It does not know the alerts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Bring outreach into what residents shows and lets go of."""

    name = "campaigns"
    verbose_name = _("Outreach")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have outreach in every dossier, and what it keeps of people let go of with the rest."""
        # Rows are known only once every app is there.
        from campaigns.screens.dossier import Touches  # noqa: PLC0415
        from campaigns.services.retention import OutreachKeeper  # noqa: PLC0415
        from residents.screens.dossier import register_source  # noqa: PLC0415
        from residents.services import register_keeper  # noqa: PLC0415

        register_source(Touches())
        register_keeper(OutreachKeeper())
