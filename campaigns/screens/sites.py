"""Publicity sites: the overdue ones first, and one of them with all that ever hung there."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from campaigns.models import Site
from campaigns.policy import SiteKind
from campaigns.screens.here import Here


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site in the list. ``overdue`` counts days; nought is in time."""

    pk: int
    name: str
    kind: str
    area: str
    place: str
    owner: str
    hangs: str
    refreshed_on: date | None
    due_on: date
    overdue: int
    is_mine: bool
    url: str
    refresh_url: str


@dataclass(frozen=True, slots=True)
class SitesPage:
    """The sites of a community that stand, and those that were taken down."""

    rows: tuple[SiteRow, ...]
    taken_down: tuple[Site, ...]

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return sum(bool(row.overdue) for row in self.rows)


def sites_page(user: User, here: Here, *, on: date) -> SitesPage:
    """Return a community's sites, those due first on top; two queries."""
    sites = Site.objects.visible_to(user, on=on).within(here.code).select_related("area", "owner")
    return SitesPage(
        rows=tuple(_row(site, user, on=on) for site in sites.standing()),
        taken_down=tuple(sites.taken_down()),
    )


def _row(site: Site, user: User, *, on: date) -> SiteRow:
    return SiteRow(
        pk=site.pk,
        name=site.name,
        kind=str(SiteKind(site.kind).label),
        area=site.area.name,
        place=site.place,
        owner=str(site.owner or ""),
        hangs=site.hangs,
        refreshed_on=site.refreshed_on,
        due_on=site.due_on,
        overdue=max(0, (on - site.due_on).days),
        is_mine=site.owner_id == user.pk,
        url=reverse("campaigns:site", args=[site.pk]),
        refresh_url=reverse("campaigns:site_refresh", args=[site.pk]),
    )
