"""The columns of a roster, what offices call them, and one row of it as values.

An empty cell says nothing: what is known stays. 清空 in a cell empties it. What was exported masked (王**) means "as it
was".
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from accounts.personal_data import (
    id_number_index,
    mask_id_number,
    mask_name,
    mask_phone,
    normalise_id_number,
    normalise_phone,
    phone_index,
)
from accounts.rows import key_in
from residents.models import Sex
from residents.policy import Door, Group, Residence, parse_door
from sheets.policy import CellError, Cells, Column, Formula, Holds, Problem, Table, date_of, digits_of, text_of, tick_of

EMPTY = "清空"
"""What is written into a cell to empty what is known."""

UNKNOWN = frozenset({"-", "—", "–", "/", "无", "暂无", "不详", "未知", "不清楚", "不明", "n/a"})
"""What is written where nothing is known: as good as an empty cell."""
LONGEST_UNKNOWN = max(map(len, UNKNOWN))
SAYS_SOMETHING = frozenset({"note", "risks", "devices", "has_app", "has_call_warning"})
"""Columns in which 无 means none."""

CATEGORIES: Mapping[str, Group | Residence | None] = {
    "独居老人": Group.ELDER_ALONE,
    "独居": Group.ELDER_ALONE,
    "空巢老人": Group.ELDER_ALONE,
    "留守儿童监护人": Group.LEFT_BEHIND,
    "留守儿童家长": Group.LEFT_BEHIND,
    "涉网青少年": Group.TEEN_ONLINE,
    "沉迷网络青少年": Group.TEEN_ONLINE,
    "网瘾青少年": Group.TEEN_ONLINE,
    "老年人": Group.ELDER,
    "老人": Group.ELDER,
    "学生": Group.STUDENT,
    "学生家长": Group.PARENT,
    "家长": Group.PARENT,
    "青年职工": Group.YOUNG_WORKER,
    "上班族": Group.YOUNG_WORKER,
    "家庭主妇": Group.HOMEMAKER,
    "全职主妇": Group.HOMEMAKER,
    "全职妈妈": Group.HOMEMAKER,
    "个体经营户": Group.SHOPKEEPER,
    "个体工商户": Group.SHOPKEEPER,
    "商户": Group.SHOPKEEPER,
    "企业财务": Group.FINANCE,
    "企业财务人员": Group.FINANCE,
    "财务人员": Group.FINANCE,
    "财会人员": Group.FINANCE,
    "务工人员": Group.MIGRANT,
    "外来务工人员": Group.MIGRANT,
    "社区矫正对象": Group.CORRECTION,
    "社区矫正人员": Group.CORRECTION,
    "户籍": Residence.REGISTERED,
    "户籍人口": Residence.REGISTERED,
    "常住": Residence.REGISTERED,
    "租户": Residence.TENANT,
    "租客": Residence.TENANT,
    "新入住": Residence.NEWCOMER,
    "新入住居民": Residence.NEWCOMER,
    "新业主": Residence.NEWCOMER,
    "流动人口": Residence.FLOATING,
    # The birth date says so.
    "80岁以上": None,
    "80岁以上老人": None,
    "高龄老人": None,
    "60岁以上": None,
    "未成年人": None,
    "普通居民": None,
    "一般居民": None,
    "无": None,
}
"""What offices write under 人员类别."""

GROUP_WORDS = {
    Group.ELDER_ALONE: "独居老人",
    Group.LEFT_BEHIND: "留守儿童监护人",
    Group.TEEN_ONLINE: "涉网青少年",
    Group.ELDER: "老年人",
    Group.STUDENT: "学生",
    Group.PARENT: "学生家长",
    Group.YOUNG_WORKER: "青年职工",
    Group.HOMEMAKER: "家庭主妇",
    Group.SHOPKEEPER: "个体工商户",
    Group.FINANCE: "企业财务人员",
    Group.MIGRANT: "外来务工人员",
    Group.CORRECTION: "社区矫正对象",
}
RESIDENCE_WORDS = {
    Residence.REGISTERED: "户籍人口",
    Residence.TENANT: "租户",
    Residence.NEWCOMER: "新入住",
    Residence.FLOATING: "流动人口",
}
SEX_WORDS = {Sex.FEMALE: "女", Sex.MALE: "男"}
"""How files write what the program calls otherwise."""

COLUMNS: tuple[Column, ...] = (
    Column("pk", "系统编号", ("居民编号", "id"), note="由系统填写，请勿改动；新增人员留空。", width=10),
    Column("number", "序号", ("编号", "no", "number"), holds=Holds.NUMBER, may_compute=True, width=6),
    Column(
        "grid",
        "网格",
        ("所属网格", "网格名称", "所在网格", "网格编号", "网格号", "grid"),
        fills_down=True,
        example="第一网格",
        note="网格的名称、别名或编号。",
    ),
    Column(
        "address",
        "楼栋单元房号",
        ("楼栋单元门牌", "住址", "地址", "家庭住址", "现住址", "居住地址", "详细地址", "门牌号", "楼门号", "address"),
        example="3号楼2单元401",
        width=18,
    ),
    Column("building", "楼栋", ("楼号", "栋号", "楼栋号", "幢", "building"), is_in_template=False),
    Column("unit", "单元", ("单元号", "unit"), is_in_template=False),
    Column("room", "房号", ("室号", "门牌", "房间号", "室", "户号", "room"), is_in_template=False),
    Column("name", "姓名", ("居民姓名", "人员姓名", "name"), is_needed=True, example="王某某"),
    Column("sex", "性别", ("sex",), holds=Holds.CHOICE, choices=("男", "女"), example="女", width=6),
    Column(
        "id_number",
        "身份证号",
        ("身份证号码", "身份证", "公民身份号码", "公民身份证号码", "证件号码", "证件号", "idnumber"),
        example="999999195001010012",
        note="单元格请先设为文本，再填 18 位号码；可不填。",
        width=22,
    ),
    Column(
        "birth",
        "出生日期",
        ("出生年月", "出生年月日", "生日", "born"),
        holds=Holds.DATE,
        example="1950-01-01",
        width=13,
    ),
    Column(
        "phone",
        "联系电话",
        ("电话", "手机", "手机号", "手机号码", "联系方式", "电话号码", "本人电话", "联系人电话", "phone"),
        example="19900000001",
        width=15,
    ),
    Column("relation", "与户主关系", ("户主关系", "关系", "与户主的关系", "relation"), example="户主"),
    Column(
        "categories",
        "人员类别",
        ("类别", "人群类别", "人员类型", "重点人群", "重点人群类别", "人群", "groups"),
        example="独居老人、租户",
        note="可填多项，用顿号隔开：" + "、".join([*GROUP_WORDS.values(), *RESIDENCE_WORDS.values()]) + "。",
        width=20,
    ),
    Column("moved_in", "入住日期", ("入住时间", "迁入日期", "起租日期", "movedin"), holds=Holds.DATE, width=13),
    Column(
        "family_name",
        "家属联系人姓名",
        ("家属姓名", "家属联系人", "紧急联系人", "紧急联系人姓名", "监护人姓名", "familyname"),
        example="李某",
        width=14,
    ),
    Column("family_relation", "家属联系人关系", ("家属关系", "与家属关系", "紧急联系人关系"), example="女儿", width=14),
    Column(
        "family_phone",
        "家属联系人电话",
        ("家属电话", "家属联系电话", "紧急联系人电话", "监护人电话", "家属联系方式"),
        example="19900000002",
        width=16,
    ),
    Column(
        "has_app",
        "国家反诈中心APP已安装",
        ("国家反诈中心APP", "是否安装国家反诈中心APP", "反诈APP", "APP安装", "是否安装APP", "已安装", "已安装APP"),
        holds=Holds.TICK,
        example="是",
        width=14,
    ),
    Column(
        "has_call_warning",
        "国家反诈中心APP来电预警",
        ("来电预警", "开启来电预警", "是否开启来电预警", "预警功能"),
        holds=Holds.TICK,
        example="是",
        width=14,
    ),
    Column("occupation", "职业", ("工作", "occupation"), example="退休"),
    Column("devices", "辅助设备", ("设备", "一键呼叫", "设备情况"), example="一键呼叫器", width=14),
    Column("risks", "风险情况", ("风险", "风险点", "易受骗情况"), width=20),
    Column("consent", "同意日期", ("知情同意日期", "授权日期"), holds=Holds.DATE, width=13),
    Column("note", "备注", ("说明", "备注说明", "note"), may_compute=True, width=24),
)
COLUMN_OF = {column.key: column for column in COLUMNS}


@dataclass(slots=True)
class Person:
    """One row as values. ``values`` has only what the row says, by the resident's field; ``masked`` what stays;
    ``digests`` the blind indexes made of it so far.
    """

    number: int
    pk: int | None = None
    grid: Any = None
    door: Door | None = None
    values: dict[str, Any] = field(default_factory=dict)
    groups: frozenset[Group] | None = None
    family: tuple[str, str, str] | None = None
    masked: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unknown_words: tuple[str, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)

    def digest(self, name: str) -> str:
        """Return the blind index of a number that the row has, "" where it has none; made once."""
        if name not in self.digests:
            value = self.values.get(name)
            self.digests[name] = INDEXES[name](value) if value else ""
        return self.digests[name]

    @property
    def compared(self) -> dict[str, Any]:
        """The values as they are held against the roster: of a number its blind index."""
        return self.values | {name: self.digest(name) for name in INDEXES if name in self.values}

    @property
    def name(self) -> str:
        """The name as the row writes it, masked or whole."""
        return str(self.values.get("name") or self.masked.get("name", ""))


_LATIN = re.compile(r"[A-Za-z]")


def name_of(value: object) -> str:
    """Return a name; one that is only a number is refused."""
    said = text_of(value)
    if said.isalpha() and not _LATIN.search(said) and len(said) <= 64:
        return said  # as nearly all are written
    text = re.sub(r"\s+", " " if _LATIN.search(said) else "", said)
    if len(text) > 64:
        raise CellError("too_long", _("This name has more than 64 characters."))
    if text and not re.search(r"[^\W\d_]", text):
        raise CellError("not_a_name", _("“%(text)s” is no name.") % {"text": text[:20]})
    return text


def sex_of(value: object) -> str:
    """Return the sex as the row writes it."""
    text = text_of(value).lower()
    if text in {"男", "男性", "m", "male", "man"}:
        return Sex.MALE
    if text in {"女", "女性", "f", "female", "woman"}:
        return Sex.FEMALE
    raise CellError("not_a_sex", _("“%(text)s” is neither 男 nor 女.") % {"text": text[:20]})


def birth_of(value: object) -> date | None:
    """Return a birth date; one before 1900 is refused."""
    born = date_of(value)
    if born is not None and born.year < 1900:
        raise CellError("no_such_day", _("Nobody here was born before 1900. Write the date like 1956-03-08."))
    return born


def number_of(normalise: Callable[[str], str], *, code: str) -> Callable[[object], str]:
    """Return a reader of phone or ID numbers that says what is wrong in the words of ``normalise``."""

    def read(value: object) -> str:
        text = digits_of(value)
        try:
            return normalise(text) if text else ""
        except ValueError as error:
            raise CellError(code, str(error)) from error

    return read


phone_of = number_of(normalise_phone, code="wrong_phone")
id_number_of = number_of(normalise_id_number, code="wrong_id_number")


def short(most: int) -> Callable[[object], str]:
    """Return a reader of texts of at most so many characters."""

    def read(value: object) -> str:
        text = text_of(value)
        if len(text) > most:
            raise CellError("too_long", _("At most %(most)d characters fit here.") % {"most": most})
        return text

    return read


FIELDS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "name": ("name", name_of),
    "sex": ("sex", sex_of),
    "id_number": ("id_number", id_number_of),
    "birth": ("birth_on", birth_of),
    "phone": ("phone", phone_of),
    "relation": ("relation", short(16)),
    "moved_in": ("moved_in_on", date_of),
    "has_app": ("has_app", tick_of),
    "has_call_warning": ("has_call_warning", tick_of),
    "occupation": ("occupation", short(32)),
    "devices": ("devices", short(120)),
    "risks": ("risks", short(2000)),
    "consent": ("consent_on", date_of),
    "note": ("note", short(2000)),
}
"""Columns that are one field each: the field, and how a cell becomes its value."""
SAID_OFTEN = frozenset({"sex", "birth", "relation", "moved_in", "has_app", "has_call_warning", "occupation", "consent"})
"""Columns that say the same thousands of times, and nothing that says who: what a cell means is remembered."""

INDEXES: Mapping[str, Callable[[str], str]] = {"phone": phone_index, "id_number": id_number_index}
"""Fields that are compared by their blind index: nothing is deciphered to find that nothing changed."""
MASKS: Mapping[str, Callable[[str], str]] = {"name": mask_name, "phone": mask_phone, "id_number": mask_id_number}
CLEARED: Mapping[str, Any] = {
    "birth_on": None,
    "moved_in_on": None,
    "has_app": None,
    "has_call_warning": None,
    "consent_on": None,
}


FAMILY = ("family_name", "family_phone")


@dataclass(frozen=True, slots=True)
class Masked:
    """A cell as it was exported, with stars: it stays as it was."""

    text: str


NOTHING = object()
"""What a cell says that says nothing."""


def cell_reader(key: str) -> Callable[[object], Any]:
    """Return how a cell of a column that is one field is read: to a value, to ``Masked``, or to ``NOTHING``."""
    name, read = FIELDS[key]
    is_unknown: Collection[str] = () if key in SAYS_SOMETHING else UNKNOWN
    may_be_masked, cleared = key in MASKS, CLEARED.get(name, "")

    def meaning(value: object) -> Any:
        text = text_of(value)
        if not text or (len(text) <= LONGEST_UNKNOWN and text.lower() in is_unknown):
            return NOTHING
        if text == EMPTY and key != "name":
            return cleared
        return Masked(text) if may_be_masked and "*" in text else read(value)

    return lru_cache(maxsize=50_000, typed=True)(meaning) if key in SAID_OFTEN else meaning


CELLS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    key: (name, cell_reader(key)) for key, (name, _read) in FIELDS.items()
}


def read_person(cells: Cells, table: Table) -> Person:
    """Return a row as values; what is wrong in it stands in ``problems``, all of it, not the first alone."""
    person = Person(number=cells.number)
    said = cells.values
    values = person.values
    for key, value in said.items():
        try:
            if key in CELLS and value.__class__ is not Formula:
                name, read = CELLS[key]
                meaning = read(value)
                if meaning.__class__ is Masked:
                    person.masked[name] = meaning.text
                elif meaning is not NOTHING:
                    values[name] = meaning
            else:
                _take(person, key, value)
        except CellError as error:
            _complain(person, table, key, error.code, str(error))
    _take_door(person, said)
    _take_family(person, said, table)
    _hold_together(person, table)
    return person


def _take(person: Person, key: str, value: object) -> None:
    """Take one cell that is more than a field, or computes. Raises ``CellError`` for what cannot be read."""
    if isinstance(value, Formula):
        if not COLUMN_OF[key].may_compute:
            raise CellError("formula", _("This cell computes. Copy it and paste the value alone."))
    elif key == "categories":
        _take_categories(person, text_of(value))
    elif key == "pk" and text_of(value):
        person.pk = _pk_of(text_of(value))


def _complain(person: Person, table: Table, key: str, code: str, message: str) -> None:
    person.problems.append(Problem(person.number, table.where(person.number, key), code, message))


def _take_categories(person: Person, text: str) -> None:
    if not text:
        return
    person.groups, residence, person.unknown_words = categories_of(text)
    if residence is not None:
        person.values["residence"] = residence


@lru_cache(maxsize=20_000)
def categories_of(text: str) -> tuple[frozenset[Group], Residence | None, tuple[str, ...]]:
    """Return the groups that a cell names, the kind of residence, and the words that nobody knows."""
    groups, residence, unknown = set(), None, []
    for word in re.split(r"[、,，;；/／|\s]+", "" if text == EMPTY else text):
        meaning = CATEGORIES.get(word.removesuffix("户籍")) if word else None
        if isinstance(meaning, Group):
            groups.add(meaning)
        elif isinstance(meaning, Residence):
            residence = meaning
        elif word and word not in CATEGORIES:
            unknown.append(word)
    return frozenset(groups), residence, tuple(unknown)


def _pk_of(text: str) -> int:
    if (key := key_in(text)) is None:
        raise CellError(
            "wrong_number", _("The system's number was changed. Leave it as exported, or empty for a new person.")
        )
    return key


def _take_door(person: Person, said: Mapping[str, object]) -> None:
    if building := text_of(said.get("building")):
        parts = [building, text_of(said.get("unit")), text_of(said.get("room"))]
        whole = parse_door(parts[0] if re.search(r"\D", parts[0]) else f"{parts[0]}号楼") or Door(parts[0])
        unit = re.sub(r"单元$", "", parts[1])[:16]
        person.door = Door(whole.building, unit or whole.unit, re.sub(r"室$", "", parts[2])[:16] or whole.room)
    else:
        person.door = parse_door(text_of(said.get("address")))


def _take_family(person: Person, said: Mapping[str, object], table: Table) -> None:
    if said.keys().isdisjoint(FAMILY):
        return
    name, relation = text_of(said.get("family_name"))[:64], text_of(said.get("family_relation"))[:16]
    try:
        text = text_of(said.get("family_phone"))
        if "*" in name or "*" in text:
            return
        phone = phone_of(said.get("family_phone"))
    except CellError as error:
        _complain(person, table, "family_phone", error.code, str(error))
        return
    if name and not phone:
        _complain(
            person,
            table,
            "family_phone",
            "no_family_phone",
            _("The family's phone number is missing, or clear the name."),
        )
    elif phone:
        person.family = (name or relation or "家属", relation, phone)


def _hold_together(person: Person, table: Table) -> None:
    """Fill in what the ID number says, and hold the birth date to it."""
    if not person.name:
        if not any(problem.cell == table.where(person.number, "name") for problem in person.problems):
            _complain(person, table, "name", "no_name", _("The name is missing. Fill it in, or delete the row."))
        return
    id_number = person.values.get("id_number")
    if not id_number:
        return
    born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    if person.values.setdefault("birth_on", born) not in (born, None):
        _complain(
            person,
            table,
            "birth",
            "birth_differs",
            _("The birth date differs from the one in the ID number (%(born)s). Mend whichever is wrong.")
            % {"born": born.isoformat()},
        )
    person.values.setdefault("sex", Sex.MALE if int(id_number[16]) % 2 else Sex.FEMALE)
