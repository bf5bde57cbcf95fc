"""The twelve sheets of the monthly workbook (field-notes.md, "The monthly workbook"): which columns, which rows.

Every total is the figures' own number and not a sum of cells; the workbook says in red where the two would differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.clock import local
from accounts.formats import month
from reports.drafting.definitions import definitions
from reports.drafting.words import age_words, duration, taught_of
from reports.exports.workbook import Chart, Clock, Column, Holds, Leaf, Table
from reports.figures.ledgers import AlertRow, Ledgers
from reports.figures.shapes import AreaRow, CaseSums, Compared, Figures, Part, TypeRow
from reports.formats import period_name
from reports.policy import Section, change

TEXT, WHOLE, WAN, YUAN, SHARE = Holds.TEXT, Holds.WHOLE, Holds.TEN_THOUSAND, Holds.YUAN, Holds.SHARE
MOST_GROUPS_ACROSS = 17
"""Chat groups that stand side by side; with more the sheet has a row for each group instead."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a workbook."""

    figures: Figures
    ledgers: Ledgers
    words: dict[str, str]


def leaves_of(contents: Contents) -> list[Leaf]:
    """Return the sheets in their order."""
    figures, ledgers = contents.figures, contents.ledgers
    about = {"area": figures.area_name, "period": period_name(figures.span)}
    return [
        _bulletin(contents, about),
        _great_table(figures, ledgers, about),
        _types(figures, about),
        _victims(figures, about),
        _cases(ledgers, about),
        _alerts(ledgers, about),
        _events(ledgers, about),
        _pushes(ledgers, about),
        _visits(ledgers, about),
        _blind(ledgers, about),
        _lookbacks(ledgers, about),
        definitions_leaf(about),
    ]


def ratio(now: Decimal | int, base: Decimal | int) -> Decimal | str:
    """Return a change as a part of one, for a cell of per cent; a base of zero in words: no percentage of nothing."""
    percent = change(now, base).percent
    if percent is not None:
        return percent / 100
    return _("from 0") if now else _("unchanged")


def part_of(part: int, whole: int) -> Decimal | str:
    """Return a share as a part of one; "–" of nothing."""
    return Decimal(part) / whole if whole else "–"


def _bulletin(contents: Contents, about: dict[str, str]) -> Leaf:
    paragraphs: list[tuple[str, bool]] = []
    for section in Section:
        lines = [line for line in contents.words.get(section, "").splitlines() if line.strip()]
        if lines:
            paragraphs.append((str(section.label), True))
            paragraphs += [(line, False) for line in lines]
    return Leaf(_("1 Bulletin"), _("{area}: fraud in {period}").format(**about), paragraphs=paragraphs)


# ── the numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _great_table(figures: Figures, ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    cases, lost = _("Cases"), _("Lost (10,000 yuan)")
    alerts, outreach, elders = _("Alerts"), _("Outreach"), _("60 and over at live events")
    columns = [
        Column(_("No."), 4, Holds.ORDINAL),
        Column(_("Area"), 13),
        *_compared_columns(cases, WHOLE),
        *_compared_columns(lost, WAN),
        Column(pgettext("column", "received"), 6, WHOLE, alerts, adds_up=True),
        Column(_("pushed in time"), 6, WHOLE, alerts, adds_up=True),
        Column(pgettext("column", "met"), 6, WHOLE, alerts, adds_up=True),
        Column(pgettext("column", "dissuaded"), 6, WHOLE, alerts, adds_up=True),
        Column(_("Prevented, estimate (10,000 yuan)"), 9, WAN, adds_up=True),
        Column(pgettext("column", "events"), 6, WHOLE, outreach),
        Column(pgettext("column", "households"), 7, WHOLE, outreach),
        Column(pgettext("column", "people"), 7, WHOLE, outreach),
        Column(pgettext("column", "should"), 6, WHOLE, elders, adds_up=True),
        Column(pgettext("column", "reached"), 6, WHOLE, elders, adds_up=True),
        Column(pgettext("column", "share"), 7, SHARE, elders),
        Column(_("Days without a case"), 6, WHOLE),
        Column(_("Rank"), 5, WHOLE),
    ]
    total = [
        "",
        _("Total"),
        *_compared_cells(figures.cases, figures.year_to_date, "count"),
        *_compared_cells(figures.cases, figures.year_to_date, "lost"),
        *_alert_cells(figures),
        figures.outreach.now.events,
        figures.outreach.now.households,
        figures.outreach.now.people,
        *_cover_cells(figures),
        figures.zero_days,
        "",
    ]
    rows = [_area_cells(at, row) for at, row in enumerate(figures.areas, start=1)]
    chart = Chart(_("Cases by area"), "column", labels=1, values=(2, 3))
    tables = [Table(columns, rows, total, charts=(chart,)), *_trend(ledgers)]
    notes = [
        _("Events, households and people of the whole are counted once, so parts may add up to more."),
        _("What was prevented is an estimate and is not counted among the losses."),
    ]
    title = _("{area}: fraud by area, {period}").format(**about)
    return Leaf(_("2 Overview"), title, _("cases, 10,000 yuan"), tables=tables, notes=notes, empty=_("No area below."))


