"""Files as offices keep them, and files that are none."""

import csv
import io

import pytest
from openpyxl import Workbook

from sheets.policy import MOST_ROWS, Column, Formula
from sheets.reading import FileRefusedError, read_table
from sheets.tests.files import archive, with_sheet, workbook

COLUMNS = (
    Column("number", "序号", may_compute=True),
    Column("grid", "网格", ("所属网格",), fills_down=True),
    Column("name", "姓名", is_needed=True),
    Column("phone", "联系电话", ("电话", "手机号")),
    Column("family_name", "家属联系人姓名"),
    Column("family_phone", "家属联系人电话"),
    Column("note", "备注", may_compute=True),
)
HEAD = ["序号", "网格", "姓名", "联系电话"]
ROW = [1, "第一网格", "王秀英", "19900000017"]


def refused(content: bytes) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as error:
        read_table(content, COLUMNS)
    assert str(error.value)
    return error.value


@pytest.mark.parametrize("above", [0, 1, 3, 39])
def test_the_header_is_found_wherever_it_stands(above: int) -> None:
    titles = [["西苑社区居民花名册"], ["填报单位：西苑", None, "2026年3月"], *[[None]] * 40][:above]
    table = read_table(workbook(*titles, HEAD, ROW), COLUMNS)
    assert table.header_row == above + 1
    assert [(row.number, row.values["name"]) for row in table.rows] == [(above + 2, "王秀英")]
    assert table.letters["phone"] == "D"


def test_a_header_of_two_rows_is_read_by_what_stands_above_and_below() -> None:
    rows = [
        ["序号", "网格", "姓名", "家属联系人", None, "备注"],
        [None, None, None, "姓名", "电话", None],
        [1, "第一网格", "王秀英", "李梅", "19900000018", "耳背"],
    ]
    table = read_table(workbook(*rows, merged=("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2")), COLUMNS)
    assert table.rows[0].number == 3
    assert table.rows[0].values["family_name"] == "李梅"
    assert table.rows[0].values["name"] == "王秀英"
    assert table.labels["family_phone"] == "家属联系人 电话"


def test_a_header_of_two_rows_is_read_from_a_csv_file_too_where_merged_cells_are_empty() -> None:
    text = "序号,网格,姓名,家属联系人,,备注\n,,,姓名,电话,\n1,第一网格,王秀英,李梅,19900000018,\n2,,张伟,,,\n"
    table = read_table(text.encode("gb18030"), COLUMNS)
    assert [row.values["name"] for row in table.rows] == ["王秀英", "张伟"]
    assert table.rows[0].values["family_phone"] == "19900000018"
    assert table.rows[1].values["grid"] == "第一网格"


def test_vertically_merged_cells_are_filled_down() -> None:
    rows = [HEAD, ROW, [2, None, "张伟", None], [3, None, "赵敏", None]]
    table = read_table(workbook(*rows, merged=("B2:B4",)), COLUMNS)
    assert [row.values["grid"] for row in table.rows] == ["第一网格"] * 3


def test_an_empty_cell_that_was_not_merged_is_not_filled_in_a_workbook() -> None:
    table = read_table(workbook(HEAD, ROW, [2, None, "张伟", None]), COLUMNS)
    assert "grid" not in table.rows[1].values


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_is_read_in_the_encodings_and_with_the_separators_that_offices_have(encoding, delimiter) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([HEAD, ROW])
    table = read_table(text.getvalue().encode(encoding), COLUMNS)
    assert table.rows[0].values == {"number": "1", "grid": "第一网格", "name": "王秀英", "phone": "19900000017"}


def test_totals_signatures_and_empty_rows_below_are_no_rows() -> None:
    rows = [HEAD, ROW, [], ["合计", None, "共1人"], ["填报人：", None, "审核人："]]
    assert len(read_table(workbook(*rows), COLUMNS).rows) == 1


def test_a_header_that_a_long_print_repeats_is_no_row() -> None:
    assert len(read_table(workbook(HEAD, ROW, HEAD, [2, "第一网格", "张伟", ""]), COLUMNS).rows) == 2


def test_a_formula_is_known_for_one_wherever_it_stands() -> None:
    table = read_table(workbook(HEAD, [1, "第一网格", "=A1", "19900000017"]), COLUMNS)
    assert isinstance(table.rows[0].values["name"], Formula)


def test_headings_that_nobody_knows_are_told_and_understood_once_they_are_mapped() -> None:
    content = workbook(["网格", "老人姓名", "姓  名*", "手机号（必填）"], ["第一网格", "x", "王秀英", "19900000017"])
    table = read_table(content, COLUMNS)
    assert table.unknown == ["老人姓名"]
    assert table.rows[0].values["phone"] == "19900000017"
    assert read_table(content, COLUMNS, known={"老人姓名": "family_name"}).rows[0].values["family_name"] == "x"


def test_what_is_needed_and_not_there_is_told() -> None:
    table = read_table(workbook(["网格", "联系电话"], ["第一网格", "19900000017"]), COLUMNS)
    assert [column.key for column in table.missing] == ["name"]


def test_of_several_sheets_the_one_with_the_header_is_read_and_hidden_ones_are_not() -> None:
    book = Workbook()
    book.active.append(["说明"])
    hidden = book.create_sheet("旧")
    hidden.append(HEAD)
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("花名册")
    sheet.append(HEAD)
    sheet.append(ROW)
    stream = io.BytesIO()
    book.save(stream)
    assert read_table(stream.getvalue(), COLUMNS).sheet == "花名册"


# ── what is no roster ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
        (archive(**{"readme.txt": b"hello"}), "not_a_workbook"),
        (b"PK\x03\x04 and then nothing", "broken"),
        (workbook(HEAD, ROW)[:2000], "broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not_text"),
        ("今天天气很好\n明天也是".encode(), "no_header"),
        (workbook(["一", "二"], ["三", "四"]), "no_header"),
        ((",".join(f"列{i}" for i in range(300)) + "\n").encode(), "too_many_columns"),
        (workbook([f"列{i}" for i in range(300)]), "too_many_columns"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_word_and_a_message(content: bytes, code: str) -> None:
    assert refused(content).code == code


def test_a_file_of_too_many_rows_is_refused_before_it_is_laid_out() -> None:
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="n"><v>{i}</v></c></row>' for i in range(1, 100_001))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    assert refused(with_sheet(workbook(HEAD), sheet.encode())).code == "too_many_rows"
    assert refused(b"1,2\n" * (MOST_ROWS + 500)).code == "too_many_rows"


@pytest.mark.parametrize("cell", ["XFD1048576", "A1048576", "XFD1", "GS2"])
def test_one_cell_far_away_is_refused_and_not_laid_out(cell: str) -> None:
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="{row}"><c r="{cell}" t="n"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert refused(with_sheet(workbook(HEAD), sheet.encode())).code in {"too_many_rows", "too_many_columns"}


def test_a_zip_bomb_is_refused_by_what_it_really_unpacks_to() -> None:
    bomb = with_sheet(workbook(HEAD), b" " * (320 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    assert refused(bomb).code == "unpacks_too_large"


def test_a_zip_bomb_that_lies_about_its_size_is_refused_too() -> None:
    size = 320 * 1024 * 1024
    bomb = with_sheet(workbook(HEAD), b" " * size)
    told = bomb.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert told != bomb
    assert refused(told).code == "unpacks_too_large"


def several(**sheets: list[list]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_every_sheet_is_read_where_the_kind_asks_for_it_in_the_order_of_the_file() -> None:
    content = several(甲=[["标题"], HEAD, ROW], 空=[], 乙=[HEAD, ROW, ROW], 丙=[["网格", "联系电话"], ["1", "2"]])
    table = read_table(content, COLUMNS, is_every_sheet=True)
    assert [(one.sheet, one.header_row, len(one.rows)) for one in table.sheets] == [("甲", 2, 1), ("乙", 1, 2)]
    assert table.passed_over == ["丙"]
    assert table.where(3, "name").startswith("甲!")


def test_a_cell_of_the_one_sheet_that_is_read_is_named_plainly() -> None:
    content = several(甲=[HEAD, ROW], 丙=[["网格", "联系电话"], ["1", "2"]])
    assert "!" not in read_table(content, COLUMNS, is_every_sheet=True).where(3, "name")
    assert "!" not in read_table(several(甲=[HEAD, ROW], 乙=[HEAD, ROW]), COLUMNS).where(3, "name")


def test_totals_stand_beside_the_rows() -> None:
    table = read_table(workbook(HEAD, ROW, ["合计", None, 3], ["填报人：李某"]), COLUMNS)
    assert [(cells.number, len(table.rows)) for cells in table.totals] == [(3, 1)]
