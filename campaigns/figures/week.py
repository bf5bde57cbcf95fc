"""A community's week in numbers, for the agenda of its meeting.

The week is the seven days before the meeting's own. What stands open or overdue is as of the day it is asked.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Sum

from accounts.clock import midnight
from campaigns.models import ChatGroup, Event, Problem, Push, Rule, Site, Touch
from campaigns.policy import Form, RuleName
from residents import figures as residents_figures
from residents.figures import Kept
from residents.models import Area, Pairing
from residents.models import Rule as ResidentsRule
from residents.policy import RuleName as ResidentsRuleName
from residents.policy import days_overdue, monday_of


@dataclass(frozen=True, slots=True)
class Week:
    """What a community's outreach and care did in a week, and what stands."""

    first: date
    last: date
    events_held: int
    events_planned: int
    events_to_log: int
    visit_rounds: int
    people_met: int
    contacts: int
    posts: int
    groups: int
    groups_below: int
    at_least: int
    sites_overdue: int
    visits: Kept
    visits_overdue: int
    problems_open: int
    problems_overdue: int
    problems_to_strike: int
    grids_with_holes: tuple[str, ...]


def week_of_community(community: Area, *, meeting_on: date, on: date) -> Week:
    """Return the seven days before a meeting, and what stands open on the day it is asked."""
    first, code = meeting_on - timedelta(days=7), community.code
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    events = Event.objects.within(code)
    held = events.held().between(first, meeting_on)
    touches = Touch.objects.within(code).between(first, meeting_on)
    met = touches.order_by().aggregate(people=Count("resident", distinct=True), contacts=Count("pk"))
    groups = ChatGroup.objects.running().within(code)
    problems = Problem.objects.within(code)
    return Week(
        first=first,
        last=meeting_on - timedelta(days=1),
        events_held=held.count(),
        events_planned=events.planned().between(meeting_on, meeting_on + timedelta(days=7)).count(),
        events_to_log=events.planned().filter(ends_at__lt=midnight(on)).count(),
        visit_rounds=held.filter(form=Form.HOUSEHOLD).count(),
        people_met=met["people"],
        contacts=met["contacts"],
        posts=Push.objects.within(code).between(first, meeting_on).aggregate(sum=Sum("posts"))["sum"] or 0,
        groups=groups.count(),
        groups_below=groups.lacking(meeting_on - timedelta(days=1), at_least=at_least).count(),
        at_least=at_least,
        sites_overdue=Site.objects.within(code).overdue(on).count(),
        visits=_visits_kept(code, day=meeting_on - timedelta(days=1)),
        visits_overdue=_visits_overdue(code, on=on),
        problems_open=problems.to_mend().count(),
        problems_overdue=problems.overdue(on).count(),
        problems_to_strike=problems.to_strike().count(),
        grids_with_holes=_grids_with_holes(code, on=on),
    )


def _visits_kept(code: str, *, day: date) -> Kept:
    pairings = Pairing.objects.within(code)
    return residents_figures.total(residents_figures.dues(pairings, mondays=[monday_of(day)]))


def _visits_overdue(code: str, *, on: date) -> int:
    every = ResidentsRule.objects.number(ResidentsRuleName.VISIT_EVERY_DAYS)
    running = Pairing.objects.current(on).of_those_living_here().within(code).with_last_visits()
    return sum(days_overdue(pairing.due_on(every_days=every), on) > 0 for pairing in running)


def _grids_with_holes(code: str, *, on: date) -> tuple[str, ...]:
    grids = list(Area.objects.within(code).grids())
    staffed = residents_figures.staffing_by_grid(grids, on=on)
    return tuple(grid.name for grid in grids if not staffed[grid.code].is_whole)
