"""Office files, as offices keep them, to rows of known columns.

A file is never trusted: what it unpacks to is counted before anybody reads it, and a cell in the last column of the
last row would make the reader lay out seventeen thousand million cells. Formulas are found in the file's own text, for
the reader gives what they showed when the file was last saved, which may be nothing, or made up.
"""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from sheets.policy import (
    HEADER_WITHIN,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNPACKED,
    Cells,
    Column,
    Formula,
    Table,
    bare_label,
    index_of,
    is_footer,
    is_total,
    letter_of,
    text_of,
)

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
PIECE = 1 << 16
CELL_WITH_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<(?:\w+:)?f[\s>/]')
FAR_ROW = re.compile(rb'r="[A-Z]{1,3}([6-9][0-9]{4}|[0-9]{6,7})"')
FAR_COLUMN = re.compile(rb'r="([A-Z]{3}|[H-Z][A-Z]|G[S-Z])[0-9]')
"""Cells below row 59,999 and right of column GR, the 200th: a roster has none, and finding none is quick."""
Grid = list[list[object]]


class FileRefusedError(Exception):
    """The file as a whole cannot be read; ``column`` is the missing one where that is why."""

    def __init__(self, code: str, message: str, *, column: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.column = column


@dataclass
class Sheet:
    """One sheet laid out: every merged cell says what its first one says."""

    name: str
    cells: Grid
    is_text: bool = False  # a CSV file, where merged cells are empty but the first


def read_table(
    content: bytes, columns: Sequence[Column], *, known: Mapping[str, str] | None = None, is_every_sheet: bool = False
) -> Table:
    """Return the rows of the sheet that has the header, wherever it stands and however it is merged.

    Args:
        columns: what the file may have; a heading is known by the column's label and names.
        known: headings that somebody mapped to a column's key before, as ``bare_label`` writes them.
        is_every_sheet: whether every sheet that has the needed columns is read: one year each, say.

    Raises ``FileRefusedError``, in words for the user, where no row can be read.
    """
    sheets = list(read_sheets(content))
    meanings = _meanings(columns, known or {})
    headers = [(header, sheet) for sheet in sheets if (header := _find_header(sheet, meanings)) is not None]
    if not headers:
        raise FileRefusedError(
            "no_header",
            _("No row names the columns. One row of the first %(rows)d must have headings such as: %(names)s.")
            % {"rows": HEADER_WITHIN, "names": "、".join(column.label for column in columns if column.is_needed)},
        )
    best = max(headers, key=lambda found: len(found[0].places))
    whole = [found for found in headers if not _missing(found[0], columns)] if is_every_sheet else []
    taken = whole or [best]
    others = sheets if is_every_sheet else [sheet for _header, sheet in headers]
    names = {sheet.name for _header, sheet in taken}
    passed_over = [sheet.name for sheet in others if sheet.name not in names and sheet.cells]
    tables = [_table(header, sheet, columns, is_one_of_several=len(taken) > 1) for header, sheet in taken]
    if (rows := sum(len(table.rows) for table in tables)) > MOST_ROWS:
        raise _too_long(rows)
    return replace(tables[0], passed_over=passed_over, more=tables[1:])


def _missing(header: "Header", columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.is_needed and column.key not in header.places]


def _table(header: "Header", sheet: Sheet, columns: Sequence[Column], *, is_one_of_several: bool) -> Table:
    rows = list(_rows(sheet, header, {column.key: column for column in columns}))
    return Table(
        sheet=sheet.name,
        header_row=header.first + 1,
        letters={key: letter_of(index) for key, index in header.places.items()},
        labels=dict(header.labels),
        unknown=header.unknown,
        rows=rows,
        totals=list(_totals(sheet, header)),
        missing=_missing(header, columns),
        is_one_of_several=is_one_of_several,
    )


def read_sheets(content: bytes) -> Iterator[Sheet]:
    """Yield a file's sheets as they are laid out. Raises ``FileRefusedError`` for what is no sheet."""
    if not content.strip():
        raise FileRefusedError("empty", _("The file is empty. Choose the file with the rows in it."))
    if len(content) > MOST_BYTES:
        raise FileRefusedError(
            "too_large", _("The file has more than %(size)d MB. Split it by grid.") % {"size": MOST_BYTES // 2**20}
        )
    if content.startswith(OLE):
        raise FileRefusedError(
            "old_excel",
            _("This is a file of Excel 97–2003 (.xls), or it has a password. Save it as .xlsx without a password."),
        )
    if content.startswith(ZIP):
        yield from _workbook(content)
    else:
        yield Sheet(name="", cells=_csv(content), is_text=True)


def _too_long(rows: int) -> FileRefusedError:
    return FileRefusedError(
        "too_many_rows",
        _("The sheet has %(rows)d rows; at most %(most)d are taken at once. Split it by grid.")
        % {"rows": rows, "most": MOST_ROWS},
    )


# ── workbooks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _workbook(content: bytes) -> Iterator[Sheet]:
    parts = _unpacked(content)
    if "xl/workbook.xml" not in parts:
        raise FileRefusedError(
            "not_a_workbook", _("This is an archive and no workbook. Take the .xlsx out of it first.")
        )
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        paths = _paths(parts)
        for name in shown:
            text = parts.get(paths.get(name, ""), b"")
            _check_extent(text)
            sheet = book.get_sheet_by_name(name)
            cells = cast("Grid", sheet.to_python(skip_empty_area=False))
            _spread_merged(cells, sheet.merged_cell_ranges or [])
            if b"<f" in text or b":f" in text:
                for column, row in CELL_WITH_FORMULA.findall(text):
                    _put(cells, int(row) - 1, index_of(column.decode()), Formula())
            yield Sheet(name=name, cells=cells)
    except CalamineError as error:
        raise FileRefusedError(
            "broken", _("The workbook is damaged (%(why)s). Open it in Excel or WPS and save it anew.") % {"why": error}
        ) from error


def _unpacked(content: bytes) -> dict[str, bytes]:
    """Return the parts of an archive that say where the cells are, having counted what all of them unpack to.

    The sizes that an archive tells are its maker's word: each part is unpacked piece by piece until it ends or the
    measure is full.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
        raise FileRefusedError("broken", _("The file is damaged. Open it in Excel or WPS and save it anew.")) from error
    if len(infos) > MOST_PARTS:
        raise _bomb()
    parts: dict[str, bytes] = {}
    left = MOST_UNPACKED
    for info in infos:
        is_wanted = info.filename.startswith("xl/") and info.filename.endswith((".xml", ".rels"))
        body, size = _inflate(content, info, most=left, keep=is_wanted)
        left -= size
        if is_wanted:
            parts[info.filename] = body
    return parts


def _bomb() -> FileRefusedError:
    return FileRefusedError(
        "unpacks_too_large",
        _("The file unpacks to more than %(size)d MB, which no office's list does. Copy the rows into a new workbook.")
        % {"size": MOST_UNPACKED // 2**20},
    )


def _inflate(content: bytes, info: zipfile.ZipInfo, *, most: int, keep: bool) -> tuple[bytes, int]:
    """Return a part and its size as it really unpacks; nothing of it where it is not kept."""
    broken = FileRefusedError("broken", _("The file is damaged. Open it in Excel or WPS and save it anew."))
    head = content[info.header_offset : info.header_offset + LOCAL_HEADER.size]
    if len(head) < LOCAL_HEADER.size or info.flag_bits & 1 or info.compress_type not in {0, 8}:
        raise broken
    *_rest, name_length, extra_length = LOCAL_HEADER.unpack(head)
    start = info.header_offset + LOCAL_HEADER.size + name_length + extra_length
    packed = content[start : start + info.compress_size]
    if info.compress_type == 0:
        if len(packed) > most:
            raise _bomb()
        return (packed if keep else b""), len(packed)
    pieces, size, unpacker = [], 0, zlib.decompressobj(-15)
    try:
        while packed and not unpacker.eof:
            piece = unpacker.decompress(packed, PIECE)
            packed = unpacker.unconsumed_tail
            size += len(piece)
            if size > most:
                raise _bomb()
            if keep:
                pieces.append(piece)
    except zlib.error as error:
        raise broken from error
    return b"".join(pieces), size


def _paths(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the parts of the sheets by their names."""
    book = parts["xl/workbook.xml"].decode("utf-8", "replace")
    links = parts.get("xl/_rels/workbook.xml.rels", b"").decode("utf-8", "replace")
    targets = {}
    for link in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        key, target = re.search(r'\bId="([^"]*)"', link), re.search(r'\bTarget="([^"]*)"', link)
        if key and target:
            path = target[1].removeprefix("/")
            targets[key[1]] = path if path.startswith("xl/") else f"xl/{path}"
    paths = {}
    for sheet in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        name, key = re.search(r'\bname="([^"]*)"', sheet), re.search(r'\br:id="([^"]*)"', sheet)
        if name and key and key[1] in targets:
            paths[_plain(name[1])] = targets[key[1]]
    return paths


def _plain(text: str) -> str:
    for sign, entity in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;"), ("&", "&amp;")):
        text = text.replace(entity, sign)
    return text


def _check_extent(text: bytes) -> None:
    """Refuse a sheet whose cells lie further apart than a roster's do, before they are laid out."""
    rows = max(map(int, FAR_ROW.findall(text)), default=0)
    columns = max((index_of(letters.decode()) + 1 for letters in set(FAR_COLUMN.findall(text))), default=0)
    if columns > MOST_COLUMNS:
        raise FileRefusedError(
            "too_many_columns",
            _("The sheet has cells up to column %(column)s; at most %(most)d columns are taken. Delete the empty ones.")
            % {"column": letter_of(columns - 1), "most": MOST_COLUMNS},
        )
    if rows > MOST_ROWS + HEADER_WITHIN:
        raise _too_long(rows)


def _spread_merged(cells: Grid, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Let every cell of a merged range say what its first one says."""
    for (top, left), (bottom, right) in ranges:
        if top >= len(cells) or left >= len(cells[top]):
            continue
        value = cells[top][left]
        for row in cells[top : bottom + 1]:
            row[left : right + 1] = [value] * len(row[left : right + 1])


def _put(cells: Grid, row: int, column: int, value: object) -> None:
    if row < len(cells):
        cells[row].extend([""] * (column + 1 - len(cells[row])))
        cells[row][column] = value


# ── comma-separated values ────────────────────────────────────────────────────────────────────────────────────────────


def decoded(content: bytes) -> str:
    """Return the text of a file that an office saved, in UTF-8 or GB18030. Raises ``FileRefusedError``."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)  # Excel's "Unicode text"
    elif b"\x00" in content:
        raise FileRefusedError("not_text", _("This is neither a workbook nor a text. Save the sheet as .xlsx."))
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefusedError("not_text", _("The file is neither UTF-8 nor GB18030. Save the sheet as .xlsx."))


def _csv(content: bytes) -> Grid:
    text = decoded(content)
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",;\t", key=first.count)
    cells: Grid = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(row) > MOST_COLUMNS:
                raise FileRefusedError(
                    "too_many_columns",
                    _("Row %(row)d has %(columns)d columns; at most %(most)d are taken.")
                    % {"row": len(cells) + 1, "columns": len(row), "most": MOST_COLUMNS},
                )
            cells.append([cell.strip() for cell in row])
            if len(cells) > MOST_ROWS + HEADER_WITHIN:
                raise _too_long(text.count("\n"))
    except csv.Error as error:
        raise FileRefusedError(
            "not_csv", _("This is not a CSV file (%(why)s). Save the sheet as .xlsx.") % {"why": error}
        ) from error
    return cells


# ── the header ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Header:
    """Where the columns are named: the rows of the header, and the place of each known column."""

    first: int
    last: int
    places: Mapping[str, int]
    labels: Mapping[str, str]
    unknown: Sequence[str]


def _meanings(columns: Sequence[Column], known: Mapping[str, str]) -> dict[str, str]:
    meanings = {}
    for column in columns:
        for name in (column.label, *column.names):
            meanings[bare_label(name)] = column.key
    keys = {column.key for column in columns} | {""}
    return meanings | {label: key for label, key in known.items() if key in keys}


def _find_header(sheet: Sheet, meanings: Mapping[str, str]) -> Header | None:
    """Return the row, or two rows, that name most columns; None where fewer than two are named.

    Where an empty row stands above the header, or both rows of it are merged, the lower row alone says as much: the
    rows of people begin below that.
    """
    best: Header | None = None
    for row in range(min(len(sheet.cells), HEADER_WITHIN)):
        for height in (1, 2):
            header = _header_at(sheet, row, height, meanings)
            named = len(header.places)
            is_lower = best is not None and height == 1 and row <= best.last + 1 and named == len(best.places)
            if named >= 2 and (best is None or named > len(best.places) or is_lower):
                best = header
    return best


def _header_at(sheet: Sheet, row: int, height: int, meanings: Mapping[str, str]) -> Header:
    places: dict[str, int] = {}
    labels: dict[str, str] = {}
    unknown: list[str] = []
    for index, words in enumerate(_headings(sheet, row, height)):
        label = " ".join(words)
        key = _meaning(words, meanings)
        if key and key not in places:
            places[key], labels[key] = index, label
        elif key is None and label:
            unknown.append(label)
    return Header(first=row, last=row + height - 1, places=places, labels=labels, unknown=unknown)


def _meaning(words: Sequence[str], meanings: Mapping[str, str]) -> str | None:
    """Return the key of what a heading means; "" where it is known to mean nothing, None where nobody knows."""
    if not words:
        return None
    whole = meanings.get(bare_label("".join(words)))
    return whole if whole is not None or len(words) > 1 else meanings.get(bare_label(words[-1]))


def _headings(sheet: Sheet, row: int, height: int) -> Iterator[list[str]]:
    """Yield what stands above each column, the upper heading first, each once.

    Where a merged heading of a CSV file covers several columns, only the first has it: it holds for those after it
    that have a heading below.
    """
    rows = sheet.cells[row : row + height]
    above = ""
    for index in range(max(map(len, rows), default=0)):
        words = [text_of(cells[index]) if index < len(cells) else "" for cells in rows]
        if len(words) == 2 and sheet.is_text:
            above = words[0] or (above if words[1] else "")
            words[0] = above
        yield list(dict.fromkeys(word for word in words if word))


def _rows(sheet: Sheet, header: Header, columns: Mapping[str, Column]) -> Iterator[Cells]:
    """Yield the rows below the header that are rows: not empty, no total, no signature, no header again."""
    places = list(header.places.items())
    filled = {key: index for key, index in places if columns[key].fills_down} if sheet.is_text else {}
    above: dict[str, object] = {}
    heading = [text_of(cell) for cell in sheet.cells[header.first]] if sheet.cells else []
    for number, cells in enumerate(sheet.cells[header.last + 1 :], start=header.last + 2):
        first = next((cell for cell in cells if cell != ""), None)
        if first is None or is_footer(first):
            continue
        if text_of(first) in heading and [text_of(cell) for cell in cells] == heading:
            continue  # a header that a long print repeats
        width = len(cells)
        values = {key: cells[index] for key, index in places if index < width and cells[index] != ""}
        for key in filled:
            values[key] = above[key] = values.get(key, above.get(key, ""))
        if values and (not filled or values.keys() - filled.keys()):
            yield Cells(number=number, values=values)


def _totals(sheet: Sheet, header: Header) -> Iterator[Cells]:
    """Yield the rows below the header that add the others up, as far as they say something."""
    for number, cells in enumerate(sheet.cells[header.last + 1 :], start=header.last + 2):
        first = next((cell for cell in cells if cell not in ("", None)), None)
        if first is not None and is_total(first):
            width = len(cells)
            yield Cells(number, {key: cells[index] for key, index in header.places.items() if index < width})
