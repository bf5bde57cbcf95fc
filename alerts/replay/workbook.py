"""A replay's findings as a workbook: clocks, grids, and alert by alert where they differ."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from accounts.formats import day
from alerts.models import Replay
from alerts.policy import Level
from alerts.replay.trial import Result, Tally
from alerts.replay.words import clock_named, state_named
from sheets.writing import FRAME, HEAD, plain, saved

WIDTH = 18


def replay_workbook(replay: Replay, found: Result) -> bytes:
    """Return the workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    about: list[list[object]] = [
        [
            _("Replay of {area}, {first} to {last}").format(
                area=replay.area, first=day(replay.first), last=day(replay.last)
            )
        ],
        [_("Policy"), replay.policy_name or _("as it was")],
        [_("Duty roster"), replay.roster_name or _("as it was")],
        [_("Alerts"), found.received],
        [_("Compared"), found.compared],
        [],
    ]
    heads = ["", _("Kept, as it was"), _("Overdue, as it was"), _("Kept, tried"), _("Overdue, tried")]
    rows = [_tally(clock_named(key), tally) for key, tally in found.clocks.items()]
    rows.append(_tally(_("Total"), found.all))
    _sheet(book, _("Clocks"), about, heads, rows)
    _sheet(book, _("Grids"), [], heads, [_tally(name or "–", tally) for name, tally in found.grids.items()])
    columns = [_("Alert"), _("Grid"), _("Level"), _("Clock"), _("As it was"), _("Minutes"), _("Tried"), _("Minutes")]
    differing = [
        [
            one.pk,
            one.place,
            str(Level(one.level).label),
            clock_named(f"{verdict.objective}.{verdict.level}" if verdict.objective != "dispatch" else "dispatch"),
            state_named(verdict.then),
            minutes(verdict.then_took),
            state_named(verdict.there),
            minutes(verdict.there_took),
        ]
        for one in found.differing
        for verdict in one.verdicts
        if verdict.differs
    ]
    _sheet(book, _("Where they differ"), [], columns, differing)
    return saved(book)


def minutes(seconds: float | None) -> float | None:
    """Return seconds as minutes to a tenth."""
    return None if seconds is None else round(seconds / 60, 1)


def _tally(name: str, tally: Tally) -> list[object]:
    return [name, tally.kept, tally.breached, tally.kept_there, tally.breached_there]


def _sheet(
    book: Workbook, name: str, about: Iterable[Sequence[object]], heads: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    sheet = book.create_sheet(name)
    for line in about:
        sheet.append([plain(cell) if isinstance(cell, str) else cell for cell in line])
    sheet.append(list(heads))
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill, cell.border = Font(bold=True), HEAD, FRAME
    for row in rows:
        sheet.append([plain(cell) if isinstance(cell, str) else cell for cell in row])
        for cell in sheet[sheet.max_row]:
            cell.border = FRAME
    for column in range(1, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTH
