"""The roster of an area, for the machinery of ``sheets``: who of a file is new, who changed, what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.personal_data import mask_name
from accounts.roles import Duty
from residents.access import Scope, may, scope_codes
from residents.columns import COLUMNS, FIELDS, MASKS, Person, read_person
from residents.importers.grids import Grids
from residents.importers.matching import Doubt, Known, Roster
from residents.models import Area, Level, Resident
from residents.policy import Group
from residents.services.common import ResidentsError
from residents.services.roster import Written, take_back, write_roster
from residents.services.settling import address_of_row, facts_of, facts_of_row, known_to, take_as_new, take_for
from sheets.policy import Change, Item, Plan, Problem, Settling, Side, Table, text_of
from sheets.reading import FileRefusedError
from sheets.services import SheetsError

REPORT_EVERY = 500
TOGETHER = 1000
"""Whose rows are deciphered in one question, where something of them changes."""

Report = Callable[[int, int], None]


@dataclass
class Update:
    """What changes of somebody."""

    known: Known
    person: Person
    fields: dict[str, Any] = field(default_factory=dict)
    is_new_door: bool = False
    is_new_grid: bool = False
    groups: frozenset[Group] | None = None
    family: tuple[str, str, str] | None = None

    @property
    def is_anything(self) -> bool:
        """Whether anything changes at all."""
        return bool(
            self.fields or self.is_new_door or self.is_new_grid or self.groups is not None or self.family is not None
        )

    @property
    def written(self) -> Written:
        """What the writing takes."""
        door = self.person.door if self.is_new_door else None
        return Written(self.person.grid, door, self.fields, self.groups, self.family)


@dataclass
class Work:
    """What a plan hands on to the writing: everything but what is parked or wrong."""

    grids: Grids
    new: list[Person] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)


class RosterKind:
    """The roster of an area."""

    key = "roster"
    title = gettext_lazy("Roster of residents")
    opens = "residents:list"
    columns = COLUMNS
    notes = (
        "1. 姓名必填，其余能填多少填多少；不了解的留空，不要猜。",
        "2. 留空表示“没有新情况”，系统里原有的内容保持不变；要清掉原有内容，请填“清空”。",
        "3. 身份证号、联系电话两列请保持“文本”格式，否则 Excel 会丢失号码的最后几位。",
        "4. 同一人以身份证号识别；没有身份证号的，以姓名加电话、姓名加房号识别。",
        "5. 上传后先看预览，确认无误再写入；写入后可以撤销。",
    )
    is_every_sheet = False
    may_make_grids = True
    shut = gettext_lazy("On another community's roster: ask them to end it there, then hand the file in again.")

    def scope(self, user: User, on: date) -> Scope:
        """Return where somebody keeps the roster."""
        return scope_codes(user, Duty.KEEP_ROSTER, on)

    def areas(self, user: User, on: date) -> list[tuple[str, str]]:
        """Return the communities and grids whose roster somebody keeps: code and name."""
        return named_places(user, duty=Duty.KEEP_ROSTER, on=on)

    def sees_minors(self, user: User, *, area_code: str, on: date) -> bool:
        """Say whether somebody may see minors there."""
        return may(user, Duty.SEE_MINORS, area_code, on)

    def plan(
        self,
        table: Table,
        *,
        area_code: str,
        options: Mapping[str, Any],
        now: datetime,
        report: Report = lambda _done, _total: None,
    ) -> Plan:
        """Hold every row against the roster; write nothing.

        Raises ``FileRefusedError`` where there is no such area, or nothing says in which grid the rows lie.
        """
        area = place_of(area_code)
        return _Planner(area, table, makes_grids=bool(options.get("create_grids"))).plan(report)

    def write(self, plan: Plan, *, by: User | None, now: datetime) -> list[Any]:
        """Write what a plan says, in the caller's transaction; return what an undo needs, fit for JSON."""
        work = plan.work
        assert isinstance(work, Work)
        return write_roster(
            [Written(one.grid, one.door, one.values, one.groups, one.family, one.digests) for one in work.new],
            [(update.known.pk, update.written) for update in work.updates],
            new_grids=list(work.grids.new.values()),
        )

    def undo(self, entries: Sequence[Any], *, by: User | None, now: datetime) -> tuple[int, list[str]]:
        """Put back what was; return how many, and who was left because something came after."""
        return take_back(entries)

    def sides(self, content: Mapping[str, Any], *, user: User, on: date) -> list[Side]:
        """Return a parked row and those whom it might mean; of somebody on another's roster no more than where."""
        row = facts_of_row(content)
        grid = Area.objects.filter(code=content["grid"]).first()
        shown = [(label_of(name), words_of(name, value)) for name, value in row.items()]
        sides = [Side("", _("The row"), [*shown, (label_of("household"), address_of_row(content, grid) or "–")])]
        for resident, is_open in known_to(user, content, on):
            facts = facts_of(resident)
            differs = frozenset(label_of(name) for name, value in facts.items() if row[name] not in {None, "", value})
            shown = [(label_of(name), words_of(name, value)) for name, value in facts.items()]
            shown.append((label_of("household"), f"{resident.grid.name} {resident.address}".strip()))
            hidden = [(label_of("name"), mask_name(resident.name)), (label_of("grid"), resident.grid.name)]
            title = _("On the roster") if resident.ended_on is None else _("Was on the roster")
            sides.append(Side(str(resident.pk), title, shown if is_open else hidden, differs, is_open))
        return sides

    def settle(self, content: Mapping[str, Any], how: Settling, *, other: str, by: User, now: datetime) -> None:
        """Carry out what a person said of a parked row."""
        try:
            if how is Settling.SAME:
                take_for(content, int(other), by=by, now=now)
            elif how is Settling.NEW:
                take_as_new(content)
        except ResidentsError as error:
            raise SheetsError(str(error)) from error


