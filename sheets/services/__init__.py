"""A file's way into the database: handed in, read, looked through, applied in one transaction, undone.

What a kind of file is about (a roster, a ledger) is the kind's own, who registers with ``register``. Reading and
writing are a worker's: each step is claimed under the row's lock and done again where a worker died in it, so a file is
applied once or not at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import seal, unseal
from accounts.services import record
from sheets.models import ColumnName, Conflict, Import, Page, State, Verdict, pack
from sheets.policy import Column, Item, Plan, Settling, Side, Table, bare_label
from sheets.reading import FileRefusedError, read_table

ROWS_ON_A_PAGE = 50
UNDO = "undo"
UNDO_ON_A_PAGE = 1000
LEFT_AFTER = timedelta(seconds=90)
"""After this long without a sign a file is somebody else's to work on."""

Report = Callable[[int, int], None]


class SheetsError(Exception):
    """Something that cannot be done with a file, in words staff may read."""


class Kind(Protocol):
    """What a kind of file knows of itself; the verbs below know nothing of residents or cases."""

    @property
    def key(self) -> str:
        """What addresses and the trail call it."""

    @property
    def title(self) -> str | Promise:
        """What people call it."""

    @property
    def columns(self) -> Sequence[Column]:
        """What the file may have."""

    @property
    def notes(self) -> Sequence[str]:
        """What the template's second sheet says."""

    @property
    def opens(self) -> str:
        """The name of the page's address where one sees what was written."""

    @property
    def is_every_sheet(self) -> bool:
        """Whether every sheet that has the needed columns is read, or the one that names most of them."""

    @property
    def may_make_grids(self) -> bool:
        """Whether who hands a file in may have grids made that nobody knows."""

    @property
    def shut(self) -> str | Promise:
        """What is said beside what a parked row might mean where its reader has no say."""

    def scope(self, user: User, on: date) -> tuple[str, ...] | None:
        """Return where somebody may import: codes, None for everywhere, () for nowhere."""

    def areas(self, user: User, on: date) -> list[tuple[str, str]]:
        """Return the areas to choose from: code and name."""

    def sees_minors(self, user: User, *, area_code: str, on: date) -> bool:
        """Say whether somebody who looks a file through may see what is kept of minors there."""

    def plan(self, table: Table, *, area_code: str, options: Mapping[str, Any], now: datetime, report: Report) -> Plan:
        """Hold every row against what is there; write nothing. Raises ``FileRefusedError``."""

    def write(self, plan: Plan, *, by: User | None, now: datetime) -> list[Any]:
        """Write what a plan says; return what an undo needs, fit for JSON."""

    def undo(self, entries: Sequence[Any], *, by: User | None, now: datetime) -> tuple[int, list[str]]:
        """Put back what was; return how many, and who was left because something came after."""

    def sides(self, content: Mapping[str, Any], *, user: User, on: date) -> list[Side]:
        """Return a parked row and those whom it might mean, side by side."""

    def settle(self, content: Mapping[str, Any], how: Settling, *, other: str, by: User, now: datetime) -> None:
        """Carry out what a person said of a parked row. Raises ``SheetsError`` in words for them."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind of file known, once, when the app is ready."""
    _kinds[kind.key] = kind


def kind_of(key: str) -> Kind:
    """Return a kind. Raises ``KeyError`` for one nobody registered."""
    return _kinds[key]


# ── what a file would do ──────────────────────────────────────────────────────────────────────────────────────────────


def _quiet(_done: int, _total: int) -> None:
    """Report nothing."""


def plan_of(
    kind: Kind,
    content: bytes,
    *,
    area_code: str,
    options: Mapping[str, Any],
    now: datetime,
    report: Report = _quiet,
) -> tuple[Table, Plan]:
    """Return what was found in a file and what it would do; write nothing. Raises ``FileRefusedError``."""
    known = {
        name.label: name.column for name in ColumnName.objects.filter(kind=kind.key, area_code=community_of(area_code))
    }
    known |= {bare_label(label): key for label, key in options.get("columns", {}).items()}
    table = read_table(content, kind.columns, known=known, is_every_sheet=kind.is_every_sheet)
    if table.missing:
        raise FileRefusedError(
            "no_column",
            _("No column is known as %(column)s. Name it so, or say below which column it is.")
            % {"column": "、".join(column.label for column in table.missing)},
            column=table.missing[0].key,
        )
    return table, kind.plan(table, area_code=area_code, options=options, now=now, report=report)


def community_of(area_code: str) -> str:
    """Return the community in which names of columns are remembered."""
    return area_code[:12]


# ── the way of a file ─────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def hand_in(
    kind: Kind,
    *,
    content: bytes,
    file_name: str,
    area_code: str,
    options: Mapping[str, Any],
    by: User | None,
    now: datetime,
) -> Import:
    """Keep a file, sealed, for a worker to read."""
    sheet = Import.objects.create(
        kind=kind.key,
        area_code=area_code,
        file_name=file_name[-200:],
        content=seal(content),
        options=dict(options),
        by=by,
        at=now,
        touched_at=now,
    )
    record(f"sheets.{kind.key}_handed_in", by=by, at=now, about=sheet, area_code=area_code)
    return sheet


