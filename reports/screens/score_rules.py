"""How a year is scored, and what people write down by hand."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.formats import yuan
from reports.models import ScoreLine, ScorePolicy, VetoFound
from reports.policy.scores import BY_HAND
from reports.screens.score_words import points_words, scale_words
from residents.models import Area


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A line of the sheet as rules: name, what is counted, scale, points, why."""

    name: str
    measure: str
    scale: str
    most: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The sheet of a year: its lines, what vetoes, where the colours begin."""

    sheet: ScorePolicy
    rows: tuple[RuleRow, ...]
    vetoes: tuple[tuple[str, str], ...]
    red_below: str
    yellow_below: str


def rules_of(year: int) -> Rules:
    """Return how a year is scored. Three queries."""
    sheet = ScorePolicy.objects.of_year(year)
    return Rules(
        sheet=sheet,
        rows=tuple(_rule(row) for row in sheet.lines.all()),
        vetoes=tuple(
            (
                " ".join(filter(None, [str(veto), f"({yuan(veto.limit)})" if veto.limit is not None else ""])),
                veto.reason,
            )
            for veto in sheet.vetoes.all()
        ),
        red_below=points_words(sheet.bounds.red_below),
        yellow_below=points_words(sheet.bounds.yellow_below),
    )


def _rule(row: ScoreLine) -> RuleRow:
    line = row.as_line()
    return RuleRow(str(row), str(line.measure.label), scale_words(line), points_words(line.most), row.reason)


def hand_vetoes(year: int) -> list[tuple[str, str | Promise]]:
    """Return the vetoes of a year's sheet that people write down, as the choices of a form."""
    kinds = ScorePolicy.objects.of_year(year).vetoes.values_list("kind", flat=True)
    return [(kind.value, kind.label) for kind in BY_HAND if kind in set(kinds)]


def lifted_of(community: Area, year: int) -> Iterable[VetoFound]:
    """Return the vetoes of a community's year that were lifted, with the reasons."""
    rows = VetoFound.objects.filter(community=community, year=year, lifted_at__isnull=False)
    return rows.select_related("by", "lifted_by").defer("by__phone", "lifted_by__phone")
