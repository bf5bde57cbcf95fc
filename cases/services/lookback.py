"""A look-back: opened with its evidence, confirmed, given a remedy, opened again; looked at and printed."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.formats import day
from accounts.models import User
from accounts.services import record
from campaigns.models import Problem
from campaigns.services import add_problem
from cases.models import Case, LookBack
from cases.policy import Evidence, Verdict, propose
from cases.services.common import CasesError


@dataclass(frozen=True)
class Remedy:
    """What is to be mended, by whom, by when: what goes onto the problem list."""

    what: str
    owner: User
    due_on: date


@transaction.atomic
def open_look_back(case: Case, *, evidence: Evidence, by: User | None, now: datetime) -> LookBack:
    """Open the look-back of a case and freeze the evidence (``figures.lookback.evidence_of``); an open one stays."""
    # Two who open it at once queue up here, and the second finds it there.
    Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=case.pk)
    if (there := LookBack.objects.filter(case=case).first()) is not None:
        return there
    made = LookBack.objects.create(
        case=case, frozen_at=evidence.as_of, frozen_by=by, evidence=evidence.as_json(), proposed=propose(evidence)
    )
    _note("opened", made, by=by, now=now, proposed=made.proposed, lines=len(evidence.lines))
    return made


@transaction.atomic
def take_evidence_again(look_back: LookBack, *, evidence: Evidence, by: User, now: datetime) -> LookBack:
    """Take the evidence anew, where the case was corrected: another victim, another type, another moment.

    Raises ``CasesError`` where the case says what it said, and for a look-back that was confirmed. What is entered
    after the report does not count now either, so nothing is gained by it.
    """
    fresh = _locked(look_back)
    _require_unconfirmed(fresh)
    if fresh.frozen.basis == evidence.basis:
        raise CasesError(_("The case says what it said: its evidence stays as it is."))
    before = {"proposed": fresh.proposed, "as_of": fresh.frozen_at.isoformat()}
    fresh.frozen_at, fresh.frozen_by = evidence.as_of, by
    fresh.evidence, fresh.proposed = evidence.as_json(), propose(evidence)
    fresh.save(update_fields=["frozen_at", "frozen_by", "evidence", "proposed"])
    _note("taken_again", fresh, by=by, now=now, before=before, proposed=fresh.proposed)
    return fresh


@transaction.atomic
def confirm_look_back(
    look_back: LookBack,
    *,
    verdict: Verdict,
    cause: str,
    shortcoming: str,
    remedy: Remedy | None,
    by: User,
    now: datetime,
) -> LookBack:
    """Confirm what a look-back found; a remedy goes onto the problem list, whose owner is told and chased.

    Raises ``CasesError`` for one that somebody confirmed already and for a remedy that names the victim, and what the
    problem list refuses (``campaigns.services.add_problem``).
    """
    fresh = _locked(look_back)
    _require_unconfirmed(fresh)
    fresh.verdict, fresh.cause, fresh.shortcoming = verdict, cause, shortcoming
    fresh.confirmed_by, fresh.confirmed_at = by, now
    fresh.save(update_fields=["verdict", "cause", "shortcoming", "confirmed_by", "confirmed_at"])
    problem = _put_on_list(fresh, remedy, by=by, now=now) if remedy is not None else None
    _note("confirmed", fresh, by=by, now=now, verdict=verdict, problem=problem.pk if problem else None)
    return fresh


@transaction.atomic
def add_remedy(look_back: LookBack, *, remedy: Remedy, by: User, now: datetime) -> Problem:
    """Put one more remedy onto the problem list. Raises ``CasesError`` before the look-back is confirmed."""
    fresh = _locked(look_back)
    if fresh.confirmed_at is None:
        raise CasesError(_("Confirm the look-back first; a remedy can be entered with it."))
    problem = _put_on_list(fresh, remedy, by=by, now=now)
    _note("remedy_added", fresh, by=by, now=now, problem=problem.pk)
    return problem


@transaction.atomic
def reopen_look_back(look_back: LookBack, *, why: str, by: User, now: datetime) -> LookBack:
    """Open a confirmed look-back again, with the reason. What stands on the problem list stays there."""
    fresh = _locked(look_back)
    if fresh.confirmed_at is None:
        raise CasesError(_("This look-back has not been confirmed yet."))
    before = {"verdict": fresh.verdict, "confirmed_by": fresh.confirmed_by_id}
    fresh.confirmed_at, fresh.confirmed_by, fresh.reopened_why = None, None, why
    fresh.save(update_fields=["confirmed_at", "confirmed_by", "reopened_why"])
    _note("reopened", fresh, by=by, now=now, why=why, before=before)
    return fresh


def print_look_back(look_back: LookBack, *, by: User, now: datetime) -> None:
    """Write down that a look-back went to paper."""
    detail = {"look_back": look_back.pk}
    record("cases.printed", by=by, at=now, about=look_back.case, area_code=look_back.case.area_code, detail=detail)


def _locked(look_back: LookBack) -> LookBack:
    """Look again with the row in hand: somebody else may have been faster."""
    rows = LookBack.objects.select_for_update(of=("self",))
    return rows.select_related("case__grid", "case__community", "confirmed_by").get(pk=look_back.pk)


def _require_unconfirmed(look_back: LookBack) -> None:
    if look_back.confirmed_at is not None:
        raise CasesError(
            _("{person} confirmed this look-back on {day} already. Open it again to change it.").format(
                person=look_back.confirmed_by, day=day(look_back.confirmed_at)
            )
        )


def _put_on_list(look_back: LookBack, remedy: Remedy, *, by: User, now: datetime) -> Problem:
    case = look_back.case
    if case.victim_name and case.victim_name in remedy.what:
        raise CasesError(_("The remedy names the victim. The problem list is printed and shown: leave the name out."))
    problem = add_problem(
        area=case.grid or case.community, what=remedy.what, owner=remedy.owner, due_on=remedy.due_on, by=by, now=now
    )
    look_back.remedies.add(problem)
    return problem


def _note(did: str, look_back: LookBack, *, by: User | None, now: datetime, **detail: object) -> None:
    case = look_back.case
    record(f"cases.look_back_{did}", by=by, at=now, about=look_back, area_code=case.area_code, detail=detail)
