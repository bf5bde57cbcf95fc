"""The statistics of the clock: of an area or of one person's alerts, in a period; nothing is counted in a second way.

Sums, rates and minutes are those of ``reports.figures.alerts``; whether it was true is ``alerts.figures.afterwards``.
What is new is only how they lie: by hour and weekday, by the level that was pushed and the one that it really was.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from accounts.clock import LOCAL_TZ
from alerts.figures.afterwards import FoundTrue, found_true
from alerts.models import AlertQuerySet, ObjectiveClock
from alerts.policy import Fact, Level, State
from campaigns.policy import Span
from reports.figures.alerts import OF_A_CLOCK, RECEIVED, counted, ended_clocks, minutes_of_clocks, sums_of
from reports.figures.shapes import AlertSums, Minutes

HOURS, WEEKDAYS = range(24), range(1, 8)
"""Hours of a day; weekdays as ISO numbers them, Monday first."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose alerts: all of an area, or those of it that one person has, or had last."""

    area_code: str
    person: int | None = None

    @property
    def alerts(self) -> AlertQuerySet:
        """The alerts that figures count."""
        found = counted(self.area_code)
        return found if self.person is None else found.filter(holder=self.person)

    @property
    def clocks(self) -> QuerySet[ObjectiveClock]:
        """Their clocks that have ended."""
        found = ended_clocks(self.area_code)
        return found if self.person is None else found.filter(alert__holder=self.person)


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """What the clock did in a period.

    Attributes:
        came: alerts received, by (ISO weekday, hour) where the office stands; ``late`` of them those with any clock
            that was not kept. Both add up: ``came`` to what was received.
        corrected: closed alerts by (level pushed, level as it was). They add up to those closed.
        found_true: call-backs made in the period, and those that found it true.
        awaiting: closed with a second feedback to come, and none yet.
    """

    sums: AlertSums
    minutes: Mapping[str, Minutes]
    came: Counter[tuple[int, int]]
    late: Counter[tuple[int, int]]
    corrected: Counter[tuple[str, str]]
    found_true: FoundTrue
    awaiting: int


def clock_figures(whose: Whose, span: Span) -> ClockFigures:
    """Return the statistics of some alerts, received in a period. Eight queries."""
    received = whose.alerts.filter(RECEIVED.within(span))
    closed = received.filter(state=State.CLOSED)
    return ClockFigures(
        sums=sums_of(whose.alerts, whose.clocks, span),
        minutes=minutes_of_clocks(whose.clocks.filter(OF_A_CLOCK.within(span))),
        came=_by_hour(received),
        late=_by_hour(received.of_fact(Fact.BREACHED)),
        corrected=Counter({(pushed, real): number for pushed, real, number in _by_level(closed)}),
        found_true=found_true(whose.alerts, begin=RECEIVED.edge(span.first), end=RECEIVED.edge(span.after)),
        awaiting=received.of_fact(Fact.AWAITING).count(),
    )


def _by_hour(alerts: AlertQuerySet) -> Counter[tuple[int, int]]:
    placed = alerts.order_by().annotate(
        weekday=ExtractIsoWeekDay("received_at", tzinfo=LOCAL_TZ), hour=ExtractHour("received_at", tzinfo=LOCAL_TZ)
    )
    rows = placed.values("weekday", "hour").annotate(number=Count("level"))
    return Counter({(weekday, hour): number for weekday, hour, number in rows.values_list("weekday", "hour", "number")})


def _by_level(closed: AlertQuerySet) -> Iterable[tuple[str, str, int]]:
    # Closed without a word about its level, it was as pushed.
    real = Case(When(Q(actual_level=""), then=F("level")), default=F("actual_level"), output_field=CharField())
    rows = closed.order_by().annotate(real=real).values("level", "real").annotate(number=Count("pk"))
    return rows.values_list("level", "real", "number")


def levels() -> list[str]:
    """Return the levels, the gravest first."""
    return [str(level) for level in Level]
