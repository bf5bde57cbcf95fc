"""Who may see and do what, where: today, and not a day before or after."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.roles import Duty, Role
from accounts.tests.factories import AdministratorFactory, UserFactory
from residents.access import after_all_within, covers, fewest, may, on_duty, scope_codes, within
from residents.models import Area, Pairing, Resident
from residents.tests.factories import PostFactory, ResidentFactory, make_community, make_staff

TODAY = date(2026, 4, 2)
YESTERDAY = date(2026, 4, 1)
TOMORROW = date(2026, 4, 3)
codes = st.from_regex(r"[0-9]{1,8}", fullmatch=True)


@given(codes, codes)
def test_the_range_of_an_area_holds_exactly_the_codes_that_begin_with_its_own(code: str, other: str) -> None:
    end = after_all_within(code)
    assert (code <= other and (end is None or other < end)) == other.startswith(code)


@given(st.lists(codes))
def test_the_fewest_codes_cover_what_all_cover_and_none_lies_within_another(many: list[str]) -> None:
    few = fewest(many)
    assert set(few) <= set(many)
    assert all(covers(few, code) for code in many)
    assert not any(one != other and one.startswith(other) for one in few for other in few)


@pytest.mark.django_db
@given(st.lists(codes, max_size=5))
def test_a_query_and_the_pure_answer_agree_on_every_scope(scope: list[str]) -> None:
    everything = ("3", "37", "370105", "3709", "9", "99", "990", "0")
    for code in everything:
        Area.objects.get_or_create(code=code, defaults={"name": code, "level": "district"})
    found = set(Area.objects.filter(within("code", tuple(scope))).values_list("code", flat=True))
    assert found == {code for code in everything if covers(tuple(scope), code)}


@pytest.mark.django_db
def test_everywhere_lets_all_through_and_nowhere_nothing() -> None:
    make_community()
    assert Area.objects.filter(within("code", None)).count() == 5
    assert Area.objects.filter(within("code", ())).count() == 0
    assert covers(None, "")
    assert not covers(("37",), "")
    assert not covers((), "370105")


@pytest.mark.django_db
def test_a_duty_reaches_the_area_of_the_post_and_all_below_it() -> None:
    place = make_community()
    officer = make_staff(Role.DUTY_OFFICER, place.community)
    assert scope_codes(officer, Duty.WATCH_DESK, TODAY) == (place.community.code,)
    assert may(officer, Duty.WATCH_DESK, place.grids[1].code, TODAY)
    assert not may(officer, Duty.WATCH_DESK, place.street.code, TODAY)
    assert not may(officer, Duty.WATCH_DESK, make_community(4).grid.code, TODAY)
    assert not may(officer, Duty.WATCH_DESK, "", TODAY)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "holds"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (YESTERDAY, TODAY, True),
        (YESTERDAY, YESTERDAY, False),
        (TOMORROW, None, False),
    ],
)
def test_a_post_counts_from_its_first_day_to_its_last(starts_on, ends_on, holds: bool) -> None:
    post = PostFactory(starts_on=starts_on, ends_on=ends_on)
    assert may(post.user, Duty.HANDLE_ALERTS, post.area.code, TODAY) is holds


@pytest.mark.django_db
def test_a_new_colleague_sees_nothing_of_yesterday() -> None:
    post = PostFactory(starts_on=TODAY)
    assert not may(post.user, Duty.HANDLE_ALERTS, post.area.code, YESTERDAY)
    assert may(post.user, Duty.HANDLE_ALERTS, post.area.code, TODAY)


@pytest.mark.django_db
def test_only_posts_whose_role_has_the_duty_count() -> None:
    near, far = make_community(3), make_community(4)
    person = make_staff(Role.WARNING_SPECIALIST, near.grid)
    PostFactory(user=person, role=Role.CARER, area=far.grid)
    assert scope_codes(person, Duty.HANDLE_ALERTS, TODAY) == (near.grid.code,)
    assert scope_codes(person, Duty.VISIT, TODAY) == (near.grid.code, far.grid.code)
    assert scope_codes(person, Duty.WATCH_DESK, TODAY) == ()


@pytest.mark.django_db
def test_a_post_above_swallows_one_below() -> None:
    place = make_community()
    person = make_staff(Role.MANAGER, place.community)
    PostFactory(user=person, role=Role.GRID_LEADER, area=place.grid)
    assert scope_codes(person, Duty.HANDLE_ALERTS, TODAY) == (place.community.code,)


@pytest.mark.django_db
def test_an_administrator_may_everything_everywhere_and_somebody_inactive_nothing() -> None:
    assert scope_codes(AdministratorFactory(), Duty.WATCH_DESK, TODAY) is None
    assert scope_codes(AdministratorFactory(is_active=False), Duty.WATCH_DESK, TODAY) == ()
    post = PostFactory(user=UserFactory(is_active=False))
    assert scope_codes(post.user, Duty.HANDLE_ALERTS, TODAY) == ()


@pytest.mark.django_db
def test_a_page_asks_for_the_posts_once_however_often_it_asks_what_may_be_done(django_assert_num_queries) -> None:
    person = User.objects.get(pk=PostFactory().user.pk)
    with django_assert_num_queries(1):
        for duty in Duty:
            scope_codes(person, duty, TODAY)
            may(person, duty, "370105012003001", TODAY)


@pytest.mark.django_db
def test_residents_are_seen_by_those_who_serve_their_grid_and_by_nobody_else() -> None:
    here, there = make_community(3), make_community(4)
    resident = ResidentFactory(grid=here.grids[0])
    ResidentFactory(grid=here.grids[1])
    ResidentFactory(grid=there.grid)
    seen = {
        role: Resident.objects.visible_to(make_staff(role, area), on=TODAY).count()
        for role, area in (
            (Role.GRID_LEADER, here.grids[0]),
            (Role.DUTY_OFFICER, here.community),
            (Role.POLICE_LIAISON, here.community),
            (Role.SUPERVISOR, here.street),
            (Role.CARER, there.grid),
        )
    }
    assert seen == {
        Role.GRID_LEADER: 1,
        Role.DUTY_OFFICER: 2,
        Role.POLICE_LIAISON: 0,
        Role.SUPERVISOR: 0,
        Role.CARER: 0,
    }
    stranger = make_staff(Role.DUTY_OFFICER, there.community)
    assert not Resident.objects.visible_to(stranger, on=TODAY).filter(pk=resident.pk).exists()
    assert Resident.objects.visible_to(AdministratorFactory(), on=TODAY).count() == 3


def pressed_by(user) -> HttpResponse:
    request = RequestFactory().get("/")
    request.user = user
    return on_duty(Duty.WATCH_DESK)(lambda _request: HttpResponse("the desk"))(request)


@pytest.mark.django_db
def test_a_guarded_view_opens_to_the_duty_and_to_nobody_else() -> None:
    place = make_community()
    assert pressed_by(make_staff(Role.DUTY_OFFICER, place.community)).content == b"the desk"
    assert pressed_by(AdministratorFactory()).content == b"the desk"
    for user in (make_staff(Role.GRID_LEADER, place.grid), UserFactory(), AnonymousUser()):
        with pytest.raises(PermissionDenied):
            pressed_by(user)


@pytest.mark.django_db
def test_a_carer_sees_those_they_are_paired_with_while_the_pairing_runs() -> None:
    here = make_community(3)
    carer = make_staff(Role.CARER, here.grid)
    mine, former = ResidentFactory(grid=here.grids[1]), ResidentFactory(grid=here.grid)
    ResidentFactory(grid=here.grid)
    Pairing.objects.create(resident=mine, carer=carer, starts_on=TODAY)
    Pairing.objects.create(resident=former, carer=carer, starts_on=date(2020, 1, 1), ends_on=TODAY - timedelta(days=1))
    assert list(Resident.objects.visible_to(carer, on=TODAY)) == [mine]
    assert list(Resident.objects.visible_to(carer, on=TODAY - timedelta(days=1))) == [former]


@pytest.mark.django_db
def test_minors_under_fourteen_are_seen_by_those_alone_who_have_that_duty() -> None:
    here = make_community(3)
    child = ResidentFactory(grid=here.grid, birth_on=TODAY.replace(year=TODAY.year - 14) + timedelta(days=1))
    youth = ResidentFactory(grid=here.grid, birth_on=TODAY.replace(year=TODAY.year - 14))
    leader, specialist = make_staff(Role.GRID_LEADER, here.grid), make_staff(Role.WARNING_SPECIALIST, here.grid)
    assert set(Resident.objects.visible_to(leader, on=TODAY)) == {child, youth}
    assert set(Resident.objects.visible_to(specialist, on=TODAY)) == {youth}
