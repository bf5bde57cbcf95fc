"""The sweep, the outage, the poison row, the reconciler, the reports: the clock's own doing, at any time we say."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from alerts import engine, services
from alerts.letters import Tiding, write
from alerts.models import Alert, Heartbeat, ObjectiveClock, Timer
from alerts.policy import Deed, Level, Objective, ObjectiveState, State
from alerts.tests.factories import (
    EXCUSED,
    NOON,
    Scene,
    after,
    clock_of,
    ending,
    fired,
    lines,
    make_alert,
    make_scene,
    receive,
    sweep,
    unread,
)
from notifications.models import Delivery
from notifications.tests.factories import ChannelFactory
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

DISPATCH, RESPOND = Objective.DISPATCH, Objective.RESPOND


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def tidings(alert: Alert, user: User) -> list[list[str]]:
    """What each letter to somebody about an alert said."""
    return [line.detail["tidings"] for line in lines(alert, "notified") if line.person == user]


def read_again(alert: Alert) -> Alert:
    return Alert.objects.get(pk=alert.pk)


def corrupt_phone_of(alert: Alert) -> None:
    """Put a text where the phone is that no key of ours opens."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE alerts_alert SET subject_phone = 'lost:AAAA' WHERE id = %s", [alert.pk])


def poison(alert: Alert, step: str) -> None:
    """Make a step raise when the clock comes to it."""
    assert alert.timers.filter(state="pending", step__contains=step).update(step="no.such.step") == 1


def cure(alert: Alert, step: str) -> None:
    alert.timers.filter(step="no.such.step").update(step=step)


# ── on time ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_fires_before_its_time_and_everything_at_it(scene):
    alert = scene.dispatched()
    assert sweep(after(minutes=3) - timedelta(microseconds=1)) == 0
    assert sweep(after(minutes=3)) == 1
    assert sweep(after(minutes=3)) == 0
    assert fired(alert) == ["respond.high.0.assign_first", "respond.high.180.hand_to_second"]


def test_a_high_alert_that_nobody_touches_climbs_to_the_street(scene):
    alert = scene.alert()
    seen = {}
    for minute in (3, 5, 8, 10, 15, 25):
        sweep(after(minutes=minute))
        alert = read_again(alert)
        seen[minute] = (alert.state, scene.name_of(alert.holder_id))
    assert seen == {
        3: ("received", "nobody"),
        5: ("dispatched", "first"),
        8: ("dispatched", "second"),
        10: ("dispatched", "leader"),
        15: ("dispatched", "leader"),
        25: ("dispatched", "leader"),
    }
    assert tidings(alert, scene.officer) == [["remind"], ["escalated"]]
    assert tidings(alert, scene.manager) == [["breached"], ["breached"]]
    assert tidings(alert, scene.police) == [["breached"]]
    assert tidings(alert, scene.supervisor) == [["breached"]]
    assert not Timer.objects.pending().exists()


def test_a_medium_alert_that_nobody_touches_ends_with_the_leader(scene):
    alert = scene.dispatched(level=Level.MEDIUM)
    for minute, holder in ((14, "first"), (15, "second"), (30, "leader")):
        sweep(after(minutes=minute))
        assert scene.name_of(read_again(alert).holder_id) == holder
    assert clock_of(alert).state == ObjectiveState.BREACHED
    assert tidings(alert, scene.manager) == [["breached"]]


def test_a_low_alert_waits_a_day_and_then_the_leader_hears_it(scene):
    alert = scene.dispatched(level=Level.LOW)
    sweep(after(hours=23))
    assert read_again(alert).holder_id == scene.first.pk
    sweep(after(hours=24))
    assert clock_of(alert).state == ObjectiveState.BREACHED
    assert ["breached"] in tidings(alert, scene.leader)


def test_the_specialist_who_was_busy_beforehand_is_never_asked(scene):
    services.mark_busy(scene.first, now=NOON)
    alert = scene.dispatched()
    assert alert.holder_id == scene.second.pk
    assigned = lines(alert, "assigned")[0]
    assert assigned.detail["passed"] == [["specialist", scene.first.pk, "busy"]]


