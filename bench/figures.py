"""What a measure says: a figure, what it is compared with, and what it must reach."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured line.

    Attributes:
        name: what was measured, in the words of docs/performance.md.
        value, unit: the figure.
        goal: what it must reach, as text; "" for a figure that only explains another.
        kept: whether it does.
        reference: the figure of the bare thing, measured in the same run, in the same unit.
    """

    name: str
    value: float
    unit: str
    goal: str = ""
    kept: bool | None = None
    reference: float | None = None
    reference_is: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"ratio": self.ratio}


def at_most(name: str, value: float, unit: str, goal: float, **more: object) -> Figure:
    return Figure(name, value, unit, f"≤ {goal:g}", value <= goal, **more)


def at_least(name: str, value: float, unit: str, goal: float, **more: object) -> Figure:
    return Figure(name, value, unit, f"≥ {goal:g}", value >= goal, **more)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile by nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def median(deed: Callable[[], object], rounds: int = 15) -> float:
    """Return the median time of one deed in milliseconds, after one to warm up."""
    deed()
    times = []
    for _round in range(rounds):
        started = time.perf_counter()
        deed()
        times.append(1000 * (time.perf_counter() - started))
    return sorted(times)[rounds // 2]
