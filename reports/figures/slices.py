"""How several periods are counted by one question: their days are cut at every end of one, and each slice counts once.

The periods of a figure overlap as they like (a year's "period before" is also "the same one last year"), a row of the
database lies in one slice, and a period is the sum of its slices. So one query answers for all of them, a part of it
for each slice, which reads a range of an index and groups by little. Grouped by the slice in one go, the planner would
expect as many groups as there are moments, and sort every row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self, TypeVar

from django.db.models import Aggregate, Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from accounts.clock import midnight
from campaigns.policy import Span
from cases.policy import FIELD_OF, DatedBy


class Addable(Protocol):
    """What adds up."""

    def __add__(self, other: Self, /) -> Self:
        """Return the sum."""


A = TypeVar("A", bound=Addable)

Sliced = Mapping[str, Mapping[int, A]]
"""Sums by a code (of a part, of a type), then by the number of a slice."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A field that periods are counted by: a moment, whose days begin at midnight where the office stands, or a day."""

    field: str
    is_moment: bool = True

    def edge(self, on: date) -> Any:
        """Return what the field is compared with where a day begins."""
        return midnight(on) if self.is_moment else on

    def within(self, span: Span) -> Q:
        """Return the condition that it lies in a period: from its first day on and before the day after its last."""
        return Q(**{f"{self.field}__gte": self.edge(span.first), f"{self.field}__lt": self.edge(span.after)})


def dated(by: DatedBy) -> Dated:
    """Return the field of a case that a report counts by."""
    return Dated(FIELD_OF[by], is_moment=by != DatedBy.FILED)


@dataclass(frozen=True, slots=True)
class Slices:
    """The days of some periods, cut at every end of one."""

    spans: tuple[Span, ...]

    @property
    def edges(self) -> list[date]:
        """The days on which a slice begins, and the day after the last."""
        return sorted({day for span in self.spans if span.first < span.after for day in (span.first, span.after)})

    def of(self, span: Span) -> Sequence[int]:
        """Return the numbers of a period's slices; of one without days, none."""
        edges = self.edges
        return [at for at, day in enumerate(edges[:-1]) if span.first <= day < span.after]

    def number(self, by: Dated) -> Case:
        """Return the number of the slice a row lies in, as the database reckons it; sound within ``condition``."""
        edges = self.edges
        return Case(
            *(When(**{f"{by.field}__gte": by.edge(edges[at])}, then=Value(at)) for at in reversed(range(len(edges)))),
            default=Value(-1),
            output_field=IntegerField(),
        )

    @property
    def numbered(self) -> list[tuple[int, Span]]:
        """Every slice that lies in a period, with its number; what lies between two periods is none."""
        wanted = sorted({number for span in self.spans for number in self.of(span)})
        edges = self.edges
        return [(number, Span(edges[number], edges[number + 1])) for number in wanted]

    @property
    def runs(self) -> list[Span]:
        """The same days as few periods, which neither meet nor overlap."""
        return _joined(self.spans)

    def condition(self, by: Dated) -> Q:
        """Return the condition that a row lies in one of the periods."""
        found = Q(pk__in=[])
        for span in self.runs:
            found |= by.within(span)
        return found


def summed(
    rows: QuerySet[Any],
    slices: Slices,
    by: Dated,
    *,
    of: Mapping[str, Combinable],
    sums: Mapping[str, Aggregate],
    also: Mapping[int, Q] | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows added up in each slice: its number, what they are grouped by, their sums. One query; of no days none.

    ``also`` are further conditions by the number of a slice; one that it does not name is left out.
    """
    each = [(at, by.within(span)) for at, span in slices.numbered]
    if also is not None:
        each = [(at, within & also[at]) for at, within in each if at in also]
    parts = [
        rows.filter(within)
        .order_by()
        .annotate(slice=Value(at, output_field=IntegerField()), **of)
        .values("slice", *of)
        .annotate(**sums)
        .values_list("slice", *of, *sums)
        for at, within in each
    ]
    return list(parts[0].union(*parts[1:], all=True)) if parts else []


def sum_of(sliced: Sliced[A], numbers: Collection[int], zero: A, *, code: str | None = None) -> A:
    """Return the sum of some slices: of one code, or of all."""
    rows = sliced.values() if code is None else [sliced.get(code, {})]
    return sum((sums for row in rows for number, sums in row.items() if number in numbers), zero)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return the same days as few periods: what meets or overlaps is one."""
    found: list[Span] = []
    for span in sorted((one for one in spans if one.first < one.after), key=lambda one: one.first):
        if found and span.first <= found[-1].after:
            found[-1] = Span(found[-1].first, max(found[-1].after, span.after))
        else:
            found.append(span)
    return found


def year_to_date(now: Span) -> Span:
    """Return the year up to the last day of a period; nothing of one that has not begun."""
    return Span(now.last.replace(month=1, day=1), now.after) if now.first < now.after else now
