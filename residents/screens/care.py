"""Care: whose visits are due, who has nobody, how many visits were kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.roles import Duty
from residents import figures
from residents.figures import Kept
from residents.models import Area, Pairing, Post, Resident, ResidentQuerySet, Rule, ancestry
from residents.policy import Lack, RuleName, days_overdue, monday_of

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one resident, in few figures: thousands are sorted by it.

    ``is_manned`` is false where nobody is paired, and where the carer holds no post there any more.
    """

    resident_id: int
    grid_code: str
    pairing: Pairing | None
    is_manned: bool
    due_on: date | None
    overdue: int

    @property
    def urgency(self) -> tuple[bool, int, str, date, int]:
        """Those without a carer come first, then the latest, then by grid and day."""
        return self.is_manned, -self.overdue, self.grid_code, self.due_on or date.max, self.resident_id


@dataclass(frozen=True, slots=True)
class Row:
    """One resident on the page."""

    pk: int
    url: str
    name: str
    facts: str
    address: str
    grid: str
    groups: tuple[str, ...]
    carer: User | None
    is_manned: bool
    pairing_id: int | None
    carers: tuple[User, ...]
    met_on: date | None
    due_on: date | None
    overdue: int


@dataclass(frozen=True, slots=True)
class Share:
    """One row of the table of visits kept."""

    name: str
    kept: Kept


@dataclass(frozen=True, slots=True)
class WeekKept:
    """The visits kept of one week: whole, by grid and by carer; each table adds up to the whole."""

    monday: date
    sunday: date
    is_running: bool
    whole: Kept
    grids: tuple[Share, ...]
    carers: tuple[Share, ...]
    earlier: date
    later: date | None


@dataclass(frozen=True, slots=True)
class CarePage:
    """Everything the page shows."""

    page: "Page[Row]"
    residents: int
    overdue: int
    without: int
    week: WeekKept


def care_page(residents: ResidentQuerySet, chosen: Mapping[str, Any], *, number: str, on: date) -> CarePage:
    """Return the page of those residents who are in a key group or have a carer.

    Args:
        residents: whom this reader may pair.
        chosen: what the filters say (``forms.CareForm``).
        number: of the page, as the address has it.
    """
    residents = _narrowed(residents, chosen)
    standings = sorted(_standings(residents, on=on), key=lambda one: one.urgency)
    page: Page[Any] = Paginator([one for one in standings if _fits(one, chosen)], PAGE_SIZE).get_page(number)
    page.object_list = _rows(list(page.object_list), on=on)
    return CarePage(
        page=page,
        residents=len(standings),
        overdue=sum(one.overdue > 0 for one in standings),
        without=sum(not one.is_manned for one in standings),
        week=week_kept(residents, monday=monday_of(chosen.get("week") or on), on=on),
    )


def _narrowed(residents: ResidentQuerySet, chosen: Mapping[str, Any]) -> ResidentQuerySet:
    if grid := chosen.get("grid"):
        residents = residents.within(grid)
    if group := chosen.get("group"):
        residents = residents.filter(memberships__group=group)
    return residents


def _fits(one: Standing, chosen: Mapping[str, Any]) -> bool:
    if chosen.get("due") == Lack.OVERDUE:
        return one.overdue > 0
    return not one.is_manned if chosen.get("due") == Lack.CARER else True


