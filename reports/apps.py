"""Reports as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Name the app for the administration."""

    name = "reports"
    verbose_name = _("Reports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what makes files, and have days without a case on the pages of places."""
        # Rows are known only once every app is there.
        from reports.drafting.ordered import LedgerMaker, PaperMaker  # noqa: PLC0415
        from reports.screens.quiet import QuietDays  # noqa: PLC0415
        from residents.screens.facts import register_facts  # noqa: PLC0415
        from sheets.services.ordering import register_maker  # noqa: PLC0415

        register_maker(PaperMaker())
        register_maker(LedgerMaker())
        register_facts(QuietDays())
