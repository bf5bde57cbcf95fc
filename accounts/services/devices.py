"""Devices in which somebody came in before, and the sessions that stand open."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.models import Brake, KnownDevice, Sitting, User
from accounts.policy import DEVICES_KEPT_FOR, FORGOTTEN_AFTER
from accounts.services.trail import record


def hash_of(text: str) -> str:
    """Return what is kept of something random: a plain hash suffices, it cannot be guessed."""
    return sha256(text.encode()).hexdigest()


def known_device(user: User, token: str) -> KnownDevice | None:
    """Return the device whose cookie this is, where this very person came in on it before."""
    return KnownDevice.objects.filter(user=user, token_hash=hash_of(token)).first() if token else None


@transaction.atomic
def know_device(
    user: User, token: str, *, device: str, now: datetime, trust_for: timedelta = timedelta()
) -> tuple[KnownDevice, str]:
    """Remember that somebody came in on a device; return it and what its cookie says.

    A device keeps its cookie, whoever comes in on it; one without gets a new one. ``trust_for`` is how long no code is
    asked for on it; nothing leaves an earlier promise as it stands.
    """
    token = token if len(token) >= 32 else secrets.token_urlsafe(32)
    fields = {"device": device[:80], "used_at": now}
    if trust_for:
        fields["trusted_until"] = now + trust_for
    known, _is_new = KnownDevice.objects.update_or_create(
        user=user, token_hash=hash_of(token), defaults=fields, create_defaults=fields | {"made_at": now}
    )
    return known, token


@transaction.atomic
def forget_devices(user: User, *, by: User, now: datetime, from_where: str = "") -> int:
    """Ask for a code again on every device; return how many were trusted."""
    count = KnownDevice.objects.filter(user=user, trusted_until__gt=now).update(trusted_until=None)
    if count:
        record("accounts.devices_forgotten", by=by, at=now, about=user, from_where=from_where, detail={"count": count})
    return count


def let_go_of_guards(*, now: datetime) -> int:
    """Remove sessions that ended, devices unused for long, failures long past; return how many went."""
    gone = [
        Session.objects.filter(expire_date__lt=now).delete(),
        Sitting.objects.exclude(session_key__in=Session.objects.values("session_key")).delete(),
        KnownDevice.objects.filter(used_at__lt=now - DEVICES_KEPT_FOR).delete(),
        Brake.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete(),
    ]
    return sum(count for count, _of_each in gone)


def sit_down(user: User, *, session_key: str, device: str, now: datetime, from_where: str = "") -> Sitting:
    """Note that a session began; the log-in itself is in the trail already."""
    return Sitting.objects.create(
        user=user, session_key=session_key, device=device[:80], from_where=from_where, began_at=now
    )


@transaction.atomic
def end_sittings(
    user: User, *, but: str, by: User, now: datetime, only: int | None = None, from_where: str = ""
) -> int:
    """End somebody's sessions, one or all, but for the one of that key; return how many ended."""
    sittings = Sitting.objects.filter(user=user).exclude(session_key=but)
    if only is not None:
        sittings = sittings.filter(pk=only)
    keys = list(sittings.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    sittings.delete()
    if keys:
        record("accounts.sessions_ended", by=by, at=now, about=user, from_where=from_where, detail={"count": len(keys)})
    return len(keys)
