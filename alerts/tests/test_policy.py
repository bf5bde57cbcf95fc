"""The table and the questions asked of it: pure, so there is no database here."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import policy
from alerts.policy import (
    HOURS,
    MINUTES,
    SECONDS,
    STEPS,
    Action,
    Audience,
    Choice,
    Condition,
    Confirmation,
    Facts,
    Fate,
    Hindrance,
    Level,
    Member,
    Objective,
    Policy,
    Rank,
    Step,
    choose_helpers,
    choose_holder,
    faults,
    settle,
    steps_due,
)
from alerts.tests.factories import NOON
from alerts.tests.policies import policies

DEFAULT = Policy()
SLOWLY = settings(deadline=None)  # a machine that is busy elsewhere is no fault of the table
DISPATCH, RESPOND = Objective.DISPATCH, Objective.RESPOND
HIGH, MEDIUM, LOW = Level.HIGH, Level.MEDIUM, Level.LOW

WAITING = Facts(is_open=True, is_dispatched=True, is_accepted=False, has_acted=False, is_met=False)
UNDISPATCHED = Facts(is_open=True, is_dispatched=False, is_accepted=False, has_acted=False, is_met=False)
IDLE = Facts(is_open=True, is_dispatched=True, is_accepted=True, has_acted=False, is_met=False)
BUSY_AT_IT = Facts(is_open=True, is_dispatched=True, is_accepted=True, has_acted=True, is_met=False)
MET = Facts(is_open=True, is_dispatched=True, is_accepted=True, has_acted=True, is_met=True)
CLOSED = Facts(is_open=False, is_dispatched=True, is_accepted=True, has_acted=True, is_met=False)


def at(objective: Objective, level: Level, minutes: float) -> Step:
    """The one step of the default table at that time."""
    (step,) = (step for step in DEFAULT.steps_of(objective, level) if step.at == minutes * MINUTES)
    return step


def carried_out(objective: Objective, level: Level, minutes: float, facts: Facts) -> list[Step]:
    """What an outage that ends at that time leaves to be done at once."""
    due = steps_due(DEFAULT, objective=objective, level=level, started_at=NOON, taken=(), now=NOON + minutes * MINUTES)
    return [step for step, fate in settle(due, facts) if fate is Fate.CARRIED_OUT]


# ── the default table, sentence by sentence ─────────────────────────────────────────────────────────────────────────


def test_the_default_table_is_a_policy():
    assert faults(STEPS) == []


@pytest.mark.parametrize("level", Level)
def test_an_alert_must_reach_its_grid_within_five_minutes(level):
    assert DEFAULT.due_after(DISPATCH, level) == 5 * MINUTES


@pytest.mark.parametrize(("level", "within"), [(HIGH, 10 * MINUTES), (MEDIUM, 30 * MINUTES), (LOW, 24 * HOURS)])
def test_the_resident_must_be_reached_within_the_time_of_the_level(level, within):
    assert DEFAULT.due_after(RESPOND, level) == within


@pytest.mark.parametrize("level", Level)
def test_an_alert_nobody_dispatches_is_called_out_at_the_desk_after_three_minutes(level):
    step = at(DISPATCH, level, 3)
    assert (step.do, step.tell) == (Action.REMIND_DESK, (Audience.DESK,))
    assert policy.applies(step, UNDISPATCHED)
    assert not policy.applies(step, WAITING)


@pytest.mark.parametrize("level", Level)
def test_an_alert_nobody_dispatches_goes_to_the_grid_by_itself_after_five_minutes_and_the_manager_hears_it(level):
    step = at(DISPATCH, level, 5)
    assert (step.do, step.tell, step.breach) == (Action.DISPATCH, (Audience.MANAGER,), True)
    assert not policy.applies(step, WAITING)


def test_a_high_alert_goes_to_the_first_specialist_at_once_and_both_specialists_and_the_leader_are_told():
    step = at(RESPOND, HIGH, 0)
    assert (step.do, step.tell) == (Action.ASSIGN_FIRST, (Audience.SPECIALISTS, Audience.LEADER))


def test_a_high_alert_nobody_accepts_reaches_the_second_specialist_after_three_minutes():
    step = at(RESPOND, HIGH, 3)
    assert step.do == Action.HAND_TO_SECOND
    assert policy.applies(step, WAITING)
    assert not policy.applies(step, IDLE)


def test_a_high_alert_nobody_accepts_reaches_the_grid_leader_after_five_minutes_and_the_desk_hears_it():
    step = at(RESPOND, HIGH, 5)
    assert (step.do, step.tell) == (Action.HAND_TO_LEADER, (Audience.DESK,))
    assert not policy.applies(step, IDLE)


def test_a_high_alert_accepted_and_left_alone_gets_help_after_six_minutes_and_the_leader_hears_it():
    step = at(RESPOND, HIGH, 6)
    assert (step.do, step.tell) == (Action.BRING_IN_HELP, (Audience.LEADER,))
    assert policy.applies(step, IDLE)
    assert not policy.applies(step, BUSY_AT_IT)
    assert not policy.applies(step, WAITING)


def test_a_high_alert_not_met_is_breached_after_ten_minutes_and_manager_and_police_hear_it():
    step = at(RESPOND, HIGH, 10)
    assert (step.do, step.tell, step.breach) == (Action.TELL, (Audience.MANAGER, Audience.POLICE), True)
    assert policy.applies(step, BUSY_AT_IT)
    assert not policy.applies(step, MET)


def test_a_high_alert_not_met_reaches_the_street_supervisor_after_twenty_minutes():
    assert at(RESPOND, HIGH, 20).tell == (Audience.SUPERVISOR,)


def test_a_medium_alert_nobody_accepts_reaches_the_second_specialist_after_fifteen_minutes():
    assert at(RESPOND, MEDIUM, 0).do == Action.ASSIGN_FIRST
    step = at(RESPOND, MEDIUM, 15)
    assert step.do == Action.HAND_TO_SECOND
    assert not policy.applies(step, IDLE)


def test_a_medium_alert_accepted_and_left_alone_gets_help_after_twenty_minutes():
    step = at(RESPOND, MEDIUM, 20)
    assert (step.do, step.when) == (Action.BRING_IN_HELP, Condition.ACCEPTED_AND_IDLE)


def test_a_medium_alert_not_met_goes_to_the_grid_leader_after_thirty_minutes_and_desk_and_manager_hear_it():
    step = at(RESPOND, MEDIUM, 30)
    assert (step.do, step.tell, step.breach) == (
        Action.HAND_TO_LEADER,
        (Audience.DESK, Audience.MANAGER),
        True,
    )
    assert policy.applies(step, BUSY_AT_IT)


def test_a_low_alert_not_met_is_breached_after_a_day_and_the_leader_hears_it():
    step = at(RESPOND, LOW, 24 * 60)
    assert (step.tell, step.breach) == ((Audience.LEADER,), True)


@pytest.mark.parametrize(("level", "count"), [(HIGH, 6), (MEDIUM, 4), (LOW, 2)])
def test_the_table_has_no_steps_beside_those(level, count):
    assert len(DEFAULT.steps_of(RESPOND, level)) == count
    assert len(DEFAULT.steps_of(DISPATCH, level)) == 2


# ── what is due ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_is_due_from_the_instant_itself_on():
    def due(now):
        return [
            step.at
            for step in steps_due(DEFAULT, objective=RESPOND, level=HIGH, started_at=NOON, taken=(), now=NOON + now)
        ]

    assert due(3 * MINUTES - timedelta(microseconds=1)) == [0 * MINUTES]
    assert due(3 * MINUTES) == [0 * MINUTES, 3 * MINUTES]


def test_a_step_once_taken_is_not_due_again():
    taken = [at(RESPOND, HIGH, 0).key]
    due = steps_due(DEFAULT, objective=RESPOND, level=HIGH, started_at=NOON, taken=taken, now=NOON + 4 * MINUTES)
    assert [step.at for step in due] == [3 * MINUTES]


# ── several overdue together ────────────────────────────────────────────────────────────────────────────────────────


def test_after_an_outage_only_the_highest_hand_over_is_carried_out_and_no_tidings_are_lost():
    done = carried_out(RESPOND, HIGH, 25, WAITING)
    assert [step.do for step in done] == [Action.HAND_TO_LEADER, Action.TELL, Action.TELL]
    assert sum(step.breach for step in done) == 1


def test_after_an_outage_the_dispatch_overtakes_the_reminder():
    assert [step.do for step in carried_out(DISPATCH, HIGH, 6, UNDISPATCHED)] == [Action.DISPATCH]


def test_of_two_hand_overs_to_the_same_rank_overdue_together_the_later_is_carried_out():
    twice = [Step(RESPOND, HIGH, minute * MINUTES, Condition.NOT_ACCEPTED, Action.HAND_TO_SECOND) for minute in (1, 2)]
    assert [fate for _step, fate in settle(twice, WAITING)] == [Fate.PASSED_OVER, Fate.CARRIED_OUT]


def test_of_two_dispatches_overdue_together_one_is_carried_out():
    twice = [Step(DISPATCH, None, minute * MINUTES, Condition.NOT_DISPATCHED, Action.DISPATCH) for minute in (1, 2)]
    assert [fate for _step, fate in settle(twice, UNDISPATCHED)] == [Fate.CARRIED_OUT, Fate.PASSED_OVER]


def test_what_was_accepted_during_an_outage_is_taken_from_nobody():
    done = carried_out(RESPOND, HIGH, 25, BUSY_AT_IT)
    assert [step.do for step in done] == [Action.ASSIGN_FIRST, Action.TELL, Action.TELL]
    assert [step.breach for step in done] == [False, True, False]


@pytest.mark.parametrize("facts", [MET, CLOSED])
@pytest.mark.parametrize("level", Level)
def test_neither_a_met_objective_nor_an_ended_alert_escalates(level, facts):
    assert carried_out(RESPOND, level, 2 * 24 * 60, facts) == []


facts_of_any_kind = st.builds(
    Facts,
    is_open=st.booleans(),
    is_dispatched=st.booleans(),
    is_accepted=st.booleans(),
    has_acted=st.booleans(),
    is_met=st.booleans(),
)


@SLOWLY
@given(table=policies(), facts=facts_of_any_kind, level=st.sampled_from(Level), objective=st.sampled_from(Objective))
def test_of_any_policy_every_due_step_has_exactly_one_fate_and_at_most_one_height_is_carried_out(
    table, facts, level, objective
):
    due = table.steps_of(objective, level)
    fates = settle(due, facts)
    assert [step for step, _fate in fates] == list(due)
    assert (
        len({policy.HEIGHT[step.do] for step, fate in fates if fate is Fate.CARRIED_OUT and step.do in policy.HEIGHT})
        <= 1
    )
    for step, fate in fates:
        if facts.is_met or not facts.is_open:
            assert fate is Fate.MOOT
        if facts.is_accepted and step.when == Condition.NOT_ACCEPTED:
            assert fate is Fate.MOOT
        if fate is Fate.PASSED_OVER:
            assert step.do in {*policy.HEIGHT, Action.REMIND_DESK, Action.DISPATCH}


@SLOWLY
@given(table=policies(), facts=facts_of_any_kind, level=st.sampled_from(Level))
def test_of_any_policy_no_unmet_objective_of_an_open_alert_escapes_its_breach(table, facts, level):
    if not facts.is_open or facts.is_met:
        return
    (breaching,) = (step for step in table.steps_of(RESPOND, level) if step.breach)
    assert policy.applies(breaching, facts)


@SLOWLY
@given(
    table=policies(),
    level=st.sampled_from(Level),
    objective=st.sampled_from(Objective),
    seconds=st.lists(st.integers(0, 100_000), max_size=8),
)
def test_of_any_policy_asking_often_takes_every_step_once_and_none_before_its_time(table, level, objective, seconds):
    taken: list[str] = []
    for second in sorted(seconds):
        now = NOON + second * SECONDS
        due = steps_due(table, objective=objective, level=level, started_at=NOON, taken=taken, now=now)
        assert all(NOON + step.at <= now for step in due)
        taken += [step.key for step in due]
    assert len(taken) == len(set(taken))
    last = max(seconds, default=-1) * SECONDS
    assert set(taken) == {step.key for step in table.steps_of(objective, level) if step.at <= last}


# ── who is to hold it ───────────────────────────────────────────────────────────────────────────────────────────────

FIRST, SECOND = Member(1, Rank.SPECIALIST), Member(2, Rank.SPECIALIST)
LEADER, MANAGER, POLICE = Member(3, Rank.LEADER), Member(4, Rank.MANAGER), Member(5, Rank.POLICE)
TEAM = (FIRST, SECOND, LEADER, MANAGER, POLICE)


def busy(member: Member) -> Member:
    return Member(member.user_id, member.rank, is_busy=True)


def engaged(member: Member) -> Member:
    return Member(member.user_id, member.rank, is_engaged=True)


def test_the_first_available_specialist_is_chosen():
    assert choose_holder(TEAM, start=Rank.SPECIALIST) == Choice(FIRST)


def test_a_busy_specialist_is_passed_over_and_the_reason_is_kept():
    choice = choose_holder((busy(FIRST), *TEAM[1:]), start=Rank.SPECIALIST)
    assert choice.member == SECOND
    assert choice.passed == ((Rank.SPECIALIST, 1, Hindrance.BUSY),)


def test_who_has_another_accepted_high_alert_is_passed_over():
    choice = choose_holder((engaged(FIRST), *TEAM[1:]), start=Rank.SPECIALIST)
    assert choice.member == SECOND
    assert choice.passed == ((Rank.SPECIALIST, 1, Hindrance.ENGAGED),)


def test_the_second_specialist_is_whoever_has_not_had_it_yet():
    assert choose_holder(TEAM, start=Rank.SPECIALIST, without=[1], offered=[1]).member == SECOND


def test_of_three_specialists_one_who_had_it_before_comes_after_one_who_had_not():
    third = Member(6, Rank.SPECIALIST)
    assert choose_holder((FIRST, SECOND, third), start=Rank.SPECIALIST, without=[2], offered=[1, 2]).member == third


def test_where_no_specialist_is_free_the_leader_has_it_at_once():
    choice = choose_holder((busy(FIRST), engaged(SECOND), *TEAM[2:]), start=Rank.SPECIALIST)
    assert choice.member == LEADER
    assert [why for _rank, _user, why in choice.passed] == [Hindrance.BUSY, Hindrance.ENGAGED]


def test_a_rank_with_no_post_filled_is_passed_over_and_said_so():
    choice = choose_holder((MANAGER,), start=Rank.SPECIALIST)
    assert choice.member == MANAGER
    assert choice.passed == ((Rank.SPECIALIST, None, Hindrance.NOBODY), (Rank.LEADER, None, Hindrance.NOBODY))


def test_it_never_goes_down_a_rank():
    assert choose_holder(TEAM, start=Rank.LEADER).member == LEADER
    assert choose_holder((FIRST, SECOND, busy(LEADER)), start=Rank.LEADER).member is None


def test_where_nobody_is_at_any_rank_the_choice_is_empty_and_names_everybody_passed():
    choice = choose_holder([busy(member) for member in TEAM], start=Rank.SPECIALIST)
    assert choice.member is None
    assert [user for _rank, user, _why in choice.passed] == [1, 2, 3, 4, 5]


members = st.builds(
    Member,
    user_id=st.integers(1, 8),
    rank=st.sampled_from(Rank),
    is_busy=st.booleans(),
    is_engaged=st.booleans(),
    is_on_call=st.booleans(),
)


@SLOWLY
@given(
    team=st.lists(members, max_size=8),
    start=st.sampled_from(Rank),
    without=st.sets(st.integers(1, 8)),
    offered=st.sets(st.integers(1, 8)),
)
def test_whoever_is_chosen_is_free_not_relieved_on_duty_if_anybody_is_and_of_the_lowest_rank_there(
    team, start, without, offered
):
    choice = choose_holder(team, start=start, without=without, offered=offered)
    free = [m for m in team if m.rank >= start and m.is_free and m.user_id not in without]
    could = [m for m in free if m.is_on_call] or free
    if choice.member is None:
        assert not could
        assert {rank for rank, _user, _why in choice.passed} == {rank for rank in Rank if rank >= start}
        return
    assert choice.member in could
    assert choice.member.rank == min(member.rank for member in could)
    fresh = [m for m in could if m.rank == choice.member.rank and m.user_id not in offered]
    assert choice.member.user_id not in offered or not fresh


@SLOWLY
@given(team=st.lists(members, max_size=8), beside=st.integers(1, 8))
def test_whoever_is_brought_in_is_of_the_grid_free_and_off_duty_only_where_nobody_on_duty_is_free(team, beside):
    helpers, passed = choose_helpers(team, beside=beside)
    near = [m for m in team if m.rank <= Rank.LEADER and m.user_id != beside]
    assert all(m in near and m.is_free for m in helpers)
    assert bool(helpers) == any(m.is_free for m in near)
    if any(not m.is_on_call for m in helpers):
        assert not any(m.is_on_call and m.is_free for m in near)
    assert bool(passed) == (bool(near) and not helpers)


# ── what must be confirmed ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_high_alert_asks_for_phone_door_and_family():
    asked = policy.missing_confirmations(HIGH, confirmed=[], excused=[])
    assert asked == [Confirmation.PHONE, Confirmation.DOOR, Confirmation.FAMILY]


def test_a_reason_stands_for_a_confirmation():
    assert policy.missing_confirmations(HIGH, confirmed=["phone", "door"], excused=["family"]) == []


@pytest.mark.parametrize("level", [MEDIUM, LOW])
def test_lesser_alerts_ask_for_one_contact(level):
    assert policy.missing_confirmations(level, confirmed=[], excused=[]) == [Confirmation.CONTACT]


# ── what is no policy ───────────────────────────────────────────────────────────────────────────────────────────────


def without(*steps: Step) -> list[Step]:
    return [step for step in STEPS if step not in steps]


def changed(step: Step, **fields: object) -> list[Step]:
    values = {name: fields.get(name, getattr(step, name)) for name in Step.__slots__}
    return [*without(step), Step(**values)]


def test_a_table_without_a_breach_is_refused():
    assert faults(without(at(RESPOND, HIGH, 10))) != []


def test_a_table_with_two_breaches_of_one_objective_is_refused():
    assert faults([*STEPS, Step(RESPOND, HIGH, 12 * MINUTES, Condition.NOT_MET, Action.TELL, (), breach=True)]) != []


def test_a_breach_at_the_start_is_refused():
    assert faults(changed(at(RESPOND, LOW, 24 * 60), at=0 * MINUTES)) != []


def test_a_step_twice_is_refused():
    assert any(STEPS[0].key in fault for fault in faults([*STEPS, STEPS[0]]))


def test_a_step_before_the_start_is_refused():
    assert faults(changed(at(RESPOND, HIGH, 3), at=-1 * SECONDS)) != []


@pytest.mark.parametrize("level", Level)
def test_a_level_that_is_assigned_to_nobody_at_once_is_refused(level):
    assert faults(without(at(RESPOND, level, 0))) != []


def test_a_dispatch_among_the_steps_of_the_grid_is_refused():
    assert faults([*STEPS, Step(RESPOND, HIGH, 4 * MINUTES, Condition.NOT_MET, Action.DISPATCH)]) != []


def test_a_hand_over_before_dispatch_is_refused():
    assert faults([*STEPS, Step(DISPATCH, None, 4 * MINUTES, Condition.NOT_MET, Action.HAND_TO_LEADER)]) != []


@pytest.mark.parametrize("when", [Condition.NOT_ACCEPTED, Condition.ACCEPTED_AND_IDLE, Condition.NOT_DISPATCHED])
def test_a_breach_that_acceptance_could_escape_is_refused(when):
    """Else an alert once accepted would have no step left, and be forgotten by the clock."""
    assert faults(changed(at(RESPOND, HIGH, 10), when=when)) != []


@SLOWLY
@given(table=policies())
def test_what_has_no_faults_has_a_breach_for_every_objective_at_every_level(table):
    assert faults(table.steps) == []
    for objective in Objective:
        for level in Level:
            assert sum(step.breach for step in table.steps_of(objective, level)) == 1
