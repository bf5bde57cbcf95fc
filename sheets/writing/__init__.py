"""Workbooks that leave: a template to fill in, and a file that comes back with what is wrong in red.

Whatever a cell says goes in as text, never as a formula: a name that begins with "=" is a name.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryDirectory

import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sheets.policy import Column, Holds, Problem, text_of
from sheets.reading import FileRefusedError, read_sheets

ERROR_LABEL = "错误原因"
RED = "C00000"
HEAD = PatternFill("solid", fgColor="DCEBEE")
WRONG = PatternFill("solid", fgColor="FDE2E2")
THIN = Side(style="thin", color="BFBFBF")
FRAME = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
MOST_STYLED = 10_000
"""Rows up to which a file comes back as it was, with its own look; above, its cells alone (limits.md)."""
ROWS_TO_FILL = 2000


def plain(value: object) -> str:
    """Return a text without the control characters that no workbook may hold."""
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_000]


def make_template(columns: Sequence[Column], *, title: str, notes: Sequence[str]) -> bytes:
    """Return an empty workbook with headings, lists to choose from, and a sheet of notes."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31]
    shown = [column for column in columns if column.is_in_template]
    for number, column in enumerate(shown, start=1):
        head = sheet.cell(row=1, column=number, value=column.label)
        head.font, head.fill, head.border = Font(bold=True), HEAD, FRAME
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if column.note:
            head.comment = Comment(column.note, title, width=260, height=120)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        if column.holds is not Holds.NUMBER:
            sheet.column_dimensions[letter].number_format = "@"
        choices = ("是", "否") if column.holds is Holds.TICK else column.choices
        if choices:
            rule = DataValidation(
                type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=True
            )
            rule.error, rule.errorTitle = "请从下拉列表中选择", column.label
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{ROWS_TO_FILL}")
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    _explain(book, shown, notes)
    return saved(book)


def _explain(book: Workbook, columns: Sequence[Column], notes: Sequence[str]) -> None:
    sheet = book.create_sheet("填写说明")
    for note in notes:
        sheet.append([note])
    sheet.append([])
    sheet.append(["列名", "示例", "说明"])
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = Font(bold=True), HEAD
    for column in columns:
        sheet.append([column.label, column.example, ("必填。" if column.is_needed else "") + column.note])
    for letter, width in (("A", 26), ("B", 24), ("C", 80)):
        sheet.column_dimensions[letter].width = width


def saved(book: Workbook) -> bytes:
    """Return a workbook as bytes."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_errors(content: bytes, problems: Sequence[Problem], *, headers: Mapping[str, int]) -> bytes:
    """Return the file that was handed in, as a workbook, with a red column that says what is wrong in each row.

    ``headers`` are the sheets that were read, each with the row of its header.
    """
    (first, *_others) = headers
    wrong: dict[str, dict[int, list[Problem]]] = {}
    for problem in problems:
        wrong.setdefault(problem.sheet or first, {}).setdefault(problem.row, []).append(problem)
    sheets = {sheet.name: sheet for sheet in read_sheets(content)}
    if not headers.keys() <= sheets.keys():
        raise FileRefusedError("broken", _("The file is damaged. Open it in Excel or WPS and save it anew."))
    if not sheets[first].is_text and all(len(sheets[name].cells) <= MOST_STYLED for name in headers):
        return _marked(content, wrong, headers=headers)
    return _written_anew({name: sheets[name].cells for name in headers}, wrong, headers=headers)


Wrong = Mapping[str, Mapping[int, Sequence[Problem]]]
"""What is wrong, by sheet and row."""


def _marked(content: bytes, wrong: Wrong, *, headers: Mapping[str, int]) -> bytes:
    """Mark the office's own workbook: its look, its widths and its merged cells stay."""
    book = load_workbook(io.BytesIO(content))
    for name, by_row in wrong.items():
        sheet = book[name]
        column = sheet.max_column + 1
        head = sheet.cell(row=headers[name], column=column, value=ERROR_LABEL)
        head.font = Font(bold=True, color=RED)
        sheet.column_dimensions[get_column_letter(column)].width = 60
        for row, problems in by_row.items():
            _blame(sheet.cell(row=row, column=column), problems)
            for problem in problems:
                _redden(sheet, problem.cell.rpartition("!")[2])
    return saved(book)


def _redden(sheet: Worksheet, name: str) -> None:
    """Give the cell of that name a red ground; where a problem is the whole row's there is none."""
    if name.isalnum() and not name.isdigit():
        cell = sheet[name]
        if isinstance(cell, Cell):
            cell.fill = WRONG


def _blame(cell: object, problems: Sequence[Problem]) -> None:
    assert isinstance(cell, Cell)
    cell.value = plain(_said(problems))
    cell.data_type = "s"
    cell.font = Font(color=RED)


def _said(problems: Sequence[Problem]) -> str:
    return "；".join(f"{problem.cell} {problem.message}" for problem in problems)


def _written_anew(
    sheets: Mapping[str, Sequence[Sequence[object]]], wrong: Wrong, *, headers: Mapping[str, int]
) -> bytes:
    """Write the cells alone, of several sheets one below the other.

    From the second on without what is above the header: it would be taken for a row.
    """

    def lines() -> Iterator[list[object]]:
        is_first = True
        for name, rows in sheets.items():
            by_row = wrong.get(name, {})
            for number, row in enumerate(rows, start=1):
                if is_first or number >= headers[name]:
                    reason = ERROR_LABEL if number == headers[name] else _said(by_row.get(number, ()))
                    yield [reason, *map(text_of, row)]
            is_first = False

    return table_of(lines(), reds=1)


def table_of(lines: Iterable[Sequence[object]], *, reds: int = 0, title: str = "", widths: Sequence[int] = ()) -> bytes:
    """Return a workbook of many rows, written as they come: a hundred thousand take 45 MB (limits.md).

    The first ``reds`` columns are in red. Numbers stay numbers, everything else is text. XlsxWriter writes it in half
    the time of openpyxl (docs/decisions/long-tables-are-written-by-xlsxwriter.md).
    """
    # What it puts down on the way holds what the table holds: nothing of it stays, also where the disk is full.
    with TemporaryDirectory(prefix="antifraud-table-") as folder:
        return _table_of(lines, reds=reds, title=title, widths=widths, folder=folder)


def _table_of(lines: Iterable[Sequence[object]], *, reds: int, title: str, widths: Sequence[int], folder: str) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "tmpdir": folder})
    text, red = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "font_color": f"#{RED}"})
    sheet = book.add_worksheet(plain(title)[:31] or None)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            look = red if column < reds else text
            if isinstance(value, int | float):
                sheet.write_number(row, column, value)
            elif value or column < reds:
                sheet.write_string(row, column, plain(value or ""), look)
    book.close()
    return stream.getvalue()
