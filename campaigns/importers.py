"""What a list of who came looks like in an office's file, and whom of the roster each row means."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.personal_data import bare_phone, phone_index, phone_tail_index, under_any_key
from residents.models import Resident, ResidentQuerySet
from residents.policy import parse_door
from sheets.policy import Cells, Column, Formula, text_of
from sheets.reading import FileRefusedError, read_table

MOST_CAME = 2000
"""Rows. No event of a community has more visitors by name."""

COLUMNS = (
    Column("name", "姓名", names=("名字", "居民姓名", "参加人", "参加人员", "签到人"), is_needed=True),
    Column(
        "phone", "电话", names=("手机号", "手机", "联系电话", "手机号码", "联系方式", "电话号码", "尾号", "电话后四位")
    ),
    Column("door", "门牌", names=("门牌号", "房号", "住址", "地址", "楼栋单元房号", "家庭住址", "楼栋房号")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a list: whom it means, else why it means nobody."""

    number: int
    name: str
    resident: Resident | None = None
    reason: str = ""


def read_came(content: bytes, residents: ResidentQuerySet) -> list[Row]:
    """Return the rows of a list, each with the one resident it means, or with the reason why there is none.

    A row means somebody by name and phone number, or its end; by name and door; by the name alone where one alone bears
    it. Raises ``FileRefusedError`` for a file that cannot be read.
    """
    table = read_table(content, COLUMNS)
    if table.missing:
        raise FileRefusedError(
            "no_column", _("No column is headed “%(column)s”.") % {"column": table.missing[0].label}, column="name"
        )
    if len(table.rows) > MOST_CAME:
        raise FileRefusedError("too_many_rows", _("The list has more than %(most)d rows.") % {"most": MOST_CAME})
    named = _by_name({_cell(row, "name") for row in table.rows}, residents)
    seen: set[int] = set()
    return [_meant(row, named, seen) for row in table.rows if _cell(row, "name")]


def _by_name(names: set[str], residents: ResidentQuerySet) -> Mapping[str, Sequence[Resident]]:
    found: dict[str, list[Resident]] = defaultdict(list)
    ordered = sorted(names)
    for start in range(0, len(ordered), 500):
        some = residents.filter(name__in=ordered[start : start + 500]).select_related("household", "grid")
        for resident in some.defer("id_number", "note", "risks"):
            found[resident.name].append(resident)
    return found


def _cell(row: Cells, key: str) -> str:
    value = row.values.get(key, "")
    return "" if isinstance(value, Formula) else str(text_of(value) or "").strip()


def _meant(row: Cells, named: Mapping[str, Sequence[Resident]], seen: set[int]) -> Row:
    """Return whom a row means. Who stands in two rows is counted in the first."""
    name = _cell(row, "name")
    same_name = named.get(name, ())
    if not same_name:
        return Row(row.number, name, reason=_("nobody of this name on the roster here"))
    found = [one for one in same_name if _fits(one, phone=_cell(row, "phone"), door=_cell(row, "door"))]
    if len(found) != 1:
        reason = _("the number or door is another one on the roster") if not found else _("several fit: tick by hand")
        return Row(row.number, name, reason=reason)
    if found[0].pk in seen:
        return Row(row.number, name, reason=_("stands further up already"))
    seen.add(found[0].pk)
    return Row(row.number, name, resident=found[0])


def _fits(resident: Resident, *, phone: str, door: str) -> bool:
    """Say whether a row's number, else its door, is the resident's; where it has neither, the name must do."""
    bare = bare_phone(phone)
    if len(bare) == 4:
        return resident.tail_hash in under_any_key(phone_tail_index(bare))
    if bare:
        return resident.phone_hash in under_any_key(phone_index(bare))
    if door and resident.household is not None:
        return parse_door(door) == resident.household.door
    return not door
