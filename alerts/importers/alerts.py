"""A list of alerts from the police platform, for the machinery of ``sheets``: which of a file's rows begin an alert.

A row goes the way of every message: through the intake, by its source's number, its clock running from the moment it is
brought in. So a file that was brought in before begins nothing, and a number that came over the interface is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.clock import LOCAL_TZ
from accounts.formats import moment
from accounts.models import User
from accounts.personal_data import bare_phone, mask_phone
from accounts.roles import Duty
from alerts.columns import ALERT_COLUMNS
from alerts.models import FILE, IntakeMessage, Source
from alerts.policy import Level as Risk
from alerts.reading import LEVEL_WORDS, AlertIn, Fault, bare_word, check
from alerts.services import Incoming, incoming_of, receive_list, withdraw_list
from alerts.services.placing import Places
from knowledge.models import FraudType
from residents.access import Scope, scope_codes
from residents.importers.grids import Grids
from residents.importers.roster import named_places, place_of
from residents.models import Area
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
    amount_of,
    digits_of,
    moment_of,
    text_of,
    unit_of,
)
from sheets.reading import FileRefusedError
from sheets.services import SheetsError

MOST_IN_A_FILE = 2_000
"""Each row begins a clock and calls people: a list of a year's alerts is not brought in by mistake."""

MANY_DAYS_OLD = timedelta(days=1)
AT_ONCE = 500

COLUMN_OF = {
    "subject.name": "name",
    "subject.phone": "phone",
    "subject.address": "address",
    "amount_at_risk": "amount",
}
"""Which column a field of the form is, where it has another name."""

Report = Callable[[int, int], None]


@dataclass
class Line:
    """One row of the file: what it says, what is wrong with it."""

    number: int
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    incoming: Incoming | None = None

    @property
    def who(self) -> str:
        """Whom it is about, as the preview shows it."""
        subject = self.fields.get("subject", {})
        return subject.get("name") or mask_phone(bare_phone(subject.get("phone", "")))


class AlertsKind:
    """A list of alerts of a community or a grid."""

    key = "alerts"
    title = gettext_lazy("List of alerts")
    opens = "alerts:list"
    columns = ALERT_COLUMNS
    may_make_grids = False
    is_every_sheet = False
    shut = ""
    notes = (
        "1. 风险等级必填；姓名、电话、地址、预警内容至少填一项。",
        "2. 每一行导入后就是一条预警，时限从导入时开始计算，并会通知相关人员：已经处置完的，请先从表中删去。",
        "3. 来源编号相同的行不会重复导入；通过接口收到过的编号也不会再导入。",
        "4. 同一居民有正在处置的预警时，新的一条并入其中。",
        "5. 上传后先看预览，确认无误再写入。撤销只会作废还没有人处理过的预警，其余的保留不变。",
    )

    def scope(self, user: User, on: date) -> Scope:
        """Return where somebody sits at a desk."""
        return scope_codes(user, Duty.WATCH_DESK, on)

    def areas(self, user: User, on: date) -> list[tuple[str, str]]:
        """Return the communities and grids whose desk somebody watches: code and name."""
        return named_places(user, duty=Duty.WATCH_DESK, on=on)

    def sees_minors(self, user: User, *, area_code: str, on: date) -> bool:
        """Say yes: a list of alerts says nobody's age, and the desk must read every warning."""
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
        """Hold every row against what came before; write nothing. Raises ``FileRefusedError``."""
        area = place_of(area_code)
        if len(table.rows) > MOST_IN_A_FILE:
            words = _("The file has more than %(most)d rows. Each begins an alert: leave out those that are done.")
            raise FileRefusedError("too_many", words % {"most": MOST_IN_A_FILE})
        return _Planner(area, table, now=now).plan(report)

    def write(self, plan: Plan, *, by: User | None, now: datetime) -> list[Any]:
        """Take the rows in, in the caller's transaction; return what an undo needs, fit for JSON."""
        work = plan.work
        assert isinstance(work, list)
        return receive_list(work, by=by, now=now)

    def undo(self, entries: Sequence[Any], *, by: User | None, now: datetime) -> tuple[int, list[str]]:
        """Void the alerts that nobody has touched; return how many, and which were left."""
        return withdraw_list(entries, by=by, now=now)

    def sides(self, content: Mapping[str, Any], *, user: User, on: date) -> list[Side]:
        """Return nothing: no row of a list waits for a person to say who is meant."""
        return []

    def settle(self, content: Mapping[str, Any], how: Settling, *, other: str, by: User, now: datetime) -> None:
        """Refuse: nothing is ever parked."""
        raise SheetsError(_("There is nothing to settle in a list of alerts."))


