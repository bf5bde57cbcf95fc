"""Whom outreach has reached, and whom it has not: counts with one definition each.

*Reached* is who was touched through one of the channels asked for, within the days asked for. *Weak* is who was not,
but is in a chat group that something was pushed to. Everybody on the roster counts, also those whom the reader may not
open: a number names nobody. Whoever has gone is not counted, wherever they were reached.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Q

from campaigns.models import ChatMember, CommunityCover, Touch, of_audience
from campaigns.policy import STRONG, Audience, Channel, Means, Span
from campaigns.services.touches import LAST_ON
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area, Resident, ResidentQuerySet
from residents.policy import Residence


@dataclass(frozen=True, slots=True)
class Cover:
    """So many should be reached; so many were, so many only weakly. Numbers of people, not of contacts."""

    should: int = 0
    reached: int = 0
    weak: int = 0

    @property
    def missed(self) -> int:
        """Who was not reached through the channels asked for, the weakly reached among them."""
        return self.should - self.reached

    def __add__(self, other: "Cover") -> "Cover":
        """Add up grids: everybody lives in one."""
        return Cover(self.should + other.should, self.reached + other.reached, self.weak + other.weak)


def total(covers: Iterable[Cover]) -> Cover:
    """Return the sum of grids."""
    return sum(covers, Cover())


def cover_by_grid(
    area_code: str, *, audience: Audience, channels: Collection[Channel], span: Span, on: date
) -> Mapping[int, Cover]:
    """Return the coverage of each grid with anybody of the audience in it, by the grid's primary key. One query."""
    here = of_audience(Resident.objects.living_here().within(area_code), audience, on=on).order_by()
    if span.reaches(on):
        reached, weak = _since(channels, span.first), _since([Channel.PUSH], span.first)
    else:
        here = here.annotate(was_reached=was_touched(channels, span), was_pushed=_was_pushed(span))
        reached, weak = Q(was_reached=True), Q(was_pushed=True)
    if Channel.PUSH in channels:
        reached |= weak
    rows = here.values("grid_id").annotate(
        should=Count("grid_id"),
        reached=Count("grid_id", filter=reached),
        pushed=Count("grid_id", filter=weak | reached),
    )
    return {row["grid_id"]: Cover(row["should"], row["reached"], row["pushed"] - row["reached"]) for row in rows}


def cover_by_community(
    area_code: str, *, audience: Audience, channels: Collection[Channel], span: Span, on: date
) -> Mapping[str, Cover]:
    """Return the coverage of each community with anybody of the audience in it, by its code. Two queries."""
    by_grid = cover_by_grid(area_code, audience=audience, channels=channels, span=span, on=on)
    sums: dict[str, Cover] = {}
    for grid, code in Area.objects.within(area_code).grids().order_by().values_list("pk", "code"):
        if grid in by_grid:
            community = code[:COMMUNITY_DIGITS]
            sums[community] = sums.get(community, Cover()) + by_grid[grid]
    return sums


def cover_kept(area_code: str, *, audience: Audience, means: Means) -> tuple[Mapping[str, Cover], datetime | None]:
    """Return the coverage of the past twelve months by community as it was last counted, and when. One query.

    Equal to ``cover_by_community`` at that moment.
    """
    kept = CommunityCover.objects.filter(within("area_code", (area_code,)), audience=audience, means=means)
    rows = list(kept.values_list("area_code", "should", "reached", "weak", "counted_at"))
    covers = {code: Cover(should, reached, weak) for code, should, reached, weak, _at in rows}
    return covers, min((at for *_counts, at in rows), default=None)


def _since(channels: Collection[Channel], first: date) -> Q:
    """Return the condition that a channel's last day lies on a day or after it."""
    condition = Q(pk__in=[])
    for channel in channels:
        condition |= Q(**{f"reach__{LAST_ON[channel]}__gte": first})
    return condition


def was_touched(channels: Collection[Channel], span: Span) -> Exists:
    """Return whether somebody was touched within some days: for days that ended before today."""
    touches = Touch.objects.filter(resident=OuterRef("pk"), channel__in=channels)
    return Exists(touches.between(span.first, span.after))


def _was_pushed(span: Span) -> Exists:
    """Return whether something was pushed, within some days, to a group that somebody was in on that day."""
    while_in = Q(until_on__isnull=True) | Q(until_on__gte=F("group__pushes__push__on"))
    return Exists(
        ChatMember.objects.filter(
            while_in,
            resident=OuterRef("pk"),
            since_on__lte=F("group__pushes__push__on"),
            group__pushes__push__on__gte=span.first,
            group__pushes__push__on__lt=span.after,
        )
    )


def missed(
    residents: ResidentQuerySet, *, audience: Audience, channels: Collection[Channel], span: Span, on: date
) -> ResidentQuerySet:
    """Return those of an audience whom no channel asked for has reached within some days, by stairwell and door."""
    here = of_audience(residents.living_here(), audience, on=on)
    if span.reaches(on):
        here = here.exclude(_since(channels, span.first))
    else:
        here = here.exclude(was_touched([one for one in channels if one != Channel.PUSH], span))
        here = here.exclude(_was_pushed(span)) if Channel.PUSH in channels else here
    return here.order_by("grid__code", "household__order", "name", "pk")


def reached_by_month(
    area_code: str, *, audience: Audience, channels: Collection[Channel], months: Collection[Span], on: date
) -> list[int]:
    """Return how many people of the audience were touched in each month; who came twice in one counts once in it.

    Pushes are not among them: nobody knows who read one. One query.
    """
    here = of_audience(Resident.objects.living_here().within(area_code), audience, on=on)
    touches = Touch.objects.filter(resident__in=here.order_by(), channel__in=channels).order_by()
    counts = {
        f"m{at}": Count("resident_id", distinct=True, filter=Q(on__gte=month.first, on__lt=month.after))
        for at, month in enumerate(months)
    }
    counted = touches.aggregate(**counts)
    return [counted[name] for name in counts]


NEW = (Residence.TENANT, Residence.NEWCOMER)


def newcomers(residents: ResidentQuerySet) -> ResidentQuerySet:
    """Return tenants and newcomers whom nobody has spoken to since they moved in, the longest here first.

    S3: all new owners and tenants are reached. Who has no date of moving in stands last.
    """
    reached = Q(pk__in=[])
    for channel in STRONG:
        last = f"reach__{LAST_ON[channel]}"
        reached |= Q(**{f"{last}__gte": F("moved_in_on")})
        reached |= Q(**{"moved_in_on__isnull": True, f"{last}__isnull": False})
    new = residents.living_here().filter(residence__in=NEW)
    return new.exclude(pk__in=new.filter(reached).order_by().values("pk")).order_by(
        F("moved_in_on").asc(nulls_last=True), "pk"
    )