def test_accepted_and_left_alone_brings_in_the_free_of_the_grid_and_takes_it_from_nobody(scene):
    alert = scene.accepted()
    sweep(after(minutes=6))
    alert = read_again(alert)
    assert set(alert.helpers.all()) == {scene.second, scene.leader}
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)
    assert tidings(alert, scene.leader)[-1] == ["help", "idle"]


def test_help_that_nobody_can_give_is_called_out_at_the_desk(scene):
    alert = scene.accepted()
    for user in (scene.second, scene.leader):
        services.mark_busy(user, now=NOON)
    sweep(after(minutes=6))
    assert tidings(alert, scene.officer) == [["nobody"]]


def test_work_begun_before_a_level_rose_does_not_count_for_the_higher_one(scene):
    alert = scene.accepted(level=Level.MEDIUM, phone="19900007777")
    services.record_deed(alert, deed=Deed.PHONE_NO_ANSWER, by=scene.first, now=after(minutes=1))
    receive(at=after(minutes=2), phone="19900007777", level=Level.HIGH)
    sweep(after(minutes=8))
    assert read_again(alert).helpers.count() == 2


def test_high_risks_are_served_first_and_then_by_due_time(scene):
    low, early, late = (
        scene.alert(level=level, at=after(seconds=second))
        for level, second in ((Level.LOW, 0), (Level.HIGH, 1), (Level.HIGH, 2))
    )
    order = []
    for _round in range(3):
        engine.sweep(now=after(minutes=4), limit=1)
        order += [line.alert_id for alert in (low, early, late) for line in lines(alert, "reminded")]
    assert list(dict.fromkeys(order)) == [early.pk, late.pk, low.pk]


def test_a_sweep_takes_as_many_queries_for_fifty_alerts_as_for_two(scene):
    def queries(number: int, at) -> int:
        for _one in range(number):
            scene.alert(at=at)
        with CaptureQueriesContext(connection) as captured:
            assert engine.sweep(now=after(start=at, minutes=3)) == number
        for later in (5, 30):  # until nothing of theirs is due any more
            sweep(after(start=at, minutes=later))
        return len(captured)

    queries(2, NOON)  # the first of a process reads what never changes
    assert queries(50, after(hours=1)) == queries(2, after(hours=2))


# ── nowhere, and nobody ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unplaced_alert_is_breached_at_five_minutes_and_waits_at_the_desk_which_hears_it(scene):
    alert = make_alert(area_code=scene.place.community.code, address="", phone="")
    sweep(after(minutes=5))
    alert = read_again(alert)
    assert (alert.state, clock_of(alert, DISPATCH).state) == (State.RECEIVED, ObjectiveState.BREACHED)
    assert tidings(alert, scene.officer) == [["unplaced", "remind"]]
    services.dispatch_alert(alert, by=scene.officer, now=after(minutes=7), grid=scene.grid)
    sweep(after(minutes=10))
    assert read_again(alert).holder == scene.second
    clock = clock_of(alert, DISPATCH)
    assert (clock.state, clock.breached_at, clock.met_at) == (
        ObjectiveState.BREACHED,
        after(minutes=5),
        after(minutes=7),
    )


def test_an_alert_of_no_known_place_at_all_is_heard_of_at_every_desk(scene):
    alert = make_alert(area_code="", address="", phone="")
    sweep(after(minutes=5))
    assert tidings(alert, scene.officer)


def test_where_nobody_is_available_at_any_rank_the_desk_hears_it_and_the_timeline_says_why(scene):
    for user in (scene.first, scene.second, scene.leader, scene.manager, scene.police):
        services.mark_busy(user, now=NOON)
    alert = scene.dispatched()
    assert alert.holder_id is None
    assert ["nobody"] in tidings(alert, scene.officer)
    (why,) = [line.detail for line in lines(alert, "escalated") if line.detail.get("nobody")]
    assert [reason for _rank, _user, reason in why["passed"]] == ["busy"] * 5
    sweep(after(minutes=3))
    assert tidings(alert, scene.officer).count(["nobody"]) == 2


