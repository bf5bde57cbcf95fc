"""Follow-up visits: planned once for one fraud, made by the visit that is one, given, cancelled, chased, shown."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import today
from accounts.models import AuditEntry, User
from accounts.roles import Role
from notifications.models import Notice
from residents import services
from residents.models import FollowUp, Pairing, Resident, Rule
from residents.policy import (
    FOLLOW_UP_EARLY,
    Departure,
    FollowUpWhy,
    RuleName,
    VisitResult,
    days_overdue,
    follow_up_due,
    settles_follow_up,
)
from residents.services import Found, ResidentsError, who_follows_up
from residents.tests.factories import PairingFactory, ResidentFactory, VisitFactory, make_community, make_staff

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)  # a Thursday, noon where the office stands
TODAY = date(2026, 4, 2)
MET = Found(result=VisitResult.MET)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def victim(place) -> Resident:
    return ResidentFactory(grid=place.grid)


@pytest.fixture
def leader(place) -> User:
    return make_staff(Role.GRID_LEADER, place.grid)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def plan(victim: Resident, *, subject: str = "case:1", begins_on: date = TODAY, **options: object) -> list[FollowUp]:
    fields = {"why": FollowUpWhy.FRAUD, "by": None, "now": NOON, **options}
    return services.plan_follow_ups(victim, subject=subject, begins_on=begins_on, **fields)


def people(follow_up: FollowUp) -> list[User]:
    return who_follows_up([follow_up], on=TODAY)[follow_up.pk]


# ── when ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(wanted=st.dates(date(2020, 1, 1), date(2030, 1, 1)), on=st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_nobody_is_late_on_the_day_they_are_told_and_a_visit_then_counts(wanted: date, on: date) -> None:
    due_on = follow_up_due(wanted, on=on)
    assert days_overdue(due_on, on) == 0
    assert due_on >= wanted
    assert settles_follow_up(due_on, due_on=due_on)
    assert settles_follow_up(due_on - FOLLOW_UP_EARLY, due_on=due_on)
    assert not settles_follow_up(due_on - FOLLOW_UP_EARLY - timedelta(days=1), due_on=due_on)


def test_a_victim_is_visited_again_after_seven_and_thirty_days(victim) -> None:
    first, second = plan(victim)
    assert [(one.due_on, one.words) for one in (first, second)] == [
        (day(7), "7 days after a fraud"),
        (day(30), "30 days after a fraud"),
    ]
    entry = AuditEntry.objects.get(verb="residents.follow_ups_planned")
    assert (entry.object_id, entry.area_code) == (str(victim.pk), victim.grid.code)


def test_an_administrator_changes_the_days(victim) -> None:
    Rule.objects.create(name=RuleName.FOLLOW_UP_FIRST_DAYS, number=3)
    assert [one.due_on for one in plan(victim)] == [day(3), day(30)]


def test_one_fraud_is_followed_up_once_however_often_it_is_entered(victim) -> None:
    plan(victim)
    assert plan(victim) == []
    assert FollowUp.objects.count() == 2
    assert len(plan(victim, subject="case:2")) == 2


def test_a_fraud_heard_of_late_leaves_some_days_for_what_is_past(victim) -> None:
    assert [one.due_on for one in plan(victim, begins_on=day(-20))] == [day(2), day(10)]


def test_a_visit_made_before_it_was_planned_is_the_follow_up(victim) -> None:
    visit = VisitFactory(resident=victim, at=NOON - timedelta(days=3))
    VisitFactory(resident=victim, at=NOON - timedelta(days=9), result=VisitResult.MET)  # too soon after the fraud
    first, second = plan(victim, begins_on=day(-10))
    assert (first.visit, first.due_on) == (visit, day(-3))
    assert second.visit is None


def test_nobody_who_has_gone_is_followed_up(victim, leader) -> None:
    services.end(victim, departure=Departure.MOVED, ended_on=TODAY, by=leader, now=NOON)
    assert plan(victim) == []


# ── made, cancelled, given ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("result", "days", "is_made"),
    [
        (VisitResult.MET, 5, True),
        (VisitResult.PHONE_ONLY, 7, True),
        (VisitResult.MET, 9, True),
        (VisitResult.MET, 4, False),
        (VisitResult.NOT_HOME, 7, False),
    ],
)
def test_a_visit_is_the_follow_up_from_two_days_before_it_is_due(victim, leader, result, days, is_made) -> None:
    first, second = plan(victim)
    visit = services.log_visit(victim, found=Found(result=result), by=leader, now=NOON + timedelta(days=days))
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.visit == (visit if is_made else None)
    assert second.visit is None


def test_one_visit_is_all_that_are_due(victim, leader) -> None:
    plan(victim)
    plan(victim, subject="alert:9", begins_on=day(1))
    services.log_visit(victim, found=MET, by=leader, now=NOON + timedelta(days=8))
    assert FollowUp.objects.open().count() == 2


@pytest.mark.parametrize("departure", [Departure.DIED, Departure.MOVED, Departure.LEFT])
def test_follow_ups_of_who_has_died_or_left_are_cancelled(victim, leader, departure) -> None:
    plan(victim)
    services.end(victim, departure=departure, ended_on=TODAY, by=leader, now=NOON)
    assert {one.cancelled_why for one in FollowUp.objects.all()} == {str(departure.label)}
    assert not FollowUp.objects.open().exists()


def test_a_twin_hands_its_follow_ups_on(victim, leader, place) -> None:
    kept = ResidentFactory(grid=place.grid)
    plan(victim)
    services.merge(kept, victim, by=leader, now=NOON)
    assert FollowUp.objects.open().of_resident(kept).count() == 2


def test_one_is_cancelled_with_a_reason_and_only_once(victim, leader) -> None:
    first, _second = plan(victim)
    services.cancel_follow_up(first, why="已住到女儿家", by=leader, now=NOON)
    assert AuditEntry.objects.get(verb="residents.follow_up_cancelled").actor == leader
    with pytest.raises(ResidentsError, match="cancelled on"):
        services.cancel_follow_up(first, why="again", by=leader, now=NOON)


def test_one_that_was_made_is_not_cancelled(victim, leader) -> None:
    first, _second = plan(victim)
    services.log_visit(victim, found=MET, by=leader, now=NOON + timedelta(days=7))
    with pytest.raises(ResidentsError, match="was made on"):
        services.cancel_follow_up(first, why="…", by=leader, now=NOON + timedelta(days=7))


def test_somebody_chosen_is_told_without_a_name(victim, leader, place) -> None:
    worker = make_staff(Role.WARNING_SPECIALIST, place.grid)
    other = make_staff(Role.WARNING_SPECIALIST, place.grid)
    first, second = plan(victim)
    services.give_follow_up(first, to=worker, by=leader, now=NOON)
    notice = Notice.objects.get(recipient=worker)
    assert victim.name not in notice.title + notice.body + notice.public_text
    first.refresh_from_db()
    assert people(first) == [worker]
    assert people(second) == [worker, other]


def test_nobody_without_a_post_there_is_chosen(victim, leader) -> None:
    first, _second = plan(victim)
    stranger = make_staff(Role.WARNING_SPECIALIST, make_community(4).grid)
    with pytest.raises(ResidentsError, match="no post here that visits"):
        services.give_follow_up(first, to=stranger, by=leader, now=NOON)


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_carer_comes_else_the_specialists_else_the_leader_else_the_manager(victim, place) -> None:
    first, _second = plan(victim)
    assert people(first) == []
    manager = make_staff(Role.MANAGER, place.community)
    assert people(first) == [manager]
    leader = make_staff(Role.GRID_LEADER, place.grid)
    assert people(first) == [leader]
    pair = [make_staff(Role.WARNING_SPECIALIST, place.grid) for _one in range(2)]
    make_staff(Role.WARNING_SPECIALIST, place.grids[1])
    assert people(first) == pair
    pairing = PairingFactory(resident=victim)
    assert people(first) == [pairing.carer]
    Pairing.objects.update(ends_on=day(-1))
    assert people(first) == pair


def test_a_carer_whose_post_has_ended_does_not_come(victim, place) -> None:
    first, _second = plan(victim)
    pairing = PairingFactory(resident=victim)
    leader = make_staff(Role.GRID_LEADER, place.grid)
    pairing.carer.posts.update(ends_on=day(-1))
    assert people(first) == [leader]


def test_to_a_child_comes_who_may_see_children(place) -> None:
    child = ResidentFactory(grid=place.grid, birth_on=date(2018, 1, 1))
    PairingFactory(resident=child)
    make_staff(Role.WARNING_SPECIALIST, place.grid)
    leader = make_staff(Role.GRID_LEADER, place.grid)
    first, _second = plan(child)
    assert people(first) == [leader]


def test_who_comes_costs_the_same_for_one_and_for_many(place) -> None:
    def queries(number: int) -> int:
        for at in range(number):
            plan(ResidentFactory(grid=place.grid), subject=f"case:{number}{at}")
        rows = list(FollowUp.objects.open().select_related("resident__grid"))
        with CaptureQueriesContext(connection) as counted:
            who_follows_up(rows, on=TODAY)
        return len(counted)

    make_staff(Role.GRID_LEADER, place.grid)
    assert queries(1) == queries(9) == 2


# ── chased ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def chase(offset: int) -> int:
    return services.chase_overdue(now=NOON + timedelta(days=offset))


def test_who_should_come_is_reminded_then_the_leader_told_each_once(victim, leader, place) -> None:
    worker = make_staff(Role.WARNING_SPECIALIST, place.grid)
    plan(victim)
    assert chase(7) == 0
    assert chase(8) == 1
    assert chase(8) == 0
    assert Notice.objects.get(recipient=worker).title == "A follow-up visit is overdue"
    assert chase(9) == 1
    told = Notice.objects.get(recipient=leader)
    assert victim.name not in told.title + told.body
    assert told.url.endswith(f"/follow-ups/{FollowUp.objects.first().pk}/")
    assert chase(10) == 0


def test_at_night_nobody_is_woken(victim, leader) -> None:
    plan(victim)
    assert services.chase_overdue(now=NOON + timedelta(days=8, hours=12)) == 0


def test_the_reminder_vanishes_with_the_visit(victim, leader) -> None:
    plan(victim)
    chase(9)
    services.log_visit(victim, found=MET, by=leader, now=NOON + timedelta(days=9))
    assert not Notice.objects.filter(withdrawn_at__isnull=True).exists()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def overdue_by(days: int, victim: Resident) -> FollowUp:
    """A follow-up that was due so many days before the browser's today."""
    return FollowUp.objects.create(
        resident=victim, why=FollowUpWhy.FRAUD, days=7, subject="case:77", due_on=today() - timedelta(days=days)
    )


