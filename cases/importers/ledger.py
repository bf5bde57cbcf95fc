"""The ledger of cases, for the machinery of ``sheets``: which of a file's rows are new, what changed, what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.clock import local
from accounts.formats import yuan
from accounts.models import User
from accounts.personal_data import mask_name, under_any_key
from accounts.roles import Duty
from cases.columns import (
    COLUMN_OF,
    COLUMNS,
    FIELDS,
    INDEXES,
    MASKS,
    MONEY,
    VERIFIED,
    Entry,
    read_entry,
)
from cases.importers.matching import Doubt, Known, Ledger, Victims
from cases.importers.words import label_of, words_of
from cases.models import Case
from cases.policy import Said, Status, contradictions, is_large
from cases.services import restored, stored, take_back, write_cases
from knowledge.models import FraudType, bare_type
from residents.access import Scope, may, scope_codes
from residents.importers.grids import Grids
from residents.importers.roster import named_places, place_of
from residents.models import Area, Level
from residents.policy import MINOR_UNDER
from sheets.policy import (
    CellError,
    Change,
    Formula,
    Item,
    Plan,
    Problem,
    Settling,
    Side,
    Table,
    amount_of,
    text_of,
    unit_of,
)
from sheets.services import SheetsError

REPORT_EVERY = 500
Report = Callable[[int, int], None]
KEY_OF = {name: key for key, (name, _read) in FIELDS.items()} | {name: key for key, name in MONEY.items()}
"""Which column of a file a case's field is."""
SIDES = (
    *("number", "status", "occurred_at", "reported_at", "fraud_type_id", "amount_lost", "amount_returned"),
    *("amount_prevented", "grid_id", "victim_name", "victim_sex", "victim_age"),
)
"""What tells two cases apart."""


@dataclass
class Work:
    """What a plan hands on to the writing: everything but what is parked or wrong."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


class CasesKind:
    """The ledger of an area's cases."""

    key = "cases"
    title = gettext_lazy("Ledger of cases")
    opens = "cases:list"
    columns = COLUMNS
    notes = (
        "1. 报案时间、诈骗类型必填，其余能填多少填多少；时间写成 2026-04-02 21:57。",
        "2. 留空表示“没有新情况”，系统里原有的内容保持不变；要清掉原有内容，请填“清空”。",
        "3. 金额列的单位看表头：写“（万元）”的按万元，不写的按元；单元格里写明“1.8万元”的，以单元格为准。",
        "4. 涉案金额超过 100 万元的，请核对单位；确认无误的，在备注中写明“已核实”。",
        "5. 同一案件以系统编号识别；没有的，以警情编号识别；再没有的，以报案（或发案）时间加受害人姓名识别。",
        "6. 一个文件可以有多张表（例如每年一张），都会读取；“合计”行用来核对，不会当作案件。",
        "7. 上传后先看预览，确认无误再写入；写入后可以撤销。",
    )
    is_every_sheet = True
    may_make_grids = False
    shut = gettext_lazy("You do not keep the ledger there: ask who does.")

    def scope(self, user: User, on: date) -> Scope:
        """Return where somebody keeps the ledger."""
        return scope_codes(user, Duty.KEEP_CASES, on)

    def areas(self, user: User, on: date) -> list[tuple[str, str]]:
        """Return the communities and grids whose ledger somebody keeps: code and name."""
        return named_places(user, duty=Duty.KEEP_CASES, on=on)

    def sees_minors(self, user: User, *, area_code: str, on: date) -> bool:
        """Say whether somebody may see minors there: not everybody who keeps a ledger may."""
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
        """Hold every row against the ledger; write nothing. Raises ``FileRefusedError`` where there is no such area."""
        area = place_of(area_code)
        return _Planner(area, table, now=now).plan(report)

    def write(self, plan: Plan, *, by: User | None, now: datetime) -> list[Any]:
        """Write what a plan says, in the caller's transaction; return what an undo needs, fit for JSON."""
        work = plan.work
        assert isinstance(work, Work)
        return write_cases(work.new, work.changed, by=by, now=now)

    def undo(self, entries: Sequence[Any], *, by: User | None, now: datetime) -> tuple[int, list[str]]:
        """Put back what was; return how many, and which were left because something came after."""
        return take_back(entries)

    def sides(self, content: Mapping[str, Any], *, user: User, on: date) -> list[Side]:
        """Return a parked row and the cases it might mean; of those this reader may not see no more than the number."""
        row = restored(content["values"])
        seen = set(Case.objects.visible_to(user, on=on).filter(pk__in=content["others"]).values_list("pk", flat=True))
        cases = Case.objects.filter(pk__in=content["others"]).select_related("fraud_type", "grid")
        names = _names(FraudType.objects.all(), Area.objects.filter(pk=row.get("grid_id") or 0))
        sides = [
            Side("", _("The row"), [(label_of(name), words_of(name, row.get(name), names=names)) for name in SIDES])
        ]
        for case in cases:
            known = {name: getattr(case, name) for name in SIDES}
            names |= {("grid_id", case.grid.pk): case.grid.name} if case.grid is not None else {}
            differs = frozenset(label_of(name) for name in SIDES if name in row and row[name] != known[name])
            shown = [(label_of(name), words_of(name, known[name], names=names)) for name in SIDES]
            is_open = case.pk in seen and may(user, Duty.KEEP_CASES, case.area_code, on)
            hidden = [(label_of("victim_name"), mask_name(case.victim_name))]
            sides.append(
                Side(
                    str(case.pk),
                    _("Case %(number)s") % {"number": case},
                    shown if is_open else hidden,
                    differs,
                    is_open,
                )
            )
        return sides

    def settle(self, content: Mapping[str, Any], how: Settling, *, other: str, by: User, now: datetime) -> None:
        """Carry out what a person said of a parked row."""
        values = restored(content["values"])
        if how is Settling.NEW:
            write_cases([_whole(values, content)], [], by=by, now=now)
        elif how is Settling.SAME:
            case = Case.objects.filter(pk=int(other), pk__in=content["others"]).first()
            if case is None:
                raise SheetsError(_("This case is not among those the row might mean."))
            if not may(by, Duty.KEEP_CASES, case.area_code, local(now).date()):
                raise SheetsError(str(self.shut))
            write_cases([], [(case.pk, values)], by=by, now=now)


