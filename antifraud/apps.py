"""The roof as a Django app, so that its commands are found and every process is set up alike."""

import gc

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AntifraudConfig(AppConfig):
    """Carry the project's own commands: run, load_demo, compile_translations, check_translations."""

    name = "antifraud"
    verbose_name = _("Project")

    def ready(self) -> None:
        """Put alerts beside outreach, and have the garbage collector look for cycles less often.

        It leaves alone what the program is made of: Django's classes and registries live as long as the process;
        walking them took a fifth of a burst's time (docs/performance.md). What is made later is collected as ever,
        after fifty thousand new objects.
        """
        # Alerts and outreach do not know each other; what the one tells the other is put together here. Rows are known
        # only once every app is there.
        from antifraud.agenda import AlertsOfTheWeek  # noqa: PLC0415
        from antifraud.beside import AlertsOfAnArea, ShiftsOfAPerson  # noqa: PLC0415
        from campaigns.exports.calendars import register_beside  # noqa: PLC0415
        from campaigns.figures.beside import register_harm  # noqa: PLC0415
        from campaigns.screens.agenda import register_lines  # noqa: PLC0415

        register_harm(AlertsOfAnArea())
        register_lines(AlertsOfTheWeek())
        register_beside(ShiftsOfAPerson())
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
