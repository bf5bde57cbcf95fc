"""Bring a roster in from the command line."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.clock import database_now
from residents.importers import RosterKind
from residents.management.commands.import_areas import content_of
from sheets.policy import Plan
from sheets.reading import FileRefusedError
from sheets.services import carry_out, hand_in, plan_of


class Command(BaseCommand):
    """Read a roster, say what it would do, and do it."""

    help = "Bring a roster in from an .xlsx or .csv file, as the office keeps it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the area and what to do."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--area", required=True, help="code of the community or grid whose roster it is")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
        parser.add_argument("--create-grids", action="store_true", help="make the grids nobody knows")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Bring it in; what is parked or wrong stays out and is named."""
        path: Path = options["file"]
        content = content_of(str(path))
        now, kind = database_now(), RosterKind()
        chosen = {"create_grids": options["create_grids"]}
        try:
            with transaction.atomic():
                _table, plan = plan_of(kind, content, area_code=options["area"], options=chosen, now=now)
                if not options["dry_run"]:
                    sheet = hand_in(
                        kind,
                        content=content,
                        file_name=path.name,
                        area_code=options["area"],
                        options=chosen,
                        by=None,
                        now=now,
                    )
                    carry_out(sheet, plan, by=None, now=now)
        except FileRefusedError as error:
            if options["json"]:
                refused = {"cell": "", "code": error.code, "message": str(error)}
                self.stdout.write(json.dumps(outcome_of(Plan()) | {"errors": [refused]}, ensure_ascii=False))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome_of(plan), ensure_ascii=False))
        else:
            self.stdout.write(", ".join(f"{name} {number}" for name, number in plan.counts.items()))
            for line in plan.notices:
                self.stdout.write(line)
            for problem in plan.problems:
                self.stdout.write(f"{problem.cell}: {problem.message}")


def outcome_of(plan: Plan) -> dict[str, Any]:
    """Return what programs read of a plan; ``errors`` are the wrong cells."""
    return plan.counts | {"errors": [problem.as_dict() for problem in plan.problems]}
