"""Tables add up, periods are counted half-open where the office stands, nothing is counted twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.clock import LOCAL_TZ, local, midnight, today
from alerts.models import Alert, ObjectiveClock
from alerts.policy import URGENCY, Level, Objective, ObjectiveState, Outcome, State
from alerts.tests.factories import SourceFactory, ensure_policy
from campaigns.figures.coverage import Cover
from campaigns.figures.work import work_of
from campaigns.models import Door, Event, PushedTo
from campaigns.policy import Channel, DoorResult, EventState, Form, Span, TouchSource
from campaigns.services.touches import write_touches
from campaigns.tests.factories import ChatGroupFactory, EventFactory, PushFactory
from cases.models import Case
from cases.policy import COUNTED, Approach, DatedBy, Status
from cases.tests.factories import CaseFactory
from knowledge.models import FraudType
from reports.figures import figures_of, trend_of
from reports.figures.shapes import AlertSums, CaseSums, Figures, OutreachSums, Rate
from reports.policy import change
from residents.figures import Kept
from residents.models import Area, CommunityApp, Sex, Visit
from residents.policy import Residence, VisitResult
from residents.tasks import count_app
from residents.tests.factories import HouseholdFactory, PairingFactory, ResidentFactory, make_community

pytestmark = pytest.mark.django_db

APRIL = Span(date(2026, 4, 1), date(2026, 5, 1))
YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))
LATER = date(2026, 12, 31)
FEW = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def thrown_away() -> Iterator[None]:
    """Let an example leave nothing behind for the next one."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def place():
    make_community(4)
    return make_community(3)


def noon(on: date) -> datetime:
    return datetime.combine(on, time(12), tzinfo=LOCAL_TZ)


def make_case(community, on: date, *, grid: int | None = 0, **more) -> Case:
    return CaseFactory(
        community=community.community,
        grid=None if grid is None else community.grids[grid],
        reported_at=noon(on),
        **more,
    )


def make_alert(grid: Area, at: datetime, **more) -> Alert:
    level = more.setdefault("level", Level.HIGH)
    return Alert.objects.create(
        source=SourceFactory(),
        policy_version=ensure_policy(),
        urgency=URGENCY[level],
        grid=grid if len(grid.code) > 12 else None,
        area_code=grid.code,
        received_at=at,
        changed_at=at,
        **more,
    )


def make_clock(alert: Alert, minutes: float, state: str, objective: str = Objective.RESPOND, level: str = "") -> None:
    ObjectiveClock.objects.create(
        alert=alert,
        objective=objective,
        level=level or alert.level,
        state=state,
        started_at=alert.received_at,
        due_at=alert.received_at + timedelta(minutes=10),
        met_at=alert.received_at + timedelta(minutes=minutes),
    )


def april(area: Area, **more) -> Figures:
    return figures_of(area, APRIL, on=LATER, **more)


# ── everything adds up, whatever the ledger holds ───────────────────────────────────────────────────────────────────

moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
amounts = st.decimals(0, 200_000, places=2)
some_cases = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.sampled_from([3, 4]),
            "grid": st.sampled_from([None, 0, 1]),
            "reported_at": moments,
            "occurred_at": st.none() | moments,
            "filed_on": st.none() | st.dates(date(2025, 1, 1), date(2026, 12, 31)),
            "status": st.sampled_from(Status.values),
            "type": st.integers(0, 30),
            "is_elder_fraud": st.booleans(),
            "approach": st.sampled_from(["", *Approach.values]),
            "amount_lost": amounts,
            "amount_prevented": amounts,
            "amount_returned": amounts,
            "victim_sex": st.sampled_from(["", *Sex.values]),
            "victim_age": st.none() | st.integers(0, 110),
            "victim_occupation": st.sampled_from(["", "退休", "学生", "个体"]),
            "victim_residence": st.sampled_from(["", *Residence.values]),
            "was_warned": st.sampled_from([None, True, False]),
        }
    ),
    max_size=25,
)
some_alerts = st.lists(
    st.fixed_dictionaries(
        {
            "code": st.sampled_from(
                ["370105012", "370105012003", "370105012003001", "370105012003002", "370105012004001"]
            ),
            "received_at": moments,
            "level": st.sampled_from(Level.values),
            "actual_level": st.sampled_from(["", *Level.values]),
            "outcome": st.sampled_from(Outcome.values),
            "amount_prevented": st.none() | amounts,
            "is_drill": st.booleans(),
            "state": st.sampled_from([State.CLOSED, State.VOIDED, State.ACCEPTED]),
            "type": st.none() | st.integers(0, 30),
        }
    ),
    max_size=10,
)
spans = st.sampled_from(
    [
        APRIL,
        YEAR,
        Span(date(2026, 2, 1), date(2026, 5, 1)),
        Span(date(2026, 3, 15), date(2026, 4, 2)),
        Span(date(2025, 2, 1), date(2026, 12, 1)),
    ]
)


