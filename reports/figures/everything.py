"""Every number of an area and a period, put together: the one door to them.

Reports, files, pages and ``report_figures`` all show what this returns and count nothing themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

from campaigns.figures.coverage import Cover
from campaigns.figures.work import taught_by_type
from campaigns.policy import Span
from cases.policy import DatedBy
from knowledge.models import FraudType
from reports.figures import alerts, cases, outreach
from reports.figures.areas import ranks
from reports.figures.lookbacks import lookbacks_of
from reports.figures.places import REST, Parts, parts_of
from reports.figures.shapes import (
    NOTHING,
    AlertSums,
    AreaRow,
    CaseSums,
    Compared,
    Figures,
    OutreachSums,
    Rate,
    compared_spans,
)
from reports.figures.slices import A, Sliced, Slices, sum_of, year_to_date
from reports.figures.types import types_of
from reports.policy import weeks_of
from residents.figures import App, Kept
from residents.models import Area

T = TypeVar("T")

NOBODY = App(0, 0, 0, 0)
NO_VISITS = Kept(0, 0)


def figures_of(area: Area, span: Span, *, dated_by: DatedBy = DatedBy.REPORTED, on: date) -> Figures:
    """Return every number of an area and a period, as far as it has gone by a day.

    A period that is still running is held against the one before it up to the same day. The number of queries is the
    same for a grid and a district.
    """
    counted = _Counted(parts_of(area), span, dated_by, on)
    now = counted.spans.now
    victims, hours = cases.victims_of(area.code, now, dated_by=dated_by)
    days = {day for found in counted.days.values() for day in found}
    app = _total(counted.app.values(), NOBODY)
    return Figures(
        area_code=area.code,
        area_name=area.name,
        span=span,
        dated_by=dated_by,
        on=on,
        cases=counted.cases(),
        year_to_date=counted.year_to_date(),
        alerts=counted.alerts(),
        outreach=counted.outreach(),
        visits=_total(counted.visits.values(), NO_VISITS),
        elders=_total(counted.elders.values(), Cover()),
        zero_days=cases.zero_days(now, len(days)),
        quiet_days=cases.quiet_days(now, max(counted.last_days.values(), default=None), counted.first_day),
        residents=app.total,
        types=types_of(counted.kinds, counted.of_type),
        areas=_areas(counted),
        victims=victims,
        hours=hours,
        minutes=alerts.minutes_of(area.code, now),
        taught=counted.taught(),
        lookbacks=lookbacks_of(area.code, now, dated_by=dated_by),
        app=Rate(app.installed, app.total),
        call_warning=Rate(app.warning_on, app.installed),
        newcomers=outreach.newcomers_reached(area.code, now),
        groups=_total(counted.groups.values(), Rate()),
    )


def _total(parts: Iterable[A], nothing: A) -> A:
    return sum(parts, nothing)


@dataclass(frozen=True)
class _Counted:
    """What the database said, by part and slice. Each is asked once."""

    parts: Parts
    span: Span
    dated_by: DatedBy
    on: date

    @cached_property
    def spans(self) -> Compared[Span]:
        return compared_spans(self.span, on=self.on)

    @cached_property
    def weeks(self) -> Sequence[date]:
        return weeks_of(self.spans.now, on=self.on)

    @cached_property
    def slices(self) -> Slices:
        """The days of the three periods."""
        return Slices((self.spans.now, self.spans.before, self.spans.last_year))

    @cached_property
    def with_year(self) -> Slices:
        """The days of the three periods and of the year so far."""
        return Slices((*self.slices.spans, year_to_date(self.spans.now)))

    @cached_property
    def prevented(self) -> alerts.Prevented:
        return alerts.prevented_without_a_case(self.parts, self.with_year)

    @cached_property
    def by_part(self) -> Sliced[CaseSums]:
        return cases.sums_by_part(self.parts, self.with_year, dated_by=self.dated_by)

    @cached_property
    def by_type(self) -> Sliced[CaseSums]:
        return cases.sums_by_type(self.parts, self.slices, dated_by=self.dated_by)

    @cached_property
    def alerts_by_part(self) -> Sliced[AlertSums]:
        return alerts.sums_by_part(self.parts, self.slices)

    @cached_property
    def days(self) -> Mapping[str, set[date]]:
        return cases.days_by_part(self.parts, self.spans.now, dated_by=self.dated_by)

    @cached_property
    def last_days(self) -> Mapping[str, date]:
        return cases.last_day_by_part(self.parts, self.days, self.spans.now.after, dated_by=self.dated_by)

    @cached_property
    def first_day(self) -> date | None:
        return cases.first_day(dated_by=self.dated_by)

    @cached_property
    def outreach_by_part(self) -> Mapping[str, Sequence[OutreachSums]]:
        return outreach.outreach_by_part(self.parts, self.slices.spans)

    @cached_property
    def app(self) -> Mapping[str, App]:
        return outreach.app_by_part(self.parts, on=self.on)

    @cached_property
    def elders(self) -> Mapping[str, Cover]:
        return outreach.elders_by_part(self.parts, self.spans.now.last, on=self.on)

    @cached_property
    def visits(self) -> Mapping[str, Kept]:
        return outreach.visits_by_part(self.parts, self.weeks)

    @cached_property
    def groups(self) -> Mapping[str, Rate]:
        return outreach.groups_by_part(self.parts, self.weeks)

    @cached_property
    def kinds(self) -> Sequence[FraudType]:
        return list(FraudType.objects.order_by("order", "code"))

    def cases(self, code: str | None = None) -> Compared[CaseSums]:
        """Return the cases of the three periods, of a part or of all."""
        return self._each(lambda span: self._cases(span, code))

    def year_to_date(self, code: str | None = None) -> CaseSums:
        """Return the cases of the year up to the period's last day."""
        return self._cases(year_to_date(self.spans.now), code)

    def _cases(self, span: Span, code: str | None) -> CaseSums:
        numbers = self.with_year.of(span)
        saved = sum_of(self.prevented.by_part, numbers, NOTHING, code=code)
        return sum_of(self.by_part, numbers, CaseSums(prevented=saved), code=code)

    def of_type(self, code: str) -> Compared[CaseSums]:
        """Return the cases of one type, without those below it."""
        return self._each(
            lambda span: sum_of(
                self.by_type,
                self.slices.of(span),
                CaseSums(prevented=sum_of(self.prevented.by_type, self.with_year.of(span), NOTHING, code=code)),
                code=code,
            )
        )

    def alerts(self) -> Compared[AlertSums]:
        """Return the alerts of the three periods."""
        return self._each(self._alerts)

    def alerts_now(self, code: str) -> AlertSums:
        """Return the alerts of a part in the period."""
        return self._alerts(self.spans.now, code)

    def _alerts(self, span: Span, code: str | None = None) -> AlertSums:
        return sum_of(self.alerts_by_part, self.slices.of(span), AlertSums(), code=code)

    def outreach(self) -> Compared[OutreachSums]:
        """Return the outreach of the three periods."""
        found = list(self.outreach_by_part.values())
        return Compared(*(sum((sums[at] for sums in found), OutreachSums()) for at in range(3)))

    def taught(self) -> Mapping[str, int]:
        """Return the events held in the period that taught of each type, by its code."""
        codes = {kind.pk: kind.code for kind in self.kinds}
        return {codes[pk]: count for pk, count in taught_by_type(self.parts.area.code, self.spans.now).items()}

    def _each(self, of: Callable[[Span], T]) -> Compared[T]:
        return Compared(of(self.spans.now), of(self.spans.before), of(self.spans.last_year))


