"""Where minutes went: legs that follow each other and add up, and the pages that show them."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.clock import local
from accounts.roles import Role
from alerts import services
from alerts.figures.minutes import ACCEPTED, DESK, LEGS, SOURCE, breached, lost_by_leg, spent_on
from alerts.models import Alert
from alerts.policy import Deed, Level, Objective
from alerts.screens.learning import late_of_a_week, week_of
from alerts.tests.factories import EXCUSED, NOON, after, ending, make_scene, publish_policy, sweep
from alerts.tests.policies import policies
from alerts.tests.test_properties import EVENTS, MANY, PHONES, Play, thrown_away
from residents.tests.factories import make_community, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]


@settings(MANY, max_examples=25)
@given(table=policies(longest=60), events=EVENTS, level=st.sampled_from(Level), placed=st.booleans())
def test_the_legs_of_an_alert_follow_each_other_and_add_up_to_its_whole_time(table, events, level, placed):
    with thrown_away():
        scene = make_scene()
        publish_policy(table.steps)
        play = Play(scene)
        play.receive(level, PHONES[0], placed=placed)
        for number, event in enumerate(events):
            play.do(number, event)
        sweep(play.now)
        for spent in spent_on(Alert.objects.all(), now=play.now):
            assert all(one.ends_at == other.begins_at for one, other in pairwise(spent.legs))
            assert all(leg.took >= timedelta() and leg.key in LEGS for leg in spent.legs)
            assert not any(leg.is_open for leg in spent.legs[:-1])
            if spent.legs:
                assert spent.whole == spent.legs[-1].ends_at - spent.legs[0].begins_at
            assert {(late.objective, late.level) for late in spent.lates} == {
                (clock.objective, clock.level) for clock in spent.alert.clocks.all() if clock.state == "breached"
            }


def late_scene():
    """A high alert that was warned of three minutes before, accepted after eight minutes and done after fourteen."""
    scene = make_scene()
    alert = scene.alert(warned_at=after(minutes=-3))
    services.dispatch_alert(alert, by=scene.officer, now=after(minutes=1))
    sweep(after(minutes=8, seconds=59))
    services.accept_alert(alert, by=scene.second, now=after(minutes=9))
    for minute, deed in ((10, Deed.PHONE_CONFIRMED), (12, Deed.FAMILY_CONTACTED), (14, Deed.DOOR_CONFIRMED)):
        services.record_deed(alert, deed=deed, by=scene.second, now=after(minutes=minute))
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.second, now=after(minutes=20))
    return scene, Alert.objects.get(pk=alert.pk)


def test_most_is_lost_in_the_longest_leg_that_the_clock_ran_through():
    _scene, alert = late_scene()

    spent = spent_on(Alert.objects.filter(pk=alert.pk), now=after(hours=1))[0]

    assert [(leg.key, leg.took) for leg in spent.legs] == [
        (SOURCE, timedelta(minutes=3)),
        (DESK, timedelta(minutes=1)),
        (ACCEPTED, timedelta(minutes=8)),
        ("phone", timedelta(minutes=1)),
        ("family", timedelta(minutes=2)),
        ("door", timedelta(minutes=2)),
    ]
    (late,) = spent.lates
    assert (late.objective, late.lost_in, late.passed_in) == (Objective.RESPOND, ACCEPTED, "family")
    assert late.late_by == timedelta(minutes=3)
    assert lost_by_leg([spent]) == {ACCEPTED: (1, timedelta(minutes=8))}


def test_an_alert_that_nobody_accepts_loses_its_minutes_before_acceptance_up_to_now():
    scene = make_scene()
    alert = scene.dispatched()
    sweep(after(minutes=12))

    spent = spent_on(Alert.objects.filter(pk=alert.pk), now=after(minutes=12))[0]

    assert [(leg.key, leg.is_open) for leg in spent.legs][-1] == (ACCEPTED, True)
    assert spent.lates[0].done_at is None


def test_a_drill_is_no_breach_of_the_week():
    scene = make_scene()
    scene.dispatched(is_drill=True)
    sweep(after(minutes=12))

    assert not breached(Alert.objects.all())
    assert late_of_a_week(Alert.objects.all(), first=week_of(local(NOON).date())) == ""


def test_an_alerts_sheet_says_where_most_was_lost(client: Client):
    scene, alert = late_scene()
    client.force_login(scene.manager)

    answer = client.get(reverse("alerts:minutes", args=[alert.pk]))

    assert answer.status_code == 200
    sheet = answer.context["sheet"]
    assert [leg.is_lost for leg in sheet.legs] == [False, False, True, False, False, False]
    assert [one.who for one in sheet.held] == [scene.first.name, scene.leader.name, scene.second.name]


def test_a_weeks_sheet_counts_what_its_list_shows(client: Client):
    scene, alert = late_scene()
    client.force_login(scene.manager)

    page = client.get(reverse("alerts:learning"), {"area": scene.grid.code, "on": local(NOON).date().isoformat()})

    sheet = page.context["sheet"]
    assert (sheet.received, sheet.breached) == (1, 1)
    assert [row.pk for row in sheet.rows] == [alert.pk]
    assert client.get(sheet.list_url).context["page"].count == sheet.breached
    assert scene.second.name not in page.content.decode()


def test_a_foreign_week_is_not_found_and_a_specialist_has_none(client: Client):
    scene, alert = late_scene()
    other = make_staff(Role.MANAGER, make_community(7).community)
    client.force_login(other)
    assert client.get(reverse("alerts:learning"), {"area": scene.grid.code}).status_code == 404
    assert client.get(reverse("alerts:minutes", args=[alert.pk])).status_code == 404

    client.force_login(scene.first)
    assert client.get(reverse("alerts:learning")).status_code == 403
    assert client.get(reverse("alerts:minutes", args=[alert.pk])).status_code == 200
