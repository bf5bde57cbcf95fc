"""The verbs of the desk and the grid: what each does, what is refused, and that a second press does no harm."""

from dataclasses import replace
from decimal import Decimal

import pytest

from accounts.models import AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from alerts import policy, services
from alerts.models import Alert, BusySpell, IntakeMessage, PolicyStep, PolicyVersion, TimelineEntry, Timer
from alerts.policy import Confirmation, Deed, Level, Objective, ObjectiveState, Outcome, State
from alerts.services import AlertError, ClosingIncompleteError, ConflictError, Result
from alerts.tests.factories import (
    EXCUSED,
    NOON,
    SECOND,
    Scene,
    SourceFactory,
    after,
    clock_of,
    ending,
    fired,
    lines,
    make_alert,
    make_scene,
    message,
    receive,
    sweep,
    unread,
)
from residents.tests.factories import ResidentFactory, make_staff

pytestmark = pytest.mark.django_db

DISPATCH, RESPOND = Objective.DISPATCH, Objective.RESPOND


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def stranger(scene: Scene) -> User:
    """Somebody of the community next door."""
    return make_scene(4).first


def kinds(alert: Alert) -> list[str]:
    return [line.kind for line in lines(alert)]


# ── intake ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_alert_waits_at_the_desk_with_its_dispatch_clock_running(scene):
    alert = scene.alert()
    clock = clock_of(alert, DISPATCH)
    assert (alert.state, clock.state) == (State.RECEIVED, ObjectiveState.PENDING)
    assert (clock.started_at, clock.due_at) == (NOON, after(minutes=5))
    assert list(alert.timers.order_by("due_at").values_list("due_at", flat=True)) == [
        after(minutes=3),
        after(minutes=5),
    ]
    assert kinds(alert) == ["received"]


def test_the_same_message_again_is_the_same_alert(scene):
    first = receive(external_id="A1", name="王秀英", phone="19900001234")
    again = receive(external_id="A1", name="王秀英", phone="19900001234", at=after(seconds=5))
    assert again.result is Result.SAME
    assert again.alert == first.alert
    assert kinds(first.alert) == ["received"]


def test_the_same_number_with_another_body_is_a_conflict_and_changes_nothing(scene):
    first = receive(external_id="A1", level=Level.LOW, name="王秀英", phone="19900001234")
    with pytest.raises(ConflictError):
        services.receive_one(SourceFactory(), message(external_id="A1", level=Level.HIGH), now=after(seconds=5))
    first.alert.refresh_from_db()
    assert first.alert.level == Level.LOW
    assert Alert.objects.count() == 1


def test_the_same_number_of_another_source_is_another_message(scene):
    first = receive(external_id="A1")
    second = receive(external_id="A1", source=SourceFactory(code="bank"))
    assert second.result is Result.CREATED
    assert second.alert != first.alert


def test_the_same_message_twice_in_one_batch_is_taken_once(scene):
    twice = message()
    receipts = services.receive(SourceFactory(), [twice, replace(twice)], now=NOON)
    assert [receipt.result for receipt in receipts] == [Result.CREATED, Result.SAME]
    assert IntakeMessage.objects.count() == Alert.objects.count() == 1


def test_a_resident_known_by_phone_gives_the_alert_its_grid(scene):
    resident = ResidentFactory(grid=scene.place.grids[1], phone="19900004321")
    alert = make_alert(phone="+86 199-0000-4321", name="王某某", area_code=scene.place.street.code)
    assert (alert.resident, alert.grid) == (resident, scene.place.grids[1])


def test_a_word_that_is_no_type_of_ours_is_kept_as_it_was_said(scene):
    alert = scene.alert(fraud_type="冒充孙子")
    assert (alert.fraud_type, alert.fraud_type_said) == (None, "冒充孙子")


def test_an_alert_of_an_unknown_place_is_taken_in_and_waits_unplaced(scene):
    alert = make_alert(area_code="999999", address="", phone="", name="某人")
    assert alert.is_unplaced
    assert clock_of(alert, DISPATCH).state == ObjectiveState.PENDING


def test_a_second_alert_about_the_same_resident_joins_the_first(scene):
    resident = ResidentFactory(grid=scene.grid, phone="19900004321")
    first = make_alert(phone="19900004321")
    joined = receive(at=after(minutes=1), phone="19900004321", source=SourceFactory(code="bank"))
    assert (joined.result, joined.alert) == (Result.JOINED, first)
    assert first.resident == resident
    assert kinds(first) == ["received", "joined"]


