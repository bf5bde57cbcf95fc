"""The work done in an area within some days: the figures of the standard sentence, and what was taught.

An event counts by the day it began, once it was logged. Each figure says what it counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from accounts.clock import midnight
from campaigns.figures.beside import dissuaded
from campaigns.models import Door, Event, PushedTo, StockMove
from campaigns.policy import DoorResult, Form, Span
from residents.access import within
from residents.models import Visit
from residents.policy import VisitResult


@dataclass(frozen=True, slots=True)
class Work:
    """What the standard sentence of every summary counts (field notes, Statistics)."""

    households: int
    """Flats where somebody was talked to, at the door of an outreach or on a care visit; a flat counts once."""
    leaflets: int
    """Pieces handed out at events."""
    lectures: int
    """Lectures held."""
    posts: int
    """Posts in chat groups: one post sent on to eighteen groups is eighteen."""
    dissuaded: int
    """People talked out of a transfer."""
    saved: Decimal
    """Yuan saved by that, an estimate."""
    installs: int
    """People who installed the app: counted at events, and ticked at doors."""
    events: int
    """Events held, of any form."""
    heads: int
    """Visits to events as counted: whoever came twice is two (人次)."""


def work_of(area_code: str, span: Span) -> Work:
    """Return the work of an area within some days. Seven queries, and those of who stands beside."""
    events = Event.objects.within(area_code).held().between(span.first, span.after)
    counted = events.aggregate(
        events=Count("pk"),
        lectures=Count("pk", filter=Q(form=Form.LECTURE)),
        heads=Coalesce(Sum("heads"), 0),
        installs=Coalesce(Sum("installs"), 0),
    )
    begin, end = midnight(span.first), midnight(span.after)
    talked = Door.objects.filter(
        within("household__grid__code", (area_code,)), result=DoorResult.TALKED, at__gte=begin, at__lt=end
    )
    visited = Visit.objects.within(area_code).filter(result=VisitResult.MET, at__gte=begin, at__lt=end)
    doors = set(talked.values_list("household_id", flat=True))
    doors |= set(visited.exclude(resident__household=None).values_list("resident__household_id", flat=True))
    handed = StockMove.objects.filter(event__in=events, amount__lt=0).aggregate(sum=Coalesce(Sum("amount"), 0))
    pushed = PushedTo.objects.filter(
        within("group__area__code", (area_code,)), push__on__gte=span.first, push__on__lt=span.after
    )
    people, yuan = dissuaded(area_code, span)
    return Work(
        households=len(doors),
        leaflets=-handed["sum"],
        lectures=counted["lectures"],
        posts=pushed.aggregate(sum=Coalesce(Sum("push__posts"), 0))["sum"],
        dissuaded=people,
        saved=yuan,
        installs=counted["installs"] + talked.filter(has_installed=True).count(),
        events=counted["events"],
        heads=counted["heads"],
    )


def taught_by_type(area_code: str, span: Span) -> Mapping[int, int]:
    """Return how many events held within some days taught of each type of fraud, by its primary key. One query."""
    events = Event.objects.within(area_code).held().between(span.first, span.after)
    rows = events.exclude(fraud_types=None).order_by().values_list("fraud_types").annotate(count=Count("pk"))
    return dict(rows)
