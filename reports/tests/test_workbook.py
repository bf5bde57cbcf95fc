"""The workbook: twelve sheets whose cells are the figures, whose totals are their sums, that two readers read alike."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from docx import Document
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from reports.drafting.documents import Paperwork, bulletin, work_summary
from reports.drafting.leaves import Contents, leaves_of
from reports.drafting.words import Material, drafted_words
from reports.exports.workbook import MOST_WIDTH, Column, Holds, Leaf, Office, Table, not_adding_up, workbook
from reports.figures.ledgers import Ledgers
from reports.tests.factories import make_figures
from reports.tests.ledgers import FORMULA, alert_row, make_ledgers

OFFICE = Office("西苑社区", "李某", "张某", "2026年5月2日", "内部资料 & 注意保密")


@pytest.fixture(scope="module")
def leaves() -> list[Leaf]:
    with translation.override("zh-hans"):
        figures, ledgers = make_figures(), make_ledgers()
        return leaves_of(Contents(figures, ledgers, drafted_words(Material(figures, ledgers, 2))))


@pytest.fixture(scope="module")
def content(leaves: list[Leaf]) -> bytes:
    with translation.override("zh-hans"):
        return workbook(leaves, OFFICE, title="月报")


@pytest.fixture(scope="module")
def book(content: bytes):
    return load_workbook(io.BytesIO(content))


def row_of(sheet, label: str, column: int) -> list:
    """The values of the row that says something in a column."""
    return next([cell.value for cell in row] for row in sheet.iter_rows() if row[column - 1].value == label)


def test_the_sheets_are_the_twelve_in_their_order(book) -> None:
    assert len(book.sheetnames) == 12
    with translation.override("en"):
        figures, ledgers = make_figures(), make_ledgers()
        english = [leaf.name for leaf in leaves_of(Contents(figures, ledgers, {}))]
    assert [name.split()[0] for name in english] == [str(number) for number in range(1, 13)]


def test_the_cells_of_the_overview_are_the_figures(book) -> None:
    figures = make_figures()
    sheet = book.worksheets[1]
    total = next(row for row in sheet.iter_rows(values_only=True) if row[2] == 6 and row[1] != "第1网格")
    assert total[2:8] == (6, 9, pytest.approx(-1 / 3, abs=0.0005), 7, pytest.approx(-1 / 7, abs=0.0005), 15)
    assert total[8] == pytest.approx(12.84005)
    assert total[14:18] == (17, 17, 16, 5)
    assert total[22:25] == (304, 208, pytest.approx(208 / 304))
    for row in figures.areas:
        cells = row_of(sheet, row.name, 2)
        assert cells[2] == row.cases.now.count
        assert cells[8] == pytest.approx(float(row.cases.now.lost / 10_000))
        assert cells[25] == row.zero_days


def test_every_total_is_the_sum_of_its_rows(leaves: list[Leaf]) -> None:
    tables = [table for leaf in leaves for table in leaf.tables if table.total is not None]
    assert len(tables) > 10
    assert [not_adding_up(table) for table in tables] == [[] for _table in tables]


def test_a_total_that_is_not_the_sum_says_so_in_red() -> None:
    columns = [Column("名称"), Column("起", holds=Holds.WHOLE, adds_up=True)]
    table = Table(columns, [["甲", 1], ["乙", 2]], ["合计", 4])
    assert not_adding_up(table) == ["起"]
    book = load_workbook(io.BytesIO(workbook([Leaf("一", "一", tables=[table])], OFFICE, title="")))
    [wrong] = [
        cell
        for row in book.worksheets[0].iter_rows()
        for cell in row
        if cell.font.color and cell.font.color.rgb == "00C00000"
    ]
    assert "起" in wrong.value


def test_figures_are_numbers_with_a_format_and_a_share_is_a_percentage(book) -> None:
    cells = [cell for row in book.worksheets[2].iter_rows() for cell in row]
    share = next(cell for cell in cells if cell.number_format == "0.0%" and cell.value == pytest.approx(4 / 6))
    assert share.data_type == "n"
    money = next(cell for cell in book.worksheets[4]["O"] if cell.value == pytest.approx(38400.5))
    assert (money.data_type, money.number_format) == ("n", "#,##0.00")


def test_what_people_typed_is_text_and_no_formula(book) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    risky = [cell for cell in cells if cell.value[0] in "=+-@"]
    assert {FORMULA, "@集市摆摊", "+客服不会让您转账"} <= {cell.value for cell in risky}
    assert all(cell.quotePrefix for cell in risky)


def test_a_second_reader_sees_the_same_values(content: bytes, book) -> None:
    second = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert second.sheet_names == book.sheetnames
    for sheet in book:
        # Calamine leaves out nothing but empty rows at the top, and there are none.
        theirs = second.get_sheet_by_name(sheet.title).to_python()
        for mine, read in zip(sheet.iter_rows(values_only=True), theirs, strict=False):
            for one, other in zip(mine, read, strict=False):
                assert as_read(one) == as_read(other)


def as_read(value: object) -> object:
    if value is None or value == "":
        return ""
    if isinstance(value, int | float | Decimal):
        return pytest.approx(float(value))
    return str(value).removesuffix(" 00:00:00")  # a day is a moment to the one and a date to the other


def test_it_prints_on_landscape_a4_with_its_head_and_its_page_numbers(book) -> None:
    for sheet in book:
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows.startswith("$1:$")
        assert sheet.freeze_panes
        assert "&P" in sheet.oddFooter.center.text
        assert "内部资料" in sheet.oddHeader.right.text
    assert book.worksheets[4].print_title_rows == "$1:$3"


def test_every_sheet_prints_large_enough_to_read_on_one_page_wide(book) -> None:
    wide = {
        sheet.title: sum(sheet.column_dimensions[get_column_letter(at)].width for at in range(1, sheet.max_column + 1))
        for sheet in book
    }
    assert {title: width for title, width in wide.items() if width > MOST_WIDTH} == {}


def test_a_step_of_the_next_day_says_so_before_its_time() -> None:
    received = datetime(2026, 4, 3, 15, 50, tzinfo=UTC)
    ledgers = replace(
        make_ledgers(), alerts=[alert_row(1, received_at=received, door_at=received + timedelta(hours=1))]
    )
    with translation.override("zh-hans"):
        leaves = leaves_of(Contents(make_figures(), ledgers, {}))
        book = load_workbook(io.BytesIO(workbook(leaves, OFFICE, title="月报")))
    (cell,) = [cell for row in book.worksheets[5] for cell in row if str(cell.number_format).startswith('"+1')]
    assert (f"{cell.value:%m-%d %H:%M}", cell.number_format) == ("04-04 00:50", '"+1 "hh:mm:ss')


def test_charts_are_native(book) -> None:
    assert [len(sheet._charts) for sheet in book] == [0, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_a_draft_says_so_on_every_sheet(leaves: list[Leaf]) -> None:
    with translation.override("en"):
        content = workbook(leaves, replace(OFFICE, is_draft=True), title="")
    assert all(sheet["A1"].value.startswith("(Draft) ") for sheet in load_workbook(io.BytesIO(content)))


def test_a_month_of_nothing_is_a_whole_workbook_all_the_same() -> None:
    with translation.override("en"):
        leaves = leaves_of(Contents(make_figures(types=(), areas=()), Ledgers(), {}))
        book = load_workbook(io.BytesIO(workbook(leaves, OFFICE, title="")))
    said = [cell.value for row in book.worksheets[4].iter_rows() for cell in row]
    assert "No case was reported in the period." in said


def paragraphs(content: bytes) -> list[str]:
    return [one.text for one in Document(io.BytesIO(content)).paragraphs if one.text.strip()]


def test_the_bulletin_has_the_offices_structure_and_names_nobody() -> None:
    with translation.override("zh-hans"):
        figures = make_figures()
        words = {"situation": "甲", "features": "乙", "shortcomings": "丙", "steps": "丁", "commended": ""}
        said = paragraphs(bulletin(Paperwork(figures, words, "2026年5月2日", is_draft=False)))
        headings = [line for line in said if line[1:2] == "、"]
        assert [heading[0] for heading in headings] == ["一", "二", "三", "四"]
        assert said[-2:] == ["西苑社区", "2026年5月2日"]


def test_a_draft_of_a_document_is_marked() -> None:
    with translation.override("en"):
        content = bulletin(Paperwork(make_figures(), {"situation": "x"}, "", is_draft=True))
    assert "(Draft, not signed)" in paragraphs(content)


def test_the_work_summary_says_what_was_done() -> None:
    with translation.override("en"):
        words = {"situation": "甲", "shortcomings": "丙", "steps": "丁"}
        said = "\n".join(paragraphs(work_summary(Paperwork(make_figures(), words, "", is_draft=False))))
    assert "Households visited 120" in said
    assert "Alerts received 17 (20 in the period before)" in said