@pytest.mark.parametrize(
    "same", [{"phone": "19900007777"}, {"name": "赵不在册", "phone": ""}], ids=["phone", "name_in_the_same_grid"]
)
def test_where_nobody_on_the_roster_matches_the_same_phone_or_name_joins(scene, same):
    first = scene.alert(**same)
    assert receive(area_code=scene.grid.code, **same).alert == first


def test_the_same_name_in_another_grid_is_somebody_else(scene):
    first = scene.alert(name="赵不在册", phone="")
    other = make_alert(name="赵不在册", phone="", grid=scene.place.grids[1])
    assert other != first


def test_an_alert_about_somebody_whose_alert_is_closed_begins_anew(scene):
    first = scene.accepted(phone="19900007777")
    services.close_alert(first, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=1))
    assert scene.alert(phone="19900007777", at=after(minutes=2)) != first


@pytest.mark.parametrize("is_on_the_roster", [True, False])
def test_while_the_keys_are_changed_a_message_finds_who_stands_under_the_earlier_one(scene, settings, is_on_the_roster):
    resident = ResidentFactory(grid=scene.grid, phone="19900004321") if is_on_the_roster else None
    first = make_alert(phone="19900004321", name="")
    settings.EARLIER_INDEX_KEYS, settings.INDEX_KEY = (settings.INDEX_KEY,), b"new index key of tests, 32 bytes"
    joined = receive(at=after(minutes=1), phone="19900004321", source=SourceFactory(code="bank"))
    assert (joined.result, joined.alert, joined.alert.resident) == (Result.JOINED, first, resident)


def test_an_exercise_never_joins_what_is_real(scene):
    first = scene.alert(phone="19900007777")
    assert scene.alert(phone="19900007777", is_drill=True) != first


def test_two_messages_about_one_person_in_one_batch_become_one_alert(scene):
    pair = [message(phone="19900007777", level=Level.LOW), message(phone="19900007777", level=Level.HIGH)]
    created, joined = services.receive(SourceFactory(), pair, now=NOON)
    assert (created.result, joined.result) == (Result.CREATED, Result.JOINED)
    assert created.alert == joined.alert
    assert Alert.objects.get().level == Level.HIGH


def test_a_joined_alert_keeps_the_greater_amount(scene):
    first = scene.alert(phone="19900007777", amount_at_risk=Decimal(500))
    receive(phone="19900007777", amount_at_risk=Decimal(90_000))
    receive(phone="19900007777", amount_at_risk=Decimal(10))
    first.refresh_from_db()
    assert first.amount_at_risk == 90_000


def test_a_higher_level_that_joins_before_dispatch_hurries_what_is_pending(scene):
    alert = scene.alert(level=Level.LOW, phone="19900007777")
    receive(at=after(minutes=1), phone="19900007777", level=Level.HIGH)
    alert.refresh_from_db()
    assert (alert.level, alert.urgency) == (Level.HIGH, 1)
    assert set(Timer.objects.pending().values_list("urgency", flat=True)) == {1}
    assert clock_of(alert, DISPATCH).due_at == after(minutes=5)


def test_a_higher_level_that_joins_at_the_grid_starts_the_higher_objective_at_that_moment(scene):
    alert = scene.dispatched(level=Level.MEDIUM, phone="19900007777")
    receive(at=after(minutes=4), phone="19900007777", level=Level.HIGH)
    alert.refresh_from_db()
    assert clock_of(alert, RESPOND, Level.MEDIUM).state == ObjectiveState.REPLACED
    high = clock_of(alert, RESPOND, Level.HIGH)
    assert (high.started_at, high.due_at) == (after(minutes=4), after(minutes=14))
    sweep(after(minutes=7))
    alert.refresh_from_db()
    assert alert.holder == scene.second


def test_who_had_accepted_keeps_an_alert_whose_level_rises(scene):
    alert = scene.accepted(level=Level.MEDIUM, phone="19900007777")
    receive(at=after(minutes=4), phone="19900007777", level=Level.HIGH)
    sweep(after(minutes=9))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)
    # What the holder has accepted is more dangerous than they know: they are told, once.
    told = [line.detail["tidings"] for line in lines(alert, "notified") if line.person == scene.first]
    assert [tidings[0] for tidings in told] == ["yours", "raised"]


