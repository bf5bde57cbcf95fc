"""Whom a row of a roster means.

Somebody is known by the system's number, else by the ID number, else by name and phone, else by name and door. Where
that leads to somebody in another grid, or to one with another ID number, nobody but a person can tell: two people of
one name behind one door exist, and so does one person whom two grids count.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.personal_data import is_key_changing, phone_index, todays
from residents.columns import FIELDS, Person
from residents.importers.grids import Grids
from residents.models import Area, FamilyContact, Household, Membership, Resident
from residents.policy import Door

FIELD_NAMES = (*(name for name, _read in FIELDS.values()), "residence")
HASHED: Mapping[str, str] = {"phone": "phone_hash", "id_number": "id_hash"}
"""Where the blind index of a field stands."""
PLAIN = tuple(name for name in FIELD_NAMES if name not in HASHED)
PLACED = ("pk", "grid_id", "household_id")
IN_ONE_QUESTION = 500


@dataclass(slots=True)
class Known:
    """Somebody on the roster, with nothing deciphered: ``said`` is to be held against a row's ``Person.compared``."""

    pk: int
    grid_id: int
    household_id: int | None
    said: dict[str, Any]


@dataclass(frozen=True)
class Doubt:
    """Why a row is parked, and whom it might mean."""

    code: str
    words: str
    others: Sequence[int]