def write(cases, alerts) -> None:
    kinds = list(FraudType.objects.order_by("pk"))
    areas = {area.code: area for area in Area.objects.all()}
    made = []
    for one in cases:
        row = dict(one)
        community = areas[f"370105012{row.pop('number'):03d}"]
        number = row.pop("grid")
        grid = None if number is None else areas[f"{community.code}{number + 1:03d}"]
        case = Case(
            community=community,
            grid=grid,
            changed_at=row["reported_at"],
            fraud_type=kinds[row.pop("type") % len(kinds)],
            **row,
        )
        case.settle_place()
        made.append(case)
    Case.objects.bulk_create(made)
    for one in alerts:
        row = dict(one)
        kind = row.pop("type")
        area = areas[row.pop("code")]
        alert = make_alert(
            area,
            row.pop("received_at"),
            fraud_type=None if kind is None else kinds[kind % len(kinds)],
            dispatched_at=None,
            **row,
        )
        make_clock(alert, 3, ObjectiveState.MET)


@given(cases=some_cases, alerts=some_alerts, span=spans, by=st.sampled_from(DatedBy))
@FEW
def test_every_table_adds_up_to_its_total(place, cases, alerts, span, by):
    with thrown_away():
        write(cases, alerts)
        for area in (place.community, place.street, place.district, place.grid):
            found = figures_of(area, span, on=LATER, dated_by=by)
            count, lost = found.cases.now.count, found.cases.now.lost
            for table in (
                found.victims.ages,
                found.victims.occupations,
                found.victims.residences,
                found.victims.amounts,
                found.victims.approaches,
            ):
                assert sum(row.count for row in table) == count
                assert sum(row.lost for row in table) == lost
            for period in ("now", "before", "last_year"):
                whole = getattr(found.cases, period)
                tops = [getattr(row.sums, period) for row in found.types if not row.parent]
                assert sum(tops, CaseSums()) == whole
                assert sum((getattr(row.cases, period) for row in found.areas), CaseSums()) == whole
            assert sum((row.alerts for row in found.areas), AlertSums()) == found.alerts.now
            assert sum((row.outreach for row in found.areas), OutreachSums()) == found.outreach.now
            assert sum((row.year_to_date for row in found.areas), CaseSums()) == found.year_to_date
            below: dict[str, CaseSums] = {}
            for row in found.types:
                if row.parent:
                    below[row.parent] = below.get(row.parent, CaseSums()) + row.sums.now
            tops_by_code = {row.code: row.sums.now for row in found.types if not row.parent}
            assert all(sums.count <= tops_by_code[code].count for code, sums in below.items())


