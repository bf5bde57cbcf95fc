"""Follow-up visits: planned after a fraud, made by a visit, given to somebody, cancelled; and who makes them."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local, midnight
from accounts.formats import day
from accounts.models import User
from accounts.roles import DUTIES, Duty, Role
from accounts.services import record
from notifications.services import tell, withdraw
from residents import letters
from residents.access import may, within
from residents.models import FollowUp, Pairing, Post, Resident, Rule, Visit
from residents.policy import (
    FOLLOW_UP_EARLY,
    FollowUpWhy,
    RuleName,
    follow_up_due,
    settles_follow_up,
)
from residents.services.common import ResidentsError

STEPS = (RuleName.FOLLOW_UP_FIRST_DAYS, RuleName.FOLLOW_UP_SECOND_DAYS)


@transaction.atomic
def plan_follow_ups(
    resident: Resident, *, why: FollowUpWhy, subject: str, begins_on: date, by: User | None, now: datetime
) -> list[FollowUp]:
    """Plan the visits to somebody who was, or nearly was, defrauded; return those that are new.

    Asked for again about the same fraud (``subject``), nothing is planned, and nothing for somebody who has gone. A
    visit that was made meanwhile is the follow-up already.

    Args:
        begins_on: the day from which the rule's days count: when the office heard of it.
    """
    # Two who plan at once queue up here, and the second finds what the first planned.
    resident = Resident.objects.select_for_update(no_key=True, of=("self",)).select_related("grid").get(pk=resident.pk)
    if resident.ended_on is not None or FollowUp.objects.about(subject).exists():
        return []
    numbers, on = Rule.objects.numbers(), local(now).date()
    made_since = Visit.objects.met().filter(resident=resident, at__gte=midnight(begins_on), at__lte=now)
    visits = list(made_since.order_by("at"))
    planned = []
    for days in sorted({numbers[step] for step in STEPS}):
        wanted_on = begins_on + timedelta(days=days)
        made = next((one for one in visits if settles_follow_up(local(one.at).date(), due_on=wanted_on)), None)
        due_on = wanted_on if made else follow_up_due(wanted_on, on=on)
        planned.append(FollowUp(resident=resident, why=why, days=days, due_on=due_on, subject=subject, visit=made))
    FollowUp.objects.bulk_create(planned)
    detail = {"subject": subject, "due_on": [one.due_on.isoformat() for one in planned]}
    record("residents.follow_ups_planned", by=by, at=now, about=resident, area_code=resident.grid.code, detail=detail)
    return planned


def settle_follow_ups(visit: Visit, *, now: datetime) -> int:
    """Have a visit that met somebody be the follow-ups it is; return how many. Call it in the visit's transaction."""
    visited_on = local(visit.at).date()
    due = FollowUp.objects.open().of_resident(visit.resident).due_by(visited_on + FOLLOW_UP_EARLY)
    keys = list(due.values_list("pk", flat=True))
    FollowUp.objects.filter(pk__in=keys).update(visit=visit)
    withdraw([letters.follow_up_key(key) for key in keys], now=now)
    return len(keys)


@transaction.atomic
def cancel_follow_up(follow_up: FollowUp, *, why: str, by: User, now: datetime) -> FollowUp:
    """Cancel a follow-up, with the reason. Raises ``ResidentsError`` for one made or cancelled already."""
    follow_up = _open(follow_up)
    _cancel([follow_up], why=why, now=now)
    _note(follow_up, "cancelled", by=by, now=now)
    return follow_up


@transaction.atomic
def give_follow_up(follow_up: FollowUp, *, to: User, by: User, now: datetime) -> FollowUp:
    """Give a follow-up to somebody, who is told. Raises ``ResidentsError`` for whoever does not visit there."""
    follow_up = _open(follow_up)
    if not may(to, Duty.VISIT, follow_up.resident.grid.code, local(now).date()):
        raise ResidentsError(_("{person} holds no post here that visits; choose somebody else.").format(person=to))
    follow_up.chosen, follow_up.worker_told_on = to, None
    follow_up.save(update_fields=["chosen", "worker_told_on"])
    withdraw([letters.follow_up_key(follow_up.pk)], now=now)
    _note(follow_up, "given", by=by, now=now)
    if to != by:
        tell([letters.follow_up_given(to, follow_up, at=now)], now=now)
    return follow_up


