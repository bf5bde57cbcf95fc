"""Numbers about places and the people who live there, each with its definition.

They count everybody on the roster, also those whom the reader may not open: a number names nobody. Whoever has ended is
not counted. Each function asks the same few queries however many grids there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import Count, Q

from accounts.roles import Role
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area, CommunityApp, Membership, Post, Resident, Rule
from residents.models.people import ResidentQuerySet
from residents.policy import AGE_BANDS, KEY_GROUPS, AgeBand, Group, RuleName, born_after

ELDER_FROM = 60
"""From this age on somebody counts as 60+."""


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who answers for a grid on a day. Who stands in for another is not counted: the other's post is."""

    leaders: int
    specialists: int
    needed: int

    @property
    def has_no_leader(self) -> bool:
        """Whether nobody leads the grid."""
        return self.leaders == 0

    @property
    def missing(self) -> int:
        """How many warning specialists the grid lacks to the number of the rule."""
        return max(0, self.needed - self.specialists)

    @property
    def is_whole(self) -> bool:
        """Whether no post of the grid is empty."""
        return not (self.has_no_leader or self.missing)


def staffing_by_grid(grids: Iterable[Area], *, on: date) -> dict[str, Staffing]:
    """Return how each grid is staffed on a day, by the grid's code; people who may no longer log in do not count.

    The number of specialists a grid needs is a rule (S1: two). Two queries.
    """
    counts: dict[str, dict[str, int]] = {grid.code: {} for grid in grids}
    needed = Rule.objects.number(RuleName.SPECIALISTS_PER_GRID)
    roles = (Role.GRID_LEADER, Role.WARNING_SPECIALIST)
    posts = Post.objects.current(on).of_their_own().filter(role__in=roles, area__code__in=counts, user__is_active=True)
    for code, role in posts.values_list("area__code", "role"):
        counts[code][role] = counts[code].get(role, 0) + 1
    return {
        code: Staffing(
            leaders=here.get(Role.GRID_LEADER, 0), specialists=here.get(Role.WARNING_SPECIALIST, 0), needed=needed
        )
        for code, here in counts.items()
    }


@dataclass(frozen=True, slots=True)
class Population:
    """How many live in a grid, how many of them are 60 or older, how many are in a key group (each counted once)."""

    residents: int = 0
    elders: int = 0
    in_key_groups: int = 0


def population_by_grid(residents: ResidentQuerySet, *, on: date) -> dict[int, Population]:
    """Return the population of each grid with anybody in it, by the grid's primary key. Two queries."""
    here = residents.living_here().order_by()
    is_elder = Q(birth_on__lte=born_after(ELDER_FROM, on))
    counted = here.values("grid_id").annotate(all=Count("pk"), old=Count("pk", filter=is_elder))
    in_groups = here.in_key_groups().values("grid_id").annotate(all=Count("pk"))
    key = {row["grid_id"]: row["all"] for row in in_groups}
    return {row["grid_id"]: Population(row["all"], row["old"], key.get(row["grid_id"], 0)) for row in counted}


@dataclass(frozen=True, slots=True)
class Ages:
    """Residents by age band. The bands and the unknown add up to the total, always."""

    bands: tuple[tuple[AgeBand, int], ...]
    unknown: int

    @property
    def total(self) -> int:
        """Everybody."""
        return sum(count for _band, count in self.bands) + self.unknown


def ages_of(residents: ResidentQuerySet, *, on: date, bands: Collection[AgeBand] = AGE_BANDS) -> Ages:
    """Return how many residents are of which age on a day. One query.

    Unknown is whose birth date is not known or lies after that day, and whoever is of no band.
    """
    here = residents.living_here().order_by()
    counted = here.aggregate(
        all=Count("pk"), **{f"band{at}": Count("pk", filter=_aged(band, on)) for at, band in enumerate(bands)}
    )
    found = tuple((band, counted[f"band{at}"]) for at, band in enumerate(bands))
    return Ages(bands=found, unknown=counted["all"] - sum(count for _band, count in found))


