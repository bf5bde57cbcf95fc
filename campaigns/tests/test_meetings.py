"""Meetings and their agenda; problems, chased from the day they are late until somebody strikes them off."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.clock import today
from accounts.roles import Role
from campaigns import services
from campaigns.models import Meeting, Problem
from campaigns.policy import ProblemState
from campaigns.screens import agenda as agendas
from campaigns.screens.agenda import agenda_of, as_text
from campaigns.services import OutreachError
from campaigns.tests.factories import ChatGroupFactory, EventFactory, MeetingFactory, ProblemFactory, SiteFactory
from notifications.models import Notice
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db
ON, NOW = date(2026, 11, 19), datetime(2026, 11, 19, 2, 0, tzinfo=UTC)


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, name="郭涛淑")


@pytest.fixture
def manager(place):
    return make_staff(Role.MANAGER, place.community, name="李芳雨")


@pytest.fixture
def leader(place):
    return make_staff(Role.GRID_LEADER, place.grid, name="何建子")


def add(place, *, owner, by, due=ON):
    return services.add_problem(area=place.grid, what="东门宣传栏破损", owner=owner, due_on=due, by=by, now=NOW)


def test_a_problem_goes_from_given_to_mended_to_struck_off_and_everybody_concerned_is_told(
    place, worker, manager, leader
):
    problem = add(place, owner=leader, by=manager)
    assert Notice.objects.get(recipient=leader, withdrawn_at=None).purpose == "mend"
    services.mark_mended(problem, how="换了新玻璃", by=leader, now=NOW)
    assert not Notice.objects.filter(recipient=leader, withdrawn_at=None).exists()
    waiting = Notice.objects.filter(purpose="strike", withdrawn_at=None)
    assert {notice.recipient for notice in waiting} == {worker, manager}
    services.strike_off(problem, by=worker, now=NOW)
    assert not Notice.objects.filter(withdrawn_at=None).exists()
    assert (problem.state, problem.struck_by) == (ProblemState.STRUCK, worker)


def test_a_problem_sent_back_says_why_and_is_to_be_mended_again(place, manager, leader):
    problem = add(place, owner=leader, by=manager)
    services.mark_mended(problem, how="擦过了", by=leader, now=NOW)
    services.send_back(problem, why="玻璃还是碎的", by=manager, now=NOW)
    assert problem.state == ProblemState.TO_MEND
    assert "玻璃还是碎的" in Notice.objects.filter(recipient=leader, withdrawn_at=None).get().title
    services.mark_mended(problem, how="换了", by=leader, now=NOW)
    assert problem.sent_back_why == ""


def test_nobody_strikes_off_what_they_mended_themselves_while_another_may(place, worker, manager):
    problem = add(place, owner=worker, by=manager)
    services.mark_mended(problem, how="换了", by=worker, now=NOW)
    with pytest.raises(OutreachError):
        services.strike_off(problem, by=worker, now=NOW)
    services.strike_off(problem, by=manager, now=NOW)


def test_who_plans_alone_strikes_off_their_own(place, worker):
    problem = add(place, owner=worker, by=worker)
    services.mark_mended(problem, how="换了", by=worker, now=NOW)
    services.strike_off(problem, by=worker, now=NOW)
    assert problem.struck_by == worker


def test_only_the_owner_or_a_planner_says_that_it_is_mended(place, manager, leader):
    problem = add(place, owner=leader, by=manager)
    with pytest.raises(OutreachError):
        services.mark_mended(problem, how="x", by=make_staff(Role.GRID_LEADER, place.grids[1]), now=NOW)
    services.mark_mended(problem, how="x", by=manager, now=NOW)


def test_a_problem_that_is_put_on_the_list_twice_stands_there_once_until_it_is_mended(place, manager, leader):
    first = add(place, owner=leader, by=manager)
    assert add(place, owner=leader, by=manager) == first
    assert Notice.objects.count() == 1
    services.mark_mended(first, how="x", by=leader, now=NOW)
    assert add(place, owner=leader, by=manager) != first


def test_two_who_press_at_once_do_not_strike_off_twice(place, worker, manager, leader):
    problem = add(place, owner=leader, by=manager)
    services.mark_mended(problem, how="x", by=leader, now=NOW)
    stale = Problem.objects.get(pk=problem.pk)
    services.strike_off(problem, by=worker, now=NOW)
    with pytest.raises(OutreachError):
        services.strike_off(stale, by=manager, now=NOW)


def test_what_is_overdue_or_waits_is_chased_once_a_week_until_it_is_struck_off(place, worker, leader):
    late = ProblemFactory(area=place.grid, owner=leader, due_on=ON - timedelta(days=1))
    ProblemFactory(area=place.grid, owner=leader, due_on=ON)
    waits = ProblemFactory(area=place.grid, owner=leader, due_on=ON, mended_on=ON - timedelta(days=10))
    assert services.chase_problems(now=NOW) == 2
    assert services.chase_problems(now=NOW + timedelta(days=1)) == 1  # the second is late by then
    assert services.chase_problems(now=NOW + timedelta(days=7)) == 3
    services.strike_off(waits, by=worker, now=NOW)
    services.mark_mended(late, how="x", by=leader, now=NOW)
    assert not Notice.objects.filter(subject=f"problem:{waits.pk}", withdrawn_at=None).exists()


def test_a_problem_is_given_to_somebody_of_the_community_alone_and_not_for_yesterday(place, manager, leader):
    stranger = make_staff(Role.GRID_LEADER, make_community(4).grid)
    with pytest.raises(OutreachError):
        add(place, owner=stranger, by=manager)
    with pytest.raises(OutreachError):
        add(place, owner=leader, by=manager, due=ON - timedelta(days=1))
    problem = add(place, owner=leader, by=manager)
    services.give_to(problem, owner=manager, due_on=ON, by=manager, now=NOW)
    assert not Notice.objects.filter(recipient=leader, withdrawn_at=None).exists()


def test_the_agenda_says_what_the_week_did_and_what_stands_open(place, manager, leader):
    EventFactory(area=place.grid, state="held", starts_at=NOW - timedelta(days=3), ends_at=NOW - timedelta(days=3))
    ChatGroupFactory(area=place.grid)
    SiteFactory(area=place.grid, due_on=ON - timedelta(days=2))
    ProblemFactory(area=place.grid, owner=leader, what="楼道灯不亮", due_on=ON - timedelta(days=1))
    ProblemFactory(area=make_community(4).grid, what="别处的问题")
    meeting = MeetingFactory(area=place.community, at=NOW)
    with translation.override("en"):
        text = as_text(agenda_of(meeting, user=manager, on=ON))
    assert "1 outreach events held" in text
    assert "1 publicity site is overdue." in text
    assert "0 of 1 chat groups" in text
    assert "楼道灯不亮 · 何建子 · overdue since" in text
    assert "别处的问题" not in text
    assert "Posts to fill" in text


def test_what_stands_beside_outreach_adds_its_lines(place, manager, monkeypatch):
    class Source:
        def lines(self, community, *, first, after, user, on):
            yield f"{community} {after - first}"

    monkeypatch.setattr(agendas, "_SOURCES", [Source()])
    text = as_text(agenda_of(MeetingFactory(area=place.community, at=NOW), user=manager, on=ON))
    assert "第3社区 7 days" in text


def test_the_agenda_follows_the_data_until_it_is_kept(client, place, manager):
    client.force_login(manager)
    meeting = MeetingFactory(area=place.community, created_by=manager)
    page = reverse("campaigns:meeting", args=[meeting.pk])
    assert client.get(page).context["page"].drawn
    client.post(reverse("campaigns:draw_agenda", args=[meeting.pk]))
    ProblemFactory(area=place.grid, owner=manager, what="后来的问题")
    assert "后来的问题" not in client.get(page).content.decode()
    client.post(reverse("campaigns:draw_agenda", args=[meeting.pk]))
    assert "后来的问题" in client.get(page).content.decode()


def test_the_next_meeting_is_a_week_later_and_called_once(client, place, manager):
    client.force_login(manager)
    meeting = MeetingFactory(area=place.community, place="会议室")
    for _again in range(2):
        client.post(reverse("campaigns:hold_next", args=[meeting.pk]))
    assert [one.at - meeting.at for one in Meeting.objects.exclude(pk=meeting.pk)] == [timedelta(days=7)]


def test_minutes_are_kept_and_a_problem_put_on_the_list_from_the_meeting(client, place, manager, leader):
    client.force_login(manager)
    meeting = MeetingFactory(area=place.community)
    client.post(reverse("campaigns:write_minutes", args=[meeting.pk]), {"present": "李、何", "minutes": "都到了"})
    typed = {"what": "楼道灯不亮", "area": place.grid.code, "owner": leader.pk, "due_on": "1999-01-01"}
    refused = client.post(reverse("campaigns:meeting_problem", args=[meeting.pk]), typed)
    assert refused.status_code == 400
    assert "楼道灯不亮" in refused.content.decode()
    client.post(reverse("campaigns:meeting_problem", args=[meeting.pk]), typed | {"due_on": today().isoformat()})
    paper = client.get(reverse("campaigns:meeting_paper", args=[meeting.pk])).content.decode()
    assert "都到了" in paper
    assert "楼道灯不亮" in paper


def test_a_grid_leader_sees_their_own_problems_and_says_that_they_are_mended(client, place, manager, leader):
    mine, other = add(place, owner=leader, by=manager), ProblemFactory(area=place.grid, owner=manager, what="别人的")
    client.force_login(leader)
    page = client.get(reverse("campaigns:my_problems")).content.decode()
    assert mine.what in page
    assert other.what not in page
    client.post(reverse("campaigns:problem_mend", args=[mine.pk]), {"how": "换了"})
    mine.refresh_from_db()
    assert mine.mended_how == "换了"
    assert client.post(reverse("campaigns:problem_strike", args=[mine.pk])).status_code == 403


def test_the_list_costs_the_same_queries_for_five_problems_as_for_fifty(client, place, manager):
    client.force_login(manager)
    counts = []
    for number in (5, 45):
        ProblemFactory.create_batch(number, area=place.grid, owner=manager)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("campaigns:problems")).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
