"""The clock under harm: real workers, beats and the stand-by on PostgreSQL and Valkey, killed, cut, flushed, stopped.

Each test receives alerts that nobody touches, under a policy of a second between steps, does its harm, and then holds
everything that was promised: every due step settled exactly once, every letter written once, nothing lost, what was
late marked late. The installation lives on from test to test, as one bad night would have it.
"""

import statistics
import sys
import time
from collections.abc import Iterator

import pytest

from antifraud.tests.chaos import LOUD_GRID, STEPS, House, again_and_again, until

pytestmark = [pytest.mark.postgres, pytest.mark.alone, pytest.mark.timeout(180)]

MANY = 150


@pytest.fixture(scope="module")
def workers(installation: House) -> Iterator[House]:
    try:
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def house(workers: House) -> House:
    """The workers with one of each up and sweeping."""
    if workers.broker.process is None:
        workers.broker.start()
    workers.stop("beat2", "worker2")
    workers.start("worker1", "beat1", "watch")
    until(lambda: workers.pulse("celery") < 2, within=40, what="Celery sweeps")
    return workers


def test_on_a_quiet_machine_every_step_fires_within_its_time(house, capsys):
    batch = house.receive("quiet", 20)
    batch.settle()
    batch.hold()
    late = batch.lateness()
    with capsys.disabled():
        print(f"\n  lateness of {len(late)} steps: median {statistics.median(late):.2f} s, worst {late[-1]:.2f} s")  # noqa: T201
    assert late[0] >= 0


