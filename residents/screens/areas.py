"""The tree of areas within a scope, and one area with what can be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.roles import Duty
from residents.models import Area, AreaAlias, Level, ancestry
from residents.models.areas import AreaQuerySet

MOST_UNFOLDED = 60
"""Of more areas than these the communities are folded at first."""


@dataclass(frozen=True, slots=True)
class Node:
    """An area in the tree, with all below it down to the grids."""

    name: str
    code: str
    level: str
    aliases: tuple[str, ...]
    url: str
    is_open: bool
    children: tuple["Node", ...]


def areas_of(user: User, *, on: date) -> AreaQuerySet:
    """Return the areas whose posts somebody keeps."""
    return Area.objects.visible_to(user, duty=Duty.APPOINT, on=on)


def aliases_of(user: User, *, on: date) -> QuerySet[AreaAlias]:
    """Return the other names of the areas whose posts somebody keeps."""
    return AreaAlias.objects.filter(area__in=areas_of(user, on=on)).select_related("area")


def tree_of(user: User, *, on: date) -> tuple[Node, ...]:
    """Return the areas somebody keeps, as trees, down to the grids. Two queries."""
    areas = list(areas_of(user, on=on).exclude(level=Level.BUILDING).order_by("code").prefetch_related("aliases"))
    known = {area.pk for area in areas}
    below: dict[int | None, list[Area]] = {}
    for area in areas:
        below.setdefault(area.parent_id if area.parent_id in known else None, []).append(area)

    def grown(area: Area) -> Node:
        return Node(
            name=area.name,
            code=area.code,
            level=str(area.get_level_display()),
            aliases=tuple(alias.name for alias in area.aliases.all()),
            url=reverse("residents:area", args=[area.code]),
            is_open=len(areas) <= MOST_UNFOLDED or area.level != Level.COMMUNITY,
            children=tuple(grown(child) for child in below.get(area.pk, [])),
        )

    return tuple(grown(area) for area in below.get(None, []))


def level_below(area: Area) -> Level | None:
    """Return the level of what is added below an area; None below buildings."""
    levels = list(Level)
    at = levels.index(Level(area.level)) + 1
    return levels[at] if at < len(levels) else None


def choices_of(areas: Iterable[Area]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return areas as the choices of a form, grouped under their community; what stands above it comes first."""
    listed = sorted(areas, key=lambda area: area.code)
    names = {area.code: area.name for area in listed}
    groups: dict[str, list[tuple[str, str]]] = {}
    for area in listed:
        inside = [names[code] for code in ancestry(area.code) if code in names and len(code) > len(area.community_code)]
        label = " · ".join(inside) if area.level in (Level.GRID, Level.BUILDING) else area.name
        groups.setdefault(area.community_code, []).append((area.code, label))
    return [(names.get(code, code) or "–", listed) for code, listed in groups.items()]
