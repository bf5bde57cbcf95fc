"""Opening, confirming, mending, opening again; and the follow-up visits that a case plans."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import translation

from accounts.clock import database_now
from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.services import RefusedError
from alerts.tests.factories import make_scene
from campaigns.models import Problem
from campaigns.services import mark_mended, strike_off
from cases import services, tasks
from cases.demo.lookbacks import make_look_backs
from cases.figures.lookback import evidence_of
from cases.models import Case, LookBack
from cases.policy import LookBackState, Status, Verdict
from cases.services import CasesError, Remedy
from cases.tests.factories import REPORTED, CaseFactory
from cases.tests.lookback import Victim, kind, make_victim
from notifications.models import Notice
from residents.models import FollowUp
from residents.policy import FollowUpWhy
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db
NOW = REPORTED + timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def victim() -> Victim:
    return make_victim()


def seen(case: Case) -> Case:
    return Case.objects.with_victim().get(pk=case.pk)


def opened(victim: Victim, *, now=NOW) -> LookBack:
    case = seen(victim.case)
    return services.open_look_back(case, evidence=evidence_of(case, now=now), by=victim.manager, now=now)


def confirm(look_back: LookBack, victim: Victim, **fields: object) -> LookBack:
    usual = {"verdict": Verdict.NEVER_REACHED, "cause": "轻信", "shortcoming": "", "remedy": None, "by": victim.manager}
    return services.confirm_look_back(look_back, **{**usual, "now": NOW, **fields})


def remedy(victim: Victim, what: str = "两周内入户") -> Remedy:
    return Remedy(what, victim.worker, NOW.date() + timedelta(days=14))


def verbs() -> list[str]:
    return list(AuditEntry.objects.filter(verb__startswith="cases.").order_by("pk").values_list("verb", flat=True))


# ── frozen ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_opening_freezes_what_is_known_that_day(victim) -> None:
    victim.touch(30)
    look_back = opened(victim)
    victim.touch(20)
    fresh = LookBack.objects.get()
    assert len(fresh.frozen.lines) == 1
    assert (fresh.proposed, fresh.frozen_at, fresh.state) == (Verdict.SAME_KIND, NOW, LookBackState.TO_CONFIRM)
    assert len(evidence_of(seen(victim.case), now=NOW).lines) == 2
    assert opened(victim, now=NOW + timedelta(days=5)) == look_back
    assert LookBack.objects.get().frozen_at == NOW
    assert verbs() == ["cases.look_back_opened"]


def test_evidence_is_taken_anew_only_where_the_case_was_corrected(victim) -> None:
    look_back = opened(victim)
    again = {"by": victim.manager, "now": NOW}
    with pytest.raises(CasesError, match="says what it said"):
        services.take_evidence_again(look_back, evidence=evidence_of(seen(victim.case), now=NOW), **again)
    Case.objects.update(resident=None)
    services.take_evidence_again(look_back, evidence=evidence_of(seen(victim.case), now=NOW), **again)
    assert LookBack.objects.get().proposed == Verdict.NOT_ON_ROSTER
    entry = AuditEntry.objects.get(verb="cases.look_back_taken_again")
    assert entry.detail["before"]["proposed"] == Verdict.NEVER_REACHED


def test_a_confirmed_one_keeps_its_evidence(victim) -> None:
    look_back = confirm(opened(victim), victim)
    Case.objects.update(fraud_type=kind("fake_loan"))
    with pytest.raises(CasesError, match="confirmed this look-back"):
        services.take_evidence_again(
            look_back, evidence=evidence_of(seen(victim.case), now=NOW), by=victim.manager, now=NOW
        )


# ── confirmed, mended ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_confirms_another_verdict_than_the_proposed_one(victim) -> None:
    look_back = confirm(opened(victim), victim, verdict=Verdict.OTHER_KIND, shortcoming="讲座内容不对口")
    assert (look_back.said, look_back.proposed) == (Verdict.OTHER_KIND, Verdict.NEVER_REACHED)
    assert (look_back.confirmed_by, look_back.state) == (victim.manager, LookBackState.DONE)
    assert verbs() == ["cases.look_back_opened", "cases.look_back_confirmed"]
    with pytest.raises(CasesError, match="confirmed this look-back"):
        confirm(look_back, victim)


def test_a_remedy_stands_on_the_problem_list_and_is_done_when_struck_off(victim) -> None:
    look_back = confirm(opened(victim), victim, remedy=remedy(victim))
    problem = Problem.objects.get()
    assert (problem.owner, problem.area, look_back.state) == (victim.worker, victim.place.grid, LookBackState.REMEDY)
    assert Notice.objects.filter(recipient=victim.worker).count() == 1
    assert list(LookBack.objects.with_late_remedy(problem.due_on)) == []
    assert list(LookBack.objects.with_late_remedy(problem.due_on + timedelta(days=1))) == [look_back]
    mark_mended(problem, how="已入户", by=victim.worker, now=NOW)
    assert LookBack.objects.get().state == LookBackState.REMEDY
    assert not LookBack.objects.with_late_remedy(problem.due_on + timedelta(days=1)).exists()
    strike_off(problem, by=victim.manager, now=NOW)
    assert LookBack.objects.get().state == LookBackState.DONE
    assert list(LookBack.objects.done()) == [look_back]


def test_a_remedy_names_no_victim(victim) -> None:
    look_back = opened(victim)
    with pytest.raises(CasesError, match="names the victim"):
        confirm(look_back, victim, remedy=remedy(victim, what="入户走访王秀英"))
    assert LookBack.objects.get().confirmed_at is None
    assert not Problem.objects.exists()


def test_a_remedy_is_given_to_the_staff_of_that_community_alone(victim) -> None:
    stranger = make_staff(Role.OUTREACH_WORKER, make_community(4).community)
    with pytest.raises(RefusedError, match="no post in this community"):
        confirm(opened(victim), victim, remedy=Remedy("入户", stranger, NOW.date()))


def test_one_is_opened_again_with_a_reason_and_keeps_what_stands_on_the_list(victim) -> None:
    look_back = confirm(opened(victim), victim, verdict=Verdict.OTHER_KIND, remedy=remedy(victim))
    services.reopen_look_back(look_back, why="核实后发现参加过讲座", by=victim.manager, now=NOW)
    fresh = LookBack.objects.get()
    assert (fresh.state, fresh.said) == (LookBackState.TO_CONFIRM, Verdict.OTHER_KIND)
    assert fresh.remedies.count() == 1
    with pytest.raises(CasesError, match="not been confirmed yet"):
        services.reopen_look_back(look_back, why="再来", by=victim.manager, now=NOW)
    with pytest.raises(CasesError, match="Confirm the look-back first"):
        services.add_remedy(look_back, remedy=remedy(victim), by=victim.manager, now=NOW)
    confirm(look_back, victim, verdict=Verdict.SAME_KIND)
    services.add_remedy(look_back, remedy=remedy(victim, "再讲一次"), by=victim.manager, now=NOW)
    assert fresh.remedies.count() == 2
    assert verbs()[1:] == [
        "cases.look_back_confirmed",
        "cases.look_back_reopened",
        "cases.look_back_confirmed",
        "cases.look_back_remedy_added",
    ]


# ── follow-ups ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lost", "why"), [(8_000, FollowUpWhy.FRAUD), (0, FollowUpWhy.DISSUADED)])
def test_a_victim_prevented_or_not_is_followed_up(victim, lost, why) -> None:
    Case.objects.update(amount_lost=lost)
    planned = services.plan_follow_ups(seen(victim.case), by=victim.manager, now=NOW)
    assert [(one.why, one.due_on - REPORTED.date(), one.subject) for one in planned] == [
        (why, timedelta(days=7), f"case:{victim.case.pk}"),
        (why, timedelta(days=30), f"case:{victim.case.pk}"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"resident": None},
        {"status": Status.WITHDRAWN},
        {"reported_at": NOW - timedelta(days=31)},
    ],
)
def test_no_follow_up_where_nobody_is_known_it_was_withdrawn_or_is_long_ago(victim, fields) -> None:
    Case.objects.update(**fields)
    assert services.plan_follow_ups(seen(victim.case), by=None, now=NOW) == []
    assert services.plan_recent_follow_ups(now=NOW) == 0


def test_a_case_from_an_alert_is_followed_up_once(victim) -> None:
    alert = make_scene().accepted()
    Case.objects.update(alert=alert)
    assert len(services.plan_follow_ups(seen(victim.case), by=None, now=NOW)) == 2
    assert {one.subject for one in FollowUp.objects.all()} == {f"alert:{alert.pk}"}
    assert services.plan_recent_follow_ups(now=NOW) == 0


def test_the_night_plans_what_nobody_planned(victim) -> None:
    CaseFactory(grid=victim.place.grid, resident=ResidentFactory(grid=victim.place.grid))
    assert services.plan_recent_follow_ups(now=NOW) == 4
    assert services.plan_recent_follow_ups(now=NOW) == 0


# ── by itself, and the demo ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_night_opens_what_is_new_and_leaves_what_is_old_or_withdrawn(victim) -> None:
    now = database_now()
    Case.objects.update(reported_at=now - timedelta(days=2), occurred_at=now - timedelta(days=2))
    CaseFactory(grid=victim.place.grid, reported_at=now - timedelta(days=61))
    CaseFactory(grid=victim.place.grid, reported_at=now, status=Status.WITHDRAWN)
    assert tasks.open_look_backs() == 1
    assert LookBack.objects.get().case == victim.case
    assert tasks.open_look_backs() == 0
    assert tasks.plan_follow_ups() == 2


def test_the_demo_confirms_two_of_three_and_leaves_some_to_do(victim) -> None:
    for days in range(8):
        CaseFactory(grid=victim.place.grid, reported_at=REPORTED - timedelta(days=days))
    assert make_look_backs(now=NOW) == 9
    assert LookBack.objects.to_confirm().count() == 3
    assert LookBack.objects.with_open_remedy().count() == 6
    assert make_look_backs(now=NOW) == 9


def test_a_case_that_was_withdrawn_asks_nobody_to_visit(victim) -> None:
    case = CaseFactory(grid=victim.resident.grid, resident=victim.resident, reported_at=NOW - timedelta(days=1))
    services.plan_follow_ups(case, by=victim.manager, now=NOW)
    assert FollowUp.objects.filter(cancelled_on__isnull=True).exists()
    services.withdraw_case(case, why="twice", by=victim.manager, now=NOW)
    assert not FollowUp.objects.filter(cancelled_on__isnull=True).exists()
