"""Bring a ledger of cases in from the command line."""

from typing import Any

from accounts.clock import database_now
from cases.importers import CasesKind
from residents.management.importing import ImportCommand


class Command(ImportCommand):
    """Read a ledger, say what it would do, and do it."""

    help = "Bring a ledger of cases in from an .xlsx or .csv file, as the office keeps it."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Bring it in; what is parked or wrong stays out and is named."""
        self.bring_in(CasesKind(), options, now=database_now())
