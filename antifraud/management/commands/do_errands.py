"""What is due besides the clock, done once by this process: the stand-by calls it while Celery is silent."""

import logging
import os
from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from accounts.clock import database_now
from antifraud import errands
from antifraud.celery import POLITE

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Do every errand whose time has come and that nobody has begun; one that raises holds up no other."""

    help = "Do what is due on the schedule and was not done: seals, copies, reminders. Does nothing twice."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Do them one after the other."""
        if hasattr(os, "nice"):
            os.nice(POLITE)
        current_app.loader.import_default_modules()
        for name in errands.names():
            if errands.claim(name, now=database_now()):
                logger.info("the stand-by does %s", name)
                try:
                    current_app.tasks[errands.task_of(name)]()
                except MemoryError:
                    raise
                except Exception:
                    logger.exception("%s raised", name)
                close_old_connections()
