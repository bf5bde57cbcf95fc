"""Two at the same moment, each on a connection of its own. Only PostgreSQL lets two writers in."""
# ruff: noqa: B023  # each race is over before its loop goes on

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from accounts.calendars import Stretch
from accounts.models import AuditEntry
from accounts.roles import Role
from alerts import engine, services
from alerts.models import DRILL, Alert, HandOver, IntakeMessage, Shift, Source, Swap, TimelineEntry, Timer
from alerts.policy import Deed, Level, Objective, ObjectiveState, ShiftKind, State
from alerts.services import AlertError, Plan, Receipt, Result
from alerts.tests.factories import (
    EXCUSED,
    NOON,
    Scene,
    SourceFactory,
    after,
    clock_of,
    ending,
    lines,
    make_alert,
    make_scene,
    message,
    sweep,
)
from alerts.tests.rosters import pattern
from antifraud.testing.at_once import at_once
from notifications.models import Delivery, Notice
from notifications.tests.factories import ChannelFactory
from residents.models import Post
from residents.tests.factories import make_community, make_staff

pytestmark = [pytest.mark.postgres, pytest.mark.alone, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
"""A race that goes well once may have been luck."""


def one_wins(results: list[Any], names: list[str]) -> str:
    """Hold that one of them had the alert and every other was told so; return who it was."""
    winners = [name for name, result in zip(names, results, strict=True) if isinstance(result, Alert)]
    losers = [result for result in results if not isinstance(result, Alert)]
    assert len(winners) == 1, results
    assert all(type(loser) is AlertError for loser in losers), results
    return winners[0]


@pytest.fixture
def scene() -> Scene:
    return make_scene()


# ── two people ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_three_who_accept_at_the_same_moment_one_has_it_and_the_others_are_told_who(scene):
    names = ["first", "second", "leader"]
    for _round in range(ROUNDS):
        alert = scene.dispatched()
        results = at_once(
            *[lambda who=who: services.accept_alert(alert, by=scene.people[who], now=after(seconds=1)) for who in names]
        )
        winner = one_wins(results, names)
        for result in results:
            if isinstance(result, AlertError):
                assert str(scene.people[winner]) in str(result)
        assert scene.name_of(Alert.objects.get(pk=alert.pk).holder_id) == winner
        assert len(lines(alert, "accepted")) == 1


def test_one_who_presses_accept_twice_at_the_same_moment_accepts_once(scene):
    for _round in range(ROUNDS):
        alert = scene.dispatched()
        press = lambda: services.accept_alert(alert, by=scene.first, now=after(seconds=1))  # noqa: E731
        results = at_once(press, press)
        assert all(isinstance(result, Alert) for result in results), results
        assert len(lines(alert, "accepted")) == 1


def test_of_two_who_hand_over_to_the_same_person_one_is_told_that_they_have_it(scene):
    for _round in range(ROUNDS):
        alert = scene.accepted()
        results = at_once(
            *[
                lambda who=who: services.hand_over_alert(alert, by=who, to=scene.leader, now=after(seconds=1))
                for who in (scene.first, scene.manager)
            ]
        )
        one_wins(results, ["first", "manager"])
        (told,) = [result for result in results if isinstance(result, AlertError)]
        assert str(scene.leader) in str(told)
        assert [line.person for line in lines(alert, "assigned")].count(scene.leader) == 1


def test_of_two_who_close_at_the_same_moment_one_closes_and_the_other_is_told_when(scene):
    for _round in range(ROUNDS):
        alert = scene.accepted()
        results = at_once(
            *[
                lambda who=who: services.close_alert(
                    alert, ending=ending(excuses=EXCUSED), by=who, now=after(minutes=4)
                )
                for who in (scene.first, scene.leader)
            ]
        )
        one_wins(results, ["first", "leader"])
        assert len(lines(alert, "closed")) == 1
        assert AuditEntry.objects.filter(verb="alerts.closed", object_id=str(alert.pk)).count() == 1
        (told,) = [result for result in results if isinstance(result, AlertError)]
        assert "12:04" in str(told)


def test_of_two_desks_that_dispatch_at_the_same_moment_one_does(scene):
    for _round in range(ROUNDS):
        alert = scene.alert()
        results = at_once(
            *[
                lambda who=who: services.dispatch_alert(alert, by=who, now=after(minutes=1))
                for who in (scene.officer, scene.manager)
            ]
        )
        one_wins(results, ["officer", "manager"])
        assert len(lines(alert, "dispatched")) == len(lines(alert, "assigned")) == 1
        assert alert.timers.filter(objective=Objective.RESPOND).count() == 6


def test_one_who_voids_and_one_who_dispatches_at_the_same_moment_do_not_both(scene):
    for _round in range(ROUNDS):
        alert = scene.alert()
        results = at_once(
            lambda: services.dispatch_alert(alert, by=scene.officer, now=after(minutes=1)),
            lambda: services.void_alert(alert, reason="测试", by=scene.manager, now=after(minutes=1)),
        )
        one_wins(results, ["dispatch", "void"])
        assert Alert.objects.get(pk=alert.pk).state in {State.DISPATCHED, State.VOIDED}
        assert (Alert.objects.get(pk=alert.pk).state == State.VOIDED) == (not alert.timers.filter(state="pending"))


def test_confirmations_recorded_at_the_same_moment_all_count(scene):
    for _round in range(ROUNDS):
        alert = scene.accepted()
        results = at_once(
            *[
                lambda deed=deed, who=who: services.record_deed(alert, deed=deed, by=who, now=after(minutes=1))
                for deed, who in (
                    (Deed.PHONE_CONFIRMED, scene.first),
                    (Deed.DOOR_CONFIRMED, scene.second),
                    (Deed.FAMILY_CONTACTED, scene.leader),
                )
            ]
        )
        assert all(isinstance(result, Alert) for result in results), results
        assert clock_of(alert).state == ObjectiveState.MET
        assert len(lines(alert, "met")) == 2  # the dispatch, and the response once


# ── people and the clock ────────────────────────────────────────────────────────────────────────────────────────────


def test_an_acceptance_at_the_instant_at_which_it_is_handed_on_leaves_one_holder_and_one_story(scene):
    for _round in range(ROUNDS * 2):
        alert = scene.dispatched()
        at = after(minutes=3)
        swept, accepted = at_once(lambda: sweep(at), lambda: services.accept_alert(alert, by=scene.first, now=at))
        assert isinstance(swept, int), swept
        assert isinstance(accepted, Alert), accepted
        sweep(after(minutes=4))
        alert = Alert.objects.get(pk=alert.pk)
        # The step was due at that very instant, so it came first, whoever was quicker.
        assert [line.person for line in lines(alert, "assigned")] == [scene.first, scene.second, scene.first]
        assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)
        assert alert.timers.get(step__contains="hand_to_second").state == Timer.State.FIRED
        services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=5))


