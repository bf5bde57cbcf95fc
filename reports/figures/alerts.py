"""Alerts of an area and some periods: how many came, how the clock was kept, how they ended.

Counted is what was received in a period, without drills and without what was voided, by its level as pushed. A rate of
a clock counts the clocks that have ended, kept or breached; one that a higher level replaced counts nowhere. Sources:
field-notes.md "Statistics", escalation.md "Objectives".
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    F,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
)
from django.db.models.functions import Coalesce

from alerts.figures.took import ENDED, MINUTE, with_time
from alerts.models import Alert, AlertQuerySet, ObjectiveClock
from alerts.policy import AVERTED, Level, Objective, ObjectiveState, Outcome, State
from campaigns.policy import Span
from cases.policy import COUNTED
from knowledge.models import FraudType
from reports.figures.places import Parts
from reports.figures.shapes import NOTHING, AlertSums, Minutes, Rate
from reports.figures.slices import Dated, Sliced, Slices, summed
from reports.figures.types import UNSAID
from residents.access import within

RECEIVED = Dated("received_at")
OF_A_CLOCK = Dated("alert__received_at")

_HIGH_AT_GRID = Q(level=Level.HIGH, dispatched_at__isnull=False)
_COUNTS: Mapping[str, Any] = {
    "received": Count("level"),
    "of_high": Count("level", filter=Q(level=Level.HIGH)),
    "of_medium": Count("level", filter=Q(level=Level.MEDIUM)),
    "of_low": Count("level", filter=Q(level=Level.LOW)),
    "high_at_grid": Count("level", filter=_HIGH_AT_GRID),
    "by_phone": Count("level", filter=_HIGH_AT_GRID & Q(phone_at__isnull=False)),
    "at_door": Count("level", filter=_HIGH_AT_GRID & Q(door_at__isnull=False)),
    "family_told": Count("level", filter=_HIGH_AT_GRID & Q(family_at__isnull=False)),
    "closed": Count("level", filter=Q(state=State.CLOSED)),
    "dissuaded": Count("level", filter=Q(outcome=Outcome.DISSUADED)),
    "saw_through": Count("level", filter=Q(outcome=Outcome.SAW_THROUGH)),
    "defrauded": Count("level", filter=Q(outcome=Outcome.DEFRAUDED)),
    "false_alarms": Count("level", filter=Q(outcome=Outcome.FALSE_ALARM)),
    "corrected": Count("level", filter=Q(state=State.CLOSED) & ~Q(actual_level="") & ~Q(actual_level=F("level"))),
    "second": Count("level", filter=Q(needs_second_feedback=True)),
    "prevented": Coalesce(Sum("amount_prevented", filter=Q(outcome__in=AVERTED)), NOTHING),
    "first_key": Min("pk"),
    "last_key": Max("pk"),
}


def counted(area_code: str) -> AlertQuerySet:
    """Return the alerts that the figures of an area count."""
    return Alert.objects.real().within(area_code).order_by()


def sums_by_part(parts: Parts, slices: Slices) -> Sliced[AlertSums]:
    """Return the sums of each part in each slice. Two queries: the alerts, and their clocks."""
    found: dict[str, dict[int, AlertSums]] = defaultdict(lambda: defaultdict(AlertSums))
    keys: dict[int, tuple[int, int]] = {}
    of = {"of": parts.told_by("area_code")}
    for number, code, *counts in summed(counted(parts.area.code), slices, RECEIVED, of=of, sums=_COUNTS):
        row = dict(zip(_COUNTS, counts, strict=True))
        found[parts.told(code)][number] += _sums(row)
        first, last = keys.get(number, (row["first_key"], row["last_key"]))
        keys[number] = min(first, row["first_key"]), max(last, row["last_key"])
    for number, code, clocks in _clocks(parts, slices, keys):
        found[parts.told(code)][number] += clocks
    return found


def sums_of(alerts: AlertQuerySet, clocks: QuerySet[ObjectiveClock], span: Span) -> AlertSums:
    """Return the sums of some alerts, received in a period, and of their clocks that ended. Two queries."""
    row = alerts.order_by().filter(RECEIVED.within(span)).aggregate(**_COUNTS)
    counts = list(clocks.order_by().filter(OF_A_CLOCK.within(span)).aggregate(**_CLOCK_COUNTS).values())
    pairs = zip(counts[::2], counts[1::2], strict=True)
    rates: Any = {name: Rate(*pair) for name, pair in zip(_OF_CLOCKS, pairs, strict=True)}
    return _sums(row) + AlertSums(**rates)


def _sums(row: Mapping[str, Any]) -> AlertSums:
    at_grid, closed = row["high_at_grid"], row["closed"]
    return AlertSums(
        **{name: row[name] for name in ("received", "of_high", "of_medium", "of_low")},
        phone=Rate(row["by_phone"], at_grid),
        met=Rate(row["at_door"], at_grid),
        family=Rate(row["family_told"], at_grid),
        dissuaded=Rate(row["dissuaded"], row["dissuaded"] + row["defrauded"]),
        level_corrected=Rate(row["corrected"], closed),
        second_feedback=row["second"],
        **{name: row[name] for name in ("saw_through", "defrauded", "false_alarms", "prevented")},
    )


def ended_clocks(area_code: str) -> QuerySet[ObjectiveClock]:
    """Return the clocks that have ended of an area's alerts."""
    real = Q(alert__is_drill=False) & ~Q(alert__state=State.VOIDED)
    return ObjectiveClock.objects.filter(real, within("alert__area_code", (area_code,)), state__in=ENDED).order_by()


