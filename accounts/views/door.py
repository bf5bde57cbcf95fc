"""The door, and what each person sets for themselves."""

from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as log_in
from django.contrib.auth import logout as log_out
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.backends import from_where
from accounts.clock import database_now
from accounts.forms import LoginForm, PreferencesForm
from accounts.models import Language, TextSize, User
from accounts.services import record

REMEMBERED = "last_name"
REMEMBERED_FOR = 180 * 24 * 60 * 60  # seconds


def safe_next(request: HttpRequest, fallback: str = "/") -> str:
    """Return where the reader wanted to go, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    mine = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # What begins with no stroke is the name of a page to Django's redirect, or of none.
    return wanted if mine and wanted.startswith("/") else fallback


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Let somebody in by username or phone number, and remember the name on this device."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    initial = {"username": unquote(request.COOKIES.get(REMEMBERED, ""))}
    form = LoginForm(request.POST or None, request=request, initial=initial)
    if form.is_valid() and form.user is not None:
        log_in(request, form.user)
        response = redirect(safe_next(request))
        response.set_cookie(
            REMEMBERED,
            quote(form.cleaned_data["username"]),  # a header carries no Chinese and no full-width digits
            max_age=REMEMBERED_FOR,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
        return response
    return render(request, "accounts/login.html", {"form": form, "next": safe_next(request, "")})


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    log_out(request)
    return redirect("accounts:login")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept with the person where somebody is logged in, and on the device."""
    wanted = request.POST.get("language", "")
    response = redirect(safe_next(request))
    if wanted in Language.values:
        if isinstance(request.user, User):
            request.user.language = wanted
            request.user.save(update_fields=["language"])
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, max_age=REMEMBERED_FOR, samesite="Lax")
    return response


@require_POST
def text_size(request: HttpRequest) -> HttpResponse:
    """Draw everything larger for this person, or as usual again."""
    assert isinstance(request.user, User)
    wanted = request.POST.get("text_size", "")
    if wanted in TextSize.values:
        request.user.text_size = wanted
        request.user.save(update_fields=["text_size"])
    return redirect(safe_next(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and save how the program speaks and looks to this person."""
    assert isinstance(request.user, User)
    form = PreferencesForm(request.POST or None, instance=request.user)
    if form.is_valid():
        user = form.save()
        with override(user.language):
            messages.success(request, _("Saved."))
        response = redirect("accounts:profile")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=REMEMBERED_FOR, samesite="Lax")
        return response
    posts = request.user.posts.select_related("area")
    return render(request, "accounts/profile.html", {"form": form, "posts": posts})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; this session stays, every other ends."""
    assert isinstance(request.user, User)
    form = PasswordChangeForm(request.user, request.POST or None)
    if form.is_valid():
        form.save()
        update_session_auth_hash(request, request.user)
        record(
            "accounts.password_changed",
            by=request.user,
            at=database_now(),
            about=request.user,
            from_where=from_where(request),
        )
        messages.success(request, _("Your password is changed."))
        return redirect("accounts:profile")
    return render(request, "accounts/password.html", {"form": form})
