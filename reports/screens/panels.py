"""The sections of the dashboard. Each function draws one from the figures and counts nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.formats import decimals, month, share, yuan
from alerts.policy import Fact, Level, Outcome
from campaigns.policy import Span
from reports.figures.cases import UNKNOWN
from reports.figures.places import REST
from reports.figures.shapes import AlertSums, AreaRow, BandRow, CaseSums, Compared, Figures, Minutes, Part, Rate
from reports.figures.slipping import Slip, Slipping, slipping
from reports.figures.trend import Month
from reports.formats import cases_said, number, numbers
from reports.policy import month_key, months_later
from reports.screens.links import Links, amount_asked, band_asked
from reports.screens.tables import Cell, Column, Panel, Row, Table

ACCENT, SOFT, BAD = "accent", "soft", "bad"
"""The colours of a chart, by what they say; ``charts.js`` takes them from the look."""


@dataclass(frozen=True, slots=True)
class Page:
    """What each panel needs: the figures, where their rows are, who reads."""

    found: Figures
    links: Links
    query: Mapping[str, str]
    is_public: bool
    is_wide: bool

    @property
    def spans(self) -> Compared[Span]:
        """The days that were counted."""
        return self.found.spans

    def numbers(self, cells: Sequence[int]) -> list[str]:
        """Return the numbers of a column."""
        return numbers(cells, is_public=self.is_public)


def named_columns(*labels: str) -> tuple[Column, ...]:
    """Return plain columns."""
    return tuple(Column(label) for label in labels)


def bars(
    labels: Sequence[str], *series: tuple[str, str, Sequence[int]], stacked: bool = False, lying: bool = False
) -> Mapping[str, Any] | None:
    """Return a chart as data; None where it would be empty."""
    if not any(any(data) for _name, _tone, data in series):
        return None
    return {
        "labels": list(labels),
        "series": [{"name": name, "tone": tone, "data": list(data)} for name, tone, data in series],
        "stacked": stacked,
        "lying": lying,
    }


def _told(cells: Sequence[str]) -> list[int]:
    """Return a column's numbers as a chart draws them: what is not told is no bar."""
    return [int(cell.replace(",", "")) if cell.replace(",", "").isdigit() else 0 for cell in cells]


# ── the trend ───────────────────────────────────────────────────────────────────────────────────────────────────────


def trend_panel(page: Page, months: Sequence[Month]) -> Panel:
    """Draw the last twelve months before those of the year before."""
    half = len(months) // 2
    before, now = months[:half], months[half:]
    said_now, said_before = (page.numbers([one.count for one in half]) for half in (now, before))
    rows = tuple(
        Row(
            Cell(month(one.first)),
            (
                Cell(said_now[at], page.links.cases(_of_month(one))),
                Cell(said_before[at], page.links.cases(_of_month(other))),
                *(() if page.is_public else (Cell(yuan(one.lost)), Cell(yuan(other.lost)))),
            ),
        )
        for at, (one, other) in enumerate(zip(now, before, strict=True))
    )
    lost = () if page.is_public else (_("Lost"), _("Lost a year before"))
    return Panel(
        key="trend",
        title=_("Cases by month, the year before in pale"),
        sentence=_trend_said(now, before, is_public=page.is_public),
        table=Table(named_columns(_("Month"), pgettext("how many", "Cases"), _("A year before"), *lost), rows),
        chart=bars(
            [month_key(one.first) for one in now],
            (_("A year before"), SOFT, _told(said_before)),
            (pgettext("how many", "Cases"), ACCENT, _told(said_now)),
        ),
        is_folded=True,
    )


def _of_month(one: Month) -> Span:
    return Span(one.first, months_later(one.first, 1))


def _trend_said(now: Sequence[Month], before: Sequence[Month], *, is_public: bool) -> str:
    sums = [number(sum(one.count for one in half), is_public=is_public) for half in (now, before)]
    said = _("In these twelve months: {now}; in the twelve before them: {before}.").format(now=sums[0], before=sums[1])
    worst = max(now, key=lambda one: one.count)
    if is_public or not worst.count:
        return said
    most = _("Most in {month}: {number}.").format(month=month(worst.first), number=decimals(worst.count, 0))
    return f"{most} {said}"


