"""How somebody proves who they are: username or phone number, and the password.

Every door (our page, the administration) comes through ``authenticate``, so the audit trail is
written here: no signal is needed, and no door can forget it.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.clock import database_now
from accounts.models import User
from accounts.personal_data import mask_phone
from accounts.services import record


def from_where(request: HttpRequest | None) -> str:
    """Return the address a request came from, for the audit trail; "" for none (a command)."""
    return str(request.META.get("REMOTE_ADDR") or "") if request is not None else ""


class UsernameOrPhoneBackend(ModelBackend):
    """Django's own back end, which also takes a phone number, however it is typed."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_others: Any
    ) -> User | None:
        """Return the person, or None where name and password do not fit; both are recorded."""
        if username is None or password is None:
            return None
        user = User.objects.who_types(username)
        if user is None:
            # As slow as a wrong password, so that the time taken does not say which names exist.
            User().set_password(password)
        elif user.check_password(password) and self.user_can_authenticate(user):
            record("accounts.logged_in", by=user, at=database_now(), about=user, from_where=from_where(request))
            return user
        # What was typed is kept masked: sooner or later somebody types the password there.
        record(
            "accounts.log_in_failed",
            by=None,
            at=database_now(),
            about=user,
            detail={"typed": mask_phone(username.strip().replace("\x00", ""))[:64]},
            from_where=from_where(request),
        )
        return None