def _whole(values: dict[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parked row as a new case. Raises ``SheetsError`` where it does not say enough for one."""
    if "fraud_type_id" not in values or "reported_at" not in values:
        raise SheetsError(_("The row says too little for a new case."))
    return {"community_id": content["community"], **values}


def _names(types: Any, grids: Any) -> dict[tuple[str, int], str]:
    names = {("fraud_type_id", one.pk): one.name for one in types}
    return names | {("grid_id", grid.pk): grid.name for grid in grids}


class _Planner:
    """Holds what is known while the rows go by."""

    def __init__(self, area: Area, table: Table, *, now: datetime) -> None:
        self.area, self.table, self.now = area, table, now
        self.community = area if area.level == Level.COMMUNITY else area.parent
        self.grids = Grids.of(area)
        self.types = FraudType.objects.by_every_name()
        self.elder = {kind.pk for kind in self.types.values() if kind.is_elder}
        self.names = _names(self.types.values(), self.grids.all())
        self.ledger = Ledger.of(area)
        self.work = Work()
        self.rows_of: dict[tuple[str, Any], str] = {}  # which case stood where in this file
        self.taken: dict[int, str] = {}  # known cases that an earlier row was

    def plan(self, report: Report) -> Plan:
        """Return what the file would do."""
        sheets = self.table.sheets
        plan = Plan(rows=sum(len(sheet.rows) for sheet in sheets), work=self.work)
        entries: list[Entry] = []
        for sheet in sheets:
            for cells in sheet.rows:
                entries.append(self._read(read_entry(cells, sheet)))
                if len(entries) % REPORT_EVERY == 0:
                    report(len(entries), plan.rows * 2)
        items = [self._judge(entry) for entry in entries]
        plan.items = [item for item in items if item is not None]
        plan.same = len(items) - len(plan.items)
        self._find_victims()
        plan.notices = list(self._notices(entries))
        return plan

    # ── one row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, entry: Entry) -> Entry:
        """Find the row's grid and type."""
        said = entry.looked_up.get("grid", "")
        if self.area.level == Level.GRID:
            entry.grid = self.area
        elif said:
            entry.grid = self.grids.find(said)
            if entry.grid is None:
                words = _("%(area)s has no grid “%(grid)s”. Mend the name, or give the grid this other name first.")
                entry.complain("grid", "unknown_grid", words % {"area": self.area.name, "grid": said[:30]})
        if entry.grid is not None:
            entry.values["grid_id"] = entry.grid.pk
        if kind := entry.looked_up.get("type"):
            self._find_type(entry, kind)
        return entry

    def _find_type(self, entry: Entry, said: str) -> None:
        """Find the type by any of its names; where it is unknown the complaint names the nearest."""
        kind = self.types.get(bare_type(said))
        if kind is not None:
            entry.values["fraud_type_id"] = kind.pk
            return
        near = get_close_matches(bare_type(said), self.types, n=1, cutoff=0.3)
        words = _("“%(type)s” is no type of fraud that is known.") % {"type": said[:30]}
        nearest = _("The nearest is %(nearest)s.") % {"nearest": self.types[near[0]].name} if near else ""
        entry.complain("type", "unknown_type", f"{words} {nearest}".strip())

    def _say_whether_elder(self, entry: Entry, known: Known | None) -> None:
        """Take the flag from its column; without it from a type that aims at elders, where that is new to the case."""
        if entry.is_elder_said is not None:
            entry.values["is_elder_fraud"] = entry.is_elder_said
        elif (pk := entry.values.get("fraud_type_id")) in self.elder and (
            known is None or known["fraud_type_id"] != pk
        ):
            entry.values["is_elder_fraud"] = True

    def _judge(self, entry: Entry) -> Item | None:
        """Say what a row is: wrong, new, in doubt, changed; None for one that says what is known."""
        self._find_twice(entry)
        if entry.problems:
            return _item(entry, "error", problems=entry.problems)
        found = self._by_system_number(entry) if entry.pk is not None else self.ledger.match(entry)
        if isinstance(found, Doubt):
            self._say_whether_elder(entry, None)
            return self._parked(entry, found)
        if found is not None:
            self._take(entry, found)
        self._say_whether_elder(entry, found)
        self._hold_together(entry, found)
        if entry.problems:
            return _item(entry, "error", problems=entry.problems)
        if found is None:
            self.work.new.append({"community_id": self.community_pk, **entry.values})
            return _item(entry, "new")
        return self._compare(entry, found)

    @property
    def community_pk(self) -> int:
        """The key of the community the rows are of."""
        assert self.community is not None  # a grid lies in a community
        return int(self.community.pk)

    def _find_twice(self, entry: Entry) -> None:
        """Complain of a row that an earlier one of the file already was."""
        keys: list[tuple[str, Any]] = []
        if entry.pk is not None:
            keys.append(("pk", entry.pk))
        elif number := entry.values.get("number"):
            keys.append(("number", number))
        elif at := entry.values.get("reported_at"):
            told = entry.victim or entry.values.get("amount_lost") or Decimal(0)
            keys.append(("reported", (at, told)))
        for key, value in keys:
            here = Item(entry.row, "", "", sheet=entry.sheet).place
            earlier = self.rows_of.setdefault((key, value), here)
            if earlier != here:
                words = _("The same case stands in row %(row)s. Delete one of the two rows.")
                entry.complain(key, "twice", words % {"row": earlier})

    def _by_system_number(self, entry: Entry) -> Known | None:
        known = self.ledger.cases.get(entry.pk or 0)
        if known is None:
            words = _("No case of %(area)s has this system number. Empty it for a new case.")
            entry.complain("pk", "unknown_number", words % {"area": self.area.name})
        return known

    def _take(self, entry: Entry, known: Known) -> None:
        """Take a known case for this row; complain where an earlier row was the same one."""
        here = Item(entry.row, "", "", sheet=entry.sheet).place
        earlier = self.taken.setdefault(known["id"], here)
        if earlier != here:
            words = _("The same case stands in row %(row)s. Delete one of the two rows.")
            entry.complain("reported", "twice", words % {"row": earlier})

    def _hold_together(self, entry: Entry, known: Known | None) -> None:
        """Complain of what a case lacks, of what cannot be, and of what must be said twice."""
        if known is None:
            self._complain_of_lack(entry)
        if entry.problems:
            return
        self._check_masks(entry, known)
        self._check_status(entry, known)
        whole = {**(known or {}), **entry.values}
        reported = whole["reported_at"]
        said = Said(
            occurred_at=whole.get("occurred_at"),
            reported_at=reported,
            reported_on=local(reported).date(),
            filed_on=whole.get("filed_on"),
            warned_at=whole.get("warned_at"),
            lost=whole.get("amount_lost") or Decimal(0),
            frozen=whole.get("amount_frozen") or Decimal(0),
            returned=whole.get("amount_returned") or Decimal(0),
        )
        for wrong in contradictions(said, now=self.now, on=local(self.now).date()):
            entry.complain(KEY_OF[wrong.field], wrong.code, str(wrong.words))
        is_as_known = known is not None and known["amount_lost"] == said.lost
        if is_large(said.lost) and not is_as_known and VERIFIED not in entry.values.get("note", ""):
            words = _(
                "%(amount)s is more than a million. Look at the unit (yuan or ten thousands). "
                "If it is right, write 已核实 into the row's note."
            )
            entry.complain("lost", "large_loss", words % {"amount": yuan(said.lost)})

    def _complain_of_lack(self, entry: Entry) -> None:
        if "reported_at" not in entry.values:
            entry.complain(
                "reported", "no_report", _("The time of the report is missing. Write it like 2026-04-02 21:57.")
            )
        if "fraud_type_id" not in entry.values:
            entry.complain("type", "no_type", _("The type of fraud is missing. Fill in 刷单返利, say."))

    def _check_masks(self, entry: Entry, known: Known | None) -> None:
        """Complain of masked values of a case nobody knows, and of a name that is not the one that was exported."""
        for name, text in entry.masked.items():
            if known is None:
                words = _(
                    "This is masked and the row has no system number, so who is meant is not known. Write it whole."
                )
                entry.complain(KEY_OF[name], "masked", words)
            elif name == "victim_name" and MASKS[name](known[name]) != text:
                words = _("This is masked and differs from what was exported. Write it whole, or leave it as it was.")
                entry.complain(KEY_OF[name], "masked", words)

    def _check_status(self, entry: Entry, known: Known | None) -> None:
        """Complain of a case withdrawn, or brought back, by a cell: both ask for a person and a reason."""
        was = known["status"] if known is not None else ""
        now = entry.values.get("status") or was
        if (now == Status.WITHDRAWN) != (was == Status.WITHDRAWN):
            words = _("A case is withdrawn and brought back on its own page, with a reason. Empty this cell.")
            entry.complain("status", "withdrawn", words)

    # ── what changes ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _compare(self, entry: Entry, known: Known) -> Item | None:
        changed = {name: value for name, value in entry.values.items() if _differs(known, name, value)}
        if not changed:
            return None
        self.work.changed.append((known["id"], changed))
        changes = list(self._changes(changed, known))
        return _item(entry, "changed", changes=changes, who=known["victim_name"], age=known["victim_age"])

    def _changes(self, changed: Mapping[str, Any], known: Known) -> Iterator[Change]:
        for name, value in changed.items():
            old = "…" if name in INDEXES else words_of(name, known[name], names=self.names)
            yield Change(label_of(name), old, words_of(name, value, names=self.names))

    def _parked(self, entry: Entry, doubt: Doubt) -> Item:
        body = {
            "values": stored(entry.values),
            "community": self.community_pk,
            "others": list(doubt.others),
        }
        return _item(entry, "conflict", conflict=body, code=doubt.code, message=doubt.words)

    # ── all of them ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _find_victims(self) -> None:
        """Say of new cases who of the roster the victim is."""
        victims = Victims(self.area, {values["victim_name"] for values in self.work.new if values.get("victim_name")})
        for values in self.work.new:
            victims.add_to(values)

    def _notices(self, entries: Sequence[Entry]) -> Iterator[str]:
        """Say what was passed over, where a sum differs from its rows, and whose victims are on the roster."""
        for word, rows in sorted(Counter(word for one in entries for word in one.unknown_words).items()):
            words = _("The category “%(word)s” is not known; it was passed over in %(rows)d rows.")
            yield words % {"word": word, "rows": rows}
        if self.table.passed_over:
            words = _("Not read, because the columns of a ledger are missing: %(others)s.")
            yield words % {"others": "、".join(self.table.passed_over)}
        for sheet in self.table.sheets:
            yield from _wrong_sums(sheet, [entry for entry in entries if entry.table is sheet])


def _differs(known: Known, name: str, value: Any) -> bool:
    if name in INDEXES:
        return known[f"{name}_hash"] not in (under_any_key(INDEXES[name](value)) if value else ("",))
    was = known[name]
    # What was typed into a form may have full-width signs, which a file's cells lose: that is no change.
    return bool((text_of(was) if isinstance(was, str) else was) != value)


def _wrong_sums(sheet: Table, entries: Sequence[Entry]) -> Iterator[str]:
    """Say where the total below a sheet's rows is another than theirs."""
    for cells in sheet.totals:
        for key, name in MONEY.items():
            try:
                value = cells.values.get(key)
                said = None if isinstance(value, Formula) else amount_of(value, unit=unit_of(sheet.labels.get(key, "")))
            except CellError:
                continue
            added = sum((entry.values.get(name) or Decimal(0) for entry in entries), Decimal(0))
            if said is not None and said != added:
                words = _("%(cell)s: the total of “%(column)s” says %(said)s, the rows add up to %(added)s.")
                yield words % {
                    "cell": sheet.where(cells.number, key),
                    "column": COLUMN_OF[key].label,
                    "said": yuan(said),
                    "added": yuan(added),
                }


def _item(
    entry: Entry,
    verdict: str,
    *,
    changes: Sequence[Change] = (),
    problems: Sequence[Problem] = (),
    who: str = "",
    conflict: Mapping[str, object] | None = None,
    code: str = "",
    message: str = "",
    age: int | None = None,
) -> Item:
    reported = entry.values.get("reported_at")
    grid = entry.grid.name if entry.grid is not None else ""
    lost = entry.values.get("amount_lost")
    facts = (grid, words_of("reported_at", reported) if reported else "", words_of("amount_lost", lost) if lost else "")
    where = " · ".join(fact for fact in facts if fact)
    name = who or entry.victim
    is_minors = any(one is not None and one < MINOR_UNDER for one in (age, entry.values.get("victim_age")))
    return Item(entry.row, verdict, name, where, changes, problems, conflict, code, message, entry.sheet, is_minors)
