"""What a group's robot says names nobody, whatever people typed: proved for every letter that any app writes.

A letter that nobody tries here fails the test of the list; one that is written elsewhere fails the test of the places.
"""

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import get_type_hints

import pytest
from django.conf import settings

from accounts.models import Language, User
from alerts import letters as alerts
from alerts.letters import Lacking, Tiding
from alerts.models import Alert, Drill, InformantLink, Mailbox, Observation, Shift, Source, Swap
from alerts.policy import Level
from alerts.teams import Person
from antifraud.tests.test_rooms import APPS
from campaigns import letters as campaigns
from campaigns.letters import EventNews
from campaigns.models import ChatGroup, Event, Problem, Site
from notifications.policy import for_groups, topic_of
from notifications.services import Letter
from reports import letters as reports
from reports.models import Inspection, Report
from residents import letters as residents
from residents.models import Area, FollowUp, Pairing, Resident
from sheets.models import FileJob
from sheets.services import ordering

AT = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
ON = date(2026, 4, 2)

NAME, PHONE, ADDRESS, ID_NUMBER = "麒麟居民", "19900007701", "貔貅楼7号901", "999999195001010012"
STAFF = "朱雀专员"
TYPED = f"{NAME}（{PHONE}，{ID_NUMBER}，{ADDRESS}）"
"""What somebody may have typed into any field that is free."""
SECRETS = (NAME, PHONE, ADDRESS, ID_NUMBER, STAFF, "199 0000 7701", "7701", "麒麟", "貔貅", "朱雀")

GRID = Area(pk=1, code="370105012003001", name="第三网格", level="grid")
COMMUNITY = Area(pk=2, code="370105012003", name="西苑社区", level="community")


def person(language: str, pk: int = 7) -> User:
    return User(pk=pk, name=STAFF, username="zhuque", phone="19900007702", language=language)


def resident() -> Resident:
    return Resident(pk=3, name=NAME, phone=PHONE, grid=GRID)


def alert() -> Alert:
    words = {"subject_name": NAME, "subject_phone": PHONE, "subject_address": ADDRESS, "description": TYPED}
    return Alert(pk=4, level=Level.HIGH, area_code=GRID.code, grid=GRID, **words)


def about_alerts(user: User) -> Iterator[Letter]:
    reader = Person(user.pk, STAFF, user.language)
    for tiding in Tiding:
        for is_drill in (False, True):
            told = alert()
            told.is_drill = is_drill
            yield alerts.write(
                told,
                to=reader,
                tidings=[tiding, Tiding.YOURS],
                key="k",
                purpose="respond",
                due_at=AT,
                grid_name=GRID.name,
            )


def swap(user: User) -> Swap:
    shift = Shift(pk=1, area=COMMUNITY, kind="desk", starts_at=AT, ends_at=AT + timedelta(hours=8))
    return Swap(pk=1, shift=shift, asked_by=user, asked_of=user, note=TYPED)


def drill(user: User) -> Drill:
    return Drill(pk=1, scenario=TYPED, starts_at=AT, leader=user, community=COMMUNITY)


def follow_up() -> FollowUp:
    return FollowUp(pk=1, resident=resident(), why="fraud", days=7, due_on=ON, cancelled_why=TYPED)


def inspection(user: User) -> Inspection:
    return Inspection(pk=1, on=ON, community=COMMUNITY, place=TYPED, found=TYPED, answer=TYPED, by=user)


def problem(user: User) -> Problem:
    return Problem(pk=1, area=COMMUNITY, what=TYPED, owner=user, due_on=ON, sent_back_why=TYPED)


def event() -> Event:
    times = {"starts_at": AT, "ends_at": AT + timedelta(hours=1)}
    return Event(pk=1, title=TYPED, form="visit", area=COMMUNITY, place=TYPED, cancelled_why=TYPED, **times)


def file_of(user: User) -> FileJob:
    return FileJob(pk=1, title=TYPED, by=user, area_code=COMMUNITY.code, state="failed", message=TYPED, touched_at=AT)


def thanks(user: User) -> Letter:
    link = InformantLink(pk=1, area=GRID, informant=user)
    return alerts.thanks(Observation(pk=1, link=link, informant=user, thanked_by=user, at=AT))


PAIRING = Pairing(pk=1, resident=resident(), starts_on=ON)
GROUPS = [ChatGroup(pk=1, name=TYPED)]

