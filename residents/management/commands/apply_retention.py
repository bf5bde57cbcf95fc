"""Let go of what the rules no longer let us keep, or say what that would be."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.clock import database_now
from residents.services import apply_retention, what_is_due


class Command(BaseCommand):
    """``apply_retention [--dry-run] [--json]``."""

    help = (
        "Anonymise residents who have been gone for longer than the rule says, and empty old imported files. "
        "The audit trail is only counted. Runs by itself once a day; a second time finds nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to do it, and how to answer."""
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or not, and print the report."""
        now = database_now()
        report = what_is_due(now=now) if options["dry_run"] else apply_retention(now=now, from_where="apply_retention")
        counts = report.counts
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write("Would be done:" if options["dry_run"] else "Done:")
        for name, number in counts.items():
            self.stdout.write(f"  {name.replace('_', ' ')}: {number}")
        if report.old_log_lines:
            self.stdout.write("The trail is only ever added to: see docs/guide-administrator.md for old log lines.")
