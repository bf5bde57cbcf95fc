"""The words in which administrators are told that the night's copy is missing."""

from datetime import datetime
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext

from accounts.clock import local
from accounts.formats import moment
from accounts.models import User
from antifraud.backups import keeping, verbs
from notifications.policy import Urgency
from notifications.services import Letter, tell


def tell_of_stale(folder: Path, *, now: datetime) -> int:
    """Tell each administrator once a day while the newest copy is older than it may be; return how many were told."""
    age = verbs.age_of_newest(folder, now=now)
    if age is not None and age <= keeping.STALE:
        return 0
    newest = now - age if age is not None else None
    administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    return tell([_stale(user, newest=newest, now=now) for user in administrators], now=now)


def _stale(user: User, *, newest: datetime | None, now: datetime) -> Letter:
    with translation.override(user.language):
        return Letter(
            key=f"backup:{local(now).date().isoformat()}:{user.pk}",
            recipient_id=user.pk,
            kind="backup.stale",
            urgency=Urgency.MEDIUM,
            subject="backup",
            purpose="backup",
            title=gettext("Last night's backup is missing"),
            body=(
                gettext("The newest one is of {moment}. The worker's log says why.").format(moment=moment(newest))
                if newest is not None
                else gettext("There is none yet. The worker's log says why.")
            ),
            public_text="",
            url="",
            area_code="",
        )