def place_of(area_code: str) -> Area:
    """Return the community or grid that a file is of. Raises ``FileRefusedError`` where there is none of this code."""
    area = Area.objects.where_people_live().filter(code=area_code).first()
    if area is None:
        raise FileRefusedError(
            "no_area", _("There is no community or grid with the code %(code)s.") % {"code": area_code or "–"}
        )
    return area


def named_places(user: User, *, duty: Duty, on: date) -> list[tuple[str, str]]:
    """Return the communities and grids where somebody has a duty: code, and the name with the community's before it."""
    return [(area.code, area.place) for area in Area.objects.visible_to(user, duty=duty, on=on).where_people_live()]


def _said_of_twice(key: str) -> str:
    """Return what is said of a row that an earlier one already was, by what tells."""
    return {
        "id_number": _("The same ID number stands in row %(row)d. Mend one of the two."),
        "name": _("The same person stands in row %(row)d. Delete one of the two rows."),
        "pk": _("The same system number stands in row %(row)d. Empty one of the two."),
    }[key]


class _Planner:
    """Holds what is known while the rows go by."""

    def __init__(self, area: Area, table: Table, *, makes_grids: bool) -> None:
        self.area, self.table, self.makes_grids = area, table, makes_grids
        self.grids = Grids.of(area)
        self.work = Work(self.grids)
        self.rows_of: dict[tuple[str, Any], int] = {}  # who stood where in this file
        self.taken: dict[int, int] = {}  # known people whom an earlier row was

    def plan(self, report: Report) -> Plan:
        """Return what the file would do."""
        self._need_grid()
        plan = Plan(rows=len(self.table.rows), work=self.work)
        people = list(self._read(report))
        self.roster = Roster(self.area, self.grids, people, columns=self.table.letters)
        known: list[tuple[Person, Known]] = []
        for done, person in enumerate(people, start=plan.rows):
            judged = self._judge(person)
            if isinstance(judged, Item):
                plan.items.append(judged)
            else:
                known.append((person, judged))
            if done % REPORT_EVERY == 0:
                report(done, plan.rows * 2)
        changed = [item for start in range(0, len(known), TOGETHER) for item in self._compare(known[start:][:TOGETHER])]
        plan.same = len(known) - len(changed)
        plan.items = sorted(plan.items + changed, key=lambda item: item.row)
        plan.notices = list(self._notices(people))
        return plan

    def _need_grid(self) -> None:
        is_said = "grid" in self.table.letters
        if not is_said and self.area.level != Level.GRID and len(self.grids.all()) != 1:
            raise FileRefusedError(
                "no_grid",
                _("No column names the grid. Add a column 网格, or choose the grid whose roster this is."),
                column="grid",
            )

    def _read(self, report: Report) -> Iterator[Person]:
        """Yield the rows as values, each with its grid."""
        rows = self.table.rows
        for done, cells in enumerate(rows):
            person = read_person(cells, self.table)
            self._place(person, text_of(cells.values.get("grid")))
            yield person
            if done % REPORT_EVERY == 0:
                report(done, len(rows) * 2)

    def _place(self, person: Person, text: str) -> None:
        """Find the row's grid; complain where it is not known."""
        if self.area.level == Level.GRID or "grid" not in self.table.letters:
            person.grid = self.area if self.area.level == Level.GRID else self.grids.all()[0]
        elif not text:
            self._complain(person, "grid", "no_grid", _("The grid is missing. Fill in 第一网格, say."))
        else:
            person.grid = self.grids.find(text)
            if person.grid is None and self.makes_grids:
                person.grid = self.grids.make(text)
            if person.grid is None:
                words = _("%(area)s has no grid “%(grid)s”. Mend the name, or let unknown grids be made.")
                self._complain(person, "grid", "unknown_grid", words % {"area": self.area.name, "grid": text[:30]})

    def _notices(self, people: Sequence[Person]) -> Iterator[str]:
        """Say what was passed over, and what is made besides."""
        for word, rows in sorted(Counter(word for one in people for word in one.unknown_words).items()):
            words = _("The category “%(word)s” is not known; it was passed over in %(rows)d rows.")
            yield words % {"word": word, "rows": rows}
        if self.table.passed_over:
            words = _("Only the sheet “%(sheet)s” was read, not: %(others)s.")
            yield words % {"sheet": self.table.sheet, "others": "、".join(self.table.passed_over)}
        for grid in self.grids.new.values():
            yield _("A grid will be made: %(name)s, code %(code)s.") % {"name": grid.name, "code": grid.code}

    # ── one row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _judge(self, person: Person) -> Item | Known:
        """Say what a row is: wrong, new, in doubt, or somebody known with whom it is still to be compared."""
        self._find_twice(person)
        if not person.problems:
            found = self._known_by_number(person) if person.pk is not None else self.roster.match(person)
            if isinstance(found, Doubt):
                return self._parked(person, found)
            if found is None and not person.problems:
                self._refuse_masked(person)
            if found is not None and self._is_free(person, found):
                return found
            if not person.problems:
                self.work.new.append(person)
                return self._item(person, "new")
        return self._item(person, "error", problems=person.problems)

    def _find_twice(self, person: Person) -> None:
        """Complain of a row that an earlier one of the file already was."""
        if not person.name:
            return
        said = person.values
        keys: list[tuple[str, Any]] = []
        if said.get("id_number"):
            keys.append(("id_number", said["id_number"]))
        elif person.pk is None:
            place = (person.grid and person.grid.code, person.door)
            keys.append(("name", (person.name, *place, said.get("phone"), said.get("birth_on"))))
        if person.pk is not None:
            keys.append(("pk", person.pk))
        for key, value in keys:
            earlier = self.rows_of.setdefault((key, value), person.number)
            if earlier != person.number:
                self._complain(person, key, "twice", _said_of_twice(key) % {"row": earlier})

    def _known_by_number(self, person: Person) -> Known | None:
        known = self.roster.people.get(person.pk or 0)
        if known is None:
            words = _("Nobody in %(area)s has this system number. Empty it for a new person.")
            self._complain(person, "pk", "unknown_number", words % {"area": self.area.name})
        return known

    def _refuse_masked(self, person: Person) -> None:
        if not person.masked:
            return
        words = _("This is masked and the row has no system number, so who is meant is not known. Write it whole.")
        for key, (name, _read) in FIELDS.items():
            if name in person.masked:
                self._complain(person, key, "masked", words)

    def _is_free(self, person: Person, known: Known) -> bool:
        """Take somebody known for this row; complain where an earlier row was the same person."""
        earlier = self.taken.setdefault(known.pk, person.number)
        if earlier != person.number:
            words = _("This is the person of row %(row)d again. Delete one of the two rows.")
            self._complain(person, "name", "twice", words % {"row": earlier})
        return earlier == person.number

    def _complain(self, person: Person, key: str, code: str, message: str) -> None:
        person.problems.append(Problem(person.number, self.table.where(person.number, key), code, message))

    # ── what changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _compare(self, pairs: Sequence[tuple[Person, Known]]) -> Iterator[Item]:
        """Yield those of whom something changes; old numbers are deciphered for these alone."""
        updates = [one for person, known in pairs if (one := self._update(person, known)) is not None]
        telling = [one.known.pk for one in updates]
        whole = Resident.objects.select_related("household", "grid").in_bulk(telling) if telling else {}
        for update in updates:
            person, resident = update.person, whole.get(update.known.pk)
            if resident is None:
                continue  # removed at this moment
            self._check_masks(person, resident)
            if person.problems:
                yield self._item(person, "error", problems=person.problems)
            elif update.is_anything:
                self.work.updates.append(update)
                yield self._item(person, "changed", changes=list(self._changes(update, resident)), about=resident)

    def _update(self, person: Person, known: Known) -> Update | None:
        """Return what changes of somebody, or what is still to be looked at; None where the roster says all of it."""
        said, held = person.compared, known.said
        is_said = said.items() <= held.items()  # of fifty thousand rows nearly all are
        fields = {} if is_said else {name: person.values[name] for name in said if said[name] != held[name]}
        is_new_door = person.door is not None and not self.roster.is_behind(person, known)
        is_new_grid = person.grid.pk != known.grid_id
        groups, family = person.groups, person.family
        if groups is not None and groups == self.roster.groups.get(known.pk, set()):
            groups = None
        if family is not None and self.roster.knows_family(known.pk, family):
            family = None
        update = Update(known, person, fields, is_new_door, is_new_grid, groups, family)
        return update if update.is_anything or person.masked else None

    def _check_masks(self, person: Person, resident: Resident) -> None:
        """Complain of masked values that are no longer what was exported."""
        words = _("This is masked and differs from what was exported. Write it whole, or leave it as it was.")
        for key, (name, _read) in FIELDS.items():
            if name in person.masked and MASKS[name](getattr(resident, name)) != person.masked[name]:
                self._complain(person, key, "masked", words)

    def _changes(self, update: Update, resident: Resident) -> Iterator[Change]:
        """Yield the old and the new value of what changes."""
        person, pk = update.person, resident.pk
        for name, value in update.fields.items():
            yield Change(label_of(name), words_of(name, getattr(resident, name)), words_of(name, value))
        if update.is_new_grid:
            yield Change(label_of("grid"), resident.grid.name, person.grid.name)
        if update.is_new_door and person.door is not None:
            yield Change(label_of("household"), resident.address or "–", person.door.words)
        if update.groups is not None:
            held = self.roster.groups.get(pk, set())
            old_groups = [str(group.label) for group in Group if group in held]
            new_groups = [str(group.label) for group in Group if group in update.groups]
            yield Change(_("groups"), _listed(old_groups), _listed(new_groups))
        if update.family is not None:
            old_family = [
                f"{mask_name(name)} {relation}" for name, relation, _digest in self.roster.families.get(pk, ())
            ]
            yield Change(_("family"), _listed(old_family), " ".join(part for part in update.family if part))

    # ── how it is shown ───────────────────────────────────────────────────────────────────────────────────────────────

    def _item(
        self,
        person: Person,
        verdict: str,
        *,
        changes: Sequence[Change] = (),
        problems: Sequence[Problem] = (),
        about: Resident | None = None,
    ) -> Item:
        name = about.name if about is not None and person.masked else person.name
        return Item(person.number, verdict, name, _place_of(person), changes, problems)

    def _parked(self, person: Person, doubt: Doubt) -> Item:
        body = {
            "values": {
                name: value.isoformat() if isinstance(value, date) else value for name, value in person.values.items()
            },
            "groups": sorted(person.groups) if person.groups is not None else None,
            "family": list(person.family) if person.family is not None else None,
            "door": list(person.door.parts) if person.door is not None else None,
            "grid": person.grid.code,
            "others": list(doubt.others),
        }
        return Item(
            person.number,
            "conflict",
            person.name,
            _place_of(person),
            conflict=body,
            code=doubt.code,
            message=doubt.words,
        )


def label_of(name: str) -> str:
    """Return what people call a resident's field."""
    return str(Resident._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # all are columns


def words_of(name: str, value: Any) -> str:
    """Return a field's value as people read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = dict(Resident._meta.get_field(name).choices or ())  # type: ignore[union-attr]  # as above
    return str(choices.get(value, value))


def _listed(words: Sequence[str]) -> str:
    return "、".join(words) or "–"


def _place_of(person: Person) -> str:
    if person.grid is None:
        return ""
    return f"{person.grid.name} {person.door.words if person.door is not None else ''}".strip()
