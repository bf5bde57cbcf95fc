"""What the commands share that bring an office's file in: its arguments, its steps, what they print."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from residents.management.commands.import_areas import content_of
from sheets.policy import Plan
from sheets.reading import FileRefusedError
from sheets.services import Kind, carry_out, hand_in, plan_of


class ImportCommand(BaseCommand):
    """Read a file of some kind, say what it would do, and do it."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, the area and what to do."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--area", required=True, help="code of the community or grid whose rows they are")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def bring_in(
        self, kind: Kind, options: Mapping[str, Any], *, now: datetime, chosen: Mapping[str, Any] | None = None
    ) -> None:
        """Bring a file in; what is parked or wrong stays out and is named. ``chosen`` are the kind's own options."""
        try:
            plan = self._carry_out(kind, options, chosen or {}, now=now)
        except FileRefusedError as error:
            if options["json"]:
                refused = {"cell": "", "code": error.code, "message": str(error)}
                self.stdout.write(json.dumps(outcome_of(Plan()) | {"errors": [refused]}, ensure_ascii=False))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(outcome_of(plan), ensure_ascii=False))
            return
        self.stdout.write(", ".join(f"{name} {number}" for name, number in plan.counts.items()))
        for line in plan.notices:
            self.stdout.write(line)
        for problem in plan.problems:
            self.stdout.write(f"{problem.cell}: {problem.message}")

    @transaction.atomic
    def _carry_out(self, kind: Kind, options: Mapping[str, Any], chosen: Mapping[str, Any], *, now: datetime) -> Plan:
        path: Path = options["file"]
        content, area = content_of(str(path)), options["area"]
        _table, plan = plan_of(kind, content, area_code=area, options=chosen, now=now)
        if not options["dry_run"]:
            sheet = hand_in(
                kind, content=content, file_name=path.name, area_code=area, options=chosen, by=None, now=now
            )
            carry_out(sheet, plan, by=None, now=now)
        return plan


def outcome_of(plan: Plan) -> dict[str, Any]:
    """Return what programs read of a plan; ``errors`` are the wrong cells."""
    return plan.counts | {"errors": [problem.as_dict() for problem in plan.problems]}
