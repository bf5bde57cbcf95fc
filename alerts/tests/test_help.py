"""Help with one press: the partner, then the leader, or 110; and what the page shows of people and of before."""

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.clock import database_now
from accounts.roles import Role
from alerts import services
from alerts.models import Alert
from alerts.policy import Help, Member, Rank, next_help
from alerts.screens.alert import AlertPage, alert_page
from alerts.screens.card import with_card_rows
from alerts.screens.timeline import lines as timeline
from alerts.tests.factories import EXCUSED, NOON, Scene, after, ending, lines, make_alert, make_scene, unread
from residents.models import Visit
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def page_of(alert: Alert, user: Any) -> AlertPage:
    read = with_card_rows(Alert.objects.filter(pk=alert.pk)).get()
    return alert_page(read, user=user, grids=[], are_numbers_open=True, now=NOON)


# ── the verb ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_partner_comes_first_then_the_leader_then_110(scene: Scene) -> None:
    alert = scene.accepted()
    seen = []
    for minute in (1, 2, 3):
        whom = page_of(alert, scene.first).next_help
        seen.append(whom)
        services.ask_for_help(alert, by=scene.first, now=after(minutes=minute), whom=whom)
    assert seen == [Help.PARTNER, Help.LEADER, Help.POLICE]
    assert set(alert.helpers.all()) == {scene.second, scene.leader}
    assert len(unread(scene.second, alert)) == 1


def test_where_the_partner_is_busy_the_leader_comes_at_once_and_the_timeline_says_why(scene: Scene) -> None:
    alert = scene.accepted()
    services.mark_busy(scene.second, now=NOON)
    services.ask_for_help(alert, by=scene.first, now=after(minutes=1))
    assert list(alert.helpers.all()) == [scene.leader]
    with translation.override("en"):
        said = timeline(alert)
    assert "甲专员 asked for help: 网格长 was brought in (乙专员: busy)" in [line.words for line in said]


def test_110_is_written_down_and_told_to_the_leader_the_desk_and_the_police(scene: Scene) -> None:
    alert = scene.accepted()
    before = {person.pk: len(unread(person, alert)) for person in scene.people.values()}
    services.ask_for_help(alert, by=scene.first, now=after(minutes=1), whom=Help.POLICE)
    told = {name for name, person in scene.people.items() if len(unread(person, alert)) > before[person.pk]}
    assert told == {"leader", "officer", "police"}
    assert lines(alert, "action")[-1].detail["whom"] == "police"


def test_a_call_pressed_without_a_line_says_when_it_was_pressed(scene: Scene) -> None:
    alert = scene.accepted()
    services.ask_for_help(alert, by=scene.first, now=after(minutes=9), pressed_at=after(minutes=4))
    assert lines(alert, "action")[-1].detail["pressed_at"] == after(minutes=4).isoformat(timespec="seconds")


def test_pressed_twice_within_a_minute_nobody_hears_it_twice(scene: Scene) -> None:
    alert = scene.accepted()
    for second in (60, 70, 80, 90):
        services.ask_for_help(alert, by=scene.first, now=after(seconds=second), whom=Help.LEADER)
    assert list(alert.helpers.all()) == [scene.leader]
    assert sum("Help" in title or "增援" in title or "支援" in title for title in unread(scene.leader, alert)) <= 1


@given(
    ranks=st.lists(st.sampled_from(Rank), max_size=6),
    there=st.sets(st.integers(min_value=0, max_value=5)),
)
def test_who_is_in_it_already_is_never_called_next(ranks: list[Rank], there: set[int]) -> None:
    team = [Member(number, rank) for number, rank in enumerate(ranks)]
    left = {member.rank for member in team if member.user_id not in there}
    expected = Help.PARTNER if Rank.SPECIALIST in left else Help.LEADER if Rank.LEADER in left else Help.POLICE
    assert next_help(team, without=there) == expected


@pytest.mark.parametrize(("busy", "leader_busy"), list(product((False, True), repeat=2)))
def test_help_never_ends_in_silence(scene: Scene, busy: bool, leader_busy: bool) -> None:
    alert = scene.accepted()
    for person, is_busy in ((scene.second, busy), (scene.leader, leader_busy)):
        if is_busy:
            services.mark_busy(person, now=NOON)
    services.ask_for_help(alert, by=scene.first, now=after(minutes=1))
    assert alert.helpers.exists() or unread(scene.officer, alert)


