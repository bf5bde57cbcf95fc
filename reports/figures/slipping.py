"""Which parts of an area are slipping, and by what: so that somebody asks there first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.figures.shapes import AreaRow, Figures, Rate


class Slip(StrEnum):
    """In what a part is slipping."""

    CASES = "cases"
    """More cases than in the period before, up to the same day."""
    PUSHED = "pushed"
    """Alerts that came to the grid too late."""
    HIGH = "high"
    """High alerts whose resident was reached too late."""
    MEDIUM = "medium"
    """Medium ones."""
    VISITS = "visits"
    """Visits that were due and not made."""
    GROUPS = "groups"
    """Chat groups pushed to less often than the policy asks."""
    COVERAGE = "coverage"
    """Fewer of 60 and over on site in twelve months than in the whole area."""


@dataclass(frozen=True, slots=True)
class Slipping:
    """One part, and each thing with its two counts: now and before for cases, else so many of so many kept."""

    code: str
    name: str
    slips: tuple[tuple[Slip, int, int], ...]


def slipping(found: Figures) -> Sequence[Slipping]:
    """Return the parts that slip in anything, the one with most such things first."""
    whole = Rate(found.elders.reached, found.elders.should)
    rows = [Slipping(row.code, row.name, _slips(row, whole)) for row in found.areas if row.code]
    return sorted((row for row in rows if row.slips), key=lambda row: (-len(row.slips), row.code))


def _slips(row: AreaRow, whole: Rate) -> tuple[tuple[Slip, int, int], ...]:
    kept = (
        (Slip.PUSHED, row.alerts.pushed),
        (Slip.HIGH, row.alerts.high),
        (Slip.MEDIUM, row.alerts.medium),
        (Slip.VISITS, Rate(row.visits.kept, row.visits.due)),
        (Slip.GROUPS, row.groups),
    )
    more = [(Slip.CASES, row.cases.now.count, row.cases.before.count)]
    found = [one for one in more if one[1] > one[2]]
    found += [(slip, rate.part, rate.whole) for slip, rate in kept if rate.part < rate.whole]
    if row.elders.reached * whole.whole < whole.part * row.elders.should:
        found.append((Slip.COVERAGE, row.elders.reached, row.elders.should))
    return tuple(found)