def _compared_columns(over: str, holds: Holds) -> list[Column]:
    wide = 8 if holds is WAN else 6
    return [
        Column(_("this period"), wide, holds, over, adds_up=True),
        Column(_("period before"), wide, holds, over, adds_up=True),
        Column(pgettext("column", "change"), 7, SHARE, over),
        Column(_("last year"), wide, holds, over, adds_up=True),
        Column(_("on last year"), 7, SHARE, over),
        Column(_("year so far"), wide, holds, over, adds_up=True),
    ]


def _compared_cells(sums: Compared[CaseSums], year: CaseSums, name: str) -> list[Any]:
    now, before, last = (getattr(one, name) for one in (sums.now, sums.before, sums.last_year))
    return [now, before, ratio(now, before), last, ratio(now, last), getattr(year, name)]


def _alert_cells(row: AreaRow | Figures) -> list[Any]:
    sums = row.alerts if isinstance(row, AreaRow) else row.alerts.now
    prevented = row.cases.now.prevented
    return [sums.received, sums.pushed.part, sums.met.part, sums.dissuaded.part, prevented]


def _cover_cells(row: AreaRow | Figures) -> list[Any]:
    return [row.elders.should, row.elders.reached, part_of(row.elders.reached, row.elders.should)]


def _area_cells(at: int, row: AreaRow) -> list[Any]:
    return [
        at,
        row.name,
        *_compared_cells(row.cases, row.year_to_date, "count"),
        *_compared_cells(row.cases, row.year_to_date, "lost"),
        *_alert_cells(row),
        row.outreach.events,
        row.outreach.households,
        row.outreach.people,
        *_cover_cells(row),
        row.zero_days,
        row.rank or "–",
    ]


def _trend(ledgers: Ledgers) -> Iterable[Table]:
    if not ledgers.months:
        return
    columns = [
        Column("", 4),
        Column(_("Month"), 13),
        Column(pgettext("column", "cases"), 6, WHOLE, adds_up=True),
        Column(_("lost (10,000 yuan)"), 8, WAN, adds_up=True),
    ]
    rows = [["", month(one.first), one.count, one.lost] for one in ledgers.months]
    total = ["", _("Total"), sum(one.count for one in ledgers.months), sum(one.lost for one in ledgers.months)]
    chart = Chart(_("Cases of twelve months"), "line", labels=1, values=(2,))
    yield Table(columns, rows, total, title=_("Twelve months"), charts=(chart,))