def _aged(band: AgeBand, on: date) -> Q:
    old_enough = Q(birth_on__lte=born_after(band.youngest, on))
    return old_enough if band.oldest is None else old_enough & Q(birth_on__gt=born_after(band.oldest + 1, on))


@dataclass(frozen=True, slots=True)
class Groups:
    """Residents by group. Somebody may be in several, so these do not add up to the total; ``in_none`` is in none."""

    counts: Mapping[Group, int]
    in_none: int
    total: int

    @property
    def in_key_groups(self) -> tuple[tuple[Group, int], ...]:
        """The key groups alone."""
        return tuple((group, count) for group, count in self.counts.items() if group in KEY_GROUPS)


def groups_of(residents: ResidentQuerySet) -> Groups:
    """Return how many residents are in which group. Two queries."""
    here = residents.living_here().order_by()
    members = Membership.objects.filter(resident__in=here).order_by().values("group").annotate(all=Count("pk"))
    found = {row["group"]: row["all"] for row in members}
    of_any = here.filter(pk__in=Membership.objects.values("resident_id"))
    sums = here.aggregate(all=Count("pk"), some=Count("pk", filter=Q(pk__in=of_any.values("pk"))))
    return Groups(
        counts={group: found.get(group, 0) for group in Group}, in_none=sums["all"] - sums["some"], total=sums["all"]
    )


@dataclass(frozen=True, slots=True)
class App:
    """Of everybody on the roster: who has the anti-fraud app, whose call warning is on, and who was never asked."""

    installed: int
    warning_on: int
    not_asked: int
    total: int

    def __add__(self, other: "App") -> "App":
        """Add up grids: everybody lives in one."""
        return App(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def app_of(residents: ResidentQuerySet) -> App:
    """Return how many residents have the National Anti-Fraud Centre app. One query.

    The shares are of everybody: who was never asked counts as without.
    """
    return sum(app_by_grid(residents).values(), App(0, 0, 0, 0))


def app_by_grid(residents: ResidentQuerySet) -> Mapping[int, App]:
    """Return the same of each grid with anybody in it, by the grid's primary key. One query."""
    counted = (
        residents.living_here()
        .order_by()
        .values("grid_id")
        .annotate(
            all=Count("grid_id"),
            installed=Count("grid_id", filter=Q(has_app=True)),
            warning=Count("grid_id", filter=Q(has_app=True, has_call_warning=True)),
            unasked=Count("grid_id", filter=Q(has_app__isnull=True)),
        )
    )
    return {row["grid_id"]: App(row["installed"], row["warning"], row["unasked"], row["all"]) for row in counted}


def app_by_community(area_code: str) -> Mapping[str, App]:
    """Return the same of each community with anybody in it, by its code. Two queries."""
    by_grid = app_by_grid(Resident.objects.within(area_code))
    sums: dict[str, App] = defaultdict(lambda: App(0, 0, 0, 0))
    for grid, code in Area.objects.within(area_code).order_by().values_list("pk", "code"):
        if grid in by_grid:
            sums[code[:COMMUNITY_DIGITS]] += by_grid[grid]
    return sums


def app_kept(area_code: str) -> tuple[Mapping[str, App], datetime | None]:
    """Return the same by community as it was counted last, and when; None where it never was. One query.

    Equal to ``app_by_community`` at that moment.
    """
    kept = CommunityApp.objects.filter(within("area_code", (area_code,)))
    rows = list(kept.values_list("area_code", "installed", "warning_on", "not_asked", "total", "counted_at"))
    return {code: App(*counts) for code, *counts, _at in rows}, min((row[-1] for row in rows), default=None)


def residents_of(area: Area) -> ResidentQuerySet:
    """Return whom the figures of an area are made of."""
    return Resident.objects.within(area.code)
