"""Lines of the audit trail, and presses that are carried out once."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction

from accounts.models import AuditEntry, Press, User

PRESSES_KEPT = timedelta(days=7)
"""A phone drops what it could not send before that (static/js/presses.js), so no key comes again after it."""


class RefusedError(Exception):
    """Something that cannot be done from here. Its words are for the person who pressed."""


def record(
    verb: str,
    *,
    by: User | None,
    at: datetime,
    about: models.Model | None = None,
    area_code: str = "",
    detail: Mapping[str, Any] | None = None,
    from_where: str = "",
) -> AuditEntry:
    """Add one line to the audit trail and return it.

    Call it once for every write, inside the write's own transaction, so that neither stands
    without the other. ``verb`` is ``app.did`` (``alerts.accepted``); ``by`` is None for the
    program itself. ``detail`` must go into JSON and holds no password and no unmasked number.
    """
    return AuditEntry.objects.create(
        verb=verb,
        actor=by,
        at=at,
        object_type=about._meta.label_lower if about is not None else "",
        object_id=str(about.pk) if about is not None else "",
        area_code=area_code,
        detail=dict(detail or {}),
        from_where=from_where,
    )


@transaction.atomic
def press_once(
    verb: Callable[[], str],
    *,
    key: UUID,
    address: str,
    by: User,
    now: datetime,
    pressed_at: datetime | None = None,
) -> Press:
    """Carry out a press, or return how the same press was answered before, without any effect.

    Two that come at once wait for each other: the second finds the answer of the first. What fails otherwise than by a
    refusal leaves no trace and may be sent again.

    Args:
        verb: carries it out and returns the words for who pressed, or raises ``RefusedError``.
        key: given by the device, one for each press.
        address: where it was sent to.
    """
    fields = {"address": address[:120], "at": min(pressed_at or now, now), "recorded_at": now}
    press, is_new = Press.objects.get_or_create(user=by, key=key, defaults=fields)
    if is_new:
        try:
            press.said = verb()
        except RefusedError as error:
            press.is_refused, press.said = True, str(error)
        press.save(update_fields=["is_refused", "said"])
    return press


def forget_presses(*, now: datetime, limit: int = 1000) -> int:
    """Remove presses that no phone sends again; bounded, so that no round of the reconciler is a long one."""
    return Press.objects.forget(before=now - PRESSES_KEPT, limit=limit)
