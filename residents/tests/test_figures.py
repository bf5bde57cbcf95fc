"""Visits kept: who was due in a week, and who was visited."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.clock import midnight
from accounts.roles import Role
from residents import figures
from residents.figures import Kept
from residents.models import Pairing, Resident, Visit
from residents.policy import VisitResult
from residents.tests.factories import PairingFactory, VisitFactory, make_community, make_elder, make_staff

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 30)


def kept(**narrowed: object) -> Kept:
    return figures.total(figures.dues(Pairing.objects.filter(**narrowed), mondays=[MONDAY]))


def visit(pairing: Pairing, offset: int, result: str = VisitResult.MET, hour: int = 10) -> Visit:
    at = midnight(MONDAY + timedelta(days=offset)) + timedelta(hours=hour)
    return VisitFactory(resident=pairing.resident, by=pairing.carer, at=at, result=result)


@pytest.fixture
def pairing() -> Pairing:
    return PairingFactory(resident=make_elder(make_community().grid))


@pytest.mark.parametrize(
    ("result", "number"), [(VisitResult.MET, 1), (VisitResult.PHONE_ONLY, 1), (VisitResult.NOT_HOME, 0)]
)
def test_who_was_met_or_spoken_to_is_kept_and_who_was_not_at_home_is_not(pairing, result, number) -> None:
    visit(pairing, 3, result)
    assert kept() == Kept(number, 1)


def test_two_visits_in_a_week_keep_one(pairing) -> None:
    visit(pairing, 0)
    visit(pairing, 4)
    assert kept() == Kept(1, 1)


@pytest.mark.parametrize(("offset", "hour", "number"), [(0, 0, 1), (6, 23, 1), (-1, 23, 0), (7, 0, 0)])
def test_a_week_is_monday_to_sunday_where_the_office_stands(pairing, offset, hour, number) -> None:
    visit(pairing, offset, hour=hour)
    assert kept() == Kept(number, 1)


def test_a_visit_before_the_day_of_pairing_keeps_nothing(pairing) -> None:
    Pairing.objects.update(starts_on=MONDAY + timedelta(days=2))
    visit(pairing, 1)
    assert kept() == Kept(0, 1)
    visit(pairing, 2)
    assert kept() == Kept(1, 1)


@pytest.mark.parametrize(("begins", "due"), [(3, 1), (4, 0)])
def test_the_week_of_pairing_is_due_if_four_days_are_left(pairing, begins, due) -> None:
    Pairing.objects.update(starts_on=MONDAY + timedelta(days=begins))
    assert kept().due == due


@pytest.mark.parametrize(("gone", "due"), [(3, 1), (2, 0)])
def test_who_has_gone_is_due_no_longer(pairing, gone, due) -> None:
    Resident.objects.update(ended_on=MONDAY + timedelta(days=gone))
    assert kept().due == due


def test_a_figure_is_never_a_bare_percentage() -> None:
    with translation.override("en"):
        assert str(Kept(16, 20)) == "16 of 20 (80\xa0%)"
        assert str(Kept(2, 3)) == "2 of 3 (67\xa0%)"
        assert str(Kept(0, 0)) == "–"
    assert Kept(16, 20).missed == 4


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(-9, 9), st.none() | st.integers(0, 12), st.sets(st.integers(-9, 9))),
        max_size=6,
    )
)
def test_what_is_summed_by_grid_and_by_carer_is_the_whole(db, people) -> None:
    Visit.objects.all().delete()
    Pairing.objects.all().delete()
    place = make_community(grids=3)
    for grid, begins, length, visits in people:
        starts_on = MONDAY + timedelta(days=begins)
        pairing = PairingFactory(
            resident=make_elder(place.grids[grid]),
            starts_on=starts_on,
            ends_on=None if length is None else starts_on + timedelta(days=length),
        )
        for offset in visits:
            visit(pairing, offset)
    mondays = [MONDAY - timedelta(weeks=1), MONDAY]
    found = figures.dues(Pairing.objects.all(), mondays=mondays)
    whole = figures.total(found)
    for by in (lambda due: due.grid_code, lambda due: due.carer_id, lambda due: due.monday):
        parts = figures.grouped(found, by).values()
        assert Kept(sum(one.kept for one in parts), sum(one.due for one in parts)) == whole
    assert 0 <= whole.kept <= whole.due <= len(people) * len(mondays)


def test_a_carer_who_comes_in_the_middle_of_a_week_leaves_it_to_the_one_before(pairing) -> None:
    before = pairing.carer_id
    Pairing.objects.update(ends_on=MONDAY + timedelta(days=3))
    PairingFactory(resident=pairing.resident, starts_on=MONDAY + timedelta(days=4))
    found = figures.dues(Pairing.objects.all(), mondays=[MONDAY])
    assert list(figures.grouped(found, lambda due: due.carer_id)) == [before]


def test_the_community_counts_its_own_grids_alone(pairing) -> None:
    other = PairingFactory(resident=make_elder(make_community(4).grid))
    visit(other, 1)
    mine = Pairing.objects.within(pairing.resident.grid.community_code)
    assert figures.total(figures.dues(mine, mondays=[MONDAY])) == Kept(0, 1)


def test_the_figure_costs_two_queries_for_any_number_of_weeks(pairing, django_assert_num_queries) -> None:
    carer = make_staff(Role.CARER, pairing.resident.grid)
    for _one in range(5):
        PairingFactory(resident=make_elder(pairing.resident.grid), carer=carer)
    with django_assert_num_queries(2):
        figures.dues(Pairing.objects.all(), mondays=[MONDAY - timedelta(weeks=back) for back in range(8)])
