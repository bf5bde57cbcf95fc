"""The roof as a Django app, so that its commands are found and every process is set up alike."""

import gc

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AntifraudConfig(AppConfig):
    """Carry the project's own commands: run, load_demo, compile_translations, check_translations."""

    name = "antifraud"
    verbose_name = _("Project")

    def ready(self) -> None:
        """Have alerts answer what outreach asks, and the garbage collector leave alone what the program is made of.

        Django's classes and registries live as long as the process; walking them took a fifth of a burst's time
        (docs/performance.md). What is made later is collected as ever, after fifty thousand new objects.
        """
        # Rows are known only once every app is there.
        from antifraud.beside import AlertsOfAnArea  # noqa: PLC0415
        from campaigns.figures.beside import register_harm  # noqa: PLC0415

        register_harm(AlertsOfAnArea())
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
