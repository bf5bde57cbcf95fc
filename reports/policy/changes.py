"""How a change is told: both numbers beside every percentage, a base of zero in words (field-notes.md "Statistics")."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Direction(StrEnum):
    """Which way a number went."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    FROM_ZERO = "from_zero"


@dataclass(frozen=True, slots=True)
class Change:
    """How a number stands to the one it is held against; ``percent`` is None where that was zero."""

    now: Decimal
    base: Decimal

    @property
    def direction(self) -> Direction:
        """Which way it went."""
        if self.now == self.base:
            return Direction.SAME
        if not self.base:
            return Direction.FROM_ZERO
        return Direction.UP if self.now > self.base else Direction.DOWN

    @property
    def percent(self) -> Decimal | None:
        """(now − base) / base in per cent, one decimal, halves rounded away from zero as people do; None from zero."""
        if not self.base:
            return None
        return (100 * (self.now - self.base) / self.base).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def change(now: float | Decimal, base: float | Decimal) -> Change:
    """Return how a number stands to another."""
    return Change(Decimal(now), Decimal(base))
