"""How offices write cells, and how much of a file is taken in. Pure: text and values in, values out."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 300 * 1024 * 1024
"""What a workbook may unpack to: fifty thousand rows of twenty columns take forty megabytes."""
MOST_PARTS = 2_000
MOST_ROWS = 60_000
MOST_COLUMNS = 200
HEADER_WITHIN = 100
"""Rows in which a header is looked for."""

PLAIN = str.maketrans(
    {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum() or chr(code) in "+-/.#"}
    | {"\u3000": " ", "\xa0": " ", "\x00": ""}
)
"""Full-width letters and digits made plain; the commas and stops of a Chinese sentence stay what they are."""

EXCEL_BEGINS = date(1899, 12, 30)
EARLIEST_SERIAL, LATEST_SERIAL = 1, 80_000  # 1899-12-31 to 2119: what a number in a date cell may mean
TEN_THOUSAND = Decimal(10_000)
FEN = Decimal("0.01")
MOST_YUAN = Decimal(10) ** 12
"""No amount is as large: columns have twelve digits before their point."""
WHOLE_DIGITS = 15
"""Digits that Excel keeps of a number; an ID number written as one has lost its last three."""


class CellError(Exception):
    """A cell that says nothing usable: a word for programs, words for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that is computed; what it would show is not in the file, or not to be trusted."""


class Holds(StrEnum):
    """What kind of thing a column holds; the template and the error column are made by it."""

    TEXT = "text"
    DATE = "date"
    TICK = "tick"
    CHOICE = "choice"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """One column of a kind of file.

    Args:
        key: what programs call it.
        label: its heading in files that we make, in the words of the office.
        names: what offices call it besides, without blanks and brackets.
        may_compute: whether a formula in it is passed over in silence; elsewhere it is an error.
        fills_down: whether an empty cell of a CSV file means the one above it: merged cells are lost there.
    """

    key: str
    label: str
    names: tuple[str, ...] = ()
    holds: Holds = Holds.TEXT
    is_needed: bool = False
    may_compute: bool = False
    fills_down: bool = False
    choices: tuple[str, ...] = ()
    example: str = ""
    note: str = ""
    width: int = 12
    is_in_template: bool = True


@dataclass(frozen=True)
class Cells:
    """One row below the header: its number in the sheet and what stands in the known columns."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """What was found in a file: one sheet, and for a kind that reads every sheet the ``more`` of them.

    ``letters`` are the sheet's letters of the known columns, ``labels`` their headings; ``unknown`` are the headings
    that nobody knows; ``totals`` the rows below that begin with 合计 or the like.
    """

    sheet: str
    header_row: int
    letters: Mapping[str, str]
    labels: Mapping[str, str]
    unknown: Sequence[str]
    rows: Sequence[Cells]
    totals: Sequence[Cells] = ()
    missing: Sequence[Column] = ()
    passed_over: Sequence[str] = field(default_factory=list)
    more: Sequence["Table"] = ()
    is_one_of_several: bool = False

    def where(self, row: int, key: str) -> str:
        """Return a cell's name as the sheet shows it, or the row's where the file has no such column.

        Where several sheets are read it begins with the sheet's name, as a formula would write it: 2026年!K12.
        """
        letter = self.letters.get(key)
        return f"{self.before}{letter}{row}" if letter else f"{self.before}{row}"

    @property
    def before(self) -> str:
        """What the name of a cell begins with; "" where one sheet alone is read."""
        return f"{self.sheet}!" if self.is_one_of_several else ""

    @property
    def sheets(self) -> "list[Table]":
        """All that was read, in the order of the file."""
        return [self, *self.more]


def letter_of(index: int) -> str:
    """Return the sheet's letters of a column counted from 0: A, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def index_of(letters: str) -> int:
    """Return the place of a column counted from 0."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


_NOT_IN_LABELS = re.compile(r"[\s*＊:：()（）\[\]【】、,，/／·.。_-]|必填|选填")


def bare_label(text: str) -> str:
    """Return a heading without blanks, brackets, stars and punctuation, in small letters."""
    return _NOT_IN_LABELS.sub("", unicodedata.normalize("NFKC", text)).lower()


def text_of(value: object) -> str:
    """Return what a cell says as text: numbers without a needless fraction, full-width signs made plain."""
    if isinstance(value, str):
        return value.strip() if value.isascii() and "\x00" not in value else _made_plain(value)
    if value is None or isinstance(value, Formula):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**WHOLE_DIGITS:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


@lru_cache(maxsize=20_000)
def _made_plain(text: str) -> str:
    """A roster says 户主 and 第一网格 fifty thousand times."""
    return text.translate(PLAIN).strip()


def digits_of(value: object) -> str:
    """Return a number that is a name (an ID number, a phone number) as text.

    Raises ``CellError`` where Excel kept fifteen digits of eighteen.
    """
    text = text_of(value)
    is_long = isinstance(value, int | float) and abs(value) >= 10**WHOLE_DIGITS
    if is_long or (not text.isdigit() and re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text)):
        raise CellError(
            "digits_lost",
            _("Excel kept this as a number and lost its last digits. Set the column to text, type the number anew."),
        )
    return text


_DATE = re.compile(
    r"(\d{4})\s*[.\-/年]\s*(\d{1,2})\s*(?:[.\-/月]\s*(\d{1,2})\s*日?)?月?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
)


def date_of(value: object) -> date | None:
    """Return the date that a cell means: a date, a serial number, 2019.7.9, 2019/7/9, 2019年7月9日, 20190709.

    A month without a day (2019.7) is its first day. None for an empty cell; raises ``CellError`` for anything else.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = text_of(value)
    if not text:
        return None
    if re.fullmatch(r"\d{8}", text):
        return _day(text[:4], text[4:6], text[6:], said=text)
    if re.fullmatch(r"\d{1,5}", text) and EARLIEST_SERIAL <= int(text) <= LATEST_SERIAL:
        return EXCEL_BEGINS + timedelta(days=int(text))
    if found := _DATE.fullmatch(text):
        return _day(found[1], found[2], found[3] or "1", said=text)
    raise CellError("not_a_date", _("“%(text)s” is no date. Write it like 1956-03-08.") % {"text": text[:30]})


