"""Play a recorded day, or a period's real alerts, again: what would have been under this policy and this roster?"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accounts.clock import database_now, midnight
from alerts import policy, replay
from alerts.models import PolicyStep, PolicyVersion
from alerts.replay.files import Roster, read_policy, read_roster, steps_of_version
from alerts.replay.history import STEP_FIELDS
from alerts.replay.rehearsal import make_tables
from alerts.replay.trial import PLAY, Result, Tally, play_here, surroundings, try_out
from alerts.services import policies
from residents.models import Area

INSIDE = "ANTIFRAUD_REPLAY_POLICY"
"""Set in the process that plays: the table's steps as JSON. That process has an empty database of its own."""


class Command(BaseCommand):
    """Play a recording in a process of its own, on an empty database that is thrown away after.

    So the real engine runs, its verbs, its timers and its outbox, and nothing can reach the live tables.
    """

    help = (
        "Play a recorded list of alerts and actions (FILE), or a period's real alerts (--from, --to), through the real "
        "engine on a virtual clock. Writes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("file", type=Path, nargs="?", help="CSV with the columns at,event,alert,who,detail")
        parser.add_argument("--from", dest="first", type=_day, help="first day of a period, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=_day, help="its last day, counted as well")
        parser.add_argument("--area", default="", help="code of an area; without it, everywhere")
        parser.add_argument("--policy", help="another policy: a file (JSON, CSV), or the number of a version")
        parser.add_argument("--roster", type=Path, help="another duty roster: a file as the import reads it")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--default-policy", action="store_true", help="use the table that the program ships, not the one in force"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Play, here if this is the process made for it, else in one that is."""
        if (play := os.environ.get(PLAY)) is not None:
            play_here(Path(play), self._say)
            return
        if options["first"] or options["last"]:
            self._try_out(options)
            return
        if options["file"] is None:
            raise CommandError("name a recording, or a period with --from and --to")
        steps = os.environ.get(INSIDE)
        if steps is not None:
            self._play(options["file"], json.loads(steps), as_json=options["json"])
            return
        command = [sys.executable, "-m", "django", "replay_alerts", "--skip-checks", str(options["file"].absolute())]
        with tempfile.TemporaryDirectory(prefix="antifraud-replay-") as folder:
            done = subprocess.run(  # noqa: S603  # our own interpreter, a list and no shell
                command + (["--json"] if options["json"] else []),
                env=os.environ | surroundings(folder) | {INSIDE: json.dumps(_table(shipped=options["default_policy"]))},
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
        make_tables()
        now = database_now()
        version = PolicyVersion.objects.create(name="replay", created_at=now)
        PolicyStep.objects.bulk_create(PolicyStep(version=version, **step) for step in steps)
        policies.publish(version, by=None, now=now)
        lines = replay.play(events)
        self._write(_as_json(lines) if as_json else _as_text(lines))

    def _say(self, line: str) -> None:
        """Write a line at once: somebody shows how far it is."""
        self.stdout.write(line)
        self.stdout.flush()

    def _try_out(self, options: dict[str, Any]) -> None:
        """Play a period's real alerts, and say what would have been kept and breached."""
        first, last, area = options["first"], options["last"], options["area"]
        if first is None or last is None or last < first:
            raise CommandError("a period needs --from and --to, in this order")
        if area and not Area.objects.filter(code=area).exists():
            raise CommandError(f"there is no area with the code {area}")
        begin, end = midnight(first), midnight(last + timedelta(days=1))
        try:
            steps = _other_policy(options["policy"])
            roster = _other_roster(options["roster"], area, begin, end)
            found = try_out(area, begin, end, policy=steps, roster=roster, now=database_now())
        except replay.RecordingError as error:
            raise CommandError("\n".join(error.faults)) from error
        self._write([json.dumps(found.as_plain(), ensure_ascii=False)] if options["json"] else _told(found, roster))

    def _write(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _other_policy(named: str | None) -> list[dict[str, Any]] | None:
    """Return the steps of a version's number or of a file; ``None`` where each alert keeps its own."""
    if not named:
        return None
    if named.isdigit():
        version = PolicyVersion.objects.filter(pk=int(named)).first()
        if version is None:
            raise CommandError(f"there is no policy version {named}")
        return steps_of_version(version)
    return read_policy(_content(Path(named)))


def _other_roster(path: Path | None, area: str, begin: Any, end: Any) -> Roster | None:
    return None if path is None else read_roster(_content(path), area_code=area, begin=begin, end=end)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error


def _told(found: Result, roster: Roster | None) -> Iterable[str]:
    """Yield what was found, in lines."""
    if roster is not None and roster.weeks:
        yield f"the roster was moved by {roster.weeks} weeks to meet the period"
    yield f"{found.received} alerts, {found.compared} compared"
    yield f"{'':<24}{'as it was':>20}{'tried':>20}"
    for name, tally in (*found.clocks.items(), ("all", found.all)):
        yield _tally(name, tally)
    yield ""
    for name, tally in found.grids.items():
        yield _tally(name or "-", tally)
    for one in found.differing:
        for verdict in one.verdicts:
            if verdict.differs:
                what = f"{verdict.objective} {verdict.level}: {verdict.then or '-'} -> {verdict.there or '-'}"
                yield f"#{one.pk} {one.place} {what}"
    if found.unlike:
        yield "not compared: " + " ".join(f"#{pk}" for pk in found.unlike)


def _tally(name: str, tally: Tally) -> str:
    was, there = f"{tally.kept} / {tally.breached}", f"{tally.kept_there} / {tally.breached_there}"
    return f"{name:<24}{was:>20}{there:>20}"


def _table(*, shipped: bool) -> list[dict[str, Any]]:
    """Return the steps in force or, where there is no database to ask, those the program ships."""
    rows: Iterable[PolicyStep] = ()
    if not shipped:
        try:
            rows = list(PolicyVersion.objects.in_force().steps.all())
        except (DatabaseError, PolicyVersion.DoesNotExist):
            rows = ()
    rows = rows or [PolicyStep.of(PolicyVersion(), step) for step in policy.STEPS]
    return [{name: getattr(row, name) for name in STEP_FIELDS} for row in rows]


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