# ── types ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def types_panel(page: Page) -> Panel:
    """Set the types beside what was taught of them."""
    found, spans = page.found, page.spans
    # In public in an order that tells nothing: who stands first would say who has more.
    rows = (
        sorted((row for row in found.types if not row.parent), key=lambda row: row.code)
        if page.is_public
        else found.types
    )
    columns = [page.numbers([getattr(row.sums, name).count for row in rows]) for name in ("now", "before", "last_year")]
    lines = []
    for at, row in enumerate(rows):
        cells = [
            Cell(said[at], page.links.cases(span, type=row.code) if row.code else "")
            for said, span in zip(columns, (spans.now, spans.before, spans.last_year), strict=True)
        ]
        cells += [] if page.is_public else [Cell(yuan(row.sums.now.lost))]
        taught = found.taught.get(row.code, 0)
        lines.append(Row(Cell(row.name), (*cells, Cell(decimals(taught, 0))), look="below" if row.parent else ""))
    tops = [at for at, row in enumerate(rows) if not row.parent]
    lost = () if page.is_public else (_("Lost"),)
    return Panel(
        key="types",
        title=_("Types of fraud, and what was taught"),
        sentence=_types_said(page),
        table=Table(
            named_columns(
                _("Type of fraud"),
                pgettext("how many", "Cases"),
                _("Period before"),
                _("Last year"),
                *lost,
                _("Events that taught it"),
            ),
            (*lines, _sum_row(page, found.cases, lost=not page.is_public, more=1)),
        ),
        chart=bars(
            [rows[at].name for at in tops],
            (_("Period before"), SOFT, _told([columns[1][at] for at in tops])),
            (pgettext("how many", "Cases"), ACCENT, _told([columns[0][at] for at in tops])),
            lying=True,
        ),
    )


def _sum_row(page: Page, sums: Compared[CaseSums], *, lost: bool, more: int = 0) -> Row:
    spans = page.spans
    cells = [
        Cell(number(one.count, is_public=page.is_public), page.links.cases(span))
        for one, span in (
            (sums.now, spans.now),
            (sums.before, spans.before),
            (sums.last_year, spans.last_year),
        )
    ]
    cells += [Cell(yuan(sums.now.lost))] if lost else []
    return Row(Cell(_("Total")), (*cells, *[Cell("")] * more), look="sum")


def _types_said(page: Page) -> str:
    found = page.found
    tops = [row for row in found.types if not row.parent and row.sums.now.count]
    if not tops:
        return _("No case in this period.")
    if page.is_public:
        return _("What the fraudsters said, and how often it was taught here.")
    first = tops[0]
    taught = found.taught.get(first.code, 0)
    said = _("Most: {type}, {share}; events that taught of it: {taught}.").format(
        type=first.name, share=_share(page, first.sums.now.count, found.cases.now.count), taught=decimals(taught, 0)
    )
    untaught = [row.name for row in tops if not found.taught.get(row.code)]
    if untaught:
        said += " " + _("Never taught in this period: {types}.").format(types=_(", ").join(untaught))
    return said


def _share(page: Page, part: int, whole: int) -> str:
    if page.is_public and (part < 3 or whole - part < 3):
        return number(part, is_public=True)
    return share(part, whole)


