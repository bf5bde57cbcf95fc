"""The problem list (问题清单—整改—销号): given to somebody, mended, looked at, struck off; chased until it is."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Duty
from accounts.services import record
from campaigns import letters
from campaigns.letters import MEND, STRIKE
from campaigns.models import Meeting, Problem
from campaigns.policy import ProblemState, week_of
from campaigns.services.common import (
    OutreachError,
    on_duty_at,
    planners_by_community,
    queue_up,
    require_owner,
    save_checked,
)
from notifications.services import Letter, tell, withdraw
from residents.models import Area
from residents.policy import is_office_hour


@transaction.atomic
def add_problem(
    *, area: Area, what: str, owner: User, due_on: date, by: User, now: datetime, meeting: Meeting | None = None
) -> Problem:
    """Put a problem on the list and tell who is to mend it; pressed twice, it is put there once.

    Raises ``OutreachError`` for a due day that has passed and for a stranger as owner.
    """
    on = local(now).date()
    if due_on < on:
        raise OutreachError(_("The day by which it is to be mended has passed already."))
    require_owner(owner, area, duty=Duty.SEE_OUTREACH, on=on)
    queue_up(area)
    fields = {"area": area, "what": what, "owner": owner, "due_on": due_on, "meeting": meeting, "created_by": by}
    if (there := Problem.objects.to_mend().filter(**fields).first()) is not None:
        return there
    problem = Problem(**fields)
    save_checked(problem)
    _record(problem, "campaigns.problem_added", by=by, now=now)
    if owner != by:
        tell([letters.problem_given(problem, at=now)], now=now)
    return problem


@transaction.atomic
def give_to(problem: Problem, *, owner: User, due_on: date, by: User, now: datetime) -> Problem:
    """Give a problem to somebody else, or another day to mend it by; who has it now is told."""
    _require(problem, ProblemState.TO_MEND, ProblemState.MENDED)
    on = local(now).date()
    if due_on < on and due_on != problem.due_on:
        raise OutreachError(_("The day by which it is to be mended has passed already."))
    require_owner(owner, problem.area, duty=Duty.SEE_OUTREACH, on=on)
    problem.owner, problem.due_on = owner, due_on
    problem.save(update_fields=["owner", "due_on"])
    _record(problem, "campaigns.problem_given", by=by, now=now)
    _withdraw(problem, MEND, now=now)
    if owner != by and problem.state == ProblemState.TO_MEND:
        tell([letters.problem_given(problem, at=now)], now=now)
    return problem


@transaction.atomic
def mark_mended(problem: Problem, *, how: str, by: User, now: datetime) -> Problem:
    """Say that a problem is mended, and how; those who may strike it off are told.

    Raises ``OutreachError`` where somebody else is to mend it, and where it was mended or struck off already.
    """
    _require(problem, ProblemState.TO_MEND)
    on = local(now).date()
    may_plan = on_duty_at(problem.area.code, Duty.PLAN_OUTREACH, on=on).filter(pk=by.pk).exists()
    if problem.owner_id != by.pk and not may_plan and not by.is_superuser:
        raise OutreachError(_("Only {person} says that this is mended.").format(person=problem.owner))
    problem.mended_on, problem.mended_how, problem.sent_back_why = on, how, ""
    problem.save(update_fields=["mended_on", "mended_how", "sent_back_why"])
    _record(problem, "campaigns.problem_mended", by=by, now=now)
    _withdraw(problem, MEND, now=now)
    tell(_to_strikers([problem], key=now.isoformat(), on=on), now=now)
    return problem


@transaction.atomic
def strike_off(problem: Problem, *, by: User, now: datetime) -> Problem:
    """Strike a mended problem off. Raises ``OutreachError`` for one's own (``is_strikable_by``) and one not mended."""
    _require(problem, ProblemState.MENDED)
    on = local(now).date()
    if not is_strikable_by(problem, by, on=on):
        raise OutreachError(_("Nobody strikes off what they mended themselves: somebody else looks at it first."))
    problem.struck_on, problem.struck_by = on, by
    problem.save(update_fields=["struck_on", "struck_by"])
    _record(problem, "campaigns.problem_struck_off", by=by, now=now)
    _withdraw(problem, MEND, STRIKE, now=now)
    return problem


@transaction.atomic
def send_back(problem: Problem, *, why: str, by: User, now: datetime) -> Problem:
    """Send a problem back that is not mended after all, with the reason; its owner is told."""
    _require(problem, ProblemState.MENDED)
    problem.mended_on, problem.mended_how, problem.sent_back_why = None, "", why
    problem.save(update_fields=["mended_on", "mended_how", "sent_back_why"])
    _record(problem, "campaigns.problem_sent_back", by=by, now=now)
    _withdraw(problem, STRIKE, now=now)
    if problem.owner_id != by.pk:
        tell([letters.problem_sent_back(problem, at=now)], now=now)
    return problem


def is_strikable_by(problem: Problem, by: User, *, on: date) -> bool:
    """Say whether somebody may strike a problem off: never its owner, unless nobody else there may.

    See docs/decisions/who-strikes-off-a-problem.md.
    """
    others = on_duty_at(problem.area.code, Duty.PLAN_OUTREACH, on=on).exclude(pk=problem.owner_id)
    return problem.owner_id != by.pk or not others.exists()


def _require(problem: Problem, *states: ProblemState) -> None:
    """Look again with the row in hand: somebody else may have been faster."""
    fresh = Problem.objects.select_for_update(of=("self",)).get(pk=problem.pk)
    if fresh.state not in states:
        raise OutreachError(_("This has changed meanwhile: {state}.").format(state=fresh.state.label))


def _record(problem: Problem, verb: str, *, by: User, now: datetime) -> None:
    detail = {"owner": problem.owner_id, "due_on": problem.due_on.isoformat()}
    record(verb, by=by, at=now, about=problem, area_code=problem.area.code, detail=detail)


def _withdraw(problem: Problem, *purposes: str, now: datetime) -> None:
    withdraw([letters.problem_key(problem.pk)], purposes=purposes, now=now)


def _to_strikers(problems: list[Problem], *, key: str, on: date) -> list[Letter]:
    planners = planners_by_community({problem.area.community_code for problem in problems}, on=on)
    return [
        letters.problem_to_strike(planner, problem, key=key)
        for problem in problems
        for planner in planners.get(problem.area.community_code, [])
        if planner.pk != problem.owner_id
    ]


@transaction.atomic
def chase_problems(*, now: datetime) -> int:
    """Remind owners of what is overdue, and planners of what waits to be struck off: once a week each, until it is.

    Returns how many letters were new.
    """
    if not is_office_hour(local(now)):
        return 0
    on = local(now).date()
    monday, _after = week_of(on)
    late = Problem.objects.overdue(on).filter(owner__is_active=True).select_related("owner", "area")
    # Told at once when it was mended; reminded in the weeks after that.
    waiting = Problem.objects.to_strike().filter(mended_on__lt=monday).select_related("area")
    told = tell(
        [
            *(letters.problem_overdue(problem, monday=monday) for problem in late),
            *_to_strikers(list(waiting), key=monday.isoformat(), on=on),
        ],
        now=now,
    )
    if told:
        record("campaigns.problems_chased", by=None, at=now, detail={"told": told})
    return told
