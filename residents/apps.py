"""Where people live, who answers for the place, and who may see it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResidentsConfig(AppConfig):
    name = "residents"
    verbose_name = _("Residents and grids")

    def ready(self) -> None:
        """Make the roster known to the machinery of office files."""
        # Models are there from here on, not before.
        from residents.importers import RosterKind  # noqa: PLC0415
        from sheets.services import register  # noqa: PLC0415

        register(RosterKind())
