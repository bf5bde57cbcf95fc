"""What the data say of every community: each count by its definition, and the same queries for five and for fifty."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.clock import local
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from alerts.models import ObjectiveClock
from alerts.policy import Level, Objective, ObjectiveState
from alerts.tests.factories import ensure_policy, make_alert
from campaigns.models import Pledge, PushedTo
from campaigns.policy import Channel, EventState, TouchSource
from campaigns.services import write_touches
from campaigns.tasks import count_coverage
from campaigns.tests.factories import ChatGroupFactory, EventFactory, PushFactory, SiteFactory
from cases.policy import Status
from cases.tests.factories import CaseFactory
from reports.figures.measures import counts_of
from reports.figures.quiet import quiet_by_grid, quiet_days
from reports.figures.scores import scores_of
from reports.models import HandPoints, ScorePolicy, ScoreSnapshot, VetoFound
from reports.policy import so_far, year_of
from reports.policy.scores import Colour, Counts, Measure, VetoKind
from reports.screens.ranking import ranking_of
from reports.screens.scores import sheet_of
from reports.services import copy_to_draft, publish
from residents.policy import Residence
from residents.tests.factories import (
    HouseholdFactory,
    PairingFactory,
    ResidentFactory,
    VisitFactory,
    make_community,
    make_staff,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 27)
NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
STREET = "370105012"


def at(month: int, day: int, hour: int = 4, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def counted(place, measure):
    span = so_far(year_of(2026), on=TODAY)
    return counts_of(STREET, span=span, on=TODAY)[place.community.code].get(measure)


def of(part, whole):
    return Counts(Decimal(part), Decimal(whole))


def test_a_day_with_two_cases_is_one_day_and_midnight_is_the_offices():
    place = make_community()
    CaseFactory(grid=place.grid, reported_at=at(3, 1, 3))
    CaseFactory(grid=place.grid, reported_at=at(3, 1, 5))
    CaseFactory(grid=place.grid, reported_at=at(3, 1, 17))  # the second of March where the office stands
    CaseFactory(grid=place.grid, reported_at=at(4, 1), status=Status.WITHDRAWN)
    CaseFactory(grid=make_community(4).grid, reported_at=at(5, 1))
    assert counted(place, Measure.ZERO_DAYS) == of(331 - 2, 331)


def test_cases_and_losses_are_held_against_the_same_days_of_last_year():
    place = make_community()
    CaseFactory(grid=place.grid, reported_at=at(3, 1), amount_lost=5_000)
    CaseFactory(grid=None, community=place.community, reported_at=at(3, 1, year=2025), amount_lost=10_000)
    CaseFactory(grid=place.grid, reported_at=at(12, 24, year=2025), amount_lost=90_000)  # after the same day
    assert counted(place, Measure.CASES_CHANGE) == of(1, 1)
    assert counted(place, Measure.LOSSES_CHANGE) == of(5_000, 10_000)


def test_coverage_counts_who_was_reached_in_the_past_twelve_months():
    place = make_community()
    old, young = ResidentFactory(grid=place.grid), ResidentFactory(grid=place.grid, birth_on=date(2000, 1, 1))
    ResidentFactory(grid=place.grid)
    for resident, begins in ((old, at(12, 20, year=2025)), (young, at(2, 1))):
        event = EventFactory(area=place.community, starts_at=begins, ends_at=begins)
        write_touches([resident], event=event, channel=Channel.ON_SITE, source=TouchSource.LIST, at=begins, by=None)
    assert counted(place, Measure.ELDERS) == of(1, 2)
    assert counted(place, Measure.EVERYBODY) == of(2, 3)
    count_coverage()  # and the same where it was counted beforehand
    span = so_far(year_of(local(timezone.now()).year), on=local(timezone.now()).date())
    assert Measure.ELDERS in counts_of(STREET, span=span, on=span.last)[place.community.code]


def test_pledges_signed_and_on_paper_count_for_each_household_and_apps_for_each_resident():
    place = make_community()
    ResidentFactory(grid=place.grid, has_app=True)
    ResidentFactory(grid=place.grid, has_app=None)
    by = UserFactory()
    EventFactory(area=place.grid, starts_at=at(5, 1), ends_at=at(5, 1), pledges=3, state=EventState.HELD)
    for when in (at(5, 2), at(5, 2, year=2025)):
        Pledge.objects.create(area=place.grid, name="王秀英", text="承诺书", at=when, by=by)
    assert counted(place, Measure.PLEDGES) == of(4, 2)
    assert counted(place, Measure.APPS) == of(1, 2)


def test_visits_are_due_in_whole_weeks_alone():
    place = make_community()
    pairing = PairingFactory(resident=ResidentFactory(grid=place.grid), starts_on=date(2026, 11, 9))
    VisitFactory(resident=pairing.resident, by=pairing.carer, at=at(11, 10))
    VisitFactory(resident=pairing.resident, by=pairing.carer, at=at(11, 25))  # of the week that still runs
    assert counted(place, Measure.VISITS) == of(1, 2)


def make_clock(place, *, objective, level, state, met=None, received=None, **fields):
    alert = make_alert(at=received or at(6, 1), grid=place.grid, name=f"王{ObjectiveClock.objects.count()}", **fields)
    alert.clocks.all().delete()
    due = alert.received_at + timedelta(minutes=10)
    breached = due if state == ObjectiveState.BREACHED else None
    ObjectiveClock.objects.create(
        alert=alert,
        objective=objective,
        level=level,
        state=state,
        started_at=alert.received_at,
        due_at=due,
        met_at=met,
        breached_at=breached,
    )
    return alert


def test_clocks_count_once_they_have_ended_by_objective_and_level():
    ensure_policy()
    place = make_community()
    respond, dispatch = Objective.RESPOND, Objective.DISPATCH
    met, breached = ObjectiveState.MET, ObjectiveState.BREACHED
    make_clock(place, objective=respond, level=Level.HIGH, state=met, met=at(6, 1))
    make_clock(place, objective=respond, level=Level.HIGH, state=breached, met=at(6, 2))
    make_clock(place, objective=respond, level=Level.HIGH, state=ObjectiveState.PENDING)
    make_clock(place, objective=respond, level=Level.MEDIUM, state=met, met=at(6, 1))
    make_clock(place, objective=dispatch, level=Level.LOW, state=met, met=at(6, 1))
    make_clock(place, objective=dispatch, level=Level.HIGH, state=met, met=at(6, 1), is_drill=True)
    make_clock(place, objective=dispatch, level=Level.HIGH, state=met, received=at(6, 1, year=2025))
    assert counted(place, Measure.HIGH) == of(1, 2)
    assert counted(place, Measure.MEDIUM) == of(1, 1)
    assert counted(place, Measure.DISPATCH) == of(1, 1)


def test_a_group_keeps_a_week_with_the_rules_posts_in_it():
    place = make_community()
    group = ChatGroupFactory(area=place.community)
    ChatGroupFactory(area=place.grid)
    for day, posts in ((10, 1), (12, 1), (17, 1), (25, 9)):  # two, one, and the week that still runs
        push = PushFactory(area=place.community, on=date(2026, 11, day), posts=posts)
        PushedTo.objects.create(push=push, group=group)
    weeks = 46  # from 5 January to 22 November
    assert counted(place, Measure.PUSHES) == of(1, 2 * weeks)


def test_a_site_is_fresh_until_the_day_it_is_due():
    place = make_community()
    for due in (TODAY, TODAY - timedelta(days=1)):
        SiteFactory(area=place.grid, due_on=due)
    SiteFactory(area=place.grid, due_on=date(2026, 1, 1), ended_on=date(2026, 2, 1))
    assert counted(place, Measure.SITES) == of(1, 2)


def test_newcomers_count_once_their_days_are_over():
    place = make_community()
    since = date(2026, 9, 1)
    reached, late, never = (
        ResidentFactory(grid=place.grid, residence=Residence.TENANT, moved_in_on=since) for _one in range(3)
    )
    ResidentFactory(grid=place.grid, residence=Residence.TENANT, moved_in_on=TODAY - timedelta(days=3))
    assert never
    for resident, when in ((reached, at(9, 20)), (late, at(10, 20))):
        event = EventFactory(area=place.community, starts_at=when, ends_at=when)
        write_touches([resident], event=event, channel=Channel.DOOR, source=TouchSource.DOOR, at=when, by=None)
    assert counted(place, Measure.NEWCOMERS) == of(1, 3)


# ── the score ───────────────────────────────────────────────────────────────────────────────────────────────────────


def score_of(place, *, year=2026, on=TODAY):
    return next(one for one in scores_of(STREET, year=year, on=on) if one.code == place.community.code)


def test_a_total_is_the_sum_of_its_lines_and_none_is_missing():
    score = score_of(make_community())
    assert score.points == sum(one.points for one in score.lines)
    assert len(score.lines) == 18
    # Of an empty community no more is known than that there was no case; no month's report was signed, though.
    assert [one.line.key for one in score.lines if one.points] == ["zero_days", "cases_change", "losses_change"]
    assert [one.line.key for one in score.lines if one.is_out] == [
        "visits",
        "dispatch",
        "high",
        "medium",
        "newcomers",
        "lookbacks",
    ]
    assert (score.points, score.most, score.total) == (30, 69, Decimal("43.5"))
    assert (score.colour, score.is_no_fraud) == (Colour.RED, False)
    assert sum(one.line.most for one in score.lines) == 100


def test_a_sheet_that_leaves_nothing_out_gives_all_points_where_nothing_fell_due():
    ScorePolicy.objects.update(leaves_out=False)
    score = score_of(make_community())
    assert (score.points, score.most, score.total) == (61, 100, 61)
    assert not any(one.is_out for one in score.lines)


def test_a_loss_above_the_limit_vetoes_and_one_at_it_does_not():
    place, other = make_community(3), make_community(4)
    CaseFactory(grid=place.grid, reported_at=at(3, 1), amount_lost=100_001)
    CaseFactory(grid=other.grid, reported_at=at(3, 1), amount_lost=100_000)
    (veto,) = score_of(place).vetoes
    assert (veto.kind, veto.count) == (VetoKind.LOSS, 1)
    assert score_of(other).vetoes == ()


def test_an_alert_that_nobody_ever_handled_vetoes():
    ensure_policy()
    place, other, third = make_community(3), make_community(4), make_community(5)
    left = {"objective": Objective.RESPOND, "level": Level.HIGH, "state": ObjectiveState.BREACHED}
    make_clock(place, **left)
    make_clock(other, **left, met=at(6, 2))
    make_clock(third, **left, received=NOON)  # it may still be done today
    assert [len(score_of(one).vetoes) for one in (place, other, third)] == [1, 0, 0]


def test_what_somebody_found_vetoes_until_it_is_lifted():
    place, by = make_community(), UserFactory()
    found = VetoFound.objects.create(
        community=place.community, year=2026, kind=VetoKind.DEN, evidence="三号楼", by=by, at=NOON
    )
    assert [one.found for one in score_of(place).vetoes] == [found]
    assert score_of(place, year=2025).vetoes == ()
    VetoFound.objects.update(lifted_at=NOON, lifted_by=by, lifted_why="查无此事")
    assert score_of(place).vetoes == ()


def test_points_by_hand_follow_the_key_of_their_line_into_a_new_version():
    place, by = make_community(), UserFactory()
    HandPoints.objects.create(
        community=place.community, year=2026, line_key="inspection", points=5, evidence="看过", by=by, at=NOON
    )
    before = score_of(place).total
    draft = copy_to_draft(ScorePolicy.objects.of_year(2026), name="新版", by=by, now=NOON)
    publish(draft, by=by, now=NOON)
    assert ScorePolicy.objects.of_year(2026) == draft
    assert ScorePolicy.objects.of_year(2025) != draft
    assert score_of(place).total == before


def test_a_year_that_is_over_is_read_from_its_december():
    place = make_community()
    assert score_of(place, year=2025).lines[0].counts == of(365, 365)
    ScoreSnapshot.objects.create(
        community=place.community,
        month=date(2025, 12, 1),
        points=50,
        counts={"zero_days": ["300", "365"]},
        taken_at=NOON,
    )
    CaseFactory(grid=place.grid, reported_at=at(5, 1, year=2025))
    lines = score_of(place, year=2025).lines
    assert lines[0].counts == of(300, 365)
    assert [one.counts for one in lines[1:] if one.counts] == [Counts()] * 15


def test_quiet_days_are_told_for_a_community_and_each_of_its_grids():
    place = make_community()
    CaseFactory(grid=place.grid, reported_at=at(11, 20))
    CaseFactory(grid=None, community=place.community, reported_at=at(11, 25))
    whole, grids = quiet_days(place.community.code, on=TODAY), quiet_by_grid(place.community.code, on=TODAY)
    assert (whole.zero_days, whole.days, whole.in_a_row) == (329, 331, 2)
    first, second = (grids[grid.code] for grid in place.grids)
    assert (first.zero_days, first.in_a_row) == (330, 7)
    assert (second.zero_days, second.in_a_row) == (331, None)
    assert first == quiet_days(place.grid.code, on=TODAY)


def fill(number):
    """One community with one of everything that is counted."""
    place = make_community(number, grids=1)
    resident = ResidentFactory(grid=place.grid, residence=Residence.TENANT, moved_in_on=date(2026, 9, 1))
    HouseholdFactory(grid=place.grid)
    CaseFactory(grid=place.grid, reported_at=at(3, 1), amount_lost=200_000)
    group = ChatGroupFactory(area=place.community)
    PushedTo.objects.create(push=PushFactory(area=place.community), group=group)
    PairingFactory(resident=resident)
    ScoreSnapshot.objects.create(community=place.community, month=date(2026, 10, 1), points=50, taken_at=NOON)
    by = UserFactory()
    VetoFound.objects.create(community=place.community, year=2026, kind=VetoKind.DEN, evidence="-", by=by, at=NOON)
    HandPoints.objects.create(
        community=place.community, year=2026, line_key="inspection", points=5, evidence="-", by=by, at=NOON
    )
    return place


def test_five_communities_and_fifty_ask_the_same_queries():
    for number in range(1, 6):
        fill(number)
    district = make_community(1).district
    boss = make_staff(Role.SUPERVISOR, district)

    def asked(question):
        with CaptureQueriesContext(
            connection,
        ) as found:
            question()
        return len(found)

    def ranking():
        return ranking_of(boss, district, year=2026, on=TODAY)

    ranking()  # whose posts these are is asked once a page
    few = asked(ranking)
    for number in range(6, 51):
        fill(number)
    assert asked(ranking) == few <= 40
    assert len(ranking().places) == 50
    assert asked(lambda: sheet_of(boss, make_community(1).community, year=2026, on=TODAY)) <= 60
