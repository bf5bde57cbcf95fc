"""The door, and what each person sets for themselves."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as log_out
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.backends import attempt_of, from_where
from accounts.clock import database_now, machine_now
from accounts.forms import AgainForm, CodeForm, KeptForm, LoginForm, PreferencesForm, remembered_name, too_soon
from accounts.models import Language, TextSize, User
from accounts.services import TooSoonError, count_attempt, forget_failures, passes_factor
from accounts.sessions import Stay
from accounts.views.letting_in import (
    REMEMBERED_FOR,
    ask_code,
    change_password,
    coming_in,
    expect,
    guard_of,
    is_code_asked,
    let_in,
    send_on,
)
from accounts.views.presses import answer_wrong, wants_json


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
@sensitive_post_parameters("password", "kept")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Let somebody in by username or phone number, and remember the name on this device."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    form = LoginForm(request.POST or None, request=request, initial={"username": remembered_name(request)})
    kept = KeptForm.of(request) if "kept" in request.POST else None
    if form.is_valid() and form.user is not None:
        now, name = database_now(), form.cleaned_data["username"]
        if is_code_asked(form.user, request, now=now):
            expect(request, form.user, name=name, next_url=safe_next(request, ""), now=now)
            return ask_code(request, form.user, kept=kept) if kept is not None else redirect("accounts:factor")
        return let_in(request, form.user, name=name, next_url=safe_next(request), kept=kept, now=now)
    return render(request, "accounts/login.html", {"form": form, "next": safe_next(request, ""), "kept": kept})


@login_not_required
@never_cache
@sensitive_post_parameters("code", "kept")
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of somebody whose password was right just now, and let them in."""
    now = database_now()
    coming = coming_in(request, now=now)
    if coming is None:
        return redirect("accounts:login")
    user, name, next_url = coming
    kept = KeptForm.of(request) if "kept" in request.POST else None
    form = CodeForm(request.POST or None, remember_days=guard_of(user).remember_days)
    if form.is_valid():
        attempt = attempt_of(request, name, user, what="code")
        try:
            count_attempt(attempt, now=now)
            is_right = passes_factor(user, code=form.cleaned_data["code"], now=now, from_where=from_where(request))
        except TooSoonError as error:
            form.add_error(None, too_soon(error))
        else:
            if is_right:
                forget_failures(attempt)
                trust = guard_of(user).remember_days if form.cleaned_data.get("trust") else 0
                return let_in(request, user, name=name, next_url=next_url or "/", kept=kept, now=now, trust_days=trust)
            form.add_error("code", _("This code is not right, or was used before. Wait for the next one."))
    return ask_code(request, user, kept=kept, form=form)


@never_cache
@sensitive_post_parameters("password", "kept")
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Ask who was away for long for the password once more; what they had typed is sent then."""
    assert isinstance(request.user, User)
    form = AgainForm(request.POST or None, request=request, user=request.user)
    kept = KeptForm.of(request) if "kept" in request.POST else None
    if form.is_valid():
        Stay(request).wake(now=machine_now())
        if wants_json(request):
            return JsonResponse({"ok": True})
        if kept is not None and kept.path:
            return send_on(request, kept, is_same_person=True)
        return redirect(safe_next(request))
    if wants_json(request) and request.method == "POST":
        return answer_wrong(request, form)
    return render(request, "accounts/again.html", {"form": form, "kept": kept, "next": safe_next(request, "")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def awake(request: HttpRequest) -> JsonResponse:
    """Tell a page in how many seconds the password is asked for (``null``: never). By POST: somebody is typing."""
    stay, now = Stay(request), machine_now()
    if request.method == "POST" and not stay.is_idle(now=now):
        stay.touch(now=now)
    return JsonResponse({"left": stay.seconds_left(now=now)})


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
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, wanted, max_age=REMEMBERED_FOR, samesite="Lax", secure=request.is_secure()
        )
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
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=REMEMBERED_FOR,
            samesite="Lax",
            secure=request.is_secure(),
        )
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
        change_password(request, form)
        messages.success(request, _("Your password is changed."))
        return redirect("accounts:profile")
    return render(request, "accounts/password.html", {"form": form})
