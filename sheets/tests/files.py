"""Office files for tests, made in memory: as Excel, WPS and people make them."""

import io
import zipfile

from openpyxl import Workbook


def workbook(*rows: list, merged: tuple[str, ...] = (), title: str = "花名册") -> bytes:
    """Return a workbook of one sheet with these rows."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for span in merged:
        sheet.merge_cells(span)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def archive(**parts: bytes) -> bytes:
    """Return a zip archive with these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


def with_sheet(content: bytes, sheet: bytes) -> bytes:
    """Return a workbook with the text of its first sheet replaced."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return stream.getvalue()