def work_on(pk: int, *, now: datetime) -> None:
    """Do what a file waits for: read it, apply it, or take it back. What waits for nothing is left alone."""
    with transaction.atomic():
        sheet = Import.objects.select_for_update().filter(pk=pk).first()
        if sheet is None or not sheet.is_at_work:
            return
        if sheet.state == State.READING and now - sheet.touched_at < LEFT_AFTER:
            return  # another worker has it
        if sheet.state == State.WAITING:
            sheet.state = State.READING
        sheet.touched_at = now
        sheet.save(update_fields=["state", "touched_at"])
    with translation.override(sheet.by.language if sheet.by is not None else translation.get_language()):
        if sheet.state == State.READING:
            _read(sheet, now=now)
        elif sheet.state == State.APPLYING:
            _apply(sheet.pk, now=now)
        else:
            _take_back(sheet.pk, now=now)


def _read(sheet: Import, *, now: datetime) -> None:
    """Make the preview; or say why the file cannot be read."""

    def report(done: int, total: int) -> None:
        Import.objects.filter(pk=sheet.pk, state=State.READING).update(done=done, total=total)

    try:
        table, plan = _planned(sheet, now=now, report=report)
    except FileRefusedError as error:
        header = _header_of(sheet)
        changes = {"state": State.REFUSED, "message": str(error), "header": header | {"code": error.code}}
        Import.objects.filter(pk=sheet.pk, state=State.READING).update(**changes)
        return
    with transaction.atomic():
        locked = Import.objects.select_for_update().get(pk=sheet.pk)
        if locked.state == State.READING:
            _show(locked, table, plan, message="")


def _planned(sheet: Import, *, now: datetime, report: Report = _quiet) -> tuple[Table, Plan]:
    if sheet.content is None:
        raise FileRefusedError("let_go", _("This file was let go of after some months. Hand it in again."))
    content = unseal(sheet.content)
    return plan_of(
        kind_of(sheet.kind), content, area_code=sheet.area_code, options=sheet.options, now=now, report=report
    )


def _header_of(sheet: Import) -> dict[str, Any]:
    """Return what is known of the header of a file that could not be read to the end, for the form that maps it."""
    if sheet.content is None:
        return {}
    try:
        kind = kind_of(sheet.kind)
        table = read_table(unseal(sheet.content), kind.columns, is_every_sheet=kind.is_every_sheet)
    except FileRefusedError:
        return {}
    return _described(table)


def _described(table: Table) -> dict[str, Any]:
    return {
        "sheet": table.sheet,
        "row": table.header_row,
        "labels": dict(table.labels),
        "letters": dict(table.letters),
        "unknown": list(dict.fromkeys(label for one in table.sheets for label in one.unknown)),
        "headers": {one.sheet: one.header_row for one in table.sheets},
    }


def _show(sheet: Import, table: Table, plan: Plan, *, message: str) -> None:
    """Write the preview's pages."""
    sheet.pages.all().delete()
    verdicts = (Verdict.NEW, Verdict.CHANGED, Verdict.CONFLICT, Verdict.ERROR)
    Page.objects.bulk_create(
        page
        for verdict in verdicts
        for page in _pages(sheet, verdict, [item.as_dict() for item in plan.of(verdict)], ROWS_ON_A_PAGE)
    )
    sheet.state, sheet.message = State.PREVIEW, message
    sheet.counts, sheet.header, sheet.notices = plan.counts, _described(table), plan.notices
    sheet.done = sheet.total = plan.rows
    sheet.save(update_fields=["state", "message", "counts", "header", "notices", "done", "total"])


def _pages(sheet: Import, kind: str, rows: Sequence[Any], size: int) -> Iterator[Page]:
    for number, start in enumerate(range(0, len(rows), size), start=1):
        yield Page(owner=sheet, kind=kind, number=number, body=pack(rows[start : start + size]))


@transaction.atomic
def move_on(sheet: Import, *, to: State, by: User, now: datetime) -> Import:
    """Have a worker apply, undo or read again; or discard the file.

    Raises ``SheetsError`` where it stands elsewhere by now: somebody else pressed first. What an undo would put back
    is let go of with the file.
    """
    locked = Import.objects.select_for_update().get(pk=sheet.pk)
    comes_from = {
        State.APPLYING: (State.PREVIEW,),
        State.UNDOING: (State.APPLIED,),
        State.WAITING: (State.PREVIEW, State.REFUSED),
        State.DISCARDED: (State.PREVIEW, State.REFUSED),
    }
    if locked.state not in comes_from[to]:
        raise SheetsError(_("This file is already: %(state)s.") % {"state": locked.get_state_display()})
    if to == State.UNDOING and locked.content is None:
        raise SheetsError(_("This file was let go of after some months: it can no longer be undone."))
    locked.state, locked.touched_at, locked.message = to, now, ""
    if to == State.APPLYING:
        locked.applied_by = by
    elif to == State.UNDOING:
        locked.undone_by = by
    elif to == State.DISCARDED:
        locked.content = None
        locked.pages.all().delete()
        record(f"sheets.{locked.kind}_discarded", by=by, at=now, about=locked, area_code=locked.area_code)
    locked.save()
    return locked


