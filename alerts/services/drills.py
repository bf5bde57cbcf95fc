"""Drills: planned, started on the real path, ended by themselves or by who leads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from alerts import letters
from alerts.models import DRILL, Alert, Drill, DrillAlert, Source
from alerts.policy import State
from alerts.services.common import AlertError, Kind, in_hand
from alerts.services.intake import Incoming, receive
from alerts.teams import RANKS
from knowledge.models import FraudType
from notifications import services as notifications
from residents.models import COMMUNITY_DIGITS, Area, Post

OVER = "演练结束"
"""Why what was still open of a drill is void: written into the record, as offices write it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played, where and when. ``starts_at`` is ``None`` for at once."""

    scenario: str
    level: str
    grids: Sequence[Area]
    leader: User
    is_announced: bool = False
    fraud_type: FraudType | None = None
    starts_at: datetime | None = None


@transaction.atomic
def plan_drill(plan: Plan, *, by: User, now: datetime) -> Drill:
    """Plan a drill; one without a time starts at once. Who will be in one that is announced is told now.

    Raises ``AlertError`` without grids, for grids of two communities, or for a leader who cannot be telephoned.
    """
    codes = {grid.code[:COMMUNITY_DIGITS] for grid in plan.grids}
    if len(codes) != 1:
        raise AlertError(_("Choose one or more grids, all of one community."))
    if plan.leader.phone_hash is None:
        raise AlertError(
            _("{person} has no phone number, and is called in the resident's place. Enter it first.").format(
                person=plan.leader
            )
        )
    drill = Drill.objects.create(
        community=Area.objects.get(code=codes.pop()),
        scenario=plan.scenario,
        level=plan.level,
        fraud_type=plan.fraud_type,
        is_announced=plan.is_announced,
        leader=plan.leader,
        made_by=by,
        made_at=now,
        starts_at=max(plan.starts_at or now, now),
    )
    drill.grids.set(plan.grids)
    record("alerts.drill_planned", by=by, at=now, about=drill, area_code=drill.community.code)
    if plan.is_announced:
        people = _people(plan.grids, on=local(drill.starts_at).date())
        notifications.tell([letters.drill_announced(drill, to=person) for person in people], now=now)
    if plan.starts_at is None or plan.starts_at <= now:
        _start(drill, now=now)
    return drill


def start_due_drills(*, now: datetime) -> int:
    """Start the drills whose time has come; return how many."""
    return sum(_start_if_due(pk, now=now) for pk in Drill.objects.due(now).values_list("pk", flat=True))


@transaction.atomic
def _start_if_due(pk: int, *, now: datetime) -> bool:
    # Whoever else found it due waits here, and then finds it started.
    drill = Drill.objects.due(now).select_for_update(no_key=True).filter(pk=pk).first()
    if drill is not None:
        _start(drill, now=now)
    return drill is not None


def _start(drill: Drill, *, now: datetime) -> None:
    """Receive an alert for each grid as if it came from outside. It names nobody: nobody on the roster is meant."""
    source = Source.objects.get(code=DRILL)
    grids = list(drill.grids.order_by("code"))
    messages = [
        Incoming(
            external_id=f"{drill.pk}:{grid.code}",
            level=drill.level,
            fraud_type=drill.fraud_type.code if drill.fraud_type else "",
            area_code=grid.code,
            description=drill.scenario,
            is_drill=True,
        )
        for grid in grids
    ]
    receipts = receive(source, messages, now=now)
    DrillAlert.objects.bulk_create(DrillAlert(drill=drill, alert=it.alert) for it in receipts if it.alert is not None)
    drill.started_at = now
    drill.save(update_fields=["started_at"])
    record("alerts.drill_started", by=None, at=now, about=drill, area_code=drill.community.code)


@transaction.atomic
def end_drill(drill: Drill, *, by: User, now: datetime) -> Drill:
    """End a drill: what is still open of it is void from now on; one that has yet to start will not.

    Raises ``AlertError`` for one that has ended.
    """
    open_ones = list(Alert.objects.open().filter(drill_part__drill=drill).order_by("pk"))
    # The alerts before the drill, as their own closing does: nobody waits crosswise.
    for alert in open_ones:
        with in_hand(alert, by=by, now=now, from_where=DRILL) as matter:
            if matter.alert.is_open:
                matter.set(state=State.VOIDED, closed_at=now, void_reason=OVER)
                matter.drop()
                matter.note(Kind.VOIDED, actor=by, detail={"reason": OVER})
    locked = Drill.objects.select_for_update(no_key=True).get(pk=drill.pk)
    if locked.ended_at is not None:
        raise AlertError(_("This drill has ended already."))
    if Alert.objects.open().filter(drill_part__drill=drill).exists():
        raise AlertError(_("This drill has started this very moment; press once more to end it."))
    return _end(locked, by=by, now=now)


def end_if_done(alert: Alert, *, now: datetime) -> None:
    """End the drill of an alert that has just ended, where it was the last. Belongs into the closing's transaction."""
    part = DrillAlert.objects.filter(alert=alert).first() if alert.is_drill else None
    if part is None:
        return
    drill = Drill.objects.select_for_update(no_key=True).get(pk=part.drill_id)
    if drill.is_running and not Alert.objects.open().filter(drill_part__drill=drill).exists():
        _end(drill, by=None, now=now)


def _end(drill: Drill, *, by: User | None, now: datetime) -> Drill:
    drill.ended_at, drill.ended_by = now, by
    drill.save(update_fields=["ended_at", "ended_by"])
    record("alerts.drill_ended", by=by, at=now, about=drill, area_code=drill.community.code)
    if drill.started_at is not None:
        people = {person.pk: person for person in (drill.made_by, drill.leader)}
        notifications.tell([letters.drill_ended(drill, to=person) for person in people.values()], now=now)
    return drill


@transaction.atomic
def write_lessons(drill: Drill, *, lessons: str, by: User, now: datetime) -> None:
    """Keep what is to be done better next time. What stood before stays in the trail."""
    locked = Drill.objects.select_for_update(no_key=True).get(pk=drill.pk)
    before, locked.lessons = locked.lessons, lessons.strip()
    locked.save(update_fields=["lessons"])
    record(
        "alerts.drill_lessons",
        by=by,
        at=now,
        about=locked,
        area_code=locked.community.code,
        detail={"before": before},
    )


def _people(grids: Sequence[Area], *, on: date) -> list[User]:
    """Return who answers for these grids, and the desk: whom a drill there will meet."""
    found: dict[int, User] = {}
    roles = [*RANKS, Role.DUTY_OFFICER]
    for grid in grids:
        posts = Post.objects.current(on).serving(grid.code).filter(role__in=roles, user__is_active=True)
        found |= {post.user_id: post.user for post in posts.select_related("user").order_by("pk")}
    return list(found.values())
