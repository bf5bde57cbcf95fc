"""What a public version may tell: no cell that speaks of one or two people, and none that follows from the others."""

from collections.abc import Sequence
from enum import StrEnum

PUBLIC_FROM = 3
"""The least number of people that a public table tells (field-notes.md: cross-tables hide cells under 3)."""


class Hidden(StrEnum):
    """Why a public table does not tell a number."""

    FEW = "few"
    """It is under the least."""
    BESIDE = "beside"
    """It is not, but with the total it would tell one that is."""


def masked(cells: Sequence[int], *, least: int = PUBLIC_FROM) -> tuple[int | Hidden, ...] | None:
    """Return what a public table may tell of some numbers whose total is known; None where it may tell none of them.

    Hidden is what is under the least, zeros too; then the smallest of the others, one after another, until none of the
    few can be worked out from the total, even by who knows this rule. Of nobody there is nothing to hide.
    """
    if not sum(cells):
        return tuple(cells)
    few = {at for at, cell in enumerate(cells) if cell < least}
    hidden = set(few)
    for at in sorted(range(len(cells)), key=lambda one: cells[one]):
        if not _is_told(cells, few, hidden, least):
            break
        hidden.add(at)
    if _is_told(cells, few, hidden, least):
        return None
    return tuple(_cell(cell, at in few, at in hidden) for at, cell in enumerate(cells))


def _cell(cell: int, is_few: bool, is_hidden: bool) -> int | Hidden:
    if is_few:
        return Hidden.FEW
    return Hidden.BESIDE if is_hidden else cell


def _is_told(cells: Sequence[int], few: set[int], hidden: set[int], least: int) -> bool:
    """Say whether somebody who knows the total, and how hidden numbers are chosen, can work out one of the few.

    They know of each hidden number the least and the most it can be; what the others leave over narrows that down.
    """
    whole = sum(cells[at] for at in hidden)
    most = min((cell for at, cell in enumerate(cells) if at not in hidden), default=whole)
    low = {at: 0 if at in few else least for at in hidden}
    high = {at: least - 1 if at in few else most for at in hidden}
    all_low, all_high = sum(low.values()), sum(high.values())
    return any(max(low[at], whole - (all_high - high[at])) == min(high[at], whole - (all_low - low[at])) for at in few)
