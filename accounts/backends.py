"""How somebody proves who they are: username or phone number, and the password.

Every door (our page, the administration) comes through ``authenticate``, so the audit trail is
written here: no signal is needed, and no door can forget it.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpRequest

from accounts.clock import database_now
from accounts.models import User
from accounts.personal_data import mask_phone
from accounts.services import Attempt, count_attempt, forget_failures, known_device, record


class Argon2ForTwoCores(Argon2PasswordHasher):
    """Argon2id with 64 MiB, twice, on two lanes (RFC 9106 asks for no less than OWASP's 46 MiB once).

    Django's own 100 MiB on eight lanes would let eight people who log in at once take 800 MiB, on cores that are not
    there. A password that was hashed otherwise is hashed anew when its owner next comes in.
    """

    time_cost = 2
    memory_cost = 65_536
    parallelism = 2


def from_where(request: HttpRequest | None) -> str:
    """Return the address a request came from, for the audit trail; "" for none (a command).

    Behind a proxy it is what the proxy nearest to us saw: whatever stands before that, the sender wrote.
    """
    if request is None:
        return ""
    passed_on = str(request.META.get("HTTP_X_FORWARDED_FOR") or "") if settings.BEHIND_PROXY else ""
    return passed_on.rpartition(",")[2].strip()[:64] or str(request.META.get("REMOTE_ADDR") or "")


def device_token(request: HttpRequest | None) -> str:
    """Return what the cookie of this device says; "" for none."""
    return str(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""))[:128] if request is not None else ""


def attempt_of(request: HttpRequest | None, typed: str, user: User | None, *, what: str = "password") -> Attempt:
    """Return under which keys this attempt counts: a device that knows the person is on its own."""
    known = known_device(user, device_token(request)) if user is not None else None
    device = str(known.pk) if known is not None else ""
    return Attempt.of(typed, user=user, place=from_where(request), device=device, what=what)


class UsernameOrPhoneBackend(ModelBackend):
    """Django's own back end, which also takes a phone number, however it is typed."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_others: Any
    ) -> User | None:
        """Return the person, or None where name and password do not fit; both are recorded.

        Raises ``TooSoonError`` where too many failed before; that password is not looked at.
        """
        if username is None or password is None:
            return None
        user = User.objects.who_types(username)
        attempt, now = attempt_of(request, username.replace("\x00", ""), user), database_now()
        waits_until = count_attempt(attempt, now=now)
        if user is None:
            # As slow as a wrong password, so that the time taken does not say which names exist.
            User().set_password(password)
        elif user.check_password(password) and self.user_can_authenticate(user):
            forget_failures(attempt)
            record("accounts.logged_in", by=user, at=now, about=user, from_where=from_where(request))
            return user
        # What was typed is kept masked: sooner or later somebody types the password there.
        typed: dict[str, Any] = {"typed": mask_phone(username.strip().replace("\x00", ""))[:64]}
        record(
            "accounts.log_in_failed",
            by=None,
            at=now,
            about=user,
            detail=typed | ({"waits_until": waits_until.isoformat()} if waits_until else {}),
            from_where=from_where(request),
        )
        return None
