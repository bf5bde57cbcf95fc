"""How an alert ends: closed with what really happened, or void."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from alerts.models import Alert
from alerts.policy import Confirmation, Objective, Outcome, State
from alerts.services.common import AlertError, Kind, audit, in_hand, pressed, require_dispatched, require_open
from alerts.services.drills import end_if_done
from alerts.services.handling import excuse, meet_if_complete
from knowledge.models import FraudType
from residents.policy import FollowUpWhy
from residents.services import plan_follow_ups


class ClosingIncompleteError(AlertError):
    """Confirmations are missing, and no reason is recorded for them. ``missing`` names them."""

    def __init__(self, missing: list[Confirmation]) -> None:
        self.missing = missing
        names = "、".join(str(confirmation.label) for confirmation in missing)
        super().__init__(_("Before closing, confirm or give the reason for: {missing}").format(missing=names))


@dataclass(frozen=True)
class Ending:
    """What really happened (field-notes.md, "Closing an alert"). Amounts in yuan.

    Attributes:
        outcome: a ``policy.Outcome``.
        spoken_to: who was reached.
        lost: for "defrauded" alone.
        prevented: an estimate; never added to losses.
        level, fraud_type: as they really were, where the push was wrong.
        excuses: confirmation → reason, for each that is missing.
    """

    outcome: str
    spoken_to: str = ""
    lost: Decimal | None = None
    prevented: Decimal | None = None
    level: str = ""
    fraud_type: FraudType | None = None
    needs_second_feedback: bool = False
    note: str = ""
    excuses: Mapping[str, str] = field(default_factory=dict)


def close_alert(
    alert: Alert,
    *,
    ending: Ending,
    by: User,
    now: datetime,
    pressed_at: datetime | None = None,
    from_where: str = "",
) -> Alert:
    """Close an alert. Nothing is closed over an unmet objective: what is missing is confirmed before, or excused here.

    Raises ``ClosingIncompleteError`` naming what is missing, and ``AlertError`` for one that has ended, has not reached
    its grid, or for amounts that contradict the outcome. The same person pressing twice closes once.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        if matter.alert.state == State.CLOSED and closed_by(matter.alert) == by.pk:
            return matter.alert
        require_dispatched(matter.alert)
        _require_consistent(ending)
        excuses = {c: reason for c, reason in ending.excuses.items() if c in matter.alert.missing and reason.strip()}
        if excuses:
            excuse(matter, excuses, pressed_at=pressed_at)
        if matter.alert.missing:
            raise ClosingIncompleteError(matter.alert.missing)
        meet_if_complete(matter, at=now)
        matter.set(
            state=State.CLOSED,
            closed_at=now,
            outcome=ending.outcome,
            spoken_to=ending.spoken_to,
            amount_lost=ending.lost,
            amount_prevented=ending.prevented,
            actual_level=ending.level or matter.alert.level,
            actual_fraud_type_id=ending.fraud_type.pk if ending.fraud_type else matter.alert.fraud_type_id,
            needs_second_feedback=ending.needs_second_feedback,
            closing_note=ending.note,
        )
        for objective in Objective:
            matter.stop(objective)
        detail = {"outcome": str(ending.outcome)} | pressed(pressed_at, now=now)
        matter.note(Kind.CLOSED, actor=by, detail=detail)
        audit("closed", matter, outcome=str(ending.outcome))
        matter.docket.save()
        _plan_follow_ups(matter.alert, by=by, now=now)
        end_if_done(matter.alert, now=now)
    return matter.alert


FOLLOWED_UP = {Outcome.DISSUADED: FollowUpWhy.DISSUADED, Outcome.DEFRAUDED: FollowUpWhy.FRAUD}
"""After these a resident is visited again: many are deceived a second time (field-notes.md, "Closing an alert")."""


def _plan_follow_ups(alert: Alert, *, by: User, now: datetime) -> None:
    why = FOLLOWED_UP.get(Outcome(alert.outcome))
    if why is None or alert.is_drill or alert.resident is None:
        return
    begins_on = local(now).date()
    plan_follow_ups(alert.resident, why=why, subject=alert.subject_key, begins_on=begins_on, by=by, now=now)


def void_alert(alert: Alert, *, reason: str, by: User | None, now: datetime, from_where: str = "") -> Alert:
    """End an alert that never was one: a duplicate, a test, withdrawn by its source.

    Only before it reaches a grid; after that somebody may be at the door, and it is closed with what happened.
    Raises ``AlertError`` without a reason or from any later state.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        require_open(matter.alert)
        if matter.alert.state != State.RECEIVED:
            raise AlertError(_("The grid already has this alert: close it as a false alarm instead."))
        if not reason.strip():
            raise AlertError(_("Say why the alert is void: a duplicate, a test, withdrawn by the source."))
        matter.set(state=State.VOIDED, closed_at=now, void_reason=reason.strip()[:200])
        matter.drop()
        matter.note(Kind.VOIDED, actor=by, detail={"reason": reason.strip()})
        audit("voided", matter, reason=reason.strip())
        matter.docket.save()
        end_if_done(matter.alert, now=now)
    return matter.alert


def _require_consistent(ending: Ending) -> None:
    if ending.outcome not in Outcome.values:
        raise AlertError(_("Choose how it ended."))
    if ending.outcome == Outcome.DEFRAUDED and not ending.lost:
        raise AlertError(_("Enter the amount that was lost."))
    if ending.outcome != Outcome.DEFRAUDED and ending.lost:
        raise AlertError(_('An amount was lost, so the outcome is "defrauded".'))


def closed_by(alert: Alert) -> int | None:
    """Return who closed an alert; ``None`` for one that nobody has."""
    return alert.timeline.filter(kind=Kind.CLOSED).values_list("actor_id", flat=True).last()
