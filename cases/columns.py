"""The columns of a ledger of cases, what offices call them, and one row of it as values.

As on the roster an empty cell says nothing, 清空 empties what is known, and what was exported masked means "as it was".
Amounts are yuan; where a heading or a cell says 万 they are ten thousands, exactly.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import LOCAL_TZ
from accounts.forms import EARLIEST, LATEST
from accounts.personal_data import mask_name, mask_phone, phone_index
from accounts.rows import key_in
from cases.policy import Approach, Status
from residents.columns import (
    EMPTY,
    GROUP_WORDS,
    LONGEST_UNKNOWN,
    RESIDENCE_WORDS,
    UNKNOWN,
    categories_of,
    phone_of,
    sex_of,
    short,
)
from residents.models import Area
from residents.policy import Group
from sheets.policy import (
    CellError,
    Cells,
    Column,
    Formula,
    Holds,
    Problem,
    Table,
    amount_of,
    date_of,
    digits_of,
    moment_of,
    text_of,
    tick_of,
    unit_of,
)

OLDEST = 130

remembered = lru_cache(maxsize=20_000, typed=True)
"""For readers of cells that say the same thousands of times, and nothing that says who."""

VERIFIED = "已核实"
"""What the note of a row says where its loss is above a million, and right."""

STATUS_WORDS = {
    Status.REPORTED: "已接报",
    Status.FILED: "已立案",
    Status.SOLVED: "已破案",
    Status.NOT_FILED: "不予立案",
    Status.WITHDRAWN: "已撤销",
}
STATUSES: Mapping[str, Status] = {
    **{words: status for status, words in STATUS_WORDS.items()},
    "接报": Status.REPORTED,
    "警情": Status.REPORTED,
    "受理": Status.REPORTED,
    "立案": Status.FILED,
    "立案侦查": Status.FILED,
    "侦办中": Status.FILED,
    "破案": Status.SOLVED,
    "未立案": Status.NOT_FILED,
    "不立案": Status.NOT_FILED,
    "撤销": Status.WITHDRAWN,
}
APPROACH_WORDS = {
    Approach.PHONE: "电话",
    Approach.SMS: "短信",
    Approach.WECHAT: "微信",
    Approach.QQ: "QQ",
    Approach.VIDEO: "短视频、直播",
    Approach.WEB: "网页",
    Approach.APP: "APP",
    Approach.IN_PERSON: "线下",
    Approach.OTHER: "其他",
}
APPROACHES: Mapping[str, Approach] = {
    **{words.lower(): approach for approach, words in APPROACH_WORDS.items()},
    "来电": Approach.PHONE,
    "固定电话": Approach.PHONE,
    "手机": Approach.PHONE,
    "彩信": Approach.SMS,
    "微信群": Approach.WECHAT,
    "qq群": Approach.QQ,
    "抖音": Approach.VIDEO,
    "快手": Approach.VIDEO,
    "短视频": Approach.VIDEO,
    "直播": Approach.VIDEO,
    "网站": Approach.WEB,
    "网络": Approach.WEB,
    "链接": Approach.WEB,
    "应用": Approach.APP,
    "手机app": Approach.APP,
    "上门": Approach.IN_PERSON,
    "当面": Approach.IN_PERSON,
    "现场": Approach.IN_PERSON,
}
"""How files write what the program calls otherwise, and what offices write besides."""


def _money(key: str, label: str, *names: str, note: str = "") -> Column:
    """Return a column of an amount: its names stand with and without their unit."""
    every = (label, *names)
    units = tuple(f"{name}{unit}" for name in every for unit in ("万元", "元"))
    return Column(key, f"{label}（元）", (*every, *units), holds=Holds.NUMBER, note=note, width=14)


COLUMNS: tuple[Column, ...] = (
    Column("pk", "系统编号", ("台账编号", "id"), note="由系统填写，请勿改动；新增案件留空。", width=10),
    Column("row", "序号", ("编号", "no"), holds=Holds.NUMBER, may_compute=True, width=6),
    Column(
        "number",
        "警情编号",
        ("案件编号", "接警编号", "警号", "警情号", "案号", "立案编号", "接处警编号"),
        note="公安机关的编号；可不填。",
        width=18,
    ),
    Column(
        "status", "案件状态", ("状态", "办理情况", "案件进展"), holds=Holds.CHOICE, choices=tuple(STATUS_WORDS.values())
    ),
    Column(
        "occurred", "发案时间", ("案发时间", "被骗时间", "发生时间", "发案日期"), example="2026-04-02 21:57", width=18
    ),
    Column(
        "reported",
        "报案时间",
        ("接报时间", "报警时间", "接警时间", "报案日期", "接报日期", "报警日期"),
        is_needed=True,
        example="2026-04-02 22:57",
        width=18,
    ),
    Column("filed", "立案日期", ("立案时间",), holds=Holds.DATE, example="2026-04-03", width=13),
    Column("victim", "受害人", ("受害人姓名", "姓名", "事主", "被骗人", "被害人", "报案人"), example="王某某"),
    Column("phone", "联系电话", ("受害人电话", "电话", "手机号", "联系方式"), example="19900000001", width=15),
    Column("sex", "性别", ("受害人性别",), holds=Holds.CHOICE, choices=("男", "女"), example="女", width=6),
    Column("age", "年龄", ("受害人年龄", "周岁"), example="68", note="发案时的周岁。", width=6),
    Column("occupation", "职业", ("受害人职业",), example="退休"),
    Column(
        "categories",
        "人员类别",
        ("受害人类别", "人群类别", "居住类型", "人群"),
        example="独居老人、租户",
        note="可填：" + "、".join([*GROUP_WORDS.values(), *RESIDENCE_WORDS.values()]) + "。",
        width=16,
    ),
    Column(
        "grid",
        "所属网格",
        ("网格", "网格名称", "居住网格", "所在网格"),
        fills_down=True,
        example="第一网格",
        note="受害人居住的网格：名称、别名或编号。",
    ),
    Column(
        "type",
        "诈骗类型",
        ("案件类型", "诈骗手段", "诈骗类别", "类型", "案件类别"),
        is_needed=True,
        example="刷单返利",
        note="诈骗类型的名称或别名；“养老诈骗”会同时标记为涉老。",
        width=18,
    ),
    Column("elder", "是否养老诈骗", ("是否涉老", "涉老"), holds=Holds.TICK, example="否", width=8),
    Column(
        "approach",
        "作案渠道",
        ("诈骗渠道", "引流渠道", "接触方式", "联系方式渠道", "渠道"),
        example="微信",
        note="可填：" + "、".join(APPROACH_WORDS.values()) + "。",
    ),
    Column("place", "发案地点", ("案发地点", "被骗地点"), width=16),
    _money(
        "lost",
        "涉案金额",
        "损失金额",
        "被骗金额",
        "涉案价值",
        "损失",
        note=f"超过 100 万元的，请在备注中写明“{VERIFIED}”。",
    ),
    _money("frozen", "止付金额", "冻结金额", "止付冻结金额"),
    _money("returned", "追回金额", "返还金额", "挽回金额", "追赃金额"),
    _money("prevented", "劝阻止损", "挽损金额", "劝阻金额", "劝阻止损金额", "避免损失", note="估算数，不计入损失。"),
    Column("judged_by", "挽损认定人", ("认定人", "估算人")),
    Column("warned", "是否有预警", ("有无预警", "预警"), holds=Holds.TICK, example="是", width=8),
    Column("warned_at", "预警时间", example="2026-04-02 21:27", width=18),
    Column("story", "简要案情", ("案情", "案情简介", "基本案情"), width=40),
    Column("note", "备注", ("说明", "备注说明"), may_compute=True, width=24),
)
COLUMN_OF = {column.key: column for column in COLUMNS}
MONEY: Mapping[str, str] = {
    "lost": "amount_lost",
    "frozen": "amount_frozen",
    "returned": "amount_returned",
    "prevented": "amount_prevented",
}
"""The columns of amounts, and their fields."""


@dataclass(slots=True)
class Entry:
    """One row as values. ``values`` has only what the row says, by the case's column; ``masked`` what stays.

    ``looked_up`` are the words of what is found in the database: the grid, the type.
    """

    table: Table
    row: int
    pk: int | None = None
    grid: Area | None = None
    looked_up: dict[str, str] = field(default_factory=dict)
    is_elder_said: bool | None = None
    values: dict[str, Any] = field(default_factory=dict)
    masked: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown_words: tuple[str, ...] = ()

    @property
    def sheet(self) -> str:
        """The sheet's name where several are read."""
        return self.table.sheet if self.table.is_one_of_several else ""

    @property
    def victim(self) -> str:
        """The victim's name as the row writes it, masked or whole."""
        return str(self.values.get("victim_name") or self.masked.get("victim_name", ""))

    def complain(self, key: str, code: str, message: str) -> None:
        """Say what is wrong in one of the row's cells."""
        self.problems.append(Problem(self.row, self.table.where(self.row, key), code, message, self.sheet))