def _numbered(first: int, last: int) -> Q:
    """Return the condition that a clock's alert has a key of a range.

    The index of clocks begins with the alert and alerts are numbered as they come: so the clocks of some days are a
    range of it. The days themselves are still to be asked for.
    """
    return Q(alert__gte=first, alert__lte=last)


_OF_CLOCKS: Mapping[str, Q] = {
    "pushed": Q(objective=Objective.DISPATCH),
    **{str(level): Q(level=level) & ~Q(objective=Objective.DISPATCH) for level in Level},
}
"""Which clocks count where; one row for each part costs less than one for each part, objective and level."""

_CLOCK_COUNTS: Mapping[str, Aggregate] = {
    f"{name}_{what}": Count("state", filter=mine & more)
    for name, mine in _OF_CLOCKS.items()
    for what, more in (("kept", Q(state=ObjectiveState.MET)), ("ended", Q()))
}


def _clocks(parts: Parts, slices: Slices, keys: Mapping[int, tuple[int, int]]) -> Iterator[tuple[int, str, AlertSums]]:
    """Yield the rates of the clocks of each slice and part, given the first and last key of each slice's alerts."""
    numbered = {number: _numbered(*ends) for number, ends in keys.items()}
    of = {"of": parts.told_by("alert__area_code")}
    rows = ended_clocks(parts.area.code)
    for number, code, *counts in summed(rows, slices, OF_A_CLOCK, of=of, sums=_CLOCK_COUNTS, also=numbered):
        pairs = zip(counts[::2], counts[1::2], strict=True)
        rates: Any = {name: Rate(*pair) for name, pair in zip(_OF_CLOCKS, pairs, strict=True)}
        yield number, code, AlertSums(**rates)


@dataclass(frozen=True, slots=True)
class Prevented:
    """What alerts without a case saved (yuan, an estimate), by part and by type."""

    by_part: Sliced[Decimal]
    by_type: Sliced[Decimal]


