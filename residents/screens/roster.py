"""The list of residents: found by what somebody knows of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.paging import PAGE_SIZE, ListPage, page_number, page_of
from residents.access import within
from residents.models import Resident
from residents.models.people import ResidentQuerySet
from residents.policy import Group, born_after, parse_door

_BUILDING = re.compile(r"第?([0-9]{1,3}|[A-Za-z甲乙丙丁东西南北])(?:号楼|号院|楼|栋|幢|座|#)")


@dataclass(frozen=True, slots=True)
class Row:
    """One resident in the list, masked."""

    pk: int
    name: str
    grid: str
    address: str
    age: int | None
    sex: str
    phone: str
    groups: str
    app: str
    ended: str


def narrowed(residents: ResidentQuerySet, chosen: Mapping[str, Any], *, on: date) -> ResidentQuerySet:
    """Return the residents who fit what was chosen; what was left empty narrows nothing."""
    if chosen.get("ended") != "yes":
        residents = residents.living_here()
    if grid := chosen.get("grid"):
        residents = residents.filter(within("grid__code", (grid,)))
    if group := chosen.get("group"):
        residents = residents.filter(memberships__group=group)
    if residence := chosen.get("residence"):
        residents = residents.filter(residence=residence)
    if age := chosen.get("age"):
        residents = residents.filter(_of_age(age, on))
    if app := chosen.get("app"):
        residents = residents.filter(has_app=True) if app == "yes" else residents.exclude(has_app=True)
    return residents


def _of_age(text: str, on: date) -> Q:
    """Return the condition that somebody's age lies in a span: ``60-`` or ``14-17``."""
    youngest, _dash, oldest = text.partition("-")
    condition = Q(birth_on__lte=born_after(int(youngest), on))
    return condition & Q(birth_on__gt=born_after(int(oldest) + 1, on)) if oldest else condition


def found(residents: ResidentQuerySet, text: str, *, number: str, on: date) -> ListPage:
    """Return one page of those whom somebody means by a name, a part of it, a number or its end, a building, a door.

    A single character is a surname first: those whose name begins so come in the order of their index, which a million
    rows answer at once; those who have it elsewhere in the name follow where the page has room.
    """
    bare = text.strip()
    if not bare:
        return _drawn(residents.order_by("grid__code", "household__order", "pk"), number, on)
    if len(bare) == 1 and not bare.isascii():
        return _by_one_character(residents, bare, number=number, on=on)
    return _drawn(meant(residents, bare), number, on)


def meant(residents: ResidentQuerySet, text: str) -> ResidentQuerySet:
    """Return those whom a text means: a name or part of it, a number or its end, a building, a door."""
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{4}", digits):
        return residents.with_phone_ending(digits).order_by("pk")
    if re.fullmatch(r"\+?[0-9]{11,13}", digits):
        return residents.with_phone(digits).order_by("pk")
    if re.fullmatch(r"[0-9]{17}[0-9Xx]", digits):
        return residents.with_id_number(digits).order_by("pk")
    if re.fullmatch(r"[0-9]{1,3}", digits):
        return _by_door(residents.filter(household__building=digits))
    if re.search(r"[0-9]", text):
        return _behind(residents, text)
    return residents.whose_name_has(re.sub(r"\s", "", text) if not text.isascii() else text).order_by("name", "pk")


def _behind(residents: ResidentQuerySet, text: str) -> ResidentQuerySet:
    """Return those behind a door, or in a building, however it is written."""
    door = parse_door(text)
    assert door is not None
    if building := _BUILDING.fullmatch(re.sub(r"\s", "", text)):
        condition = Q(household__building=building[1])
    elif door.room or door.unit:
        parts = {"building": door.building, "unit": door.unit, "room": door.room}
        condition = Q(**{f"household__{name}": part for name, part in parts.items() if part})
    else:
        condition = Q(household__building=door.building)
    return _by_door(residents.filter(condition))


def _by_door(residents: ResidentQuerySet) -> ResidentQuerySet:
    """Return them in the order of the index by building: the fiftieth of a million is found without sorting them."""
    return residents.order_by("household__grid_id", "household__order", "pk")


def _by_one_character(residents: ResidentQuerySet, character: str, *, number: str, on: date) -> ListPage:
    begin = residents.whose_name_begins(character)
    page = _drawn(begin, number, on)
    if page.has_next or len(page.rows) == PAGE_SIZE or page_number(number) > 1:
        return page
    others = residents.whose_name_has(character).exclude(name__startswith=character).order_by("name", "pk")
    room = PAGE_SIZE - len(page.rows)
    more = [_row(one, on) for one in _read_along(others)[: room + 1]]
    return ListPage(rows=[*page.rows, *more[:room]], number=1, has_next=False, count=page.count + len(more))


def _read_along(residents: ResidentQuerySet) -> ResidentQuerySet:
    return (
        residents.select_related("grid", "household")
        .prefetch_related("memberships")
        .defer("id_number", "note", "risks")
    )


def _drawn(residents: ResidentQuerySet, number: str, on: date) -> ListPage:
    return page_of(_read_along(residents), number=number, counted=residents).drawn(lambda one: _row(one, on))


def _row(resident: Resident, on: date) -> Row:
    return Row(
        pk=resident.pk,
        name=resident.masked_name,
        grid=resident.grid.name,
        address=resident.address,
        age=resident.age(on),
        sex=str(resident.get_sex_display()),
        phone=resident.masked_phone,
        groups="、".join(str(Group(group).label) for group in resident.groups),
        app="yes" if resident.has_app else ("no" if resident.has_app is False else ""),
        ended=str(resident.get_departure_display()) if resident.ended_on else "",
    )
