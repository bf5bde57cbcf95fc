"""A duty roster (值班表) for the machinery of ``sheets``: which shifts of a file are new, which change, what is wrong.

Of the days and duties that a file names, it is the whole truth: what stands there and not in the file goes. Hours that
are over stay as they were, whatever the file says of them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.calendars import Stretch
from accounts.clock import local, midnight
from accounts.models import User
from accounts.personal_data import bare_phone
from accounts.roles import Duty
from alerts.columns import (
    COLUMNS,
    DESK_WORD,
    LEADER_WORD,
    WEEKDAY_WORDS,
    hours_in_cell,
    hours_of,
    name_of_shift,
    names_of,
    plain,
    username_in,
    weekday_of,
)
from alerts.models import Shift
from alerts.policy import ShiftKind
from alerts.services.rostering import Replaced, fitting_roles, replace_shifts, take_back_shifts
from residents.access import Scope, scope_codes
from residents.importers.grids import Grids
from residents.importers.roster import place_of
from residents.models import Area, Level, Post
from sheets.policy import (
    CellError,
    Cells,
    Change,
    Formula,
    Item,
    Plan,
    Problem,
    Settling,
    Side,
    Table,
    date_of,
    text_of,
)
from sheets.services import SheetsError

Duties = tuple[int, str]
"""Which duty: the area's key and the kind."""

Report = Callable[[int, int], None]


@dataclass
class Wanted:
    """Hours of a duty as the file wants them: who, and the first row that says so."""

    area: Area
    kind: str
    hours: Stretch
    row: int
    name: str = ""
    people: list[int] = field(default_factory=list)


