"""Cases as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """Name the app for the administration."""

    name = "cases"
    verbose_name = _("Cases")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the ledger known to office files, to the page of a closed alert, and to every dossier."""
        # Models are there from here on, not before.
        from alerts.screens.alert import register_source as register_at_alerts  # noqa: PLC0415
        from cases.importers import CasesKind  # noqa: PLC0415
        from cases.screens.alerts import CasesOfAlerts  # noqa: PLC0415
        from cases.screens.dossier import Cases  # noqa: PLC0415
        from residents.screens.dossier import register_source  # noqa: PLC0415
        from sheets.services import register  # noqa: PLC0415

        register(CasesKind())
        register_at_alerts(CasesOfAlerts())
        register_source(Cases())
