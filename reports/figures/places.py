"""The parts an area is told by: the grids of a community, the communities of anything wider.

What lies in none of them (a case whose grid nobody knows, a lecture of the whole community) has a row of its own, so
that the parts add up to the area, always.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F
from django.db.models.expressions import Combinable
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from residents.models import COMMUNITY_DIGITS, Area

REST = ""
"""The code of the row of what lies in no part."""


@dataclass(frozen=True)
class Parts:
    """An area's parts: their codes and names in order."""

    area: Area
    names: Mapping[str, str]

    @property
    def is_wide(self) -> bool:
        """Whether they are communities."""
        return len(self.area.code) < COMMUNITY_DIGITS

    @property
    def rest_name(self) -> str:
        """What the row of what lies in no part is called."""
        return _("Without a community") if self.is_wide else _("Without a grid")

    @cached_property
    def grids(self) -> Mapping[int, str]:
        """The codes of all grids of the area, by their primary keys. One query."""
        return dict(Area.objects.within(self.area.code).grids().order_by().values_list("pk", "code"))

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(code) for code in self.names}, reverse=True)

    def told_by(self, path: str) -> Combinable:
        """Return what rows of the area are grouped by: as little of a code as tells the part.

        Without what all of them begin with: PostgreSQL compares eight bytes at once, and those would be the same.
        """
        known = len(self.area.code)
        return Substr(path, known + 1, COMMUNITY_DIGITS - known) if self.is_wide else F(path)

    def told(self, by: str) -> str:
        """Return the part that ``told_by`` told; ``REST`` where it is none."""
        return self.holding(self.area.code + by if self.is_wide else by)

    def holding(self, code: str | None) -> str:
        """Return the part a code lies in; ``REST`` where it lies in none."""
        for length in self._lengths:
            if code and code[:length] in self.names:
                return code[:length]
        return REST


def parts_of(area: Area) -> Parts:
    """Return an area's parts; a grid is its own. One query."""
    below = Area.objects.within(area.code).order_by("code")
    parts = below.communities() if len(area.code) < COMMUNITY_DIGITS else below.grids()
    return Parts(area, dict(parts.values_list("code", "name")))