class Roster:
    """An area's roster, read once, and who outside it has one of the file's ID numbers.

    Only what the file speaks of is read: ``columns`` are the keys of its columns.
    """

    def __init__(self, area: Area, grids: Grids, people: Sequence[Person], *, columns: Collection[str]) -> None:
        self._fields = [name for name in PLAIN if name in _spoken_of(columns)]
        self._columns = columns
        self.grids = grids
        self.grid_names = {grid.pk: grid.name for grid in grids.all() if grid.pk}
        self.people: dict[int, Known] = {}
        self._today = _todays(people) if is_key_changing() else {}
        self._by_id: dict[str, list[Known]] = defaultdict(list)
        self._by_phone: dict[tuple[str, str], list[Known]] = defaultdict(list)
        self._by_door: dict[tuple[str, int], list[Known]] = defaultdict(list)
        self._read_people(area)
        self._read_doors()
        self._read_groups_and_families(area)
        self._read_elsewhere(people)

    def _read_people(self, area: Area) -> None:
        columns = (*PLACED, *HASHED.values(), *self._fields)
        names = (*HASHED, *self._fields)
        rows = Resident.objects.within(area.code).living_here().order_by().values_list(*columns)
        for pk, grid_id, household_id, *values in rows.iterator():
            said = dict(zip(names, values, strict=True))
            if self._today:
                said |= {name: self._today.get(said[name], said[name]) for name in HASHED}
            one = Known(pk, grid_id, household_id, said)
            self.people[pk] = one
            if said["id_number"]:
                self._by_id[said["id_number"]].append(one)
            if said["phone"]:
                self._by_phone[said["name"], said["phone"]].append(one)
            if household_id:
                self._by_door[said["name"], household_id].append(one)

    def _read_doors(self) -> None:
        found = Household.objects.filter(grid__in=list(self.grid_names)).order_by()
        self.doors = {
            (grid_id, Door(*door)): pk
            for pk, grid_id, *door in found.values_list("pk", "grid_id", "building", "unit", "room")
        }

    def _read_groups_and_families(self, area: Area) -> None:
        here = Resident.objects.within(area.code).living_here().order_by().values("pk")
        self.groups: dict[int, set[str]] = defaultdict(set)
        memberships = Membership.objects.filter(resident__in=here).order_by()
        memberships = memberships if "categories" in self._columns else memberships.none()
        for pk, group in memberships.values_list("resident_id", "group"):
            self.groups[pk].add(group)
        self.families: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        contacts = FamilyContact.objects.filter(resident__in=here).order_by("order", "pk")
        contacts = contacts if "family_phone" in self._columns else contacts.none()
        for pk, name, relation, digest in contacts.values_list("resident_id", "name", "relation", "phone_hash"):
            self.families[pk].append((name, relation, self._today.get(digest or "", digest or "")))

    def _read_elsewhere(self, people: Sequence[Person]) -> None:
        hashes = sorted({person.digest("id_number") for person in people} - self._by_id.keys() - {""})
        self._elsewhere: dict[str, Doubt] = {}
        for start in range(0, len(hashes), IN_ONE_QUESTION):
            held = Resident.objects.filter(id_hash__in=hashes[start : start + IN_ONE_QUESTION]).select_related("grid")
            fields = ("pk", "id_hash", "ended_on", "grid__code", "grid__name", "grid__level")
            for one in held.only(*fields).order_by("ended_on", "pk"):
                digest = str(one.id_hash)
                self._elsewhere[self._today.get(digest, digest)] = _doubt_about(one)

    def match(self, person: Person) -> Known | Doubt | None:
        """Return whom a row without a system number means, a doubt that a person settles, or None for somebody new."""
        digest = person.digest("id_number")
        if digest and (same := self._by_id.get(digest)):
            return self._only(person, same)
        if digest in self._elsewhere:
            return self._elsewhere[digest]
        for candidates in self._alike(person):
            others = [one.pk for one in candidates]
            fitting = [one for one in candidates if not digest or one.said["id_number"] in {"", digest}]
            if not fitting:
                return Doubt("other_id", _("Somebody of this name is already there, with another ID number."), others)
            born = person.values.get("birth_on")
            fitting = [one for one in fitting if not born or one.said["birth_on"] in {None, born}]
            if not fitting:
                return Doubt("other_birth", _("Somebody of this name is already there, born on another day."), others)
            return self._only(person, fitting)
        return None

    def _alike(self, person: Person) -> Iterator[list[Known]]:
        """Yield those of the same name: with the same phone, then behind the same door."""
        phone = person.digest("phone")
        if phone and (found := self._by_phone.get((person.name, phone))):
            yield found
        door = self.doors.get((person.grid.pk, person.door)) if person.door is not None else None
        if door and (found := self._by_door.get((person.name, door))):
            yield found

    def _only(self, person: Person, found: Sequence[Known]) -> Known | Doubt:
        others = [one.pk for one in found]
        if len(found) > 1:
            return Doubt("several", _("Several people on the roster fit this row."), others)
        (one,) = found
        if one.grid_id != person.grid.pk:
            words = _("Already on the roster in %(grid)s. Did this person move, or do two grids count one?")
            return Doubt("two_grids", words % {"grid": self.grid_names.get(one.grid_id, "–")}, others)
        return one

    def is_behind(self, person: Person, known: Known) -> bool:
        """Say whether somebody lives behind the door that a row says."""
        behind = self.doors.get((person.grid.pk, person.door)) if person.door is not None else None
        return behind is not None and behind == known.household_id

    def knows_family(self, pk: int, family: tuple[str, str, str]) -> bool:
        """Say whether somebody's family contact is known as it is written."""
        name, relation, phone = family
        digest = phone_index(phone)
        return any(
            (name, digest) == (known, known_digest) and relation in {"", known_relation}
            for known, known_relation, known_digest in self.families.get(pk, ())
        )


def _spoken_of(columns: Collection[str]) -> set[str]:
    """Return the fields that a file's rows may have: one for each column, and what an ID number or a category says."""
    said = {name for key, (name, _read) in FIELDS.items() if key in columns}
    return said | {"name", "birth_on", "sex"} | ({"residence"} if "categories" in columns else set())


def _todays(people: Sequence[Person]) -> Mapping[str, str]:
    """Return today's indexes of the file's numbers for those under which rows may still stand."""
    families = [phone_index(person.family[2]) for person in people if person.family is not None]
    return todays([*families, *(person.digest(name) for person in people for name in HASHED)])


def _doubt_about(one: Resident) -> Doubt:
    """Return why somebody outside the area, or no longer on its roster, is not simply new."""
    if one.ended_on is not None:
        words = _("Was on the roster until %(date)s. Is this person back?") % {"date": one.ended_on.isoformat()}
        return Doubt("ended", words, [one.pk])
    community = one.grid.community
    name = community.name if community is not None else one.grid.name
    return Doubt(
        "elsewhere", _("Already on the roster of %(area)s. Did this person move here?") % {"area": name}, [one.pk]
    )
