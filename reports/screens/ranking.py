"""The ranking of a street or a district: which there are, and the communities by their points."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.formats import decimals
from accounts.models import User
from accounts.roles import Duty
from reports.figures.scores import Score, kept_months, scores_of
from reports.models import ScoreSnapshot
from reports.policy import months_later, so_far, year_of
from reports.policy.scores import Colour
from reports.screens.score_words import points_words
from residents.access import scope_codes, within
from residents.models import Area, Level, ancestry

YEARS_BACK = 3

COLOURS: Mapping[Colour, str | Promise] = {
    Colour.RED: gettext_lazy("Red"),
    Colour.YELLOW: gettext_lazy("Yellow"),
    Colour.BLUE: gettext_lazy("Blue"),
}


# ── which area, which year ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Where:
    """The area ranked and the year, and what else there is to choose. ``area`` is None where nothing is."""

    areas: tuple[Area, ...]
    area: Area | None
    year: int
    years: tuple[int, ...]

    @property
    def query(self) -> str:
        """The choice as an address carries it."""
        return urlencode({"area": self.area.code if self.area else "", "year": self.year})


def years_until(on: date) -> tuple[int, ...]:
    """Return the years one may look at, this one first."""
    return tuple(range(on.year, on.year - YEARS_BACK - 1, -1))


def year_asked(asked: str, *, on: date) -> int:
    """Return the year asked for, this one for anything else."""
    years = years_until(on)
    return next((year for year in years if str(year) == asked), on.year)


def ranked_areas(user: User, *, on: date) -> tuple[Area, ...]:
    """Return the streets and districts whose ranking somebody reads: theirs, and the street around each of theirs."""
    codes = scope_codes(user, Duty.SEE_REPORTS, on)
    around = sorted({code for one in codes or () for code in ancestry(one)})
    mine = within("code", codes) & Q(level__in=(Level.STREET, Level.DISTRICT))
    found = Area.objects.filter(mine | Q(level=Level.STREET, code__in=around))
    # The narrowest first: a supervisor's street, a manager's street; a district is a choice more.
    return tuple(sorted(found, key=lambda area: (-len(area.code), area.code)))


def where_of(user: User, *, area: str, year: str, on: date) -> Where:
    """Return the area and the year asked for; the first there is for what is none."""
    areas = ranked_areas(user, on=on)
    chosen = next((one for one in areas if one.code == area), areas[0] if areas else None)
    return Where(areas=areas, area=chosen, year=year_asked(year, on=on), years=years_until(on))


# ── the ranking ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Move:
    """How points stand to earlier ones: in words, and whether they fell."""

    before: Decimal
    said: str
    fell: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A community in the ranking. Who may not look closer has no ``url``, and is not told by what it is vetoed."""

    code: str
    name: str
    url: str
    is_mine: bool
    rank: int
    total: Decimal
    said: str
    colour: Colour
    colour_word: str
    is_vetoed: bool
    vetoes: tuple[str, ...]
    is_no_fraud: bool
    last_year: Move | None
    last_month: Move | None

    @property
    def standing(self) -> str:
        """What it comes to, in words."""
        if self.is_vetoed:
            return _("Vetoed: not a no-fraud community")
        return _("On course for no-fraud community") if self.is_no_fraud else _("Not yet a no-fraud community")


@dataclass(frozen=True, slots=True)
class Ranking:
    """All communities of an area, the best first; those below last month apart."""

    area: Area
    year: int
    places: tuple[Place, ...]
    slipping: tuple[Place, ...]
    until: date

    @property
    def sentence(self) -> str:
        """What the ranking says, in one sentence."""
        named = sum(place.is_no_fraud for place in self.places)
        vetoed = sum(place.is_vetoed for place in self.places)
        words = _("{good} of {all} communities are blue without a veto; {vetoed} are vetoed.")
        return words.format(good=named, all=len(self.places), vetoed=vetoed)


def ranking_of(user: User, area: Area, *, year: int, on: date) -> Ranking:
    """Return the ranking of an area. The same queries however many communities there are."""
    scores = scores_of(area.code, year=year, on=on)
    december, previous = date(year - 1, 12, 1), month_before(year, on=on)
    kept = kept_months(area.code, months=[december, *([previous] if previous else [])])
    codes = scope_codes(user, Duty.SEE_REPORTS, on)
    seen = set(
        Area.objects.within(area.code).communities().filter(within("code", codes)).values_list("code", flat=True)
    )
    places = tuple(
        place_of(
            score,
            is_seen=score.code in seen,
            is_mine=codes is not None and score.code in codes,
            last_year=kept.get((score.code, december)),
            last_month=kept.get((score.code, previous)) if previous else None,
        )
        for score in scores
    )
    return Ranking(
        area=area,
        year=year,
        places=places,
        slipping=tuple(place for place in places if place.last_month is not None and place.last_month.fell),
        until=so_far(year_of(year), on=on).last,
    )


def month_before(year: int, *, on: date) -> date | None:
    """Return the month that this one is held against; none in January, and none in a year that is over."""
    return months_later(on.replace(day=1), -1) if year == on.year and on.month > 1 else None


def place_of(
    score: Score, *, is_seen: bool, is_mine: bool, last_year: ScoreSnapshot | None, last_month: ScoreSnapshot | None
) -> Place:
    """Return a community as the ranking shows it."""
    url = reverse("reports:score", args=[score.code])
    return Place(
        code=score.code,
        name=score.name,
        url=f"{url}?year={score.year}" if is_seen else "",
        is_mine=is_mine,
        rank=score.rank,
        total=score.total,
        said=points_words(score.total),
        colour=score.colour,
        colour_word=str(COLOURS[score.colour]),
        is_vetoed=bool(score.vetoes),
        vetoes=tuple(str(one.kind.label) for one in score.vetoes) if is_seen else (),
        is_no_fraud=score.is_no_fraud,
        last_year=_move(score.total, last_year),
        last_month=_move(score.total, last_month),
    )


def _move(total: Decimal, kept: ScoreSnapshot | None) -> Move | None:
    if kept is None:
        return None
    by = total - kept.points
    sign = "+" if by > 0 else "−" if by < 0 else "±"
    return Move(kept.points, f"{sign}{decimals(abs(by), 1)}", by < 0)
