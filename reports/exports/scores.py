"""The ranking as a workbook that an office prints: A4 landscape, title, who filled it in, signatures, definitions."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from sheets.writing import plain, saved
from sheets.writing.word import Block, Words, word_document
from sheets.writing.word import Table as WordTable

THIN = Side(style="thin", color="808080")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD = PatternFill("solid", fgColor="DCEBEE")
TITLE, BODY = "宋体", "仿宋"
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
START = Alignment(horizontal="left", vertical="center", wrap_text=True)
POINTS, WHOLE = "0.0", "0"
A4 = 9
HEAD_ROW = 3
FROZEN = 3
"""Of a table with more columns than these the first two stay in sight."""

Value = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of one sheet: its name, title, the line below it, head, rows, and how wide the columns are."""

    name: str
    title: str
    below: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    widths: Sequence[int]
    is_signed: bool = False


def scores_workbook(grids: Sequence[Grid]) -> bytes:
    """Return a workbook, a sheet for each table. What people typed goes in as text, never as a formula."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    for number, grid in enumerate(grids):
        sheet = first if number == 0 else book.create_sheet()
        assert isinstance(sheet, Worksheet)
        sheet.title = plain(grid.name)[:31]
        _fill(sheet, grid)
        _on_paper(sheet)
    return saved(book)


def _fill(sheet: Worksheet, grid: Grid) -> None:
    wide = len(grid.head)
    for row, (words, font, height) in enumerate(
        ((grid.title, Font(name=TITLE, size=18, bold=True), 34), (grid.below, Font(name=BODY, size=11), 20)), start=1
    ):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=wide)
        _write(sheet.cell(row=row, column=1), words, font=font, align=CENTRE if row == 1 else START)
        sheet.row_dimensions[row].height = height
    for column, label in enumerate(grid.head, start=1):
        cell = sheet.cell(row=HEAD_ROW, column=column)
        _write(cell, label, font=Font(name=BODY, size=11, bold=True), align=CENTRE)
        cell.fill, cell.border = HEAD, FRAME
        sheet.column_dimensions[get_column_letter(column)].width = grid.widths[min(column, len(grid.widths)) - 1]
    for row, values in enumerate(grid.rows, start=HEAD_ROW + 1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=row, column=column)
            _write(cell, value, font=Font(name=BODY, size=11), align=START if isinstance(value, str) else CENTRE)
            cell.border = FRAME
    sheet.freeze_panes = f"{'C' if wide > FROZEN else 'A'}{HEAD_ROW + 1}"
    if grid.is_signed:
        _sign(sheet, row=HEAD_ROW + len(grid.rows) + 2, wide=wide)


def _write(cell: object, value: Value, *, font: Font, align: Alignment) -> None:
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.value = plain(value)
        cell.data_type = "s"  # a name that begins with "=" is a name
    elif value is not None:
        cell.value = value
        cell.number_format = POINTS if isinstance(value, Decimal) else WHOLE
    cell.font, cell.alignment = font, align


def _sign(sheet: Worksheet, *, row: int, wide: int) -> None:
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=wide)
    words = _("Filled in by: ____________    Checked by: ____________    Date: ____________")
    _write(sheet.cell(row=row, column=1), words, font=Font(name=BODY, size=11), align=START)
    sheet.row_dimensions[row].height = 26


def _on_paper(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"1:{HEAD_ROW}"
    sheet.print_options.horizontalCentered = True
    footer = sheet.oddFooter
    assert footer is not None
    footer.center.text = "&P / &N"


def commendation_document(
    *, title: str, lines: Sequence[str], text: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> bytes:
    """Return a commendation list as a Word document: names of communities, nobody's else."""
    blocks: list[Block] = [Words(text)] if text else []
    blocks.append(WordTable(head=head, rows=rows, widths=(1, 4, 2), numbers=(0, 2)))
    return word_document(title=title, lines=lines, blocks=blocks)
