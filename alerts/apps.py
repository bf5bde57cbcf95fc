"""The clock and the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = _("Alerts")

    def ready(self) -> None:
        """Have alerts in every dossier, their files known to the machinery of office files, old things let go of."""
        # Rows are known only once every app is there.
        from alerts.importers import AlertsKind, DutyRosterKind  # noqa: PLC0415
        from alerts.replay.ordered import ReplayMaker  # noqa: PLC0415
        from alerts.screens.dossier import Alerts  # noqa: PLC0415
        from alerts.services.retention import MessagesKeeper, ReportsKeeper  # noqa: PLC0415
        from residents.screens.dossier import register_source  # noqa: PLC0415
        from residents.services import register_keeper  # noqa: PLC0415
        from sheets.services import register  # noqa: PLC0415
        from sheets.services.ordering import register_maker  # noqa: PLC0415

        register_source(Alerts())
        register_keeper(ReportsKeeper())
        register(DutyRosterKind())
        register(AlertsKind())
        register_keeper(MessagesKeeper())
        register_maker(ReplayMaker())
