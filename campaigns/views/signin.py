"""Signing in at an event: the page that visitors see, and the one that is held up to them."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.backends import from_where
from accounts.clock import database_now
from accounts.formats import milliseconds
from accounts.roles import Duty
from accounts.views.presses import answer, carry_out
from campaigns import services
from campaigns.forms.logging import SignInForm
from campaigns.models import Event, Rule
from campaigns.policy import RuleName
from campaigns.screens.log import heads_of
from campaigns.screens.signin import code_of
from campaigns.views.common import show
from campaigns.views.logging import FRESH, find_event
from campaigns.views.patience import is_too_often
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def sign_in_sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the code to be held up or printed, and how many have signed in."""
    event, now = find_event(request, pk), database_now()
    path = reverse("campaigns:sign_in", args=[event.sign_in_key]) if event.sign_in_key else ""
    address = request.build_absolute_uri(path) if path else ""
    context = {
        "event": event,
        "address": address,
        "code": code_of(address) if address else None,
        "is_open": event.may_be_signed_into(now),
        "heads": heads_of(event),
        "signed": event.sign_ins.count(),
    }
    page = show(request, "sign_in_sheet", context)
    page[FRESH] = str(milliseconds(now))  # how many there are is asked for again by itself
    return page


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def open_sign_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Open the page on which visitors sign in, or shut it."""
    event = find_event(request, pk)
    is_shutting = "shut" in request.POST

    def verb() -> str:
        turn = services.shut_sign_in if is_shutting else services.open_sign_in
        turn(event, by=request.user, now=database_now())
        return _("The page for signing in is shut.") if is_shutting else _("Visitors can sign in now.")

    return answer(request, carry_out(request, verb), url=reverse("campaigns:sign_in_sheet", args=[pk]))


def _found(key: str) -> Event:
    """Return the event whose visitors sign in under a key. Shut, over, or never there: all the same."""
    event = Event.objects.signed_into(key)
    if event is None or not event.may_be_signed_into(database_now()):
        raise Http404
    return event


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, key: str) -> HttpResponse:
    """Let a visitor sign in. The thanks are the same for everybody: nobody learns here who lives where."""
    event = _found(key)
    form = SignInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_too_often(from_where(request), event.pk):
        form.add_error(None, _("Many are signing in right now. Wait a minute, then press once more."))
        return _page(request, event, form, status=429)
    if form.is_valid():
        if not form.is_by_machine:
            cleaned = form.cleaned_data
            services.sign_in(event, name=cleaned["name"], phone=cleaned["phone"], now=database_now())
        return redirect("campaigns:signed_in", key)
    return _page(request, event, form)


def _page(request: HttpRequest, event: Event, form: SignInForm, *, status: int = 200) -> HttpResponse:
    days = Rule.objects.number(RuleName.KEEP_SIGN_INS_DAYS)
    return render(request, "campaigns/sign_in.html", {"form": form, "event": event, "days": days}, status=status)


@login_not_required
@never_cache
@require_safe
def signed_in(request: HttpRequest, key: str) -> HttpResponse:
    """Thank a visitor."""
    return render(request, "campaigns/signed_in.html", {"event": _found(key)})
