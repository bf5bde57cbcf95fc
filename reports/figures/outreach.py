"""Outreach and care of an area and some periods: what was done, whom it reached, what was kept.

Everything is counted where outreach and residents count it; here it is put to the parts of an area.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db.models import F, Min, Q

from accounts.clock import local
from campaigns.figures.coverage import NEW, Cover, cover_by_grid, cover_kept
from campaigns.figures.pushes import pushed_every_week
from campaigns.figures.work import EXACTLY, Work, people_by_place, pledges_by_place, work_by_place
from campaigns.models import ChatGroup, Rule
from campaigns.policy import CHANNELS_OF, STRONG, Audience, Means, Period, RuleName, Span, span_of
from reports.figures.places import Parts
from reports.figures.shapes import OutreachSums, Rate
from residents.figures import App, Kept, app_by_grid, app_kept, dues, grouped
from residents.models import COMMUNITY_DIGITS, Pairing, Resident

STILL_COUNTED = timedelta(days=1)
"""A count that is kept by a task is told while the task runs, which is more often than this."""

NOT_YET_OLD = timedelta(days=31)
"""A wide area's coverage is told as it was counted last where the period ended no longer ago than this."""


def outreach_by_part(parts: Parts, spans: Sequence[Span]) -> Mapping[str, list[OutreachSums]]:
    """Return what was done in each part within each of some periods. Eight queries."""
    code, digits = parts.area.code, COMMUNITY_DIGITS if parts.is_wide else EXACTLY
    works = work_by_place(code, spans, digits=digits)
    people = people_by_place(code, spans, digits=digits)
    pledges = pledges_by_place(code, spans, digits=digits)
    found: dict[str, list[OutreachSums]] = defaultdict(lambda: [OutreachSums()] * len(spans))
    for at in range(len(spans)):
        for place, done in works.items():
            found[parts.holding(place)][at] += _sums(done[at])
        for place, counts in people.items():
            found[parts.holding(place)][at] += OutreachSums(people=counts[at])
        for place, counts in pledges.items():
            found[parts.holding(place)][at] += OutreachSums(pledges=counts[at])
    return found


def _sums(work: Work) -> OutreachSums:
    return OutreachSums(
        events=work.events,
        lectures=work.lectures,
        households=work.households,
        heads=work.heads,
        leaflets=work.leaflets,
        posts=work.posts,
        installs=work.installs,
    )


def app_by_part(parts: Parts, *, on: date) -> Mapping[str, App]:
    """Return how many live in each part today, and how many of them have the app. One query, or two.

    A wide area's is told as it was counted last (``residents.tasks.count_app``, every quarter of an hour); where that
    was before yesterday nobody counts any more, and it is counted on the spot.
    """
    found: dict[str, App] = defaultdict(lambda: App(0, 0, 0, 0))
    if parts.is_wide:
        kept, at = app_kept(parts.area.code)
        if at is not None and on - local(at).date() <= STILL_COUNTED:
            for code, app in kept.items():
                found[parts.holding(code)] += app
            return found
    for pk, app in app_by_grid(Resident.objects.within(parts.area.code)).items():
        found[parts.holding(parts.grids.get(pk))] += app
    return found


def elders_by_part(parts: Parts, last: date, *, on: date) -> Mapping[str, Cover]:
    """Return who of 60 and over was on site in the twelve months up to a day, by part. One query.

    A wide area's is told as it was counted last (``campaigns.tasks.count_coverage``), unless the day is long over.
    """
    audience, means = Audience.OVER_60, Means.ON_SITE
    if parts.is_wide and on - last <= NOT_YET_OLD:
        kept, at = cover_kept(parts.area.code, audience=audience, means=means)
        if at is not None:
            return kept
    span = span_of(Period.YEAR, on=last)
    found: dict[str, Cover] = defaultdict(Cover)
    covers = cover_by_grid(parts.area.code, audience=audience, channels=CHANNELS_OF[means], span=span, on=on)
    for pk, cover in covers.items():
        found[parts.holding(parts.grids.get(pk))] += cover
    return found


def visits_by_part(parts: Parts, mondays: Sequence[date]) -> Mapping[str, Kept]:
    """Return the visits kept in some weeks of those due, by part. Two queries."""
    found = dues(Pairing.objects.within(parts.area.code), mondays=mondays)
    return grouped(found, lambda due: parts.holding(due.grid_code))


def newcomers_reached(area_code: str, span: Span) -> Rate:
    """Return how many tenants and newcomers were spoken to within the policy's days of moving in. Two queries.

    Of those who live here and whose days ended in the period; who has no date of moving in is in no period.
    """
    days = timedelta(days=Rule.objects.number(RuleName.NEWCOMER_DAYS))
    spoken_to = Q(touches__channel__in=STRONG, touches__on__gte=F("moved_in_on"))
    new = (
        Resident.objects.living_here()
        .within(area_code)
        .filter(residence__in=NEW, moved_in_on__gte=span.first - days, moved_in_on__lt=span.after - days)
    )
    rows = new.order_by().values("pk").annotate(first=Min("touches__on", filter=spoken_to))
    found = list(rows.values_list("moved_in_on", "first"))
    return Rate(sum(_is_within(moved_in, first, days) for moved_in, first in found), len(found))


def _is_within(moved_in: date | None, first: date | None, days: timedelta) -> bool:
    return moved_in is not None and first is not None and first <= moved_in + days


def groups_by_part(parts: Parts, mondays: Sequence[date]) -> Mapping[str, Rate]:
    """Return how many chat groups were pushed to as often as the policy asks in each of some weeks, by part.

    Three queries.
    """
    groups = ChatGroup.objects.running().within(parts.area.code)
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    found: dict[str, Rate] = defaultdict(Rate)
    for area, is_kept in pushed_every_week(groups, mondays=mondays, at_least=at_least):
        found[parts.holding(area)] += Rate(int(is_kept), 1)
    return found
