"""What happens between a right password and the first page."""

from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.backends import device_token, from_where
from accounts.clock import database_now, today
from accounts.forms import REMEMBERED, CodeForm, KeptForm
from accounts.models import RolePolicy, User
from accounts.models.guarding import ADMINISTRATOR
from accounts.policy import DEVICES_KEPT_FOR, Guard, device_words
from accounts.services import end_sittings, has_factor, know_device, known_device, record, sit_down
from accounts.sessions import Stay, kept_key

REMEMBERED_FOR = int(DEVICES_KEPT_FOR.total_seconds())
COMING, COMING_WITHIN = "coming", 10 * 60  # seconds between the password and the code


def guard_of(user: User) -> Guard:
    """Return what somebody's roles of today ask of them. Two queries, at the log-in alone."""
    roles = set(user.posts.current(today()).values_list("role", flat=True))
    return RolePolicy.objects.of_roles(roles | ({ADMINISTRATOR} if user.is_superuser else set()))


def is_code_asked(user: User, request: HttpRequest, *, now: datetime) -> bool:
    """Say whether somebody has a second factor, and this device was not promised to go without."""
    if not has_factor(user):
        return False
    known = known_device(user, device_token(request))
    is_trusted = known is not None and known.trusted_until is not None and known.trusted_until > now
    return not (is_trusted and guard_of(user).remember_days)


def expect(request: HttpRequest, user: User, *, name: str, next_url: str, now: datetime) -> None:
    """Note in the session whose password was right, until the code is typed."""
    request.session[COMING] = {
        "user": user.pk,
        "name": name,
        "next": next_url,
        "at": int(now.timestamp()),
        "password": user.get_session_auth_hash(),
    }


def coming_in(request: HttpRequest, *, now: datetime) -> tuple[User, str, str] | None:
    """Return who is between password and code, the name they typed and where they wanted to go; ``None`` for nobody."""
    noted = request.session.get(COMING)
    if not noted or int(now.timestamp()) - noted["at"] > COMING_WITHIN:
        return None
    user = User.objects.filter(pk=noted["user"], is_active=True).first()
    # The password was changed meanwhile: begin again.
    if user is None or user.get_session_auth_hash() != noted["password"]:
        return None
    return user, noted["name"], noted["next"]


def ask_code(request: HttpRequest, user: User, *, kept: KeptForm | None, form: CodeForm | None = None) -> HttpResponse:
    """Show the page that asks for the code."""
    form = form or CodeForm(remember_days=guard_of(user).remember_days)
    form.fields["code"].widget.attrs["autofocus"] = True
    return render(request, "accounts/factor.html", {"form": form, "kept": kept})


def let_in(
    request: HttpRequest,
    user: User,
    *,
    name: str,
    next_url: str,
    kept: KeptForm | None,
    now: datetime,
    trust_days: int = 0,
) -> HttpResponse:
    """Begin somebody's session on a device that is known from now on, and lead them on."""
    request.session.pop(COMING, None)
    log_in(request, user)
    Stay(request).begin(guard_of(user), has_factor=has_factor(user), now=now)
    device = device_words(request.headers.get("User-Agent", ""))
    sit_down(
        user,
        session_key=kept_key(request.session.session_key or ""),
        device=device,
        now=now,
        from_where=from_where(request),
    )
    _known, token = know_device(
        user, device_token(request), device=device, now=now, trust_for=timedelta(days=trust_days)
    )
    response = send_on(request, kept) if kept is not None and kept.path else redirect(next_url)
    for cookie, value in (
        # A header carries no Chinese and no full-width digits.
        (REMEMBERED, quote(name)),
        (settings.DEVICE_COOKIE_NAME, token),
    ):
        response.set_cookie(
            cookie, value, max_age=REMEMBERED_FOR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response


def send_on(request: HttpRequest, kept: KeptForm, *, is_same_person: bool = False) -> HttpResponse:
    """Show what was typed before, ready to be sent where it was going: by itself, where it is the same person."""
    context = {"path": kept.path, "fields": kept.fields_kept, "is_same_person": is_same_person}
    return render(request, "accounts/send_on.html", context)


def change_password(request: HttpRequest, form: PasswordChangeForm) -> None:
    """Set one's own new password; this session stays, every other ends."""
    user, now, where = form.save(), database_now(), from_where(request)
    update_session_auth_hash(request, user)
    here = kept_key(request.session.session_key or "")
    record("accounts.password_changed", by=user, at=now, about=user, from_where=where)
    end_sittings(user, but=here, by=user, now=now, from_where=where)
    device = device_words(request.headers.get("User-Agent", ""))
    sit_down(user, session_key=here, device=device, now=now, from_where=where)