@given(cases=some_cases, alerts=some_alerts, span=spans, by=st.sampled_from(DatedBy))
@FEW
def test_what_is_counted_is_what_one_would_count_by_hand(place, cases, alerts, span, by):
    def day(one):
        at = {"reported": one["reported_at"], "occurred": one["occurred_at"], "filed": one["filed_on"]}[by]
        return local(at).date() if isinstance(at, datetime) else at

    mine = [one for one in cases if one["number"] == 3 and one["status"] in COUNTED and day(one) is not None]
    here = [one for one in mine if span.first <= day(one) < span.after]
    with thrown_away():
        write(cases, alerts)
        found = figures_of(place.community, span, on=LATER, dated_by=by)
        assert found.cases.now.count == len(here)
        assert found.cases.now.lost == sum((one["amount_lost"] for one in here), Decimal(0))
        assert found.cases.now.filed == sum(one["status"] in {"filed", "solved"} for one in here)
        days = {day(one) for one in here}
        assert found.zero_days == (span.after - span.first).days - len(days)
        last = max((day(one) for one in mine if day(one) < span.after), default=None)
        if last is not None:
            assert found.quiet_days == (span.last - last).days
        ours = [
            one
            for one in alerts
            if one["code"].startswith("370105012003")
            and not one["is_drill"]
            and one["state"] != State.VOIDED
            and span.first <= local(one["received_at"]).date() < span.after
        ]
        assert found.alerts.now.received == len(ours)
        averted = [one["amount_prevented"] or 0 for one in ours if one["outcome"] in {"dissuaded", "saw_through"}]
        of_cases = sum((one["amount_prevented"] for one in here), Decimal(0))
        assert found.cases.now.prevented == of_cases + sum(averted)


@given(cases=some_cases, span=spans)
@FEW
def test_grids_add_up_to_the_community_and_communities_to_the_street(place, cases, span):
    with thrown_away():
        write(cases, [])
        street = figures_of(place.street, span, on=LATER)
        rows = {row.code: row for row in street.areas}
        for code, row in rows.items():
            if code:
                community = figures_of(Area.objects.get(code=code), span, on=LATER)
                assert (row.cases, row.year_to_date) == (community.cases, community.year_to_date)
                assert (row.zero_days, row.quiet_days) == (community.zero_days, community.quiet_days)
        assert street.cases == figures_of(place.district, span, on=LATER).cases


@given(cases=some_cases)
@FEW
def test_the_months_of_a_year_add_up_to_it(place, cases):
    with thrown_away():
        write(cases, [])
        months = trend_of(place.district.code, last=date(2026, 12, 3), dated_by=DatedBy.REPORTED)
        assert len(months) == 24
        assert (months[0].first, months[-1].first) == (date(2025, 1, 1), date(2026, 12, 1))
        year = figures_of(place.district, YEAR, on=date(2027, 1, 9)).cases
        assert sum(month.count for month in months[12:]) == year.now.count
        assert sum(month.lost for month in months[:12]) == year.before.lost == year.last_year.lost


# ── periods ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_begins_at_midnight_where_the_office_stands(place):
    for at in (midnight(date(2026, 4, 1)), midnight(date(2026, 5, 1))):
        for moment in (at - timedelta(milliseconds=1), at):
            CaseFactory(grid=place.grid, reported_at=moment)
    assert april(place.community).cases.now.count == 2
    assert april(place.community).cases.before.count == 1


def test_a_quarter_with_two_cases_after_one_with_ten_is_down_by_eighty_per_cent(place):
    for _number in range(10):
        make_case(place, date(2026, 2, 3))
    for _number in range(2):
        make_case(place, date(2026, 5, 3))
    found = figures_of(place.community, Span(date(2026, 4, 1), date(2026, 7, 1)), on=LATER).cases
    assert change(found.now.count, found.before.count).percent == Decimal("-80.0")


def test_twenty_three_on_twenty_is_up_by_fifteen_per_cent(place):
    for number in range(20):
        make_case(place, date(2025, 2, 1) + timedelta(days=4 * number))
    for number in range(23):
        make_case(place, date(2026, 2, 1) + timedelta(days=3 * number))
    found = figures_of(place.community, Span(date(2026, 2, 1), date(2026, 5, 1)), on=LATER).cases
    assert (found.now.count, found.last_year.count) == (23, 20)
    assert change(found.now.count, found.last_year.count).percent == Decimal("15.0")