def test_where_even_the_desk_is_empty_the_next_above_hears_it(db):
    place = make_community(5)
    supervisor = make_staff(Role.SUPERVISOR, place.street)
    alert = make_alert(grid=place.grid)
    sweep(after(minutes=5))
    assert read_again(alert).state == State.DISPATCHED
    assert any("nobody" in said for said in tidings(alert, supervisor))


def test_a_place_without_a_single_person_stops_no_clock(db):
    alert = make_alert(grid=make_community(6).grid)
    for minute in (3, 5, 8, 10, 11, 15, 25):
        sweep(after(minutes=minute))
    assert clock_of(alert).state == ObjectiveState.BREACHED
    assert not alert.timers.filter(attempts__gt=0).exists()


def test_who_left_their_post_today_is_not_asked(scene):
    scene.first.posts.update(ends_on=NOON.date() - timedelta(days=1))
    assert scene.dispatched().holder_id == scene.second.pk


# ── after an outage ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_an_outage_the_overdue_steps_of_an_alert_fire_as_one(scene):
    alert = scene.dispatched()
    assert sweep(after(minutes=25)) == 1
    alert = read_again(alert)
    assert alert.holder == scene.leader
    states = dict(alert.timers.filter(objective=RESPOND).values_list("step", "state"))
    assert states == {
        "respond.high.0.assign_first": "fired",
        "respond.high.180.hand_to_second": "passed_over",
        "respond.high.300.hand_to_leader": "fired",
        "respond.high.360.bring_in_help": "moot",
        "respond.high.600.tell": "fired",
        "respond.high.1200.tell": "fired",
    }


def test_after_an_outage_a_breach_keeps_its_true_time_and_says_how_late_it_was_noticed(scene):
    alert = scene.dispatched()
    sweep(after(minutes=25))
    assert clock_of(alert).breached_at == after(minutes=10)
    (line,) = lines(alert, "breached")
    assert (line.at, line.recorded_at) == (after(minutes=10), after(minutes=25))
    assert line.detail["noticed_late_seconds"] == 15 * 60


def test_after_an_outage_each_person_gets_one_letter_and_not_one_a_step(scene):
    alert = scene.dispatched()
    before = {user.pk: user.notices.count() for user in scene.people.values()}
    sweep(after(minutes=25))
    letters = {name: user.notices.count() - before[user.pk] for name, user in scene.people.items()}
    assert letters == {
        "first": 0,
        "second": 0,
        "leader": 1,
        "officer": 1,
        "manager": 1,
        "police": 1,
        "supervisor": 1,
    }
    assert "yours" in tidings(alert, scene.leader)[-1]


def test_after_an_outage_every_late_step_is_marked_late(scene):
    alert = scene.dispatched()
    sweep(after(minutes=25))
    late = {line.detail["step"]: line.detail.get("late_seconds") for line in lines(alert, "escalated")}
    assert late == {
        "respond.high.180.hand_to_second": 22 * 60,
        "respond.high.300.hand_to_leader": 20 * 60,
        "respond.high.600.tell": 15 * 60,
        "respond.high.1200.tell": 5 * 60,
    }
    passed_over = [line.detail["step"] for line in lines(alert, "escalated") if line.detail.get("passed_over")]
    assert passed_over == ["respond.high.180.hand_to_second"]
    assert alert.timers.get(step="respond.high.300.hand_to_leader").late_ms == 20 * 60_000


def test_what_fires_on_time_is_not_marked_late(scene):
    alert = scene.dispatched()
    sweep(after(minutes=3, seconds=2))
    assert [line.detail for line in lines(alert, "escalated") if "late_seconds" in line.detail] == []


def test_an_alert_that_waited_at_the_desk_through_an_outage_has_its_full_time_at_the_grid(scene):
    alert = scene.alert()
    sweep(after(hours=1))
    alert = read_again(alert)
    assert (alert.state, alert.holder) == (State.DISPATCHED, scene.first)
    assert clock_of(alert, DISPATCH).breached_at == after(minutes=5)
    assert clock_of(alert).due_at == after(hours=1, minutes=10)
    assert [line.kind for line in lines(alert)].count("reminded") == 0
    assert alert.timers.get(step="dispatch.any.180.remind_desk").state == "passed_over"


