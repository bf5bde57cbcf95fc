"""One community's score of a year, taken apart down to its rows."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import yuan
from accounts.models import User
from accounts.roles import Duty
from reports.figures.quiet import quiet_by_grid
from reports.figures.scores import Scored, kept_months, scores_of
from reports.figures.vetoes import Vetoed
from reports.models import ScorePolicy
from reports.policy import so_far, year_of
from reports.policy.scores import Measure, VetoKind
from reports.screens.ranking import Place, month_before, place_of
from reports.screens.score_links import Links
from reports.screens.score_trend import NARROW, WIDE, Dot, Trend, trend_of
from reports.screens.score_words import found_words, points_words, quiet_words, row_words, scale_words
from residents.access import may
from residents.models import Area


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the sheet: what was found, on what scale, how many points, and where its rows are."""

    key: str
    name: str
    measure: str
    said: str
    scale: str
    points: str
    most: str
    is_out: bool
    width: str
    reason: str
    url: str
    is_by_hand: bool
    evidence: str
    given: str
    photo_url: str
    give_url: str


@dataclass(frozen=True, slots=True)
class VetoRow:
    """A veto that holds, in words, and where its rows are or how it is lifted."""

    words: str
    said: str
    url: str
    lift_url: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """How quiet a grid is this year."""

    name: str
    said: str
    in_a_row: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One community's year, taken apart."""

    community: Area
    place: Place
    year: int
    lines: tuple[LineRow, ...]
    vetoes: tuple[VetoRow, ...]
    trends: tuple[Trend, ...]
    grids: tuple[GridRow, ...]
    sheet: ScorePolicy
    may_score: bool
    until: date
    points: str
    most: str

    @property
    def red_below(self) -> str:
        """Where red ends."""
        return points_words(self.sheet.bounds.red_below)

    @property
    def yellow_below(self) -> str:
        """Where yellow ends."""
        return points_words(self.sheet.bounds.yellow_below)

    @property
    def months(self) -> tuple[Dot, ...]:
        """The months of the year so far, the earliest first."""
        return self.trends[0].dots

    @property
    def is_scaled(self) -> bool:
        """Whether lines were left out, so that the points of the others are scaled up to a hundred."""
        return any(line.is_out for line in self.lines)


def sheet_of(user: User, community: Area, *, year: int, on: date) -> Sheet:
    """Return one community's score taken apart: the same queries however much there is behind it."""
    (score,) = scores_of(community.code, year=year, on=on)
    scores, span = may(user, Duty.SCORE, community.code, on), so_far(year_of(year), on=on)
    policy = ScorePolicy.objects.of_year(year)
    months = [date(year, month, 1) for month in range(1, 13)]
    december, previous = date(year - 1, 12, 1), month_before(year, on=on)
    kept = kept_months(community.code, months=[december, *months])
    through = [kept[community.code, month] for month in months if (community.code, month) in kept]
    links = Links(user, community, span=span, on=on)
    return Sheet(
        community=community,
        place=place_of(
            score,
            is_seen=True,
            is_mine=False,
            last_year=kept.get((community.code, december)),
            last_month=kept.get((community.code, previous)) if previous else None,
        ),
        year=year,
        lines=tuple(_line(one, links=links, may_score=scores, year=year) for one in score.lines),
        vetoes=tuple(_veto(one, links=links, may_score=scores) for one in score.vetoes),
        trends=tuple(trend_of(through, policy, step=step) for step in (WIDE, NARROW)),
        grids=_grids(community, on=on) if year == on.year else (),
        sheet=policy,
        may_score=scores,
        until=span.last,
        points=points_words(score.points),
        most=points_words(score.most),
    )


def _line(one: Scored, *, links: Links, may_score: bool, year: int) -> LineRow:
    line, hand = one.line, one.hand
    address = f"{reverse('reports:give_points', args=[links.code, line.key])}?year={year}"
    return LineRow(
        key=line.key,
        name=one.name,
        measure=str(line.measure.label),
        said=found_words(one),
        scale=scale_words(line),
        points=points_words(one.points),
        most=points_words(line.most),
        is_out=one.is_out,
        width=f"{round(100 * one.points / line.most)}%" if line.most else "0%",
        reason=one.reason,
        url=links.of(line.measure),
        is_by_hand=line.is_by_hand,
        evidence=hand.evidence if hand else "",
        given=str(hand.by) if hand else "",
        photo_url=reverse("reports:points_photo", args=[hand.pk]) if hand and hand.photo else "",
        give_url=address if line.is_by_hand and may_score else "",
    )


def _veto(one: Vetoed, *, links: Links, may_score: bool) -> VetoRow:
    if one.found is not None:
        lift = reverse("reports:lift_veto", args=[one.found.pk]) if may_score else ""
        said = _("{evidence} (written down by {person})").format(evidence=one.found.evidence, person=one.found.by)
        return VetoRow(str(one.kind.label), said, "", lift)
    if one.kind == VetoKind.LOSS:
        said = ngettext("%(count)d case above %(limit)s", "%(count)d cases above %(limit)s", one.count)
        said %= {"count": one.count, "limit": yuan(one.limit)}
        return VetoRow(str(one.kind.label), said, links.cases(), "")
    said = ngettext("%(count)d alert", "%(count)d alerts", one.count) % {"count": one.count}
    return VetoRow(str(one.kind.label), said, links.of(Measure.DISPATCH), "")


def _grids(community: Area, *, on: date) -> tuple[GridRow, ...]:
    quiet = quiet_by_grid(community.code, on=on)
    grids = Area.objects.within(community.code).grids().order_by("code")
    return tuple(GridRow(grid.name, quiet_words(quiet[grid.code]), row_words(quiet[grid.code])) for grid in grids)
