"""Looking at personal data is written down: who, whose, why. Not one of these changes anything else."""

from datetime import datetime

from accounts.models import User
from accounts.services import record
from residents.models import Resident


def view_dossier(resident: Resident, *, by: User, now: datetime) -> None:
    """Write down that a dossier was opened, numbers masked."""
    _record("viewed", resident, by=by, now=now)


def reveal_resident(resident: Resident, *, reason: str, by: User, now: datetime) -> None:
    """Write down that somebody opened a name and its numbers, and why."""
    _record("revealed", resident, by=by, now=now, reason=reason)


def open_minor(resident: Resident, *, reason: str, by: User, now: datetime) -> None:
    """Write down that somebody opened the record of a child under fourteen, and why."""
    _record("minor_opened", resident, by=by, now=now, reason=reason)


def print_dossier(resident: Resident, *, by: User, now: datetime, is_revealed: bool) -> None:
    """Write down that a dossier went to paper, and whether with its numbers whole."""
    _record("printed", resident, by=by, now=now, whole=is_revealed)


def _record(did: str, resident: Resident, *, by: User, now: datetime, **detail: str | bool) -> None:
    record(f"residents.{did}", by=by, at=now, about=resident, area_code=resident.grid.code, detail=detail)