def test_what_was_accepted_and_worked_on_keeps_its_holder_through_an_outage(scene):
    alert = scene.accepted()
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=after(minutes=2))
    sweep(after(minutes=25))
    alert = read_again(alert)
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)
    assert clock_of(alert).state == ObjectiveState.BREACHED


def test_somebody_who_accepts_during_an_outage_is_first_handed_what_was_due(scene):
    alert = scene.dispatched()
    services.accept_alert(alert, by=scene.first, now=after(minutes=4))
    assert fired(alert) == ["respond.high.0.assign_first", "respond.high.180.hand_to_second"]
    sweep(after(minutes=9))
    alert = read_again(alert)
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)


def test_hundreds_overdue_at_once_are_drained_in_batches(scene):
    for _one in range(25):
        scene.alert()
    batches = 0
    while engine.sweep(now=after(minutes=30), limit=10):
        batches += 1
    assert batches == 3  # all that is due for one alert is settled together
    assert not Timer.objects.due(after(minutes=30)).exists()


# ── the poison row ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def poisoned(scene) -> Alert:
    alert = scene.dispatched()
    poison(alert, "hand_to_second")
    return alert


def test_a_row_that_raises_holds_up_nobody_else(scene, poisoned):
    others = [scene.dispatched() for _one in range(5)]
    assert sweep(after(minutes=3)) == 6
    assert [scene.name_of(read_again(alert).holder_id) for alert in others] == ["second"] * 5
    timer = poisoned.timers.get(step="no.such.step")
    assert (timer.state, timer.attempts, timer.wake_at) == ("pending", 1, after(minutes=3, seconds=30))
    assert timer.due_at == after(minutes=3)
    assert "KeyError" in timer.last_error


def test_a_row_that_raises_is_left_alone_for_half_a_minute(scene, poisoned):
    sweep(after(minutes=3))
    assert sweep(after(minutes=3, seconds=29)) == 0
    assert sweep(after(minutes=3, seconds=30)) == 1


def test_the_third_time_a_row_raises_the_desk_hears_it_once_and_it_is_tried_on(scene, poisoned):
    for second in (0, 30):
        sweep(after(minutes=3, seconds=second))
        assert tidings(poisoned, scene.officer) == []
    for second in (60, 90, 120):
        sweep(after(minutes=3, seconds=second))
        assert tidings(poisoned, scene.officer) == [["fault"]]
    assert poisoned.timers.get(step="no.such.step").attempts == 5


def test_once_mended_the_row_fires_late_and_loses_nothing(scene, poisoned):
    sweep(after(minutes=3))
    cure(poisoned, "respond.high.180.hand_to_second")
    sweep(after(minutes=3, seconds=30))
    assert read_again(poisoned).holder == scene.second
    assert poisoned.timers.get(step="respond.high.180.hand_to_second").late_ms == 30_000


def test_a_clock_that_fails_does_not_take_the_alert_out_of_peoples_hands(scene, poisoned):
    at = after(minutes=4)
    services.accept_alert(poisoned, by=scene.first, now=at)
    services.record_deed(poisoned, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=at)
    services.close_alert(poisoned, ending=ending(excuses=EXCUSED), by=scene.first, now=at)
    assert read_again(poisoned).state == State.CLOSED
    assert not poisoned.timers.filter(state="pending").exists()


def test_a_clock_that_fails_at_the_desk_still_lets_the_desk_dispatch(scene):
    alert = scene.alert()
    poison(alert, "remind")
    services.dispatch_alert(alert, by=scene.officer, now=after(minutes=4))
    assert read_again(alert).holder == scene.first


def test_a_message_about_an_alert_whose_clock_fails_still_joins_it(scene):
    alert = scene.dispatched(phone="19900007777", level=Level.MEDIUM)
    poison(alert, "hand_to_second")
    assert receive(at=after(minutes=16), phone="19900007777", level=Level.MEDIUM).alert == alert


