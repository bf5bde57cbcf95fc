"""Who is called when: the engine asks the duty roster, and never ends in silence."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import engine, services
from alerts.models import Alert
from alerts.policy import Level
from alerts.teams import Teams, team_of
from alerts.tests.factories import NOON, after, lines, make_alert, make_scene, receive, sweep, unread
from alerts.tests.rosters import at_desk, on_call
from residents.models import Post
from residents.tests.factories import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return make_scene()


def holder(scene, alert) -> str:
    return scene.name_of(Alert.objects.get(pk=alert.pk).holder_id)


def passed(alert) -> list[tuple[str, str]]:
    return [(rank, why) for rank, _user, why in lines(alert, "assigned")[-1].detail["passed"]]


def test_without_a_roster_everybody_who_holds_a_post_is_on_call_as_before(scene):
    assert holder(scene, scene.dispatched()) == "first"
    assert all(member.is_on_call for member in team_of(scene.alert(), now=NOON)[0].members)


def test_where_the_roster_has_somebody_for_the_hour_they_have_the_alert_though_another_stands_before_them(scene):
    on_call(scene.second, scene.grid)
    alert = scene.dispatched()
    assert holder(scene, alert) == "second"
    assert passed(alert) == [("specialist", "off_duty")]


def test_in_an_hour_for_which_the_roster_has_nobody_everybody_is_on_call(scene):
    on_call(scene.second, scene.grid, begins=20, ends=32)
    assert holder(scene, scene.dispatched()) == "first"


@pytest.mark.parametrize(("minute", "who"), [(-1, "first"), (0, "second")])
def test_the_change_of_shift_is_at_the_moment_itself(scene, minute, who):
    on_call(scene.first, scene.grid, begins=8, ends=12)
    on_call(scene.second, scene.grid, begins=12, ends=20)
    assert holder(scene, scene.dispatched(at=after(minutes=minute))) == who


def test_where_who_is_on_duty_is_busy_the_next_rank_has_it_at_once_and_nobody_off_duty_is_called(scene):
    on_call(scene.first, scene.grid)
    services.mark_busy(scene.first, now=NOON)
    alert = scene.dispatched()
    assert holder(scene, alert) == "leader"
    assert passed(alert) == [("specialist", "busy"), ("specialist", "off_duty")]
    assert unread(scene.second, alert) == []


def test_somebody_with_an_accepted_high_alert_is_not_available_though_on_duty(scene):
    on_call(scene.first, scene.grid)
    scene.accepted(by=scene.first)
    assert holder(scene, scene.dispatched(at=after(seconds=1))) == "leader"


def test_who_is_off_duty_has_it_last_of_all_before_it_ends_in_silence(scene):
    on_call(scene.first, scene.grid)
    for who in (scene.first, scene.leader, scene.manager, scene.police):
        services.mark_busy(who, now=NOON)
    assert holder(scene, scene.dispatched()) == "second"


def test_nobody_off_duty_is_told_of_a_new_alert_while_the_roster_has_somebody(scene):
    """The 0:00 step tells "both specialists": with a roster, those of them who are on duty."""
    on_call(scene.first, scene.grid)
    alert = scene.dispatched()
    assert unread(scene.second, alert) == []
    assert unread(scene.leader, alert)


def test_a_rank_that_the_roster_does_not_name_is_on_call_beside_one_that_it_names(scene):
    on_call(scene.first, scene.grid)
    team, _teams = team_of(scene.alert(), now=NOON)
    assert {scene.name_of(member.user_id): member.is_on_call for member in team.members} == {
        "first": True,
        "second": False,
        "leader": True,
        "manager": True,
        "police": True,
    }


def test_who_leads_the_shift_is_the_manager_who_is_told(scene):
    other = make_staff(Role.MANAGER, scene.place.community, name="副书记")
    on_call(other, scene.place.community)
    alert = scene.alert()
    sweep(after(minutes=5))
    assert unread(other, alert)
    assert unread(scene.manager, alert) == []


def test_the_desk_that_is_reminded_is_who_sits_there(scene):
    other = make_staff(Role.DUTY_OFFICER, scene.place.community, name="夜班")
    at_desk(other, scene)
    alert = scene.alert()
    sweep(after(minutes=3))
    assert unread(other, alert)
    assert unread(scene.officer, alert) == []


def test_where_nobody_sits_at_the_desk_all_duty_officers_are_reminded(scene):
    other = make_staff(Role.DUTY_OFFICER, scene.place.community, name="夜班")
    at_desk(other, scene, begins=20, ends=32)
    alert = scene.alert()
    sweep(after(minutes=3))
    assert unread(other, alert)
    assert unread(scene.officer, alert)


def test_an_alert_that_nobody_could_place_waits_at_the_desks_as_their_rosters_say(scene):
    other = make_staff(Role.DUTY_OFFICER, scene.place.community, name="夜班")
    at_desk(other, scene)
    alert = make_alert(area_code="370105012", name="", phone="", address="")
    team, _teams = team_of(alert, now=NOON)
    assert team.last_resort() == (other.pk,)


def test_a_manager_who_sits_at_the_desk_is_the_desk(scene):
    at_desk(scene.manager, scene)
    alert = scene.alert()
    sweep(after(minutes=3))
    assert unread(scene.manager, alert)
    assert unread(scene.officer, alert) == []


def test_a_shift_of_somebody_whose_post_has_ended_is_nobodys(scene):
    on_call(scene.second, scene.grid)
    Post.objects.filter(user=scene.second).update(ends_on=date(2026, 4, 1))
    assert holder(scene, scene.dispatched()) == "first"


def test_help_is_brought_in_of_those_on_duty_and_of_the_others_where_none_of_these_is_free(scene):
    on_call(scene.first, scene.grid)
    on_call(scene.leader, scene.grid)
    alert = scene.accepted(by=scene.first)
    services.ask_for_help(alert, by=scene.first, now=after(seconds=30))
    assert set(alert.helpers.values_list("pk", flat=True)) == {scene.leader.pk}
    services.mark_busy(scene.leader, now=after(minutes=1))
    services.ask_for_help(alert, by=scene.first, now=after(minutes=2))
    assert set(alert.helpers.values_list("pk", flat=True)) == {scene.leader.pk, scene.second.pk}


def test_a_raised_alert_leaves_who_was_called_off_duty_for_who_is_on_duty_and_free(scene):
    """Given to the second for want of anybody; then the first comes on duty, and the level rises."""
    alert = scene.dispatched(level=Level.MEDIUM, phone="19900007771")
    assert holder(scene, alert) == "first"
    on_call(scene.second, scene.grid)
    raised = receive(at=after(minutes=1), phone="19900007771", name="", address="", area_code=scene.grid.code).alert
    assert raised == alert
    assert holder(scene, alert) == "second"


def test_the_team_is_read_in_the_same_number_of_queries_with_and_without_rosters_for_one_alert_as_for_many(scene):
    def queries(number: int) -> int:
        alerts = [scene.alert() for _one in range(number)]
        with CaptureQueriesContext(connection) as captured:
            teams = Teams(alerts, now=NOON)
            for alert in alerts:
                teams.of(alert)
        return len(captured)

    before = queries(1)
    on_call(scene.first, scene.grid)
    at_desk(scene.officer, scene)
    assert [queries(1), queries(20)] == [before, before] == [4, 4]


def test_an_empty_community_still_tells_the_administrator_whatever_its_roster_says(scene):
    administrator = AdministratorFactory()
    at_desk(scene.officer, scene)
    Post.objects.all().delete()
    team, _teams = team_of(scene.alert(), now=NOON)
    assert team.last_resort() == (administrator.pk,)


def test_a_night_of_changing_shifts_leaves_no_step_without_somebody(scene):
    """Every hour another is on duty, and each is busy in turn: the alert is always in somebody's hands."""
    for hour in range(12, 24):
        who = (scene.first, scene.second)[hour % 2]
        on_call(who, scene.grid, begins=hour, ends=hour + 1)
    for number in range(0, 12 * 60, 7):
        now = after(minutes=number)
        who = (scene.first, scene.second, scene.leader)[number % 3]
        if number % 2:
            services.mark_busy(who, now=now)
        else:
            services.mark_free(who, now=now)
        if number % 21 == 0:
            scene.alert(at=now)
        sweep(now)
    sweep(after(hours=12))
    assert engine.reconcile(now=after(hours=12)).is_clean
    for alert in Alert.objects.open().exclude(dispatched_at=None):
        assert alert.holder_id is not None
