# ruff: noqa: SLF001 - fonts for Chinese, indents by letters and repeated heads have no public way in python-docx
"""A Word document as offices write them: numbered headings, tables, photos in rows.

Every run names its fonts for Chinese (``w:eastAsia``) as well: else Word, WPS and LibreOffice each choose another.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from typing import Any

from django.utils.translation import get_language
from docx import Document
from docx.enum.section import WD_SECTION_START
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

BODY, TITLE, FIRST, SECOND, LATIN = "仿宋", "宋体", "黑体", "楷体", "Times New Roman"
DIGITS = "零一二三四五六七八九十"
PHOTO_WIDTH = Cm(7.4)
IN_A_ROW = 2
TEXT_WIDTH = 15.7  # centimetres between the margins
TEXT_SIZE, TABLE_SIZE = Pt(16), Pt(11)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1, 2 or 3; the number before it is the document's business."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text, a paragraph a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its head; numbers stand at the right. ``widths`` are parts of the whole."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: Sequence[int] = ()
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo with what it shows."""

    content: bytes
    caption: str


@dataclass(frozen=True, slots=True)
class Photos:
    """Photos in rows of two, each with its caption."""

    photos: Sequence[Photo]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signs, and the day: lines at the right, as they close a document."""

    lines: Sequence[str]


Block = Heading | Words | Table | Photos | Signed


def in_chinese(number: int) -> str:
    """Return a number up to 99 in Chinese digits: 三, 十二, 二十一."""
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def is_chinese() -> bool:
    """Say whether the document is written in Chinese."""
    return (get_language() or "").startswith("zh")


class Numbering:
    """Numbers headings as the language does: 一、（一）1、 in Chinese, 1, 1.1, 1.1.1 in English."""

    def __init__(self) -> None:
        self.counts = [0, 0, 0]

    def before(self, heading: Heading) -> str:
        """Return what stands before a heading, counting it."""
        self.counts[heading.level - 1] += 1
        self.counts[heading.level :] = [0] * (3 - heading.level)
        number = self.counts[heading.level - 1]
        if not is_chinese():
            return ".".join(map(str, self.counts[: heading.level])) + " "
        return (f"{in_chinese(number)}、", f"（{in_chinese(number)}）", f"{number}、")[heading.level - 1]


def word_document(*, title: str, lines: Sequence[str], blocks: Iterable[Block]) -> bytes:
    """Return a document: its title, lines in the middle under it, and the blocks in their order."""
    document = _prepared()
    _centred(document, title, size=Pt(22), font=TITLE, is_bold=True, after=6)
    for line in lines:
        _centred(document, line, size=Pt(14), font=SECOND, after=4)
    numbering, pictures = Numbering(), count(1)
    for block in blocks:
        match block:
            case Heading():
                document.add_heading(f"{numbering.before(block)}{block.text}", level=block.level)
            case Words():
                _add_words(document, block.text)
            case Table():
                _add_table(document, block)
            case Photos():
                _add_photos(document, block.photos, pictures)
            case Signed():
                _add_signature(document, block)
    out = BytesIO()
    document.core_properties.title, document.core_properties.author = _printable(title)[:255], ""
    document.save(out)
    return out.getvalue()


def _add_words(document: Any, text: str) -> None:
    for line in filter(None, map(str.strip, text.splitlines())):
        document.add_paragraph(_printable(line))


def _printable(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n" or (letter >= " " and letter not in "\ufffe\uffff"))


def _prepared() -> Any:
    """Return an empty A4 document with the office's margins and fonts, and page numbers."""
    document = Document()
    section = document.sections[0]
    section.start_type = WD_SECTION_START.NEW_PAGE
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.2), Cm(2.8)
    section.left_margin, section.right_margin = Cm(2.7), Cm(2.6)
    normal = document.styles["Normal"]
    _dress(normal, font=BODY, size=TEXT_SIZE)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
    normal.paragraph_format.line_spacing = Pt(28)
    normal.paragraph_format.space_after = Pt(0)
    # Two letters, whatever their size: Chinese paragraphs begin so.
    indent = normal.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")
    for level, font in ((1, FIRST), (2, SECOND), (3, BODY)):
        style = document.styles[f"Heading {level}"]
        _dress(style, font=font, size=TEXT_SIZE, is_bold=level == 3)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(6), Pt(0)
        style.paragraph_format.keep_with_next = True
    _number_pages(section)
    return document