def test_what_was_confirmed_for_the_lesser_danger_is_asked_for_again(scene):
    alert = scene.accepted(level=Level.MEDIUM, phone="19900007777")
    services.record_deed(alert, deed=Deed.REMINDED, by=scene.first, now=after(minutes=2))
    receive(at=after(minutes=4), phone="19900007777", level=Level.HIGH)
    alert.refresh_from_db()
    assert alert.missing == [Confirmation.PHONE, Confirmation.DOOR, Confirmation.FAMILY]
    assert clock_of(alert).state == ObjectiveState.PENDING
    assert clock_of(alert, RESPOND, Level.MEDIUM).state == ObjectiveState.MET


def test_the_same_or_a_lower_level_joins_without_touching_the_clocks_and_the_holder_hears_it(scene):
    alert = scene.accepted(phone="19900007777")
    before = list(alert.clocks.values()), list(alert.timers.values())
    receive(at=after(minutes=1), phone="19900007777", level=Level.LOW)
    assert (list(alert.clocks.values()), list(alert.timers.values())) == before
    assert unread(scene.first, alert)


# ── the desk ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dispatch_keeps_the_first_objective_and_gives_the_alert_to_the_first_specialist_at_once(scene):
    alert = scene.alert()
    alert = services.dispatch_alert(alert, by=scene.officer, now=after(minutes=2), from_where="desk")
    assert (alert.state, alert.holder_id) == (State.DISPATCHED, scene.first.pk)
    assert clock_of(alert, DISPATCH).state == ObjectiveState.MET
    assert clock_of(alert).due_at == after(minutes=12)
    (line,) = lines(alert, "dispatched")
    assert (line.actor, line.from_where) == (scene.officer, "desk")
    assert unread(scene.first)
    assert unread(scene.second)
    assert unread(scene.leader)


def test_a_dispatch_of_what_is_dispatched_is_refused(scene):
    alert = scene.dispatched()
    with pytest.raises(AlertError, match="12:00"):
        services.dispatch_alert(alert, by=scene.manager, now=after(seconds=1))
    assert kinds(alert).count("dispatched") == 1


def test_an_unplaced_alert_is_dispatched_only_to_a_grid_that_is_chosen(scene):
    alert = make_alert(area_code=scene.place.community.code, address="", phone="")
    with pytest.raises(AlertError):
        services.dispatch_alert(alert, by=scene.officer, now=after(minutes=1))
    alert = services.dispatch_alert(alert, by=scene.officer, now=after(minutes=1), grid=scene.grid)
    assert (alert.grid, alert.holder_id) == (scene.grid, scene.first.pk)


def test_an_alert_is_placed_in_a_grid_and_nowhere_else(scene):
    alert = make_alert(area_code=scene.place.community.code, address="", phone="")
    with pytest.raises(AlertError):
        services.place_alert(alert, grid=scene.place.community, by=scene.officer, now=after(minutes=1))
    alert = services.place_alert(alert, grid=scene.grid, by=scene.officer, now=after(minutes=1))
    assert (alert.state, alert.area_code) == (State.RECEIVED, scene.grid.code)


def test_an_alert_that_reached_its_grid_is_placed_no_more(scene):
    with pytest.raises(AlertError):
        services.place_alert(scene.dispatched(), grid=scene.place.grids[1], by=scene.officer, now=after(minutes=1))


def test_a_dispatch_after_the_time_finds_that_the_clock_was_first(scene):
    alert = scene.alert()
    with pytest.raises(AlertError):
        services.dispatch_alert(alert, by=scene.officer, now=after(minutes=6))
    # The refusal undoes nothing of what was due: the sweep carries it out a moment later.
    sweep(after(minutes=6))
    alert.refresh_from_db()
    assert alert.state == State.DISPATCHED
    assert clock_of(alert, DISPATCH).state == ObjectiveState.BREACHED


def test_an_alert_is_voided_with_a_reason_and_its_clocks_end_without_a_verdict(scene):
    alert = scene.alert()
    with pytest.raises(AlertError):
        services.void_alert(alert, reason="  ", by=scene.officer, now=after(minutes=1))
    services.void_alert(alert, reason="平台重复推送", by=scene.officer, now=after(minutes=1))
    alert.refresh_from_db()
    assert (alert.state, alert.void_reason) == (State.VOIDED, "平台重复推送")
    assert clock_of(alert, DISPATCH).state == ObjectiveState.DROPPED
    assert not Timer.objects.pending().exists()