def test_a_step_due_after_an_acceptance_never_takes_it_back(scene):
    for _round in range(ROUNDS):
        alert = scene.dispatched()
        at_once(
            lambda: sweep(after(minutes=3)),
            lambda: services.accept_alert(alert, by=scene.first, now=after(minutes=2, seconds=59)),
        )
        sweep(after(minutes=5))
        # Who pressed before the instant may still come to the lock after the sweep: then it was handed on first.
        assert Alert.objects.get(pk=alert.pk).state == State.ACCEPTED
        assert Alert.objects.get(pk=alert.pk).holder == scene.first


def test_a_sweeper_does_not_wait_for_somebody_who_holds_one_alert(scene):
    held, other = scene.dispatched(), scene.dispatched()
    with transaction.atomic():
        engine.lock(held.pk)
        (swept,) = at_once(lambda: sweep(after(minutes=3)))
        assert swept == 1
    assert Alert.objects.get(pk=other.pk).holder == scene.second
    assert sweep(after(minutes=3)) == 1


# ── two sweepers ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_three_sweepers_over_two_hundred_due_timers_fire_each_once(scene):
    ChannelFactory(kind="sms", address="https://gateway.example")
    source = SourceFactory()
    services.receive(source, [message(name="") for _one in range(100)], now=NOON)
    results = at_once(*[lambda limit=limit: sweep(after(minutes=6), limit=limit) for limit in (7, 20, 33)])
    assert all(isinstance(result, int) for result in results), results
    sweep(after(minutes=6))
    assert sum(results) >= 100
    settled = Timer.objects.filter(objective=Objective.DISPATCH)
    assert Counter(settled.values_list("state", flat=True)) == {"fired": 100, "passed_over": 100}
    assert not Timer.objects.due(after(minutes=6)).exists()
    kinds = Counter(TimelineEntry.objects.values_list("kind", flat=True))
    assert (kinds["dispatched"], kinds["breached"], kinds["assigned"]) == (100, 100, 100)
    keys = [line.detail["key"] for line in TimelineEntry.objects.filter(kind="notified")]
    assert len(keys) == len(set(keys)) == Notice.objects.count()
    assert Delivery.objects.count() == Notice.objects.count()


