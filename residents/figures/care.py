"""Visits kept: of those who were to be visited in a week, how many were.

**Due** is a pairing that runs on at least four days of a week (Monday to Sunday, where the office stands), so the week
in which it begins counts from a Thursday's beginning backwards, and the one in which it ends from a Thursday on. A
resident who has gone is due no longer than until the day they went. **Kept** is one whose resident was met, or spoken
to on the telephone, at least once in that week and from the day of pairing on, whoever made the visit. A resident has
one pairing at a time, so no week counts anybody twice, and what is summed by grid, by carer and by community is the
same. The grid is the one in which the resident lives now.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from accounts.clock import local, midnight
from accounts.formats import share
from residents.models import PairingQuerySet, Visit
from residents.policy import WEEK, asks_for_visit, monday_of

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Due:
    """One resident to be visited in one week."""

    monday: date
    resident_id: int
    carer_id: int
    grid_code: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """Visits kept of visits due."""

    kept: int
    due: int

    def __str__(self) -> str:
        """Return both counts beside the percentage: 16 of 20 (80 %)."""
        return share(self.kept, self.due)

    def __add__(self, other: "Kept") -> "Kept":
        """Add up places, or weeks."""
        return Kept(self.kept + other.kept, self.due + other.due)

    @property
    def missed(self) -> int:
        """How many were not kept."""
        return self.due - self.kept


def dues(pairings: PairingQuerySet, *, mondays: Sequence[date]) -> list[Due]:
    """Return everybody to be visited in some weeks, and whether they were; two queries for any number of both."""
    if not mondays:
        return []
    first, end = min(mondays), max(mondays) + timedelta(days=WEEK)
    running = pairings.overlapping(first, end - timedelta(days=1)).order_by("pk")
    rows = list(
        running.values_list(
            "resident_id", "carer_id", "resident__grid__code", "starts_on", "ends_on", "resident__ended_on"
        )
    )
    visits = Visit.objects.met().filter(
        resident__in=running.order_by().values("resident_id"), at__gte=midnight(first), at__lt=midnight(end)
    )
    last_met: dict[tuple[int, date], date] = {}
    for resident_id, at in visits.order_by().values_list("resident_id", "at"):
        day = local(at).date()
        week = resident_id, monday_of(day)
        last_met[week] = max(day, last_met.get(week, day))
    # A year of a district is a million of these: each is one look.
    return [
        Due(monday, resident_id, carer_id, grid_code, last_met.get((resident_id, monday), date.min) >= starts_on)
        for resident_id, carer_id, grid_code, starts_on, ends_on, gone_on in rows
        for monday in mondays
        if asks_for_visit(starts_on, min(filter(None, (ends_on, gone_on)), default=None), monday=monday)
    ]


def total(found: Iterable[Due]) -> Kept:
    """Return how many were kept of all."""
    counted = list(found)
    return Kept(sum(due.is_kept for due in counted), len(counted))


def grouped(found: Iterable[Due], by: Callable[[Due], K]) -> Mapping[K, Kept]:
    """Return how many were kept for each grid, carer, resident or week; the parts add up to ``total``."""
    parts: dict[K, list[Due]] = defaultdict(list)
    for due in found:
        parts[by(due)].append(due)
    return {key: total(part) for key, part in parts.items()}
