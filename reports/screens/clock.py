"""The statistics of the clock as their page and their workbook show them; every number leads to what it counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS as WEEKDAYS_IN_WORDS
from django.utils.translation import gettext as _

from accounts.formats import decimals, share
from accounts.models import User
from accounts.roles import Duty
from alerts.policy import Fact, Level, ObjectiveState
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.exports.scores import Grid
from reports.figures.clock import HOURS, WEEKDAYS, ClockFigures, Whose, clock_figures, levels
from reports.figures.shapes import Minutes
from reports.formats import period_name
from reports.screens.links import Links, links_of
from reports.screens.panels import (
    ACCENT,
    BAD,
    SOFT,
    band_names,
    bars,
    endings,
    kept_columns,
    kept_rows,
    named_columns,
)
from reports.screens.tables import Cell, Panel, Row, Table
from residents.access import scope_codes
from residents.models import Area, Post


@dataclass(frozen=True, slots=True)
class ClockPage:
    """The page."""

    area: str
    person: str
    period: str
    sentence: str
    panels: tuple[Panel, ...]
    export_url: str
    learning_url: str

    @property
    def charts(self) -> Mapping[str, Any]:
        """What the charts draw, by the keys of their panels."""
        return {panel.key: panel.chart for panel in self.panels if panel.chart is not None}


CLOCKS_OF: Mapping[str, str] = {
    Fact.PUSHED: ObjectiveState.MET,
    Fact.REACHED: ObjectiveState.MET,
    Fact.PUSHED_LATE: ObjectiveState.BREACHED,
    Fact.REACHED_LATE: ObjectiveState.BREACHED,
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the panels need: the figures, and where their rows are."""

    found: ClockFigures
    links: Links
    span: Span
    narrowed: Mapping[str, str]

    def alerts(self, **narrowed: str) -> str:
        """Return the address of the alerts that a number counts."""
        return self.links.alerts(self.span, **(dict(self.narrowed) | narrowed))

    def clocks(self, **narrowed: str) -> str:
        """Return the address of the alerts whose very clocks a rate counts: a raised alert has one of each level."""
        state = CLOCKS_OF.get(narrowed.get("fact", ""))
        if state is None:
            return self.alerts(**narrowed)
        return self.alerts(clock=f"{narrowed.get('level', 'dispatch')}:{state}")

    def cell(self, number: int, **narrowed: str) -> Cell:
        """Return a number that leads to its alerts."""
        return Cell(decimals(number, 0), self.alerts(**narrowed))


# ── whose ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def people_of(user: User, *, on: date) -> list[User]:
    """Return whose own statistics somebody may see: their own, and as their manager those of who handles alerts there.

    An administrator is nobody's manager.
    """
    mine = scope_codes(user, Duty.HANDLE_ALERTS, on) != ()
    found = {user.pk: user} if mine else {}
    if not user.is_superuser:
        posts = Post.objects.visible_to(user, on=on, duty=Duty.APPOINT).current(on).with_duty(Duty.HANDLE_ALERTS)
        for post in posts.select_related("user").order_by("user__name", "pk"):
            found.setdefault(post.user_id, post.user)
    return list(found.values())


def clock_page(
    user: User, area: Area, span: Span, person: User | None, *, query: Mapping[str, str], on: date
) -> ClockPage:
    """Return the statistics of an area or of one person's alerts in it."""
    shown = _shown(user, area, span, person, on=on)
    may_learn = scope_codes(user, Duty.SEE_CLOCK, on) != ()
    learning = f"{reverse('alerts:learning')}?{urlencode({'area': area.code, 'on': span.first.isoformat()})}"
    return ClockPage(
        area=area.place,
        person=str(person) if person else "",
        period=period_name(span),
        sentence=_sentence(shown.found),
        panels=_panels(shown),
        export_url=f"{reverse('reports:clock_export')}?{urlencode(query)}",
        learning_url=learning if may_learn else "",
    )


def _shown(user: User, area: Area, span: Span, person: User | None, *, on: date) -> _Shown:
    found = clock_figures(Whose(area.code, person.pk if person else None), span)
    links = links_of(user, area.code, dated_by=DatedBy.REPORTED, on=on, is_public=False)
    return _Shown(found, links, span, {"holder": str(person.pk)} if person else {})


def _panels(shown: _Shown) -> tuple[Panel, ...]:
    return (
        _kept_panel(shown),
        _after_panel(shown),
        *_minutes_panels(shown),
        _hours_panel(shown),
        _weekdays_panel(shown),
        _week_panel(shown),
        _levels_panel(shown),
    )


def _sentence(found: ClockFigures) -> str:
    sums = found.sums
    if not sums.received:
        return _("No alert in this period.")
    return _("{number} alerts received, {late} of them with a clock that was not kept.").format(
        number=decimals(sums.received, 0), late=decimals(found.late.total(), 0)
    )