def moment_here(value: object) -> datetime | None:
    """Return the moment a cell means, in the office's time. Raises ``CellError`` for one that nobody can mean."""
    moment = moment_of(value)
    if moment is not None and not EARLIEST.year <= moment.year <= LATEST.year:
        raise CellError("no_such_day", _("Write a day of this time, like 2026-04-02 21:57."))
    return moment.replace(tzinfo=LOCAL_TZ) if moment is not None else None


def police_number_of(value: object) -> str:
    """Return the number of the police. Raises ``CellError`` where Excel kept fifteen of its digits."""
    return short(40)(digits_of(value))


def age_of(value: object) -> int | None:
    """Return an age in full years: 68, 68岁. Raises ``CellError`` for anything else."""
    text = text_of(value).removesuffix("周岁").removesuffix("岁").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= OLDEST:
        return int(text)
    raise CellError("not_an_age", _("“%(text)s” is no age. Write full years, like 68.") % {"text": text[:20]})


def approach_of(value: object) -> str:
    """Return the way of contact a cell means. Raises ``CellError`` for one nobody knows."""
    text = text_of(value)
    found = APPROACHES.get(re.sub(r"\s", "", text).lower())
    if text and found is None:
        words = _("“%(text)s” is no way of contact that is known. Write one of: %(known)s.")
        raise CellError("unknown_approach", words % {"text": text[:20], "known": "；".join(APPROACH_WORDS.values())})
    return found or ""


