"""Which case a row of a file means, and whom of the roster its victim is.

A case is known by the system's number, else by the number of the police, else by the moment it was reported or happened
and the victim's name. Where that leads to several, or to one that speaks against it, nobody but a person can tell.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import local
from cases.columns import Entry
from cases.models import Case
from residents.access import within
from residents.models import Area, Membership, Resident
from residents.policy import Group, age_on

WHOLE = frozenset({"victim_phone"})
"""Columns that are compared by their blind index: nothing is deciphered to find that nothing changed."""
READ = tuple(
    one.attname for one in Case._meta.concrete_fields if one.attname not in WHOLE | {"created_at", "created_by_id"}
)
IN_ONE_QUESTION = 500
Known = dict[str, Any]
"""A case as it is known, by column; its phone as the blind index alone."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row is parked, and which cases it might mean."""

    code: str
    words: str
    others: Sequence[int]


@dataclass
class Ledger:
    """An area's cases, read once."""

    cases: dict[int, Known] = field(default_factory=dict)
    _by_number: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    _by_moment: dict[tuple[str, datetime, str], list[Known]] = field(default_factory=lambda: defaultdict(list))
    _by_day: dict[tuple[date, str], list[Known]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, area: Area) -> "Ledger":
        """Read it, in one query."""
        ledger = cls()
        for case in Case.objects.within(area.code).order_by("pk").values(*READ).iterator():
            ledger._know(case)
        return ledger

    def _know(self, case: Known) -> None:
        self.cases[case["id"]] = case
        if case["number"]:
            self._by_number[case["number"]].append(case)
        for name in ("reported_at", "occurred_at"):
            if case[name] is not None:
                self._by_moment[name, case[name], _told_apart_by(case)].append(case)
        if case["victim_name"]:
            self._by_day[local(case["reported_at"]).date(), case["victim_name"]].append(case)

    def match(self, entry: Entry) -> Known | Doubt | None:
        """Return which case a row without a system number means, a doubt that a person settles, or None for none."""
        number = entry.values.get("number", "")
        found = self._by_number.get(number, []) if number else []
        if found:
            return self._by_the_number(entry, found)
        alike = self._alike(entry)
        if len(alike) > 1:
            return _doubt("several", _("Several cases in the ledger fit this row."), alike)
        if alike:
            (one,) = alike
            if number and one["number"]:
                words = _("A case of this victim at this time has another number of the police.")
                return _doubt("other_number", words, alike)
            return one
        reported = entry.values.get("reported_at")
        same_day = self._by_day.get((local(reported).date(), entry.victim), []) if reported is not None else []
        if same_day:
            words = _("A case of the same victim on the same day is in the ledger. Is it the same one?")
            return _doubt("same_day", words, same_day)
        return None

    def _by_the_number(self, entry: Entry, found: Sequence[Known]) -> Known | Doubt:
        if len(found) > 1:
            return _doubt("several", _("Several cases in the ledger fit this row."), found)
        (one,) = found
        if entry.victim and one["victim_name"] and entry.victim != one["victim_name"] and not entry.masked:
            return _doubt("other_victim", _("The case with this number has another victim."), found)
        return one

    def _alike(self, entry: Entry) -> list[Known]:
        """Return those with the same victim at the same moment, of the report or else of the fraud."""
        told = _told_apart_by(entry.values | {"victim_name": entry.victim})
        for name in ("reported_at", "occurred_at"):
            at = entry.values.get(name)
            if at is not None and (found := self._by_moment.get((name, at, told))):
                return found
        return []


def _told_apart_by(values: Mapping[str, Any]) -> str:
    """Return what tells two cases of one moment apart: the victim's name, else how much was lost."""
    return values.get("victim_name") or f"{values.get('amount_lost') or 0:.2f}"


def _doubt(code: str, words: str, cases: Sequence[Known]) -> Doubt:
    return Doubt(code, words, [case["id"] for case in cases])


# ── victims ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Person:
    """Somebody on the roster, as far as a case asks."""

    pk: int
    grid_id: int
    sex: str
    birth_on: date | None
    occupation: str
    residence: str
    groups: list[str] = field(default_factory=list)


class Victims:
    """Whom of an area's roster the victims of a file might be; three queries for five hundred names."""

    def __init__(self, area: Area, names: Collection[str]) -> None:
        self._by_name: dict[str, list[Person]] = defaultdict(list)
        asked = sorted(names)
        for start in range(0, len(asked), IN_ONE_QUESTION):
            self._read(area, asked[start : start + IN_ONE_QUESTION])

    def _read(self, area: Area, names: Sequence[str]) -> None:
        rows = Resident.objects.filter(within("grid__code", (area.code,)), name__in=names).living_here().order_by()
        people: dict[int, Person] = {}
        columns = ("name", "pk", "grid_id", "sex", "birth_on", "occupation", "residence")
        for name, *rest in rows.values_list(*columns):
            person = Person(*rest)
            people[person.pk] = person
            self._by_name[name].append(person)
        groups = Membership.objects.filter(resident__in=list(people)).order_by().values_list("resident_id", "group")
        for pk, group in groups:
            people[pk].groups.append(group)

    def add_to(self, values: dict[str, Any]) -> None:
        """Say who the victim of a new case is, where exactly one fits; what the row does not say is the roster's."""
        on = local(values.get("occurred_at") or values["reported_at"]).date()
        fitting = [one for one in self._by_name.get(values.get("victim_name", ""), ()) if _fits(one, values, on=on)]
        if len(fitting) != 1:
            return
        (one,) = fitting
        values["resident_id"] = one.pk
        group = next((group for group in Group if group in one.groups), "")
        told: dict[str, Any] = {
            "victim_sex": one.sex,
            "victim_occupation": one.occupation,
            "victim_residence": one.residence,
        }
        told |= {"victim_group": group, "grid_id": one.grid_id}
        told |= {"victim_age": age_on(one.birth_on, on)} if one.birth_on is not None else {}
        for name, value in told.items():
            if value and values.get(name) in {None, ""}:
                values[name] = value


def _fits(person: Person, values: Mapping[str, Any], *, on: date) -> bool:
    """Say whether somebody of a victim's name is that victim: the grid, the sex and the age do not speak against it."""
    grid, sex, age = (values.get(name) for name in ("grid_id", "victim_sex", "victim_age"))
    is_here = not grid or grid == person.grid_id
    is_sex = not sex or not person.sex or sex == person.sex
    # Offices count years as it suits them: one more or less is the same person.
    is_age = age is None or person.birth_on is None or abs(age_on(person.birth_on, on) - age) <= 1
    return is_here and is_sex and is_age