class _Planner:
    """Holds what is known while the rows go by."""

    def __init__(self, area: Area, table: Table, *, now: datetime) -> None:
        self.area, self.table, self.now = area, table, now
        self.grids = Grids.of(area)
        self.source = Source.objects.get(code=FILE)
        self.notices: list[str] = []

    def plan(self, report: Report) -> Plan:
        """Return what the file would do."""
        lines: list[Line] = []
        for cells in self.table.rows:
            lines.append(self._read(cells))
            if len(lines) % AT_ONCE == 0:
                report(len(lines), len(self.table.rows))
        self._find_twice(lines)
        new = list(self._leave_out_known(lines))
        wrong = [line for line in lines if line.problems]
        places = self._places(new)
        types = self._types(new)
        items = {line.number: Item(line.number, "error", line.who, problems=line.problems) for line in wrong}
        for line in new:
            items[line.number] = self._item(line, where=places.get(line.number, ""), types=types)
        self._note_old(new)
        return Plan(
            rows=len(lines),
            same=len(lines) - len(items),
            items=[items[line.number] for line in lines if line.number in items],
            notices=self.notices,
            work=[line.incoming for line in new if line.incoming is not None],
        )

    # ── one row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _read(self, cells: Cells) -> Line:
        line = Line(cells.number)
        line.fields = {
            "external_id": self._text(cells, "external_id"),
            "level": self._cell(line, "level", lambda: self._level(self._text(cells, "level"))) or "",
            "fraud_type": self._text(cells, "fraud_type")[:80],
            "subject": {
                "name": "".join(self._text(cells, "name").split()),
                "phone": self._cell(line, "phone", lambda: digits_of(cells.values.get("phone", ""))) or "",
                "address": self._text(cells, "address"),
            },
            "area_code": self._place(line, cells),
            "description": self._text(cells, "description"),
            "amount_at_risk": self._cell(line, "amount", lambda: self._amount(cells)),
            "warned_at": self._cell(line, "warned_at", lambda: self._moment(cells)),
        }
        self._complain_of_formulas(line, cells)
        if line.problems:
            return line
        if not (any(line.fields["subject"].values()) or line.fields["description"]):
            words = _("This row names nobody: fill in a name, a phone, an address or what happened.")
            self._complain(line, "name", CellError("nobody", words))
            return line
        line.fields["external_id"] = line.fields["external_id"] or _number_of(line.fields)
        alert = check(line.fields, now=self.now)
        if isinstance(alert, AlertIn):
            line.incoming = incoming_of(alert)
        else:
            self._take_faults(line, alert)
        return line

    def _text(self, cells: Cells, key: str) -> str:
        return text_of(cells.values.get(key, ""))

    def _cell(self, line: Line, key: str, read: Callable[[], str | None]) -> str | None:
        try:
            return read()
        except CellError as error:
            self._complain(line, key, error)
            return None

    def _complain_of_formulas(self, line: Line, cells: Cells) -> None:
        for key, value in cells.values.items():
            if isinstance(value, Formula) and key != "row":
                line.problems = [problem for problem in line.problems if problem.cell != self._where(line, key)]
                self._complain(line, key, CellError("formula", _("This is a formula. Write down what it shows.")))

    def _where(self, line: Line, key: str) -> str:
        return self.table.where(line.number, key)

    def _complain(self, line: Line, key: str, error: CellError) -> None:
        line.problems.append(Problem(line.number, self._where(line, key), error.code, str(error)))

    def _take_faults(self, line: Line, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._complain(line, COLUMN_OF.get(fault.field, fault.field), CellError(fault.code, fault.words))

    def _level(self, said: str) -> str:
        if not said:
            raise CellError("missing", _("The level is missing. Write 高, 中 or 低."))
        level = LEVEL_WORDS.get(bare_word(said))
        if level is None:
            raise CellError("level", _("“%(said)s” is no level. Write 高, 中 or 低.") % {"said": said[:20]})
        return level

    def _amount(self, cells: Cells) -> str | None:
        value = cells.values.get("amount", "")
        if isinstance(value, Formula):
            return None
        amount = amount_of(value, unit=unit_of(self.table.labels.get("amount", "")))
        return str(amount) if amount is not None else None

    def _moment(self, cells: Cells) -> str | None:
        value = cells.values.get("warned_at", "")
        at = None if isinstance(value, Formula) else moment_of(value)
        return at.replace(tzinfo=LOCAL_TZ).isoformat() if at is not None else None

    def _place(self, line: Line, cells: Cells) -> str:
        """Return the code of the place a row names. A grid nobody knows is said and leaves the row to be placed by its
        phone or address: no alert is refused for it."""
        said = self._text(cells, "grid")
        if said and (grid := self.grids.find(said)) is not None:
            return grid.code
        if said:
            words = _("Row %(row)d: %(area)s has no grid “%(grid)s”. It is placed by the phone or the address.")
            self.notices.append(words % {"row": line.number, "area": self.area.name, "grid": said[:30]})
        code = "".join(self._text(cells, "area_code").split())
        if code and not code.startswith(self.area.code):
            words = _("Row %(row)d: %(code)s lies outside %(area)s. It is placed by the phone or the address.")
            self.notices.append(words % {"row": line.number, "area": self.area.name, "code": code[:30]})
        return code if code.startswith(self.area.code) else self.area.code

    # ── against the other rows, and what came before ────────────────────────────────────────────────────────────────

    def _find_twice(self, lines: Sequence[Line]) -> None:
        """Complain of a number that an earlier row of the file has with other contents."""
        first: dict[str, Line] = {}
        for line in lines:
            if line.incoming is None:
                continue
            earlier = first.setdefault(line.incoming.external_id, line)
            assert earlier.incoming is not None
            if earlier is not line and earlier.incoming.body_hash != line.incoming.body_hash:
                words = _("Row %(row)d has the same number and says something else. Mend one of the two.")
                self._complain(line, "external_id", CellError("twice", words % {"row": earlier.number}))

    def _leave_out_known(self, lines: Sequence[Line]) -> Iterator[Line]:
        """Yield the rows that begin something; complain of a number that a list had before with other contents."""
        known = self._known([line.incoming.external_id for line in lines if line.incoming is not None])
        seen: set[str] = set()
        by_others = 0
        for line in lines:
            if line.incoming is None or line.problems:
                continue
            number = line.incoming.external_id
            found = known.get(number)
            if number not in seen and found is None:
                yield line
            elif found is not None and found.source_id != self.source.pk:
                by_others += 1
            elif found is not None and found.body_hash != line.incoming.body_hash:
                words = _("This number was brought in before with other contents, as alert #%(alert)d.")
                self._complain(line, "external_id", CellError("conflict", words % {"alert": found.alert_id}))
            seen.add(number)
        if by_others:
            words = _("%(number)d rows came before by another way and are left out.")
            self.notices.append(words % {"number": by_others})

    def _known(self, numbers: Sequence[str]) -> dict[str, IntakeMessage]:
        sources = list(Source.objects.values_list("pk", flat=True))
        known: dict[str, IntakeMessage] = {}
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            for message in IntakeMessage.objects.filter(source__in=sources, external_id__in=some):
                if known.get(message.external_id, message).source_id != self.source.pk:
                    known[message.external_id] = message
                known.setdefault(message.external_id, message)
        return known

    def _places(self, lines: Sequence[Line]) -> dict[int, str]:
        """Return where each row would be, as far as it lies in the area whose list this is."""
        found: dict[int, str] = {}
        for start in range(0, len(lines), AT_ONCE):
            some = lines[start : start + AT_ONCE]
            messages = [line.incoming for line in some if line.incoming is not None]
            places = Places(self.source, messages)
            for line in some:
                assert line.incoming is not None
                _resident, grid, _code = places.of(line.incoming)
                if grid is not None and grid.code.startswith(self.area.code):
                    found[line.number] = grid.name
        return found

    def _types(self, lines: Sequence[Line]) -> set[str]:
        said = {line.incoming.fraud_type for line in lines if line.incoming is not None and line.incoming.fraud_type}
        return {*FraudType.objects.filter(code__in=said).values_list("code", flat=True)} | {
            *FraudType.objects.meant_by(said)
        }

    def _item(self, line: Line, *, where: str, types: set[str]) -> Item:
        incoming = line.incoming
        assert incoming is not None
        said = [str(Risk(incoming.level).label), incoming.fraud_type]
        if incoming.warned_at is not None:
            said.append(_("warned %(moment)s") % {"moment": moment(incoming.warned_at)})
        if incoming.fraud_type and incoming.fraud_type not in types:
            said.append(_("no such type here: kept as written"))
        changes: list[Change] = []
        return Item(
            line.number, "new", line.who, where or incoming.address, changes, message=" · ".join(filter(None, said))
        )

    def _note_old(self, lines: Sequence[Line]) -> None:
        dates = (line.incoming.warned_at for line in lines if line.incoming is not None)
        old = sum(at is not None and self.now - at > MANY_DAYS_OLD for at in dates)
        if old:
            words = _(
                "%(number)d rows were warned of more than a day ago. Their time begins when they are applied: "
                "leave out those that are done."
            )
            self.notices.append(words % {"number": old})


def _number_of(fields: Mapping[str, Any]) -> str:
    """Return the number of a row that names none: the same row again is the same alert."""
    said = sorted((name, str(value)) for name, value in fields.items() if name not in {"external_id", "area_code"})
    return f"row-{sha256(repr(said).encode()).hexdigest()[:40]}"