def status_of(value: object) -> str:
    """Return the status a cell means. Raises ``CellError`` for one nobody knows."""
    text = text_of(value)
    found = STATUSES.get(re.sub(r"\s", "", text))
    if text and found is None:
        words = _("“%(text)s” is no status that is known. Write one of: %(known)s.")
        raise CellError("unknown_status", words % {"text": text[:20], "known": "、".join(STATUS_WORDS.values())})
    return found or ""


FIELDS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "number": ("number", police_number_of),
    "status": ("status", remembered(status_of)),
    "occurred": ("occurred_at", moment_here),
    "reported": ("reported_at", moment_here),
    "filed": ("filed_on", date_of),
    "victim": ("victim_name", short(64)),
    "phone": ("victim_phone", phone_of),
    "sex": ("victim_sex", remembered(sex_of)),
    "age": ("victim_age", remembered(age_of)),
    "occupation": ("victim_occupation", short(32)),
    "approach": ("approach", remembered(approach_of)),
    "place": ("place_happened", short(120)),
    "judged_by": ("prevented_judged_by", short(64)),
    "warned": ("was_warned", remembered(tick_of)),
    "warned_at": ("warned_at", moment_here),
    "story": ("story", short(10_000)),
    "note": ("note", short(2000)),
}
"""Columns that are one field each: the field, and how a cell becomes its value. Amounts are in ``MONEY``."""

INDEXES: Mapping[str, Callable[[str], str]] = {"victim_phone": phone_index}
MASKS: Mapping[str, Callable[[str], str]] = {"victim_name": mask_name, "victim_phone": mask_phone}
CLEARED: Mapping[str, Any] = {
    **dict.fromkeys(("occurred_at", "filed_on", "warned_at", "victim_age", "was_warned")),
    **dict.fromkeys(MONEY.values(), Decimal(0)),
}
"""What 清空 leaves where a text would be empty."""
NEVER_CLEARED = frozenset({"reported", "status", "type"})
SAYS_SOMETHING = frozenset({"note", "story", "warned", "elder"})
"""Columns in which 无 means none."""


def read_entry(cells: Cells, table: Table) -> Entry:
    """Return a row as values; what is wrong in it stands in ``problems``, all of it, not the first alone."""
    entry = Entry(table, cells.number)
    for key, value in cells.values.items():
        if value is None or value == "":
            continue
        try:
            _take(entry, key, value)
        except CellError as error:
            entry.complain(key, error.code, str(error))
    return entry


def _take(entry: Entry, key: str, value: object) -> None:
    """Take one cell. Raises ``CellError`` for what cannot be read."""
    if isinstance(value, Formula):
        if not COLUMN_OF[key].may_compute:
            raise CellError("formula", _("This cell computes. Copy it and paste the value alone."))
        return
    text = text_of(value)
    if not text or (len(text) <= LONGEST_UNKNOWN and text.lower() in UNKNOWN and key not in SAYS_SOMETHING):
        return
    if text == EMPTY and key not in NEVER_CLEARED:
        _clear(entry, key)
    else:
        _take_said(entry, key, value, text)


def _clear(entry: Entry, key: str) -> None:
    name = MONEY.get(key) or FIELDS.get(key, ("",))[0]
    if name:
        entry.values[name] = CLEARED.get(name, "")
    elif key == "categories":
        entry.values |= {"victim_group": "", "victim_residence": ""}


def _take_said(entry: Entry, key: str, value: object, text: str) -> None:
    if key in MONEY:
        entry.values[MONEY[key]] = amount_of(value, unit=unit_of(entry.table.labels.get(key, "")))
    elif key in FIELDS:
        name, read = FIELDS[key]
        if name in MASKS and "*" in text:
            entry.masked[name] = text
        else:
            entry.values[name] = read(value)
    elif key == "categories":
        _take_categories(entry, text)
    elif key == "elder":
        entry.is_elder_said = tick_of(value)
    elif key == "pk":
        entry.pk = _pk_of(text)
    else:
        entry.looked_up[key] = text


def _take_categories(entry: Entry, text: str) -> None:
    """Take the group and the kind of residence; of several groups the first in the order of the program."""
    named, residence, entry.unknown_words = categories_of(text)
    groups = [group for group in Group if group in named]
    if groups:
        entry.values["victim_group"] = groups[0]
    if residence is not None:
        entry.values["victim_residence"] = residence


def _pk_of(text: str) -> int:
    if (key := key_in(text)) is None:
        raise CellError(
            "wrong_number", _("The system's number was changed. Leave it as exported, or empty for a new case.")
        )
    return key
