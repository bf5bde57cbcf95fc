"""The verbs of accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import AuditEntry, User


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
