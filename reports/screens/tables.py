"""What the panels of the dashboard are made of: boxes, tables whose numbers lead to their rows, charts as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table in words, and where its rows are; "" leads nowhere."""

    said: str
    url: str = ""

    @property
    def leads(self) -> bool:
        """Whether there are rows to lead to."""
        return bool(self.url) and self.said not in NO_ROWS


NO_ROWS = ("", "–", "0")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, and the address that sorts by it; "" where it sorts nothing."""

    label: str
    url: str = ""
    is_sorted: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. ``look`` is "sum", "below" (of the line above) or ""."""

    head: Cell
    cells: tuple[Cell, ...]
    look: str = ""
    labelled: tuple[tuple[str, Cell], ...] = ()
    """The cells, each with its column's name: filled in by the table."""


NARROW = 4


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, the first of which heads the lines, and the lines."""

    columns: tuple[Column, ...]
    lines: tuple[Row, ...]

    @property
    def is_narrow(self) -> bool:
        """Whether it fits a phone as a table: one of more columns becomes cards there."""
        return len(self.columns) <= NARROW

    @property
    def rows(self) -> list[Row]:
        """The lines, each cell beside the name of its column: on a phone a line is a card."""
        names = [column.label for column in self.columns[1:]]
        return [replace(row, labelled=tuple(zip(names, row.cells, strict=True))) for row in self.lines]


@dataclass(frozen=True, slots=True)
class Panel:
    """One section: a title, the sentence that says what it shows, its chart if any, its table.

    ``is_folded``: the table is the chart's figures and lies folded beneath it.
    """

    key: str
    title: str
    sentence: str
    table: Table | None
    chart: Mapping[str, Any] | None = None
    is_folded: bool = False
    is_wide: bool = False
    more: tuple[tuple[str, Table], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Changed:
    """How a number stands to another one: against what, by how much, what that was. ``tone``: good, bad or ""."""

    label: str
    said: str
    base: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A number in large type."""

    label: str
    value: str
    url: str = ""
    changes: tuple[Changed, ...] = ()
    note: str = ""
