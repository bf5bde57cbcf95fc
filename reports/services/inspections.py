"""What was found at a place by who went and looked (明查暗访), answered by the community and mended."""

from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from campaigns.models import Problem
from campaigns.services import add_problem
from notifications.services import tell, withdraw
from reports import letters
from reports.models import Inspection
from reports.services.common import ReportsError, lock_area
from residents.models import Area, Post

DAYS_TO_MEND = timedelta(days=14)
"""By when a problem that an inspection found is to be mended, unless somebody gives it another day."""

LONGEST_PROBLEM = 200


@transaction.atomic
def add_inspection(
    *,
    community: Area,
    place: str,
    on: date,
    found: str,
    is_good: bool,
    was_announced: bool,
    photo: bytes = b"",
    by: User,
    now: datetime,
) -> Inspection:
    """Write down what was found at a place, and tell that community's managers; pressed twice, it is written once.

    Raises ``ReportsError`` for a day to come.
    """
    if on > local(now).date():
        raise ReportsError(_("That day has not come yet."))
    lock_area(community)
    fields = {"community": community, "place": place, "on": on, "found": found, "is_good": is_good, "by": by}
    if (there := Inspection.objects.filter(**fields, was_announced=was_announced).first()) is not None:
        return there
    inspection = Inspection(**fields, was_announced=was_announced, at=now)
    if photo:
        inspection.photo.save(f"{community.code}.jpg", ContentFile(photo), save=False)
    inspection.save()
    _note(inspection, "inspected", by=by, now=now)
    managers = managers_of(community, on=local(now).date())
    tell([letters.inspection_to_answer(manager, inspection) for manager in managers if manager != by], now=now)
    return inspection


@transaction.atomic
def answer_inspection(inspection: Inspection, *, answer: str, by: User, now: datetime) -> Inspection:
    """Answer what was found; whoever inspected is told. Raises ``ReportsError`` where it was answered already."""
    locked = _locked(inspection)
    if locked.answered_at is not None:
        raise ReportsError(_("{person} has answered this already.").format(person=locked.answered_by))
    locked.answer, locked.answered_by, locked.answered_at = answer, by, now
    locked.save(update_fields=["answer", "answered_by", "answered_at"])
    _note(locked, "inspection_answered", by=by, now=now)
    withdraw([letters.inspection_key(locked.pk)], purposes=(letters.TO_ANSWER,), now=now)
    if locked.by != by:
        tell([letters.inspection_answered(locked)], now=now)
    return locked


@transaction.atomic
def make_problem(inspection: Inspection, *, by: User, now: datetime) -> Problem:
    """Put what was found on the community's problem list, for its manager to mend within two weeks.

    Raises ``ReportsError`` where it stands there already, or the community has no manager.
    """
    locked = _locked(inspection)
    if locked.problem_id is not None:
        raise ReportsError(_("It stands on the problem list already."))
    on = local(now).date()
    if (manager := next(iter(managers_of(locked.community, on=on)), None)) is None:
        raise ReportsError(_("This community has no manager today; appoint one first."))
    words = f"{locked.place}：{locked.found}"[:LONGEST_PROBLEM]
    problem = add_problem(area=locked.community, what=words, owner=manager, due_on=on + DAYS_TO_MEND, by=by, now=now)
    locked.problem = problem
    locked.save(update_fields=["problem"])
    _note(locked, "inspection_to_mend", by=by, now=now)
    return problem


def managers_of(community: Area, *, on: date) -> list[User]:
    """Return who manages a community on a day."""
    posts = Post.objects.current(on).filter(role=Role.MANAGER, area=community, user__is_active=True)
    return list({post.user_id: post.user for post in posts.select_related("user").order_by("pk")}.values())


def _locked(inspection: Inspection) -> Inspection:
    rows = Inspection.objects.select_for_update(of=("self",)).select_related("community", "by", "answered_by")
    return rows.get(pk=inspection.pk)


def _note(inspection: Inspection, verb: str, *, by: User, now: datetime) -> None:
    code = inspection.community.code
    record(f"reports.{verb}", by=by, at=now, about=inspection, area_code=code, detail={"on": inspection.on.isoformat()})
