"""The work done in an area within some days: the figures of the standard sentence, and what was taught.

An event counts by the day it began, once it was logged. Each figure says what it counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Aggregate, Count, F, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Substr

from accounts.clock import midnight
from campaigns.figures.beside import dissuaded
from campaigns.models import Door, Event, Pledge, PushedTo, StockMove, Touch
from campaigns.policy import STRONG, DoorResult, Form, Span
from residents.access import within
from residents.models import Visit
from residents.policy import VisitResult


@dataclass(frozen=True, slots=True)
class Work:
    """What the standard sentence of every summary counts (field notes, Statistics)."""

    households: int
    """Flats where somebody was talked to, at the door of an outreach or on a care visit; a flat counts once."""
    leaflets: int
    """Pieces handed out at events."""
    lectures: int
    """Lectures held."""
    posts: int
    """Posts in chat groups: one post sent on to eighteen groups is eighteen."""
    dissuaded: int
    """People talked out of a transfer."""
    saved: Decimal
    """Yuan saved by that, an estimate."""
    installs: int
    """People who installed the app: counted at events, and ticked at doors."""
    events: int
    """Events held, of any form."""
    heads: int
    """Visits to events as counted: whoever came twice is two (人次)."""

    def __add__(self, other: "Work") -> "Work":
        """Add up places: each flat, event and group lies in one."""
        return Work(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


NO_WORK = Work(0, 0, 0, 0, 0, Decimal(0), 0, 0, 0)

_NOTHING: Mapping[str, Any] = {one.name: getattr(NO_WORK, one.name) for one in fields(Work)}

EXACTLY = 32
"""As many digits as a code can have: each area is a place of its own."""


def work_of(area_code: str, span: Span) -> Work:
    """Return the work of an area within some days. Five queries, and those of who stands beside."""
    people, yuan = dissuaded(area_code, span)
    places = work_by_place(area_code, [span]).values()
    return replace(sum((works[0] for works in places), NO_WORK), dissuaded=people, saved=yuan)


def work_by_place(area_code: str, spans: Sequence[Span], *, digits: int = EXACTLY) -> Mapping[str, list[Work]]:
    """Return the work of each place of an area within each of some days, without what stands beside it. Five queries.

    A place is the first so many digits of an area's code; a lecture of a whole community lies at the community's own.
    Days that lie in several of the spans count in each.
    """
    found: dict[str, list[Work]] = defaultdict(lambda: [NO_WORK] * len(spans))
    held = Event.objects.within(area_code).held()
    handed_out = StockMove.objects.filter(event__in=held, amount__lt=0)
    pushed = PushedTo.objects.filter(within("group__area__code", (area_code,)))
    sums = [
        *_sums(held, "area__code", digits, spans, _at("starts_at"), _OF_EVENTS),
        *_sums(handed_out, "event__area__code", digits, spans, _at("event__starts_at"), _LEAFLETS),
        *_sums(pushed, "group__area__code", digits, spans, _on("push__on"), {"posts": _sum("push__posts")}),
        *_talked(area_code, spans, digits),
    ]
    for place, at, numbers in sums:
        found[place][at] += Work(**{**_NOTHING, **numbers})
    return found


def people_by_place(area_code: str, spans: Sequence[Span], *, digits: int = EXACTLY) -> Mapping[str, list[int]]:
    """Return how many different people of each place were touched within each of some days. One query.

    On site, at the door or by phone; whom a push reached nobody knows. A place is where they live now.
    """
    here = Touch.objects.within(area_code).filter(channel__in=STRONG)
    people = {"people": lambda when: Count("resident", distinct=True, filter=when)}
    return _tallied(_sums(here, "resident__grid__code", digits, spans, _on("on"), people), len(spans))


def pledges_by_place(area_code: str, spans: Sequence[Span], *, digits: int = EXACTLY) -> Mapping[str, list[int]]:
    """Return how many pledges were signed in each place within each of some days. Two queries.

    Those on the phone's screen or photographed, by the day they were signed, and those counted on paper at events.
    """
    held = Event.objects.within(area_code).held()
    signed = Pledge.objects.filter(within("area__code", (area_code,)))
    number = {"pledges": lambda when: Count("pk", filter=when)}
    return _tallied(
        [
            *_sums(held, "area__code", digits, spans, _at("starts_at"), {"pledges": _sum("pledges")}),
            *_sums(signed, "area__code", digits, spans, _at("at"), number),
        ],
        len(spans),
    )


Sums = Iterable[tuple[str, int, Mapping[str, int]]]
"""(place, which of the spans, numbers by their names)."""


def _sum(what: str | Combinable) -> Callable[[Q], Aggregate]:
    return lambda when: Sum(what, filter=when)


_OF_EVENTS: Mapping[str, Callable[[Q], Aggregate]] = {
    "events": lambda when: Count("pk", filter=when),
    "lectures": lambda when: Count("pk", filter=when & Q(form=Form.LECTURE)),
    "heads": _sum("heads"),
    "installs": _sum("installs"),
}
_LEAFLETS = {"leaflets": _sum(-F("amount"))}


def _at(field: str) -> Callable[[Span], Q]:
    return lambda span: Q(**{f"{field}__gte": midnight(span.first), f"{field}__lt": midnight(span.after)})


def _on(field: str) -> Callable[[Span], Q]:
    return lambda span: Q(**{f"{field}__gte": span.first, f"{field}__lt": span.after})


def _sums(
    rows: QuerySet[Any],
    path: str,
    digits: int,
    spans: Sequence[Span],
    dated: Callable[[Span], Q],
    wanted: Mapping[str, Callable[[Q], Aggregate]],
) -> Sums:
    """Add rows up by place and span, in one query; ``path`` leads to an area's code."""
    conditions = [dated(span) for span in spans]
    asked = {f"{name}_{at}": add(when) for name, add in wanted.items() for at, when in enumerate(conditions)}
    counted = rows.filter(reduce(or_, conditions)).order_by().annotate(lies_in=Substr(path, 1, digits))
    for row in counted.values("lies_in").annotate(**asked):
        for at in range(len(spans)):
            yield row["lies_in"], at, {name: row[f"{name}_{at}"] or 0 for name in wanted}


