"""The ranking as tables of a workbook: the order, every line's points, and how they are counted."""

from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import gettext as _

from accounts.formats import day
from accounts.models import User
from accounts.roles import Duty
from reports.exports.scores import Grid, Value
from reports.figures.scores import Score, kept_months, scores_of
from reports.policy import so_far, year_of
from reports.policy.scores import WHOLE
from reports.screens.ranking import COLOURS
from reports.screens.score_rules import rules_of
from reports.screens.score_words import found_words, scale_words
from residents.access import covers, scope_codes
from residents.models import Area


def tables_of(user: User, area: Area, *, year: int, on: date) -> list[Grid]:
    """Return the sheets of the workbook of a ranking. The numbers are those of the page.

    Of a community that the reader may not look into closer it says the points, the colour and whether it is vetoed.
    """
    scores = scores_of(area.code, year=year, on=on)
    codes = scope_codes(user, Duty.SEE_REPORTS, on)
    seen = [score for score in scores if covers(codes, score.code)]
    title = _("No-fraud communities of {year}: {area}").format(year=year, area=area.name)
    last = so_far(year_of(year), on=on).last
    below = _("Reporting unit: {area}    As of: {day}    Unit: points").format(area=area.name, day=day(last))
    return [
        _order(area, scores, seen=seen, year=year, title=title, below=below),
        _lines(seen, title=title, below=below),
        _rules(year, below=below),
    ]


def _order(area: Area, scores: Sequence[Score], *, seen: Collection[Score], year: int, title: str, below: str) -> Grid:
    december = date(year - 1, 12, 1)
    kept = kept_months(area.code, months=[december])
    rows: list[list[Value]] = []
    for score in scores:
        last = kept.get((score.code, december))
        vetoes = _("; ").join(str(one.kind.label) for one in score.vetoes) if score in seen else ""
        colour = str(COLOURS[score.colour])
        standing = _("no-fraud") if score.is_no_fraud else _("vetoed") if score.vetoes else "–"
        rows.append([score.rank, score.name, score.total, colour, last.points if last else None, vetoes, standing])
    head = (
        _("Rank"),
        _("Community"),
        _("Points"),
        _("Colour"),
        _("Last year"),
        _("Vetoes"),
        _("What it comes to"),
    )
    return Grid(_("Ranking"), title, below, head, rows, (8, 22, 10, 10, 12, 34, 18), is_signed=True)


def _lines(scores: Sequence[Score], *, title: str, below: str) -> Grid:
    """Return every community's lines one below the other, each community with its total: it prints at any number."""
    rows: list[list[Value]] = []
    for score in scores:
        head = (score.rank, score.name)
        for one in score.lines:
            weight, points = (None, None) if one.is_out else (one.line.most, one.points)
            rows.append([*head, one.name, found_words(one), scale_words(one.line), weight, points])
        rows.append([*head, _("Total"), None, None, score.most, score.points])
        if score.most != WHOLE:
            said = _("lines where nothing fell due are left out")
            rows.append([*head, _("Scaled to 100"), said, None, WHOLE, score.total])
    labels = (_("Rank"), _("Community"), _("Line"), _("Counts"), _("Scale"), _("Weight"), _("Points"))
    return Grid(_("Points line by line"), title, below, labels, rows, (8, 20, 32, 34, 36, 9, 9))


def _rules(year: int, *, below: str) -> Grid:
    page = rules_of(year)
    rows: list[list[Value]] = [[row.name, row.measure, row.most, row.scale, row.reason] for row in page.rows]
    rows += [[_("Veto"), words, None, None, why] for words, why in page.vetoes]
    bounds = _("Red below {red}, yellow below {yellow}, blue from there on.")
    words = bounds.format(red=page.red_below, yellow=page.yellow_below)
    rows.append([_("Colour"), words, None, None, None])
    head = (_("Line"), _("What is counted"), _("Weight"), _("Scale"), _("Why"))
    return Grid(_("How it is scored"), page.sheet.name, below, head, rows, (24, 34, 8, 34, 50))
