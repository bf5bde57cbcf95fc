"""Rows of a roster that only a person can settle."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Duty
from residents.access import may
from residents.models import Area, Resident
from residents.policy import Door, Group
from residents.services.common import ResidentsError
from residents.services.roster import Written, write_roster

SHOWN = ("name", "sex", "birth_on", "id_number", "phone", "relation", "residence", "occupation")
"""Fields that tell two people apart."""


def row_of(content: Mapping[str, Any]) -> Written:
    """Return a parked row as it is written. Raises ``ResidentsError`` where its grid is gone."""
    grid = Area.objects.grids().filter(code=content["grid"]).first()
    if grid is None:
        raise ResidentsError(_("The row's grid is not there: undo the import, or leave the row out."))
    values = {
        name: Resident._meta.get_field(name).to_python(value)  # type: ignore[union-attr]  # all are columns
        for name, value in content["values"].items()
    }
    groups, family, door = content["groups"], content["family"], content["door"]
    return Written(
        grid=grid,
        door=Door(*door) if door is not None else None,
        values=values,
        groups=frozenset(map(Group, groups)) if groups is not None else None,
        family=(family[0], family[1], family[2]) if family is not None else None,
    )


def take_for(content: Mapping[str, Any], pk: int, *, by: User, now: datetime) -> None:
    """Take a parked row for somebody known: they get its values, and are back where they had gone.

    Raises ``ResidentsError`` for somebody whom the row could not mean, or on whose roster this person has no say.
    """
    resident = Resident.objects.select_for_update(of=("self",)).select_related("grid").filter(pk=pk).first()
    if resident is None or pk not in content["others"]:
        raise ResidentsError(_("This person is not among those the row might mean."))
    if not may(by, Duty.KEEP_ROSTER, resident.grid.code, local(now).date()):
        raise ResidentsError(_("This person is on another community's roster; ask them to end it there."))
    if resident.anonymised_at is not None:
        raise ResidentsError(_("This record was merged or made anonymous and cannot come back."))
    row = row_of(content)
    values = {**row.values, "ended_on": None, "departure": ""}
    write_roster([], [(pk, Written(row.grid, row.door, values, row.groups, row.family))])


def take_as_new(content: Mapping[str, Any]) -> None:
    """Take a parked row for somebody new."""
    write_roster([row_of(content)], [])


def facts_of(resident: Resident) -> dict[str, Any]:
    """Return what tells somebody apart, by field."""
    return {name: getattr(resident, name) for name in SHOWN}


def facts_of_row(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same of a parked row."""
    return {name: _value(name, content["values"].get(name)) for name in SHOWN}


def _value(name: str, value: Any) -> Any:
    return Resident._meta.get_field(name).to_python(value) if value is not None else value  # type: ignore[union-attr]


def address_of_row(content: Mapping[str, Any], grid: Area | None) -> str:
    """Return where a parked row says somebody lives."""
    if grid is None:
        return ""
    door = Door(*content["door"]).words if content["door"] is not None else ""
    return f"{grid.name} {door}".strip()


def known_to(user: User, content: Mapping[str, Any], on: date) -> list[tuple[Resident, bool]]:
    """Return those whom a parked row might mean, and whether this person has a say on their roster."""
    people = Resident.objects.filter(pk__in=content["others"]).select_related("grid", "household")
    return [(one, may(user, Duty.KEEP_ROSTER, one.grid.code, on)) for one in people]
