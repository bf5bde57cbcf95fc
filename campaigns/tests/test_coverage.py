"""Coverage says who was reached, of whom, and who was not; and the summary it is counted from is what the rows say."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns.demo.reached import SHOWN, make_reached
from campaigns.figures.coverage import (
    Cover,
    cover_by_grid,
    cover_kept,
    missed,
    newcomers,
    reached_by_month,
    total,
)
from campaigns.models import ChatMember, CommunityCover, Event, Pledge, PushedTo, Reach, SignIn, Touch
from campaigns.policy import (
    CHANNELS_OF,
    Audience,
    Channel,
    Form,
    Means,
    Period,
    Span,
    TouchSource,
    months_later,
    months_of,
    span_of,
)
from campaigns.services import (
    OutreachError,
    arrange_visits,
    carry_merged,
    remember_pushed,
    take_back_touches,
    write_touches,
)
from campaigns.tasks import count_coverage
from campaigns.tests.factories import ChatGroupFactory, EventFactory, PushFactory
from residents import demo as residents_demo
from residents.models import Resident
from residents.policy import Residence
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
YEAR = span_of(Period.YEAR, on=ON)
ELDER, YOUNG = date(1950, 1, 1), date(2000, 1, 1)


def reach(residents, *, channel=Channel.ON_SITE, on=date(2026, 11, 10), area=None):
    at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
    event = EventFactory(area=area or residents[0].grid, starts_at=at, ends_at=at)
    write_touches(residents, event=event, channel=channel, source=TouchSource.LIST, at=event.starts_at, by=None)
    return event


def cover(area, *, audience=Audience.EVERYBODY, means=Means.ON_SITE, span=YEAR):
    return total(cover_by_grid(area.code, audience=audience, channels=CHANNELS_OF[means], span=span, on=ON).values())


# ── periods ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_twelve_months_are_twelve_months_with_today_counted():
    assert span_of(Period.YEAR, on=ON) == Span(date(2025, 11, 21), date(2026, 11, 21))


def test_a_month_that_is_too_short_gives_its_last_day():
    assert months_later(date(2026, 3, 31), -1) == date(2026, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 2000), st.integers(1, 40))
def test_months_lie_end_to_end_and_never_beyond_the_span(first, days, most):
    span = Span(first, first + timedelta(days=days))
    months = months_of(span, most=most)
    assert months[-1].after == span.after
    assert all(one.after == following.first for one, following in pairwise(months))
    assert months[0].first >= span.first
    assert len(months) == most or months[0].first == span.first


# ── who counts ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_came_is_reached_and_who_did_not_is_left_by_name():
    community = make_community()
    came, stayed = ResidentFactory.create_batch(2, grid=community.grids[0])
    reach([came])
    assert cover(community.community) == Cover(should=2, reached=1)
    left = missed(Resident.objects.all(), audience=Audience.EVERYBODY, channels=[Channel.ON_SITE], span=YEAR, on=ON)
    assert list(left) == [stayed]


def test_the_door_is_not_on_site_but_is_strong_evidence():
    grid = make_community().grids[0]
    met = ResidentFactory(grid=grid)
    reach([met], channel=Channel.DOOR)
    assert cover(grid).reached == 0
    assert cover(grid, means=Means.DOOR).reached == 1
    assert cover(grid, means=Means.STRONG).reached == 1


def test_a_push_is_weak_evidence_and_only_for_those_in_the_group():
    grid = make_community().grids[0]
    inside, _outside = ResidentFactory.create_batch(2, grid=grid)
    group = ChatGroupFactory(area=grid)
    ChatMember.objects.create(group=group, resident=inside, since_on=date(2026, 1, 1))
    push = PushFactory(area=grid, on=date(2026, 11, 3))
    PushedTo.objects.create(push=push, group=group)
    remember_pushed([inside], on=push.on)
    assert cover(grid) == Cover(should=2, reached=0, weak=1)
    assert cover(grid, means=Means.PUSH) == Cover(should=2, reached=1, weak=0)
    past = Span(date(2026, 11, 1), date(2026, 11, 5))
    assert cover(grid, span=past) == Cover(should=2, reached=0, weak=1)
    before = Span(date(2026, 10, 1), date(2026, 11, 3))
    assert cover(grid, span=before).weak == 0


def test_who_left_the_group_before_the_push_was_not_reached_by_it():
    grid = make_community().grids[0]
    gone = ResidentFactory(grid=grid)
    group = ChatGroupFactory(area=grid)
    ChatMember.objects.create(group=group, resident=gone, since_on=date(2026, 1, 1), until_on=date(2026, 11, 2))
    PushedTo.objects.create(push=PushFactory(area=grid, on=date(2026, 11, 3)), group=group)
    assert cover(grid, span=Span(date(2026, 11, 1), date(2026, 11, 5))).weak == 0


def test_an_audience_counts_its_own_alone():
    grid = make_community().grids[0]
    elder, young = ResidentFactory(grid=grid, birth_on=ELDER), ResidentFactory(grid=grid, birth_on=YOUNG)
    ResidentFactory(grid=grid, birth_on=None)
    reach([elder, young])
    assert cover(grid, audience=Audience.OVER_60) == Cover(should=1, reached=1)


def test_who_has_gone_is_not_counted():
    grid = make_community().grids[0]
    gone = ResidentFactory(grid=grid)
    reach([gone])
    Resident.objects.filter(pk=gone.pk).update(ended_on=ON)
    assert cover(grid) == Cover()


def test_what_was_written_by_mistake_is_taken_back_whole():
    grid = make_community().grids[0]
    one = ResidentFactory(grid=grid)
    reach([one], on=date(2026, 9, 1))
    event = reach([one], on=date(2026, 11, 1))
    assert take_back_touches(event, [one], channel=Channel.ON_SITE) == 1
    assert Reach.objects.get(pk=one.pk).on_site_on == date(2026, 9, 1)


def test_the_same_list_twice_reaches_nobody_twice():
    grid = make_community().grids[0]
    people = ResidentFactory.create_batch(3, grid=grid)
    event = reach(people)
    again = write_touches(
        people, event=event, channel=Channel.ON_SITE, source=TouchSource.LIST, at=event.starts_at, by=None
    )
    assert again == 0
    assert Touch.objects.count() == 3


def test_paper_entered_late_does_not_turn_the_last_day_back():
    one = ResidentFactory(grid=make_community().grids[0])
    reach([one], on=date(2026, 11, 10))
    reach([one], on=date(2026, 3, 1))
    assert Reach.objects.get(pk=one.pk).on_site_on == date(2026, 11, 10)


def test_months_count_people_and_not_visits():
    grid = make_community().grids[0]
    one, other = ResidentFactory.create_batch(2, grid=grid)
    reach([one, other], on=date(2026, 10, 5))
    reach([one], on=date(2026, 10, 20))
    reach([one], on=date(2026, 11, 2))
    months = months_of(span_of(Period.QUARTER, on=ON), most=12)
    counts = reached_by_month(grid.code, audience=Audience.EVERYBODY, channels=[Channel.ON_SITE], months=months, on=ON)
    assert [month.first.month for month in months] == [8, 9, 10, 11]
    assert counts == [0, 0, 2, 1]


# ── the summary is what the rows say ───────────────────────────────────────────────────────────────────────────────

touching = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([Channel.ON_SITE, Channel.DOOR, Channel.PHONE]), st.integers(-800, 0)),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(touching=touching, days=st.integers(1, 900), means=st.sampled_from([Means.ON_SITE, Means.DOOR, Means.STRONG]))
def test_counted_from_the_summary_or_from_the_touches_it_is_the_same(touching, days, means):
    community = make_community()
    people = [ResidentFactory(grid=community.grids[number % 2], birth_on=ELDER) for number in range(4)]
    try:
        for who, channel, ago in touching:
            reach([people[who]], channel=channel, on=ON + timedelta(days=ago))
        span = Span(ON + timedelta(days=1 - days), ON + timedelta(days=1))
        by_summary = cover(community.community, audience=Audience.OVER_60, means=means, span=span)
        truly = {
            touch.resident_id
            for touch in Touch.objects.filter(channel__in=CHANNELS_OF[means], on__gte=span.first, on__lt=span.after)
        }
        assert by_summary == Cover(should=4, reached=len(truly))
        left = missed(
            Resident.objects.within(community.community.code),
            audience=Audience.OVER_60,
            channels=CHANNELS_OF[means],
            span=span,
            on=ON,
        )
        assert {one.pk for one in left} == {one.pk for one in people} - truly
        # A span that ended before the day is counted from the touches: the same days give the same.
        later = ON + timedelta(days=5)
        past = cover_by_grid(
            community.community.code, audience=Audience.OVER_60, channels=CHANNELS_OF[means], span=span, on=later
        )
        assert total(past.values()) == by_summary
    finally:
        Resident.objects.all().delete()
        Event.objects.all().delete()


def test_the_counts_kept_for_wide_areas_equal_those_counted_on_the_spot():
    community = make_community()
    people = [ResidentFactory(grid=grid, birth_on=ELDER) for grid in community.grids for _number in range(3)]
    today = datetime.now(UTC).date()
    reach(people[:2], on=today - timedelta(days=30))
    reach(people[2:3], channel=Channel.PHONE, on=today - timedelta(days=3))
    assert count_coverage() > 0
    for means in (Means.ON_SITE, Means.STRONG):
        kept, counted_at = cover_kept(community.community.code[:9], audience=Audience.OVER_60, means=means)
        live = cover_by_grid(
            community.community.code,
            audience=Audience.OVER_60,
            channels=CHANNELS_OF[means],
            span=span_of(Period.YEAR, on=today),
            on=today,
        )
        assert kept == {community.community.code: total(live.values())}
        assert counted_at is not None


def test_a_community_nobody_lives_in_any_more_is_forgotten():
    grid = make_community().grids[0]
    one = ResidentFactory(grid=grid)
    count_coverage()
    one.delete()
    count_coverage()
    assert not CommunityCover.objects.exists()


def test_who_moved_or_left_counts_where_they_live_now():
    community = make_community()
    moved, left = ResidentFactory.create_batch(2, grid=community.grids[0])
    reach([moved, left])
    Resident.objects.filter(pk=moved.pk).update(grid=community.grids[1], household=None)
    Resident.objects.filter(pk=left.pk).update(ended_on=ON)
    assert cover(community.grids[0]) == Cover()
    assert cover(community.grids[1]) == Cover(should=1, reached=1)


def test_what_a_twin_was_reached_by_goes_to_the_one_that_was_kept():
    grid = make_community().grids[0]
    kept, twin = ResidentFactory.create_batch(2, grid=grid)
    both = reach([kept, twin], on=date(2026, 9, 1))
    reach([twin], on=date(2026, 11, 1))
    Resident.objects.filter(pk=twin.pk).update(merged_into=kept, ended_on=ON)
    assert carry_merged() == 1
    assert {touch.resident_id for touch in Touch.objects.all()} == {kept.pk}
    assert Touch.objects.filter(event=both).count() == 1
    assert Reach.objects.get(pk=kept.pk).on_site_on == date(2026, 11, 1)
    assert carry_merged() == 0


def test_chat_groups_pledges_and_sign_ins_of_a_twin_go_to_the_one_that_was_kept():
    grid = make_community().grids[0]
    kept, twin = ResidentFactory.create_batch(2, grid=grid)
    both, hers = ChatGroupFactory(area=grid), ChatGroupFactory(area=grid)
    ChatMember.objects.create(group=both, resident=kept, since_on=date(2026, 9, 1))
    ChatMember.objects.create(group=both, resident=twin, since_on=date(2026, 8, 1))
    ChatMember.objects.create(group=hers, resident=twin, since_on=date(2026, 7, 1))
    remember_pushed([twin], on=date(2026, 10, 1))
    event = EventFactory(area=grid)
    worker = make_staff(Role.OUTREACH_WORKER, grid)
    pledge = Pledge.objects.create(event=event, area=grid, resident=twin, name="某某", text="承诺", at=NOW, by=worker)
    sign_in = SignIn.objects.create(event=event, name="某某", resident=twin, at=NOW)
    Resident.objects.filter(pk=twin.pk).update(merged_into=kept, ended_on=ON)
    assert carry_merged() == 1
    members = ChatMember.objects.order_by("group").values_list("group", "resident", "since_on")
    assert list(members) == [(both.pk, kept.pk, date(2026, 8, 1)), (hers.pk, kept.pk, date(2026, 7, 1))]
    assert Reach.objects.get(pk=kept.pk).push_on == date(2026, 10, 1)
    pledge.refresh_from_db()
    sign_in.refresh_from_db()
    assert (pledge.resident, sign_in.resident) == (kept, kept)
    assert carry_merged() == 0


# ── newcomers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tenant_reached_before_moving_in_is_still_to_be_reached():
    grid = make_community().grids[0]
    kept = ResidentFactory(grid=grid, residence=Residence.TENANT, moved_in_on=date(2026, 9, 1))
    early = ResidentFactory(grid=grid, residence=Residence.NEWCOMER, moved_in_on=date(2026, 10, 1))
    unknown = ResidentFactory(grid=grid, residence=Residence.TENANT, moved_in_on=None)
    ResidentFactory(grid=grid, residence=Residence.REGISTERED)
    reach([kept], channel=Channel.DOOR, on=date(2026, 9, 15))
    reach([early], on=date(2026, 9, 15))
    assert list(newcomers(Resident.objects.all())) == [early, unknown]


# ── somebody is sent ───────────────────────────────────────────────────────────────────────────────────────────────


def test_those_never_reached_become_household_visits_in_one_press():
    community = make_community()
    grid = community.grids[0]
    planner, worker = make_staff(Role.OUTREACH_WORKER, community.community), make_staff(Role.GRID_LEADER, grid)
    people = ResidentFactory.create_batch(3, grid=grid)
    homeless = ResidentFactory(grid=grid, household=None)
    event = arrange_visits(
        [*people, homeless], area=grid, worker=worker, on=ON, audience=Audience.EVERYBODY, by=planner, now=NOW
    )
    assert event.form == Form.HOUSEHOLD
    assert event.doors.count() == 3
    assert [one.user for one in event.staff.all()] == [worker]
    assert AuditEntry.objects.filter(verb="campaigns.visits_arranged").exists()
    with pytest.raises(OutreachError):
        arrange_visits([homeless], area=grid, worker=worker, on=ON, audience=Audience.EVERYBODY, by=planner, now=NOW)


# ── the page ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_demo_says_that_35_in_a_hundred_over_60_were_never_on_site_and_lists_them(client):
    now = datetime.now(UTC)
    residents_demo.make_areas_and_staff(now=now)
    residents_demo.make_residents(now=now)
    make_reached(now=now)
    client.force_login(residents_demo.Post.objects.get(user__username="outreach_worker.012003.1").user)
    page = client.get(f"/outreach/coverage/?area={SHOWN}&audience=over_60&means=on_site", HTTP_ACCEPT_LANGUAGE="en")
    said = page.context["page"]
    assert said.sum.cover == Cover(should=40, reached=26)
    assert "35" in said.rest
    everybody = client.get(f"/outreach/coverage/names/?area={SHOWN}&audience=over_60&means=on_site")
    assert len(everybody.context["page"].rows) == 14
    assert all("*" in one.name for one in everybody.context["page"].rows)


def scene():
    community = make_community()
    people = [ResidentFactory(grid=grid, birth_on=ELDER) for grid in community.grids for _number in range(2)]
    return community, people, make_staff(Role.OUTREACH_WORKER, community.community)


def test_a_list_for_paper_has_whole_names_and_is_written_down(client):
    community, people, worker = scene()
    client.force_login(worker)
    assert people[0].name not in client.get("/outreach/coverage/names/").content.decode()
    page = client.post("/outreach/coverage/names/print/")
    assert people[0].name in page.content.decode()
    entry = AuditEntry.objects.of_access().get()
    assert entry.detail["rows"] == len(people)
    assert entry.area_code == community.community.code


def test_one_press_gives_the_doors_to_a_worker(client):
    community, people, worker = scene()
    client.force_login(worker)
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    answer = client.post(
        f"/outreach/coverage/names/arrange/?area={community.grids[0].code}",
        {"who": [people[0].pk, people[2].pk], "worker": worker.pk, "on": day.isoformat()},
    )
    assert answer.status_code == 302
    event = Event.objects.get(form=Form.HOUSEHOLD)
    # The second lives in another grid than the one asked for.
    assert [door.household_id for door in event.doors.all()] == [people[0].household_id]


@pytest.mark.parametrize("on", ["", "1999-01-01", "2199-01-01", "rubbish"])
def test_a_day_nobody_can_go_on_is_asked_for_again_and_nothing_is_made(client, on):
    _community, people, worker = scene()
    client.force_login(worker)
    answer = client.post("/outreach/coverage/names/arrange/", {"who": people[0].pk, "worker": worker.pk, "on": on})
    assert answer.status_code == 400
    assert answer.context["going"].errors["on"]
    assert not Event.objects.exists()


def test_a_supervisor_reads_figures_and_no_names(client):
    community, people, _worker = scene()
    client.force_login(make_staff(Role.SUPERVISOR, community.street))
    page = client.get(f"/outreach/coverage/?area={community.community.code}")
    assert page.context["page"].sum.cover.should == len(people)
    assert "names" not in page.context
    assert client.get("/outreach/coverage/names/").status_code == 403


def test_another_communitys_coverage_is_not_there(client):
    _community, _people, worker = scene()
    other = make_community(4)
    client.force_login(worker)
    assert client.get(f"/outreach/coverage/?area={other.community.code}").status_code == 404


@pytest.mark.parametrize("more", [1, 20])
def test_a_page_of_names_costs_the_same_for_many(client, django_assert_max_num_queries, more):
    community, _people, worker = scene()
    ResidentFactory.create_batch(more, grid=community.grids[0])
    client.force_login(worker)
    client.get("/outreach/coverage/names/")
    with django_assert_max_num_queries(20):
        client.get("/outreach/coverage/names/")


def test_the_workbook_has_the_figures_of_the_page_and_nobodys_name(client):
    community, people, worker = scene()
    reach(people[:1], on=datetime.now(UTC).date() - timedelta(days=3))
    client.force_login(worker)
    answer = client.get(f"/outreach/coverage/export/?area={community.community.code}")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[-1][1:] == (4, 1, 0, 3)
    assert people[0].name not in str(rows)


@pytest.mark.parametrize("area", ["", "\x00", "rubbish", "٣", "9" * 40])
def test_an_area_that_is_no_area_of_the_reader_shows_their_own_or_nothing(client, area):
    community, _people, worker = scene()
    client.force_login(worker)
    answer = client.get("/outreach/coverage/", {"area": area})
    assert answer.status_code == (404 if area.isascii() and area.isdigit() else 200)
    if answer.status_code == 200:
        assert answer.context["asked"].area == community.community
