"""Planning: the rules with numbers, the verbs, what repeats."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.calendars import dates_of
from accounts.clock import local
from accounts.models import AuditEntry, User
from accounts.roles import Role
from campaigns import services
from campaigns.demo.plans import make_plans
from campaigns.models import Campaign, Event, EventPartner, Organisation, Series
from campaigns.policy import (
    MADE_AHEAD,
    EventState,
    Form,
    Lesson,
    OrganisationKind,
    Repeat,
    lessons,
    rule_of,
    volunteers_needed,
)
from campaigns.services import NewPartner, OutreachError, Plan
from campaigns.tests.factories import EventFactory, OrganisationFactory
from residents.demo import make_areas_and_staff
from residents.tests.factories import Community, make_community, make_staff

db = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
FIRST = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # a Tuesday, nine o'clock where the office stands
days = st.dates(date(2020, 1, 1), date(2060, 12, 31))


# Rules with numbers


def test_an_event_without_an_authority_warns():
    said = lessons(partners=[OrganisationKind.SHOP], expected_heads=None, volunteers=None, heads_per_volunteer=25)
    assert said == (Lesson.NO_AUTHORITY,)
    assert lessons(partners=["shop", "police"], expected_heads=None, volunteers=None, heads_per_volunteer=25) == ()


@given(heads=st.integers(0, 100_000), per=st.integers(1, 1000))
def test_just_as_many_volunteers_as_are_needed_suffice(heads, per):
    needed = volunteers_needed(heads, heads_per_volunteer=per)
    assert needed * per >= heads > (needed - 1) * per or heads == needed == 0
    ask = {"partners": ["bank"], "expected_heads": heads, "heads_per_volunteer": per}
    assert lessons(**ask, volunteers=needed) == ()
    if needed:
        assert lessons(**ask, volunteers=needed - 1) == (Lesson.FEW_VOLUNTEERS,)


@given(first=days, weekdays=st.sets(st.integers(0, 6)))
def test_a_weekly_rule_gives_the_first_day_and_only_its_weekdays(first, weekdays):
    rule = rule_of(Repeat.WEEKLY, first, weekdays)
    found = dates_of(rule, first=first, after=first - timedelta(days=1), until=first + timedelta(days=27))
    assert found[0] == first
    assert len(found) == 4 * len(weekdays | {first.weekday()})
    assert {one.weekday() for one in found} == weekdays | {first.weekday()}


@given(first=days)
def test_a_monthly_rule_gives_every_month_its_day_or_its_last_one(first):
    rule = rule_of(Repeat.MONTHLY, first)
    found = dates_of(rule, first=first, after=first - timedelta(days=1), until=first + timedelta(days=400))
    assert found[0] == first
    assert len({(one.year, one.month) for one in found}) == len(found) >= 13
    assert all(one.day == first.day or (one + timedelta(days=1)).day == 1 for one in found)


def test_the_31st_is_held_on_the_last_day_of_a_shorter_month():
    first = date(2026, 12, 31)
    found = dates_of(rule_of(Repeat.MONTHLY, first), first=first, after=first, until=date(2027, 4, 30))
    assert found == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


# The verbs


@pytest.fixture
def place() -> Community:
    return make_community()


@pytest.fixture
def planner(place) -> User:
    return make_staff(Role.OUTREACH_WORKER, place.community)


@pytest.fixture
def plan(place) -> Plan:
    return Plan(
        title="周二宣传日", form=Form.STALL, area=place.community, starts_at=FIRST, ends_at=FIRST + timedelta(hours=2)
    )


@db
def test_an_organisation_entered_in_place_is_the_communitys_and_is_there_once(place, planner, plan):
    with_new = replace(plan, area=place.grid, new_partner=NewPartner("中国联通", OrganisationKind.TELECOM))
    services.plan_event(with_new, by=planner, now=NOW)
    event = services.plan_event(with_new, by=planner, now=NOW)
    assert Organisation.objects.get().area == place.community
    assert event.partners.get().is_planned
    assert AuditEntry.objects.filter(verb="campaigns.event_planned").count() == 2


@db
def test_who_came_unplanned_stays_when_the_plan_is_changed(planner, plan, place):
    police, shop = OrganisationFactory(area=place.community), OrganisationFactory(area=place.community, kind="shop")
    event = services.plan_event(replace(plan, partners=[police]), by=planner, now=NOW)
    EventPartner.objects.create(event=event, organisation=shop, has_come=True)
    services.change_event(event, replace(plan, partners=[]), by=planner, now=NOW)
    assert list(event.partners.values_list("organisation", "is_planned", "has_come")) == [(shop.pk, False, True)]


@db
def test_an_event_that_would_end_before_it_starts_is_refused_and_leaves_nothing(planner, plan):
    with pytest.raises(OutreachError):
        services.plan_event(replace(plan, ends_at=FIRST - timedelta(minutes=1)), by=planner, now=NOW)
    assert not Event.objects.exists()
    assert not AuditEntry.objects.filter(verb="campaigns.event_planned").exists()


@db
@pytest.mark.parametrize("state", [EventState.HELD, EventState.CANCELLED])
def test_what_was_held_or_cancelled_is_neither_changed_nor_moved_nor_cancelled(planner, plan, state):
    event = EventFactory(state=state)
    for verb in (
        lambda: services.change_event(event, plan, by=planner, now=NOW),
        lambda: services.move_event(event, starts_at=FIRST, ends_at=FIRST, by=planner, now=NOW),
        lambda: services.cancel_event(event, why="下雨", by=planner, now=NOW),
    ):
        with pytest.raises(OutreachError):
            verb()


@db
def test_every_change_counts_on_for_calendars_that_subscribed(planner, plan):
    event = services.plan_event(plan, by=planner, now=NOW)
    assert event.sequence == 0
    moved = services.move_event(event, starts_at=FIRST, ends_at=FIRST, by=planner, now=NOW + timedelta(hours=1))
    gone = services.cancel_event(event, why="下雨", by=planner, now=NOW + timedelta(hours=2))
    assert (moved.sequence, gone.sequence) == (1, 2)
    assert gone.changed_at == NOW + timedelta(hours=2)
    assert gone.uid == event.uid


# What repeats


@pytest.fixture
def weekly(planner, plan) -> Event:
    return services.plan_series(plan, repeat=Repeat.WEEKLY, by=planner, now=NOW)


def dates() -> list[date]:
    return [local(event.starts_at).date() for event in Event.objects.earliest_first()]


@db
def test_a_series_is_made_ninety_days_ahead_and_no_date_twice(weekly):
    made = dates()
    assert made[0] == date(2026, 11, 24)
    assert made[-1] <= local(NOW + MADE_AHEAD).date() < made[-1] + timedelta(days=7)
    assert services.make_next_events(now=NOW) == 0
    assert services.make_next_events(now=NOW + timedelta(days=7)) == 1
    assert services.make_next_events(now=NOW + timedelta(days=7)) == 0
    assert len(set(dates())) == len(dates()) == len(made) + 1


@db
def test_a_date_changed_by_itself_leaves_the_others_and_is_left_by_them(weekly, planner, plan):
    second, third = Event.objects.earliest_first()[1:3]
    services.change_event(
        second, replace(plan, title="换地方", starts_at=second.starts_at, ends_at=second.ends_at), by=planner, now=NOW
    )
    assert Event.objects.filter(title="换地方").count() == 1
    later_plan = replace(plan, title="下午场", starts_at=FIRST.replace(hour=6), ends_at=FIRST.replace(hour=8))
    count = services.change_later(weekly, later_plan, by=planner, now=NOW)
    assert count == len(dates()) - 2
    third.refresh_from_db()
    second.refresh_from_db()
    assert (second.title, third.title) == ("换地方", "下午场")
    assert local(third.starts_at).hour == 14
    services.make_next_events(now=NOW + timedelta(days=14))
    last = Event.objects.earliest_first().last()
    assert (last.title, local(last.starts_at).hour) == ("下午场", 14)
    assert len(set(dates())) == len(dates())


@db
def test_all_later_ones_keep_their_days(weekly, planner, plan):
    moved = replace(plan, starts_at=FIRST + timedelta(days=1), ends_at=FIRST + timedelta(days=1))
    with pytest.raises(OutreachError):
        services.change_later(weekly, moved, by=planner, now=NOW)


@db
def test_a_stopped_series_keeps_what_was_and_makes_no_more(weekly, planner):
    second = Event.objects.earliest_first()[1]
    gone = services.stop_series(weekly, last_on=local(second.starts_at).date(), by=planner, now=NOW)
    assert gone > 5
    assert dates() == [date(2026, 11, 24), date(2026, 12, 1)]
    assert services.make_next_events(now=NOW + timedelta(days=60)) == 0


@db
def test_a_series_until_a_day_ends_on_it(planner, plan):
    services.plan_series(plan, repeat=Repeat.WEEKLY, weekdays=[3], until_on=date(2026, 12, 3), by=planner, now=NOW)
    assert dates() == [date(2026, 11, 24), date(2026, 11, 26), date(2026, 12, 1), date(2026, 12, 3)]


@db
def test_a_series_that_began_years_ago_is_refused(planner, plan):
    long_ago = FIRST.replace(year=1950)
    with pytest.raises(OutreachError):
        services.plan_series(
            replace(plan, starts_at=long_ago, ends_at=long_ago), repeat=Repeat.WEEKLY, by=planner, now=NOW
        )
    assert not Series.objects.exists()


@db
def test_who_left_is_not_on_the_staff_of_the_next_dates(place, planner, plan):
    leaver = make_staff(Role.WARNING_SPECIALIST, place.grid)
    services.plan_series(replace(plan, staff=[planner, leaver]), repeat=Repeat.WEEKLY, by=planner, now=NOW)
    leaver.posts.update(ends_on=NOW.date())
    services.make_next_events(now=NOW + timedelta(days=7))
    assert [one.user for one in Event.objects.earliest_first().last().staff.all()] == [planner]


# The demo


@db
def test_the_demo_holds_the_three_events_of_the_report_and_plans_ahead():
    make_areas_and_staff(now=NOW)
    assert make_plans(now=NOW) == make_plans(now=NOW) > 10
    campaign = Campaign.objects.get()
    held = campaign.events.held().earliest_first()
    assert [local(one.starts_at).date() for one in held] == [
        date(2023, 12, 8),
        date(2023, 12, 29),
        date(2024, 1, 4),
    ]
    for event in held:
        assert [one.organisation.name for one in event.partners.filter(is_planned=True)] == ["中国联通"]
        assert [one.organisation.name for one in event.partners.filter(has_come=True)] == ["小米手机店"]
    campaign.full_clean()