# ── victims ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def victims_panel(page: Page) -> Panel:
    """Draw who was defrauded: age by sex, and the other tables beneath."""
    victims, span = page.found.victims, page.spans.now
    ages = [row for row in victims.ages if row.count or row.key != UNKNOWN]
    said = page.numbers([row.count for row in ages])
    lines = []
    for at, row in enumerate(ages):
        band = band_asked(row.key)
        by_sex = () if page.is_public else tuple(_sex_cells(page, row, band))
        lost = () if page.is_public else (Cell(yuan(row.lost)),)
        lines.append(Row(Cell(_age_name(row.key)), (Cell(said[at], page.links.cases(span, age=band)), *by_sex, *lost)))
    more = () if page.is_public else (_("Women"), _("Men"), _("Not stated"), _("Lost"))
    labels = [_age_name(row.key) for row in ages]
    chart = (
        bars(labels, (pgettext("how many", "Cases"), ACCENT, _told(said)))
        if page.is_public
        else bars(
            labels,
            (_("Women"), ACCENT, [row.women for row in ages]),
            (_("Men"), SOFT, [row.men for row in ages]),
            *([(_("Not stated"), BAD, [row.unsaid for row in ages])] if any(row.unsaid for row in ages) else []),
            stacked=True,
        )
    )
    return Panel(
        key="victims",
        title=_("Who was defrauded"),
        sentence=_victims_said(page),
        table=Table(named_columns(_("Age"), pgettext("how many", "Cases"), *more), tuple(lines)),
        chart=chart,
        is_folded=True,
        more=() if page.is_public else _other_tables(page),
    )


def _sex_cells(page: Page, row: BandRow, band: str) -> list[Cell]:
    span = page.spans.now
    counts = (("female", row.women), ("male", row.men), (UNKNOWN, row.unsaid))
    return [Cell(decimals(count, 0), page.links.cases(span, age=band, sex=sex)) for sex, count in counts]


def _age_name(key: str) -> str:
    return _("Age unknown") if key == UNKNOWN else _("{band} years").format(band=key)


def _victims_said(page: Page) -> str:
    found = page.found
    whole = found.cases.now.count
    if not whole:
        return _("No case in this period.")
    old = sum(row.count for row in found.victims.ages if row.key in {"60–79", "80+"})
    said = _("60 and over: {share}.").format(share=_share(page, old, whole))
    if found.victims.mean_age is not None and not page.is_public:
        said += " " + _("{age} years old on average.").format(age=decimals(found.victims.mean_age, 1))
    return said


def _other_tables(page: Page) -> tuple[tuple[str, Table], ...]:
    victims = page.found.victims
    tables = (
        (_("Amount lost"), "amount", victims.amounts),
        (_("Way of contact"), "approach", victims.approaches),
        (_("Occupation"), "occupation", victims.occupations),
        (_("Kind of residence"), "residence", victims.residences),
    )
    return tuple((title, _parts_table(page, title, name, parts)) for title, name, parts in tables if parts)


def _parts_table(page: Page, title: str, name: str, parts: Sequence[Part]) -> Table:
    span = page.spans.now
    rows = (
        Row(
            Cell(part.name),
            (
                Cell(
                    share(part.count, page.found.cases.now.count),
                    page.links.cases(span, **{name: amount_asked(part.key) if name == "amount" else part.key}),
                ),
                Cell(yuan(part.lost)),
            ),
        )
        for part in parts
    )
    return Table(named_columns(title, pgettext("how many", "Cases"), _("Lost")), tuple(rows))


# ── hours ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def hours_panel(page: Page) -> Panel:
    """Draw at what hours of the day people were defrauded."""
    hours, span = page.found.hours, page.spans.now
    labels = [f"{hour:02d}:00" for hour in range(len(hours))]
    rows = tuple(
        Row(Cell(label), (Cell(decimals(count, 0), page.links.cases(span, hour=str(hour))),))
        for hour, (label, count) in enumerate(zip(labels, hours, strict=True))
    )
    worst = max(range(len(hours)), key=lambda hour: hours[hour], default=0)
    known = sum(hours)
    said = (
        _("Most begin from {hour} on: {share} whose hour is known.").format(
            hour=labels[worst], share=share(hours[worst], known)
        )
        if known
        else _("Of no case in this period the hour is known.")
    )
    return Panel(
        key="hours",
        title=_("Hours of the day"),
        sentence=said,
        table=Table(named_columns(_("Hour of the fraud"), pgettext("how many", "Cases")), rows),
        chart=bars(labels, (pgettext("how many", "Cases"), ACCENT, hours)),
        is_folded=True,
    )