_MOMENT = re.compile(r"(.*?\d日?)[ T]*(\d{1,2})(?:[:时点](\d{1,2})?(?:[:分](\d{1,2})?秒?)?分?)?")
_BARE_DAY = re.compile(r"\d{4}\s*[.\-/年]\s*\d{1,2}\s*[.\-/月]\s*\d{1,2}\s*日?|\d{8}")


def moment_of(value: object) -> datetime | None:
    """Return the moment that a cell means, to the second and without a zone; midnight where it has a day alone.

    A date with or without its time, a serial number with a fraction, 2026-04-02 21:57, 2026年4月2日21时57分. None for
    an empty cell; raises ``CellError`` for anything else.
    """
    if isinstance(value, datetime):
        return (value + timedelta(microseconds=500_000)).replace(microsecond=0)
    if isinstance(value, float) and EARLIEST_SERIAL <= value <= LATEST_SERIAL:
        begins = datetime(EXCEL_BEGINS.year, EXCEL_BEGINS.month, EXCEL_BEGINS.day)  # noqa: DTZ001 - a cell has no zone
        return begins + timedelta(seconds=round(value * 86_400))
    text = re.sub(r"\s+", " ", text_of(value).replace("：", ":"))
    found = None if _BARE_DAY.fullmatch(text) else _MOMENT.fullmatch(text)
    if found is None or not _BARE_DAY.fullmatch(found[1].strip()):
        on = date_of(value)
        return datetime.combine(on, time()) if on is not None else None
    day = date_of(found[1].strip())
    assert day is not None
    try:
        return datetime.combine(day, time(int(found[2]), int(found[3] or 0), int(found[4] or 0)))
    except ValueError:
        words = _("There is no time %(text)s. Write it like 21:57.")
        raise CellError("no_such_time", words % {"text": text[:30]}) from None


def unit_of(heading: str) -> Decimal:
    """Return how many yuan one of a column is: ten thousand where its heading says 万, else one."""
    return TEN_THOUSAND if "万" in heading else Decimal(1)


_AMOUNT = re.compile(r"(?:约|¥|￥|人民币)*(-?[0-9]+(?:\.[0-9]+)?)(万?)(?:元|块)?整?")


def amount_of(value: object, *, unit: Decimal) -> Decimal | None:
    """Return an amount in yuan, to the fen; None for an empty cell. A cell that says 万 or 元 goes before its heading.

    Raises ``CellError`` for what is no amount, or a negative one.
    """
    if isinstance(value, float):
        said, times = f"{value:.15g}", unit  # what Excel shows of it: 0.1 + 0.2 is 0.3
    else:
        text = re.sub(r"[,，\s]", "", text_of(value))
        if not text:
            return None
        found = _AMOUNT.fullmatch(text)
        if found is None:
            raise CellError("not_an_amount", _("“%(text)s” is no amount. Write it like 18000.") % {"text": text[:30]})
        said = found[1]
        times = TEN_THOUSAND if found[2] else Decimal(1) if text.endswith(("元", "块", "整")) else unit
    return _yuan(said, times)