def test_workers_killed_in_mid_sweep_again_and_again_lose_nothing(house):
    house.stop("watch")  # so that the workers alone must do it
    house.start("worker2")
    batch, told = house.receive("killed", MANY), house.receive("told-outside", 20, grid=LOUD_GRID)
    victims = [house.kept["worker1"], house.kept["worker2"]]
    rounds = iter(range(1000))

    def kill() -> None:
        number = next(rounds)
        victim = victims[number // 6 % 2]
        if number % 6 == 5:
            victim.kill()
        else:
            victim.kill_a_child()

    again_and_again(kill, every=0.3, seconds=8)
    assert sum(len(victim.ends) for victim in victims) >= 3
    for some in (batch, told):
        some.settle()
        some.hold()


def test_a_broker_flushed_again_and_again_loses_nothing(house):
    batch = house.receive("flushed", MANY)
    again_and_again(house.flush_broker, every=0.2, seconds=6)
    batch.settle()
    batch.hold()


def test_without_its_broker_the_stand_by_keeps_the_clock_and_steps_back_when_one_is_there_again(house):
    house.broker.stop()
    batch = house.receive("without-broker", MANY)
    batch.settle()
    batch.hold()
    assert house.pulse("watch") < 3
    assert house.pulse("celery") > 3
    assert "takes over" in house.log("watch")
    house.broker.start()
    until(lambda: house.pulse("celery") < 2, within=45, what="Celery sweeps again")
    until(lambda: house.pulse("watch") > 3, within=10, what="the stand-by steps back")
    assert "steps back" in house.log("watch")


def test_connections_cut_again_and_again_lose_nothing_and_every_loop_comes_back(house):
    batch = house.receive("cut", MANY)
    again_and_again(house.cut_connections, every=0.4, seconds=6)
    batch.settle()
    batch.hold()
    until(lambda: house.pulse("celery") < 2, within=20, what="Celery sweeps again")
    until(lambda: house.pulse("watch_alive") < 2, within=20, what="the stand-by watches again")


def test_two_beats_and_two_workers_and_the_stand_by_at_once_fire_nothing_twice(house):
    house.start("beat2", "worker2")
    batch = house.receive("two-beats", MANY)
    batch.settle()
    batch.hold()


def test_a_poison_row_in_the_batch_holds_up_nobody_and_is_called_out_and_can_be_cured(house):
    batch = house.receive("poison", 40)
    settled = "state <> 'pending'"
    ((poisoned,),) = batch.ask("min(alert_id)", "timer")
    due = "alert_id = %s AND objective = 'dispatch' AND state = 'pending'"
    house.ask(f"UPDATE alerts_timer SET step = 'x.' || step WHERE {due}", poisoned)
    tried = "SELECT min(attempts) FROM alerts_timer WHERE alert_id = %s AND objective = 'dispatch'"
    until(lambda: house.number(tried, poisoned) >= 1, within=15, what="it raised")
    fault = "SELECT count(*) FROM alerts_timelineentry WHERE alert_id = %s AND detail ? 'fault'"
    for attempts in (2, 3, 4):  # half a minute later, and again
        house.ask(f"UPDATE alerts_timer SET wake_at = clock_timestamp() WHERE {due}", poisoned)
        until(lambda: house.number(tried, poisoned) >= attempts, within=15, what="it is tried again")  # noqa: B023
        assert house.number(fault, poisoned) == (attempts >= 3)
    until(lambda: batch.how_many("timer", settled) == 39 * STEPS, within=40, what="all others are settled")
    house.ask(f"UPDATE alerts_timer SET step = substr(step, 3), wake_at = clock_timestamp() WHERE {due}", poisoned)
    batch.settle()
    batch.hold()


def test_everything_down_past_several_due_times_fires_as_one_when_it_is_up_again(house):
    house.stop()
    house.broker.stop()
    batch = house.receive("down", MANY)
    time.sleep(4)
    house.broker.start()
    house.start("worker1", "beat1", "watch")
    batch.settle()
    batch.hold()
    assert batch.how_many("timer", "step LIKE '%%remind_desk' AND state = 'passed_over'") == MANY
    assert batch.how_many("timelineentry", "detail ? 'late_seconds'") >= MANY
    assert batch.how_many("timelineentry", "kind = 'breached' AND detail ? 'noticed_late_seconds'") >= MANY


def test_what_was_told_outside_through_all_this_was_told_once_or_said_to_be_told_again(house):
    """Letters taken back before they were sent are cancelled; what a killed worker held is sent again, and reported."""
    about = (
        "FROM notifications_delivery d JOIN notifications_notice n ON n.id = d.notice_id JOIN alerts_alert a"
        " ON n.subject = 'alert:' || a.id WHERE a.area_code = %s"
    )
    undone = f"SELECT count(*) {about} AND d.state IN ('waiting', 'leased')"
    until(lambda: house.number(undone, LOUD_GRID) == 0, within=60, what="the outbox is empty")
    notices = house.number(
        "SELECT count(*) FROM notifications_notice n JOIN alerts_alert a ON n.subject = 'alert:' || a.id"
        " WHERE a.area_code = %s",
        LOUD_GRID,
    )
    deliveries = house.ask(f"SELECT d.state, d.attempts, d.is_resent {about}", LOUD_GRID)
    assert len(deliveries) == notices > 0
    assert {state for state, _attempts, _again in deliveries} <= {"sent", "cancelled"}
    assert [row for row in deliveries if row[1] > 1 and not row[2]] == []
    attempts = sum(attempts for _state, attempts, _again in deliveries)
    sent = sum(state == "sent" for state, _attempts, _again in deliveries)
    # The gateway is told of files that are ready as well.
    asked = sum(b"/alerts/" in asked.body for asked in house.gateway.asked)
    assert sent <= asked <= attempts
    resent = sum(again for _state, _attempts, again in deliveries)
    reported = (
        "SELECT count(*) FROM alerts_timelineentry l JOIN alerts_alert a ON a.id = l.alert_id"
        " WHERE l.kind = 'undelivered' AND a.area_code = %s"
    )
    until(lambda: house.number(reported, LOUD_GRID) == resent, within=10, what="each told again is in a timeline")


def test_after_such_a_night_the_reconciler_has_nothing_to_mend(house):
    found = house.run(sys.executable, "-m", "antifraud.tests.chaos", "reconcile")
    assert "is_clean=True" in found