# ── alerts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def alerts_panel(page: Page) -> Panel:
    """Show how the clock was kept, with both counts, and the middle time."""
    rows = kept_rows(page.found.alerts.now, page.found.minutes, partial(page.links.alerts, page.spans.now))
    return Panel(
        key="alerts",
        title=_("Alerts and their times"),
        sentence=_alerts_said(page),
        table=Table(kept_columns(), rows),
        more=((_("How they ended"), _endings(page)),),
    )


def kept_columns() -> tuple[Column, ...]:
    """Return the columns of ``kept_rows``."""
    return named_columns(_("Asked for"), _("Kept of those that ended"), _("Not kept"), _("Middle time"))


def kept_rows(sums: AlertSums, minutes: Mapping[str, Minutes], link: Callable[..., str]) -> tuple[Row, ...]:
    """Return how each clock was kept; ``link`` gives the address of the alerts that are narrowed so."""

    def line(name: str, rate: Rate, *, middle: str = "", part: str = "", **narrowed: str) -> Row:
        one = minutes.get(middle)
        took = "" if one is None or one.median is None else _("{minutes} min").format(minutes=decimals(one.median, 1))
        late = rate.whole - rate.part
        return Row(
            Cell(name),
            (
                Cell(share(rate.part, rate.whole), link(**narrowed)),
                Cell(
                    decimals(late, 0) if rate.whole else "–",
                    link(**(narrowed | {"fact": part})) if part else "",
                ),
                Cell(took),
            ),
        )

    high, medium, low = str(Level.HIGH), str(Level.MEDIUM), str(Level.LOW)
    return (
        line(
            _("At the grid within 5 minutes"), sums.pushed, middle="dispatch", fact=Fact.PUSHED, part=Fact.PUSHED_LATE
        ),
        line(
            _("High: reached within 10 minutes"),
            sums.high,
            middle="high",
            level=high,
            fact=Fact.REACHED,
            part=Fact.REACHED_LATE,
        ),
        line(
            _("Medium: reached within 30 minutes"),
            sums.medium,
            middle="medium",
            level=medium,
            fact=Fact.REACHED,
            part=Fact.REACHED_LATE,
        ),
        line(_("Low: reached within 24 hours"), sums.low, level=low, fact=Fact.REACHED, part=Fact.REACHED_LATE),
        line(_("High: by phone"), sums.phone, level=high, fact=Fact.PHONE, part=Fact.NO_PHONE),
        line(_("High: met face to face"), sums.met, level=high, fact=Fact.DOOR, part=Fact.NO_DOOR),
        line(_("High: family contacted"), sums.family, level=high, fact=Fact.FAMILY, part=Fact.NO_FAMILY),
    )


def _alerts_said(page: Page) -> str:
    now, before = page.found.alerts.now, page.found.alerts.before
    if not now.received:
        return _("No alert in this period; {before} in the one before.").format(before=decimals(before.received, 0))
    late = now.high.whole - now.high.part
    return _(
        "{number} received, {high} of them high; {before} in the period before. High ones reached too late: {late}."
    ).format(
        number=decimals(now.received, 0),
        high=decimals(now.of_high, 0),
        before=decimals(before.received, 0),
        late=decimals(late, 0),
    )


def endings(sums: AlertSums) -> tuple[tuple[str, str, Mapping[str, str]], ...]:
    """Return how alerts ended: what, how many, and how the list is narrowed to them."""
    return (
        (
            _("Dissuaded, of dissuaded and defrauded"),
            share(sums.dissuaded.part, sums.dissuaded.whole),
            {"outcome": str(Outcome.DISSUADED)},
        ),
        (_("Saw through it unaided"), decimals(sums.saw_through, 0), {"outcome": str(Outcome.SAW_THROUGH)}),
        (_("Defrauded after the warning"), decimals(sums.defrauded, 0), {"outcome": str(Outcome.DEFRAUDED)}),
        (_("False alarm"), decimals(sums.false_alarms, 0), {"outcome": str(Outcome.FALSE_ALARM)}),
        (
            _("Closed at another level than pushed"),
            share(sums.level_corrected.part, sums.level_corrected.whole),
            {"fact": str(Fact.CORRECTED)},
        ),
        (_("Needs a second feedback"), decimals(sums.second_feedback, 0), {"fact": str(Fact.SECOND)}),
    )


