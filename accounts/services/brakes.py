"""Failed log-ins: counted, and made to wait (docs/decisions/who-guesses-waits-nobody-is-locked-out.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from django.db import transaction

from accounts.models import Brake, User
from accounts.personal_data import bare_phone, blind_index
from accounts.policy import FORGOTTEN_AFTER, PATIENCE, Against


class TooSoonError(Exception):
    """Somebody must wait before the next password is looked at. ``until`` says how long."""

    def __init__(self, until: datetime) -> None:
        super().__init__(str(until))
        self.until = until


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to come in: under which keys it counts if it fails."""

    keys: Mapping[Against, str]

    @classmethod
    def of(cls, typed: str, *, user: User | None, place: str, device: str = "", what: str = "password") -> "Attempt":
        """Return the attempt of a name. ``device`` says which known device of that very person it is, "" for none.

        A username and a phone number of one person are one name. Names are kept as keyed hashes. ``what`` is typed:
        a code counts for itself.
        """
        name = f"{what}:user:{user.pk}" if user is not None else f"{what}:typed:{bare_phone(typed.strip())[:64]}"
        if device:
            return cls({Against.DEVICE: blind_index(f"brake:device:{name}:{device}")})
        return cls(
            {
                Against.PLACE: blind_index(f"brake:place:{name}:{neighbourhood(place)}"),
                Against.NAME: blind_index(f"brake:name:{name}"),
            }
        )


def neighbourhood(place: str) -> str:
    """Return what counts as one address: an IPv6 network of 64 bits is one customer's, all of it."""
    try:
        address = ip_address(place)
    except ValueError:
        return place
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else place


@transaction.atomic
def count_attempt(attempt: Attempt, *, now: datetime) -> datetime | None:
    """Count an attempt as failed before its password is looked at; return until when the next one waits, if it must.

    Counted first, so that a hundred passwords sent at once are a hundred attempts. Raises ``TooSoonError``, and counts
    nothing, where an earlier wait is not over.
    """
    Brake.objects.bulk_create(
        [Brake(key=key, last_at=now) for key in sorted(attempt.keys.values())], ignore_conflicts=True
    )
    locked = {
        brake.key: brake
        for brake in Brake.objects.select_for_update().filter(key__in=attempt.keys.values()).order_by("key")
    }
    waits = [brake.wait_until for brake in locked.values() if brake.wait_until is not None and brake.wait_until > now]
    if waits:
        raise TooSoonError(max(waits))
    for against, key in attempt.keys.items():
        brake = locked[key]
        failures = (0 if now - brake.last_at > FORGOTTEN_AFTER else brake.failures) + 1
        wait = PATIENCE[against].wait_after(failures)
        brake.failures, brake.last_at, brake.wait_until = failures, now, now + wait if wait else None
        brake.save(update_fields=["failures", "last_at", "wait_until"])
    return max((one.wait_until for one in locked.values() if one.wait_until is not None), default=None)


def forget_failures(attempt: Attempt) -> None:
    """Begin anew after a right password."""
    Brake.objects.filter(key__in=attempt.keys.values()).delete()
