"""Meetings of a community, and one of them with agenda, minutes and problems."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from accounts.models import User
from accounts.paging import ListPage, page_of
from campaigns.models import Meeting
from campaigns.policy import MeetingKind
from campaigns.screens.agenda import Point, agenda_of
from campaigns.screens.here import Here
from campaigns.screens.problems import ProblemRow, problem_row
from residents.models import Area


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One meeting in the list."""

    pk: int
    kind: str
    at: datetime
    place: str
    has_agenda: bool
    has_minutes: bool
    is_past: bool
    url: str


def meetings_page(user: User, here: Here, *, now: datetime, on: date, number: str) -> ListPage:
    """Return a page of a community's meetings, the latest first."""
    meetings = Meeting.objects.visible_to(user, on=on).within(here.code)
    return page_of(meetings, number=number).drawn(lambda meeting: _row(meeting, now=now))


def _row(meeting: Meeting, *, now: datetime) -> MeetingRow:
    return MeetingRow(
        pk=meeting.pk,
        kind=str(MeetingKind(meeting.kind).label),
        at=meeting.at,
        place=meeting.place,
        has_agenda=bool(meeting.agenda),
        has_minutes=bool(meeting.minutes),
        is_past=meeting.at <= now,
        url=reverse("campaigns:meeting", args=[meeting.pk]),
    )


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """One meeting: the agenda as kept, or else as the data stand, and the problems put on the list there."""

    meeting: Meeting
    community: Area
    kind: str
    drawn: tuple[Point, ...]
    problems: tuple[ProblemRow, ...]


def meeting_page(meeting: Meeting, *, user: User, on: date) -> MeetingPage:
    """Return what a meeting's page shows; the data are asked only where no agenda is kept."""
    drawn = () if meeting.agenda else tuple(agenda_of(meeting, user=user, on=on))
    problems = meeting.problems.select_related("owner", "area")
    return MeetingPage(
        meeting=meeting,
        community=meeting.area,
        kind=str(MeetingKind(meeting.kind).label),
        drawn=drawn,
        problems=tuple(problem_row(problem, user=user, on=on) for problem in problems),
    )
