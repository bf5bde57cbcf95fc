"""The way of a score through the year, as a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.formats import month as month_words
from reports.models import ScorePolicy, ScoreSnapshot
from reports.screens.score_words import points_words


@dataclass(frozen=True, slots=True)
class Dot:
    """A month in the drawing of the year: where it lies, and what it says. Numbers of SVG are no language's."""

    x: int
    y: str
    is_said: bool
    number: int
    label: str
    points: str
    is_vetoed: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """The way through the year: a line of months, between 0 and 100; it is drawn between 20 and ``ends_at``."""

    dots: tuple[Dot, ...]
    red_at: str
    yellow_at: str
    ends_at: int
    width: int

    @property
    def line(self) -> str:
        """The points of the line as SVG writes them."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


HEIGHT, LEFT = Decimal(160), 30
"""The drawing of the year: so high are a hundred points, so far in it begins."""
WIDE, NARROW = 50, 24
"""So far apart are two months: on a desk, and on a phone, where a wide drawing's digits would be too small to read."""


def _height(points: Decimal) -> str:
    return str((HEIGHT - points * HEIGHT / 100).quantize(Decimal("0.1")) + 15)


def trend_of(months: Sequence[ScoreSnapshot], policy: ScorePolicy, *, step: int) -> Trend:
    """Return the drawing of some months, the earliest first, so far apart.

    A narrow one says every other month's points.
    """
    last = max((one.month.month for one in months), default=0)
    ends_at = LEFT + step * 11 + 40
    return Trend(
        dots=tuple(
            Dot(
                x=LEFT + step * (one.month.month - 1),
                y=_height(one.points),
                is_said=step == WIDE or (last - one.month.month) % 2 == 0,
                number=one.month.month,
                label=month_words(one.month),
                points=points_words(one.points),
                is_vetoed=one.is_vetoed,
            )
            for one in months
        ),
        red_at=_height(policy.bounds.red_below),
        yellow_at=_height(policy.bounds.yellow_below),
        ends_at=ends_at,
        width=ends_at + 20,
    )