def test_sweepers_and_people_all_over_the_same_alerts_deadlock_nobody(scene):
    alerts = [scene.dispatched() for _one in range(12)]

    def busily(user, first: int) -> Callable[[], int]:
        def press() -> int:
            for place in range(len(alerts)):
                alert = alerts[(first + place) % len(alerts)]
                try:
                    services.accept_alert(alert, by=user, now=after(minutes=3))
                except AlertError:
                    continue
            services.mark_busy(user, now=after(minutes=3))
            services.mark_free(user, now=after(minutes=3))
            return 1

        return press

    results = at_once(
        lambda: sweep(after(minutes=3), limit=3),
        lambda: sweep(after(minutes=3), limit=5),
        busily(scene.first, 0),
        busily(scene.second, 6),
        busily(scene.leader, 11),
    )
    assert all(isinstance(result, int) for result in results), results
    assert Counter(Alert.objects.values_list("state", flat=True)) == {State.ACCEPTED: 12}


def test_two_reconcilers_mend_an_alert_once(scene):
    alerts = [scene.dispatched() for _one in range(10)]
    Timer.objects.pending().delete()
    results = at_once(*[lambda: engine.reconcile(now=after(minutes=1))] * 2)
    assert not [result for result in results if isinstance(result, Exception)], results
    for alert in alerts:
        assert alert.timers.filter(objective=Objective.RESPOND).count() == 6


# ── two messages ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_message_twice_at_once_is_one_alert(scene):
    source = SourceFactory()
    for _round in range(ROUNDS):
        one = message()
        receipts = at_once(*[lambda one=one: services.receive_one(source, one, now=NOON)] * 3)
        assert all(isinstance(receipt, Receipt) for receipt in receipts), receipts
        assert Counter(receipt.result for receipt in receipts) == {Result.CREATED: 1, Result.SAME: 2}
        assert len({receipt.alert.pk for receipt in receipts}) == 1
        assert IntakeMessage.objects.filter(external_id=one.external_id).count() == 1


def test_two_alerts_about_one_person_at_once_become_one(scene):
    bank, police = SourceFactory(code="bank"), SourceFactory()
    for round_ in range(ROUNDS):
        phone = f"1990000{8000 + round_}"
        receipts = at_once(
            lambda phone=phone: services.receive_one(bank, message(phone=phone, level=Level.LOW), now=NOON),
            lambda phone=phone: services.receive_one(police, message(phone=phone), now=NOON),
        )
        assert all(isinstance(receipt, Receipt) for receipt in receipts), receipts
        assert {receipt.result for receipt in receipts} == {Result.CREATED, Result.JOINED}
        assert len({receipt.alert.pk for receipt in receipts}) == 1
        assert Alert.objects.get(pk=receipts[0].alert.pk).level == Level.HIGH


def test_batches_that_name_the_same_people_in_opposite_order_do_not_deadlock(scene):
    first, second = SourceFactory(code="bank"), SourceFactory()
    phones = [f"1990000{number}" for number in range(8100, 8120)]
    for _round in range(3):
        results = at_once(
            lambda: services.receive(first, [message(phone=phone) for phone in phones], now=NOON),
            lambda: services.receive(second, [message(phone=phone) for phone in reversed(phones)], now=NOON),
            lambda: sweep(after(minutes=4)),
        )
        assert not [result for result in results if isinstance(result, Exception)], results
    assert Alert.objects.count() == 20


def test_a_message_that_comes_as_its_alert_is_closed_is_never_forgotten(scene):
    source = SourceFactory()
    for round_ in range(ROUNDS * 2):
        phone = f"1990000{8200 + round_}"
        alert = scene.accepted(phone=phone)
        closed, receipt = at_once(
            lambda alert=alert: services.close_alert(
                alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=1)
            ),
            lambda phone=phone: services.receive_one(source, message(phone=phone), now=after(minutes=1)),
        )
        assert isinstance(closed, Alert), closed
        assert isinstance(receipt, Receipt), receipt
        story = [line.kind for line in lines(alert)]
        if receipt.alert.pk == alert.pk:
            # It joined while the alert was open, and whoever closed it closed it after that.
            assert story.index("joined") < story.index("closed")
        else:
            assert Alert.objects.get(pk=receipt.alert.pk).state == State.RECEIVED


