"""How much of everything a district of some size has. A million residents make the district of docs/performance.md."""

from dataclasses import dataclass

RESIDENTS_OF_A_GRID = 500
GRIDS_OF_A_COMMUNITY = 20
COMMUNITIES_OF_A_STREET = 10
TOUCHES_OF_EACH = 6
NEVER_REACHED = 6
"""Each sixth resident."""
FEWEST, MOST = 20, 5_000_000
"""Fewer make no grids; of more, the invented ID numbers of one birthday run out."""


@dataclass(frozen=True)
class Scale:
    """A district of so many residents; the same seed on the same day gives the same people."""

    residents: int
    seed: int = 1
    days: int = 3 * 365
    """How far back touches, alerts and cases go."""

    @property
    def grids(self) -> int:
        """Two at least, so that something lies next door."""
        return max(2, self.residents // RESIDENTS_OF_A_GRID)

    @property
    def communities(self) -> int:
        """Two at least."""
        return max(2, -(-self.grids // GRIDS_OF_A_COMMUNITY))

    @property
    def streets(self) -> int:
        """One at least."""
        return -(-self.communities // COMMUNITIES_OF_A_STREET)

    @property
    def touches(self) -> int:
        """Six for all but each sixth resident, who was never reached."""
        return TOUCHES_OF_EACH * (self.residents - -(-self.residents // NEVER_REACHED))

    @property
    def alerts(self) -> int:
        """Alerts that are over."""
        return self.residents // 2

    @property
    def open_alerts(self) -> int:
        """Alerts that came in this last quarter of an hour."""
        return max(3, self.residents // 20_000)

    @property
    def cases(self) -> int:
        """Frauds in the ledger."""
        return self.residents // 5