def _dress(style: Any, *, font: str, size: Any, is_bold: bool = False) -> None:
    """Give a style its fonts, Latin and Chinese, in black: Word's own headings are blue and of the theme."""
    style.font.name, style.font.size, style.font.bold, style.font.italic = LATIN, size, is_bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith(("Theme", "theme")):
            del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{name}"), LATIN)
    fonts.set(qn("w:eastAsia"), font)


def _run(paragraph: Any, text: str, *, font: str, size: Any, is_bold: bool = False) -> None:
    run = paragraph.add_run(_printable(text))
    run.font.name, run.font.size, run.font.bold = LATIN, size, is_bold
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _plain(paragraph: Any, *, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT, after: int = 0) -> Any:
    """Take the indent and the wide lines off: for titles, cells and photos."""
    layout = paragraph.paragraph_format
    layout.alignment, layout.space_after = align, Pt(after)
    layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), "0")
    indent.set(qn("w:firstLine"), "0")
    return paragraph


def _centred(document: Any, text: str, *, size: Any, font: str, is_bold: bool = False, after: int) -> None:
    paragraph = _plain(document.add_paragraph(), align=WD_ALIGN_PARAGRAPH.CENTER, after=after)
    _run(paragraph, text, font=font, size=size, is_bold=is_bold)


def _add_signature(document: Any, signed: Signed) -> None:
    """Close with who signs and when: kept together, four letters from the right edge."""
    _plain(document.add_paragraph())
    for line in signed.lines:
        paragraph = _plain(document.add_paragraph(), align=WD_ALIGN_PARAGRAPH.RIGHT, after=4)
        paragraph.paragraph_format.right_indent = Pt(64)
        paragraph.paragraph_format.keep_with_next = line != signed.lines[-1]
        _run(paragraph, line, font=BODY, size=TEXT_SIZE)


def _number_pages(section: Any) -> None:
    paragraph = _plain(section.footer.paragraphs[0], align=WD_ALIGN_PARAGRAPH.CENTER)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _add_table(document: Any, table: Table) -> None:
    _plain(document.add_paragraph()).paragraph_format.line_spacing = Pt(6)
    drawn = document.add_table(rows=0, cols=len(table.head), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(drawn.columns, _widths(table), strict=True):
        column.width = width  # LibreOffice goes by the columns, Word by the cells
    _add_row(drawn, table, table.head, is_bold=True)
    _repeat_at_the_top(drawn.rows[0])
    for number, cells in enumerate(table.rows, start=1):
        _add_row(drawn, table, cells, is_bold=table.has_total and number == len(table.rows))
    _plain(document.add_paragraph())


def _add_row(drawn: Any, table: Table, cells: Sequence[str], *, is_bold: bool) -> None:
    row = drawn.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    widths = _widths(table)
    for number, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        cell.width = widths[number]
        align = WD_ALIGN_PARAGRAPH.RIGHT if number in table.numbers else WD_ALIGN_PARAGRAPH.LEFT
        paragraph = _plain(cell.paragraphs[0], align=align, after=2)
        paragraph.paragraph_format.space_before = Pt(2)  # the lines of the table stand off the letters
        _run(paragraph, text, font=BODY, size=TABLE_SIZE, is_bold=is_bold)


def _widths(table: Table) -> list[Cm]:
    whole = sum(table.widths)
    return [Cm(TEXT_WIDTH * width / whole) for width in table.widths]


def _repeat_at_the_top(row: Any) -> None:
    """Have a table's head stand on every page it reaches."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _add_photos(document: Any, photos: Sequence[Photo], pictures: Iterable[int]) -> None:
    """Lay photos out in a table without lines, two in a row, each over its caption."""
    drawn = document.add_table(rows=0, cols=IN_A_ROW)
    drawn.alignment, numbers = WD_TABLE_ALIGNMENT.CENTER, iter(pictures)
    for start in range(0, len(photos), IN_A_ROW):
        row = drawn.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, photo in zip(row.cells, photos[start : start + IN_A_ROW], strict=False):
            above = _plain(cell.paragraphs[0], align=WD_ALIGN_PARAGRAPH.CENTER)
            with suppress(UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError):
                above.add_run().add_picture(BytesIO(photo.content), width=PHOTO_WIDTH)
            below = _plain(cell.add_paragraph(), align=WD_ALIGN_PARAGRAPH.CENTER, after=6)
            word = "图" if is_chinese() else "Photo "
            _run(below, f"{word}{next(numbers)}　{photo.caption}", font=BODY, size=TABLE_SIZE)
    _plain(document.add_paragraph())