def test_a_phone_that_no_key_opens_stops_neither_the_clock_nor_a_press(scene):
    alert, other = scene.dispatched(phone="19900007777"), scene.dispatched()
    corrupt_phone_of(alert)
    assert sweep(after(minutes=3)) == 2
    for one in (alert, other):
        assert Alert.objects.without_phone().get(pk=one.pk).holder_id == scene.second.pk
    services.accept_alert(Alert.objects.without_phone().get(pk=alert.pk), by=scene.first, now=after(minutes=4))
    assert receive(at=after(minutes=4), phone="19900007777", area_code=scene.grid.code).alert.pk == alert.pk


def test_a_colleague_whose_phone_no_key_opens_stops_nobodys_clock(scene):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET phone = 'lost:AAAA' WHERE id = %s", [scene.leader.pk])
    alert = scene.dispatched()
    sweep(after(minutes=5))
    assert read_again(alert).holder_id == scene.leader.pk


# ── the reconciler ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_reconciler_finds_nothing_where_all_is_well(scene, caplog):
    scene.alert()
    scene.dispatched()
    met = scene.accepted(level=Level.LOW)
    services.record_deed(met, deed=Deed.REMINDED, by=scene.first, now=NOON)
    make_alert(area_code=scene.place.community.code, address="", phone="")
    untouched = scene.dispatched()
    sweep(after(minutes=25))
    assert clock_of(untouched).state == ObjectiveState.BREACHED
    with caplog.at_level(logging.ERROR):
        found = engine.reconcile(now=after(minutes=25))
    assert found.is_clean
    assert caplog.records == []
    assert Heartbeat.objects.get(guard=Heartbeat.Guard.RECONCILER).at == after(minutes=25)


def test_what_nobody_could_take_is_given_to_whoever_is_free_a_minute_later_at_the_latest(scene):
    everybody = ("first", "second", "leader", "manager", "police")
    held = {who: scene.accepted(by=scene.people[who]) for who in everybody}
    waiting = scene.dispatched(at=after(seconds=10))
    assert Alert.objects.in_nobodys_hands().get() == waiting
    written = len(lines(waiting))
    assert engine.reconcile(now=after(minutes=1)).is_clean
    assert len(lines(waiting)) == written  # as before nobody is free, and that has been said
    end = ending(excuses=EXCUSED)
    services.close_alert(held["second"], ending=end, by=scene.second, now=after(minutes=1, seconds=30))
    assert engine.reconcile(now=after(minutes=2)).is_clean
    waiting.refresh_from_db()
    assert (waiting.state, waiting.holder) == (State.DISPATCHED, scene.second)
    assert unread(scene.second, waiting)
    engine.reconcile(now=after(minutes=3))
    assert lines(waiting, "assigned")[-1].at == after(minutes=2)


def test_an_alert_that_lost_its_timers_gets_them_back_and_it_is_reported(scene, caplog):
    alert = scene.dispatched()
    alert.timers.filter(state="pending").delete()
    with caplog.at_level(logging.ERROR):
        found = engine.reconcile(now=after(minutes=1))
    assert found.without_timer == (alert.pk,)
    assert "defect" in caplog.text
    sweep(after(minutes=3))
    assert read_again(alert).holder == scene.second
    assert fired(alert).count("respond.high.0.assign_first") == 1


def test_timers_given_back_after_their_time_fire_at_once_as_after_an_outage(scene):
    alert = scene.dispatched()
    alert.timers.filter(state="pending").delete()
    engine.reconcile(now=after(minutes=12))
    sweep(after(minutes=12))
    assert read_again(alert).holder == scene.leader
    assert clock_of(alert).breached_at == after(minutes=10)


