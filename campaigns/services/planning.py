"""Planning an event: entered, changed, moved, cancelled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from campaigns.models import Campaign, Event, EventPartner, EventStaff, Organisation
from campaigns.policy import Audience, EventState
from campaigns.services.common import OutreachError
from campaigns.services.telling import Before, tell_cancelled, tell_changed, tell_planned
from knowledge.models import FraudType
from residents.models import Area

PLAIN = (
    "title",
    "form",
    "area",
    "place",
    "starts_at",
    "ends_at",
    "audience",
    "expected_heads",
    "expected_volunteers",
    "note",
    "campaign",
)
"""What a plan says in the event's own fields."""


@dataclass(frozen=True, slots=True)
class NewPartner:
    """An organisation that is not known yet."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Plan:
    """An event as it is meant to be."""

    title: str
    form: str
    area: Area
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    audience: str = Audience.EVERYBODY
    expected_heads: int | None = None
    expected_volunteers: int | None = None
    note: str = ""
    campaign: Campaign | None = None
    more_areas: Sequence[Area] = ()
    fraud_types: Sequence[FraudType] = ()
    staff: Sequence[User] = ()
    partners: Sequence[Organisation] = ()
    new_partner: NewPartner | None = None


@transaction.atomic
def plan_event(plan: Plan, *, by: User, now: datetime) -> Event:
    """Plan an event and tell its staff; one whose time has passed is planned too, to be logged.

    Raises ``OutreachError``.
    """
    event = Event(created_by=by)
    write_plan(event, plan, now=now)
    record("campaigns.event_planned", by=by, at=now, about=event, area_code=event.area.code, detail=_said(event))
    tell_planned(event, by=by, now=now)
    return event


@transaction.atomic
def change_event(event: Event, plan: Plan, *, by: User, now: datetime) -> Event:
    """Change what is planned of one event; of a repetition it is this date alone.

    Raises ``OutreachError`` for one that was held or cancelled, or would end before it starts.
    """
    event = locked(event)
    before = Before.of(event)
    event.is_changed_alone = event.series_id is not None
    write_plan(event, plan, now=now)
    record("campaigns.event_changed", by=by, at=now, about=event, area_code=event.area.code, detail=_said(event))
    tell_changed(event, before, by=by, now=now)
    return event


@transaction.atomic
def move_event(event: Event, *, starts_at: datetime, ends_at: datetime, by: User, now: datetime) -> Event:
    """Move an event to another time. Raises ``OutreachError`` as ``change_event`` does."""
    event = locked(event)
    was, before = event.starts_at, Before.of(event)
    require_order(starts_at, ends_at)
    event.starts_at, event.ends_at = starts_at, ends_at
    event.is_changed_alone = event.series_id is not None
    save_changed(event, now=now)
    detail = {"from": was.isoformat(), "to": starts_at.isoformat()}
    record("campaigns.event_moved", by=by, at=now, about=event, area_code=event.area.code, detail=detail)
    tell_changed(event, before, by=by, now=now)
    return event


@transaction.atomic
def cancel_event(event: Event, *, why: str, by: User, now: datetime) -> Event:
    """Cancel an event that was not held, and say why. Raises ``OutreachError``."""
    event = locked(event)
    event.state, event.cancelled_why = EventState.CANCELLED, why
    save_changed(event, now=now)
    record("campaigns.event_cancelled", by=by, at=now, about=event, area_code=event.area.code, detail={"why": why})
    tell_cancelled(event, by=by, now=now)
    return event


def locked(event: Event) -> Event:
    """Return an event that is still planned, for this transaction alone. Raises ``OutreachError`` for another."""
    found = Event.objects.select_for_update(of=("self",)).select_related("area").get(pk=event.pk)
    if found.state == EventState.CANCELLED:
        raise OutreachError(_("This event was cancelled. Plan it anew if it is to take place after all."))
    if found.state == EventState.HELD:
        raise OutreachError(_("This event was held and logged: what had been planned stays as it was."))
    return found


def require_order(starts_at: datetime, ends_at: datetime) -> None:
    """Raise ``OutreachError`` for an event that ends before it starts."""
    if ends_at < starts_at:
        raise OutreachError(_("An event cannot end before it starts."))


def save_changed(event: Event, *, now: datetime) -> None:
    """Save an event so that calendars that subscribed see that it changed."""
    event.sequence += 1 if event.pk else 0
    event.changed_at = now
    event.save()


def write_plan(event: Event, plan: Plan, *, now: datetime) -> None:
    """Write a plan into an event, and everything that hangs on it. Call it within a transaction."""
    require_order(plan.starts_at, plan.ends_at)
    for name in PLAIN:
        setattr(event, name, getattr(plan, name))
    save_changed(event, now=now)
    event.more_areas.set(plan.more_areas)
    event.fraud_types.set(plan.fraud_types)
    _set_staff(event, plan.staff)
    _set_partners(event, [*plan.partners, *_made(plan)])


def _made(plan: Plan) -> list[Organisation]:
    """Return the organisation that was entered in place; one of that name that is there already is meant."""
    if plan.new_partner is None:
        return []
    area = plan.area.community or plan.area
    defaults = {"kind": plan.new_partner.kind}
    return [Organisation.objects.get_or_create(area=area, name=plan.new_partner.name, defaults=defaults)[0]]


def _set_staff(event: Event, people: Iterable[User]) -> None:
    wanted = {person.pk for person in people}
    event.staff.exclude(user__in=wanted).delete()
    there = set(event.staff.values_list("user_id", flat=True))
    EventStaff.objects.bulk_create(EventStaff(event=event, user_id=pk) for pk in sorted(wanted - there))


def _set_partners(event: Event, organisations: Iterable[Organisation]) -> None:
    """Plan with these; who came without being planned stays as who came."""
    wanted = {one.pk for one in organisations}
    others: QuerySet[EventPartner] = event.partners.exclude(organisation__in=wanted)
    others.filter(has_come=False).delete()
    others.update(is_planned=False)
    event.partners.filter(organisation__in=wanted).update(is_planned=True)
    there = set(event.partners.values_list("organisation_id", flat=True))
    EventPartner.objects.bulk_create(
        EventPartner(event=event, organisation_id=pk, is_planned=True) for pk in sorted(wanted - there)
    )


def _said(event: Event) -> dict[str, str]:
    return {"title": event.title, "starts_at": event.starts_at.isoformat()}
