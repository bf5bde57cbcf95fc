"""Play a recorded day again: what would it have looked like under this policy?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accounts.clock import database_now
from alerts import policy, replay
from alerts.models import PolicyStep, PolicyVersion
from alerts.services import policies

INSIDE = "ANTIFRAUD_REPLAY_POLICY"
"""Set in the process that plays: the table's steps as JSON. That process has an empty database of its own."""


class Command(BaseCommand):
    """Play a recording in a process of its own, on an empty database that is thrown away after.

    So the real engine runs, its verbs, its timers and its outbox, and nothing can reach the live tables.
    """

    help = "Play a recorded list of alerts and actions through the real engine on a virtual clock. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("file", type=Path, help="CSV with the columns at,event,alert,who,detail")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--default-policy", action="store_true", help="use the table that the program ships, not the one in force"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play, here if this is the process made for it, else in one that is."""
        steps = os.environ.get(INSIDE)
        if steps is not None:
            self._play(options["file"], json.loads(steps), as_json=options["json"])
            return
        command = [sys.executable, "-m", "django", "replay_alerts", str(options["file"].absolute())]
        with tempfile.TemporaryDirectory(prefix="antifraud-replay-") as folder:
            done = subprocess.run(  # noqa: S603  # our own interpreter, a list and no shell
                command + (["--json"] if options["json"] else []),
                env=os.environ | _surroundings(folder, _table(shipped=options["default_policy"])),
                cwd=settings.BASE_DIR,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        self.stdout.write(done.stdout, ending="")
        if done.returncode:
            raise CommandError(done.stderr.strip().removeprefix("CommandError: "), returncode=done.returncode)

    def _play(self, path: Path, steps: list[dict[str, Any]], *, as_json: bool) -> None:
        try:
            events = replay.read(path)
        except replay.RecordingError as error:
            raise CommandError("\n".join(error.faults)) from error
        call_command("migrate", verbosity=0)
        now = database_now()
        version = PolicyVersion.objects.create(name="replay", created_at=now)
        PolicyStep.objects.bulk_create(PolicyStep(version=version, **step) for step in steps)
        policies.publish(version, by=None, now=now)
        lines = replay.play(events)
        self._write(_as_json(lines) if as_json else _as_text(lines))

    def _write(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _table(*, shipped: bool) -> list[dict[str, Any]]:
    """Return the steps in force or, where there is no database to ask, those the program ships."""
    rows: Iterable[PolicyStep] = ()
    if not shipped:
        try:
            rows = list(PolicyVersion.objects.in_force().steps.all())
        except (DatabaseError, PolicyVersion.DoesNotExist):
            rows = ()
    rows = rows or [PolicyStep.of(PolicyVersion(), step) for step in policy.STEPS]
    names = ("objective", "level", "at_seconds", "when", "do", "tell", "breach")
    return [{name: getattr(row, name) for name in names} for row in rows]


def _surroundings(folder: str, steps: list[dict[str, Any]]) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder}/replay.sqlite3",
        "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "antifraud.settings"),
        "PYTHONIOENCODING": "utf-8",
        INSIDE: json.dumps(steps),
    }


def _as_json(lines: Iterable[dict[str, Any]]) -> Iterable[str]:
    return (json.dumps(line, ensure_ascii=False) for line in lines)


def _as_text(lines: list[dict[str, Any]]) -> Iterable[str]:
    """Yield the lines by alert, then what was kept and breached."""
    for name in dict.fromkeys(line["alert"] or "" for line in lines):
        yield name or "-"
        for line in lines:
            if (line["alert"] or "") == name:
                told = " ".join(filter(None, [line["kind"], line["objective"], line["who"]]))
                detail = json.dumps(line["detail"], ensure_ascii=False) if line["detail"] else ""
                yield f"  {line['at'][11:19]}  {told:<40} {detail}".rstrip()
    kept = [line for line in lines if line["kind"] == "met"]
    late = [line for line in lines if line["kind"] == "breached"]
    yield f"kept: {len(kept)}, breached: {len(late)}"
