"""Appointing somebody: never twice to the same place at once."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory, UserFactory
from residents.models import Post
from residents.services import ResidentsError, appoint
from residents.tests.factories import make_community

NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
MARCH, MID_APRIL, APRIL_END, MAY = date(2026, 3, 1), date(2026, 4, 15), date(2026, 4, 30), date(2026, 5, 1)


@pytest.mark.django_db
def test_an_appointment_is_a_post_and_a_line_in_the_trail() -> None:
    place, person, boss = make_community(), UserFactory(), AdministratorFactory()
    post = appoint(
        person, area=place.grid, role=Role.GRID_LEADER, starts_on=MARCH, by=boss, now=NOW, from_where="127.0.0.1"
    )
    assert (post.user, post.area, post.role, post.starts_on, post.ends_on) == (
        person,
        place.grid,
        Role.GRID_LEADER,
        MARCH,
        None,
    )
    entry = AuditEntry.objects.about(post).get()
    assert (entry.verb, entry.actor, entry.at, entry.area_code) == ("residents.appointed", boss, NOW, place.grid.code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "role"),
    [
        ((MARCH, None), (MAY, None), Role.GRID_LEADER),
        ((MARCH, None), (MAY, None), Role.CARER),  # another role at the same area overlaps as well
        ((MARCH, APRIL_END), (APRIL_END, None), Role.GRID_LEADER),
        ((MID_APRIL, MID_APRIL), (MARCH, APRIL_END), Role.GRID_LEADER),
        ((MAY, None), (MARCH, None), Role.GRID_LEADER),
        ((MAY, None), (MARCH, MAY), Role.GRID_LEADER),
    ],
)
def test_a_post_that_shares_a_day_with_another_at_the_same_area_is_refused(first, second, role) -> None:
    person, grid = UserFactory(), make_community().grid
    appoint(person, area=grid, role=Role.GRID_LEADER, starts_on=first[0], ends_on=first[1], by=None, now=NOW)
    with pytest.raises(ResidentsError) as caught:
        appoint(person, area=grid, role=role, starts_on=second[0], ends_on=second[1], by=None, now=NOW)
    assert person.name in str(caught.value)
    assert str(first[0]) in str(caught.value)
    assert Post.objects.count() == 1
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_posts_that_follow_each_other_or_lie_elsewhere_or_are_somebody_elses_do_not_overlap() -> None:
    person, place = UserFactory(), make_community()
    leader = {"role": Role.GRID_LEADER, "by": None, "now": NOW}
    appoint(person, area=place.grid, starts_on=MARCH, ends_on=APRIL_END, **leader)
    appoint(person, area=place.grid, starts_on=MAY, **leader)
    appoint(person, area=place.grids[1], starts_on=MARCH, **leader)
    appoint(person, area=place.community, starts_on=MARCH, **leader)
    appoint(UserFactory(), area=place.grid, starts_on=MARCH, **leader)
    assert Post.objects.count() == 5


@pytest.mark.django_db
def test_a_post_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ResidentsError):
        appoint(
            UserFactory(), area=make_community().grid, role=Role.CARER, starts_on=MAY, ends_on=MARCH, by=None, now=NOW
        )


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_appointments_at_one_moment_one_is_refused() -> None:
    person, grid = UserFactory(), make_community().grid
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def press() -> None:
        try:
            ready.wait()
            appoint(person, area=grid, role=Role.CARER, starts_on=MARCH, by=None, now=NOW)
            outcomes.append("appointed")
        except ResidentsError:
            outcomes.append("refused")
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(outcomes) == ["appointed", "refused"]
    assert Post.objects.count() == 1
