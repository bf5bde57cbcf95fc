"""The dashboard: an area and a period at one look, each number with what it is held against and where its rows are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.clock import local
from accounts.formats import decimals, headline, hour_minute, share
from accounts.models import User
from accounts.roles import Duty
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures import trend_of
from reports.figures.kept import Shown, figures_shown
from reports.figures.shapes import Figures
from reports.formats import cases_changed, number, period_name, yuan_changed
from reports.policy import PUBLIC_FROM, Direction, PeriodKind, change, kind_of, months_later, whole_months
from reports.screens.links import links_of
from reports.screens.panels import (
    Page,
    Slips,
    alerts_panel,
    areas_panel,
    hours_panel,
    minutes_panel,
    outreach_panel,
    slips_of,
    trend_panel,
    types_panel,
    victims_panel,
)
from reports.screens.tables import Box, Changed, Panel
from residents.models import COMMUNITY_DIGITS, Area, Level
from residents.models.areas import AreaQuerySet

MOST_GRIDS = 60
"""Of more grids than these the choice names the communities alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """A period beside the one shown, and its address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The page."""

    area: str
    period: str
    basis: str
    held_against: str
    counted: str
    earlier: Step
    later: Step | None
    boxes: tuple[Box, ...]
    panels: tuple[Panel, ...]
    slips: tuple[Slips, ...]
    is_public: bool
    other_version: str
    is_running: bool

    @property
    def charts(self) -> Mapping[str, Any]:
        """What the charts draw, by the keys of their panels."""
        return {panel.key: panel.chart for panel in self.panels if panel.chart is not None}


def seen_areas(user: User, *, on: date) -> AreaQuerySet:
    """Return the areas whose figures a person may see."""
    return Area.objects.visible_to(user, duty=Duty.SEE_REPORTS, on=on)


def areas_of(user: User, *, on: date) -> list[tuple[str, str]]:
    """Return the areas whose figures a person may see, as code and name: the widest first."""
    order = {Level.DISTRICT: 0, Level.STREET: 1, Level.COMMUNITY: 2}
    seen = seen_areas(user, on=on)
    wide = sorted(
        seen.filter(level__in=order).values_list("code", "name", "level"),
        key=lambda row: (order[Level(row[2])], row[0]),
    )
    named = {code: name for code, name, _level in wide}
    grids = list(seen.grids().order_by("code").values_list("code", "name")[: MOST_GRIDS + 1])
    # A grid is called by its number: its community's name goes before it.
    of_grids = [(code, f"{named.get(code[:COMMUNITY_DIGITS], '')} {name}".strip()) for code, name in grids]
    return list(named.items()) + (of_grids if len(grids) <= MOST_GRIDS else [])


def dashboard(
    user: User, area: Area, span: Span, *, dated_by: DatedBy, query: Mapping[str, str], is_public: bool, now: datetime
) -> Dashboard:
    """Return the page of an area and a period, as far as it has gone by now."""
    on = local(now).date()
    shown = figures_shown(area, span, dated_by=dated_by, on=on, now=now)
    found = shown.figures
    links = links_of(user, area.code, dated_by=dated_by, on=on, is_public=is_public)
    page = Page(found, links, query, is_public=is_public, is_wide=area.is_wide)
    months = trend_of(area.code, last=_last_month(span, on), dated_by=dated_by)
    panels = (
        (trend_panel(page, months), types_panel(page), victims_panel(page), areas_panel(page), outreach_panel(page))
        if is_public
        else (
            trend_panel(page, months),
            alerts_panel(page),
            types_panel(page),
            victims_panel(page),
            areas_panel(page),
            hours_panel(page),
            minutes_panel(page),
            outreach_panel(page),
        )
    )
    return Dashboard(
        area=area.name,
        period=period_name(span),
        basis=_basis(found),
        held_against=_held_against(found),
        counted=_counted(shown),
        earlier=_step(_shifted(span, -1), query),
        later=None if span.reaches(on) else _step(_shifted(span, 1), query),
        boxes=_boxes(page),
        panels=panels,
        slips=() if is_public else slips_of(page),
        is_public=is_public,
        other_version="?" + urlencode({**query, "public": "" if is_public else "1"}),
        is_running=span.reaches(on) and span.first <= on,
    )


def _counted(shown: Shown) -> str:
    """Say when a wide area's figures were counted; of those counted just now there is nothing to say."""
    if shown.counted_at is None:
        return ""
    return _("Counted at {time}; again within a quarter of an hour.").format(time=hour_minute(shown.counted_at))


def _last_month(span: Span, on: date) -> date:
    return max(span.first, min(span.last, on))


def _shifted(span: Span, by: int) -> Span:
    """Return the period as long as this one that ends where it begins, or begins where it ends."""
    if months := whole_months(span):
        return Span(months_later(span.first, by * months), months_later(span.after, by * months))
    length = span.after - span.first
    return Span(span.first + by * length, span.after + by * length)


