"""A workbook as offices print it: a title over the whole width, who filled it in, a head on every page, a total, a line
to sign on; A4 landscape, fitted to the width, native charts.

Numbers are numbers with a format; a share is a real percentage beside its two counts. What people typed goes in as text
and never as a formula: a name that begins with "=" is a name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from math import ceil
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from accounts.clock import local
from sheets.writing import plain, saved

TITLE_FONT, HEAD_FONT, BODY_FONT = "宋体", "黑体", "仿宋"
THIN = Side(style="thin", color="808080")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD_FILL = PatternFill("solid", fgColor="E3F3F6")
TOTAL_FILL = PatternFill("solid", fgColor="F4F6FA")
TEN_THOUSAND = Decimal(10_000)
A4 = 9
TEXT_WIDTH = 110
"""Letters that a line of the page of text holds."""
LINE = 18
"""Points of a line."""
CHART_ROWS = 18
"""Rows that a chart stands over."""


class Holds(Enum):
    """What a column holds, and how Excel writes it."""

    TEXT = "@"
    WHOLE = "#,##0"
    YUAN = "#,##0.00"
    TEN_THOUSAND = "#,##0.00 "  # yuan in the row, ten thousands in the cell: the heading says so
    SHARE = "0.0%"
    DAY = "yyyy-mm-dd"
    MOMENT = "yyyy-mm-dd hh:mm"
    TIME = "mm-dd hh:mm:ss"
    CLOCK = "hh:mm:ss"  # of a day that stands beside it; of a later one its number before it (``Clock``)
    ORDINAL = "0"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, so many days later than the row's first."""

    at: datetime
    days: int = 0


MOST_WIDTH = 190
"""A sheet is fitted to one page wide: beyond so many letters its print would be smaller than one reads at a desk."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the heading over it and its neighbours, how wide, what it holds, whether it adds up."""

    label: str
    width: int = 10
    holds: Holds = Holds.TEXT
    over: str = ""
    adds_up: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart of some columns (by number, from 0): bars, columns or a line over the rows of a table."""

    title: str
    shape: str
    labels: int
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; ``total`` is the last row, as a value. A row shorter than the columns leaves the rest empty."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    total: Sequence[Any] | None = None
    title: str = ""
    charts: Sequence[Chart] = ()


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sheet: its name on the tab, its title, paragraphs or tables, notes under them, and what an empty one says."""

    name: str
    title: str
    unit: str = ""
    paragraphs: Sequence[tuple[str, bool]] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """Who answers for a workbook: 填报单位, 填报人, 审核人, the day, and how it is marked."""

    area: str
    filled_by: str
    checked_by: str
    on: str
    mark: str
    is_draft: bool = False


@dataclass
class _Page:
    """A sheet being written, and the row one is at."""

    sheet: Any
    width: int
    at: int = 1
    frozen_at: str = ""
    repeated: str = ""
    is_alone: bool = False
    charts: list[tuple[Chart, int, int]] = field(default_factory=list)


