"""Bring people and their posts in from a CSV file."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from accounts.clock import database_now, local
from residents.importers import import_staff
from residents.management.commands.import_areas import answer, content_of


class Command(BaseCommand):
    """``import_staff FILE.csv [--json] [--on DATE]``."""

    help = (
        "Bring people and their posts in from a CSV file with the columns username, name, phone, role, area. "
        "Nobody new can log in until a password is set (manage.py changepassword, or the administration)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, the day new posts begin, and how to answer."""
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="DATE", help="the day new posts begin (default: today)"
        )
        parser.add_argument("--json", action="store_true", help="print counts and errors by row as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import, say what came of it, and fail where a row was refused."""
        now = database_now()
        outcome = import_staff(
            content_of(options["file"]),
            on=options["on"] or local(now).date(),
            by=None,
            now=now,
            from_where="import_staff",
        )
        answer(self, outcome, as_json=options["json"])