# ── the press ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_phone_s_queue_sends_a_call_for_help_once(scene: Scene, client: Client) -> None:
    alert = scene.accepted(at=database_now())
    client.force_login(scene.first)
    fields = {"whom": "leader", "press": str(uuid4())}
    address = reverse("alerts:help", args=[alert.pk])
    answers = [client.post(address, fields, headers={"Accept": "application/json"}).json() for _n in range(2)]
    assert [answer["ok"] for answer in answers] == [True, True]
    assert len([line for line in lines(alert, "action") if "help_asked" in line.detail]) == 1


def test_whom_nobody_knows_is_not_called(scene: Scene, client: Client) -> None:
    alert = scene.accepted(at=database_now())
    client.force_login(scene.first)
    answer = client.post(
        reverse("alerts:help", args=[alert.pk]), {"whom": "mayor"}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 409
    assert not alert.helpers.exists()


# ── what the page shows ─────────────────────────────────────────────────────────────────────────────────────────────


def test_who_of_the_grid_is_free_stands_first_with_a_number_to_call(scene: Scene) -> None:
    alert = scene.accepted()
    services.mark_busy(scene.second, now=NOON)
    near = page_of(alert, scene.first).near
    assert [(one.name, one.state) for one in near] == [("网格长", "free"), ("乙专员", "busy")]
    assert all(one.phone for one in near)


def test_110_is_told_five_things_and_the_known_ones_stand_there(scene: Scene) -> None:
    alert = scene.accepted(address="梧桐巷12号", amount_at_risk=8000)
    with translation.override("en"):
        facts = page_of(alert, scene.first).facts_for_110
    assert len(facts) == 5
    assert "梧桐巷12号" in facts[0][1]
    assert "8,000" in facts[3][1]
    assert facts[4][1] == "ask now"


def test_earlier_alerts_and_visits_are_shown_to_who_may_see_them(scene: Scene) -> None:
    resident = ResidentFactory(name="王某", grid=scene.grid, phone="19900004444")
    before = scene.accepted(at=after(days=-3), name="王某", phone="19900004444", level="medium")
    services.close_alert(before, ending=ending(excuses=EXCUSED), by=scene.first, now=after(days=-3, minutes=20))
    make_alert(at=after(days=-2), grid=scene.grid, name="王某", phone="19900004444", is_drill=True)
    Visit.objects.create(
        resident=resident, by=scene.first, at=NOON - timedelta(days=1), result="met", note="不要写在手机里"
    )
    alert = scene.accepted(name="王某", phone="19900004444")
    page = page_of(alert, scene.first)
    assert len(page.earlier) == 2
    assert page.earlier[1].url == reverse("alerts:detail", args=[before.pk])
    assert "不要写在手机里" not in str(page.earlier)
    # The police liaison handles alerts, and sees no roster.
    assert [one.url for one in page_of(alert, scene.police).earlier] == [page.earlier[1].url]


def test_an_alert_of_the_next_community_is_no_earlier_one_here(scene: Scene) -> None:
    abroad = make_community(4)
    old = make_alert(at=after(minutes=-1), grid=abroad.grid, name="路人", phone="19900004446")
    services.void_alert(old, reason="测试", by=scene.officer, now=after(minutes=-1))
    alert = scene.accepted(name="别人", phone="19900004446")
    assert page_of(alert, scene.first).earlier == ()
    assert len(page_of(alert, scene.supervisor).earlier) == 1


def test_the_page_costs_the_same_however_much_there_was_before(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    resident = ResidentFactory(name="王某", grid=scene.grid, phone="19900004444")
    for day in range(1, 9):
        old = scene.accepted(at=after(days=-day), name="王某", phone="19900004444", level="low")
        services.close_alert(old, ending=ending(excuses=EXCUSED), by=scene.first, now=after(days=-day, minutes=9))
        Visit.objects.create(resident=resident, by=scene.first, at=after(days=-day), result="met")
    alert = scene.accepted(name="王某", phone="19900004444")
    with django_assert_max_num_queries(36):
        page = page_of(alert, scene.first)
    assert len(page.earlier) == 10


def test_a_stranger_s_specialist_is_not_offered(scene: Scene) -> None:
    other = make_staff(Role.WARNING_SPECIALIST, make_community(4).grid)
    assert str(other) not in [one.name for one in page_of(scene.accepted(), scene.first).partners]
