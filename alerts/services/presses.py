"""A press is carried out once, however often a phone with bad reception sends it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import User
from alerts.models import Alert, Press
from alerts.services.common import AlertError

KEPT = timedelta(days=7)
"""A phone drops what it could not send before that (static/js/queue.js), so no key comes again after it."""


@transaction.atomic
def press_once(
    verb: Callable[[], str],
    *,
    key: UUID,
    what: str,
    by: User,
    now: datetime,
    pressed_at: datetime | None = None,
    alert: Alert | None = None,
) -> Press:
    """Carry out a press, or return how the same press was answered before, without any effect.

    Two that come at once wait for each other: the second finds the answer of the first. What fails otherwise than by a
    refusal leaves no trace and may be sent again.

    Args:
        verb: carries it out and returns the words for who pressed, or raises ``AlertError``.
        key: given by the device, one for each press.
    """
    at = min(pressed_at or now, now)
    fields = {"what": what, "alert": alert, "at": at, "recorded_at": now}
    press, is_new = Press.objects.get_or_create(user=by, key=key, defaults=fields)
    if is_new:
        try:
            press.said = verb()
        except AlertError as error:
            press.is_refused, press.said = True, str(error)
        press.save(update_fields=["is_refused", "said"])
    return press


def believable(pressed_at: datetime | None, *, alert: Alert, now: datetime) -> datetime | None:
    """Return the time of a press as it may be written down: never to come, never before the alert came."""
    return None if pressed_at is None else max(alert.received_at, min(pressed_at, now))


def forget_presses(*, now: datetime, limit: int = 1000) -> int:
    """Remove presses that no phone sends again; bounded, so that no round of the reconciler is a long one."""
    return Press.objects.forget(before=now - KEPT, limit=limit)
