"""The other policy and the other roster that a trial is given: read from files, held to their rules, kept nowhere."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import local
from alerts import policy
from alerts.importers import DutyRosterKind
from alerts.models import PolicyStep, PolicyVersion
from alerts.replay.history import STEP_FIELDS, Watch, steps_as_rows
from alerts.replay.recording import RecordingError
from alerts.services.rostering import Replaced
from sheets.policy import CellError, Cells, Table, date_of
from sheets.reading import FileRefusedError, decoded, read_table

YES = frozenset({"1", "true", "yes", "是", "y"})
MOST_FAULTS = 12


def read_policy(content: bytes) -> list[dict[str, Any]]:
    """Return the steps of a policy file: JSON, a list of steps, or CSV with the same names as its header.

    Raises ``RecordingError`` naming every fault: of the file by row, of the table as the administration would say it.
    """
    text = decoded(content).lstrip("\ufeff").strip()
    rows = _json_rows(text) if text.startswith(("[", "{")) else _csv_rows(text)
    faults: list[str] = []
    steps: list[policy.Step] = []
    for number, row in enumerate(rows, start=1):
        try:
            steps.append(_step(row))
        except (ValueError, KeyError, TypeError) as error:
            faults.append(_("Step {number}: {fault}").format(number=number, fault=error))
    faults = faults or policy.faults(steps) if steps or faults else [_("The file has no step.")]
    if faults:
        raise RecordingError(faults[:MOST_FAULTS])
    return steps_as_rows(steps)


def _json_rows(text: str) -> list[Mapping[str, Any]]:
    try:
        told = json.loads(text)
    except ValueError as error:
        raise RecordingError([_("The file is no JSON: {fault}").format(fault=error)]) from error
    rows = told.get("steps") if isinstance(told, dict) else told
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RecordingError([_("The file must be a list of steps.")])
    return rows


def _csv_rows(text: str) -> list[Mapping[str, Any]]:
    reader = csv.DictReader(io.StringIO(text))
    if missing := [name for name in STEP_FIELDS if name not in (reader.fieldnames or ())]:
        raise RecordingError([_("The first row must name the columns: {columns}").format(columns=",".join(missing))])
    return [row for row in reader if any((value or "").strip() for value in row.values() if isinstance(value, str))]


def _step(row: Mapping[str, Any]) -> policy.Step:
    told = row.get("tell") or []
    tell = [name.strip() for name in str(told).replace("、", ";").split(";")] if isinstance(told, str) else told
    breach = row.get("breach")
    seconds = int(str(row["at_seconds"]).strip())
    if seconds < 0 or seconds > timedelta(days=30).total_seconds():
        raise ValueError(_("{seconds} seconds is no time of a step").format(seconds=seconds))
    level = str(row.get("level") or "").strip()
    return policy.Step(
        objective=policy.Objective(str(row["objective"]).strip()),
        level=policy.Level(level) if level else None,
        at=timedelta(seconds=seconds),
        when=policy.Condition(str(row["when"]).strip()),
        do=policy.Action(str(row["do"]).strip()),
        tell=tuple(policy.Audience(name) for name in tell if name),
        breach=breach if isinstance(breach, bool) else str(breach or "").strip().lower() in YES,
    )


def steps_of_version(version: PolicyVersion) -> list[dict[str, Any]]:
    """Return the steps of a version kept in the database, maybe a draft. Raises ``RecordingError`` for its faults."""
    if faults := version.faults():
        raise RecordingError(faults[:MOST_FAULTS])
    return steps_as_rows(row.as_step() for row in PolicyStep.objects.filter(version=version))


@dataclass(frozen=True)
class Roster:
    """What another roster changes: shifts that go, hours that come, by how many weeks it was moved."""

    gone: frozenset[int]
    new: tuple[Watch, ...]
    weeks: int = 0

    def applied_to(self, watches: Sequence[Watch]) -> tuple[Watch, ...]:
        """Return the roster that a period would have had."""
        return (*(watch for watch in watches if watch.pk not in self.gone), *self.new)


def read_roster(content: bytes, *, area_code: str, begin: datetime, end: datetime) -> Roster:
    """Return what a duty roster's file (Excel or CSV, as the import reads it) changes in a period; write nothing.

    Of the days and duties that it names it is the whole truth, as in the import. A roster made for days to come is
    moved back by whole weeks, so that every Tuesday stays one. Raises ``RecordingError`` in words.
    """
    kind = DutyRosterKind()
    try:
        table = read_table(content, kind.columns)
        if table.missing:
            names = "、".join(column.label for column in table.missing)
            raise RecordingError([_("The roster has no column {names}.").format(names=names)])
        table, weeks = _moved(table, begin=begin, end=end)
        # As on the day before: hours that are over by today are still to come there.
        plan = kind.plan(table, area_code=area_code, options={}, now=begin - timedelta(days=1))
    except FileRefusedError as error:
        raise RecordingError([str(error)]) from error
    if plan.problems:
        raise RecordingError([f"{problem.cell}: {problem.message}" for problem in plan.problems[:MOST_FAULTS]])
    work: Sequence[Replaced] = plan.work if isinstance(plan.work, list) else []
    new = [
        Watch(one.kind, one.area.code, user, one.hours.begins_at.isoformat(), one.hours.ends_at.isoformat(), seat)
        for one in work
        for seat, user in enumerate(one.new)
    ]
    return Roster(frozenset(pk for one in work for pk in one.gone), tuple(new), weeks)


def _moved(table: Table, *, begin: datetime, end: datetime) -> tuple[Table, int]:
    """Return a table with its days moved by whole weeks into a period, where none of them lies in it."""
    first, after = local(begin).date(), local(end).date()
    days = {cells.number: on for cells in table.rows if (on := _day_of(cells)) is not None}
    if not days or any(first <= on < after for on in days.values()):
        return table, 0
    weeks = -((first - min(days.values())).days // -7)
    by = timedelta(weeks=weeks)

    def moved(cells: Cells) -> Cells:
        on = days.get(cells.number)
        return cells if on is None else Cells(cells.number, {**cells.values, "on": (on + by).isoformat()})

    return replace(table, rows=[moved(cells) for cells in table.rows]), weeks


def _day_of(cells: Cells) -> date | None:
    try:
        return date_of(cells.values.get("on", ""))
    except CellError:
        return None
