"""The page of coverage: so many of so many, by grid, over time; and those who were never reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.formats import month, share
from accounts.models import User
from accounts.roles import Duty
from campaigns.figures.coverage import (
    Cover,
    cover_by_community,
    cover_by_grid,
    cover_kept,
    missed,
    reached_by_month,
    total,
)
from campaigns.models import outreach_scope
from campaigns.policy import (
    CHANNELS_OF,
    SUMMED_AUDIENCES,
    SUMMED_MEANS,
    Audience,
    Channel,
    Means,
    Period,
    Span,
    months_of,
    span_of,
)
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area, Level, Resident
from residents.models.areas import AreaQuerySet
from residents.screens.bars import Chart, chart_of

MONTHS = 12

MOST_GRIDS = 60
"""Of more grids than these the choice names the communities alone."""


@dataclass(frozen=True, slots=True)
class Question:
    """What coverage is asked for."""

    area: Area
    audience: Audience
    means: Means
    span: Span

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that count."""
        return CHANNELS_OF[self.means]

    @property
    def is_wide(self) -> bool:
        """Whether it is about more than a community."""
        return self.area.is_wide


@dataclass(frozen=True, slots=True)
class Row:
    """One grid, or one community of a wider area."""

    name: str
    code: str
    cover: Cover
    said: str
    reached_width: str
    weak_at: str
    weak_width: str


@dataclass(frozen=True, slots=True)
class CoveragePage:
    """Coverage as a person reads it."""

    headline: str
    rest: str
    rows: tuple[Row, ...]
    sum: Row
    worst: Row | None
    shows_weak: bool
    counted_at: datetime | None
    months: Chart | None

    @property
    def table(self) -> list[tuple[str, int, int, int, int]]:
        """The rows and their sum as figures, for a workbook."""
        counted = ((row.name, row.cover) for row in (*self.rows, self.sum))
        return [(name, one.should, one.reached, one.weak, one.missed) for name, one in counted]


def seen_areas(user: User, *, on: date) -> AreaQuerySet:
    """Return the areas whose coverage a person may see."""
    return Area.objects.filter(within("code", outreach_scope(user, Duty.SEE_OUTREACH, on)))


def areas_of(user: User, *, on: date) -> list[tuple[str, str]]:
    """Return the areas whose coverage a person may see, as code and name; communities first, then wider, then grids."""
    seen = seen_areas(user, on=on)
    order = {Level.COMMUNITY: 0, Level.STREET: 1, Level.DISTRICT: 2}
    rows = sorted(
        (order[Level(level)], code, name)
        for code, name, level in seen.filter(level__in=order).values_list("code", "name", "level")
    )
    named = {code: name for _rank, code, name in rows}
    grids = list(seen.grids().order_by("code").values_list("code", "name")[: MOST_GRIDS + 1])
    # A grid is called by its number: its community's name goes before it.
    of_grids = [(code, f"{named.get(code[:COMMUNITY_DIGITS], '')} {name}".strip()) for code, name in grids]
    return [(code, name) for _rank, code, name in rows] + (of_grids if len(grids) <= MOST_GRIDS else [])


def coverage_page(asked: Question, *, on: date) -> CoveragePage:
    """Return the coverage of an area: by grid up to a community, by community beyond it."""
    rows, counted_at = _wide_rows(asked, on=on) if asked.is_wide else (_rows(asked, on=on), None)
    whole = total(row.cover for row in rows)
    worst = max((row for row in rows if row.cover.missed), key=lambda row: row.cover.missed, default=None)
    return CoveragePage(
        headline=_headline(asked, whole),
        rest=_rest(asked, whole, worst if len(rows) > 1 else None, on=on),
        rows=tuple(rows),
        sum=_row(_("Total"), asked.area.code, whole),
        worst=worst,
        shows_weak=asked.means != Means.PUSH,
        counted_at=counted_at,
        months=None if asked.is_wide or asked.means == Means.PUSH else _months(asked, whole, on=on),
    )


