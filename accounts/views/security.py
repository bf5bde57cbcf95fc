"""Everybody's own security: the second factor, the sessions, the password."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.backends import from_where
from accounts.clock import database_now
from accounts.forms import CodeForm, OwnPasswordForm
from accounts.models import KnownDevice, SecondFactor, Sitting, User
from accounts.screens import own_sittings
from accounts.sessions import Stay, kept_key
from accounts.views.letting_in import guard_of


@never_cache
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Show how one's own log-in is guarded, and where one is logged in."""
    return _show(request, OwnPasswordForm(request=request, user=_me(request)))


def _show(request: HttpRequest, form: OwnPasswordForm) -> HttpResponse:
    user, now, idle = _me(request), database_now(), Stay(request).idle_seconds
    context = {
        "factor": SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).first(),
        "codes_left": services.codes_left(user),
        "guard": guard_of(user),
        "form": form,
        "sittings": own_sittings(user, here=kept_key(request.session.session_key or ""), now=now),
        "trusting": KnownDevice.objects.filter(user=user, trusted_until__gt=now).order_by("-used_at"),
        # Where a session ends before it would be asked for, only that is said.
        "asks_after": idle // 60 if idle < settings.SESSION_COOKIE_AGE else 0,
    }
    return render(request, "accounts/security.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_factor(request: HttpRequest) -> HttpResponse:
    """Show the code to be photographed, take the first one that the telephone shows, hand out the codes on paper."""
    user = _me(request)
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is not None and factor.confirmed_at is not None:
        return redirect("accounts:security")
    form = CodeForm(request.POST or None)
    if factor is not None and form.is_valid():
        try:
            codes = services.confirm_factor(
                user, code=form.cleaned_data["code"], now=database_now(), from_where=from_where(request)
            )
        except services.RefusedError as error:
            form.add_error("code", str(error))
        else:
            Stay(request).factor_is_there()
            return _hand_out(request, codes)
    context: dict[str, Any] = {"form": form, "factor": factor, "is_due": Stay(request).is_factor_due}
    if factor is not None:
        address = services.address_of(factor)
        drawn = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True, dark="#000")
        secret = " ".join(factor.secret[start : start + 4] for start in range(0, len(factor.secret), 4))
        context |= {"address": address, "secret": secret, "drawn": mark_safe(drawn)}  # noqa: S308 - segno's own drawing
    return render(request, "accounts/factor_set_up.html", context)


@require_POST
def begin_factor(request: HttpRequest) -> HttpResponse:
    """Make the secret that the telephone will share."""
    try:
        services.begin_factor(_me(request), now=database_now())
    except services.RefusedError as error:
        messages.error(request, str(error))
        return redirect("accounts:security")
    return redirect("accounts:set_up_factor")


@never_cache
@sensitive_post_parameters("password")
@require_POST
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Hand out new codes on paper; the old ones are useless."""
    form = OwnPasswordForm(request.POST, request=request, user=_me(request))
    if not form.is_valid():
        return _show(request, form)
    try:
        codes = services.renew_codes(_me(request), now=database_now(), from_where=from_where(request))
    except services.RefusedError as error:
        messages.error(request, str(error))
        return redirect("accounts:security")
    return _hand_out(request, codes)


@never_cache
@sensitive_post_parameters("password")
@require_POST
def remove_factor(request: HttpRequest) -> HttpResponse:
    """Take one's own second factor away, where no role asks for it."""
    user = _me(request)
    form = OwnPasswordForm(request.POST, request=request, user=user)
    if guard_of(user).needs_second_factor:
        messages.error(
            request, _("Your role asks for a second factor. An administrator resets it where the telephone is lost.")
        )
        return redirect("accounts:security")
    if not form.is_valid():
        return _show(request, form)
    if services.remove_factor(user, by=user, now=database_now(), from_where=from_where(request)):
        messages.success(request, _("Your log-in asks for the password alone now."))
    return redirect("accounts:security")


@require_POST
def end_sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """Log oneself out somewhere else."""
    sitting = get_object_or_404(Sitting, pk=pk, user=_me(request))
    return _end(request, only=sitting.pk)


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """Log oneself out everywhere but here."""
    return _end(request, only=None)


@require_POST
def forget_devices(request: HttpRequest) -> HttpResponse:
    """Be asked for a code again on every device."""
    services.forget_devices(_me(request), by=_me(request), now=database_now(), from_where=from_where(request))
    messages.success(request, _("Every device is asked for a code again at the next log-in."))
    return redirect("accounts:security")


def _end(request: HttpRequest, *, only: int | None) -> HttpResponse:
    user = _me(request)
    count = services.end_sittings(
        user,
        but=kept_key(request.session.session_key or ""),
        by=user,
        now=database_now(),
        only=only,
        from_where=from_where(request),
    )
    said = ngettext("{count} session is ended.", "{count} sessions are ended.", count).format(count=count)
    messages.success(request, said)
    return redirect("accounts:security")


def _hand_out(request: HttpRequest, codes: list[str]) -> HttpResponse:
    answer = render(request, "accounts/recovery_codes.html", {"codes": codes})
    answer["Cache-Control"] = "private, no-store"
    return answer


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
