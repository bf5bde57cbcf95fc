"""What the verbs share: an alert taken in hand, its refusals, and the audit entry."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from accounts.formats import hour_minute
from accounts.models import User
from accounts.services import RefusedError, record
from alerts import engine
from alerts.docket import Docket, Matter
from alerts.models import Alert, TimelineEntry
from alerts.policy import Member, State

logger = logging.getLogger(__name__)

Kind = TimelineEntry.Kind


class AlertError(RefusedError):
    """A step that is not allowed from here. Its words are for the person who pressed."""


@contextmanager
def in_hand(alert: Alert, *, by: User | None, now: datetime, from_where: str) -> Iterator[Matter]:
    """Lock an alert, let the clock catch up on it, hand it over to be changed, and write what changed.

    The clock comes first: a step that was due before this press fires before it, exactly as if the sweep had been on
    time to the instant, so the outcome never depends on who was quicker.
    """
    with transaction.atomic():
        docket = caught_up(alert.pk, now=now)
        docket.by, docket.from_where = by, from_where
        yield docket.matters[alert.pk]
        docket.save()


def caught_up(pk: int, *, now: datetime) -> Docket:
    """Lock an alert and return it in hand as the clock would have left it. Belongs into a transaction.

    A clock that fails at an alert does not take it out of people's hands: what was due stays due, the sweep tells the
    desk of the fault, and the press goes on.
    """
    alert = engine.lock(pk)
    try:
        with transaction.atomic():
            docket = Docket([alert], now=now, from_where="engine")
            docket.catch_up()
            docket.save()
    except DatabaseError:
        raise
    except Exception:
        logger.exception("alert %d raised as its clock caught up; somebody's press goes on without", pk)
        return Docket([engine.lock(pk)], now=now, from_where="engine")
    return docket


def audit(verb: str, matter: Matter, **detail: Any) -> None:
    """Write the one audit entry of a verb."""
    record(
        f"alerts.{verb}",
        by=matter.docket.by,
        at=matter.docket.now,
        about=matter.alert,
        area_code=matter.alert.area_code,
        detail=detail,
        from_where=matter.docket.from_where,
    )


def pressed(pressed_at: datetime | None, *, now: datetime) -> dict[str, str]:
    """Return what a line of the timeline adds where a phone without reception brought the press later."""
    late = pressed_at is not None and now - pressed_at >= timedelta(seconds=1)
    return {"pressed_at": pressed_at.isoformat(timespec="seconds")} if late and pressed_at else {}


def require_open(alert: Alert) -> None:
    """Refuse an alert that has ended, saying when."""
    if alert.state == State.CLOSED and alert.closed_at:
        raise AlertError(_("This alert was closed at {time}.").format(time=hour_minute(alert.closed_at)))
    if alert.state == State.VOIDED and alert.closed_at:
        raise AlertError(_("This alert was voided at {time}.").format(time=hour_minute(alert.closed_at)))


def require_dispatched(alert: Alert) -> None:
    """Refuse an alert that has ended or has not reached its grid."""
    require_open(alert)
    if alert.state == State.RECEIVED:
        raise AlertError(_("This alert has not been dispatched yet; the desk dispatches it first."))


def require_member(matter: Matter, user: User) -> Member:
    """Return somebody's place in the alert's team. Raises ``AlertError`` for everybody else."""
    member = matter.team.member(user.pk)
    if member is None:
        raise AlertError(_("Only the people of this alert's grid and community can take it."))
    return member


def name_of(matter: Matter, user_id: int | None) -> str:
    """Return a colleague's name for a refusal."""
    return str(matter.docket.teams.person(user_id)) if user_id else _("the clock")
