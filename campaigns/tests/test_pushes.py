"""Pushes: one line of the log, who is below the week's number, and who is told of it when."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import midnight, today
from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns import services
from campaigns.figures.pushes import push_weeks
from campaigns.models import ChatGroup, ChatMember, Push, Reach
from campaigns.policy import is_push_week_late, missing, week_of
from campaigns.services import OutreachError
from campaigns.tests.factories import ChatGroupFactory
from notifications.models import Notice
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db
MONDAY, THURSDAY = date(2026, 11, 16), date(2026, 11, 19)
NINE_ON_THURSDAY = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, name="郭涛淑")


@pytest.fixture
def leader(place):
    return make_staff(Role.GRID_LEADER, place.grid, name="何建子")


def log(groups, *, by, posts=1, on=MONDAY, now=NINE_ON_THURSDAY, press=None):
    return services.log_push(groups, text="不转账", posts=posts, on=on, by=by, now=now, press=press)


@given(st.integers(0, 500), st.integers(0, 500))
def test_what_is_missing_and_what_was_done_make_the_number_or_more(done, at_least):
    assert done + missing(done, at_least=at_least) == max(done, at_least)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 1)))
def test_a_week_is_late_from_its_thursday_to_its_sunday(day):
    monday, after = week_of(day)
    assert [is_push_week_late(monday + timedelta(days=one)) for one in range(7)] == [False] * 3 + [True] * 4
    assert after - monday == timedelta(days=7)


def test_twenty_five_posts_to_eighteen_groups_are_one_line_that_counts_for_each(place, worker):
    groups = ChatGroupFactory.create_batch(18, area=place.grid)
    push = log(groups, by=worker, posts=25)
    assert Push.objects.count() == 1
    assert push.sent_to.count() == 18
    assert not ChatGroup.objects.lacking(MONDAY, at_least=25).exists()
    assert AuditEntry.objects.about(push).get().detail["posts"] == 25


def test_a_push_is_remembered_for_the_known_members_who_still_live_there(place, worker):
    group = ChatGroupFactory(area=place.grid)
    here, gone, left = ResidentFactory(), ResidentFactory(ended_on=MONDAY), ResidentFactory()
    services.add_members(group, [here, gone, left], by=worker, now=NINE_ON_THURSDAY, on=MONDAY)
    services.remove_member(ChatMember.objects.get(resident=left), by=worker, now=NINE_ON_THURSDAY, on=MONDAY)
    log([group], by=worker)
    assert list(Reach.objects.values_list("resident_id", "push_on")) == [(here.pk, MONDAY)]


def test_the_same_press_again_logs_nothing_more(place, worker, leader):
    groups, press = [ChatGroupFactory(area=place.grid)], uuid4()
    assert log(groups, by=worker, press=press) == log(groups, by=worker, press=press)
    assert Push.objects.count() == 1
    with pytest.raises(OutreachError):
        log(groups, by=leader, press=press)


def test_a_push_that_cannot_be_is_refused(place, worker):
    group, given_up = ChatGroupFactory(area=place.grid), ChatGroupFactory(area=place.grid, ended_on=MONDAY)
    abroad = ChatGroupFactory(area=make_community(4).grid)
    for groups, on in (
        ([], MONDAY),
        ([group, abroad], MONDAY),
        ([given_up], MONDAY),
        ([group], THURSDAY + timedelta(days=1)),
        ([group], THURSDAY - timedelta(days=32)),
    ):
        with pytest.raises(OutreachError):
            log(groups, by=worker, on=on)
    assert not Push.objects.exists()


def test_who_is_below_is_told_on_thursday_and_the_planners_in_one_summary(place, worker, leader):
    low = ChatGroupFactory(area=place.grid, owner=leader, name="低群")
    fine = ChatGroupFactory(area=place.grid, owner=worker)
    log([fine], by=worker, posts=2)
    log([low], by=worker)
    assert services.chase_pushes(now=NINE_ON_THURSDAY - timedelta(days=1)) == 0
    assert services.chase_pushes(now=NINE_ON_THURSDAY) == 2
    assert set(Notice.objects.values_list("recipient_id", flat=True)) == {leader.pk, worker.pk}
    assert "低群" in Notice.objects.get(recipient=leader).body
    assert "低群" not in Notice.objects.get(recipient=leader).public_text


def test_nobody_is_told_twice_for_one_week_and_the_next_week_is_told_anew(place, leader):
    ChatGroupFactory(area=place.grid, owner=leader)
    assert services.chase_pushes(now=NINE_ON_THURSDAY) == 1
    assert services.chase_pushes(now=NINE_ON_THURSDAY + timedelta(days=1)) == 0
    assert services.chase_pushes(now=NINE_ON_THURSDAY + timedelta(days=7)) == 1


def test_nobody_is_told_at_night(place, leader):
    ChatGroupFactory(area=place.grid, owner=leader)
    assert services.chase_pushes(now=NINE_ON_THURSDAY + timedelta(hours=13)) == 0


def test_the_reminder_vanishes_with_what_was_missing(place, worker, leader):
    low, other = ChatGroupFactory(area=place.grid, owner=leader), ChatGroupFactory(area=place.grid, owner=None)
    services.chase_pushes(now=NINE_ON_THURSDAY)
    log([low], by=leader, posts=2, on=THURSDAY)
    assert Notice.objects.get(recipient=leader).withdrawn_at is not None
    assert Notice.objects.get(recipient=worker).withdrawn_at is None
    services.give_up_group(other, by=worker, now=NINE_ON_THURSDAY, on=THURSDAY)
    assert Notice.objects.get(recipient=worker).withdrawn_at is not None


def test_who_answers_for_a_group_no_longer_is_reminded_of_it_no_longer(place, worker, leader):
    group = ChatGroupFactory(area=place.grid, owner=leader)
    services.chase_pushes(now=NINE_ON_THURSDAY)
    services.keep_group(group, {"owner": worker}, by=worker, now=NINE_ON_THURSDAY, on=THURSDAY)
    assert Notice.objects.get(recipient=leader).withdrawn_at is not None
    assert services.chase_pushes(now=NINE_ON_THURSDAY) == 1


def test_a_week_counts_groups_with_enough_of_all(place, worker):
    low, fine = ChatGroupFactory(area=place.grid), ChatGroupFactory(area=place.grid)
    log([low, fine], by=worker)
    log([fine], by=worker, on=THURSDAY)
    before = MONDAY - timedelta(days=7)
    this, last = push_weeks(ChatGroup.objects.running(), mondays=[MONDAY, before], at_least=2)
    assert (this.reached, this.groups, this.posts) == (1, 2, 3)
    assert (last.reached, last.groups, last.posts) == (0, 2, 0)


def test_a_push_is_logged_from_the_page_and_kept_as_typed_where_it_is_refused(client, place, leader):
    client.force_login(leader)
    mine = ChatGroupFactory(area=place.grid, owner=leader)
    ChatGroupFactory(area=make_community(4).grid, name="别处的群")
    page = client.get(reverse("campaigns:push"), {"tick": "mine", "text": "five_rules"})
    assert page.context["form"].ticked == {str(mine.pk)}
    assert "/read/five_rules/" in page.context["form"]["text"].value()
    assert "别处的群" not in page.content.decode()
    typed = {"text": "我写的", "groups": [mine.pk], "posts": "0", "on": today().isoformat()}
    refused = client.post(reverse("campaigns:push"), typed)
    assert refused.status_code == 400
    assert "我写的" in refused.content.decode()
    assert client.post(reverse("campaigns:push"), typed | {"posts": "2"}).status_code == 302
    assert Push.objects.get().by == leader


def test_only_who_logged_a_push_takes_it_back(client, place, worker, leader):
    push = log([ChatGroupFactory(area=place.grid)], by=worker)
    client.force_login(leader)
    client.post(reverse("campaigns:push_back", args=[push.pk]))
    assert Push.objects.exists()
    client.force_login(worker)
    client.post(reverse("campaigns:push_back", args=[push.pk]))
    assert not Push.objects.exists()


def test_members_are_added_by_the_kind_of_group_and_one_by_one_without_a_name_in_an_address(client, place, worker):
    client.force_login(worker)
    group = ChatGroupFactory(area=place.grid)
    one = ResidentFactory(name="王小树", phone="19900001234")
    ResidentFactory(grid=place.grids[1], name="王小林", household=None)
    found = client.post(reverse("campaigns:members_find", args=[group.pk]), {"who": "1234"})
    assert "王**" in found.content.decode()
    assert "王小树" not in found.content.decode()
    client.post(reverse("campaigns:member_add", args=[group.pk]), {"resident": one.pk})
    client.post(reverse("campaigns:members_all", args=[group.pk]))
    assert [member.resident for member in group.members.all()] == [one]


def test_a_stranger_cannot_answer_for_a_group(place, worker):
    stranger = make_staff(Role.GRID_LEADER, make_community(4).grid)
    fields = {"name": "新群", "area": place.grid, "owner": stranger}
    with pytest.raises(OutreachError):
        services.keep_group(ChatGroup(), fields, by=worker, now=NINE_ON_THURSDAY, on=THURSDAY)


def test_the_week_costs_the_same_queries_for_five_groups_as_for_fifty(client, place, worker):
    client.force_login(worker)
    counts = []
    for number in (5, 45):
        groups = ChatGroupFactory.create_batch(number, area=place.grid, owner=worker)
        log(groups, by=worker, on=today(), now=midnight(today()))
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("campaigns:pushes")).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