def _standings(residents: ResidentQuerySet, *, on: date) -> Iterable[Standing]:
    every = Rule.objects.number(RuleName.VISIT_EVERY_DAYS)
    running = Pairing.objects.current(on)
    here = residents.living_here()
    cared_for = here.filter(Q(pk__in=here.in_key_groups().values("pk")) | Q(pk__in=running.values("resident_id")))
    pairings = {one.resident_id: one for one in running.of_residents(here.order_by()).with_last_visits()}
    posts = Post.objects.current(on).with_duty(Duty.VISIT).filter(user__is_active=True)
    held: dict[int, list[str]] = {}
    for user_id, code in posts.filter(user__in={one.carer_id for one in pairings.values()}).values_list(
        "user_id", "area__code"
    ):
        held.setdefault(user_id, []).append(code)
    for pk, code in cared_for.order_by().values_list("pk", "grid__code").distinct():
        pairing = pairings.get(pk)
        due_on = pairing.due_on(every_days=every) if pairing else None
        yield Standing(
            resident_id=pk,
            grid_code=code,
            pairing=pairing,
            is_manned=pairing is not None and code.startswith(tuple(held.get(pairing.carer_id, ()))),
            due_on=due_on,
            overdue=days_overdue(due_on, on) if due_on else 0,
        )


def _rows(standings: Sequence[Standing], *, on: date) -> list[Row]:
    found = Resident.objects.select_related("grid", "household").prefetch_related("memberships")
    residents = found.in_bulk([one.resident_id for one in standings])
    carers = carers_of({one.grid_code for one in standings}, on=on)
    people = User.objects.in_bulk({one.pairing.carer_id for one in standings if one.pairing})
    return [_row(one, residents[one.resident_id], carers, people, on=on) for one in standings]


def _row(
    one: Standing,
    resident: Resident,
    carers: Mapping[str, Sequence[User]],
    people: Mapping[int, User],
    *,
    on: date,
) -> Row:
    return Row(
        pk=resident.pk,
        url=reverse("residents:detail", args=[resident.pk]),
        name=resident.masked_name,
        facts=resident.short_facts(on),
        address=resident.address,
        grid=resident.grid.name,
        groups=tuple(str(group.label) for group in resident.key_groups),
        carer=people[one.pairing.carer_id] if one.pairing else None,
        is_manned=one.is_manned,
        pairing_id=one.pairing.pk if one.pairing else None,
        carers=tuple(carers[one.grid_code]),
        met_on=one.pairing.met_on if one.pairing else None,
        due_on=one.due_on,
        overdue=one.overdue,
    )


def carers_of(codes: Collection[str], *, on: date) -> dict[str, list[User]]:
    """Return, for each grid, who may be paired there: those of its own posts first, then those of the posts above."""
    above = {code for grid in codes for code in ancestry(grid)}
    posts = sorted(
        Post.objects.current(on)
        .with_duty(Duty.VISIT)
        .filter(area__code__in=above, user__is_active=True)
        .select_related("user", "area"),
        key=lambda post: (-len(post.area.code), post.pk),
    )
    return {grid: list(dict.fromkeys(post.user for post in posts if grid.startswith(post.area.code))) for grid in codes}


def week_kept(residents: ResidentQuerySet, *, monday: date, on: date) -> WeekKept:
    """Return the visits kept of a week among residents, also those who have gone since."""
    found = figures.dues(Pairing.objects.of_residents(residents.order_by()), mondays=[monday])
    by_grid = figures.grouped(found, lambda due: due.grid_code)
    by_carer = figures.grouped(found, lambda due: due.carer_id)
    names = _names_of(by_grid)
    people = User.objects.in_bulk(list(by_carer))
    return WeekKept(
        monday=monday,
        sunday=monday + timedelta(days=6),
        is_running=monday == monday_of(on),
        whole=figures.total(found),
        grids=tuple(Share(names[code], kept) for code, kept in sorted(by_grid.items())),
        carers=tuple(
            Share(str(people[pk]), kept) for pk, kept in sorted(by_carer.items(), key=lambda one: -one[1].missed)
        ),
        earlier=monday - timedelta(weeks=1),
        later=monday + timedelta(weeks=1) if monday < monday_of(on) else None,
    )


def _names_of(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of grids, with the community before them where there are several."""
    grids = list(Area.objects.grids().filter(code__in=list(codes)).select_related("parent"))
    several = len({grid.community_code for grid in grids}) > 1
    return {grid.code: f"{grid.parent} {grid}" if several and grid.parent else grid.name for grid in grids}
