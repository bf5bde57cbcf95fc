"""The problem list, one's own problems, and one of them with what can be done about it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from campaigns.models import Meeting, Problem, ProblemQuerySet
from campaigns.policy import ProblemState
from campaigns.screens.here import Here, plans_at
from campaigns.services import is_strikable_by

STRUCK_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One problem in a list. ``overdue`` counts days; nought is in time, mended or struck off."""

    pk: int
    what: str
    area: str
    owner: str
    is_mine: bool
    due_on: date
    overdue: int
    state: str
    state_word: str
    mended_how: str
    mended_on: date | None
    struck_on: date | None
    sent_back_why: str
    url: str


@dataclass(frozen=True, slots=True)
class ProblemsPage:
    """A community's list: what is to be mended, what is to be struck off, and what was."""

    to_mend: tuple[ProblemRow, ...]
    to_strike: tuple[ProblemRow, ...]
    struck: tuple[ProblemRow, ...]

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return sum(bool(row.overdue) for row in self.to_mend)


def problem_row(problem: Problem, *, user: User, on: date) -> ProblemRow:
    """Return one problem as lists show it."""
    state = problem.state
    return ProblemRow(
        pk=problem.pk,
        what=problem.what,
        area=problem.area.name,
        owner=str(problem.owner),
        is_mine=problem.owner_id == user.pk,
        due_on=problem.due_on,
        overdue=max(0, (on - problem.due_on).days) if state == ProblemState.TO_MEND else 0,
        state=state,
        state_word=str(state.label),
        mended_how=problem.mended_how,
        mended_on=problem.mended_on,
        struck_on=problem.struck_on,
        sent_back_why=problem.sent_back_why,
        url=reverse("campaigns:problem", args=[problem.pk]),
    )


def problems_page(user: User, here: Here, *, on: date) -> ProblemsPage:
    """Return a community's list; three queries."""
    problems = Problem.objects.visible_to(user, on=on).within(here.code)
    return _page(problems, user, on=on)


def my_problems_page(user: User, *, on: date) -> ProblemsPage:
    """Return what somebody is to mend, wherever it is."""
    return _page(Problem.objects.visible_to(user, on=on).of_owner(user), user, on=on)


def _page(problems: ProblemQuerySet, user: User, *, on: date) -> ProblemsPage:
    def rows(some: ProblemQuerySet) -> tuple[ProblemRow, ...]:
        return tuple(problem_row(one, user=user, on=on) for one in some.select_related("owner", "area"))

    return ProblemsPage(
        to_mend=rows(problems.to_mend()),
        to_strike=rows(problems.to_strike()),
        struck=rows(problems.struck().latest_struck_first()[:STRUCK_SHOWN]),
    )


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """One problem, and what its reader may do about it."""

    row: ProblemRow
    community_code: str
    meeting: Meeting | None
    created_by: str
    struck_by: str
    may_mend: bool
    may_strike: bool
    may_send_back: bool
    may_give: bool


def problem_page(problem: Problem, *, user: User, on: date) -> ProblemPage:
    """Return what a problem's page shows."""
    plans = plans_at(user, problem.area.code, on=on)
    state = problem.state
    return ProblemPage(
        row=problem_row(problem, user=user, on=on),
        community_code=problem.area.community_code,
        meeting=problem.meeting,
        created_by=str(problem.created_by),
        struck_by=str(problem.struck_by or ""),
        may_mend=state == ProblemState.TO_MEND and (plans or problem.owner_id == user.pk),
        may_strike=state == ProblemState.MENDED and plans and is_strikable_by(problem, user, on=on),
        may_send_back=state == ProblemState.MENDED and plans,
        may_give=state != ProblemState.STRUCK and plans,
    )
