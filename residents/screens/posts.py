"""People and posts of a scope on a day, and the holes that are coming."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.paging import ListPage, page_of
from accounts.roles import Duty
from residents.access import scope_codes, within
from residents.figures import staffing_by_grid
from residents.models import Area, Post
from residents.models.posts import PostQuerySet
from residents.policy import Span, without_successor
from residents.screens.areas import areas_of
from residents.screens.grids import Hole, holes_of


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post in the list."""

    pk: int
    name: str
    username: str
    masked_phone: str
    role: str
    area: str
    community: str
    starts_on: date
    ends_on: date | None
    stands_in_for: str
    may_log_in: bool
    end_url: str
    substitute_url: str


@dataclass(frozen=True, slots=True)
class EndingRow:
    """A post that ends soon with nobody to follow."""

    name: str
    role: str
    area: str
    community: str
    ends_on: date
    appoint_url: str


@dataclass(frozen=True, slots=True)
class HoleRow:
    """A grid with a hole in its posts today."""

    name: str
    community: str
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Holes:
    """What is missing today, and what will be within a fortnight."""

    now: tuple[HoleRow, ...]
    soon: tuple[EndingRow, ...]


def people_for(user: User, *, on: date) -> QuerySet[User]:
    """Return whom somebody may appoint: those who hold or held a post in their areas; an administrator anybody.

    Whoever worked elsewhere all the time is appointed by an administrator: a username tried out here must not tell who
    works in the next street.
    """
    people = User.objects.filter(is_active=True)
    codes = scope_codes(user, Duty.APPOINT, on)
    if codes is None:
        return people
    return people.filter(pk__in=Post.objects.filter(within("area__code", codes)).values("user_id"))


def suggested(people: QuerySet[User]) -> list[User]:
    """Return people to propose while a name is typed; not more than a browser's list bears."""
    return list(people.defer("phone").order_by("name", "username")[:500])


def posts_page(user: User, chosen: Mapping[str, Any], *, on: date, number: str) -> ListPage:
    """Return one page of the posts of somebody's areas on the chosen day. Two queries."""
    names = _names(user, on)
    posts = _narrowed(Post.objects.visible_to(user, on=on).current(chosen.get("on") or on), chosen)
    read_along = posts.select_related("user", "area", "stands_in_for__user").order_by("area__code", "role", "pk")
    page = page_of(read_along, number=number, is_counted=False)
    return page.drawn(lambda post: _row(post, names))


def _narrowed(posts: PostQuerySet, chosen: Mapping[str, Any]) -> PostQuerySet:
    if q := (chosen.get("q") or "").strip():
        posts = posts.filter(Q(user__name__contains=q) | Q(user__username__contains=q))
    if role := chosen.get("role"):
        posts = posts.filter(role=role)
    if area := chosen.get("area"):
        posts = posts.filter(within("area__code", (area,)))
    return posts


def _row(post: Post, names: Mapping[str, str]) -> PostRow:
    return PostRow(
        pk=post.pk,
        name=str(post.user),
        username=post.user.username,
        masked_phone=post.user.masked_phone,
        role=post.get_role_display(),
        area=post.area.name,
        community=_elsewhere(post.area, names),
        starts_on=post.starts_on,
        ends_on=post.ends_on,
        stands_in_for=str(post.stands_in_for.user) if post.stands_in_for is not None else "",
        may_log_in=post.user.is_active and post.user.has_usable_password(),
        end_url=reverse("residents:end_post", args=[post.pk]),
        substitute_url=reverse("residents:substitute", args=[post.pk]) if post.stands_in_for_id is None else "",
    )


def holes_in(user: User, *, on: date) -> Holes:
    """Return what is missing in somebody's areas today, and what will be. Five queries."""
    names = _names(user, on)
    grids = list(areas_of(user, on=on).grids().order_by("code"))
    staffing = staffing_by_grid(grids, on=on)
    return Holes(
        now=tuple(
            HoleRow(grid.name, _elsewhere(grid, names), holes)
            for grid in grids
            if (holes := holes_of(staffing[grid.code]))
        ),
        soon=tuple(_ending(post, names) for post in _that_end_soon(user, on)),
    )


def _that_end_soon(user: User, on: date) -> list[Post]:
    """Return the posts that end within a fortnight with nobody to follow, the first end first."""
    posts = Post.objects.visible_to(user, on=on).of_their_own().filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    ending = Post.objects.visible_to(user, on=on).current(on).of_their_own().filter(ends_on__isnull=False)
    read_along = posts.filter(area__in=ending.values("area_id")).select_related("user", "area")
    teams: dict[tuple[int, str], list[Post]] = {}
    for post in read_along.defer("user__phone").order_by("starts_on", "pk"):
        teams.setdefault((post.area_id, post.role), []).append(post)
    found = [team[at] for team in teams.values() for at in without_successor(_spans(team), on=on)]
    return sorted(found, key=lambda post: (post.ends_on or on, post.area.code, post.pk))


def _spans(posts: Sequence[Post]) -> list[Span]:
    return [Span(post.starts_on, post.ends_on) for post in posts]


def _ending(post: Post, names: Mapping[str, str]) -> EndingRow:
    assert post.ends_on is not None
    return EndingRow(
        name=str(post.user),
        role=post.get_role_display(),
        area=post.area.name,
        community=_elsewhere(post.area, names),
        ends_on=post.ends_on,
        appoint_url=f"{reverse('residents:appoint')}?area={post.area.code}&role={post.role}",
    )


def _names(user: User, on: date) -> dict[str, str]:
    """Return the names of the communities somebody keeps, by code."""
    return dict(areas_of(user, on=on).communities().values_list("code", "name"))


def _elsewhere(area: Area, names: Mapping[str, str]) -> str:
    """Return the community's name where the area is not the community itself."""
    return names.get(area.community_code, "") if area.code != area.community_code else ""