def test_what_the_grid_already_has_is_not_voided(scene):
    with pytest.raises(AlertError):
        services.void_alert(scene.dispatched(), reason="测试", by=scene.officer, now=after(minutes=1))


def test_voiding_twice_is_refused_with_the_time_of_the_first(scene):
    alert = scene.alert()
    services.void_alert(alert, reason="测试", by=scene.officer, now=after(minutes=1))
    with pytest.raises(AlertError, match="12:01"):
        services.void_alert(alert, reason="测试", by=scene.manager, now=after(minutes=2))


# ── the grid ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_accepting_stops_the_hand_overs_and_not_the_clock(scene):
    alert = scene.accepted(at=NOON)
    sweep(after(minutes=5, seconds=59))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)
    assert clock_of(alert).state == ObjectiveState.PENDING
    assert set(alert.timers.filter(step__contains="hand_to").values_list("state", flat=True)) == {"moot"}


def test_accepting_twice_is_the_same_as_once(scene):
    alert = scene.accepted()
    services.accept_alert(alert, by=scene.first, now=after(minutes=1))
    assert kinds(alert).count("accepted") == 1
    alert.refresh_from_db()
    assert alert.accepted_at == NOON


def test_who_comes_second_is_told_who_was_first(scene):
    alert = scene.accepted()
    with pytest.raises(AlertError, match=r"甲专员.*12:00|12:00.*甲专员"):
        services.accept_alert(alert, by=scene.second, now=after(minutes=1))
    alert.refresh_from_db()
    assert alert.holder == scene.first


def test_anybody_of_the_team_may_accept_what_nobody_has_accepted(scene):
    alert = scene.dispatched()
    services.accept_alert(alert, by=scene.leader, now=after(minutes=1))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.leader)
    assert [line.person for line in lines(alert, "assigned")] == [scene.first, scene.leader]


def test_an_alert_before_dispatch_after_its_end_or_of_another_community_is_accepted_by_nobody(scene, stranger):
    waiting, dispatched, voided = scene.alert(), scene.dispatched(), scene.alert()
    services.void_alert(voided, reason="测试", by=scene.officer, now=NOON)
    for alert, who in [(waiting, scene.first), (dispatched, stranger), (voided, scene.first)]:
        with pytest.raises(AlertError):
            services.accept_alert(alert, by=who, now=after(minutes=1))


@pytest.mark.parametrize("who", ["officer", "supervisor"])
def test_those_who_watch_do_not_hold(scene, who):
    alert = scene.dispatched()
    with pytest.raises(AlertError):
        services.accept_alert(alert, by=scene.people[who], now=after(minutes=1))
    with pytest.raises(AlertError):
        services.hand_over_alert(alert, by=scene.first, to=scene.people[who], now=after(minutes=1))


def test_a_post_that_has_ended_gives_no_hold_on_an_alert(scene):
    alert = scene.dispatched()
    scene.second.posts.update(ends_on=NOON.date().replace(day=1))
    with pytest.raises(AlertError):
        services.accept_alert(alert, by=scene.second, now=after(minutes=1))


def test_handing_over_gives_it_to_who_is_named_and_they_have_yet_to_accept(scene):
    alert = scene.accepted()
    services.hand_over_alert(alert, by=scene.first, to=scene.leader, now=after(minutes=1), reason="在外地")
    alert.refresh_from_db()
    assert (alert.state, alert.holder, alert.accepted_at) == (State.DISPATCHED, scene.leader, None)
    assert unread(scene.leader, alert)


def test_handing_over_to_nobody_in_particular_finds_the_next(scene):
    alert = scene.accepted()
    services.hand_over_alert(alert, by=scene.first, now=after(minutes=1))
    alert.refresh_from_db()
    assert alert.holder == scene.second


def test_handing_over_to_who_has_it_or_to_a_stranger_is_refused(scene, stranger):
    alert = scene.accepted()
    for who in (scene.first, stranger):
        with pytest.raises(AlertError):
            services.hand_over_alert(alert, by=scene.first, to=who, now=after(minutes=1))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)


def test_where_nobody_is_left_to_hand_over_to_it_stays_and_the_desk_hears_it(scene):
    alert = scene.accepted()
    for user in (scene.second, scene.leader, scene.manager, scene.police):
        services.mark_busy(user, now=NOON)
    services.hand_over_alert(alert, by=scene.first, now=after(minutes=1))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.first)
    assert unread(scene.officer, alert)


