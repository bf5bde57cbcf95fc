"""The grids somebody may see, and one of them in full: who answers for it, who lives there, what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import share
from accounts.models import User
from accounts.roles import Duty, Role
from residents.access import within
from residents.figures import (
    ELDER_FROM,
    Population,
    Staffing,
    ages_of,
    app_of,
    groups_of,
    population_by_grid,
    residents_of,
    staffing_by_grid,
)
from residents.models import Area, Post, Resident, ancestry
from residents.models.areas import AreaQuerySet
from residents.screens.bars import Chart, chart_of
from residents.screens.facts import Fact, facts_of

MOST_GRIDS = 150
"""More are shown one community at a time."""

ANSWER_FROM_ABOVE = (Role.MANAGER, Role.POLICE_LIAISON, Role.DUTY_OFFICER)
"""Who answers for a grid from its community."""


@dataclass(frozen=True, slots=True)
class Hole:
    """What is missing: how bad, and in words."""

    level: str
    words: str


def holes_of(staffing: Staffing) -> tuple[Hole, ...]:
    """Return the holes in the posts of a grid. Nobody at all is red, too few is amber."""
    holes = []
    if staffing.has_no_leader:
        holes.append(Hole("high", _("No grid leader")))
    if staffing.specialists == 0:
        holes.append(Hole("high", _("No warning specialist")))
    elif staffing.missing:
        said = ngettext(
            "%(missing)d warning specialist missing", "%(missing)d warning specialists missing", staffing.missing
        )
        holes.append(Hole("medium", said % {"missing": staffing.missing}))
    return tuple(holes)


@dataclass(frozen=True, slots=True)
class GridRow:
    """One grid in the list."""

    name: str
    code: str
    url: str
    population: Population
    leaders: tuple[str, ...]
    specialists: tuple[str, ...]
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The grids of one community, and what they come to."""

    name: str
    code: str
    rows: tuple[GridRow, ...]
    sum: Population

    @property
    def hole_count(self) -> int:
        """How many of its grids have a hole."""
        return sum(bool(row.holes) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Communities:
    """The communities whose grids somebody sees, and whether all fit one page."""

    choices: tuple[tuple[str, str], ...]
    fit_one_page: bool

    def shown(self, chosen: str) -> str:
        """Return which is shown: the chosen one, else all (""), else the first."""
        return chosen or ("" if self.fit_one_page else self.choices[0][0])


def communities_of(user: User, *, on: date) -> Communities:
    """Return the communities whose grids somebody sees. Two queries."""
    codes = list(_grids(user, on).values_list("code", flat=True))
    names = dict(Area.objects.filter(code__in={_community(code) for code in codes}).values_list("code", "name"))
    return Communities(
        choices=tuple((code, names.get(code, code)) for code in sorted({_community(code) for code in codes})),
        fit_one_page=len(codes) <= MOST_GRIDS,
    )


def blocks_of(user: User, *, communities: Communities, chosen: str, on: date) -> tuple[Block, ...]:
    """Return the grids somebody sees by community, of the chosen community or of all. Six queries."""
    grids = list(_grids(user, on).filter(within("code", (chosen,) if chosen else None)).order_by("code"))
    people = _people_of(grids, on)
    staffing = staffing_by_grid(grids, on=on)
    residents = Resident.objects.filter(grid__in=_grids(user, on)).filter(
        within("grid__code", (chosen,) if chosen else None)
    )
    population = population_by_grid(residents, on=on)
    rows: dict[str, list[GridRow]] = {}
    for grid in grids:
        named = people.get(grid.code, {})
        rows.setdefault(_community(grid.code), []).append(
            GridRow(
                name=grid.name,
                code=grid.code,
                url=reverse("residents:grid", args=[grid.code]),
                population=population.get(grid.pk, Population()),
                leaders=tuple(named.get(Role.GRID_LEADER, ())),
                specialists=tuple(named.get(Role.WARNING_SPECIALIST, ())),
                holes=holes_of(staffing[grid.code]),
            )
        )
    names = dict(communities.choices)
    return tuple(
        Block(names.get(code, code), code, tuple(here), _sum(row.population for row in here))
        for code, here in rows.items()
    )


def _grids(user: User, on: date) -> AreaQuerySet:
    return Area.objects.visible_to(user, duty=Duty.SEE_RESIDENTS, on=on).grids()


def _community(code: str) -> str:
    return Area(code=code).community_code


def _sum(populations: Iterable[Population]) -> Population:
    several = list(populations)
    return Population(
        residents=sum(one.residents for one in several),
        elders=sum(one.elders for one in several),
        in_key_groups=sum(one.in_key_groups for one in several),
    )


def _people_of(grids: Sequence[Area], on: date) -> dict[str, dict[str, list[str]]]:
    """Return who leads and who specialises, by the grid's code and the role; who stands in is named as such."""
    roles = (Role.GRID_LEADER, Role.WARNING_SPECIALIST)
    posts = Post.objects.current(on).filter(area__in=[grid.pk for grid in grids], role__in=roles, user__is_active=True)
    found: dict[str, dict[str, list[str]]] = {}
    for post in posts.select_related("user", "area").defer("user__phone").order_by("pk"):
        name = str(post.user) if post.stands_in_for_id is None else _("{name} (stand-in)").format(name=post.user)
        found.setdefault(post.area.code, {}).setdefault(post.role, []).append(name)
    return found


@dataclass(frozen=True, slots=True)
class Answerable:
    """Somebody who answers for a grid: as what, where, from when to when, and how to call them."""

    name: str
    role: str
    area: str
    starts_on: date
    ends_on: date | None
    phone: str
    masked_phone: str
    stands_in_for: str


@dataclass(frozen=True, slots=True)
class GridPage:
    """One grid in full."""

    name: str
    code: str
    community: str
    people: tuple[Answerable, ...]
    holes: tuple[Hole, ...]
    charts: tuple[Chart, ...]
    total: int
    app_installed: str
    warning_on: str
    not_asked: int
    facts: tuple[Fact, ...]


def grid_page(grid: Area, *, user: User, on: date) -> GridPage:
    """Return one grid in full. Some dozen queries, however many people."""
    residents = residents_of(grid)
    ages, groups, app = ages_of(residents, on=on), groups_of(residents), app_of(residents)
    population = population_by_grid(residents, on=on).get(grid.pk, Population())
    old = share(population.elders, ages.total)
    by_age = chart_of(
        [*((str(band), count) for band, count in ages.bands), (_("Age not known"), ages.unknown)],
        key="ages",
        title=_("Residents by age"),
        sentence=_("{share} are {age} or older; the age of {unknown} is not known.").format(
            share=old, age=ELDER_FROM, unknown=ages.unknown
        ),
        whole=ages.total,
        adds_up=True,
    )
    by_group = chart_of(
        [*((str(group.label), count) for group, count in groups.counts.items()), (_("In no group"), groups.in_none)],
        key="groups",
        title=_("Residents by group"),
        sentence=_("{share} are in a key group. Somebody may be in several groups: they do not add up.").format(
            share=share(population.in_key_groups, groups.total)
        ),
        whole=groups.total,
        adds_up=False,
    )
    return GridPage(
        name=grid.name,
        code=grid.code,
        community=str(grid.community or ""),
        people=_answerable(grid, on),
        holes=holes_of(staffing_by_grid([grid], on=on)[grid.code]),
        charts=(by_age, by_group),
        total=ages.total,
        app_installed=share(app.installed, app.total),
        warning_on=share(app.warning_on, app.total),
        not_asked=app.not_asked,
        facts=facts_of(grid, user=user, on=on),
    )


def _answerable(grid: Area, on: date) -> tuple[Answerable, ...]:
    """Return who answers for a grid: its own people and those of its buildings, then those of its community."""
    above = Q(area__code__in=ancestry(grid.code)[:-1], role__in=ANSWER_FROM_ABOVE)
    posts = Post.objects.current(on).filter(above | within("area__code", (grid.code,)), user__is_active=True)
    order = list(Role.values)
    ranked = sorted(
        posts.select_related("user", "area", "stands_in_for__user"),
        key=lambda post: (len(post.area.code) < len(grid.code), len(post.area.code), order.index(post.role), post.pk),
    )
    return tuple(
        Answerable(
            name=str(post.user),
            role=post.get_role_display(),
            area=post.area.name,
            starts_on=post.starts_on,
            ends_on=post.ends_on,
            phone=post.user.phone,
            masked_phone=post.user.masked_phone,
            stands_in_for=str(post.stands_in_for.user) if post.stands_in_for is not None else "",
        )
        for post in ranked
    )
