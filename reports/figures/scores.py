"""What each line of the year's sheet found in every community of an area, and what that comes to.

The number of queries is the same for one community and for a district. A year that is over is read from its December
(``ScoreSnapshot``) where that was kept: the roster goes on, the year does not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from campaigns.policy import Span
from reports.figures.measures import counts_of
from reports.figures.vetoes import Vetoed, vetoes_of
from reports.models import HandPoints, ScoreLine, ScorePolicy, ScoreSnapshot
from reports.policy import so_far, year_of
from reports.policy.scores import (
    Colour,
    Counts,
    Line,
    Measure,
    given_points,
    is_left_out,
    is_no_fraud,
    points_of,
    ranks,
    total_of,
)
from reports.services import Standing
from residents.access import within
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Scored:
    """A line with what it came to: counted (``counts``), or given by hand (``hand``; None: nobody has yet).

    ``is_out``: nothing fell due, and the sheet leaves it out.
    """

    line: Line
    name: str
    reason: str
    points: Decimal
    counts: Counts | None = None
    hand: HandPoints | None = None
    is_out: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """A community's year: ``points`` of ``most`` in the lines that count come to ``total`` of a hundred.

    ``rank`` is its place among those counted together.
    """

    code: str
    name: str
    year: int
    lines: tuple[Scored, ...]
    vetoes: tuple[Vetoed, ...]
    points: Decimal
    most: Decimal
    total: Decimal
    colour: Colour
    is_no_fraud: bool
    rank: int

    @property
    def counts(self) -> dict[str, list[str]]:
        """What each line found, as it is kept."""
        return {one.line.key: [str(one.counts.part), str(one.counts.whole)] for one in self.lines if one.counts}


def scores_of(area_code: str, *, year: int, on: date) -> tuple[Score, ...]:
    """Return the scores of all communities of an area for a year up to a day, the best first.

    The number of queries is the same however many communities there are.
    """
    sheet = ScorePolicy.objects.of_year(year)
    lines, rules = list(sheet.lines.all()), list(sheet.vetoes.all())
    areas = list(Area.objects.within(area_code).communities().order_by("code"))
    span = so_far(year_of(year), on=on)
    counted = _counted_or_kept(area_code, lines, year=year, span=span, on=on, codes=[one.code for one in areas])
    given = _given(area_code, year)
    vetoes = vetoes_of(area_code, rules, year=year, span=span, on=on)
    scored = {
        one.code: tuple(
            _scored(line, counted[one.code], given.get(one.code, {}), leaves_out=sheet.leaves_out) for line in lines
        )
        for one in areas
    }
    points = {code: sum((one.points for one in parts), Decimal(0)) for code, parts in scored.items()}
    most = {code: sum((one.line.most for one in parts if not one.is_out), Decimal(0)) for code, parts in scored.items()}
    totals = {code: total_of(points[code], of=most[code]) for code in scored}
    places = ranks(totals)
    scores = [
        Score(
            code=area.code,
            name=area.name,
            year=year,
            lines=scored[area.code],
            vetoes=tuple(vetoes[area.code]),
            points=points[area.code],
            most=most[area.code],
            total=totals[area.code],
            colour=sheet.bounds.colour_of(totals[area.code]),
            is_no_fraud=is_no_fraud(totals[area.code], vetoes=vetoes[area.code], bounds=sheet.bounds),
            rank=places[area.code],
        )
        for area in areas
    ]
    return tuple(sorted(scores, key=lambda score: (score.rank, score.code)))


def _scored(
    row: ScoreLine, counted: Mapping[str, Counts], given: Mapping[str, HandPoints], *, leaves_out: bool
) -> Scored:
    line = row.as_line()
    if line.is_by_hand:
        hand = given.get(line.key)
        points = given_points(line, hand.points if hand else None)
        return Scored(line, str(row), row.reason, points, hand=hand)
    counts = counted.get(line.key, Counts())
    if is_left_out(line, counts, leaves_out=leaves_out):
        return Scored(line, str(row), row.reason, Decimal(0), counts=counts, is_out=True)
    return Scored(line, str(row), row.reason, points_of(line, counts), counts=counts)


def _counted_or_kept(
    area_code: str, lines: Iterable[ScoreLine], *, year: int, span: Span, on: date, codes: Collection[str]
) -> dict[str, dict[str, Counts]]:
    """Return what each line found by its key: of a year that is over as its December kept it, where it did."""
    kept: dict[str, dict[str, Counts]] = {}
    if year < on.year:
        december = ScoreSnapshot.objects.filter(within("community__code", (area_code,)), month=date(year, 12, 1))
        kept = {
            code: {key: Counts(Decimal(part), Decimal(whole)) for key, (part, whole) in counts.items()}
            for code, counts in december.values_list("community__code", "counts")
        }
    if all(kept.get(code) for code in codes):
        return kept
    fresh = counts_of(area_code, span=span, on=on)
    measures = {line.key: Measure(line.measure) for line in lines}
    return {
        code: kept.get(code) or {key: fresh.get(code, {}).get(one, Counts()) for key, one in measures.items()}
        for code in codes
    }


def _given(area_code: str, year: int) -> dict[str, dict[str, HandPoints]]:
    rows = HandPoints.objects.filter(within("community__code", (area_code,)), year=year)
    found: dict[str, dict[str, HandPoints]] = defaultdict(dict)
    for row in rows.select_related("community", "by").defer("by__phone"):
        found[row.community.code][row.line_key] = row
    return found


def standings_of(area_code: str, *, on: date) -> list[Standing]:
    """Return the scores of a day as they are kept: points, vetoes, and what each line found."""
    scores = scores_of(area_code, year=on.year, on=on)
    return [Standing(score.code, score.total, bool(score.vetoes), score.counts) for score in scores]


def kept_months(area_code: str, *, months: Iterable[date]) -> dict[tuple[str, date], ScoreSnapshot]:
    """Return what was kept of some months, by community and month. One query."""
    rows = ScoreSnapshot.objects.filter(within("community__code", (area_code,)), month__in=list(months))
    return {(row.community.code, row.month): row for row in rows.select_related("community")}