@pytest.mark.parametrize("dispatched", [False, True])
def test_an_alert_that_lost_its_clock_gets_the_one_it_should_have(scene, dispatched):
    alert = scene.dispatched() if dispatched else scene.alert()
    alert.timers.all().delete()
    objective = RESPOND if dispatched else DISPATCH
    ObjectiveClock.objects.filter(alert=alert, objective=objective).delete()
    assert engine.reconcile(now=after(minutes=1)).without_timer == (alert.pk,)
    assert clock_of(alert, objective).state == ObjectiveState.PENDING
    assert alert.timers.filter(state="pending").exists()
    sweep(after(minutes=1))
    assert engine.reconcile(now=after(minutes=2)).is_clean


def test_an_alert_that_cannot_be_mended_holds_up_no_other(scene, caplog):
    broken, other = scene.dispatched(), scene.dispatched()
    for alert in (broken, other):
        alert.timers.filter(state="pending").delete()
    # A draft is read anew each time, a published version never: so its broken table is met.
    draft = services.copy_to_draft(broken.policy_version, name="Draft", by=None, now=NOON)
    Alert.objects.filter(pk=broken.pk).update(policy_version=draft)
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE alerts_policystep SET "when" = %s WHERE version_id = %s', ["no such condition", draft.pk]
        )
    engine.reconcile(now=after(minutes=1))
    assert other.timers.filter(state="pending").exists()
    assert not broken.timers.filter(state="pending").exists()


def test_a_timer_overdue_past_half_a_minute_is_found_and_fired(scene, caplog):
    alert = scene.dispatched()
    with caplog.at_level(logging.ERROR):
        found = engine.reconcile(now=after(minutes=3, seconds=31))
    assert found.overdue == (alert.pk,)
    assert read_again(alert).holder == scene.second
    assert engine.reconcile(now=after(minutes=3, seconds=31)).is_clean


# ── the pulse ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_health_says_who_swept_last_and_how_long_ago(db):
    assert not engine.health(now=NOON).is_well
    engine.sweep(now=NOON, by="host:1")
    engine.sweep(now=after(seconds=4), guard=Heartbeat.Guard.WATCH, by="host:2")
    health = engine.health(now=after(seconds=6))
    assert (health.swept_seconds_ago, health.guard, health.by, health.is_well) == (2.0, "watch", "host:2", True)


@pytest.mark.parametrize(("age", "well"), [(10, True), (11, False)])
def test_a_clock_that_stands_still_for_ten_seconds_is_not_well(db, age, well):
    engine.sweep(now=NOON)
    assert engine.health(now=after(seconds=age)).is_well is well


def test_a_step_overdue_past_ten_seconds_is_not_well_though_somebody_sweeps(scene, poisoned):
    sweep(after(minutes=3))
    engine.sweep(now=after(minutes=3, seconds=11))
    health = engine.health(now=after(minutes=3, seconds=11))
    assert (health.oldest_overdue_seconds, health.is_well) == (11.0, False)


def test_the_stand_by_knows_celerys_silence_from_its_own_sweeps(db):
    engine.sweep(now=NOON)
    engine.sweep(now=after(seconds=4), guard=Heartbeat.Guard.WATCH)
    assert not engine.celery_is_silent(now=after(seconds=2), bound=timedelta(seconds=3))
    assert engine.celery_is_silent(now=after(seconds=4), bound=timedelta(seconds=3))


def test_a_heartbeat_of_a_time_that_has_not_come_vouches_for_nobody(db):
    engine.beat(Heartbeat.Guard.CELERY, now=after(minutes=5))
    assert engine.celery_is_silent(now=NOON, bound=timedelta(seconds=3))
    assert not engine.health(now=NOON).is_well
    engine.beat(Heartbeat.Guard.WATCH, now=after(seconds=1))  # a moment ahead of who reads it
    assert engine.health(now=NOON).guard == Heartbeat.Guard.WATCH
    engine.drop_beats_of_the_future(now=NOON)
    assert list(Heartbeat.objects.values_list("guard", flat=True)) == [Heartbeat.Guard.WATCH]