def _yuan(said: str, times: Decimal) -> Decimal:
    try:
        amount = (Decimal(said) * times).quantize(FEN, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        raise CellError("not_an_amount", _("“%(text)s” is no amount. Write it like 18000.") % {"text": said}) from None
    if amount < 0:
        raise CellError("negative", _("An amount is never below zero."))
    if amount >= MOST_YUAN:
        raise CellError("too_large", _("This amount is larger than any. Mend it."))
    return amount


def _day(year: str, month: str, day: str, *, said: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise CellError(
            "no_such_day", _("There is no day %(text)s. Write the date like 1956-03-08.") % {"text": said[:30]}
        ) from None


YES = frozenset({"是", "有", "对", "真", "1", "y", "yes", "true", "t", "√", "✓", "✔", "☑", "v"}) | {
    *("已", "已装", "已安装", "安装", "已开启", "开启", "已开通", "开通", "开"),
}
NO = frozenset({"否", "无", "没有", "未", "错", "0", "n", "no", "false", "f", "×", "✗", "✘", "x", "☐"}) | {
    *("未装", "未安装", "没装", "未开启", "未开通", "关闭", "关"),
}


def tick_of(value: object) -> bool | None:
    """Return a tick as offices write it: 是, √, 1, 已装, or 否, ×, 0, 未装; None for an empty cell.

    Raises ``CellError`` for anything else.
    """
    text = text_of(value).lower()
    if not text or text in {"-", "—", "/", "不详", "不清楚", "未知"}:
        return None
    if text in YES:
        return True
    if text in NO:
        return False
    raise CellError("not_a_tick", _("“%(text)s” is neither yes nor no. Write 是 or 否.") % {"text": text[:20]})


FOOTERS = (
    *("合计", "总计", "小计", "共计", "填报人", "填表人", "制表人", "审核人", "负责人", "填报单位", "填报日期"),
    *("注:", "备注:", "说明:", "签字", "盖章", "联系人:", "total"),
)
"""How a row below the rows begins that is no row: totals, signatures, remarks."""


TOTALS = ("合计", "总计", "共计", "total")
"""How a row begins that adds the others up."""


def is_total(first: object) -> bool:
    """Say whether a row that begins so adds up those above it."""
    return isinstance(first, str) and text_of(first).replace(" ", "").lower().startswith(TOTALS)


def is_footer(first: object) -> bool:
    """Say whether a row that begins so is a total, a signature or a remark."""
    return isinstance(first, str) and text_of(first).replace(" ", "").replace("：", ":").lower().startswith(FOOTERS)


@dataclass(frozen=True)
class Problem:
    """What is wrong in a cell: where, a word for programs, words for people that say how to mend it.

    ``sheet`` is named where several are read.
    """

    row: int
    cell: str
    code: str
    message: str
    sheet: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as programs read it."""
        return {"cell": self.cell, "code": self.code, "message": self.message}


@dataclass(frozen=True)
class Change:
    """A field with its old and its new value, as people read them."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Item:
    """One row as the preview shows it; ``sheet`` is named where several are read.

    ``verdict`` is new, changed, same, conflict or error; ``conflict`` says, for a row that a person must settle, with
    what: the kind's own values, which go into JSON. ``is_minors`` says that it is about a minor: its name and what is
    kept of them are for who may see minors.
    """

    row: int
    verdict: str
    who: str
    where: str = ""
    changes: Sequence[Change] = ()
    problems: Sequence[Problem] = ()
    conflict: Mapping[str, object] | None = None
    code: str = ""
    message: str = ""
    sheet: str = ""
    is_minors: bool = False

    @property
    def place(self) -> str:
        """The row as people look for it: 12, or 2026年!12."""
        return f"{self.sheet}!{self.row}" if self.sheet else f"{self.row}"

    def as_dict(self) -> dict[str, object]:
        """Return what the preview keeps; ``asdict`` takes ten times as long for fifty thousand rows."""
        return {
            "row": self.place,
            "who": self.who,
            "where": self.where,
            "changes": [vars(change) for change in self.changes],
            "problems": [vars(problem) for problem in self.problems],
            "message": self.message,
            **({"is_minors": True} if self.is_minors else {}),
        }


@dataclass(frozen=True)
class Side:
    """One side of a conflict: the row, or somebody whom it might mean.

    ``key`` is empty for the row itself; ``is_open`` says whether this reader may take it for the row's person.
    """

    key: str
    title: str
    facts: Sequence[tuple[str, str]]
    differs: frozenset[str] = frozenset()
    is_open: bool = True


class Settling(StrEnum):
    """How a parked row is settled."""

    SAME = "same"
    NEW = "new"
    DROP = "drop"


@dataclass
class Plan:
    """What a file would do. ``work`` is the kind's own: what it hands to itself when the plan is carried out."""

    rows: int = 0
    same: int = 0
    items: list[Item] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    work: object = None

    def of(self, verdict: str) -> list[Item]:
        """Return the items of a verdict, in the order of the sheet."""
        return [item for item in self.items if item.verdict == verdict]

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, in the order of the sheet."""
        return [problem for item in self.items for problem in item.problems]

    @property
    def counts(self) -> dict[str, int]:
        """The numbers: rows, new, changed, same, conflicts, and rows that are wrong."""
        return {
            "rows": self.rows,
            "new": len(self.of("new")),
            "changed": len(self.of("changed")),
            "same": self.same,
            "conflicts": len(self.of("conflict")),
            "errors": len(self.of("error")),
        }