def test_who_does_something_has_thereby_accepted_it(scene):
    alert = scene.dispatched()
    services.record_deed(alert, deed=Deed.PHONE_NO_ANSWER, by=scene.second, now=after(minutes=1))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.ACCEPTED, scene.second)


def test_what_the_desk_writes_down_does_not_take_the_alert_from_the_grid(scene):
    alert = scene.dispatched()
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.officer, now=after(minutes=1))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.DISPATCHED, scene.first)
    assert Confirmation.PHONE in alert.confirmed


def test_the_third_confirmation_meets_a_high_alert_and_nothing_escalates_after_it(scene):
    alert = scene.accepted()
    for minute, deed in enumerate((Deed.PHONE_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.DOOR_CONFIRMED), start=1):
        assert clock_of(alert).state == ObjectiveState.PENDING
        services.record_deed(alert, deed=deed, by=scene.first, now=after(minutes=minute))
    clock = clock_of(alert)
    assert (clock.state, clock.met_at) == (ObjectiveState.MET, after(minutes=3))
    assert not Timer.objects.pending().exists()
    assert sweep(after(hours=2)) == 0


@pytest.mark.parametrize("level", [Level.MEDIUM, Level.LOW])
def test_one_contact_meets_a_lesser_alert(scene, level):
    alert = scene.accepted(level=level)
    services.record_deed(alert, deed=Deed.REMINDED, by=scene.first, now=after(minutes=4))
    assert clock_of(alert).state == ObjectiveState.MET


def test_a_reason_stands_for_a_confirmation_and_an_empty_one_does_not(scene):
    alert = scene.accepted()
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=after(minutes=1))
    services.record_deed(alert, deed=Deed.DOOR_CONFIRMED, by=scene.first, now=after(minutes=2))
    with pytest.raises(AlertError):
        services.excuse_confirmation(alert, confirmation="family", reason=" ", by=scene.first, now=after(minutes=3))
    with pytest.raises(AlertError):
        services.excuse_confirmation(alert, confirmation="contact", reason="无", by=scene.first, now=after(minutes=3))
    services.excuse_confirmation(
        alert, confirmation="family", reason="独居无亲属", by=scene.first, now=after(minutes=3)
    )
    assert clock_of(alert).state == ObjectiveState.MET


def test_an_attempt_counts_as_something_done_and_confirms_nothing(scene):
    alert = scene.accepted()
    services.record_deed(alert, deed=Deed.PHONE_NO_ANSWER, by=scene.first, now=after(minutes=1))
    sweep(after(minutes=7))
    alert.refresh_from_db()
    assert alert.missing == list(policy.CONFIRMATIONS[Level.HIGH])
    assert not alert.helpers.exists()


def test_a_deed_pressed_twice_is_written_once(scene):
    alert = scene.accepted()
    for second in (0, 1):
        services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=after(seconds=second))
    assert kinds(alert).count("action") == 1


def test_late_paper_keeps_both_times(scene):
    alert = scene.accepted()
    services.record_deed(
        alert, deed=Deed.DOOR_CONFIRMED, by=scene.first, done_at=after(minutes=4), now=after(minutes=9)
    )
    (line,) = lines(alert, "action")
    assert (line.at, line.recorded_at) == (after(minutes=4), after(minutes=9))
    alert.refresh_from_db()
    assert alert.door_at == after(minutes=4)


def test_an_objective_is_met_when_its_last_confirmation_was_however_they_were_entered(scene):
    alert = scene.accepted()
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=after(minutes=5))
    services.record_deed(alert, deed=Deed.FAMILY_CONTACTED, by=scene.first, now=after(minutes=6))
    services.record_deed(
        alert, deed=Deed.DOOR_CONFIRMED, by=scene.first, done_at=after(minutes=2), now=after(minutes=8)
    )
    assert clock_of(alert).met_at == after(minutes=6)


def test_an_objective_is_never_met_before_it_began(scene):
    """Somebody rang the resident while the alert still waited at the desk."""
    alert = services.dispatch_alert(scene.alert(level=Level.LOW), by=scene.officer, now=after(minutes=4))
    services.record_deed(alert, deed=Deed.REMINDED, by=scene.first, done_at=after(minutes=1), now=after(minutes=6))
    clock = clock_of(alert)
    assert (clock.state, clock.met_at) == (ObjectiveState.MET, after(minutes=4))
    assert lines(alert, "met")[-1].detail["seconds"] == 0