def _types(figures: Figures, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("No."), 6, Holds.ORDINAL),
        Column(_("Type of fraud"), 26),
        Column(_("this period"), 9, WHOLE, adds_up=True),
        Column(_("period before"), 9, WHOLE, adds_up=True),
        Column(pgettext("column", "change"), 10, SHARE),
        Column(_("last year"), 9, WHOLE, adds_up=True),
        Column(_("on last year"), 10, SHARE),
        Column(pgettext("column", "share"), 9, SHARE),
        Column(_("lost (10,000 yuan)"), 12, WAN, adds_up=True),
        Column(_("aimed at elders"), 10, WHOLE, adds_up=True),
        Column(_("events that taught it"), 12, WHOLE),
    ]
    first = [row for row in figures.types if not row.parent]
    second = [row for row in figures.types if row.parent]
    rows = [_type_cells(figures, at, row) for at, row in enumerate(first, start=1)]
    whole = TypeRow("", _("Total"), "", figures.cases)
    total = ["", *_type_cells(figures, 0, whole)[1:-1], figures.outreach.now.events]
    chart = Chart(_("Cases by type"), "bar", labels=1, values=(2, 3))
    tables = [Table(columns, rows, total, charts=(chart,))]
    if second:
        below = [_type_cells(figures, at, row) for at, row in enumerate(second, start=1)]
        tables.append(Table(columns, below, title=_("Second level, counted above as well")))
    notes = [_("The last column of the total is the number of all events of the period.")]
    title = _("{area}: types of fraud, {period}").format(**about)
    return Leaf(_("3 Types"), title, _("cases, 10,000 yuan"), tables=tables, notes=notes, empty=_("No case."))


def _type_cells(figures: Figures, at: int, row: TypeRow) -> list[Any]:
    now, before, last = row.sums.now, row.sums.before, row.sums.last_year
    return [
        at,
        row.name,
        now.count,
        before.count,
        ratio(now.count, before.count),
        last.count,
        ratio(now.count, last.count),
        part_of(now.count, figures.cases.now.count),
        now.lost,
        now.elder,
        taught_of(figures, row),
    ]


def _victims(figures: Figures, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("Age"), 22),
        Column(_("women"), 10, WHOLE, adds_up=True),
        Column(_("men"), 10, WHOLE, adds_up=True),
        Column(_("not said"), 10, WHOLE, adds_up=True),
        Column(pgettext("column", "total"), 10, WHOLE, adds_up=True),
        Column(pgettext("column", "share"), 10, SHARE),
        Column(_("lost (10,000 yuan)"), 14, WAN, adds_up=True),
    ]
    count, ages = figures.cases.now.count, figures.victims.ages
    rows = [
        [age_words(row.key), row.women, row.men, row.unsaid, row.count, part_of(row.count, count), row.lost]
        for row in ages
    ]
    sexes = [sum(getattr(row, name) for row in ages) for name in ("women", "men", "unsaid")]
    total = [_("Total"), *sexes, count, part_of(count, count), figures.cases.now.lost]
    chart = Chart(_("Victims by age"), "column", labels=0, values=(1, 2))
    victims = figures.victims
    tables = [
        Table(columns, rows, total, charts=(chart,)),
        _part_table(figures, _("Occupation"), victims.occupations),
        _part_table(figures, _("Kind of residence"), victims.residences),
        _part_table(figures, _("Amount lost"), victims.amounts),
        _part_table(figures, _("Way of contact"), victims.approaches),
    ]
    title = _("{area}: victims, {period}").format(**about)
    return Leaf(_("4 Victims"), title, _("people, 10,000 yuan"), tables=tables, empty=_("No case."))


def _part_table(figures: Figures, label: str, parts: Sequence[Part]) -> Table:
    columns = [
        Column(label, 22),
        Column(pgettext("column", "cases"), 10, WHOLE, adds_up=True),
        Column(pgettext("column", "share"), 10, SHARE),
        Column(_("lost (10,000 yuan)"), 10, WAN, adds_up=True),
    ]
    now = figures.cases.now
    rows = [[part.name, part.count, part_of(part.count, now.count), part.lost] for part in parts]
    return Table(columns, rows, [_("Total"), now.count, part_of(now.count, now.count), now.lost], title=label)


# ── the lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _cut(ledgers: Ledgers, name: str) -> list[str]:
    if name not in ledgers.cut:
        return []
    return [_("The list is longer than can be printed and was cut; order the whole ledger as a file of its own.")]


