"""Outreach of a period row by row: events, pushes group by group, and whom it has not reached."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count

from accounts.clock import local
from accounts.personal_data import mask_name
from campaigns.figures.coverage import missed, newcomers
from campaigns.figures.outcomes import outcomes
from campaigns.models import ChatGroup, Event, Push, PushedTo, Rule
from campaigns.policy import Audience, Channel, RuleName, Span
from reports.policy import months_later
from residents.models import Resident

MOST_GROUPS = 400


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event that was held."""

    pk: int
    starts_at: datetime
    title: str
    form: str
    area: str
    place: str
    audience: str
    types: str
    partners: str
    heads: int
    volunteers: int
    handed_out: int
    installs: int
    pledges: int
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A chat group: who answers for it, posts sent to it, and in how many whole weeks it was sent too few."""

    pk: int
    name: str
    area: str
    owner: str
    posts: int
    weeks: int
    weeks_below: int
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class PushRow:
    """One line of the log of pushes: how many posts went to which of the groups."""

    on: date
    text: str
    posts: int
    groups: frozenset[int]


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """Somebody of 60 and over who has not been on site in twelve months."""

    pk: int
    grid: str
    name: str
    sex: str
    age: int | None
    building: str
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class NewcomersOfGrid:
    """Tenants and newcomers of a grid whom nobody has spoken to since they moved in."""

    grid_code: str
    grid: str
    people: int

    @property
    def area_code(self) -> str:
        """Where they live."""
        return self.grid_code


def event_rows(area_code: str, span: Span, *, most: int) -> list[EventRow]:
    """Return the events held in a period, in the order of the calendar."""
    held = Event.objects.within(area_code).held().between(span.first, span.after).earliest_first()[:most]
    keys = [event.pk for event in held]
    events = Event.objects.filter(pk__in=keys).earliest_first()
    more = {event.pk: event for event in events.select_related("area").prefetch_related("fraud_types")}
    return [
        EventRow(
            pk=row.pk,
            starts_at=row.starts_at,
            title=row.title,
            form=row.form,
            area=row.area,
            place=row.place,
            audience=str(more[row.pk].get_audience_display()),
            types="、".join(kind.name for kind in more[row.pk].fraud_types.all()),
            partners="、".join(row.partners_come),
            heads=row.heads,
            volunteers=row.volunteers,
            handed_out=row.handed_out,
            installs=row.installs,
            pledges=row.pledges,
            area_code=more[row.pk].area.code,
        )
        for row in outcomes(events)
    ]


def whole_weeks(span: Span) -> Iterator[date]:
    """Yield the Mondays of the weeks that lie in a period from their Monday to their Sunday."""
    monday = span.first + timedelta(days=-span.first.weekday() % 7)
    while monday + timedelta(days=7) <= span.after:
        yield monday
        monday += timedelta(days=7)


def group_rows(area_code: str, span: Span) -> list[GroupRow]:
    """Return the chat groups that run, with what was sent to each. Two queries."""
    groups = list(ChatGroup.objects.running().within(area_code).select_related("area", "owner")[:MOST_GROUPS])
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    sent: dict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = PushedTo.objects.filter(group__in=groups, push__on__gte=span.first, push__on__lt=span.after)
    for group, on, posts in rows.values_list("group_id", "push__on", "push__posts"):
        sent[group].append((on, posts))
    mondays = list(whole_weeks(span))
    return [
        GroupRow(
            pk=group.pk,
            name=group.name,
            area=group.area.name,
            owner=str(group.owner or ""),
            posts=sum(posts for _on, posts in sent[group.pk]),
            weeks=len(mondays),
            weeks_below=sum(_in_week(sent[group.pk], monday) < at_least for monday in mondays),
            area_code=group.area.code,
        )
        for group in groups
    ]


def _in_week(sent: Sequence[tuple[date, int]], monday: date) -> int:
    return sum(posts for on, posts in sent if monday <= on < monday + timedelta(days=7))


def push_rows(groups: Sequence[GroupRow], span: Span) -> list[PushRow]:
    """Return the pushes to some groups, the earliest first. Two queries."""
    to: dict[int, set[int]] = defaultdict(set)
    rows = PushedTo.objects.filter(
        group__in=[group.pk for group in groups], push__on__gte=span.first, push__on__lt=span.after
    )
    for push, group in rows.values_list("push_id", "group_id"):
        to[push].add(group)
    pushes = Push.objects.filter(pk__in=list(to)).order_by("on", "pk")
    return [PushRow(push.on, push.text, push.posts, frozenset(to[push.pk])) for push in pushes]


def blind_spots(area_code: str, span: Span, *, now: datetime, most: int) -> list[BlindSpot]:
    """Return those of 60 and over who were at no live event in the twelve months up to a period's last day."""
    on = min(span.last, local(now).date())
    year = Span(months_later(span.after, -12), span.after)
    people = missed(
        Resident.objects.within(area_code),
        audience=Audience.OVER_60,
        channels=[Channel.ON_SITE],
        span=year,
        on=on,
    )
    return [
        BlindSpot(
            pk=one.pk,
            grid=one.grid.name,
            name=mask_name(one.name),
            sex=str(one.get_sex_display()),
            age=one.age(on),
            building=one.household.building if one.household is not None else "",
            area_code=one.grid.code,
        )
        for one in people.select_related("grid", "household").defer("phone", "id_number")[:most]
    ]


def newcomers_by_grid(area_code: str, span: Span) -> list[NewcomersOfGrid]:
    """Return how many tenants and newcomers of each grid, here before the period's end, nobody has spoken to."""
    people = newcomers(Resident.objects.within(area_code).filter(moved_in_on__lt=span.after)).order_by()
    counted = people.values_list("grid__code", "grid__name").annotate(people=Count("pk")).order_by("grid__code")
    return [NewcomersOfGrid(code, name, number) for code, name, number in counted]