@pytest.mark.parametrize("done_at", [after(minutes=20), after(minutes=-1)])
def test_a_deed_in_the_future_or_before_the_alert_came_is_refused(scene, done_at):
    alert = scene.accepted()
    with pytest.raises(AlertError):
        services.record_deed(alert, deed=Deed.DOOR_CONFIRMED, by=scene.first, done_at=done_at, now=after(minutes=9))


def test_letters_about_an_objective_are_withdrawn_when_the_deed_is_recorded(scene):
    alert = scene.dispatched()
    sweep(after(minutes=5))
    assert unread(scene.leader, alert)
    assert unread(scene.officer, alert)
    for deed in (Deed.PHONE_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.DOOR_CONFIRMED):
        services.record_deed(alert, deed=deed, by=scene.leader, now=after(minutes=6))
    assert [unread(user, alert) for user in scene.people.values()] == [[]] * 7


def test_help_brings_in_whoever_of_the_grid_is_free(scene):
    alert = scene.accepted()
    services.mark_busy(scene.leader, now=NOON)
    services.ask_for_help(alert, by=scene.first, now=after(minutes=1))
    assert list(alert.helpers.all()) == [scene.second]
    assert unread(scene.second, alert)
    alert.refresh_from_db()
    assert alert.holder == scene.first
    assert alert in Alert.objects.held_by(scene.second)


def test_where_nobody_can_help_the_desk_hears_the_call(scene):
    alert = scene.accepted()
    for user in (scene.second, scene.leader):
        services.mark_busy(user, now=NOON)
    services.ask_for_help(alert, by=scene.first, now=after(minutes=1))
    assert unread(scene.officer, alert)


# ── busy and free ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_busy_hands_on_at_once_what_was_not_accepted(scene):
    alert = scene.dispatched()
    handed = services.mark_busy(scene.first, now=after(seconds=20))
    assert handed == [alert]
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.DISPATCHED, scene.second)
    assert unread(scene.second, alert)
    assert not unread(scene.first, alert)


def test_busy_leaves_what_was_accepted_where_it_is(scene):
    alert = scene.accepted()
    assert services.mark_busy(scene.first, now=after(seconds=20)) == []
    alert.refresh_from_db()
    assert alert.holder == scene.first


def test_busy_twice_is_one_spell_and_one_line_in_the_audit(scene):
    for second in (1, 2):
        services.mark_busy(scene.first, now=after(seconds=second))
    assert BusySpell.objects.count() == 1
    assert AuditEntry.objects.filter(verb="alerts.marked_busy").count() == 1


def test_where_the_busy_one_was_the_last_the_alert_waits_for_anybody_and_the_desk_hears_it(scene):
    for user in (scene.second, scene.leader, scene.manager, scene.police):
        services.mark_busy(user, now=NOON)
    alert = scene.dispatched()
    services.mark_busy(scene.first, now=after(seconds=20))
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.DISPATCHED, None)
    assert unread(scene.officer, alert)


def test_who_becomes_free_is_given_what_waits_for_want_of_anybody(scene):
    for user in (scene.first, scene.second, scene.leader, scene.manager, scene.police):
        services.mark_busy(user, now=NOON)
    alert = scene.dispatched(at=after(minutes=1))
    assert alert.holder_id is None
    assert services.mark_free(scene.leader, now=after(minutes=2)) == [alert]
    alert.refresh_from_db()
    assert alert.holder == scene.leader
    assert unread(scene.leader, alert)


def test_free_again_and_the_next_alert_is_theirs(scene):
    services.mark_busy(scene.first, now=NOON)
    assert scene.dispatched().holder_id == scene.second.pk
    services.mark_free(scene.first, now=after(minutes=1))
    assert scene.dispatched(at=after(minutes=1)).holder_id == scene.first.pk


def test_who_has_a_high_alert_in_hand_is_not_given_the_next(scene):
    scene.accepted()
    assert scene.dispatched(at=after(minutes=1)).holder_id == scene.second.pk


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_closed_over_an_unmet_objective(scene):
    alert = scene.accepted()
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=after(minutes=1))
    with pytest.raises(ClosingIncompleteError) as refused:
        services.close_alert(
            alert, ending=ending(excuses={"family": "无亲属", "door": " "}), by=scene.first, now=after(minutes=2)
        )
    assert refused.value.missing == [Confirmation.DOOR]
    alert.refresh_from_db()
    assert (alert.state, alert.excuses) == (State.ACCEPTED, {})


