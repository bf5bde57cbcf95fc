"""Visits to paired residents of a period, resident by resident."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from accounts.clock import local, midnight
from accounts.models import User
from accounts.personal_data import mask_name
from campaigns.policy import Span
from residents import figures
from residents.models import Membership, Pairing, Resident, Visit
from residents.policy import KEY_GROUPS, Group


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One paired resident: weeks in which a visit was due, weeks in which one was kept, and the last."""

    pk: int
    grid: str
    name: str
    age: int | None
    groups: str
    carer: str
    due: int
    kept: int
    last_on: date | None
    area_code: str = ""


def visit_rows(area_code: str, span: Span, *, now: datetime) -> list[VisitRow]:
    """Return the residents to be visited in the weeks that begin in a period. Five queries."""
    today = local(now).date()
    mondays = [day for day in _days(span) if day.weekday() == 0 and day <= today]
    found = figures.dues(Pairing.objects.within(area_code), mondays=mondays)
    kept = figures.grouped(found, lambda due: due.resident_id)
    carer_of = {due.resident_id: due.carer_id for due in found}
    people = Resident.objects.filter(pk__in=list(kept)).select_related("grid").order_by("grid__code", "pk")
    carers = User.objects.in_bulk(set(carer_of.values()))
    last = dict(
        Visit.objects.met()
        .filter(resident__in=list(kept), at__lt=midnight(span.after))
        .order_by()
        .values_list("resident")
        .annotate(last=Max("at"))
    )
    groups: dict[int, list[str]] = {}
    for pk, group in Membership.objects.filter(resident__in=list(kept), group__in=KEY_GROUPS).values_list(
        "resident_id", "group"
    ):
        groups.setdefault(pk, []).append(str(Group(group).label))
    return [
        VisitRow(
            pk=one.pk,
            grid=one.grid.name,
            name=mask_name(one.name),
            age=one.age(span.last),
            groups="、".join(groups.get(one.pk, ())),
            carer=str(carers[carer_of[one.pk]]),
            due=kept[one.pk].due,
            kept=kept[one.pk].kept,
            last_on=local(last[one.pk]).date() if one.pk in last else None,
            area_code=one.grid.code,
        )
        for one in people
    ]


def _days(span: Span) -> list[date]:
    return [span.first + timedelta(days=at) for at in range((span.after - span.first).days)]
