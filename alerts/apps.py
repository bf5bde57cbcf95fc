"""The clock and the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = _("Alerts")

    def ready(self) -> None:
        """Have alerts in every dossier (``residents.screens.dossier``)."""
        # Rows are known only once every app is there.
        from alerts.screens.dossier import Alerts  # noqa: PLC0415
        from residents.screens.dossier import register_source  # noqa: PLC0415

        register_source(Alerts())