@transaction.atomic
def map_columns(sheet: Import, *, meanings: Mapping[str, str], by: User, now: datetime) -> Import:
    """Remember what a community calls its columns, and have the file read again.

    ``meanings`` are the headings as the file has them, each with the column's key, or "" for one that means nothing.
    """
    for label, column in meanings.items():
        ColumnName.objects.update_or_create(
            kind=sheet.kind,
            area_code=community_of(sheet.area_code),
            label=bare_label(label)[:120],
            defaults={"column": column},
        )
    return move_on(sheet, to=State.WAITING, by=by, now=now)


@transaction.atomic
def _apply(pk: int, *, now: datetime) -> None:
    """Carry the plan out, made anew under the lock: what was looked through is what is written, or nothing is."""
    sheet = Import.objects.select_for_update().get(pk=pk)
    if sheet.state != State.APPLYING:
        return
    try:
        table, plan = _planned(sheet, now=now)
    except FileRefusedError as error:
        sheet.state, sheet.message = State.REFUSED, str(error)
        sheet.save(update_fields=["state", "message"])
        return
    if plan.counts != sheet.counts:
        words = _("What is kept here changed since this was read. Look it through once more, then apply.")
        _show(sheet, table, plan, message=words)
        return
    carry_out(sheet, plan, by=sheet.applied_by, now=now)


def carry_out(sheet: Import, plan: Plan, *, by: User | None, now: datetime) -> None:
    """Write a plan, park its conflicts, and keep what an undo needs; in the caller's transaction."""
    kind = kind_of(sheet.kind)
    entries = kind.write(plan, by=by, now=now)
    Page.objects.bulk_create(_pages(sheet, UNDO, entries, UNDO_ON_A_PAGE))
    Conflict.objects.bulk_create(
        [_parked(sheet, item) for item in plan.of(Verdict.CONFLICT)],
    )
    sheet.state, sheet.counts, sheet.applied_at, sheet.applied_by = State.APPLIED, plan.counts, now, by
    sheet.save(update_fields=["state", "counts", "applied_at", "applied_by"])
    record(
        f"sheets.{sheet.kind}_applied", by=by, at=now, about=sheet, area_code=sheet.area_code, detail=dict(plan.counts)
    )


def _parked(sheet: Import, item: Item) -> Conflict:
    return Conflict(
        owner=sheet,
        area_code=sheet.area_code,
        row=item.row,
        code=item.code,
        message=item.message,
        body=pack({"who": item.who, "where": item.where, "sheet": item.sheet, **(item.conflict or {})}),
    )


@transaction.atomic
def _take_back(pk: int, *, now: datetime) -> None:
    """Undo what was written; who was left because something came after is named in the message."""
    sheet = Import.objects.select_for_update().get(pk=pk)
    if sheet.state != State.UNDOING:
        return
    kind = kind_of(sheet.kind)
    done, left = 0, []
    for page in sheet.pages.filter(kind=UNDO).order_by("-number"):
        here, left_here = kind.undo(page.rows, by=sheet.undone_by, now=now)
        done += here
        left += left_here
    sheet.conflicts.open().delete()
    sheet.state, sheet.undone_at = State.UNDONE, now
    sheet.message = (
        _("Put back: %(done)d. Left as they are, because something came after: %(left)d (%(names)s).")
        % {"done": done, "left": len(left), "names": "、".join(left[:10])}
        if left
        else _("Put back: %(done)d.") % {"done": done}
    )
    sheet.save(update_fields=["state", "undone_at", "message"])
    detail = {"done": done, "left": len(left)}
    record(
        f"sheets.{sheet.kind}_undone", by=sheet.undone_by, at=now, about=sheet, area_code=sheet.area_code, detail=detail
    )


@transaction.atomic
def settle(conflict: Conflict, how: Settling, *, other: str, by: User, now: datetime) -> Conflict:
    """Settle a parked row: it means one of those beside it, somebody new, or nobody.

    Raises ``SheetsError`` where somebody else settled it first, or the kind refuses.
    """
    locked = Conflict.objects.select_for_update().get(pk=conflict.pk)
    if locked.settled_at is not None:
        raise SheetsError(_("Somebody has settled this row already."))
    kind_of(locked.owner.kind).settle(locked.content, how, other=other, by=by, now=now)
    locked.settled, locked.settled_by, locked.settled_at = how, by, now
    locked.save(update_fields=["settled", "settled_by", "settled_at"])
    detail = {"how": str(how), "row": locked.row}
    record("sheets.row_settled", by=by, at=now, about=locked.owner, area_code=locked.area_code, detail=detail)
    return locked


def left_lying(*, now: datetime) -> list[int]:
    """Return the files that a worker should have and that nobody has touched for a while."""
    return list(Import.objects.left_lying(now - LEFT_AFTER).values_list("pk", flat=True)[:20])