def _endings(page: Page) -> Table:
    sums, before, span = page.found.alerts.now, page.found.alerts.before, page.spans.now
    rows = (
        Row(Cell(name), (Cell(now, page.links.alerts(span, **narrowed)), Cell(then)))
        for (name, now, narrowed), (_name, then, _narrowed) in zip(endings(sums), endings(before), strict=True)
    )
    return Table(named_columns(_("Ending"), _("This period"), _("Period before")), tuple(rows))


def minutes_panel(page: Page) -> Panel:
    """Draw how long it really took, kept or late."""
    named = {
        "dispatch": (_("To the grid"), 5),
        "high": (_("High: resident reached"), 10),
        "medium": (_("Medium: resident reached"), 30),
    }
    minutes = page.found.minutes
    tables = tuple((named[key][0], _minutes_table(named[key][0], minutes[key])) for key in named if key in minutes)
    said = [
        _("{what}: half within {median} minutes, the longest {worst}.").format(
            what=name, median=decimals(one.median, 1), worst=decimals(one.worst or 0, 1)
        )
        for key, (name, _limit) in named.items()
        if (one := minutes.get(key, Minutes())).median is not None
    ]
    high = minutes.get("high", Minutes())
    return Panel(
        key="minutes",
        title=_("Minutes that high alerts really took"),
        sentence=" ".join(said) or _("No clock has ended in this period."),
        table=None,
        chart=bars(band_names(high), (_("Alerts"), ACCENT, [count for _up_to, count in high.bands])),
        more=tables,
        is_folded=True,
    )


def band_names(one: Minutes) -> list[str]:
    """Return what the bands of a table of minutes are called."""
    edges = [0, *(up_to or 0 for up_to, _count in one.bands)]
    return [
        _("{first}–{last} min").format(first=first, last=last) if last else _("over {first} min").format(first=first)
        for first, last in pairwise(edges)
    ]


def _minutes_table(title: str, one: Minutes) -> Table:
    whole = sum(count for _up_to, count in one.bands)
    rows = (
        Row(Cell(name), (Cell(share(count, whole)),))
        for name, (_up_to, count) in zip(band_names(one), one.bands, strict=True)
    )
    return Table(named_columns(title, _("Alerts")), tuple(rows))


# ── parts side by side ──────────────────────────────────────────────────────────────────────────────────────────────

SORTS: Mapping[str, Any] = {
    "code": lambda row: row.code,
    "cases": lambda row: -row.cases.now.count,
    "before": lambda row: -row.cases.before.count,
    "last_year": lambda row: -row.cases.last_year.count,
    "lost": lambda row: -row.cases.now.lost,
    "high": lambda row: _ratio(row.alerts.high.part, row.alerts.high.whole),
    "elders": lambda row: _ratio(row.elders.reached, row.elders.should),
    "visits": lambda row: _ratio(row.visits.kept, row.visits.due),
    "zero": lambda row: -row.zero_days,
    "quiet": lambda row: -row.quiet_days,
    "rank": lambda row: row.rank,
}
"""By what the table of parts can be sorted; of rates the lowest come first, what has none last."""