def test_a_process_without_memory_takes_no_alert_for_faulty(monkeypatch, db):
    make_scene()
    alert = make_alert()

    def fail(*_args: object, **_options: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(engine, "_settle_together", fail)
        with pytest.raises(MemoryError):
            engine.sweep(now=after(minutes=3))
    assert set(Timer.objects.pending().values_list("attempts", flat=True)) == {0}
    assert engine.sweep(now=after(minutes=3)) == 1
    assert alert.timers.filter(state="fired").exists()


def test_lateness_counts_what_was_carried_out_and_names_values_that_occurred(scene):
    for second in range(100):
        scene.alert(at=after(seconds=second))
    assert engine.lateness(since=NOON, until=after(hours=1)) is None
    sweep(after(minutes=3, seconds=99))
    late = engine.lateness(since=NOON, until=after(hours=1))
    assert late is not None
    assert (late.count, late.median, late.p95, late.p99, late.worst) == (100, 49.0, 94.0, 98.0, 99.0)
    assert engine.lateness(since=after(hours=1), until=after(hours=2)) is None


# ── what did not arrive ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def undelivered(scene) -> Alert:
    """An alert whose message to the first specialist failed for good."""
    ChannelFactory(kind="sms", address="https://gateway.example")
    alert = scene.dispatched()
    assert Delivery.objects.filter(notice__recipient=scene.first).update(state="failed") == 1
    return alert


def test_what_did_not_arrive_is_in_the_timeline_and_told_to_the_desk_once(scene, undelivered):
    assert services.report_undelivered(now=after(minutes=1)) == 1
    (line,) = lines(undelivered, "undelivered")
    assert (line.person, line.detail["channel"], line.detail["state"]) == (scene.first, "sms", "failed")
    assert tidings(undelivered, scene.officer) == [["undelivered"]]
    assert services.report_undelivered(now=after(minutes=2)) == 0


def test_the_desk_is_not_told_of_its_own_undelivered_message(scene):
    ChannelFactory(kind="sms", address="https://gateway.example")
    alert = scene.alert()
    sweep(after(minutes=3))
    Delivery.objects.filter(notice__recipient=scene.officer).update(state="failed")
    services.report_undelivered(now=after(minutes=4))
    assert [line.person for line in lines(alert, "undelivered")] == [scene.officer]
    assert tidings(alert, scene.officer) == [["remind"]]


def test_what_may_have_been_told_twice_is_written_down_and_nobody_is_disturbed(scene):
    ChannelFactory(kind="sms", address="https://gateway.example")
    alert = scene.dispatched()
    Delivery.objects.filter(notice__recipient=scene.first).update(is_resent=True)
    services.report_undelivered(now=after(minutes=1))
    (line,) = lines(alert, "undelivered")
    assert line.detail["again"] is True
    assert tidings(alert, scene.officer) == []


def test_what_did_not_arrive_about_an_alert_that_has_ended_is_written_down_alone(scene, undelivered):
    services.close_alert(undelivered, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=1))
    services.report_undelivered(now=after(minutes=2))
    assert len(lines(undelivered, "undelivered")) == 1
    assert tidings(undelivered, scene.officer) == []


# ── the words ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_groups_read_names_nobody_and_no_address(scene):
    alert = scene.dispatched(name="王秀英", phone="19900001234", address="3号楼2单元401")
    for user in scene.people.values():
        for notice in user.notices.all():
            for secret in ("王秀英", "秀英", "19900001234", "3号楼"):
                assert secret not in notice.public_text
            assert "王秀英" not in notice.title + notice.body
            assert str(alert.pk) in notice.url


def test_an_exercise_says_so_before_everything_else(scene):
    scene.dispatched(is_drill=True)
    (title,) = unread(scene.first)
    assert title.startswith("[DRILL]")


def test_everybody_is_told_in_their_own_language(scene):
    User.objects.filter(pk=scene.second.pk).update(language="zh-hans")
    alert = scene.dispatched()
    assert "It is yours" in unread(scene.first)[0]
    letter = write(alert, to=scene.first, tidings=[Tiding.YOURS], key="k", purpose="respond", due_at=None, grid_name="")
    assert "no grid" in letter.title
    assert "A new alert" not in unread(scene.second)[0]