# Each function that writes a letter, with letters of it about somebody whose every word is secret.
WRITTEN: dict[Callable[..., Letter], Callable[[User], Iterator[Letter] | list[Letter]]] = {
    alerts.write: about_alerts,
    alerts.thanks: lambda user: [thanks(user)],
    alerts.feedback_due: lambda user: [alerts.feedback_due(alert(), to=user, what=what) for what in ("due", "late")],
    alerts.drill_announced: lambda user: [alerts.drill_announced(drill(user), to=user)],
    alerts.drill_ended: lambda user: [alerts.drill_ended(drill(user), to=user)],
    alerts.roster_lacks: lambda user: [
        alerts.roster_lacks(user, Lacking([], [STAFF]), community=COMMUNITY, on=ON),
    ],
    alerts.swap_asked: lambda user: [alerts.swap_asked(swap(user))],
    alerts.swap_answered: lambda user: [alerts.swap_answered(swap(user), is_accepted=it) for it in (True, False)],
    alerts.swap_agreed: lambda user: [alerts.swap_agreed(swap(user), manager=user)],
    alerts.messages_unread: lambda user: [
        alerts.messages_unread(user, source=source, number=2, now=AT) for source in (None, Source(pk=1, name=GRID.name))
    ],
    alerts.mailbox_silent: lambda user: [
        alerts.mailbox_silent(user, box=Mailbox(pk=1, name=TYPED, failing_since=AT), now=AT)
    ],
    residents.to_carer: lambda user: [residents.to_carer(user, [PAIRING], due=[ON])],
    residents.to_leader: lambda user: [residents.to_leader(user, GRID, [PAIRING], due=[ON], days=3)],
    residents.paired: lambda user: [residents.paired(Pairing(pk=1, resident=resident(), carer=user))],
    residents.follow_up_given: lambda user: [residents.follow_up_given(user, follow_up(), at=AT)],
    residents.follow_up_overdue: lambda user: [residents.follow_up_overdue(user, follow_up())],
    residents.follow_up_to_leader: lambda user: [residents.follow_up_to_leader(user, follow_up())],
    reports.report_to_sign: lambda user: [
        reports.report_to_sign(user, Report(pk=1, area=COMMUNITY, first=ON, after=ON))
    ],
    reports.inspection_to_answer: lambda user: [reports.inspection_to_answer(user, inspection(user))],
    reports.inspection_answered: lambda user: [reports.inspection_answered(inspection(user))],
    campaigns.to_owner_of_groups: lambda user: [
        campaigns.to_owner_of_groups(user, GROUPS, community=COMMUNITY.code, monday=ON),
    ],
    campaigns.push_summary: lambda user: [
        campaigns.push_summary(user, GROUPS, community=COMMUNITY.code, monday=ON),
    ],
    campaigns.site_overdue: lambda user: [
        campaigns.site_overdue(user, Site(pk=1, name=TYPED, area=COMMUNITY, due_on=ON)),
    ],
    campaigns.problem_given: lambda user: [campaigns.problem_given(problem(user), at=AT)],
    campaigns.problem_overdue: lambda user: [campaigns.problem_overdue(problem(user), monday=ON)],
    campaigns.problem_sent_back: lambda user: [campaigns.problem_sent_back(problem(user), at=AT)],
    campaigns.problem_to_strike: lambda user: [campaigns.problem_to_strike(user, problem(user), key="k")],
    campaigns.about_event: lambda user: [campaigns.about_event(user, event(), news, at=AT) for news in EventNews],
    ordering._letter: lambda user: [ordering._letter(file_of(user))],
}


def writers(module: ModuleType) -> set[Callable[..., Letter]]:
    """The functions of a module that hand a letter to others."""
    functions = [one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__]
    written = (one for one in functions if callable(one) and not isinstance(one, type))
    return {one for one in written if not one.__name__.startswith("_") and get_type_hints(one).get("return") is Letter}


@pytest.mark.parametrize("module", [alerts, campaigns, reports, residents], ids=lambda module: module.__name__)
def test_every_letter_that_an_app_writes_is_tried_here(module):
    untried = {writer.__name__ for writer in writers(module) - WRITTEN.keys()}
    assert not untried, "say in WRITTEN how these are written about somebody whose every word is secret"


def test_letters_are_written_in_the_letters_of_the_apps_and_for_files_that_are_ready_alone():
    places = set()
    for path in (path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py") if "tests" not in path.parts):
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        if any(getattr(call.func, "id", "") == "Letter" for call in calls):
            places.add(str(path.relative_to(settings.BASE_DIR)))
    assert places == {
        *(f"{app}/letters.py" for app in ("alerts", "campaigns", "reports", "residents")),
        "sheets/services/ordering.py",
    }


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("writer", WRITTEN, ids=lambda writer: f"{writer.__module__}.{writer.__name__}")
def test_what_a_group_reads_names_nobody(writer, language):
    for letter in WRITTEN[writer](person(language)):
        read = for_groups(letter.public_text)
        assert not [secret for secret in SECRETS if secret in read], read
        assert not [secret for secret in SECRETS if secret in letter.url], letter.url
        assert topic_of(letter.kind) is not None, f"people can have no wishes about {letter.kind}"
