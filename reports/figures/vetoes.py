"""What alone keeps a community from being no-fraud, as the data and people found it, for all communities at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from accounts.clock import midnight
from alerts.policy import OPEN_STATES, Level, Objective, ObjectiveState
from campaigns.policy import Span
from cases.models import Case
from reports.figures.measures import by_community, clocks_of, counted_by_community
from reports.models import ScoreVeto, VetoFound
from reports.policy.scores import (
    BY_HAND,
    VetoKind,
)
from residents.access import within


@dataclass(frozen=True, slots=True)
class Vetoed:
    """A veto that holds: how many the data found, or what somebody found."""

    kind: VetoKind
    limit: Decimal | None = None
    count: int = 0
    found: VetoFound | None = None


def losses_above(area_code: str, *, span: Span, limit: Decimal) -> dict[str, int]:
    """Return how many residents lost more than a limit, by community. One query."""
    cases = Case.objects.within(area_code).counted().between(span.first, span.after)
    return counted_by_community(cases.filter(amount_lost__gt=limit), "area_code")


def never_handled(area_code: str, *, span: Span, on: date) -> dict[str, int]:
    """Return how many high and medium alerts nobody ever handled, by community. One query.

    Overdue, never done, and either ended like that or still open the day after it was due.
    """
    gone = ~Q(alert__state__in=OPEN_STATES) | Q(due_at__lt=midnight(on))
    left = clocks_of(area_code, span).filter(
        gone,
        objective=Objective.RESPOND,
        level__in=(Level.HIGH, Level.MEDIUM),
        state=ObjectiveState.BREACHED,
        met_at__isnull=True,
    )
    return dict(left.values_list(by_community("alert__area_code")).annotate(number=Count("alert", distinct=True)))


def vetoes_of(
    area_code: str, rules: Iterable[ScoreVeto], *, year: int, span: Span, on: date
) -> defaultdict[str, list[Vetoed]]:
    """Return what vetoes each community: three queries."""
    by_kind = {VetoKind(rule.kind): rule for rule in rules}
    held: defaultdict[str, list[Vetoed]] = defaultdict(list)
    if (loss := by_kind.get(VetoKind.LOSS)) is not None:
        limit = loss.limit or Decimal(0)
        for code, count in losses_above(area_code, span=span, limit=limit).items():
            held[code].append(Vetoed(VetoKind.LOSS, limit=limit, count=count))
    if VetoKind.UNHANDLED in by_kind:
        for code, count in never_handled(area_code, span=span, on=on).items():
            held[code].append(Vetoed(VetoKind.UNHANDLED, count=count))
    found = VetoFound.objects.filter(
        within("community__code", (area_code,)), year=year, kind__in=[kind for kind in BY_HAND if kind in by_kind]
    )
    for one in found.standing().select_related("community", "by").defer("by__phone"):
        held[one.community.code].append(Vetoed(VetoKind(one.kind), found=one))
    return held