def test_a_month_half_gone_is_held_against_half_of_the_one_before_and_of_last_years(place):
    for month, day in ((4, 10), (4, 20), (3, 10), (3, 20), (3, 30)):
        make_case(place, date(2026, month, day))
    make_case(place, date(2025, 4, 12))
    make_case(place, date(2025, 4, 13))
    found = figures_of(place.community, APRIL, on=date(2026, 4, 12))
    assert (found.cases.now.count, found.cases.before.count, found.cases.last_year.count) == (1, 1, 1)
    assert (found.zero_days, found.quiet_days) == (11, 2)


def test_a_month_that_has_not_begun_is_empty_and_no_error(place):
    make_case(place, date(2026, 4, 3))
    found = figures_of(place.community, Span(date(2026, 8, 1), date(2026, 9, 1)), on=date(2026, 4, 12))
    assert (found.cases.now, found.zero_days, found.quiet_days) == (CaseSums(), 0, 0)
    assert found.types == ()


def test_where_nobody_was_ever_defrauded_the_quiet_days_begin_with_the_ledger(place):
    make_case(place, date(2026, 3, 2), grid=0)
    row = {row.code: row for row in april(place.community).areas}[place.grids[1].code]
    assert (row.zero_days, row.quiet_days) == (30, 59)
    assert {row.rank for row in april(place.community).areas} == {1}


def test_what_was_withdrawn_is_in_no_figure(place):
    make_case(place, date(2026, 4, 3), status=Status.WITHDRAWN)
    assert april(place.district).cases.now == CaseSums()


def test_a_filed_case_counts_on_the_day_it_was_filed_where_the_report_says_so(place):
    make_case(place, date(2026, 3, 30), filed_on=date(2026, 4, 1), status=Status.FILED)
    make_case(place, date(2026, 4, 2))
    assert april(place.community, dated_by=DatedBy.FILED).cases.now.count == 1
    assert april(place.community).cases.now.filed == 0


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_case_whose_grid_nobody_knows_has_a_row_of_its_own(place):
    make_case(place, date(2026, 4, 3), grid=None)
    rows = april(place.community).areas
    assert [(row.code, row.cases.now.count, row.rank > 0) for row in rows] == [
        (place.grids[0].code, 0, True),
        (place.grids[1].code, 0, True),
        ("", 1, False),
    ]
    assert len(april(place.street).areas) == 2


def test_the_rank_goes_by_cases_for_each_resident_and_equals_share_it(place):
    big, small = place.grids
    for grid, people in ((big, 4), (small, 2)):
        ResidentFactory.create_batch(people, grid=grid)
    for grid, number in ((0, 2), (1, 1)):
        for _number in range(number):
            make_case(place, date(2026, 4, 3), grid=grid)
    assert [row.rank for row in april(place.community).areas] == [1, 1]
    make_case(place, date(2026, 4, 4), grid=0)
    assert [row.rank for row in april(place.community).areas] == [2, 1]


def test_types_of_the_second_level_are_within_the_first(place):
    top = FraudType.objects.top().order_by("pk").first()
    below = FraudType.objects.create(code="below", name_zh="下级", parent=top)
    make_case(place, date(2026, 4, 3), fraud_type=below)
    make_case(place, date(2026, 4, 3), fraud_type=top)
    rows = april(place.community).types
    assert [(row.code, row.parent, row.sums.now.count) for row in rows] == [(top.code, "", 2), ("below", top.code, 1)]


# ── alerts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_an_alert_saved_counts_once_where_it_became_a_case(place):
    alert = make_alert(
        place.grid,
        noon(date(2026, 4, 3)),
        outcome=Outcome.DISSUADED,
        state=State.CLOSED,
        amount_prevented=Decimal(5_000),
    )
    assert april(place.community).cases.now.prevented == 5_000
    case = make_case(place, date(2026, 4, 4), alert=alert, amount_prevented=Decimal(4_000))
    found = april(place.community)
    assert (found.cases.now.prevented, found.cases.now.warned) == (4_000, 1)
    assert found.alerts.now.prevented == 5_000
    Case.objects.filter(pk=case.pk).update(status=Status.WITHDRAWN)
    assert april(place.community).cases.now.prevented == 5_000


