"""The doors of household visits as one walks them: by building and stairwell, with who lives behind each."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse

from campaigns.models import Door, Event
from campaigns.policy import Channel, DoorResult
from residents.models import Household, Resident, ResidentQuerySet
from residents.policy import Door as Address


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who lives behind a door."""

    pk: int
    name: str
    facts: str
    is_wanted: bool
    is_ticked: bool
    has_pledged: bool


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One door, and what came of knocking at it."""

    pk: int
    url: str
    remove_url: str
    address: str
    stairwell: str
    result: str
    result_words: str
    at: datetime | None
    has_installed: bool
    note: str
    people: tuple[Person, ...]

    @property
    def is_done(self) -> bool:
        """Whether nobody need come again."""
        return self.result not in {"", DoorResult.AGAIN, DoorResult.NOBODY}

    @property
    def wanted(self) -> str:
        """Whom to ask for, by name."""
        return "、".join(person.name for person in self.people if person.is_wanted)


@dataclass(frozen=True, slots=True)
class Stairwell:
    """The doors of one stairwell."""

    title: str
    rows: tuple[DoorRow, ...]
    done: int


@dataclass(frozen=True, slots=True)
class Doors:
    """All doors of an event that somebody may see, and how far one has come."""

    stairwells: tuple[Stairwell, ...]
    total: int
    talked: int
    knocked: int
    again: int

    @property
    def left(self) -> int:
        """How many doors nobody has knocked at yet."""
        return self.total - self.knocked


def doors_page(event: Event, doors: Iterable[Door], residents: ResidentQuerySet, *, on: date) -> Doors:
    """Return an event's doors in the order in which one walks; six queries, however many they are.

    Args:
        doors: those that the reader may see.
        residents: those whose names the reader may see.
    """
    found = list(doors)
    rows = _rows(event, found, residents, on=on)
    stairwells = [
        Stairwell(title, (several := tuple(some)), sum(row.is_done for row in several))
        for title, some in groupby(rows, key=lambda row: row.stairwell)
    ]
    results = [row.result for row in rows]
    return Doors(
        stairwells=tuple(stairwells),
        total=len(rows),
        talked=results.count(DoorResult.TALKED),
        knocked=len(rows) - results.count(""),
        again=results.count(DoorResult.AGAIN) + results.count(DoorResult.NOBODY),
    )


def _rows(event: Event, doors: list[Door], residents: ResidentQuerySet, *, on: date) -> list[DoorRow]:
    behind: dict[int, list[Resident]] = defaultdict(list)
    here = residents.living_here().filter(household__in=[door.household_id for door in doors])
    for one in here.order_by("birth_on", "pk").prefetch_related("memberships").defer("phone", "id_number", "note"):
        behind[one.household_id or 0].append(one)
    touched = set(event.touches.filter(channel=Channel.DOOR).values_list("resident_id", flat=True))
    pledged = set(event.signed_pledges.exclude(resident=None).values_list("resident_id", flat=True))
    wanted = _wanted(doors)
    return [_row(door, _people(door, behind[door.household_id], wanted, touched, pledged, on=on)) for door in doors]


def _wanted(doors: list[Door]) -> dict[int, set[int]]:
    by_door: dict[int, set[int]] = defaultdict(set)
    for door, resident in Door.wanted.through.objects.filter(door__in=doors).values_list("door_id", "resident_id"):
        by_door[door].add(resident)
    return by_door


def _people(
    door: Door,
    flat: list[Resident],
    wanted: Mapping[int, set[int]],
    touched: Collection[int],
    pledged: Collection[int],
    *,
    on: date,
) -> tuple[Person, ...]:
    """Return who lives behind a door. Until somebody knocked, those are ticked for whom it is on the list."""
    asked_for = wanted.get(door.pk) or ({flat[0].pk} if len(flat) == 1 else set())
    is_talked = door.result == DoorResult.TALKED
    return tuple(
        Person(
            pk=one.pk,
            name=one.name,
            facts=one.short_facts(on),
            is_wanted=one.pk in asked_for,
            is_ticked=one.pk in (touched if is_talked else asked_for),
            has_pledged=one.pk in pledged,
        )
        for one in flat
    )


def _row(door: Door, people: tuple[Person, ...]) -> DoorRow:
    household = door.household
    stairwell = Address(household.building, household.unit).words
    return DoorRow(
        pk=door.pk,
        url=reverse("campaigns:knock", args=[door.pk]),
        remove_url=reverse("campaigns:remove_door", args=[door.pk]),
        address=household.address,
        stairwell=f"{household.grid.name} {stairwell}",
        result=door.result,
        result_words=str(door.get_result_display()) if door.result else "",
        at=door.at,
        has_installed=door.has_installed,
        note=door.note,
        people=people,
    )


def living_at(residents: ResidentQuerySet, where: Mapping[str, str]) -> ResidentQuerySet:
    """Return those residents who live in a building, or in one of its stairwells."""
    return residents.filter(**{f"household__{part}": words for part, words in where.items()})


def households_at(residents: ResidentQuerySet, where: Mapping[str, str]) -> list[Household]:
    """Return the flats of a building or stairwell, in the grids where these residents live; empty ones as well."""
    grids = living_at(residents, where).order_by().values("grid")
    return list(Household.objects.filter(grid__in=grids, **where))
