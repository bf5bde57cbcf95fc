"""The table of types: two levels, each case in one line of the first."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from knowledge.models import FraudType
from reports.figures.shapes import CaseSums, Compared, TypeRow

UNSAID = ""
"""The code of the line of alerts that saved something and whose type nobody noted."""


def types_of(kinds: Sequence[FraudType], of: Callable[[str], Compared[CaseSums]]) -> tuple[TypeRow, ...]:
    """Return the lines that have anything, the most cases first; those of the second level follow the one above.

    ``of`` says what is of a type's own code. A line of the first level has all below it within; these lines add up to
    the cases.
    """
    lines = [(TypeRow(UNSAID, _("Not stated"), "", of(UNSAID)), list[TypeRow]())]
    for top in (kind for kind in kinds if kind.parent_id is None):
        below = [TypeRow(kind.code, kind.name, top.code, of(kind.code)) for kind in kinds if kind.parent_id == top.pk]
        sums = _added([of(top.code), *(row.sums for row in below)])
        lines.append((TypeRow(top.code, top.name, "", sums), sorted(below, key=_order)))
    lines.sort(key=lambda line: _order(line[0]))
    return tuple(row for top, below in lines for row in (top, *below) if _has_anything(row))


def _added(sums: Sequence[Compared[CaseSums]]) -> Compared[CaseSums]:
    return Compared(
        sum((one.now for one in sums), CaseSums()),
        sum((one.before for one in sums), CaseSums()),
        sum((one.last_year for one in sums), CaseSums()),
    )


def _has_anything(row: TypeRow) -> bool:
    return any(sums != CaseSums() for sums in (row.sums.now, row.sums.before, row.sums.last_year))


def _order(row: TypeRow) -> tuple[int, int, str]:
    return -row.sums.now.count, -row.sums.before.count, row.code
