"""Sessions of which the database keeps a hash alone: who reads a dump of it cannot go on as somebody else.

A session engine (``settings.SESSION_ENGINE``) on the table of Django's own; and what a session says of who sits there:
since when nothing was pressed, and what their role must do.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as PlainStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.http import HttpRequest
from django.utils import timezone

from accounts.policy import Guard

GUARD, ACTIVE, OPEN = "guard", "active_at", "stands_open"
TOUCHED_EVERY = 60  # seconds: how often a session that is used is written

KEPT_LETTERS = 40
"""As long as the table's own column is: 160 bits of the hash."""


def kept_key(session_key: str) -> str:
    """Return what the database keeps of the key in somebody's cookie; "" for none."""
    return sha256(session_key.encode()).hexdigest()[:KEPT_LETTERS] if session_key else ""


class SessionStore(PlainStore):
    """Django's sessions in the database, found by the hash of their key."""

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        key = kept_key(self.session_key or "")
        # Django's sessions go by the machine's clock; an hour's session does not mind a second.
        found: AbstractBaseSession | None = self.model.objects.filter(
            session_key=key, expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """Say whether a session of that key is there."""
        return bool(self.model.objects.filter(session_key=kept_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the row of this session, under the hash of its key."""
        row = super().create_model_instance(data)
        row.session_key = kept_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Remove a session, this one unless told."""
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key=kept_key(key)).delete()


class Stay:
    """A reader's session, as far as it guards them. One begun without our log-in (a test's) guards nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._data = request.session

    def begin(self, guard: Guard, *, has_factor: bool, now: datetime) -> None:
        """Write down what holds in this session, and end it after a shift whatever is pressed."""
        self._data[GUARD] = {
            "idle": guard.idle_minutes,
            "desk": guard.desk_minutes,
            "due": guard.needs_second_factor and not has_factor,
        }
        self._data[ACTIVE] = int(now.timestamp())
        self._data.set_expiry(now + timedelta(seconds=settings.SESSION_COOKIE_AGE))

    @property
    def is_guarded(self) -> bool:
        """Whether anything holds here at all."""
        return GUARD in self._data

    @property
    def _guard(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._data.get(GUARD, {})
        return found

    @property
    def is_factor_due(self) -> bool:
        """Whether a second factor must be set up before anything else."""
        return bool(self._guard.get("due"))

    def factor_is_there(self) -> None:
        """Let somebody on who has set it up."""
        self._data[GUARD] = {**self._guard, "due": False}

    @property
    def idle_seconds(self) -> int:
        """After how many seconds without a press the password is asked for; 0 for never."""
        return 60 * int(self._guard.get("desk" if self._data.get(OPEN) else "idle", 0))

    def seconds_left(self, *, now: datetime) -> int | None:
        """Return in how many seconds the password is asked for; ``None`` for never, nothing or less where it is due."""
        if not self.idle_seconds:
            return None
        return int(self._data.get(ACTIVE, 0)) + self.idle_seconds - int(now.timestamp())

    def is_idle(self, *, now: datetime) -> bool:
        """Say whether somebody was away for so long that the password is asked for."""
        left = self.seconds_left(now=now)
        return left is not None and left <= 0

    def stand_open(self) -> None:
        """Give this session the desk's time from now on: the desk was opened in it."""
        if self.is_guarded and not self._data.get(OPEN):
            self._data[OPEN] = True

    def touch(self, *, now: datetime) -> None:
        """Note that something was pressed; written once a minute at most."""
        if int(now.timestamp()) - int(self._data.get(ACTIVE, 0)) >= TOUCHED_EVERY:
            self._data[ACTIVE] = int(now.timestamp())

    def wake(self, *, now: datetime) -> None:
        """Begin to count anew: the password was given."""
        self._data[ACTIVE] = int(now.timestamp())


def last_used(data: Mapping[str, Any]) -> datetime | None:
    """Return when something was last pressed in a session, by its data; ``None`` where it does not say."""
    at = data.get(ACTIVE)
    return datetime.fromtimestamp(int(at), UTC) if at is not None else None