def test_closing_with_reasons_for_what_is_missing_meets_the_objective_and_ends_every_timer(scene):
    alert = scene.accepted()
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=4))
    alert.refresh_from_db()
    assert (alert.state, alert.closed_at, alert.outcome) == (State.CLOSED, after(minutes=4), Outcome.DISSUADED)
    assert clock_of(alert).state == ObjectiveState.MET
    assert not Timer.objects.pending().exists()
    assert sweep(after(hours=2)) == 0


def test_closing_records_what_really_happened(scene):
    alert = scene.accepted()
    what = ending(
        outcome=Outcome.DEFRAUDED,
        lost=Decimal(20_000),
        level=Level.MEDIUM,
        needs_second_feedback=True,
        note="次日回访",
        excuses=EXCUSED,
    )
    services.close_alert(alert, ending=what, by=scene.first, now=after(minutes=4))
    alert.refresh_from_db()
    assert (alert.amount_lost, alert.actual_level, alert.level) == (20_000, Level.MEDIUM, Level.HIGH)
    assert (alert.needs_second_feedback, alert.closing_note, alert.spoken_to) == (True, "次日回访", "本人")


@pytest.mark.parametrize(
    "contradiction",
    [{"outcome": ""}, {"outcome": Outcome.DEFRAUDED}, {"outcome": Outcome.DISSUADED, "lost": Decimal(1)}],
)
def test_an_ending_that_contradicts_itself_is_refused(scene, contradiction):
    alert = scene.accepted()
    with pytest.raises(AlertError):
        services.close_alert(
            alert, ending=ending(excuses=EXCUSED, **contradiction), by=scene.first, now=after(minutes=4)
        )


def test_the_same_person_pressing_close_twice_closes_once(scene):
    alert = scene.accepted()
    for second in (0, 1):
        services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(seconds=second))
    assert kinds(alert).count("closed") == 1


def test_another_person_is_told_that_it_was_closed_and_when(scene):
    alert = scene.accepted()
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=4))
    for refused in (
        lambda: services.close_alert(alert, ending=ending(), by=scene.leader, now=after(minutes=5)),
        lambda: services.accept_alert(alert, by=scene.second, now=after(minutes=5)),
        lambda: services.hand_over_alert(alert, by=scene.leader, now=after(minutes=5)),
        lambda: services.record_deed(alert, deed=Deed.DOOR_CONFIRMED, by=scene.first, now=after(minutes=5)),
        lambda: services.void_alert(alert, reason="测试", by=scene.officer, now=after(minutes=5)),
    ):
        with pytest.raises(AlertError, match="12:04"):
            refused()


def test_what_has_not_reached_its_grid_is_not_closed(scene):
    with pytest.raises(AlertError):
        services.close_alert(scene.alert(), ending=ending(excuses=EXCUSED), by=scene.officer, now=after(minutes=1))


def test_a_breached_objective_stays_breached_though_the_work_is_done_a_minute_later(scene):
    alert = scene.accepted()
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=after(minutes=11))
    clock = clock_of(alert)
    assert (clock.state, clock.breached_at, clock.met_at) == (
        ObjectiveState.BREACHED,
        after(minutes=10),
        after(minutes=11),
    )
    assert "met" not in [line.kind for line in lines(alert) if line.objective == RESPOND]
    assert not Timer.objects.pending().exists()


def test_late_paper_does_not_undo_a_breach(scene):
    alert = scene.accepted(level=Level.LOW)
    services.record_deed(alert, deed=Deed.REMINDED, by=scene.first, done_at=after(hours=1), now=after(hours=25))
    clock = clock_of(alert)
    assert (clock.state, clock.breached_at) == (ObjectiveState.BREACHED, after(hours=24))


# ── what is kept of it all ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_timeline_is_only_ever_added_to(scene):
    alert = scene.accepted()
    line = lines(alert)[0]
    line.kind = "closed"
    for rewriting in (
        line.save,
        line.delete,
        lambda: TimelineEntry.objects.filter(alert=alert).update(kind="closed"),
        lambda: TimelineEntry.objects.filter(alert=alert).delete(),
        lambda: alert.timeline.all().delete(),
    ):
        with pytest.raises(TypeError):
            rewriting()
    assert kinds(alert)[0] == "received"


