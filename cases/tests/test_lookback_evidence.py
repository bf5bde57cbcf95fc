"""The evidence: what is found before a fraud, what of it counts, what is left out, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import services as alerts
from alerts.policy import Outcome
from alerts.tests.factories import ending, make_scene, sweep
from campaigns.policy import Channel, DoorResult
from cases.figures.lookback import evidence_of
from cases.models import Case, Rule
from cases.policy import Evidence, EvidenceKind, OffRoster, RuleName, Strength, Verdict, Whom, propose
from cases.tests.factories import REPORTED, CaseFactory
from cases.tests.lookback import Victim, days_before, make_victim
from residents.models import Resident
from residents.policy import Departure
from residents.services import end, merge
from residents.tests.factories import ResidentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def victim() -> Victim:
    return make_victim()


def evidence(victim: Victim) -> Evidence:
    return evidence_of(Case.objects.with_victim().get(pk=victim.case.pk), now=REPORTED + timedelta(days=1))


def test_a_lecture_is_found_with_when_what_by_whom_and_where(victim) -> None:
    touch = victim.touch(30)
    (line,) = evidence(victim).lines
    assert (line.key, line.at, line.title, line.place) == (f"touch:{touch.pk}", touch.at, touch.event.title, "活动室")
    assert (line.by.pk, line.types, line.strength, line.is_same) == (
        victim.worker.pk,
        ("brushing_rebate",),
        Strength.STRONG,
        True,
    )


def test_it_looks_back_as_far_as_the_rule_says_and_never_past_the_fraud(victim) -> None:
    inside, _before, _after = victim.touch(364), victim.touch(366), victim.touch(-0.5)
    assert evidence(victim).keys == {f"touch:{inside.pk}"}
    Rule.objects.create(name=RuleName.LOOK_BACK_DAYS, number=100)
    assert not evidence(victim).lines


def test_the_moment_that_counts_is_the_frauds(victim) -> None:
    victim.touch(10)
    Case.objects.update(occurred_at=days_before(20))
    assert not evidence(victim).lines
    Case.objects.update(occurred_at=None)
    assert len(evidence(victim).lines) == 1


def test_what_was_entered_after_the_report_is_marked_and_does_not_count(victim) -> None:
    victim.touch(30, entered=REPORTED + timedelta(minutes=1))
    victim.pledge(20, entered=REPORTED + timedelta(hours=1))
    found = evidence(victim)
    assert [line.is_late for line in found.lines] == [True, True]
    assert not found.counted
    assert propose(found) == Verdict.NEVER_REACHED
    victim.touch(29, entered=REPORTED)
    assert propose(evidence(victim)) == Verdict.SAME_KIND


def test_others_of_the_household_are_weak_evidence(victim) -> None:
    victim.touch(30, whom=victim.other)
    victim.visit(20, whom=victim.other)
    found = evidence(victim)
    assert {(line.whom, line.strength) for line in found.lines} == {(Whom.HOUSEHOLD, Strength.WEAK)}
    assert propose(found) == Verdict.NEVER_REACHED


@pytest.mark.parametrize("result", [DoorResult.NOBODY, DoorResult.REFUSED])
def test_a_door_that_nobody_opened_was_tried(victim, result) -> None:
    victim.door(30, result)
    (line,) = evidence(victim).lines
    assert (line.kind, line.how, line.strength) == (EvidenceKind.DOOR, result, Strength.TRIED)


def test_a_talk_at_the_door_is_told_once_where_it_is_known_with_whom(victim) -> None:
    door = victim.door(30, DoorResult.TALKED)
    (line,) = evidence(victim).lines
    assert (line.kind, line.strength) == (EvidenceKind.DOOR, Strength.WEAK)
    victim.touch(30, event=door.event, channel=Channel.DOOR)
    (line,) = evidence(victim).lines
    assert (line.kind, line.strength) == (EvidenceKind.TOUCH, Strength.STRONG)


def test_a_push_is_weak_and_counts_only_while_the_victim_was_in_the_group(victim) -> None:
    inside = victim.push(30)
    victim.push(30, since=20)
    victim.push(30, since=90, until=40)
    victim.push(0)  # on the day of the fraud nobody knows which came first
    (line,) = evidence(victim).lines
    assert (line.key, line.strength, line.posts) == (f"push:{inside.pk}", Strength.WEAK, 1)
    assert propose(evidence(victim)) == Verdict.NEVER_REACHED


@pytest.mark.parametrize(
    ("result", "strength", "verdict"),
    [
        ("met", Strength.STRONG, Verdict.OTHER_KIND),
        ("phone_only", Strength.STRONG, Verdict.OTHER_KIND),
        ("not_home", Strength.TRIED, Verdict.NEVER_REACHED),
    ],
)
def test_a_care_visit_spoke_to_somebody_on_no_kind_of_fraud(victim, result, strength, verdict) -> None:
    victim.visit(10, result=result)
    (line,) = evidence(victim).lines
    assert (line.strength, line.is_same, line.types) == (strength, False, ())
    assert propose(evidence(victim)) == verdict


def test_an_elder_fraud_was_taught_against_by_any_type_that_aims_at_elders(victim) -> None:
    victim.touch(30, codes=["health_products"])
    assert propose(evidence(victim)) == Verdict.OTHER_KIND
    Case.objects.update(is_elder_fraud=True)
    assert propose(evidence(victim)) == Verdict.SAME_KIND


# ── the roster ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_whom_nobody_knows_was_not_on_the_roster(victim) -> None:
    Case.objects.update(resident=None)
    assert (evidence(victim).off_roster, evidence(victim).lines) == (OffRoster.UNKNOWN, ())


def test_somebody_taken_on_after_the_case_was_not_on_the_roster(victim) -> None:
    Resident.objects.filter(pk=victim.resident.pk).update(created_at=REPORTED + timedelta(hours=1))
    assert evidence(victim).off_roster == OffRoster.LATER


def test_where_the_roster_itself_began_later_its_day_says_nothing(victim) -> None:
    Resident.objects.update(created_at=REPORTED + timedelta(days=60))
    assert evidence(victim).off_roster == ""


def test_somebody_who_had_moved_away_was_not_on_the_roster(victim) -> None:
    end(victim.resident, departure=Departure.MOVED, ended_on=days_before(3).date(), by=victim.manager, now=REPORTED)
    assert evidence(victim).off_roster == OffRoster.GONE


def test_what_hangs_on_a_merged_record_is_found_with_the_one_that_was_kept(victim) -> None:
    victim.touch(30)
    kept = ResidentFactory(grid=victim.place.grid)
    merge(kept, victim.resident, by=victim.manager, now=REPORTED)
    found = evidence(victim)
    assert (found.resident, len(found.lines)) == (kept.pk, 1)


# ── alerts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def warned(victim):
    """A scene in which an alert about the victim comes forty minutes before the fraud."""
    scene = make_scene()
    Resident.objects.filter(pk=victim.resident.pk).update(phone="19900004321")
    victim.resident.refresh_from_db()
    victim.resident.save()
    return scene


def alert_of(scene, *, minutes: float, **options):
    at = REPORTED - timedelta(minutes=minutes)
    return scene.accepted(at=at, name="王秀英", phone="19900004321", **options)


def test_an_alert_that_nobody_answered_in_time_is_found_with_its_clocks(victim, warned) -> None:
    alert = alert_of(warned, minutes=40)
    sweep(REPORTED)
    (line,) = evidence(victim).alerts
    assert (line.pk, line.holder.pk, line.is_before, line.is_late) == (alert.pk, line.holder.pk, True, True)
    assert [clock.is_overdue for clock in line.clocks] == [False, True]
    assert propose(evidence(victim)) == Verdict.ALERT_LATE


def test_one_handled_in_time_blames_nobody(victim, warned) -> None:
    alert = alert_of(warned, minutes=40)
    closing = ending(outcome=Outcome.FALSE_ALARM, excuses=dict.fromkeys(("phone", "door", "family"), "已在场"))
    alerts.close_alert(alert, ending=closing, by=warned.first, now=REPORTED - timedelta(minutes=35))
    assert [line.is_late for line in evidence(victim).alerts] == [False]
    assert propose(evidence(victim)) == Verdict.NEVER_REACHED


def test_one_that_came_after_the_fraud_is_shown_where_the_case_came_from_it(victim, warned) -> None:
    alert = alert_of(warned, minutes=-5)
    assert not evidence(victim).alerts
    Case.objects.update(alert=alert)
    assert [line.is_before for line in evidence(victim).alerts] == [False]
    assert propose(evidence(victim)) != Verdict.ALERT_LATE


def test_drills_and_alerts_of_long_ago_are_left_out(victim, warned) -> None:
    alert_of(warned, minutes=40, is_drill=True)
    alert_of(warned, minutes=60 * 24 * 8)
    assert not evidence(victim).alerts


def test_a_victim_whom_nobody_knows_is_found_by_the_phone(warned) -> None:
    alert = alert_of(warned, minutes=40)
    case = CaseFactory(grid=warned.grid, victim_phone="19900004321")
    found = evidence_of(Case.objects.with_victim().get(pk=case.pk), now=REPORTED)
    assert [line.pk for line in found.alerts] == [alert.pk]


# ── what it keeps and costs ─────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_the_victim_is_kept(victim) -> None:
    for days in (10, 20):
        victim.touch(days)
        victim.pledge(days)
        victim.push(days)
        victim.visit(days)
    kept = str(evidence(victim).as_json())
    assert len(evidence(victim).lines) == 8
    for secret in (victim.resident.name, victim.resident.phone, victim.other.name, victim.resident.address):
        assert secret not in kept
    assert str(victim.worker) in kept


def test_it_costs_the_same_for_little_and_for_much(victim) -> None:
    def queries(number: int) -> int:
        for at in range(number):
            days = 10 + 40 * number + at
            victim.touch(days)
            victim.touch(days, whom=victim.other)
            victim.door(days)
            victim.pledge(days)
            victim.push(days, since=360)
            victim.visit(days)
        case = Case.objects.with_victim().get(pk=victim.case.pk)
        with CaptureQueriesContext(connection) as counted:
            evidence_of(case, now=REPORTED)
        return len(counted)

    few = queries(1)
    assert queries(5) == few <= 18