def test_the_clock_is_told_by_the_clocks_that_have_ended(place):
    at = noon(date(2026, 4, 3))
    for minutes, state in ((4, ObjectiveState.MET), (12, ObjectiveState.BREACHED), (8, ObjectiveState.MET)):
        alert = make_alert(
            place.grid,
            at,
            dispatched_at=at,
            phone_at=at,
            door_at=at if minutes == 4 else None,
            state=State.CLOSED,
            outcome=Outcome.DISSUADED,
            actual_level=Level.MEDIUM if minutes == 4 else Level.HIGH,
        )
        make_clock(alert, 2, ObjectiveState.MET, Objective.DISPATCH)
        make_clock(alert, minutes, state)
        make_clock(alert, minutes, ObjectiveState.REPLACED, level=Level.MEDIUM)
    make_clock(make_alert(place.grid, at), 1, ObjectiveState.PENDING)
    make_clock(make_alert(place.grid, at, is_drill=True), 1, ObjectiveState.MET)
    found = april(place.community)
    now = found.alerts.now
    assert (now.received, now.of_high) == (4, 4)
    assert (now.pushed, now.high, now.medium) == (Rate(3, 3), Rate(2, 3), Rate(0, 0))
    assert (now.phone, now.met, now.family) == (Rate(3, 3), Rate(1, 3), Rate(0, 3))
    assert (now.dissuaded, now.level_corrected) == (Rate(3, 3), Rate(1, 3))
    minutes = found.minutes["high"]
    assert minutes.bands == ((5, 1), (10, 1), (20, 1), (30, 0), (60, 0), (None, 0))
    assert (minutes.median, minutes.worst) == (Decimal("8.0"), Decimal("12.0"))


def test_the_middle_of_an_even_number_lies_between_two(place):
    for minutes in (3, 6, 7.5, 9):
        make_clock(make_alert(place.grid, noon(date(2026, 4, 3))), minutes, ObjectiveState.MET)
    assert april(place.community).minutes["high"].median == Decimal("6.8")


# ── outreach and care ───────────────────────────────────────────────────────────────────────────────────────────────


def test_outreach_is_what_outreach_itself_counts(place):
    at = noon(date(2026, 4, 8))
    event = EventFactory(
        area=place.community,
        form=Form.LECTURE,
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        state=EventState.HELD,
        heads=30,
        installs=4,
        pledges=5,
    )
    event.fraud_types.add(FraudType.objects.get(code="brushing_rebate"))
    resident = ResidentFactory(grid=place.grid)
    write_touches([resident], event=event, channel=Channel.ON_SITE, source=TouchSource.LIST, at=at, by=event.created_by)
    household = HouseholdFactory(grid=place.grid)
    Door.objects.create(event=event, household=household, result=DoorResult.TALKED, at=at, has_installed=True)
    push = PushFactory(area=place.community, on=date(2026, 4, 7), posts=3)
    PushedTo.objects.create(push=push, group=ChatGroupFactory(area=place.grid))
    found = april(place.community)
    assert found.outreach.now == OutreachSums(
        events=1, lectures=1, households=1, heads=30, people=1, posts=3, installs=5, pledges=5
    )
    work = work_of(place.community.code, APRIL)
    for one in fields(work):
        if hasattr(OutreachSums(), one.name):
            assert getattr(work, one.name) == getattr(found.outreach.now, one.name)
    assert found.taught == {"brushing_rebate": 1}
    assert found.groups == Rate(0, 1)
    assert found.outreach.before == OutreachSums()
    assert found.elders == Cover(1, 1, 0)
    assert Event.objects.count() == 1