def _tallied(sums: Sums, spans: int) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(lambda: [0] * spans)
    for place, at, numbers in sums:
        found[place][at] += sum(numbers.values())
    return found


def _talked(area_code: str, spans: Sequence[Span], digits: int) -> Sums:
    """Return the flats where somebody was talked to, each once, and the apps installed at doors. Two queries."""
    doors = Door.objects.filter(within("household__grid__code", (area_code,)), result=DoorResult.TALKED)
    visits = Visit.objects.within(area_code).filter(result=VisitResult.MET).exclude(resident__household=None)
    in_time = reduce(or_, map(_at("at"), spans))
    places: dict[tuple[str, int], set[int]] = defaultdict(set)
    rows = [
        *doors.filter(in_time).values_list("household__grid__code", "household", "at", "has_installed"),
        *visits.filter(in_time).values_list("resident__grid__code", "resident__household", "at", Value(value=False)),
    ]
    for code, household, at, has_installed in rows:
        for number, span in enumerate(spans):
            if midnight(span.first) <= at < midnight(span.after):
                places[code[:digits], number].add(household)
                if has_installed:
                    yield code[:digits], number, {"installs": 1}
    yield from ((place, number, {"households": len(found)}) for (place, number), found in places.items())


def taught_by_type(area_code: str, span: Span) -> Mapping[int, int]:
    """Return how many events held within some days taught of each type of fraud, by its primary key. One query."""
    events = Event.objects.within(area_code).held().between(span.first, span.after)
    rows = events.exclude(fraud_types=None).order_by().values_list("fraud_types").annotate(count=Count("pk"))
    return dict(rows)