def _cases(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("No."), 4, Holds.ORDINAL),
        Column(_("Number of the police"), 14),
        Column(_("Status"), 7),
        Column(_("Reported"), 15, Holds.MOMENT),
        Column(_("Happened"), 15, Holds.MOMENT),
        Column(_("Type of fraud"), 14),
        Column(_("Elder fraud"), 5),
        Column(_("Way of contact"), 8),
        Column(_("Grid"), 10),
        Column(_("Victim"), 8),
        Column(_("Sex"), 5),
        Column(_("Age"), 5, WHOLE),
        Column(_("Occupation"), 9),
        Column(_("Residence"), 8),
        Column(_("Lost"), 12, YUAN, adds_up=True),
        Column(_("Frozen"), 11, YUAN, adds_up=True),
        Column(_("Returned"), 11, YUAN, adds_up=True),
        Column(_("Prevented, estimate"), 11, YUAN, adds_up=True),
        Column(_("Warned before"), 6),
    ]
    rows = [
        [
            *(at, row.number, row.status, row.reported_at, row.occurred_at, row.fraud_type, _tick(row.is_elder)),
            *(row.approach, row.grid, row.victim, row.sex, row.age, row.occupation, row.residence),
            *(row.lost, row.frozen, row.returned, row.prevented, _tick(row.was_warned)),
        ]
        for at, row in enumerate(ledgers.cases, start=1)
    ]
    sums = [sum((getattr(row, name) for row in ledgers.cases), Decimal(0)) for name in MONEY]
    total = ["", _("Total"), *[""] * 12, *sums, ""]
    title = _("{area}: ledger of cases, {period}").format(**about)
    empty = _("No case was reported in the period.")
    tables = [Table(columns, rows, total if rows else None)]
    return Leaf(_("5 Cases"), title, pgettext("unit", "yuan"), tables=tables, notes=_cut(ledgers, "cases"), empty=empty)


MONEY = ("lost", "frozen", "returned", "prevented")


def _tick(is_so: bool) -> str:
    return _("yes") if is_so else ""


def _alerts(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    steps = _("Time of every step")
    columns = [
        Column(_("No."), 4, Holds.ORDINAL),
        Column(_("Level"), 5),
        Column(_("Type of fraud"), 13),
        Column(_("Grid"), 10),
        Column(_("Resident"), 7),
        Column(pgettext("column", "warned"), 13, Holds.TIME, steps),
        Column(pgettext("column", "received"), 13, Holds.TIME, steps),
        Column(pgettext("column", "dispatched"), 10, Holds.CLOCK, steps),
        Column(pgettext("column", "accepted"), 10, Holds.CLOCK, steps),
        Column(pgettext("column", "phone"), 10, Holds.CLOCK, steps),
        Column(pgettext("column", "door"), 10, Holds.CLOCK, steps),
        Column(pgettext("column", "family"), 10, Holds.CLOCK, steps),
        Column(pgettext("column", "reminded"), 10, Holds.CLOCK, steps),
        Column(pgettext("column", "closed"), 10, Holds.CLOCK, steps),
        Column(_("Outcome"), 11),
        Column(_("Level as it was"), 6),
        Column(_("Late by"), 9),
        Column(_("Late in"), 8),
        Column(_("Lost"), 10, YUAN),
        Column(_("Prevented, estimate"), 10, YUAN),
    ]
    rows = [
        [
            *(at, row.level, row.fraud_type, row.grid, row.subject, row.warned_at, row.received_at),
            *(_since(row, at) for at in (row.dispatched_at, row.accepted_at, row.phone_at, row.door_at)),
            *(_since(row, at) for at in (row.family_at, row.contact_at, row.closed_at)),
            *(row.outcome, row.actual_level, duration(row.late) if row.late else ""),
            *(row.late_objective, row.lost, row.prevented),
        ]
        for at, row in enumerate(ledgers.alerts, start=1)
    ]
    title = _("{area}: alerts step by step, {period}").format(**about)
    empty = _("No alert was received in the period.")
    tables = [Table(columns, rows)]
    later = _("A step of a later day than its alert has the days before its time: +1 is the next day.")
    notes = [later, *_cut(ledgers, "alerts")]
    return Leaf(_("6 Alerts"), title, pgettext("unit", "yuan"), tables=tables, notes=notes, empty=empty)


def _since(row: AlertRow, at: datetime | None) -> Clock | None:
    """Return the time of a step, and how many days after its alert it was."""
    return Clock(at, (local(at).date() - local(row.received_at).date()).days) if at is not None else None


def _events(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("No."), 4, Holds.ORDINAL),
        Column(_("When"), 16, Holds.MOMENT),
        Column(_("Event"), 20),
        Column(_("Form"), 9),
        Column(_("Area"), 10),
        Column(_("Place"), 14),
        Column(_("Audience"), 10),
        Column(_("Types of fraud taught"), 18),
        Column(_("Partners that came"), 16),
        Column(_("Visitors"), 7, WHOLE, adds_up=True),
        Column(_("Volunteers"), 7, WHOLE, adds_up=True),
        Column(_("Handed out"), 7, WHOLE, adds_up=True),
        Column(_("Apps installed"), 7, WHOLE, adds_up=True),
        Column(_("Pledges"), 7, WHOLE, adds_up=True),
    ]
    names = ("heads", "volunteers", "handed_out", "installs", "pledges")
    rows = [
        [
            *(at, row.starts_at, row.title, row.form, row.area, row.place, row.audience, row.types, row.partners),
            *(getattr(row, name) for name in names),
        ]
        for at, row in enumerate(ledgers.events, start=1)
    ]
    total = ["", "", _("Total"), *[""] * 6, *(sum(getattr(row, name) for row in ledgers.events) for name in names)]
    title = _("{area}: outreach events, {period}").format(**about)
    empty = _("No event was held in the period.")
    tables = [Table(columns, rows, total if rows else None)]
    return Leaf(_("7 Events"), title, _("visits, pieces"), tables=tables, notes=_cut(ledgers, "events"), empty=empty)


