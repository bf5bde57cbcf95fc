"""Bring the tree of areas in from a CSV file."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from residents.importers import Outcome, import_areas


class Command(BaseCommand):
    """``import_areas FILE.csv [--json]``."""

    help = "Bring areas in from a CSV file with the columns code, name, level and, if any, aliases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and how to answer."""
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument("--json", action="store_true", help="print counts and errors by row as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, say what came of it, and fail where a row was refused."""
        outcome = import_areas(content_of(options["file"]), by=None, now=database_now(), from_where="import_areas")
        answer(self, outcome, as_json=options["json"])


def content_of(name: str) -> bytes:
    """Return what stands in a file. Raises ``CommandError`` where it cannot be opened."""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror}") from error


def answer(command: BaseCommand, outcome: Outcome, *, as_json: bool) -> None:
    """Print what came of a file. Raises ``CommandError`` (exit 1) where a row was refused."""
    if as_json:
        command.stdout.write(json.dumps(outcome.as_dict(), ensure_ascii=False))
    else:
        counts = outcome.counts()
        command.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
        for error in outcome.errors:
            command.stdout.write(str(error))
    if outcome.errors and not outcome.rows:
        raise CommandError("The file was refused; nothing was changed.")
    if outcome.errors:
        raise CommandError(
            f"Rows refused: {len(outcome.errors)}; the others were kept. Mend these and import the file again."
        )