def workbook(leaves: Sequence[Leaf], office: Office, *, title: str) -> bytes:
    """Return the sheets as a workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = plain(title)[:255], plain(office.area)
    # A file says when it was made: the report's own day, so that the same report gives the same file.
    for leaf in leaves:
        _write_leaf(book.create_sheet(plain(leaf.name)[:31]), leaf, office)
    return saved(book)


def _write_leaf(sheet: Any, leaf: Leaf, office: Office) -> None:
    widest = max((len(table.columns) for table in leaf.tables), default=1)
    page = _Page(sheet, width=widest, is_alone=len(leaf.tables) == 1)
    _write_top(page, leaf, office)
    for text, is_heading in leaf.paragraphs:
        _write_paragraph(page, text, is_heading=is_heading)
    for table in leaf.tables:
        _write_table(page, table)
    if leaf.tables and not any(table.rows for table in leaf.tables):
        _across(page, leaf.empty, font=Font(name=BODY_FONT, size=11), height=24)
    for note in leaf.notes:
        _across(
            page, note, font=Font(name=BODY_FONT, size=10, color="595959"), align="left", height=_height(page, note)
        )
    _across(page, _signature(), font=Font(name=BODY_FONT, size=11), align="left", height=34)
    if page.charts:
        # A chart is cut by no page.
        sheet.row_breaks.append(Break(id=page.at - 1))
    for chart, first, last in page.charts:
        _draw(page, chart, first, last)
    _set_up(page, office)


def _write_top(page: _Page, leaf: Leaf, office: Office) -> None:
    draft = _("(Draft) ") if office.is_draft else ""
    _across(page, draft + leaf.title, font=Font(name=TITLE_FONT, size=18, bold=True), height=34)
    said = (
        _("Filled in for: {area}").format(area=office.area),
        _("Filled in by: {who}").format(who=office.filled_by or "        "),
        _("Checked by: {who}").format(who=office.checked_by or "        "),
        _("Date: {day}").format(day=office.on),
        _("Unit: {unit}").format(unit=leaf.unit or "–"),
    )
    if page.width == 1:
        page.sheet.column_dimensions["A"].width = TEXT_WIDTH
    _across(page, "      ".join(said), font=Font(name=BODY_FONT, size=11), align="left", height=22)
    page.repeated = f"1:{page.at - 1}"
    page.frozen_at = f"A{page.at}"


def _signature() -> str:
    blank = "＿" * 6
    return "        ".join(
        said.format(blank=blank)
        for said in (
            _("Filled in by (signed): {blank}"),
            _("Checked by (signed): {blank}"),
            _("Office (seal): {blank}"),
        )
    )


def _across(page: _Page, text: str, *, font: Font, height: float, align: str = "center") -> None:
    """Write one text over the whole width."""
    cell = _put(page, 1, text, Holds.TEXT)
    cell.font = font
    cell.alignment = Alignment(horizontal=align, vertical="center", wrap_text=True)
    if page.width > 1:
        page.sheet.merge_cells(start_row=page.at, end_row=page.at, start_column=1, end_column=page.width)
    page.sheet.row_dimensions[page.at].height = height
    page.at += 1


def _height(page: _Page, text: str) -> float:
    """Return how high a row must be for a text over the whole width: merged cells do not grow by themselves."""
    widths = (page.sheet.column_dimensions[get_column_letter(at)].width or 10 for at in range(1, page.width + 1))
    room = max(20.0, sum(widths) / 1.05)
    return LINE * max(1, ceil(sum(2 if letter > "\u2e80" else 1 for letter in text) / room))


def _write_paragraph(page: _Page, text: str, *, is_heading: bool) -> None:
    font = Font(name=HEAD_FONT if is_heading else BODY_FONT, size=14 if is_heading else 12)
    words = text if is_heading else f"　　{text}"
    _across(page, words, font=font, align="left", height=_height(page, words) + (8 if is_heading else 4))


def _write_table(page: _Page, table: Table) -> None:
    for at, column in enumerate(table.columns, start=1):
        dimension = page.sheet.column_dimensions[get_column_letter(at)]
        dimension.width = max(column.width, dimension.width if at <= page.width and page.at > 4 else 0)
    if table.title:
        _across(page, table.title, font=Font(name=HEAD_FONT, size=12), align="left", height=24)
    first = page.at
    _write_head(page, table.columns)
    # The head of a sheet's one table is on every page; where several stand one below the other, the title is.
    if page.is_alone:
        page.repeated, page.frozen_at = f"1:{page.at - 1}", f"A{page.at}"
    begin = page.at
    for row in table.rows:
        _write_row(page, table.columns, row)
    page.charts += [(chart, begin, page.at - 1) for chart in table.charts if table.rows]
    if table.total is not None:
        _write_row(page, table.columns, table.total, is_total=True)
        wrong = not_adding_up(table)
        if wrong:
            words = _("The total differs from the sum of the rows in: {columns}.").format(columns="、".join(wrong))
            _across(page, words, font=Font(name=BODY_FONT, size=11, color="C00000"), height=22)
    assert page.at > first


def not_adding_up(table: Table) -> list[str]:
    """Return the columns whose total is not the sum of their rows, by their heading."""
    if table.total is None:
        return []
    return [
        column.label
        for at, column in enumerate(table.columns)
        if column.adds_up and sum(row[at] or 0 for row in table.rows) != table.total[at]
    ]


def _write_head(page: _Page, columns: Sequence[Column]) -> None:
    """Write the headings, in two rows where some stand under a common one."""
    is_double = any(column.over for column in columns)
    top, bottom = page.at, page.at + is_double
    for at, column in enumerate(columns, start=1):
        page.at = top
        _head_cell(page, at, column.over or column.label)
        if is_double:
            page.at = bottom
            _head_cell(page, at, column.label if column.over else "")
            if not column.over:
                page.sheet.merge_cells(start_row=top, end_row=bottom, start_column=at, end_column=at)
    for first, last in _together(columns):
        page.sheet.merge_cells(start_row=top, end_row=top, start_column=first, end_column=last)
    for row in range(top, bottom + 1):
        page.sheet.row_dimensions[row].height = 30
    page.at = bottom + 1


def _head_cell(page: _Page, at: int, text: str) -> None:
    cell = _put(page, at, text, Holds.TEXT)
    cell.font, cell.fill, cell.border = Font(name=HEAD_FONT, size=11), HEAD_FILL, FRAME
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


def _together(columns: Sequence[Column]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of neighbours under one heading, where there is more than one."""
    first = 0
    for at in range(1, len(columns) + 1):
        if at == len(columns) or columns[at].over != columns[first].over:
            if columns[first].over and at - first > 1:
                yield first + 1, at
            first = at