def _pushes(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    across = len(ledgers.groups) <= MOST_GROUPS_ACROSS and ledgers.pushes
    table = _pushes_by_group(ledgers) if across else _groups_alone(ledgers)
    title = _("{area}: pushes to chat groups, {period}").format(**about)
    notes = [_("A week is counted from Monday to Sunday, where all of it lies in the period.")]
    empty = _("No chat group runs.")
    return Leaf(
        _("8 Pushes"),
        title,
        pgettext("unit", "messages"),
        tables=[table, *_owners(ledgers)] if across else [table],
        notes=notes,
        empty=empty,
    )


def _pushes_by_group(ledgers: Ledgers) -> Table:
    """A row for each push, a column for each group: how many posts it was sent."""
    columns = [
        Column(_("Date"), 12, Holds.DAY),
        Column(_("Text"), 26),
        *(Column(group.name, 7, WHOLE, adds_up=True) for group in ledgers.groups),
        Column(pgettext("column", "total"), 8, WHOLE, adds_up=True),
    ]
    rows = []
    for push in ledgers.pushes:
        cells = [push.posts if group.pk in push.groups else None for group in ledgers.groups]
        rows.append([push.on, push.text[:60], *cells, sum(cell or 0 for cell in cells)])
    sums = [group.posts for group in ledgers.groups]
    return Table(columns, rows, ["", _("Total"), *sums, sum(sums)])


def _owners(ledgers: Ledgers) -> list[Table]:
    return [_groups_alone(ledgers, title=_("Who answers for which group"))]


def _groups_alone(ledgers: Ledgers, *, title: str = "") -> Table:
    columns = [
        Column(_("Area"), 12),
        Column(_("Chat group"), 30),
        Column(_("Who answers for it"), 12),
        Column(pgettext("column", "messages"), 9, WHOLE, adds_up=True),
        Column(pgettext("column", "weeks"), 9, WHOLE),
        Column(_("weeks with too few"), 11, WHOLE),
    ]
    rows = [[one.area, one.name, one.owner, one.posts, one.weeks, one.weeks_below] for one in ledgers.groups]
    total = ["", _("Total"), "", sum(one.posts for one in ledgers.groups), "", ""]
    return Table(columns, rows, total if rows else None, title=title)


def _visits(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("No."), 6, Holds.ORDINAL),
        Column(_("Grid"), 14),
        Column(_("Resident"), 12),
        Column(_("Age"), 7, WHOLE),
        Column(_("Group"), 24),
        Column(_("Carer"), 14),
        Column(_("weeks due"), 11, WHOLE, adds_up=True),
        Column(_("weeks kept"), 11, WHOLE, adds_up=True),
        Column(pgettext("column", "share"), 10, SHARE),
        Column(_("last met"), 14, Holds.DAY),
    ]
    rows = [
        [
            at,
            row.grid,
            row.name,
            row.age,
            row.groups,
            row.carer,
            row.due,
            row.kept,
            part_of(row.kept, row.due),
            row.last_on,
        ]
        for at, row in enumerate(ledgers.visits, start=1)
    ]
    due, kept = sum(row.due for row in ledgers.visits), sum(row.kept for row in ledgers.visits)
    total = ["", _("Total"), "", "", "", "", due, kept, part_of(kept, due), ""]
    title = _("{area}: visits to key groups, {period}").format(**about)
    empty = _("Nobody was to be visited in the period.")
    tables = [Table(columns, rows, total if rows else None)]
    return Leaf(
        _("9 Visits"), title, pgettext("unit", "weeks"), tables=tables, notes=_cut(ledgers, "visits"), empty=empty
    )


