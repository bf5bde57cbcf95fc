"""A week of pushes by group, the weeks before, and the page on which a push is logged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import User
from accounts.roles import Duty
from campaigns.figures.pushes import PushWeek, push_weeks
from campaigns.models import ChatGroup, ChatGroupQuerySet, ChatMember, Push, Rule
from campaigns.models.audiences import of_audience
from campaigns.policy import AUDIENCE_OF_GROUP, Audience, GroupKind, RuleName, is_push_week_late, missing, week_of
from campaigns.screens.here import Here
from residents.models import Resident, ResidentQuerySet

WEEKS_BEFORE = 8
LOG_LINES = 30
MEMBERS_SHOWN = 200
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group in a week: how many posts it got, and how many are still missing."""

    pk: int
    name: str
    area: str
    kind: str
    owner: str
    people: int
    done: int
    missing: int
    is_late: bool
    url: str


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A community's week of pushes."""

    monday: date
    sunday: date
    at_least: int
    is_running: bool
    is_late: bool
    rows: tuple[GroupRow, ...]
    said: PushWeek
    before: tuple[PushWeek, ...]
    log: tuple[Push, ...]
    given_up: tuple[ChatGroup, ...]
    earlier: date
    later: date | None

    @property
    def below(self) -> int:
        """How many groups are below the week's number."""
        return sum(bool(row.missing) for row in self.rows)


def week_page(user: User, here: Here, *, day: date, on: date) -> WeekPage:
    """Return the week of a day, the groups with something missing first. Seven queries, however many groups."""
    monday, after = week_of(day)
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    groups = ChatGroup.objects.visible_to(user, on=on).within(here.code)
    running = groups.running()
    is_running = monday <= on < after
    is_late = after <= on or (is_running and is_push_week_late(on))
    rows = [
        _row(group, at_least=at_least, is_late=is_late)
        for group in running.with_pushes(monday, after).select_related("area", "owner")
    ]
    mondays = [monday - timedelta(weeks=week) for week in range(WEEKS_BEFORE + 1)]
    weeks = push_weeks(running, mondays=mondays, at_least=at_least)
    log = Push.objects.visible_to(user, on=on).within(here.code).between(monday, after).select_related("by")
    return WeekPage(
        monday=monday,
        sunday=after - timedelta(days=1),
        at_least=at_least,
        is_running=is_running,
        is_late=is_late,
        rows=tuple(sorted(rows, key=lambda row: (-row.missing, row.area, row.name))),
        said=weeks[0],
        before=tuple(_since_first_push(weeks[1:])),
        log=tuple(log.with_groups()[:LOG_LINES]),
        given_up=tuple(groups.given_up().select_related("area")),
        earlier=monday - timedelta(days=7),
        later=None if after > on else after,
    )


def _since_first_push(weeks: Sequence[PushWeek]) -> Sequence[PushWeek]:
    """Leave out the weeks before anything was logged here: nobody was behind in them."""
    logged = [number for number, week in enumerate(weeks, start=1) if week.posts]
    return weeks[: max(logged, default=0)]


def _row(group: ChatGroup, *, at_least: int, is_late: bool) -> GroupRow:
    lacking = missing(group.pushed, at_least=at_least)
    return GroupRow(
        pk=group.pk,
        name=group.name,
        area=group.area.name,
        kind=str(GroupKind(group.kind).label),
        owner=str(group.owner or ""),
        people=group.people,
        done=group.pushed,
        missing=lacking,
        is_late=bool(lacking) and is_late,
        url=reverse("campaigns:group", args=[group.pk]),
    )


@dataclass(frozen=True, slots=True)
class Tick:
    """A press that ticks several groups at once: those whose ``data-in`` holds its key."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class GroupBox:
    """One group to tick."""

    pk: int
    name: str
    area: str
    people: int
    missing: int
    owner_key: str
    area_key: str


def boxes_of(groups: ChatGroupQuerySet, *, on: date) -> list[GroupBox]:
    """Return the groups to tick, with what this week still asks of each."""
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    found = groups.running().with_pushes(*week_of(on)).select_related("area")
    return [
        GroupBox(
            pk=group.pk,
            name=group.name,
            area=group.area.name,
            people=group.people,
            missing=missing(group.pushed, at_least=at_least),
            owner_key=f"owner-{group.owner_id or 0}",
            area_key=f"area-{group.area.code}",
        )
        for group in found
    ]


def area_ticks(boxes: Sequence[GroupBox]) -> list[Tick]:
    """Return one press for each area that has groups, where there is more than one area."""
    counts = Counter((box.area_key, box.area) for box in boxes)
    return [Tick(key, area, count) for (key, area), count in counts.items()] if len(counts) > 1 else []


def ticked_at_first(boxes: Sequence[GroupBox], user: User, *, asked: str) -> list[int]:
    """Return the groups ticked when the page opens: one's own, where a reminder led there."""
    return [box.pk for box in boxes if asked == "mine" and box.owner_key == f"owner-{user.pk}"]


@dataclass(frozen=True, slots=True)
class Member:
    """A resident known to be in a group, as lists show them."""

    pk: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Members:
    """Those of a group's members whose names this reader may see, and how many there are in all."""

    shown: tuple[Member, ...]
    count: int


def members_of(group: ChatGroup, user: User, *, on: date) -> Members:
    """Return who is known to be in a group."""
    current = ChatMember.objects.current().of_group(group)
    seen = current.visible_to(user, on=on).select_related("resident__household").order_by("resident__household__order")
    return Members(
        tuple(Member(one.pk, one.resident.masked_name, one.resident.address) for one in seen[:MEMBERS_SHOWN]),
        current.count(),
    )


def possible_members(group: ChatGroup, user: User, *, on: date) -> ResidentQuerySet:
    """Return the residents of a group's area whom somebody may note as members."""
    living = Resident.objects.living_here().within(group.area.code)
    return living.visible_to(user, on=on, duty=Duty.LOG_OUTREACH)


def usual_members(group: ChatGroup, user: User, *, on: date) -> ResidentQuerySet:
    """Return those for whom a group of this kind is: the tenants for a group of tenants, everybody for most."""
    audience = AUDIENCE_OF_GROUP.get(GroupKind(group.kind), Audience.EVERYBODY)
    return of_audience(possible_members(group, user, on=on), audience, on=on)


def found_members(group: ChatGroup, user: User, *, who: str, on: date) -> list[Member]:
    """Return residents by the beginning of their name, or the last four digits of their phone number."""
    residents = possible_members(group, user, on=on).select_related("household")
    is_tail = len(who) == 4 and who.isascii() and who.isdigit()
    found = residents.with_phone_ending(who) if is_tail else residents.whose_name_begins(who)
    return [Member(one.pk, one.masked_name, one.address) for one in found[:MOST_FOUND]]