def test_visits_are_those_of_weeks_that_are_over_and_have_their_thursday_in_the_period(place):
    pairing = PairingFactory(resident=ResidentFactory(grid=place.grid), starts_on=date(2026, 1, 1))
    for day in (1, 10, 30):  # Wednesday of a week that begins in March, Friday, Thursday
        Visit.objects.create(
            resident=pairing.resident, by=pairing.carer, at=noon(date(2026, 4, day)), result=VisitResult.MET
        )
    assert april(place.community).visits == Kept(3, 5)
    half = figures_of(place.community, APRIL, on=date(2026, 4, 12))
    assert half.visits == Kept(1, 1)


def test_newcomers_count_when_their_days_are_over(place):
    event = EventFactory(area=place.community)
    for moved_in, reached in ((date(2026, 3, 10), 9), (date(2026, 3, 20), None), (date(2026, 4, 20), 21)):
        resident = ResidentFactory(grid=place.grid, residence=Residence.TENANT, moved_in_on=moved_in)
        if reached:
            at = noon(date(2026, 4, reached))
            write_touches(
                [resident], event=event, channel=Channel.DOOR, source=TouchSource.DOOR, at=at, by=event.created_by
            )
    assert april(place.community).newcomers == Rate(1, 2)


def test_a_wide_area_says_the_same_of_the_app_as_counted_on_the_spot_and_a_community_is_counted_on_the_spot(place):
    for number, has_app in enumerate((True, True, False, None)):
        ResidentFactory(grid=place.grids[number % 2], has_app=has_app, has_call_warning=number == 0)
    make_case(place, date(2026, 4, 3))
    on = today()
    live = {area.code: figures_of(area, APRIL, on=on) for area in (place.street, place.district)}
    assert live[place.district.code].app == Rate(2, 4)
    count_app()
    assert {area.code: figures_of(area, APRIL, on=on) for area in (place.street, place.district)} == live

    ResidentFactory(grid=place.grid, has_app=True)
    assert figures_of(place.community, APRIL, on=on).app == Rate(3, 5)
    assert figures_of(place.district, APRIL, on=on).app == Rate(2, 4)  # until the task has counted again
    CommunityApp.objects.update(counted_at=midnight(on - timedelta(days=2)))
    assert figures_of(place.district, APRIL, on=on).app == Rate(3, 5)  # nobody counts any more


def test_what_saved_and_became_a_case_is_taken_away_in_its_own_days_part_and_type(place):
    kinds = list(FraudType.objects.filter(parent=None)[:2])
    for number, (month, grid) in enumerate(((3, 0), (4, 0), (4, 1), (2, 1))):
        saved = {"outcome": Outcome.DISSUADED, "state": State.CLOSED, "amount_prevented": Decimal(1_000 + number)}
        at, kind = noon(date(2026, month, 30 if month > 2 else 3)), kinds[number % 2]
        one = make_alert(place.grids[grid], at, fraud_type=kind, **saved)
        make_alert(place.grids[grid], at, actual_fraud_type=kind, **{**saved, "amount_prevented": Decimal(50)})
        make_case(place, date(2026, 6, 1), grid=grid, alert=one)  # in no period: it only takes away
    found = april(place.district)
    assert (found.cases.now.prevented, found.cases.before.prevented, found.year_to_date.prevented) == (100, 50, 200)
    assert {row.code: row.sums.now.prevented for row in found.types} == {kind.code: 50 for kind in kinds}
    rows = {row.code: row for row in april(place.community).areas}
    assert [rows[grid.code].cases.now.prevented for grid in place.grids[:2]] == [50, 50]
    assert [rows[grid.code].year_to_date.prevented for grid in place.grids[:2]] == [100, 100]


def test_a_district_costs_as_many_queries_as_a_grid(place, django_assert_max_num_queries):
    for number in range(12):
        make_case(place, date(2026, 4, 3), grid=number % 2)
        make_clock(make_alert(place.grid, noon(date(2026, 4, 3))), 3, ObjectiveState.MET)
    for area in (place.grid, place.community, place.street, place.district):
        with django_assert_max_num_queries(38):
            april(area)
    with django_assert_max_num_queries(1):
        trend_of(place.district.code, last=date(2026, 4, 3), dated_by=DatedBy.REPORTED)
