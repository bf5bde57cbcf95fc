"""The roster as a workbook that comes back unchanged: export, edit, import.

Names and numbers are masked unless somebody who may asked for them whole; what is masked means "as it was" when the
file comes back, and the system's number says who is meant.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from accounts.formats import moment
from accounts.models import User
from residents.columns import COLUMNS, GROUP_WORDS, MASKS, RESIDENCE_WORDS, SEX_WORDS
from residents.models import FamilyContact, Membership
from residents.models.people import ResidentQuerySet
from residents.policy import Door, Residence
from sheets.writing import table_of

EXPORTED = tuple(column for column in COLUMNS if column.is_in_template)
KEYS = tuple(column.key for column in EXPORTED)
TOGETHER = 2000
FIELDS = (
    *("pk", "name", "sex", "birth_on", "phone", "id_number", "relation", "residence", "moved_in_on", "has_app"),
    *("has_call_warning", "occupation", "devices", "risks", "consent_on", "note", "grid__name"),
    *("household__building", "household__unit", "household__room"),
)
TICKS = {None: "", True: "是", False: "否"}
MASKED = {**MASKS, "family_name": MASKS["name"], "family_phone": MASKS["phone"]}


def roster_workbook(residents: ResidentQuerySet, *, is_whole: bool, mark: str) -> bytes:
    """Return the residents as a workbook: a line that says whose file it is, the headings, a row each."""

    def lines() -> Iterator[list[object]]:
        yield [mark]
        yield [column.label for column in EXPORTED]
        for number, (row, along) in enumerate(_read(residents), start=1):
            yield _line(row, along, number, is_whole=is_whole)

    return table_of(lines(), title="居民花名册", widths=[column.width for column in EXPORTED])


def watermark(*, by: User, at: datetime, recipient: str, purpose: str) -> str:
    """Return the line at the head of an export: who took it, when, for whom and why."""
    said = _("Exported by %(who)s, %(when)s.") % {"who": by, "when": moment(at)}
    handed = _("For %(recipient)s: %(purpose)s. Do not pass on.") % {"recipient": recipient, "purpose": purpose}
    return f"{said} {handed}" if recipient else f"{said} {_('Masked; for internal use.')}"


@dataclass(frozen=True, slots=True)
class _Along:
    """What is read along for some residents: their groups, and whom of the family to call first."""

    groups: Mapping[int, set[str]]
    family: Mapping[int, tuple[str, str, str]]


def _read(residents: ResidentQuerySet) -> Iterator[tuple[dict[str, Any], _Along]]:
    """Yield each resident's values: rows and not objects, which take half the time and a third of the memory."""
    rows = residents.order_by("grid__code", "household__order", "pk").values(*FIELDS).iterator(chunk_size=TOGETHER)
    while chunk := list(islice(rows, TOGETHER)):
        along = _along([row["pk"] for row in chunk])
        yield from ((row, along) for row in chunk)


def _along(keys: Sequence[int]) -> _Along:
    groups: dict[int, set[str]] = {}
    for key, group in Membership.objects.filter(resident__in=keys).order_by().values_list("resident_id", "group"):
        groups.setdefault(key, set()).add(group)
    contacts = FamilyContact.objects.filter(resident__in=keys).order_by("-order", "-pk")
    family = {
        key: (name, relation, phone)
        for key, name, relation, phone in contacts.values_list("resident_id", "name", "relation", "phone")
    }
    return _Along(groups, family)


def _line(row: Mapping[str, Any], along: _Along, number: int, *, is_whole: bool) -> list[object]:
    family_name, family_relation, family_phone = along.family.get(row["pk"], ("", "", ""))
    door = Door(row["household__building"] or "", row["household__unit"] or "", row["household__room"] or "")
    cells: dict[str, Any] = {
        **row,
        "number": number,
        "grid": row["grid__name"],
        "address": door.words,
        "sex": SEX_WORDS.get(row["sex"], ""),
        "birth": _day(row["birth_on"]),
        "categories": "、".join(_categories(along.groups.get(row["pk"], ()), row["residence"])),
        "moved_in": _day(row["moved_in_on"]),
        "family_name": family_name,
        "family_relation": family_relation,
        "family_phone": family_phone,
        "has_app": TICKS[row["has_app"]],
        "has_call_warning": TICKS[row["has_call_warning"]],
        "consent": _day(row["consent_on"]),
    }
    if not is_whole:
        cells |= {key: mask(cells[key]) for key, mask in MASKED.items() if cells[key]}
    return [cells[key] for key in KEYS]


def _categories(groups: Collection[str], residence: str) -> Iterator[str]:
    yield from (words for group, words in GROUP_WORDS.items() if group in groups)
    if residence:
        yield RESIDENCE_WORDS[Residence(residence)]


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
