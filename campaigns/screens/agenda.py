"""The agenda of a meeting, drawn from the week's data: what came of it, what is late, what stands open.

Apps that stand beside this one add what they know without outreach knowing them: the roof registers a source of lines
when the program starts (``antifraud.agenda``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.clock import local
from accounts.formats import day
from accounts.models import User
from campaigns.figures.week import Week, week_of_community
from campaigns.models import Meeting, Problem
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Point:
    """One point of an agenda and the lines below it."""

    title: str
    lines: tuple[str, ...]


class LineSource(Protocol):
    """What another app adds: lines about a community's week, of what this reader may see."""

    def lines(self, community: Area, *, first: date, after: date, user: User, on: date) -> Iterable[str]:
        """Return lines that name no resident; none where there is nothing to say."""


_SOURCES: list[LineSource] = []


def register_lines(source: LineSource) -> None:
    """Have a source's lines in every agenda from now on; called once, when the program starts."""
    _SOURCES.append(source)


def agenda_of(meeting: Meeting, *, user: User, on: date) -> list[Point]:
    """Return the agenda as the data stand today."""
    meeting_on = local(meeting.at).date()
    week = week_of_community(meeting.area, meeting_on=meeting_on, on=on)
    others = [
        line
        for source in _SOURCES
        for line in source.lines(meeting.area, first=week.first, after=meeting_on, user=user, on=on)
    ]
    return [
        Point(_("The week in numbers"), (*_counts(week), *others)),
        Point(_("What is late or missing"), tuple(_late(week)) or (_("Nothing."),)),
        Point(_("Problem list"), tuple(_problems(meeting.area, on=on)) or (_("Nothing stands open."),)),
        Point(_("The week to come"), tuple(_to_come(week))),
    ]


def as_text(points: Iterable[Point]) -> str:
    """Return an agenda as lines to keep and to edit."""
    return "\n".join(
        line
        for number, point in enumerate(points, start=1)
        for line in (f"{number}. {point.title}", *(f"   {said}" for said in point.lines))
    )


def _counts(week: Week) -> Iterable[str]:
    yield _("{first} to {last}: {events} outreach events held, {rounds} of them household visits.").format(
        first=day(week.first), last=day(week.last), events=week.events_held, rounds=week.visit_rounds
    )
    yield _("{people} residents met, {contacts} contacts.").format(people=week.people_met, contacts=week.contacts)
    if week.groups:
        yield _("{posts} messages pushed; {reached} of {groups} chat groups have their {number} of the week.").format(
            posts=week.posts,
            reached=week.groups - week.groups_below,
            groups=week.groups,
            number=week.at_least,
        )
    if week.visits.due:
        yield _("Visits kept: {kept}.").format(kept=week.visits)


def _late(week: Week) -> Iterable[str]:
    if week.events_to_log:
        yield ngettext(
            "%(number)d event was held and is not logged yet.",
            "%(number)d events were held and are not logged yet.",
            week.events_to_log,
        ) % {"number": week.events_to_log}
    if week.groups_below:
        yield ngettext(
            "%(number)d chat group is below the week's pushes.",
            "%(number)d chat groups are below the week's pushes.",
            week.groups_below,
        ) % {"number": week.groups_below}
    if week.sites_overdue:
        yield ngettext(
            "%(number)d publicity site is overdue.", "%(number)d publicity sites are overdue.", week.sites_overdue
        ) % {"number": week.sites_overdue}
    if week.visits_overdue:
        yield ngettext(
            "%(number)d visit to a key-group resident is overdue.",
            "%(number)d visits to key-group residents are overdue.",
            week.visits_overdue,
        ) % {"number": week.visits_overdue}
    if week.grids_with_holes:
        yield _("Posts to fill: {grids}.").format(grids=_("; ").join(week.grids_with_holes))


def _problems(community: Area, *, on: date) -> Iterable[str]:
    for problem in Problem.objects.within(community.code).standing().select_related("owner"):
        due = _("by {day}").format(day=day(problem.due_on))
        if problem.mended_on is not None:
            due = _("mended, to be struck off")
        elif problem.due_on < on:
            due = _("overdue since {day}").format(day=day(problem.due_on))
        yield f"{problem.what} · {problem.owner} · {due}"


def _to_come(week: Week) -> Iterable[str]:
    yield ngettext(
        "%(number)d outreach event is planned for the seven days from the meeting on.",
        "%(number)d outreach events are planned for the seven days from the meeting on.",
        week.events_planned,
    ) % {"number": week.events_planned}