def test_every_verb_leaves_one_entry_in_the_audit_and_a_refused_one_none(scene, stranger):
    alert = scene.alert()
    services.dispatch_alert(alert, by=scene.officer, now=NOON)
    services.accept_alert(alert, by=scene.first, now=NOON)
    services.accept_alert(alert, by=scene.first, now=NOON)
    with pytest.raises(AlertError):
        services.accept_alert(alert, by=stranger, now=NOON)
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=NOON)
    services.close_alert(alert, ending=ending(excuses=EXCUSED), by=scene.first, now=NOON)
    verbs = AuditEntry.objects.filter(object_id=str(alert.pk)).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["alerts.dispatched", "alerts.accepted", "alerts.deed_recorded", "alerts.closed"]


def test_every_letter_named_in_a_timeline_was_written(scene):
    alert = scene.accepted(level=Level.MEDIUM)
    sweep(after(minutes=31))  # everything down from the fifteenth minute on
    keys = [line.detail["key"] for line in lines(alert, "notified")]
    assert len(keys) == len(set(keys))
    written = {key for user in scene.people.values() for key in user.notices.values_list("key", flat=True)}
    assert set(keys) == written


# ── the policy as rows ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_keeps_the_policy_it_was_received_under(scene):
    before = scene.alert()
    in_force = PolicyVersion.objects.in_force()
    draft = services.copy_to_draft(in_force, name="Faster", by=scene.manager, now=NOON)
    draft.steps.filter(objective=DISPATCH, breach=True).update(at_seconds=240)
    services.publish(draft, by=scene.manager, now=in_force.published_at + SECOND)
    later = scene.alert(at=after(seconds=2))
    assert clock_of(before, DISPATCH).due_at == after(minutes=5)
    assert clock_of(later, DISPATCH).due_at == after(seconds=2, minutes=4)
    services.dispatch_alert(before, by=scene.officer, now=after(minutes=1))
    assert before.policy_version != later.policy_version


def test_a_draft_with_faults_is_not_published_and_a_published_version_not_again(scene):
    draft = services.copy_to_draft(PolicyVersion.objects.in_force(), name="Broken", by=None, now=NOON)
    draft.steps.filter(breach=True, level=Level.HIGH).delete()
    with pytest.raises(AlertError):
        services.publish(draft, by=None, now=NOON)
    with pytest.raises(AlertError):
        services.publish(PolicyVersion.objects.in_force(), by=None, now=NOON)


def test_the_rows_of_the_default_policy_are_the_table(scene):
    assert set(PolicyVersion.objects.in_force().as_policy().steps) == set(policy.STEPS)
    assert PolicyStep.objects.filter(version=PolicyVersion.objects.in_force()).count() == len(policy.STEPS)


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_belongs_to_its_source_until_it_is_revoked(db):
    source = SourceFactory()
    token, text = services.make_token(source, by=None, now=NOON)
    assert services.token_owner(text) == source
    assert text not in str(token.__dict__)
    services.revoke_token(token, by=None, now=NOON)
    assert services.token_owner(text) is None


def test_an_unknown_token_belongs_to_nobody(db):
    assert services.token_owner("") is None
    assert services.token_owner("sw_made-up") is None


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_alerts_are_seen_by_those_of_their_community_and_of_the_street_above_alone(scene, stranger):
    alert = scene.alert()
    on = NOON.date()
    assert all(alert in Alert.objects.visible_to(user, on=on) for user in scene.people.values())
    assert alert not in Alert.objects.visible_to(stranger, on=on)
    assert alert not in Alert.objects.visible_to(UserFactory(), on=on)


def test_an_unplaced_alert_is_seen_by_every_desk_beneath_what_is_known_of_it(scene):
    other = make_scene(4)
    alert = make_alert(area_code=scene.place.street.code, address="", phone="")
    on = NOON.date()
    for desk in (scene.officer, other.officer, scene.manager):
        assert alert in Alert.objects.visible_to(desk, on=on)
    assert alert not in Alert.objects.visible_to(scene.first, on=on)


def test_a_specialist_of_the_neighbouring_grid_does_not_see_it(scene):
    neighbour = make_staff(Role.WARNING_SPECIALIST, scene.place.grids[1])
    assert scene.alert() not in Alert.objects.visible_to(neighbour, on=NOON.date())


def test_nothing_fires_at_dispatch_but_the_first_step(scene):
    assert fired(scene.dispatched()) == ["respond.high.0.assign_first"]