def _ratio(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(2)


def areas_panel(page: Page) -> Panel:
    """Set grids, or communities, side by side."""
    found = page.found
    by = page.query.get("sort", "")
    # In public in the order of their codes alone: who stands first would say who has more.
    key = by if by in SORTS and not page.is_public else "code"
    parts = [row for row in found.areas if row.code != REST]
    rest = [row for row in found.areas if row.code == REST]
    ordered = [*sorted(parts, key=SORTS[key]), *rest]
    counts = [
        page.numbers([getattr(row.cases, name).count for row in ordered]) for name in ("now", "before", "last_year")
    ]
    lines = [_area_line(page, row, [said[at] for said in counts]) for at, row in enumerate(ordered)]
    columns = [
        ("code", _("Community") if page.is_wide else _("Grid")),
        ("cases", pgettext("how many", "Cases")),
        ("before", _("Period before")),
        ("last_year", _("Last year")),
    ]
    if not page.is_public:
        columns += [
            ("lost", _("Lost")),
            ("high", _("High alerts in time")),
            ("elders", _("60 and over on site")),
            ("visits", _("Visits kept")),
            ("zero", _("Days without a case")),
            ("quiet", _("Quiet days up to now")),
            ("rank", pgettext("of areas", "Rank")),
        ]
    return Panel(
        key="areas",
        title=_("Communities side by side") if page.is_wide else _("Grids side by side"),
        sentence=_areas_said(page, parts),
        table=Table(
            tuple(
                Column(label, "" if page.is_public else _sorting(page, name), is_sorted=name == key)
                for name, label in columns
            ),
            (*lines, _areas_sum(page)),
        ),
        chart=bars(
            [row.name for row in ordered],
            (_("Period before"), SOFT, _told(counts[1])),
            (pgettext("how many", "Cases"), ACCENT, _told(counts[0])),
            lying=True,
        )
        if len(ordered) <= MOST_BARS
        else None,
        is_wide=True,
    )


MOST_BARS = 30
"""Of more parts than these the table alone is shown."""


def _sorting(page: Page, by: str) -> str:
    return f"?{urlencode({**page.query, 'sort': by})}#areas"


def _area_line(page: Page, row: AreaRow, counts: Sequence[str]) -> Row:
    spans, links = page.spans, page.links

    def of(span: Span) -> str:
        return links.cases(span, area=row.code) if row.code else ""

    cells = [
        Cell(said, of(span)) for said, span in zip(counts, (spans.now, spans.before, spans.last_year), strict=True)
    ]
    if not page.is_public:
        cells += _more_of_area(page, row)
    url = f"?{urlencode({**page.query, 'area': row.code})}" if row.code else ""
    return Row(Cell(row.name, url), tuple(cells))


def _more_of_area(page: Page, row: AreaRow) -> list[Cell]:
    links, span = page.links, page.spans.now
    is_rest = row.code == REST
    return [
        Cell(yuan(row.cases.now.lost), "" if is_rest else links.cases(span, area=row.code)),
        Cell(
            share(row.alerts.high.part, row.alerts.high.whole),
            "" if is_rest else links.alerts(span, area=row.code, level=str(Level.HIGH), fact=str(Fact.REACHED)),
        ),
        Cell(share(row.elders.reached, row.elders.should), "" if is_rest else links.coverage(span, area=row.code)),
        Cell(str(row.visits), "" if is_rest or page.is_wide else links.visits(area=row.code)),
        Cell("–" if is_rest else decimals(row.zero_days, 0)),
        Cell("–" if is_rest else decimals(row.quiet_days, 0)),
        Cell("–" if is_rest else decimals(row.rank, 0)),
    ]


def _areas_sum(page: Page) -> Row:
    found, span = page.found, page.spans.now
    row = _sum_row(page, found.cases, lost=not page.is_public)
    if page.is_public:
        return row
    high = found.alerts.now.high
    more = (
        Cell(share(high.part, high.whole), page.links.alerts(span, level=str(Level.HIGH), fact=str(Fact.REACHED))),
        Cell(share(found.elders.reached, found.elders.should), page.links.coverage(span)),
        Cell(str(found.visits), page.links.visits()),
        Cell(decimals(found.zero_days, 0)),
        Cell(decimals(found.quiet_days, 0)),
        Cell("–"),
    )
    return Row(row.head, (*row.cells, *more), look="sum")


def _areas_said(page: Page, parts: Sequence[AreaRow]) -> str:
    if not parts:
        return _("Nothing lies below this area yet.")
    if page.is_public:
        return _("Cases of people who live there.")
    without = sum(not row.cases.now.count for row in parts)
    said = _("Without a case: {share}.").format(share=share(without, len(parts)))
    longest = max(parts, key=lambda row: row.quiet_days)
    if longest.quiet_days:
        said += " " + _("Longest quiet: {name}, {days} days.").format(
            name=longest.name, days=decimals(longest.quiet_days, 0)
        )
    return said


# ── outreach ────────────────────────────────────────────────────────────────────────────────────────────────────────


OF_PEOPLE = frozenset({"households", "heads", "people", "installs", "pledges"})
"""What counts people or homes: in public not told of fewer than three."""


def outreach_panel(page: Page) -> Panel:
    """Show what was done, beside the two other periods."""
    found = page.found.outreach
    names = {
        "events": _("Events that took place"),
        "lectures": _("Lectures among them"),
        "households": _("Households talked to"),
        "heads": _("Visitors, each time counted"),
        "people": _("Different people reached"),
        "leaflets": _("Leaflets handed out"),
        "posts": _("Messages in chat groups"),
        "installs": _("Apps installed"),
        "pledges": _("Pledges signed"),
    }
    url = page.links.sentence(page.spans.now)
    rows = [
        Row(
            Cell(label),
            (
                Cell(number(getattr(found.now, name), is_public=page.is_public and name in OF_PEOPLE), url),
                Cell(number(getattr(found.before, name), is_public=page.is_public and name in OF_PEOPLE)),
                Cell(number(getattr(found.last_year, name), is_public=page.is_public and name in OF_PEOPLE)),
            ),
        )
        for name, label in names.items()
    ]
    return Panel(
        key="outreach",
        title=_("Outreach"),
        sentence=_outreach_said(page),
        table=Table(
            named_columns(_("What was counted"), _("This period"), _("Period before"), _("Last year")), tuple(rows)
        ),
        more=() if page.is_public else ((_("Reached and kept"), _kept_table(page)),),
    )


def _outreach_said(page: Page) -> str:
    elders = page.found.elders
    return _("60 and over who were on site within twelve months: {share}.").format(
        share=_share(page, elders.reached, elders.should)
    )


def _kept_table(page: Page) -> Table:
    found, span, links = page.found, page.spans.now, page.links
    rows = (
        (
            _("60 and over on site in twelve months"),
            share(found.elders.reached, found.elders.should),
            links.coverage(span),
        ),
        (_("Visits kept of those due"), str(found.visits), links.visits()),
        (_("Chat groups pushed to often enough"), share(found.groups.part, found.groups.whole), ""),
        (_("Newcomers reached in time"), share(found.newcomers.part, found.newcomers.whole), ""),
        (_("App installed"), share(found.app.part, found.app.whole), ""),
        (_("Call warning on, of those"), share(found.call_warning.part, found.call_warning.whole), ""),
    )
    return Table(
        named_columns(_("What"), _("So many of so many")),
        tuple(Row(Cell(name), (Cell(said, url),)) for name, said, url in rows),
    )


# ── who is slipping ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Slips:
    """One part that slips: its name, its own page, a sentence for each thing."""

    name: str
    url: str
    sentences: tuple[str, ...]


def slips_of(page: Page) -> tuple[Slips, ...]:
    """Say who is slipping, and in what, with both counts."""
    return tuple(
        Slips(one.name, f"?{urlencode({**page.query, 'area': one.code})}", _sentences(one))
        for one in slipping(page.found)
    )


def _sentences(one: Slipping) -> tuple[str, ...]:
    return tuple(_slip_said(slip, first, second) for slip, first, second in one.slips)


def _slip_said(slip: Slip, first: int, second: int) -> str:
    if slip == Slip.CASES:
        return _("{now}, up from {before}.").format(now=cases_said(first), before=decimals(second, 0))
    words = {
        Slip.PUSHED: _("Alerts at the grid in time: {share}."),
        Slip.HIGH: _("High alerts reached in time: {share}."),
        Slip.MEDIUM: _("Medium alerts reached in time: {share}."),
        Slip.VISITS: _("Visits kept: {share}."),
        Slip.GROUPS: _("Chat groups pushed to often enough: {share}."),
        Slip.COVERAGE: _("60 and over on site: {share}, below the whole area's."),
    }
    return words[slip].format(share=share(first, second))