@dataclass
class Line:
    """One row of the file."""

    number: int
    on: date | None = None
    wanted: list[Wanted] = field(default_factory=list)
    added: dict[int, list[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    is_over: bool = False


class DutyRosterKind:
    """The duty roster of a community or a grid."""

    key = "duty"
    title = gettext_lazy("Duty roster")
    opens = "alerts:roster"
    columns = COLUMNS
    may_make_grids = False
    is_every_sheet = False
    shut = ""
    notes = (
        "1. 日期、值班人员必填；值班时间写在“值班时间”或“班次”列，如 20:00-次日08:00。",
        "2. 社区值班台的行不填值班岗位；网格备勤的行填网格名称；带班领导和值班时间相同的，填在同一行。",
        "3. 文件里写到的日期和岗位以文件为准：系统里有、文件里没有的班次会被取消；留空或没写到的不变，要清空请填“无”。",
        "4. 已经过去的班次不改。值班的人须在本社区或本网格有相应岗位。",
        "5. 上传后先看预览，确认无误再写入；写入后可以撤销。",
    )

    def scope(self, user: User, on: date) -> Scope:
        """Return where somebody keeps the duty roster."""
        return scope_codes(user, Duty.KEEP_DUTY_ROSTER, on)

    def areas(self, user: User, on: date) -> list[tuple[str, str]]:
        """Return the communities and grids whose duty roster somebody keeps: code and name."""
        levels = (Level.COMMUNITY, Level.GRID)
        areas = Area.objects.visible_to(user, duty=Duty.KEEP_DUTY_ROSTER, on=on).filter(level__in=levels)
        named = areas.select_related("parent").order_by("code")
        return [
            (area.code, area.name if area.level == Level.COMMUNITY else f"{area.parent} · {area.name}")
            for area in named
        ]

    def sees_minors(self, user: User, *, area_code: str, on: date) -> bool:
        """Say yes: nobody under age stands on a duty roster."""
        return True

    def plan(
        self,
        table: Table,
        *,
        area_code: str,
        options: Mapping[str, Any],
        now: datetime,
        report: Report = lambda _done, _total: None,
    ) -> Plan:
        """Hold every row against the roster; write nothing. Raises ``FileRefusedError`` where there is no such area."""
        area = place_of(area_code)
        return _Planner(area, table, now=now).plan()

    def write(self, plan: Plan, *, by: User | None, now: datetime) -> list[Any]:
        """Write what a plan says, in the caller's transaction; return what an undo needs, fit for JSON."""
        work = plan.work
        assert isinstance(work, list)
        return replace_shifts(work, now=now)

    def undo(self, entries: Sequence[Any], *, by: User | None, now: datetime) -> tuple[int, list[str]]:
        """Put back what was; return how many, and whose hours were left because something came after."""
        return take_back_shifts(entries)

    def sides(self, content: Mapping[str, Any], *, user: User, on: date) -> list[Side]:
        """Return nothing: no row of a roster waits for a person to say who is meant."""
        return []

    def settle(self, content: Mapping[str, Any], how: Settling, *, other: str, by: User, now: datetime) -> None:
        """Refuse: nothing is ever parked."""
        raise SheetsError(_("There is nothing to settle in a duty roster."))


class _People:
    """Who may be meant by a name: those who hold a fitting post at an area, and when."""

    def __init__(self, areas: Iterable[Area]) -> None:
        posts = Post.objects.filter(area__in=[area.pk for area in areas], user__is_active=True)
        self.users: dict[int, User] = {}
        self._held: dict[int, list[Post]] = {}
        for post in posts.select_related("user"):
            self.users[post.user_id] = post.user
            self._held.setdefault(post.area_id, []).append(post)

    def find(self, name: str, area: Area, kind: str, *, on: date, phones: str) -> User:
        """Return the one person meant. Raises ``CellError`` that says how to mend it."""
        bare, username = username_in(name)
        known = self._fitting(area, kind, on=on)
        found = [one for one in known if one.username == (username or bare)] or [
            one for one in known if one.name == bare and not username
        ]
        if len(found) > 1:
            found = [one for one in found if _ends_in(one, phones)] or found
        if len(found) == 1:
            return found[0]
        if found:
            words = _("Several people are called %(name)s. Write the username behind it: %(name)s(%(username)s).")
            raise CellError("many", words % {"name": bare, "username": found[0].username})
        words = _("%(name)s holds no post at %(area)s that fits this duty. Mend the name, or appoint them first.")
        raise CellError("unknown", words % {"name": name[:30], "area": area.name})

    def _fitting(self, area: Area, kind: str, *, on: date) -> list[User]:
        posts = (
            post
            for post in self._held.get(area.pk, ())
            if post.role in fitting_roles(kind)
            and post.starts_on <= on
            and (post.ends_on is None or post.ends_on >= on)
        )
        return list({post.user_id: post.user for post in posts}.values())

    def named(self, ids: Iterable[int]) -> str:
        """Return people's names, as a cell has them."""
        return "、".join(str(self.users[pk]) if pk in self.users else "?" for pk in ids) or "–"


def _ends_in(person: User, phones: str) -> bool:
    bare = bare_phone(person.phone or "")
    return len(bare) >= 4 and any(found.endswith(bare[-4:]) for found in re.findall(r"[\d*-]+", plain(phones)))


class _Planner:
    """Holds what is known while the rows go by."""

    def __init__(self, area: Area, table: Table, *, now: datetime) -> None:
        self.area, self.table, self.now = area, table, now
        self.grids = Grids.of(area)
        self.people = _People([area, *self.grids.all()])
        self.wanted: dict[tuple[Duties, Stretch], Wanted] = {}
        self.notices: list[str] = []

    def plan(self) -> Plan:
        """Return what the file would do."""
        lines = [self._read(cells) for cells in self.table.rows]
        there = self._there(lines)
        work = list(self._compare(lines, there))
        self._find_overlaps(lines, work)
        plan = Plan(rows=len(lines), notices=self.notices)
        wrong = {line.number for line in lines if line.problems}
        plan.items = [item for line in lines if (item := self._item(line)) is not None]
        plan.same = len(lines) - len(plan.items)
        # A duty's hours go in whole or not at all: those that a wrong row belongs to wait until it is mended.
        plan.work = [one for one in work if not one.rows & wrong]
        return plan

    # ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, cells: Cells) -> Line:
        line = Line(cells.number)
        try:
            line.on = date_of(self._value(cells, "on"))
        except CellError as error:
            self._complain(line, "on", error)
        if line.on is None:
            if not line.problems:
                self._complain(line, "on", CellError("missing", _("The date is missing.")))
            return line
        self._look_at_weekday(line, self._text(cells, "weekday"))
        hours = self._hours(line, cells)
        if hours is None:
            return line
        line.is_over = hours.ends_at <= self.now
        name = name_of_shift(self._text(cells, "name"))
        phones = self._text(cells, "phone")
        place = self._place(line, self._text(cells, "place"))
        if place is not None:
            area, kind = place
            self._want(line, area, kind, hours, name, "people", cells, phones)
            if kind == ShiftKind.DESK and "leader" in self.table.letters:
                self._want(line, area, ShiftKind.ON_CALL, hours, name, "leader", cells, phones)
        return line

    def _value(self, cells: Cells, key: str) -> object:
        value = cells.values.get(key, "")
        if isinstance(value, Formula):
            raise CellError("formula", _("This is a formula. Write down what it shows."))
        return value

    def _text(self, cells: Cells, key: str) -> str:
        return text_of(cells.values.get(key, ""))

    def _look_at_weekday(self, line: Line, said: str) -> None:
        assert line.on is not None
        weekday = weekday_of(said)
        if weekday is not None and weekday != line.on.weekday():
            words = _("Row %(row)d: %(day)s is a %(right)s, the file says %(said)s. The date was taken.")
            right = WEEKDAY_WORDS[line.on.weekday()]
            self.notices.append(words % {"row": line.number, "day": line.on, "right": right, "said": said[:10]})

    def _hours(self, line: Line, cells: Cells) -> Stretch | None:
        """Return the row's hours, from its own column or from the shift's name."""
        assert line.on is not None
        for key in ("hours", "name"):
            try:
                hours = hours_of(self._text(cells, key), line.on)
            except CellError as error:
                self._complain(line, key, error)
                return None
            if hours is not None:
                return hours
        words = _("The hours are missing. Write them like 20:00-次日08:00.")
        self._complain(line, "hours" if "hours" in self.table.letters else "name", CellError("no_hours", words))
        return None

    def _place(self, line: Line, said: str) -> tuple[Area, str] | None:
        """Return which duty a row is about: the desk, who leads, or who is on call for a grid."""
        bare = plain(said)
        is_community = self.area.level == Level.COMMUNITY
        if is_community and bare in {"", DESK_WORD, "值班室", self.area.name}:
            return self.area, ShiftKind.DESK
        if is_community and bare in {LEADER_WORD, "带班", "值班领导"}:
            return self.area, ShiftKind.ON_CALL
        if not is_community and not bare:
            return self.area, ShiftKind.ON_CALL
        grid = self.grids.find(bare)
        if grid is not None:
            return grid, ShiftKind.ON_CALL
        words = _("%(area)s has no duty “%(place)s”. Write 值班台, 带班领导 or a grid's name.")
        self._complain(line, "place", CellError("unknown_place", words % {"area": self.area.name, "place": bare[:30]}))
        return None

    def _want(
        self, line: Line, area: Area, kind: str, hours: Stretch, name: str, key: str, cells: Cells, phones: str
    ) -> None:
        """Note who is to have these hours. An empty cell says nothing; 无 says that nobody has them."""
        assert line.on is not None
        text = self._text(cells, key)
        if not text:
            return
        found: list[int] = []
        for typed in names_of(text):
            try:
                found.append(self.people.find(typed, area, kind, on=line.on, phones=phones).pk)
            except CellError as error:
                self._complain(line, key, error)
        wanted = self.wanted.setdefault(((area.pk, kind), hours), Wanted(area, kind, hours, line.number, name))
        wanted.name = wanted.name or name
        line.wanted.append(wanted)
        line.added[id(wanted)] = found
        wanted.people += [pk for pk in found if pk not in wanted.people]

    def _complain(self, line: Line, key: str, error: CellError) -> None:
        line.problems.append(Problem(line.number, self.table.where(line.number, key), error.code, str(error)))

    # ── against what is there ─────────────────────────────────────────────────────────────────────────────────────

    def _there(self, lines: Sequence[Line]) -> dict[tuple[Duties, Stretch], list[Shift]]:
        """Return the shifts of the days that the file names, by duty and hours."""
        days = [line.on for line in lines if line.on is not None]
        if not days:
            return {}
        areas = {one.area.pk for one in self.wanted.values()}
        begin, end = midnight(min(days)), midnight(max(days) + timedelta(days=1))
        shifts = Shift.objects.filter(area__in=areas, starts_at__gte=begin, starts_at__lt=end).select_related("user")
        named = {(one.area.pk, one.kind, _day(one.hours)) for one in self.wanted.values()}
        found: dict[tuple[Duties, Stretch], list[Shift]] = {}
        for shift in shifts.order_by("starts_at", "seat", "pk"):
            if (shift.area_id, shift.kind, _day(shift.hours)) in named:
                found.setdefault(((shift.area_id, shift.kind), shift.hours), []).append(shift)
                self.people.users.setdefault(shift.user_id, shift.user)
        return found

    def _compare(
        self, lines: Sequence[Line], there: Mapping[tuple[Duties, Stretch], Sequence[Shift]]
    ) -> Iterator[Replaced]:
        """Yield what changes of each duty's hours; say it in the rows."""
        by_row = {line.number: line for line in lines}
        rows_of: dict[int, set[int]] = {}
        for line in lines:
            for wanted in line.wanted:
                rows_of.setdefault(id(wanted), set()).add(line.number)
        for key, wanted in self.wanted.items():
            before = list(there.get(key, ()))
            if wanted.hours.ends_at <= self.now:
                continue
            gone = [shift for shift in before if shift.user_id not in wanted.people]
            had = {shift.user_id for shift in before}
            new = [pk for pk in wanted.people if pk not in had]
            renamed = [one for one in before if one not in gone and wanted.name and one.name != wanted.name]
            if gone or new or renamed:
                old = self.people.named(shift.user_id for shift in before)
                by_row[wanted.row].changes.append(
                    Change(self._label(wanted), old, self.people.named(wanted.people) if (gone or new) else wanted.name)
                )
                yield Replaced(
                    area=wanted.area,
                    kind=wanted.kind,
                    hours=wanted.hours,
                    name=wanted.name,
                    gone=[shift.pk for shift in gone],
                    new=new,
                    renamed=[shift.pk for shift in renamed],
                    rows=frozenset(rows_of[id(wanted)]),
                )
        yield from self._left_out(lines, there)

    def _left_out(
        self, lines: Sequence[Line], there: Mapping[tuple[Duties, Stretch], Sequence[Shift]]
    ) -> Iterator[Replaced]:
        """Yield the hours that stand in the roster and no longer in the file."""
        first: dict[tuple[int, str, date], tuple[Line, Wanted]] = {}
        for line in lines:
            for wanted in line.wanted:
                first.setdefault((wanted.area.pk, wanted.kind, _day(wanted.hours)), (line, wanted))
        for key, shifts in there.items():
            (area_id, kind), hours = key
            if key in self.wanted or hours.ends_at <= self.now:
                continue
            line, wanted = first[area_id, kind, _day(hours)]
            label = f"{_place_word(wanted)} {hours_in_cell(hours)}"
            line.changes.append(Change(label, self.people.named(shift.user_id for shift in shifts), _("taken out")))
            keys = [shift.pk for shift in shifts]
            yield Replaced(
                area=wanted.area, kind=kind, hours=hours, gone=keys, rows=frozenset(_rows_of_day(lines, line.on))
            )

    def _label(self, wanted: Wanted) -> str:
        return f"{_place_word(wanted)} {hours_in_cell(wanted.hours)}"

    def _find_overlaps(self, lines: Sequence[Line], work: Sequence[Replaced]) -> None:
        """Complain of rows that put one person at two desks, or twice on one duty, in the same hours."""
        gone = {pk for one in work for pk in one.gone}
        by_row = {line.number: line for line in lines}
        people = {pk for one in work for pk in one.new}
        theirs: dict[int, list[tuple[Stretch, int, str, str]]] = {}
        shifts = Shift.objects.filter(user__in=people).exclude(pk__in=gone).select_related("area")
        if people:
            span = Stretch(min(one.hours.begins_at for one in work), max(one.hours.ends_at for one in work))
            for shift in shifts.overlapping(span):
                theirs.setdefault(shift.user_id, []).append((shift.hours, shift.area_id, shift.kind, shift.area.name))
        for one in work:
            for pk in one.new:
                mine = theirs.setdefault(pk, [])
                clash = next((found for found in mine if _clashes(found, one)), None)
                if clash is not None:
                    words = _("%(person)s has other hours then: %(place)s %(hours)s. Mend one of the two.")
                    said = {"person": self.people.named([pk]), "place": clash[3], "hours": hours_in_cell(clash[0])}
                    line = by_row[min(one.rows)]
                    key = "leader" if _is_leader_of_row(one, line) else "people"
                    self._complain(line, key, CellError("overlap", words % said))
                else:
                    mine.append((one.hours, one.area.pk, one.kind, one.area.name))

    def _item(self, line: Line) -> Item | None:
        """Return what the preview shows of a row; None where it changes nothing."""
        who = "、".join(dict.fromkeys(self.people.named(people) for people in line.added.values() if people))
        where = f"{line.on} {_place_word(line.wanted[0])}" if line.wanted else str(line.on or "")
        if line.problems:
            return Item(line.number, "error", who, where, problems=line.problems)
        if not line.changes:
            return None
        verdict = "new" if all(change.old == "–" for change in line.changes) else "changed"
        return Item(line.number, verdict, who, where, changes=line.changes)


def _day(hours: Stretch) -> date:
    return local(hours.begins_at).date()


def _place_word(wanted: Wanted) -> str:
    if wanted.kind == ShiftKind.DESK:
        return DESK_WORD
    return LEADER_WORD if wanted.area.level == Level.COMMUNITY else wanted.area.name


def _rows_of_day(lines: Iterable[Line], on: date | None) -> Iterator[int]:
    return (line.number for line in lines if line.on == on)


def _clashes(found: tuple[Stretch, int, str, str], one: Replaced) -> bool:
    hours, area_id, kind, _name = found
    if kind != one.kind or not hours.overlaps(one.hours):
        return False
    return kind == ShiftKind.DESK or area_id == one.area.pk


def _is_leader_of_row(one: Replaced, line: Line) -> bool:
    return one.kind == ShiftKind.ON_CALL and any(wanted.kind == ShiftKind.DESK for wanted in line.wanted)
