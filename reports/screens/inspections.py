"""Inspections as lists and pages show them, and the commendation list with whom it proposes."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.formats import day
from accounts.models import User
from accounts.roles import Duty
from reports.figures.scores import Score, scores_of
from reports.models import Commendation, Inspection
from reports.policy.scores import Colour
from reports.screens.ranking import COLOURS
from reports.screens.score_words import points_words
from reports.services import Place
from residents.access import may
from residents.models import Area

SHOWN = 100
"""Inspections that one list shows, the newest."""


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """One inspection in a list, or on its page, with what its reader may do."""

    pk: int
    url: str
    community: str
    community_code: str
    place: str
    on: date
    how: str
    is_good: bool
    found: str
    by: str
    photo_url: str
    answer: str
    answered_by: str
    answered_on: str
    problem_url: str
    may_answer: bool
    may_mend: bool


def inspection_row(one: Inspection, *, user: User, on: date) -> InspectionRow:
    """Return one inspection as its reader may see it."""
    code = one.community.code
    sees_problem = one.problem_id is not None and may(user, Duty.SEE_OUTREACH, code, on)
    mends = may(user, Duty.SCORE, code, on) or may(user, Duty.PLAN_OUTREACH, code, on)
    return InspectionRow(
        pk=one.pk,
        url=reverse("reports:inspection", args=[one.pk]),
        community=one.community.name,
        community_code=code,
        place=one.place,
        on=one.on,
        how=_("announced") if one.was_announced else _("unannounced"),
        is_good=one.is_good,
        found=one.found,
        by=str(one.by),
        photo_url=reverse("reports:inspection_photo", args=[one.pk]) if one.photo else "",
        answer=one.answer,
        answered_by=str(one.answered_by or ""),
        answered_on=day(one.answered_at) if one.answered_at else "",
        problem_url=reverse("campaigns:problem", args=[one.problem_id]) if sees_problem else "",
        may_answer=one.answered_at is None and may(user, Duty.SIGN_REPORTS, code, on),
        may_mend=one.problem_id is None and not one.is_good and mends,
    )


def inspections_of(user: User, area_code: str, *, on: date) -> tuple[InspectionRow, ...]:
    """Return the inspections of an area that somebody may read, the newest first. One query."""
    seen = Inspection.objects.visible_to(user, on=on).within(area_code)
    rows = seen.select_related("community", "by", "answered_by").defer("by__phone", "answered_by__phone")
    return tuple(inspection_row(one, user=user, on=on) for one in rows[:SHOWN])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A community that may be ticked: proposed are the blue ones without a veto.

    ``doubt``: what speaks against naming it, so that it is asked about; "" where nothing does.
    """

    code: str
    label: str
    is_proposed: bool
    doubt: str


def candidates_of(area: Area, *, year: int, on: date) -> tuple[tuple[Candidate, ...], dict[str, Place]]:
    """Return whom a commendation list may name, the best first, and what each had."""
    scores = scores_of(area.code, year=year, on=on)
    candidates = tuple(Candidate(score.code, _label(score), score.is_no_fraud, _doubt(score)) for score in scores)
    return candidates, {score.code: Place(score.code, score.name, score.total, score.rank) for score in scores}


def _label(score: Score) -> str:
    words = _("{rank}. {name}: {points} points, {colour}").format(
        rank=score.rank, name=score.name, points=points_words(score.total), colour=COLOURS[score.colour]
    )
    return _("{words}, vetoed").format(words=words) if score.vetoes else words


def _doubt(score: Score) -> str:
    if score.vetoes:
        return _("{name} is vetoed").format(name=score.name)
    return _("{name} is red").format(name=score.name) if score.colour == Colour.RED else ""


def commendations_of(user: User, area_code: str, *, on: date) -> list[Commendation]:
    """Return the lists of an area that somebody may read, the newest first."""
    return list(Commendation.objects.visible_to(user, on=on).filter(area__code=area_code).select_related("area"))
