"""Write everything that stands under an earlier key anew under the current one."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.clock import database_now
from accounts.services import count_left, rotate_keys


class Command(BaseCommand):
    """``rotate_keys [--check] [--batch N] [--json]``."""

    help = (
        "Put the new key first in FIELD_KEYS (and in INDEX_KEY), start every process anew, then run this: in batches, "
        "while everybody works on. Interrupted, it goes on where it was. Afterwards the earlier keys may be taken out."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to look only, how much at once, and how to answer."""
        parser.add_argument("--check", action="store_true", help="only say what still stands under an earlier key")
        parser.add_argument("--batch", type=int, default=500, metavar="N", help="rows in one transaction (500)")
        parser.add_argument("--json", action="store_true", help="print what is left as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, then say what is left."""
        if not 1 <= options["batch"] <= 10_000:
            raise CommandError("--batch is a number from 1 to 10000.")
        if not options["check"]:
            for progress in rotate_keys(by=None, now=database_now(), batch=options["batch"]):
                if not options["json"]:
                    lost = f", {progress.unreadable} that no key opens" if progress.unreadable else ""
                    self.stdout.write(
                        f"{progress.table}: {progress.looked_at} looked at, {progress.changed} written anew{lost}"
                    )
        left = count_left()
        if options["json"]:
            self.stdout.write(json.dumps({"is_done": not left, "left": left}))
        elif not left:
            self.stdout.write("All stands under the current keys. The earlier ones may be taken out.")
        if left:
            told = ", ".join(f"{name}: {count}" for name, count in left.items())
            raise CommandError(f"Still under an earlier key, or opened by none: {told}", returncode=1)
