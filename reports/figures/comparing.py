"""What moved between two countings of the same figures: number by number.

What stands as of a day (who lives here, who has the app, whom outreach reached in a year) moves by itself and is no
correction: it is left out. Counted events of the period are what a report is held to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.figures.freezing import frozen
from reports.figures.shapes import Figures

STANDING = frozenset(
    {"on", "area_name", "name", "parent", "residents", "elders", "app", "call_warning", "newcomers", "groups", "rank"}
)
"""Fields that say how things stand on the day of counting, and names."""

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One number that moved. ``path`` are the fields that lead to it, a table's row by its key; None is not there."""

    path: tuple[str, ...]
    before: Value
    now: Value


def differences(before: Figures, now: Figures) -> list[Difference]:
    """Return the numbers that differ, in the order of the fields; none for the same data."""
    return list(_walk((), frozen(before), frozen(now)))


def row_names(figures: Figures) -> Mapping[str, str]:
    """Return what the keys in a path are called: areas, types and parts of the victims by their key."""
    victims = figures.victims
    parts = (*victims.occupations, *victims.residences, *victims.amounts, *victims.approaches)
    named = {part.key: part.name for part in parts}
    named |= {row.code: row.name for row in figures.types}
    return named | {row.code: row.name for row in figures.areas}


def _walk(path: tuple[str, ...], before: Any, now: Any) -> Iterator[Difference]:
    one, other = _keyed(before), _keyed(now)
    if one is None and other is None:
        if before != now:
            yield Difference(path, before, now)
        return
    for key in dict.fromkeys((*(other or {}), *(one or {}))):
        if key not in STANDING:
            yield from _walk((*path, key), (one or {}).get(key), (other or {}).get(key))


def _keyed(value: Any) -> Mapping[str, Any] | None:
    """Return what is inside by its name: fields, rows by their key, hours by their number; None for one number."""
    if isinstance(value, Mapping):
        return {key: one for key, one in value.items() if key not in {"code", "key"}}
    if isinstance(value, list):
        return {_key_of(at, one): one for at, one in enumerate(value)}
    return None


def _key_of(at: int, row: Any) -> str:
    if isinstance(row, Mapping):
        return str(row.get("code") or row.get("key") or at)
    return str(row[0]) if isinstance(row, list) and row else str(at)