def _write_row(page: _Page, columns: Sequence[Column], row: Sequence[Any], *, is_total: bool = False) -> None:
    lines = 1
    for at, (column, value) in enumerate(zip(columns, row, strict=False), start=1):
        cell = _put(page, at, value, column.holds)
        cell.font = Font(name=BODY_FONT, size=11, bold=is_total)
        cell.border = FRAME
        cell.alignment = Alignment(horizontal=_side(column.holds), vertical="center", wrap_text=True)
        if is_total:
            cell.fill = TOTAL_FILL
        if isinstance(value, str):
            lines = max(lines, _lines(value, column.width))
    page.sheet.row_dimensions[page.at].height = LINE * min(lines, 8) + 4
    page.at += 1


def _lines(text: str, width: int) -> int:
    return ceil(sum(2 if letter > "\u2e80" else 1 for letter in text) / max(width - 1, 1))


def _side(holds: Holds) -> str:
    if holds is Holds.TEXT:
        return "left"
    return "center" if holds in {Holds.DAY, Holds.MOMENT, Holds.TIME, Holds.CLOCK, Holds.ORDINAL} else "right"


def _put(page: _Page, column: int, value: Any, holds: Holds) -> Any:
    """Write one cell. Text is text: marked as such, it stays so when somebody edits it."""
    cell = page.sheet.cell(row=page.at, column=column)
    if value is None or value == "":
        return cell
    if isinstance(value, str):
        cell.value = plain(value)
        cell.data_type, cell.number_format = "s", Holds.TEXT.value
        if value[0] in "=+-@\t\r":
            cell.quotePrefix = True
        return cell
    if isinstance(value, Clock):
        cell.value = _without_zone(value.at)
        cell.number_format = f'"+{value.days} "{holds.value}' if value.days > 0 else holds.value
        return cell
    cell.value = TO_CELL.get(holds, _as_it_is)(value)
    cell.number_format = holds.value
    return cell


def _as_it_is(value: Any) -> Any:
    return value


def _without_zone(at: datetime | date) -> datetime | date:
    """Return a moment as the office's clock showed it: Excel knows no zones."""
    if not isinstance(at, datetime):
        return at
    return local(at).replace(tzinfo=None, microsecond=0)


TO_CELL: Mapping[Holds, Callable[[Any], Any]] = {
    Holds.TEN_THOUSAND: lambda yuan: Decimal(yuan) / TEN_THOUSAND,
    Holds.MOMENT: _without_zone,
    Holds.TIME: _without_zone,
}


def _draw(page: _Page, chart: Chart, first: int, last: int) -> None:
    """Lay a native chart under what is written."""
    drawn = LineChart() if chart.shape == "line" else BarChart()
    if isinstance(drawn, BarChart):
        drawn.type, drawn.gapWidth = ("bar" if chart.shape == "bar" else "col"), 60
    drawn.title, drawn.height, drawn.width = plain(chart.title), 8.5, min(22, _width(page))
    head = first - 1
    for column in chart.values:
        drawn.add_data(Reference(page.sheet, min_col=column + 1, min_row=head, max_row=last), titles_from_data=True)
    for one in drawn.series:
        one.smooth = False
    drawn.set_categories(Reference(page.sheet, min_col=chart.labels + 1, min_row=first, max_row=last))
    drawn.dataLabels = DataLabelList()
    drawn.dataLabels.showVal = True
    for name in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(drawn.dataLabels, name, False)
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.y_axis.majorGridlines = None
    if chart.shape == "bar":
        drawn.x_axis.scaling.orientation = "maxMin"  # the first row on top, as in the table
    drawn.legend = Legend() if len(chart.values) > 1 else None
    if drawn.legend is not None:
        drawn.legend.position = "b"
    page.sheet.add_chart(drawn, f"A{page.at + 1}")
    page.at += CHART_ROWS + 1


def _width(page: _Page) -> int:
    """Return how wide the columns are together, in centimetres: a chart that is wider would shrink the whole page."""
    columns = (page.sheet.column_dimensions[get_column_letter(at)].width for at in range(1, page.width + 1))
    return int(sum(columns) * 0.19)


def _set_up(page: _Page, office: Office) -> None:
    sheet = page.sheet
    sheet.freeze_panes = page.frozen_at
    sheet.print_title_rows = page.repeated
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top, sheet.page_margins.bottom = 0.7, 0.7
    sheet.oddHeader.right.text = office.mark.replace("&", "&&")
    sheet.oddHeader.right.size = 9
    sheet.oddFooter.center.text = _("Page {page} of {pages}").format(page="&P", pages="&N")
    sheet.sheet_view.showGridLines = False