def _step(span: Span, query: Mapping[str, str]) -> Step:
    if kind_of(span) == PeriodKind.DAYS or query.get("period") == PeriodKind.DAYS:
        days = {"period": str(PeriodKind.DAYS), "since": span.first.isoformat(), "until": span.last.isoformat()}
        return Step(period_name(span), f"?{urlencode({**query, **days})}")
    return Step(period_name(span), f"?{urlencode({**query, 'at': span.first.isoformat()})}")


def _basis(found: Figures) -> str:
    words = {
        DatedBy.REPORTED: _("Cases by the day they were reported, in the grid where the victim lives."),
        DatedBy.OCCURRED: _("Cases by the day of the fraud, in the grid where the victim lives."),
        DatedBy.FILED: _("Cases by the day the police filed them, in the grid where the victim lives."),
    }
    return words[found.dated_by]


def _held_against(found: Figures) -> str:
    spans = found.spans
    return (
        _("Held against {before} and, last year, {last_year}.").format(
            before=period_name(spans.before), last_year=period_name(spans.last_year)
        )
        if spans.now.first < spans.now.after
        else _("This period has not begun.")
    )


# ── the numbers in large type ───────────────────────────────────────────────────────────────────────────────────────


def _boxes(page: Page) -> tuple[Box, ...]:
    return (_cases_box(page), _lost_box(page), _prevented_box(page), _quiet_box(page)) + (
        () if page.is_public else (_alerts_box(page), _elders_box(page))
    )


def _cases_box(page: Page) -> Box:
    sums, links, spans = page.found.cases, page.links, page.spans
    return Box(
        pgettext("how many", "Cases"),
        number(sums.now.count, is_public=page.is_public),
        links.cases(spans.now),
        _both(page, "count", _plain, cases_changed),
        ""
        if page.is_public
        else _("Filed by the police: {filed}; aimed at elders: {elder}").format(
            filed=share(sums.now.filed, sums.now.count), elder=share(sums.now.elder, sums.now.count)
        ),
    )


def _lost_box(page: Page) -> Box:
    sums = page.found.cases
    is_hidden = page.is_public and 0 < sums.now.count < PUBLIC_FROM
    frozen, returned = headline(sums.now.frozen), headline(sums.now.returned)
    return Box(
        _("Lost"),
        "*" if is_hidden else headline(sums.now.lost),
        page.links.cases(page.spans.now),
        _both(page, "lost", headline, yuan_changed),
        "" if page.is_public else _("Frozen {frozen}, returned {returned}").format(frozen=frozen, returned=returned),
    )


def _prevented_box(page: Page) -> Box:
    sums, alerts = page.found.cases, page.found.alerts.now
    return Box(
        _("Prevented (estimate)"),
        "*" if page.is_public and 0 < alerts.dissuaded.part < PUBLIC_FROM else headline(sums.now.prevented),
        page.links.alerts(page.spans.now, outcome="dissuaded"),
        (),
        _("Dissuaded {dissuaded}, saw through it {alone}; no part of the losses").format(
            dissuaded=number(alerts.dissuaded.part, is_public=page.is_public),
            alone=number(alerts.saw_through, is_public=page.is_public),
        ),
    )


def _quiet_box(page: Page) -> Box:
    found = page.found
    spans = page.spans.now
    zero = share(found.zero_days, (spans.after - spans.first).days)
    return Box(
        _("Quiet days up to now"),
        _("{days} days").format(days=decimals(found.quiet_days, 0)),
        "",
        (),
        "" if page.is_public else _("Days of this period without a case: {share}").format(share=zero),
    )


def _alerts_box(page: Page) -> Box:
    now, before = page.found.alerts.now, page.found.alerts.before
    return Box(
        _("Alerts"),
        decimals(now.received, 0),
        page.links.alerts(page.spans.now),
        (),
        _("{before} in the period before; high ones in time: {high}").format(
            before=decimals(before.received, 0), high=share(now.high.part, now.high.whole)
        ),
    )


def _elders_box(page: Page) -> Box:
    elders, visits = page.found.elders, page.found.visits
    return Box(
        _("60 and over on site in twelve months"),
        share(elders.reached, elders.should),
        page.links.coverage(page.spans.now),
        (),
        _("Visits kept: {visits}").format(visits=visits),
    )


def _plain(count: int) -> str:
    return decimals(count, 0)


def _both(page: Page, name: str, said: Any, changed: Any) -> tuple[Changed, ...]:
    """Return how a number of cases stands to the period before and to last year's; fewer are good."""
    sums = page.found.cases
    if sums.now.count and page.is_public and sums.now.count < PUBLIC_FROM:
        return ()
    return tuple(
        _changed(label, getattr(sums.now, name), getattr(base, name), said, changed)
        for label, base in ((_("on the period before"), sums.before), (_("on last year"), sums.last_year))
        if not (page.is_public and 0 < base.count < PUBLIC_FROM)
    )


def _changed(label: str, now: Decimal | int, base: Decimal | int, said: Any, changed: Any) -> Changed:
    tones = {Direction.UP: "bad", Direction.FROM_ZERO: "bad", Direction.DOWN: "good", Direction.SAME: ""}
    return Changed(label, changed(now, base), said(base), tones[change(now, base).direction])
