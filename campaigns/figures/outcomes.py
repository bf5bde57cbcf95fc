"""What was planned of events and what came of them, side by side, and added up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum

from campaigns.models import Campaign, Event, Pledge, StockMove, Touch, Volunteer
from campaigns.models.events import EventPartner
from campaigns.policy import Channel, EventState


@dataclass(frozen=True, slots=True)
class Outcome:
    """One event: planned and actual. Visitors are the heads counted, or the names on the list where these are more."""

    pk: int
    title: str
    form: str
    state: str
    starts_at: datetime
    ends_at: datetime
    place: str
    area: str
    partners_planned: tuple[str, ...]
    partners_come: tuple[str, ...]
    expected_heads: int | None
    heads: int
    volunteers_planned: int | None
    volunteers: int
    handed_out: int
    installs: int
    pledges: int

    @property
    def is_held(self) -> bool:
        """Whether it took place and was logged: before that its figures mean nothing."""
        return self.state == EventState.HELD

    @property
    def partners_differ(self) -> bool:
        """Whether others came than were planned."""
        return self.is_held and set(self.partners_planned) != set(self.partners_come)


@dataclass(frozen=True, slots=True)
class Totals:
    """The events of a campaign added up. What is expected counts the events that were held, as what came does."""

    events: int
    held: int
    cancelled: int
    expected_heads: int
    heads: int
    volunteers_planned: int
    volunteers: int
    partners_planned: int
    partners_come: int
    handed_out: int
    installs: int
    pledges: int
    named_times: int
    named_people: int

    @property
    def to_come(self) -> int:
        """Events that were neither held and logged nor cancelled."""
        return self.events - self.held - self.cancelled


def outcomes(events: QuerySet[Event]) -> list[Outcome]:
    """Return what was planned of some events and what came of it, in their order: six queries for any number."""
    rows = list(events.select_related("area").prefetch_related("partners__organisation"))
    keys = [row.pk for row in rows]
    volunteers = _counted(Volunteer.objects.filter(event__in=keys))
    named = _counted(Touch.objects.filter(event__in=keys, channel=Channel.ON_SITE))
    pledges = _counted(Pledge.objects.filter(event__in=keys))
    moved = StockMove.objects.filter(event__in=keys).order_by().values_list("event").annotate(moved=Sum("amount"))
    handed_out = dict(moved)
    return [
        Outcome(
            pk=row.pk,
            title=row.title,
            form=str(row.get_form_display()),
            state=row.state,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            place=row.place,
            area=row.area.name,
            partners_planned=_names(one for one in row.partners.all() if one.is_planned),
            partners_come=_names(one for one in row.partners.all() if one.has_come),
            expected_heads=row.expected_heads,
            heads=max(row.heads, named.get(row.pk, 0)),
            volunteers_planned=row.expected_volunteers,
            volunteers=volunteers.get(row.pk, 0),
            handed_out=-handed_out.get(row.pk, 0),
            installs=row.installs,
            pledges=row.pledges + pledges.get(row.pk, 0),
        )
        for row in rows
    ]


def totals(rows: Sequence[Outcome], campaign: Campaign) -> Totals:
    """Return a campaign's events added up: times somebody was reached by name, and how many people these are."""
    held = [row for row in rows if row.is_held]
    touches = Touch.objects.filter(event__campaign=campaign, event__state=EventState.HELD)
    named = touches.aggregate(times=Count("pk"), people=Count("resident", distinct=True))
    return Totals(
        events=len(rows),
        held=len(held),
        cancelled=sum(row.state == EventState.CANCELLED for row in rows),
        expected_heads=sum(row.expected_heads or 0 for row in held),
        heads=sum(row.heads for row in held),
        volunteers_planned=sum(row.volunteers_planned or 0 for row in held),
        volunteers=sum(row.volunteers for row in held),
        partners_planned=len({name for row in held for name in row.partners_planned}),
        partners_come=len({name for row in held for name in row.partners_come}),
        handed_out=sum(row.handed_out for row in held),
        installs=sum(row.installs for row in held),
        pledges=sum(row.pledges for row in held),
        named_times=named["times"],
        named_people=named["people"],
    )


def _counted(rows: QuerySet[Volunteer] | QuerySet[Touch] | QuerySet[Pledge]) -> dict[int, int]:
    return dict(rows.order_by().values_list("event").annotate(number=Count("pk")))


def _names(partners: Iterable[EventPartner]) -> tuple[str, ...]:
    return tuple(one.organisation.name for one in partners)