def _rows(asked: Question, *, on: date) -> list[Row]:
    """Return a community's grids, or the one grid, counted on the spot."""
    covers = cover_by_grid(asked.area.code, audience=asked.audience, channels=asked.channels, span=asked.span, on=on)
    grids = Area.objects.within(asked.area.code).grids().order_by("code").values_list("pk", "code", "name")
    return [_row(name, code, covers.get(pk, Cover())) for pk, code, name in grids]


def _wide_rows(asked: Question, *, on: date) -> tuple[list[Row], datetime | None]:
    """Return a wider area's communities: as they were counted beforehand where that was asked, else on the spot."""
    sums, counted_at = _kept(asked, on=on)
    if counted_at is None:
        sums = cover_by_community(
            asked.area.code, audience=asked.audience, channels=asked.channels, span=asked.span, on=on
        )
    communities = Area.objects.within(asked.area.code).communities().order_by("code").values_list("code", "name")
    return [_row(name, code, sums.get(code, Cover())) for code, name in communities], counted_at


def _kept(asked: Question, *, on: date) -> tuple[Mapping[str, Cover], datetime | None]:
    is_summed = asked.audience in SUMMED_AUDIENCES and asked.means in SUMMED_MEANS
    if not (is_summed and asked.span == span_of(Period.YEAR, on=on)):
        return {}, None
    return cover_kept(asked.area.code, audience=asked.audience, means=asked.means)


def _row(name: str, code: str, cover: Cover) -> Row:
    whole = cover.should or 1
    reached = 100 * cover.reached / whole
    return Row(
        name=name,
        code=code,
        cover=cover,
        said=share(cover.reached, cover.should),
        reached_width=f"{reached:.2f}%",
        weak_at=f"{reached:.2f}%",
        weak_width=f"{100 * cover.weak / whole:.2f}%",
    )


def _headline(asked: Question, whole: Cover) -> str:
    words = {
        Means.ON_SITE: _("{audience}: {share} have been on site."),
        Means.DOOR: _("{audience}: {share} were talked to at the door."),
        Means.PHONE: _("{audience}: {share} were talked to by phone."),
        Means.STRONG: _("{audience}: {share} were talked to on site, at the door or by phone."),
        Means.PUSH: _("{audience}: {share} are in a chat group that something was pushed to. That is weak evidence."),
    }
    return words[asked.means].format(audience=asked.audience.label, share=share(whole.reached, whole.should))


def _rest(asked: Question, whole: Cover, worst: Row | None, *, on: date) -> str:
    """Return who is left, and where most of them live."""
    if not whole.should:
        return _("Nobody of this audience is on the roster here.")
    left = share(whole.missed, whole.should)
    said = _("Not reached in this time: {left}.").format(left=left)
    if asked.means == Means.ON_SITE and not asked.is_wide:
        ever = missed(
            Resident.objects.within(asked.area.code),
            audience=asked.audience,
            channels=asked.channels,
            span=Span(date.min, asked.span.after),
            on=on,
        ).count()
        said = _("Not on site in this time: {left}; never at all: {ever}.").format(
            left=left, ever=share(ever, whole.should)
        )
    if worst is not None:
        said += " " + _("Most of them live in {place}: {number}.").format(place=worst.name, number=worst.cover.missed)
    return said


def _months(asked: Question, whole: Cover, *, on: date) -> Chart:
    """Return the people reached in each of the last months as bars."""
    months = months_of(asked.span, most=MONTHS)
    counts = reached_by_month(asked.area.code, audience=asked.audience, channels=asked.channels, months=months, on=on)
    most = max(counts, default=0)
    best = months[counts.index(most)] if most else None
    return chart_of(
        [(month(one.first), count) for one, count in zip(months, counts, strict=True)],
        key="months",
        title=_("People reached, by month"),
        sentence=(
            _("Most in {month}: {number}. Who came twice in a month counts once in it.").format(
                month=month(best.first), number=most
            )
            if best
            else _("Nobody was reached in these months.")
        ),
        whole=whole.should,
        adds_up=False,
    )
