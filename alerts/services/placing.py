"""Whom and where a message is about.

The resident by phone, then by name and area; the grid from the resident, else from the address, else from the code;
else nowhere yet, and the alert waits at the desk.
"""

import os.path
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from django.db import connection
from django.db.models import F, QuerySet

from accounts.composed import Among, Composed, Given
from accounts.personal_data import phone_index, todays, under_any_key
from alerts.models import Source
from residents.access import after_all_within
from residents.models import Area, Household, Level, Resident, ancestry

T = TypeVar("T")

AFTER_ALL = "a"
"""Codes are digits, and under every collation those stand before letters."""

BUILDING = re.compile(r"(\d{1,3})\s*(?:号楼|号|栋|幢|#|座)")


AREA = ("id", "code", "name", "level", "parent_id")
RESIDENT = ("id", "grid_id", "name", "phone_hash")
NARROW = (*RESIDENT, *(f"grid__{column}" for column in AREA))
"""What is asked of a resident here: the intake has no use for a whole dossier."""

AREAS = Composed(lambda: Area.objects.filter(Among(F("code"), Given("codes"))).order_by().values_list(*AREA))
BEARERS = Composed(lambda: _living_here().filter(Among(F("phone_hash"), Given("hashes"))).values_list(*NARROW))
NAMESAKES = Composed(
    lambda: (
        _living_here()
        .filter(Among(F("name"), Given("names")), grid__code__gte=Given("first"), grid__code__lt=Given("end"))
        .values_list(*NARROW)
    )
)


class Subject(Protocol):
    """What of a message says whom and where it is about."""

    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def area_code(self) -> str: ...
    @property
    def resident_id(self) -> int | None: ...


class Places:
    """The places and people of a batch of messages, read in three queries; one more for those whose resident is known,
    and for one that needs its address."""

    def __init__(self, source: Source, subjects: Sequence[Subject]) -> None:
        self._source = source
        codes = {code for subject in subjects for code in ancestry(subject.area_code)}
        self._areas = {area.code: area for area in map(_area_of, AREAS.ask(codes=codes))} if codes else {}
        self._by_phone: dict[str, list[Resident]] = {}
        self._by_name: dict[str, list[Resident]] = {}
        known = {subject.resident_id for subject in subjects if subject.resident_id is not None}
        self._known = _living_here().select_related("grid").only(*NARROW).in_bulk(known) if known else {}
        hashes = {phone_index(subject.phone) for subject in subjects if subject.phone}
        if hashes:
            today = todays(hashes)
            any_key = [one for index in hashes for one in under_any_key(index)]
            for resident in map(_resident_of, BEARERS.ask(hashes=any_key)):
                index = resident.phone_hash or ""
                self._by_phone.setdefault(today.get(index, index), []).append(resident)
        strangers = [s for s in subjects if s.name and not (s.phone and phone_index(s.phone) in self._by_phone)]
        areas = [area.code for subject in strangers if (area := self._area(subject)) is not None]
        if areas:
            # A common name has a thousand bearers in a district; those in what the areas have in common are enough.
            shared = os.path.commonprefix(areas)  # noqa: RUF071  # codes are prefixes of codes, letter by letter
            names = {subject.name for subject in strangers}
            end = after_all_within(shared) or AFTER_ALL
            for resident in map(_resident_of, NAMESAKES.ask(names=names, first=shared, end=end)):
                self._by_name.setdefault(resident.name, []).append(resident)

    def of(self, subject: Subject) -> tuple[Resident | None, Area | None, str]:
        """Return the resident, the grid, and the code of the most exact area known; "" where not even that is."""
        area = self._area(subject)
        resident = self._resident(subject, area)
        grid = resident.grid if resident is not None else self._grid(subject, area)
        if grid is not None:
            return resident, grid, grid.code
        return None, None, area.code if area is not None else ""

    def _area(self, subject: Subject) -> Area | None:
        """Return the area of the code, or the nearest above it that is known, else the source's own."""
        known = [self._areas[code] for code in ancestry(subject.area_code) if code in self._areas]
        return known[-1] if known else self._source.area

    def _resident(self, subject: Subject, area: Area | None) -> Resident | None:
        """Return the one resident meant; ``None`` where nobody or more than one could be."""
        if subject.resident_id is not None and (told := self._known.get(subject.resident_id)) is not None:
            return told
        if subject.phone and (sharing := self._by_phone.get(phone_index(subject.phone))):
            named = [resident for resident in sharing if resident.name == subject.name]
            return _only(named) or _only(sharing)
        namesakes = self._by_name.get(subject.name, []) if area is not None else []
        return _only([resident for resident in namesakes if area and resident.grid.code.startswith(area.code)])

    def _grid(self, subject: Subject, area: Area | None) -> Area | None:
        if area is None:
            return None
        if area.level == Level.GRID:
            return area
        if area.level == Level.BUILDING:
            return area.parent
        return grid_of_address(subject.address, area) if subject.address else None


def _living_here() -> QuerySet[Resident]:
    return Resident.objects.living_here().order_by()


def _area_of(row: Sequence[Any]) -> Area:
    return Area.from_db(connection.alias, AREA, row)


def _resident_of(row: Sequence[Any]) -> Resident:
    """Return a resident of whom nothing is known but ``RESIDENT``, with the grid."""
    resident = Resident.from_db(connection.alias, RESIDENT, row[: len(RESIDENT)])
    resident.grid = _area_of(row[len(RESIDENT) :])
    return resident


def grid_of_address(address: str, area: Area) -> Area | None:
    """Return the one grid of an area that an address names, by the grid's name or alias or by a building of the roster.

    ``None`` where it names none or more than one: a wrong grid costs more minutes than a question at the desk.
    """
    text = unicodedata.normalize("NFKC", address).replace(" ", "")
    grids = list(Area.objects.within(area.code).grids().prefetch_related("aliases"))
    named = [grid for grid in grids if any(name in text for name in (grid.name, *(a.name for a in grid.aliases.all())))]
    if found := _only(named):
        return found
    # A community named in the address narrows a street or a district down to it.
    narrower = [a for a in Area.objects.within(area.code).communities().prefetch_related("aliases") if a.pk != area.pk]
    named_in = [a for a in narrower if any(name in text for name in _short_names(a))]
    if community := _only(named_in):
        return grid_of_address(address, community)
    if building := BUILDING.search(text):
        households = Household.objects.filter(grid__in=grids, building=building[1])
        return _only([grid for grid in grids if grid.pk in set(households.values_list("grid_id", flat=True))])
    return None


def _short_names(area: Area) -> list[str]:
    """Return what a community is called: its name, its aliases, and its name without 社区 at the end."""
    names = [area.name, *(alias.name for alias in area.aliases.all())]
    return list(dict.fromkeys([*names, area.name.removesuffix("社区")]))


def _only(items: Sequence[T]) -> T | None:
    """Return the one item there is; ``None`` for none or for several."""
    return items[0] if len(items) == 1 else None
