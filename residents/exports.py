"""The roster as a workbook that comes back unchanged: export, edit, import.

Names and numbers are masked unless somebody who may asked for them whole; what is masked means "as it was" when the
file comes back, and the system's number says who is meant.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.formats import moment
from accounts.models import User
from residents.columns import COLUMNS, GROUP_WORDS, MASKS, RESIDENCE_WORDS, SEX_WORDS
from residents.models import Resident
from residents.models.people import ResidentQuerySet
from residents.policy import Residence
from sheets.writing import table_of

EXPORTED = tuple(column for column in COLUMNS if column.is_in_template)
TOGETHER = 2000


def roster_workbook(residents: ResidentQuerySet, *, is_whole: bool, mark: str) -> bytes:
    """Return the residents as a workbook: a line that says whose file it is, the headings, a row each."""

    def lines() -> Iterator[list[object]]:
        yield [mark]
        yield [column.label for column in EXPORTED]
        for number, resident in enumerate(_read(residents), start=1):
            yield _line(resident, number, is_whole=is_whole)

    return table_of(lines(), title="居民花名册", widths=[column.width for column in EXPORTED])


def watermark(*, by: User, at: datetime, recipient: str, purpose: str) -> str:
    """Return the line at the head of an export: who took it, when, for whom and why."""
    said = _("Exported by %(who)s, %(when)s.") % {"who": by, "when": moment(at)}
    handed = _("For %(recipient)s: %(purpose)s. Do not pass on.") % {"recipient": recipient, "purpose": purpose}
    return f"{said} {handed}" if recipient else f"{said} {_('Masked; for internal use.')}"


def _read(residents: ResidentQuerySet) -> Iterator[Resident]:
    rows = residents.select_related("grid", "household").prefetch_related("memberships", "family_contacts")
    return rows.order_by("grid__code", "household__order", "pk").iterator(chunk_size=TOGETHER)


def _line(resident: Resident, number: int, *, is_whole: bool) -> list[object]:
    family = next(iter(resident.family_contacts.all()), None)
    cells: dict[str, Any] = {
        "pk": resident.pk,
        "number": number,
        "grid": resident.grid.name,
        "address": resident.address,
        "name": resident.name,
        "sex": SEX_WORDS.get(resident.sex, ""),  # type: ignore[call-overload]  # a text is one of them
        "id_number": resident.id_number,
        "birth": _day(resident.birth_on),
        "phone": resident.phone,
        "relation": resident.relation,
        "categories": "、".join(_categories(resident)),
        "moved_in": _day(resident.moved_in_on),
        "family_name": family.name if family else "",
        "family_relation": family.relation if family else "",
        "family_phone": family.phone if family else "",
        "has_app": _tick(resident.has_app),
        "has_call_warning": _tick(resident.has_call_warning),
        "occupation": resident.occupation,
        "devices": resident.devices,
        "risks": resident.risks,
        "consent": _day(resident.consent_on),
        "note": resident.note,
    }
    if not is_whole:
        masks = {**MASKS, "family_name": MASKS["name"], "family_phone": MASKS["phone"]}
        cells |= {key: mask(cells[key]) for key, mask in masks.items() if cells[key]}
    return [cells[column.key] for column in EXPORTED]


def _categories(resident: Resident) -> Iterator[str]:
    yield from (GROUP_WORDS[group] for group in resident.groups)
    if resident.residence:
        yield RESIDENCE_WORDS[Residence(resident.residence)]


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _tick(ticked: bool | None) -> str:
    return {None: "", True: "是", False: "否"}[ticked]
