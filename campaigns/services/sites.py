"""Publicity sites: kept, refreshed, taken down; and their owners chased when they are overdue."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Duty
from accounts.services import record
from campaigns import letters
from campaigns.models import Rule, Site, SiteRefresh
from campaigns.policy import RuleName
from campaigns.services.common import (
    OutreachError,
    planners_by_community,
    require_owner,
    save_checked,
    write_fields,
)
from notifications.services import tell, withdraw
from residents.policy import is_office_hour


def next_due(site: Site, *, on: date) -> date:
    """Return by when a site is to be refreshed that was refreshed on a day: by its own rhythm, else by the rule."""
    return on + timedelta(days=site.every_days or Rule.objects.number(RuleName.SITE_EVERY_DAYS))


@transaction.atomic
def keep_site(site: Site, fields: dict[str, Any], *, by: User, now: datetime, on: date) -> Site:
    """Add a site, or change one; a new rhythm counts from the last refreshing, a new site from today.

    Raises ``OutreachError`` for a name that is taken or a stranger as owner.
    """
    is_new = site.pk is None
    detail = write_fields(site, fields)
    require_owner(site.owner, site.area, duty=Duty.LOG_OUTREACH, on=on)
    if is_new or "every_days" in detail["changed"]:
        site.due_on = next_due(site, on=site.refreshed_on or on)
    save_checked(site)
    verb = "campaigns.site_added" if is_new else "campaigns.site_changed"
    record(verb, by=by, at=now, about=site, area_code=site.area.code, detail=detail)
    # Who answers for it now is told by the next round.
    if site.due_on >= on or "owner" in detail["changed"]:
        withdraw([letters.site_key(site.pk)], now=now)
    return site


@transaction.atomic
def refresh_site(
    site: Site, *, hangs: str, by: User, now: datetime, photo: bytes = b"", press: UUID | None = None
) -> SiteRefresh:
    """Write down what hangs at a site from today on; its reminder vanishes, and its next day is set.

    ``photo`` is a JPEG as ``clean_picture`` gives it. The same press again gives the same entry. Raises
    ``OutreachError`` for a site that was taken down and a press that was made elsewhere.
    """
    # Who presses twice queues up here, and the second finds the entry of the first.
    site = Site.objects.select_for_update(of=("self",)).select_related("area").get(pk=site.pk)
    if press is not None and (made := SiteRefresh.objects.filter(press=press).first()) is not None:
        if (made.site_id, made.by_id) != (site.pk, by.pk):
            raise OutreachError(_("This page was used for another site already; open it anew."))
        return made
    if site.ended_on is not None:
        raise OutreachError(_("This site was taken down; put it up again first."))
    on = local(now).date()
    site.hangs, site.refreshed_on, site.due_on = hangs, on, next_due(site, on=on)
    site.save(update_fields=["hangs", "refreshed_on", "due_on"])
    made = SiteRefresh.objects.create(site=site, on=on, hangs=hangs, by=by, press=press)
    detail = {"refresh": made.pk, "photo": bool(photo)}
    record("campaigns.site_refreshed", by=by, at=now, about=site, area_code=site.area.code, detail=detail)
    withdraw([letters.site_key(site.pk)], now=now)
    if photo:
        # Last, so that no file is left behind by what is refused before.
        made.photo.save(f"{site.pk}.jpg", ContentFile(photo))
    return made


@transaction.atomic
def take_down_site(site: Site, *, by: User, now: datetime, on: date) -> Site:
    """Note that a site is no more; what hung there stays on record."""
    site.ended_on = on
    site.save(update_fields=["ended_on"])
    record("campaigns.site_taken_down", by=by, at=now, about=site, area_code=site.area.code)
    withdraw([letters.site_key(site.pk)], now=now)
    return site


@transaction.atomic
def put_up_site(site: Site, *, by: User, now: datetime) -> Site:
    """Put a site up again that was taken down."""
    site.ended_on = None
    site.save(update_fields=["ended_on"])
    record("campaigns.site_put_up", by=by, at=now, about=site, area_code=site.area.code)
    return site


@transaction.atomic
def chase_sites(*, now: datetime) -> int:
    """Tell who answers for each overdue site, or the outreach workers and managers where nobody does; once a due day.

    Returns how many letters were new.
    """
    if not is_office_hour(local(now)):
        return 0
    on = local(now).date()
    late = list(Site.objects.overdue(on).select_related("owner", "area"))
    planners = planners_by_community({site.area.community_code for site in late}, on=on)
    told = tell([letters.site_overdue(one, site) for site in late for one in _who_answers(site, planners)], now=now)
    if told:
        record("campaigns.sites_chased", by=None, at=now, detail={"told": told})
    return told


def _who_answers(site: Site, planners: dict[str, list[User]]) -> list[User]:
    if site.owner is not None and site.owner.is_active:
        return [site.owner]
    return planners.get(site.area.community_code, [])
