"""The rows behind a report's numbers, as its workbook lists them. Residents are masked; a child is not named at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures.ledgers.alerts import AlertRow, Lateness, alert_rows, lateness_by_grid
from reports.figures.ledgers.care import VisitRow, visit_rows
from reports.figures.ledgers.cases import CaseRow, LookbackRow, case_rows, lookback_rows
from reports.figures.ledgers.outreach import (
    BlindSpot,
    EventRow,
    GroupRow,
    NewcomersOfGrid,
    PushRow,
    blind_spots,
    event_rows,
    group_rows,
    newcomers_by_grid,
    push_rows,
)
from reports.figures.trend import Month, trend_of
from reports.policy import MONTHS_OF_A_YEAR
from residents.models import COMMUNITY_DIGITS

__all__ = [
    "AlertRow",
    "BlindSpot",
    "CaseRow",
    "EventRow",
    "GroupRow",
    "Lateness",
    "Ledgers",
    "LookbackRow",
    "NewcomersOfGrid",
    "PushRow",
    "VisitRow",
    "ledgers_of",
]


class Placed(Protocol):
    """A row that lies somewhere."""

    @property
    def area_code(self) -> str:
        """The code of its area."""


PlacedT = TypeVar("PlacedT", bound=Placed)

MOST_ROWS = 3000
"""A list that is longer is cut, and says so: nobody reads it on paper, and the whole ledger is a file of its own."""


@dataclass(frozen=True, slots=True)
class Ledgers:
    """All the lists of one area and period. A list holds at most ``MOST_ROWS``."""

    cases: Sequence[CaseRow] = ()
    alerts: Sequence[AlertRow] = ()
    late: Sequence[Lateness] = ()
    events: Sequence[EventRow] = ()
    groups: Sequence[GroupRow] = ()
    pushes: Sequence[PushRow] = ()
    visits: Sequence[VisitRow] = ()
    blind: Sequence[BlindSpot] = ()
    newcomers: Sequence[NewcomersOfGrid] = ()
    lookbacks: Sequence[LookbackRow] = ()
    months: Sequence[Month] = ()
    cut: Sequence[str] = field(default_factory=tuple)

    def of_communities(self, codes: Collection[str]) -> "Ledgers":
        """Return the lists without the rows of other communities: a street's report adds up those that are signed."""

        def ours(rows: Sequence[PlacedT]) -> list[PlacedT]:
            return [row for row in rows if row.area_code[:COMMUNITY_DIGITS] in codes]

        groups = ours(self.groups)
        keys = {group.pk for group in groups}
        return replace(
            self,
            cases=ours(self.cases),
            alerts=ours(self.alerts),
            late=ours(self.late),
            events=ours(self.events),
            groups=groups,
            pushes=[push for push in self.pushes if push.groups & keys],
            visits=ours(self.visits),
            blind=ours(self.blind),
            newcomers=ours(self.newcomers),
            lookbacks=ours(self.lookbacks),
        )


def ledgers_of(area_code: str, span: Span, *, dated_by: DatedBy, now: datetime) -> Ledgers:
    """Return the lists of an area and a period as they stand; about twenty queries."""
    alerts = alert_rows(area_code, span, now=now, most=MOST_ROWS + 1)
    cases = case_rows(area_code, span, dated_by=dated_by, most=MOST_ROWS + 1)
    events = event_rows(area_code, span, most=MOST_ROWS + 1)
    blind = blind_spots(area_code, span, now=now, most=MOST_ROWS + 1)
    visits = visit_rows(area_code, span, now=now)
    groups = group_rows(area_code, span)
    lists: dict[str, Sequence[object]] = {
        "cases": cases,
        "alerts": alerts,
        "events": events,
        "blind": blind,
        "visits": visits,
    }
    return Ledgers(
        cases=cases[:MOST_ROWS],
        alerts=alerts[:MOST_ROWS],
        late=lateness_by_grid(alerts),
        events=events[:MOST_ROWS],
        groups=groups,
        pushes=push_rows(groups, span),
        visits=visits[:MOST_ROWS],
        blind=blind[:MOST_ROWS],
        newcomers=newcomers_by_grid(area_code, span),
        lookbacks=lookback_rows(area_code, span, dated_by=dated_by, most=MOST_ROWS),
        months=trend_of(area_code, last=span.last, dated_by=dated_by, months=MONTHS_OF_A_YEAR),
        cut=tuple(name for name, rows in lists.items() if len(rows) > MOST_ROWS),
    )
