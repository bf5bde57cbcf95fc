"""The list of those that are commended for a year: written, frozen, handed out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from reports.models import Commendation, Commended
from reports.services.common import ReportsError, lock_area
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Place:
    """A community on the list, with what it had: code, name, points, rank."""

    code: str
    name: str
    points: Decimal
    rank: int


@transaction.atomic
def write_commendation(
    *, area: Area, year: int, title: str, text: str, places: Sequence[Place], by: User, now: datetime
) -> Commendation:
    """Write the list of an area and a year, or over it while it is not frozen.

    Raises ``ReportsError`` where it is frozen, or nobody is on it.
    """
    if not places:
        raise ReportsError(_("Tick at least one community."))
    lock_area(area)
    commendation, _is_new = Commendation.objects.get_or_create(area=area, year=year, defaults={"created_by": by})
    if commendation.is_frozen:
        raise ReportsError(_("This list is frozen; it never changes again."))
    commendation.title, commendation.text = title, text
    commendation.save(update_fields=["title", "text"])
    commendation.communities.all().delete()
    communities = dict(Area.objects.communities().values_list("code", "pk"))
    Commended.objects.bulk_create(
        Commended(
            commendation=commendation,
            community_id=communities[one.code],
            name=one.name,
            points=one.points,
            rank=one.rank,
        )
        for one in places
    )
    detail = {"year": year, "communities": [one.code for one in places]}
    record("reports.commendation_written", by=by, at=now, about=commendation, area_code=area.code, detail=detail)
    return commendation


@transaction.atomic
def freeze_commendation(commendation: Commendation, *, by: User, now: datetime) -> Commendation:
    """Freeze a list as it stands: who, when, points at that time. Raises ``ReportsError`` where it is frozen."""
    locked = Commendation.objects.select_for_update(of=("self",)).select_related("area").get(pk=commendation.pk)
    if locked.is_frozen:
        raise ReportsError(_("This list is frozen; it never changes again."))
    locked.frozen_by, locked.frozen_at = by, now
    locked.save(update_fields=["frozen_by", "frozen_at"])
    record("reports.commendation_frozen", by=by, at=now, about=locked, area_code=locked.area.code)
    return locked


def record_commendation_exported(commendation: Commendation, *, by: User, now: datetime) -> None:
    """Write down that a commendation list left as a document."""
    code = commendation.area.code
    record("reports.commendation_exported", by=by, at=now, about=commendation, area_code=code)
