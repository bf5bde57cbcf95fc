"""Bring a roster in from the command line."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.clock import database_now
from residents.importers import RosterKind
from residents.management.importing import ImportCommand


class Command(ImportCommand):
    """Read a roster, say what it would do, and do it."""

    help = "Bring a roster in from an .xlsx or .csv file, as the office keeps it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take besides whether unknown grids are made."""
        super().add_arguments(parser)
        parser.add_argument("--create-grids", action="store_true", help="make the grids nobody knows")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Bring it in; what is parked or wrong stays out and is named."""
        self.bring_in(RosterKind(), options, now=database_now(), chosen={"create_grids": options["create_grids"]})