def test_messages_that_fail_while_their_alert_is_worked_on_are_reported_without_a_deadlock(scene):
    ChannelFactory(kind="sms", address="https://gateway.example")
    for _round in range(ROUNDS // 2):
        alerts = [scene.dispatched() for _one in range(5)]
        Delivery.objects.filter(state="waiting").update(is_resent=True)
        results = at_once(
            lambda: services.report_undelivered(now=after(minutes=1)),
            *[
                lambda alert=alert: services.accept_alert(alert, by=scene.leader, now=after(minutes=1))
                for alert in alerts
            ],
        )
        assert not [result for result in results if isinstance(result, Exception)], results


def test_a_version_is_published_once(scene):
    draft = services.copy_to_draft(make_alert(grid=scene.grid).policy_version, name="Twice", by=scene.manager, now=NOON)
    results = at_once(*[lambda: services.publish(draft, by=scene.manager, now=NOON)] * 2)
    assert sum(isinstance(result, AlertError) for result in results) == 1


# ── the duty roster ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_managers_cannot_put_one_person_at_two_desks_in_the_same_hours(scene):
    other = make_community(4).community
    Post.objects.create(user=scene.officer, area=other, role=Role.DUTY_OFFICER, starts_on=date(2020, 1, 1))
    for number in range(ROUNDS):
        hours = Stretch(after(hours=number), after(hours=number + 1))
        enter = lambda area: services.add_shift(  # noqa: E731
            area, kind=ShiftKind.DESK, user=scene.officer, hours=hours, by=None, now=NOON
        )
        results = at_once(lambda: enter(scene.place.community), lambda: enter(other))
        assert sorted(type(result).__name__ for result in results) == ["RosterError", "Shift"], results


def test_a_swap_that_is_accepted_and_taken_back_at_the_same_moment_is_one_of_both(scene):
    for number in range(ROUNDS):
        hours = Stretch(after(hours=number + 1), after(hours=number + 2))
        shift = services.add_shift(scene.grid, kind=ShiftKind.ON_CALL, user=scene.first, hours=hours, by=None, now=NOON)
        swap = services.ask_swap(shift, of=scene.second, by=scene.first, now=NOON)
        results = at_once(
            lambda: services.accept_swap(swap, by=scene.second, now=NOON),
            lambda: services.withdraw_swap(swap, by=scene.first, now=NOON),
        )
        assert sorted(type(result).__name__ for result in results) == ["RosterError", "Swap"], results
        has_accepted = Swap.objects.get(pk=swap.pk).state == Swap.State.ACCEPTED
        assert Shift.objects.get(pk=shift.pk).user == (scene.second if has_accepted else scene.first)


def test_two_workers_that_make_the_next_shifts_at_once_make_each_once(scene):
    found = pattern(scene.grid, scene.first, scene.second)
    services.begin_rotation(found, by=scene.manager, now=NOON)
    made = at_once(*[lambda: services.make_next_shifts(now=after(hours=24 * 5)) for _one in range(3)])
    assert sum(one.shifts for one in made) == 5
    assert Shift.objects.count() == 41


def test_one_page_of_a_desk_is_signed_once_and_taken_over_by_one(scene):
    other = make_staff(Role.DUTY_OFFICER, scene.place.community)
    page = {"as_of": "", "received": 0, "high": 0, "open": [], "missed": []}
    for _round in range(ROUNDS):
        leave = lambda who: services.leave_shift(  # noqa: E731
            scene.place.community, page=page, watch="", begins_at=NOON, by=who, now=NOON
        )
        results = at_once(lambda: leave(scene.officer), lambda: leave(other))
        assert sorted(type(result).__name__ for result in results) == ["HandOver", "RosterError"], results
        signed = HandOver.objects.waiting().get()
        takers = [who for who in (scene.officer, other, scene.manager) if who != signed.left_by]
        taken = at_once(*[lambda who=who: services.take_shift(signed, by=who, now=NOON) for who in takers])
        assert sorted(type(result).__name__ for result in taken) == ["HandOver", "RosterError"], taken


def test_a_drill_that_the_worker_and_the_stand_by_find_due_at_the_same_moment_starts_once(scene):
    # Tests with real transactions empty the tables after them, also of what migrations put there.
    Source.objects.get_or_create(code=DRILL, defaults={"name": "演练"})
    leader = make_staff(Role.DUTY_OFFICER, scene.place.community, phone="19900007703")
    for _round in range(ROUNDS):
        plan = Plan(scenario="演练", level=Level.LOW, grids=[scene.grid], leader=leader, starts_at=after(minutes=5))
        drill = services.plan_drill(plan, by=scene.manager, now=NOON)
        started = at_once(*[lambda: services.start_due_drills(now=after(minutes=5))] * 3)
        assert sorted(started) == [0, 0, 1]
        assert drill.alerts.count() == 1