def test_my_visits_show_follow_ups_on_top_with_why_and_overdue_in_red(client: Client, victim, place) -> None:
    worker = make_staff(Role.WARNING_SPECIALIST, place.grid)
    overdue_by(2, victim)
    client.force_login(worker)
    page = client.get(reverse("residents:visits"), headers={"accept-language": "en"}).content.decode()
    assert "visit-late" in page
    assert victim.masked_name in page
    assert victim.name not in page
    client.force_login(make_staff(Role.WARNING_SPECIALIST, place.grids[1]))
    assert victim.masked_name not in client.get(reverse("residents:visits")).content.decode()


def test_the_leader_cancels_and_a_stranger_finds_nothing(client: Client, victim, leader, place) -> None:
    one = overdue_by(2, victim)
    client.force_login(make_staff(Role.GRID_LEADER, make_community(4).grid))
    for name in ("follow_up", "give_follow_up", "cancel_follow_up"):
        press = client.get if name == "follow_up" else client.post
        assert press(reverse(f"residents:{name}", args=[one.pk])).status_code == 404
    client.force_login(leader)
    assert client.get(reverse("residents:follow_up", args=[one.pk])).status_code == 200
    assert client.post(reverse("residents:cancel_follow_up", args=[one.pk]), {"why": " "}).status_code == 400
    client.post(reverse("residents:cancel_follow_up", args=[one.pk]), {"why": "本人拒绝"})
    one.refresh_from_db()
    assert one.cancelled_why == "本人拒绝"


def test_the_leader_gives_it_to_somebody_of_the_grid(client: Client, victim, leader, place) -> None:
    one, worker = overdue_by(1, victim), make_staff(Role.WARNING_SPECIALIST, place.grid)
    client.force_login(leader)
    client.post(reverse("residents:give_follow_up", args=[one.pk]), {"to": worker.pk})
    one.refresh_from_db()
    assert one.chosen == worker


def test_the_dossier_says_that_somebody_comes_again(client: Client, victim, leader) -> None:
    one = overdue_by(1, victim)
    client.force_login(leader)
    page = client.get(reverse("residents:detail", args=[victim.pk])).content.decode()
    assert reverse("residents:follow_up", args=[one.pk]) in page