def cancel_follow_ups_of(resident: Resident, *, now: datetime) -> int:
    """Cancel what is open of somebody who has gone; return how many. Call it in the transaction that ends them."""
    theirs = list(FollowUp.objects.filter(resident=resident, visit__isnull=True, cancelled_on__isnull=True))
    _cancel(theirs, why=str(resident.get_departure_display()), now=now)
    return len(theirs)


def cancel_follow_ups_under(subject: str, *, why: str, now: datetime) -> int:
    """Cancel what is open under a subject that turned out to be none; return how many. In the caller's transaction."""
    theirs = list(FollowUp.objects.filter(subject=subject, visit__isnull=True, cancelled_on__isnull=True))
    _cancel(theirs, why=why, now=now)
    return len(theirs)


def _open(follow_up: FollowUp) -> FollowUp:
    """Look again with the row in hand: somebody else may have been faster."""
    locked = FollowUp.objects.select_for_update(of=("self",)).select_related("resident__grid", "visit")
    fresh = locked.get(pk=follow_up.pk)
    if fresh.visit is not None:
        raise ResidentsError(_("This follow-up was made on {day} already.").format(day=day(fresh.visit.at)))
    if fresh.cancelled_on is not None:
        raise ResidentsError(_("This follow-up was cancelled on {day} already.").format(day=day(fresh.cancelled_on)))
    return fresh


def _cancel(follow_ups: Collection[FollowUp], *, why: str, now: datetime) -> None:
    for one in follow_ups:
        one.cancelled_on, one.cancelled_why = local(now).date(), why
        one.save(update_fields=["cancelled_on", "cancelled_why"])
    withdraw([letters.follow_up_key(one.pk) for one in follow_ups], now=now)


def _note(follow_up: FollowUp, did: str, *, by: User, now: datetime) -> None:
    resident = follow_up.resident
    detail = {"follow_up": follow_up.pk, "chosen": follow_up.chosen_id, "why": follow_up.cancelled_why}
    record(f"residents.follow_up_{did}", by=by, at=now, about=resident, area_code=resident.grid.code, detail=detail)


def who_follows_up(follow_ups: Collection[FollowUp], *, on: date) -> dict[int, list[User]]:
    """Return who makes each follow-up on a day, by its key; nobody where nobody is there. Two queries.

    Whoever was chosen; else the paired carer; else the warning specialists of the grid; else its leaders; else the
    community's managers. Only somebody who holds a post there that visits, and for a child one that may see children.
    """
    residents = {one.resident_id: one.resident for one in follow_ups}
    pairings = Pairing.objects.current(on).of_residents(list(residents.values())).select_related("carer")
    carers = {pairing.resident_id: pairing.carer for pairing in pairings}
    codes = {one.grid.code for one in residents.values()} | {one.grid.community_code for one in residents.values()}
    people = _Visitors.of(codes, on=on)
    found = {}
    for one in follow_ups:
        wanted = [one.chosen_id, getattr(carers.get(one.resident_id), "pk", None)]
        is_child = one.resident.is_minor(on)
        found[one.pk] = people.of_resident(one.resident, wanted=wanted, is_child=is_child)
    return found


class _Visitors:
    """Who holds a post that visits in some areas."""

    ROLES = (Role.WARNING_SPECIALIST, Role.GRID_LEADER, Role.MANAGER)

    def __init__(self, posts: Iterable[Post]) -> None:
        self._posts = list(posts)

    @classmethod
    def of(cls, codes: Collection[str], *, on: date) -> "_Visitors":
        """Ask for the posts in some areas once."""
        visiting = Post.objects.current(on).with_duty(Duty.VISIT).filter(user__is_active=True)
        # A carer's post may lie at a building: below the grid.
        return cls(visiting.filter(within("area__code", tuple(codes))).select_related("user", "area").order_by("pk"))

    def of_resident(self, resident: Resident, *, wanted: Iterable[int | None], is_child: bool) -> list[User]:
        """Return those who come: the first wanted that may, else the first role that has anybody."""
        code = resident.grid.code
        here = [post for post in self._posts if code.startswith(post.area.code) or post.area.code.startswith(code)]
        here = [post for post in here if not is_child or Duty.SEE_MINORS in DUTIES[Role(post.role)]]
        for key in wanted:
            if chosen := [post.user for post in here if post.user_id == key]:
                return chosen[:1]
        for role in self.ROLES:
            if there := [post.user for post in here if post.role == role]:
                return there
        return []
