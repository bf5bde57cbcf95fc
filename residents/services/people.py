"""Who is taken onto the roster, changed, ended, or found to be one person twice."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.personal_data import id_number_index, phone_index
from accounts.services import record
from residents.models import FamilyContact, FollowUp, Membership, Pairing, Resident, Visit
from residents.models.people import ResidentQuerySet
from residents.policy import Departure
from residents.services.common import ResidentsError
from residents.services.follow_ups import cancel_follow_ups_of
from residents.services.roster import Written, write_roster


@transaction.atomic
def take_on(written: Written, *, by: User, now: datetime) -> Resident:
    """Take somebody onto the roster. Raises ``ResidentsError`` where the ID number is somebody's already."""
    _refuse_second(written, but=None)
    (entry,) = write_roster([written], [])
    resident = Resident.objects.select_related("grid").get(pk=entry["pk"])
    record("residents.taken_on", by=by, at=now, about=resident, area_code=resident.grid.code)
    return resident


@transaction.atomic
def change(resident: Resident, written: Written, *, by: User, now: datetime) -> Resident:
    """Write what somebody typed about a resident; the trail keeps which fields, never their values.

    A family contact that was there keeps its place; clearing it removes it. Raises ``ResidentsError`` where the ID
    number is somebody else's, or the record is anonymous: nobody would ever let go of it again.
    """
    _refuse_second(written, but=resident.pk)
    locked = Resident.objects.select_for_update(of=("self",)).select_related("grid", "household").get(pk=resident.pk)
    if locked.anonymised_at is not None:
        raise ResidentsError(_("This record was merged or made anonymous and cannot come back."))
    values: dict[str, Any] = {name: value for name, value in written.values.items() if getattr(locked, name) != value}
    fields = sorted(values)
    is_moved = written.grid.pk != locked.grid_id
    is_same_door = locked.household is not None and locked.household.door == written.door and not is_moved
    if written.door is None:
        values["household_id"] = None
    groups = None if written.groups is None or set(written.groups) == set(locked.groups) else written.groups
    family = _mend_family(locked, written.family)
    door = None if is_same_door else written.door
    write_roster([], [(locked.pk, Written(written.grid, door, values, groups, family))])
    fields += ["grid"] if is_moved else []
    fields += ["groups"] if groups is not None else []
    detail = {"fields": fields}
    record("residents.changed", by=by, at=now, about=locked, area_code=locked.grid.code, detail=detail)
    return Resident.objects.select_related("grid", "household").get(pk=locked.pk)


def _mend_family(resident: Resident, family: tuple[str, str, str] | None) -> tuple[str, str, str] | None:
    """Change or remove the contact that is called first; return one that is still to be added."""
    first = resident.family_contacts.first()
    if first is None:
        return family
    if family is None:
        first.delete()
    elif family != (first.name, first.relation, first.phone):
        first.name, first.relation, first.phone = family
        first.save()
    return None


def _refuse_second(written: Written, *, but: int | None) -> None:
    number = written.values.get("id_number")
    if not number:
        return
    other = Resident.objects.living_here().filter(id_hash=id_number_index(number)).exclude(pk=but or 0).first()
    if other is not None:
        raise ResidentsError(
            _("%(name)s in %(grid)s has this ID number already. Is it the same person? Then merge the two.")
            % {"name": other.masked_name, "grid": other.grid.name}
        )


@transaction.atomic
def end(resident: Resident, *, departure: Departure, ended_on: date, by: User, now: datetime) -> Resident:
    """Take somebody off the roster who moved, left or died. The record stays; a pairing ends with that day.

    Follow-up visits are cancelled. Raises ``ResidentsError`` for somebody who has gone already.
    """
    locked = Resident.objects.select_for_update(of=("self",)).select_related("grid").get(pk=resident.pk)
    if locked.ended_on is not None:
        raise ResidentsError(_("Not on the roster any more since %(date)s.") % {"date": locked.ended_on.isoformat()})
    locked.ended_on, locked.departure = ended_on, departure
    locked.save(update_fields=["ended_on", "departure"])
    for pairing in locked.pairings.filter(ends_on__isnull=True):
        pairing.ends_on = max(ended_on, pairing.starts_on)
        pairing.save(update_fields=["ends_on"])
    cancel_follow_ups_of(locked, now=now)
    detail = {"departure": str(departure), "on": ended_on.isoformat()}
    record("residents.ended", by=by, at=now, about=locked, area_code=locked.grid.code, detail=detail)
    return locked


