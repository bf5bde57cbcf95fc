"""Writing down what came of an event; as often as somebody knows better."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from accounts.clock import local
from accounts.models import User
from campaigns.letters import event_key
from campaigns.models import Event, EventPartner, Material, Organisation, StockMove, Volunteer
from campaigns.policy import EventState
from campaigns.services.common import locked, note, require_begun
from notifications.services import withdraw


@dataclass(frozen=True)
class Outcome:
    """What came of an event, as somebody who was there says it."""

    heads: int = 0
    installs: int = 0
    pledges: int = 0
    reflection: str = ""
    # How many of each material went out, by its key.
    handed_out: Mapping[int, int] = field(default_factory=dict)
    # The keys of the organisations that came, and the name and kind of one that nobody knew of.
    came: Collection[int] = ()
    new_partner: tuple[str, str] | None = None
    volunteers: Sequence[tuple[str, Decimal | None]] = ()


@transaction.atomic
def log_event(event: Event, *, outcome: Outcome, by: User, now: datetime) -> Event:
    """Write down what came of an event: it is held from now on. Once more corrects it, and nothing counts double.

    Raises ``OutreachError`` for an event that lies ahead or was cancelled.
    """
    event = locked(event)
    require_begun(event, now=now)
    is_first = event.state != EventState.HELD
    event.heads, event.installs, event.pledges = outcome.heads, outcome.installs, outcome.pledges
    event.reflection = outcome.reflection
    event.state, event.logged_by, event.logged_at = EventState.HELD, by, now
    event.save()
    withdraw([event_key(event.pk)], now=now)
    _write_partners(event, outcome)
    _hand_out(event, outcome.handed_out, by=by)
    _write_volunteers(event, outcome.volunteers)
    note(
        "event_logged" if is_first else "event_corrected",
        event,
        by=by,
        now=now,
        heads=outcome.heads,
        installs=outcome.installs,
        pledges=outcome.pledges,
        handed_out=sum(outcome.handed_out.values()),
        partners=len(outcome.came),
        volunteers=len(outcome.volunteers),
    )
    return event


def _write_partners(event: Event, outcome: Outcome) -> None:
    """Note who came. Who was planned stays on the plan; who was neither planned nor came goes."""
    came = set(outcome.came)
    if outcome.new_partner is not None:
        name, kind = outcome.new_partner
        area = event.area.community or event.area
        came.add(Organisation.objects.get_or_create(area=area, name=name, defaults={"kind": kind})[0].pk)
    event.partners.filter(is_planned=False).exclude(organisation__in=came).delete()
    for partner in event.partners.all():
        partner.has_come = partner.organisation_id in came
        partner.save(update_fields=["has_come"])
    known = set(event.partners.values_list("organisation_id", flat=True))
    EventPartner.objects.bulk_create(
        EventPartner(event=event, organisation_id=key, has_come=True) for key in sorted(came - known)
    )


def _hand_out(event: Event, numbers: Mapping[int, int], *, by: User) -> None:
    """Take what was handed out off the stock, in place of what was written for this event before."""
    event.handouts.all().delete()
    on = local(event.starts_at).date()
    StockMove.objects.bulk_create(
        StockMove(material_id=key, amount=-number, event=event, on=on, by=by)
        for key, number in numbers.items()
        if number
    )


def _write_volunteers(event: Event, volunteers: Sequence[tuple[str, Decimal | None]]) -> None:
    event.volunteers.all().delete()
    Volunteer.objects.bulk_create(Volunteer(event=event, name=name, hours=hours) for name, hours in volunteers)


def short_of(event: Event) -> list[Material]:
    """Return what was handed out at an event and is below nothing since: more went out than was counted in."""
    handed = Material.objects.filter(pk__in=event.handouts.values("material"))
    return [material for material in handed.with_stock() if material.stock < 0]