# ── the panels ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _kept_panel(shown: _Shown) -> Panel:
    sums = shown.found.sums
    return Panel(
        key="kept",
        title=_("How the clock was kept"),
        sentence=_("Of clocks that have ended, by the level as pushed: kept of those that ended."),
        table=Table(kept_columns(), kept_rows(sums, shown.found.minutes, shown.clocks)),
        more=(
            (
                _("Received"),
                Table(
                    named_columns(_("Received"), _("Alerts")),
                    (
                        *(
                            Row(Cell(str(level.label)), (shown.cell(getattr(sums, f"of_{level}"), level=str(level)),))
                            for level in Level
                        ),
                        Row(Cell(_("Total")), (shown.cell(sums.received),), look="sum"),
                    ),
                ),
            ),
        ),
    )


def _after_panel(shown: _Shown) -> Panel:
    found, true = shown.found, shown.found.found_true

    def called(verdict: str) -> str:
        return shown.links.called_back(shown.span, verdict, **shown.narrowed)

    rows = [Row(Cell(name), (Cell(said, shown.alerts(**narrowed)),)) for name, said, narrowed in endings(found.sums)]
    rows += [
        Row(Cell(_("Second feedback still to come")), (shown.cell(found.awaiting, fact=str(Fact.AWAITING)),)),
        Row(Cell(_("Found true when called back")), (Cell(share(true.true, true.called), called("true")),)),
        Row(Cell(_("Called back, not true")), (Cell(decimals(true.called - true.true, 0), called("false")),)),
        Row(Cell(_("Called back")), (Cell(decimals(true.called, 0), called("any")),)),
    ]
    return Panel(
        key="after",
        title=_("How they ended, and whether that was true"),
        sentence=_("Call-backs are counted by the day they were made; everything else by the day the alert came in."),
        table=Table(named_columns(_("Ending"), _("Alerts")), tuple(rows)),
    )


def _minutes_panels(shown: _Shown) -> Iterable[Panel]:
    named = {
        "dispatch": _("Minutes to the grid"),
        "high": _("High: minutes until the resident was reached"),
        "medium": _("Medium: minutes until the resident was reached"),
    }
    for key, title in named.items():
        one = shown.found.minutes.get(key, Minutes())
        number = sum(count for _up_to, count in one.bands)
        edges = [0, *(up_to or 0 for up_to, _count in one.bands)]
        bands = [f"{above}-{up_to or ''}" for above, up_to in pairwise(edges)]
        rows = [
            Row(Cell(name), (shown.cell(count, took=f"{key}:{band}"), Cell(share(count, number))))
            for name, band, (_up_to, count) in zip(band_names(one), bands, one.bands, strict=True)
        ]
        rows.append(Row(Cell(_("Total")), (shown.cell(number, took=f"{key}:0-"), Cell("")), look="sum"))
        yield Panel(
            key=f"minutes-{key}",
            title=title,
            sentence=_minutes_said(one, number),
            table=Table(named_columns(_("Minutes"), _("Alerts"), _("Share")), tuple(rows)),
            chart=bars(band_names(one), (_("Alerts"), ACCENT, [count for _up_to, count in one.bands])),
            is_folded=True,
        )


def _minutes_said(one: Minutes, number: int) -> str:
    if one.median is None:
        return _("No clock has ended in this period.")
    return _("Half of {number} within {median} minutes, the longest took {worst}.").format(
        number=decimals(number, 0), median=decimals(one.median, 1), worst=decimals(one.worst or 0, 1)
    )


def _hours_panel(shown: _Shown) -> Panel:
    came, late = (_summed(counter, 1) for counter in (shown.found.came, shown.found.late))
    names = {hour: f"{hour:02d}:00" for hour in HOURS}
    return _by_panel(shown, "hour", (_("By the hour at which they came in"), _("Hour")), names, came, late)


def _weekdays_panel(shown: _Shown) -> Panel:
    came, late = (_summed(counter, 0) for counter in (shown.found.came, shown.found.late))
    names = {weekday: _weekday(weekday) for weekday in WEEKDAYS}
    return _by_panel(shown, "weekday", (_("By the day of the week"), _("Day of the week")), names, came, late)


def _weekday(iso: int) -> str:
    return str(WEEKDAYS_IN_WORDS[iso - 1])


def _summed(counter: Counter[tuple[int, int]], place: int) -> Counter[int]:
    found: Counter[int] = Counter()
    for key, number in counter.items():
        found[key[place]] += number
    return found


