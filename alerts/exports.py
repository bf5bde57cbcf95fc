"""The duty roster as a workbook, as offices keep it (值班表): a title, days merged, a row a shift; it prints on A4."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from accounts.calendars import Stretch
from accounts.clock import local, midnight
from accounts.models import User
from alerts.columns import COLUMNS, DESK_WORD, LEADER_WORD, WEEKDAY_WORDS, hours_in_cell
from alerts.models import Shift, ShiftQuerySet
from alerts.policy import ShiftKind
from residents.access import within
from residents.models import Area, Level
from sheets.writing import FRAME, HEAD, plain, saved


@dataclass
class Row:
    """One row of the file: one duty's hours, and who has them."""

    place: str
    hours: Stretch
    name: str = ""
    people: list[User] = field(default_factory=list)
    leaders: list[User] = field(default_factory=list)

    @property
    def on(self) -> date:
        """The day on which it begins."""
        return local(self.hours.begins_at).date()


def roster_workbook(shifts: ShiftQuerySet, *, community: Area, first: date, last: date) -> tuple[bytes, int]:
    """Return a community's roster of some days, both ends with them, and how many rows it has."""
    begin, end = midnight(first), midnight(last + timedelta(days=1))
    mine = shifts.filter(within("area__code", (community.code,)), starts_at__gte=begin, starts_at__lt=end)
    rows = rows_of(mine.select_related("area", "user").order_by("area__code", "kind", "starts_at", "seat", "pk"))
    twins = _named_alike(row for row in rows)
    title = f"{community.name}值班表（{_day(first)}至{_day(last)}）"
    cells = [_cells(row, twins) for row in rows]
    return _workbook(title, cells, rows), len(rows)


def rows_of(shifts: Iterable[Shift]) -> list[Row]:
    """Return the rows of shifts that are in the order of their areas, by day.

    Who leads stands in the desk's row where the hours are the same, else in a row of its own.
    """
    rows: dict[tuple[str, Stretch], Row] = {}
    leading: dict[Stretch, list[Shift]] = {}
    for shift in shifts:
        if shift.kind == ShiftKind.ON_CALL and shift.area.level == Level.COMMUNITY:
            leading.setdefault(shift.hours, []).append(shift)
            continue
        place = DESK_WORD if shift.kind == ShiftKind.DESK else shift.area.name
        row = rows.setdefault((place, shift.hours), Row(place, shift.hours, shift.name))
        row.people.append(shift.user)
    for hours, mine in leading.items():
        people = [shift.user for shift in mine]
        desk = rows.get((DESK_WORD, hours))
        if desk is not None:
            desk.leaders = people
        else:
            rows[LEADER_WORD, hours] = Row(LEADER_WORD, hours, mine[0].name, people)
    order = {place: number for number, place in enumerate(dict.fromkeys([DESK_WORD, LEADER_WORD, *_places(rows)]))}
    return sorted(rows.values(), key=lambda row: (row.on, order[row.place], row.hours))


def _places(rows: Iterable[tuple[str, Stretch]]) -> Iterable[str]:
    return (place for place, _hours in rows)


def _named_alike(rows: Iterable[Row]) -> frozenset[str]:
    """Return the names that two people bear."""
    by_name: dict[str, set[int]] = {}
    for row in rows:
        for person in (*row.people, *row.leaders):
            by_name.setdefault(str(person), set()).add(person.pk)
    return frozenset(name for name, people in by_name.items() if len(people) > 1)


def _cells(row: Row, twins: frozenset[str]) -> list[str]:
    people = [*row.people, *row.leaders]
    return [
        row.on.isoformat(),
        WEEKDAY_WORDS[row.on.weekday()],
        row.place,
        row.name,
        hours_in_cell(row.hours),
        _names(row.people, twins),
        _names(row.leaders, twins),
        "、".join(filter(None, (person.masked_phone for person in people))),
    ]


def _names(people: Iterable[User], twins: frozenset[str]) -> str:
    return "、".join(f"{one}({one.username})" if str(one) in twins else str(one) for one in people)


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def _workbook(title: str, cells: Sequence[Sequence[str]], rows: Sequence[Row]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "值班表"
    middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.cell(1, 1, plain(title)).font = Font(bold=True, size=16)
    sheet.cell(1, 1).alignment = middle
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(COLUMNS))
    for number, column in enumerate(COLUMNS, start=1):
        head = sheet.cell(2, number, column.label)
        head.font, head.fill, head.border, head.alignment = Font(bold=True), HEAD, FRAME, middle
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    for line, values in enumerate(cells, start=3):
        for number, value in enumerate(values, start=1):
            cell = sheet.cell(line, number, plain(value))
            # Whatever a name begins with, it is text.
            cell.data_type, cell.border, cell.alignment = "s", FRAME, middle
    _merge_days(sheet, rows)
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    return saved(book)


def _merge_days(sheet: Worksheet, rows: Sequence[Row]) -> None:
    """Merge the cells of one day, as offices do."""
    start = 0
    for number in range(1, len(rows) + 1):
        if number < len(rows) and rows[number].on == rows[start].on:
            continue
        if number - start > 1:
            for column in (1, 2):
                sheet.merge_cells(start_row=start + 3, end_row=number + 2, start_column=column, end_column=column)
        start = number