def _blind(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("No."), 6, Holds.ORDINAL),
        Column(_("Grid"), 16),
        Column(_("Building"), 12),
        Column(_("Resident"), 14),
        Column(_("Sex"), 8),
        Column(_("Age"), 8, WHOLE),
        Column(_("Visited on"), 18),
        Column(_("Note"), 26),
    ]
    rows = [
        [at, row.grid, row.building, row.name, row.sex, row.age, "", ""]
        for at, row in enumerate(ledgers.blind, start=1)
    ]
    title = _("{area}: 60 and over, at no live event in twelve months up to the end of {period}").format(**about)
    notes = [
        _("Masked; the list with names and doors is on the page of coverage, for who may see it."),
        *_cut(ledgers, "blind"),
    ]
    tables = [Table(columns, rows)]
    return Leaf(
        _("10 Blind spots"),
        title,
        pgettext("unit", "people"),
        tables=tables,
        notes=notes,
        empty=_("Everybody was reached."),
    )


def _lookbacks(ledgers: Ledgers, about: dict[str, str]) -> Leaf:
    columns = [
        Column(_("No."), 4, Holds.ORDINAL),
        Column(_("Reported"), 15, Holds.MOMENT),
        Column(_("Type of fraud"), 13),
        Column(_("Grid"), 10),
        Column(_("Victim"), 8),
        Column(_("Proposed"), 16),
        Column(_("Verdict"), 16),
        Column(_("Cause"), 21),
        Column(_("Shortcoming"), 21),
        Column(_("Remedy"), 21),
        Column(_("Owner"), 10),
        Column(_("Done on"), 11, Holds.DAY),
    ]
    rows = [
        [
            *(at, row.reported_at, row.fraud_type, row.grid, row.victim, row.proposed),
            *(row.verdict or _("not confirmed"), row.cause, row.shortcoming, row.remedy, row.owner, row.done_on),
        ]
        for at, row in enumerate(ledgers.lookbacks, start=1)
    ]
    title = _("{area}: look-backs, {period}").format(**about)
    empty = _("No case was reported in the period.")
    return Leaf(_("11 Look-backs"), title, tables=[Table(columns, rows)], empty=empty)


def definitions_leaf(about: dict[str, str]) -> Leaf:
    """Return the sheet that says what each number counts."""
    columns = [Column(_("Number"), 28), Column(_("What it counts"), 90), Column(_("Unit"), 14)]
    return Leaf(
        _("12 Definitions"), _("What the numbers count"), tables=[Table(columns, [list(row) for row in definitions()])]
    )
