"""Which grid is meant: offices write 第一网格, 1网格, 西苑第1网格, 001 or the whole code."""

import re
import unicodedata
from dataclasses import dataclass, field

from residents.models import Area, AreaAlias, Level

_NUMBERS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBERED = re.compile(r"第?([0-9]+|[零一二两三四五六七八九十]+)号?(?:网格)?|网格([0-9]+)")
DIGITS = 3
"""Digits that a grid's code has more than its community's."""


def number_in(text: str) -> int | None:
    """Return the number that a grid's name is made of: 第十二网格 is 12; None where it has a name of another kind."""
    found = _NUMBERED.fullmatch(text)
    if found is None:
        return None
    said = found[1] or found[2]
    if said.isdigit():
        return int(said)
    tens, ten, ones = said.rpartition("十")
    if not ten:
        return _NUMBERS.get(said)
    return (_NUMBERS.get(tens, 1) if tens else 1) * 10 + _NUMBERS.get(ones, 0)


@dataclass
class Grids:
    """The grids of an area, found by whatever they are called; those that a file adds stand beside them."""

    area: Area
    by_name: dict[str, Area] = field(default_factory=dict)
    new: dict[str, Area] = field(default_factory=dict)

    @classmethod
    def of(cls, area: Area) -> "Grids":
        """Look them up, in two queries."""
        grids = cls(area)
        found = {grid.pk: grid for grid in Area.objects.within(area.code).grids()}
        for grid in found.values():
            grids._know(grid, grid.name)
        for pk, name in AreaAlias.objects.filter(area_id__in=list(found)).values_list("area_id", "name"):
            grids._know(found[pk], name)
        return grids

    def _know(self, grid: Area, name: str) -> None:
        suffix = grid.code[len(grid.community_code) :]
        for key in (grid.code, suffix, self._bare(name)):
            self.by_name.setdefault(key, grid)
        for number in (number_in(self._bare(name)), int(suffix) if suffix.isdigit() else None):
            if number is not None:
                self.by_name.setdefault(f"#{number}", grid)

    def _bare(self, name: str) -> str:
        """Return a name without blanks and without the community's own before it."""
        bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", name))
        own = re.sub(r"(社区|村|居委会)$", "", self.area.name) if self.area.level == Level.COMMUNITY else ""
        return re.sub(rf"^{re.escape(own)}(社区|村|居委会)?", "", bare) or bare if own else bare

    def all(self) -> list[Area]:
        """Return each grid once."""
        return list({grid.code: grid for grid in self.by_name.values()}.values())

    def find(self, text: str) -> Area | None:
        """Return the grid that is meant. A roster says 第一网格 thousands of times: what was found is found at once."""
        if found := self.by_name.get(text):
            return found
        bare = self._bare(text)
        number = number_in(bare)
        found = self.by_name.get(bare) or (self.by_name.get(f"#{number}") if number is not None else None)
        if found is not None:
            self.by_name[text] = found
        return found

    def make(self, text: str) -> Area:
        """Return a new grid of that name, not yet saved: its number where that is free, else the next one."""
        taken = {grid.code for grid in self.all()}
        number = number_in(self._bare(text))
        if number is None or not 0 < number < 10**DIGITS or f"{self.area.code}{number:0{DIGITS}d}" in taken:
            number = next(one for one in range(1, 10**DIGITS) if f"{self.area.code}{one:0{DIGITS}d}" not in taken)
        grid = Area(
            code=f"{self.area.code}{number:0{DIGITS}d}", name=self._bare(text)[:64], level=Level.GRID, parent=self.area
        )
        self.new[grid.code] = grid
        self._know(grid, grid.name)
        return grid
