"""The table of roles and duties, line by line as the office agreed it."""

import pytest

from accounts.roles import DUTIES, Duty, Role, roles_with

DESK, HANDLE, SEE, PEOPLE, CLOCK = (
    Duty.WATCH_DESK,
    Duty.HANDLE_ALERTS,
    Duty.SEE_ALERTS,
    Duty.SEE_RESIDENTS,
    Duty.SEE_CLOCK,
)
ROSTER, MINORS, WHOLE, VISIT, PAIR, APPOINT, ACCESS = (
    Duty.KEEP_ROSTER,
    Duty.SEE_MINORS,
    Duty.EXPORT_WHOLE,
    Duty.VISIT,
    Duty.PAIR,
    Duty.APPOINT,
    Duty.SEE_ACCESS,
)
OUTREACH = {Duty.SEE_OUTREACH, Duty.LOG_OUTREACH}
LEDGER = {Duty.SEE_CASES, Duty.KEEP_CASES}


@pytest.mark.parametrize(
    ("role", "duties"),
    [
        (Role.DUTY_OFFICER, {DESK, HANDLE, SEE, PEOPLE, CLOCK, ROSTER, MINORS, PAIR} | OUTREACH | LEDGER),
        (
            Role.MANAGER,
            {DESK, HANDLE, SEE, PEOPLE, CLOCK, ROSTER, MINORS, WHOLE, VISIT, PAIR, APPOINT, ACCESS}
            | OUTREACH
            | {Duty.PLAN_OUTREACH, Duty.RUN_DRILLS}
            | LEDGER
            | {Duty.JUDGE_CASES, Duty.SEE_REPORTS, Duty.SIGN_REPORTS, Duty.KEEP_DUTY_ROSTER, Duty.REPLAY},
        ),
        (Role.GRID_LEADER, {HANDLE, SEE, PEOPLE, ROSTER, MINORS, VISIT, PAIR, Duty.SEE_CASES} | OUTREACH),
        (Role.WARNING_SPECIALIST, {HANDLE, SEE, PEOPLE, VISIT} | OUTREACH),
        (Role.POLICE_LIAISON, {HANDLE, SEE, Duty.SEE_OUTREACH, Duty.SEE_REPORTS} | LEDGER),
        (
            Role.SUPERVISOR,
            {SEE, CLOCK, Duty.SEE_OUTREACH, Duty.SEE_CASES, Duty.SEE_REPORTS, Duty.SIGN_SUMMARIES, Duty.SCORE}
            | {Duty.REPLAY},
        ),
        (Role.CARER, {VISIT}),
        (Role.OUTREACH_WORKER, OUTREACH | {Duty.PLAN_OUTREACH}),
        (Role.BUILDING_INFORMANT, set()),
    ],
)
def test_each_role_carries_its_duties_and_no_others(role: Role, duties: set[Duty]) -> None:
    assert DUTIES[role] == duties


def test_the_table_names_every_role() -> None:
    assert set(DUTIES) == set(Role)


def test_whoever_handles_alerts_also_sees_them() -> None:
    assert roles_with(HANDLE) <= roles_with(SEE)


def test_the_desk_is_watched_by_duty_officers_and_managers() -> None:
    assert roles_with(DESK) == {Role.DUTY_OFFICER, Role.MANAGER}


def test_nobody_scores_or_sums_up_a_community_whose_report_they_sign() -> None:
    assert not roles_with(Duty.SIGN_REPORTS) & (roles_with(Duty.SCORE) | roles_with(Duty.SIGN_SUMMARIES))