@transaction.atomic
def bring_back(resident: Resident, *, by: User, now: datetime) -> Resident:
    """Put somebody back on the roster who had been taken off. Raises ``ResidentsError`` where that cannot be."""
    locked = Resident.objects.select_for_update(of=("self",)).select_related("grid").get(pk=resident.pk)
    if locked.merged_into_id is not None or locked.anonymised_at is not None:
        raise ResidentsError(_("This record was merged or made anonymous and cannot come back."))
    locked.ended_on, locked.departure = None, ""
    locked.save(update_fields=["ended_on", "departure"])
    record("residents.brought_back", by=by, at=now, about=locked, area_code=locked.grid.code)
    return locked


MENDED = ("sex", "birth_on", "phone", "id_number", "relation", "residence", "moved_in_on", "occupation", "devices")
MENDED_TICKS = ("has_app", "has_call_warning", "household")


@transaction.atomic
def merge(kept: Resident, twin: Resident, *, by: User, now: datetime) -> Resident:
    """Make one of two records of one person: what the kept one lacks it takes from the other, which is then ended.

    Visits, pairings, family and groups go along; texts are joined. What is elsewhere about the other record (an alert)
    stays with it and is found through ``merged_into``. Raises ``ResidentsError`` for one record, or one that has gone.
    """
    if kept.pk == twin.pk:
        raise ResidentsError(_("These are one and the same record."))
    people = Resident.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([kept.pk, twin.pk])
    one, other = people[kept.pk], people[twin.pk]
    if one.ended_on is not None or other.merged_into_id is not None:
        raise ResidentsError(_("One of the two is not on the roster any more."))
    for name in MENDED:
        setattr(one, name, getattr(one, name) or getattr(other, name))
    for name in MENDED_TICKS:
        if getattr(one, name) is None and (name != "household" or one.grid_id == other.grid_id):
            setattr(one, name, getattr(other, name))
    for name in ("note", "risks"):
        texts = dict.fromkeys(text for text in (getattr(one, name), getattr(other, name)) if text)
        setattr(one, name, "\n".join(texts))
    one.save()
    _hand_over(one, other)
    other.merged_into, other.departure = one, Departure.TWICE
    other.ended_on = other.ended_on or local(now).date()
    other.save(update_fields=["merged_into", "departure", "ended_on"])
    record("residents.merged", by=by, at=now, about=one, area_code=one.grid.code, detail={"twin": other.pk})
    return one


def _hand_over(one: Resident, other: Resident) -> None:
    """Give the kept record what hangs on the other."""
    Visit.objects.filter(resident=other).update(resident=one)
    FollowUp.objects.filter(resident=other).update(resident=one)
    if one.pairings.filter(ends_on__isnull=True).exists():
        for pairing in other.pairings.filter(ends_on__isnull=True):
            pairing.ends_on = pairing.starts_on
            pairing.save(update_fields=["ends_on"])
    Pairing.objects.filter(resident=other).update(resident=one)
    held = {membership.group for membership in one.memberships.all()}
    Membership.objects.bulk_create(
        [Membership(resident=one, group=group) for group in other.groups if group not in held]
    )
    numbers = {contact.phone for contact in one.family_contacts.all()}
    for order, contact in enumerate(other.family_contacts.all(), start=len(numbers) + 1):
        if contact.phone not in numbers:
            FamilyContact(
                resident=one, name=contact.name, relation=contact.relation, phone=contact.phone, order=order
            ).save()


def twins_of(resident: Resident, *, among: ResidentQuerySet) -> list[Resident]:
    """Return who might be the same person: the same ID number, the same phone, or the same name in one community."""
    alike = Q(name=resident.name, grid__code__startswith=resident.grid.community_code)
    if resident.id_number:
        alike |= Q(id_hash=id_number_index(resident.id_number))
    if resident.phone:
        alike |= Q(phone_hash=phone_index(resident.phone))
    others = among.living_here().filter(alike).exclude(pk=resident.pk).select_related("grid", "household")
    return list(others.order_by("grid__code", "pk")[:20])