def prevented_without_a_case(parts: Parts, slices: Slices) -> Prevented:
    """Return what alerts saved, without those that became a case: it has an estimate of its own.

    Nothing is counted twice. By the day the alert was received, its type as it was in the end. Four queries: by part
    and by type all that was saved, which an index knows, less what became a case, which few did.
    """
    here = Alert.objects.that_saved().within(parts.area.code).order_by()
    yuan = {"yuan": Sum("amount_prevented")}
    of, kind = parts.told_by("area_code"), Coalesce("actual_fraud_type", "fraud_type")
    codes: dict[int | None, str] = dict(FraudType.objects.order_by().values_list("pk", "code"))
    codes[None] = UNSAID
    by_part: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    by_type: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for number, code, saved in summed(here, slices, RECEIVED, of={"of": of}, sums=yuan):
        by_part[parts.told(code)][number] += saved
    for number, key, saved in summed(here, slices, RECEIVED, of={"kind": kind}, sums=yuan):
        by_type[codes[key]][number] += saved
    # From the few: said that there is an alert, the database does not expect one of every case. Each run of days by
    # itself reads a range of the index of alerts.
    few = Alert.objects.that_saved().within(parts.area.code).filter(case__status__in=COUNTED, case__alert__isnull=False)
    of_cases = few.order_by().annotate(of=of, kind=kind).values_list("received_at", "of", "kind", "amount_prevented")
    begins = [RECEIVED.edge(day) for day in slices.edges]
    for run in slices.runs:
        for at, code, key, saved in of_cases.filter(RECEIVED.within(run)):
            number = bisect_right(begins, at) - 1
            by_part[parts.told(code)][number] -= saved or NOTHING
            by_type[codes[key]][number] -= saved or NOTHING
    return Prevented(by_part, by_type)


BANDS: Mapping[str, tuple[int, ...]] = {
    "dispatch": (1, 3, 5, 10, 30),
    "high": (5, 10, 20, 30, 60),
    "medium": (10, 20, 30, 60, 120),
}
"""Up to so many minutes, by objective; the objective's own limit is one of them. What took longer is a band too."""


def minutes_of(area_code: str, span: Span) -> Mapping[str, Minutes]:
    """Return how long the objectives of alerts received in a period actually took, kept or late, to the second.

    Who was never reached is not among them: nothing ended. Two queries.
    """
    ends = _ends_of(area_code, span)
    if ends is None:
        return {name: minutes_from(Counter(), edges) for name, edges in BANDS.items()}
    return minutes_of_clocks(ended_clocks(area_code).filter(_numbered(*ends), OF_A_CLOCK.within(span)))


def minutes_of_clocks(ended: QuerySet[ObjectiveClock]) -> Mapping[str, Minutes]:
    """Return how long the objectives of these clocks, all of which have ended, took. One query."""
    done = with_time(ended)
    found: dict[str, Counter[timedelta]] = {name: Counter() for name in BANDS}
    rows = done.values("objective", "level", "took").annotate(count=Count("state"))
    for objective, level, seconds, count in rows.values_list("objective", "level", "took", "count"):
        name = "dispatch" if objective == Objective.DISPATCH else level
        if name in found:
            found[name][seconds] += count
    return {name: minutes_from(counted, BANDS[name]) for name, counted in found.items()}


def _ends_of(area_code: str, span: Span) -> tuple[int, int] | None:
    """Return the first and last key of an area's alerts received in a period; None where there is none. One query."""
    # Counted along, for of a minimum alone PostgreSQL walks the keys from the first until one fits.
    found = counted(area_code).filter(RECEIVED.within(span)).aggregate(Min("pk"), Max("pk"), count=Count("level"))
    return (found["pk__min"], found["pk__max"]) if found["count"] else None


def minutes_from(counted: Counter[timedelta], edges: Sequence[int]) -> Minutes:
    """Return bands, middle and worst of some lengths of time; the middle of an even number lies between two."""
    number = counted.total()
    limits = [edge * MINUTE for edge in edges]
    counts = [0] * (len(edges) + 1)
    for took, count in counted.items():
        counts[bisect_left(limits, took)] += count
    bands = tuple(zip((*edges, None), counts, strict=True))
    if not number:
        return Minutes(bands)
    in_order = sorted(counted)
    reached = list(accumulate(counted[took] for took in in_order))
    low, high = (in_order[bisect_left(reached, at)] for at in ((number + 1) // 2, number // 2 + 1))
    return Minutes(bands, _in_minutes((low + high) / 2), _in_minutes(in_order[-1]))


def _in_minutes(took: timedelta) -> Decimal:
    exact = Decimal(took // timedelta(milliseconds=1)) / 60_000
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