def _areas(counted: _Counted) -> tuple[AreaRow, ...]:
    """Return the great table: every part, and what lies in none where anything does."""
    compared = {code: counted.cases(code) for code in counted.parts.names}
    order = ranks(
        {code: sums.now.count for code, sums in compared.items()},
        {code: app.total for code, app in counted.app.items()},
    )
    rows = [_area(counted, code, name, order[code]) for code, name in counted.parts.names.items()]
    return tuple(rows) + ((rest,) if _has_anything(rest := _area(counted, REST, counted.parts.rest_name, 0)) else ())


def _area(counted: _Counted, code: str, name: str, rank: int) -> AreaRow:
    now = counted.spans.now
    outreach_done = counted.outreach_by_part.get(code)
    return AreaRow(
        code=code,
        name=name,
        cases=counted.cases(code),
        year_to_date=counted.year_to_date(code),
        alerts=counted.alerts_now(code),
        outreach=outreach_done[0] if outreach_done else OutreachSums(),
        elders=counted.elders.get(code, Cover()),
        visits=counted.visits.get(code, NO_VISITS),
        residents=counted.app.get(code, NOBODY).total,
        zero_days=cases.zero_days(now, len(counted.days.get(code, ()))),
        quiet_days=cases.quiet_days(now, counted.last_days.get(code), counted.first_day),
        rank=rank,
        groups=counted.groups.get(code, Rate()),
    )


def _has_anything(row: AreaRow) -> bool:
    cases_found = (row.cases.now, row.cases.before, row.cases.last_year, row.year_to_date)
    has_cases = any(found != CaseSums() for found in cases_found)
    return has_cases or row.alerts.received > 0 or row.outreach != OutreachSums()