def _by_panel(
    shown: _Shown, by: str, named: tuple[str, str], names: Mapping[int, str], came: Counter[int], late: Counter[int]
) -> Panel:
    """Show what came in, and what of it was late, by one measure of when. ``named``: the title, what the lines are."""
    breached = str(Fact.BREACHED)
    rows = [
        Row(
            Cell(name),
            (
                shown.cell(came[value], **{by: str(value)}),
                shown.cell(late[value], **{by: str(value), "fact": breached}),
            ),
        )
        for value, name in names.items()
    ]
    total = (shown.cell(came.total()), shown.cell(late.total(), fact=breached))
    rows.append(Row(Cell(_("Total")), total, look="sum"))
    return Panel(
        key=f"{by}s",
        title=named[0],
        sentence=_most_said(names, came, late),
        table=Table(named_columns(named[1], _("Received"), _("Any clock not kept")), tuple(rows)),
        chart=bars(
            list(names.values()),
            (_("No clock late"), SOFT, [came[value] - late[value] for value in names]),
            (_("Any clock not kept"), BAD, [late[value] for value in names]),
            stacked=True,
        ),
        is_folded=True,
    )


def _most_said(names: Mapping[int, str], came: Counter[int], late: Counter[int]) -> str:
    if not came:
        return _("No alert in this period.")
    said = _("Most came in here: {when}.").format(when=names[max(names, key=lambda value: came[value])])
    if not late:
        return said + " " + _("No clock was late.")
    return said + " " + _("Most late clocks: {when}.").format(when=names[max(names, key=lambda value: late[value])])


def _week_panel(shown: _Shown) -> Panel:
    came = shown.found.came
    rows = []
    for hour in HOURS:
        cells = [shown.cell(came[day, hour], hour=str(hour), weekday=str(day)) for day in WEEKDAYS]
        total = sum(came[day, hour] for day in WEEKDAYS)
        rows.append(Row(Cell(f"{hour:02d}:00"), (*cells, shown.cell(total, hour=str(hour)))))
    sums = [shown.cell(sum(came[day, hour] for hour in HOURS), weekday=str(day)) for day in WEEKDAYS]
    rows.append(Row(Cell(_("Total")), (*sums, shown.cell(came.total())), look="sum"))
    return Panel(
        key="week",
        title=_("Hour by hour of the week"),
        sentence=_("Alerts received, by the hour and the day of the week."),
        table=Table(named_columns(_("Hour"), *map(_weekday, WEEKDAYS), _("Total")), tuple(rows)),
        is_folded=True,
        is_wide=True,
    )


def _levels_panel(shown: _Shown) -> Panel:
    corrected, all_levels = shown.found.corrected, levels()
    names = {level: str(Level(level).label) for level in all_levels}

    def cells(pushed: str) -> tuple[Cell, ...]:
        each = [shown.cell(corrected[pushed, real], level=pushed, actual=real) for real in all_levels]
        total = sum(corrected[pushed, real] for real in all_levels)
        return (*each, shown.cell(total, level=pushed, actual="any"))

    rows = [Row(Cell(_("Pushed as {level}").format(level=names[pushed])), cells(pushed)) for pushed in all_levels]
    sums = [shown.cell(sum(corrected[pushed, real] for pushed in all_levels), actual=real) for real in all_levels]
    rows.append(Row(Cell(_("Total")), (*sums, shown.cell(corrected.total(), actual="any")), look="sum"))
    rate = shown.found.sums.level_corrected
    return Panel(
        key="levels",
        title=_("The level as pushed, and as it was"),
        sentence=_("Of closed alerts {changed} were of another level than pushed.").format(
            changed=share(rate.part, rate.whole)
        ),
        table=Table(
            named_columns(
                _("Level"), *(_("was {level}").format(level=names[level]) for level in all_levels), _("Closed")
            ),
            tuple(rows),
        ),
    )


# ── the workbook ────────────────────────────────────────────────────────────────────────────────────────────────────


def clock_grids(user: User, area: Area, span: Span, person: User | None, *, on: date) -> list[Grid]:
    """Return the tables of the page as sheets."""
    shown = _shown(user, area, span, person, on=on)
    below = " · ".join(filter(None, (area.place, str(person or ""), period_name(span))))
    tables = [
        (title, table)
        for panel in _panels(shown)
        for title, table in ((panel.title, panel.table), *panel.more)
        if table is not None
    ]
    return [
        Grid(
            name=f"{number}",
            title=title,
            below=below,
            head=[column.label for column in table.columns],
            rows=[[row.head.said, *map(_value, row.cells)] for row in table.lines],
            widths=(36, 14),
        )
        for number, (title, table) in enumerate(tables, start=1)
    ]


def _value(cell: Cell) -> str | int:
    bare = cell.said.replace(",", "")
    return int(bare) if bare.isdigit() else cell.said
