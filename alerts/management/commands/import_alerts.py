"""Bring a list of alerts in from the command line."""

from typing import Any

from accounts.clock import database_now
from alerts.importers import AlertsKind
from residents.management.importing import ImportCommand


class Command(ImportCommand):
    """Read a list of alerts, say what it would do, and do it."""

    help = "Bring a list of alerts in from an .xlsx or .csv file, as the police platform gives it."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Bring it in; what is wrong stays out and is named. Each row that is new begins an alert and its clock."""
        self.bring_in(AlertsKind(), options, now=database_now())
