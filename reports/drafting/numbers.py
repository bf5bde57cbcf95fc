"""The numbers of a report: counted where it is a community's, added up from signed ones where it is wider."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from accounts.clock import local
from campaigns.policy import Span
from cases.models import Case
from cases.policy import FIELD_OF, DatedBy
from reports.figures import figures_of
from reports.figures.adding import added_up
from reports.figures.comparing import Difference, differences, row_names
from reports.figures.freezing import thawed
from reports.figures.shapes import Figures
from reports.models import Report
from residents.access import within
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Numbers:
    """Figures; for a street or a district also whose signed reports they add up (code, revision), and who lacks."""

    figures: Figures
    signed: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, object]:
        """What a report's row keeps of it."""
        return {"signed": [list(one) for one in self.signed], "missing": list(self.missing)}


def numbers_of(area: Area, span: Span, *, dated_by: DatedBy, on: date) -> Numbers:
    """Return the numbers of an area and a period as they are now."""
    if not area.is_wide:
        return Numbers(figures_of(area, span, dated_by=dated_by, on=on))
    reports = Report.objects.of_communities_in(area.code).on_span(span).signed().filter(dated_by=dated_by)
    latest = {report.area.code: report for report in reports.select_related("area").order_by("revision")}
    communities = list(Area.objects.within(area.code).communities().order_by("code"))
    there = [one for one in communities if one.code in latest]
    figures = added_up(
        area.code,
        area.name,
        [thawed(Figures, latest[one.code].figures) for one in there],
        span=span,
        dated_by=dated_by,
        on=on,
        zero_days=_zero_days([one.code for one in there], span, dated_by=dated_by),
    )
    return Numbers(
        figures,
        signed=tuple((one.code, latest[one.code].revision) for one in there),
        missing=tuple(one.name for one in communities if one.code not in latest),
    )


def _zero_days(codes: list[str], span: Span, *, dated_by: DatedBy) -> int:
    """Return the days on which none of some communities had a case; none where there is no community."""
    if not codes:
        return 0
    field = FIELD_OF[dated_by]
    cases = Case.objects.counted().between(span.first, span.after, dated_by=dated_by)
    moments = cases.filter(within("area_code", tuple(codes))).order_by().values_list(field, flat=True)
    busy = {at if dated_by == DatedBy.FILED else local(at).date() for at in moments}
    days = (span.first + timedelta(days=at) for at in range((span.after - span.first).days))
    return sum(day not in busy for day in days)


def kept_figures(report: Report) -> Figures:
    """Return the numbers that a report holds."""
    return thawed(Figures, report.figures)


@dataclass(frozen=True, slots=True)
class Moved:
    """What is otherwise than in a report: numbers, communities that signed since (or anew), what rows are called."""

    numbers: tuple[Difference, ...] = ()
    communities: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether anything is."""
        return bool(self.numbers or self.communities)


def moved_since(report: Report, fresh: Numbers) -> Moved:
    """Return what is otherwise in a fresh counting than in a report."""
    kept = {(code, revision) for code, revision in report.parts.get("signed", ())}
    names = {row.code: row.name for row in fresh.figures.areas}
    since = [names.get(code, code) for code, revision in fresh.signed if (code, revision) not in kept]
    return moved_between(kept_figures(report), fresh.figures, communities=tuple(since))


def moved_between(before: Figures, now: Figures, *, communities: tuple[str, ...] = ()) -> Moved:
    """Return what is otherwise in one counting than in another, with what its rows are called."""
    return Moved(tuple(differences(before, now)), communities, {**row_names(before), **row_names(now)})
