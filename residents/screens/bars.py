"""A chart of bars that the server draws: one row of words and one bar beneath, in sizes that grow with the text."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounts.formats import share

ROW_HEIGHT = Decimal("3.2")
"""In heights of the text: the words, the bar, and air."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, how many, its share in words, how wide it is, and where it stands."""

    label: str
    count: int
    said: str
    width: str
    text_at: str
    bar_at: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with the sentence that says what they show. ``total`` is set where the bars add up to it."""

    key: str
    title: str
    sentence: str
    bars: tuple[Bar, ...]
    total: int | None

    @property
    def height(self) -> str:
        """How high the drawing is."""
        return f"{ROW_HEIGHT * len(self.bars)}em"


def chart_of(
    counts: Iterable[tuple[str, int]], *, key: str, title: str, sentence: str, whole: int, adds_up: bool
) -> Chart:
    """Return the chart of some counts, each held against the whole; the longest bar is as wide as the drawing."""
    counted = list(counts)
    most = max((count for _label, count in counted), default=0) or 1
    bars = tuple(
        Bar(
            label=label,
            count=count,
            said=share(count, whole),
            width=f"{round(100 * count / most)}%",
            text_at=f"{ROW_HEIGHT * at + Decimal('1.1')}em",
            bar_at=f"{ROW_HEIGHT * at + Decimal('1.6')}em",
        )
        for at, (label, count) in enumerate(counted)
    )
    return Chart(key=key, title=title, sentence=sentence, bars=bars, total=whole if adds_up else None)
