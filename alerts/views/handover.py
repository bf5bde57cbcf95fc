"""Handing over a shift: what is open and what to watch, signed by who leaves and by who takes over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.services import RefusedError
from accounts.views.presses import answer, carry_out
from alerts import services
from alerts.forms import HandOverShiftForm
from alerts.models import HandOver
from alerts.screens.changing import desks_of
from alerts.screens.handover import draft_of, pages_of, signed
from residents.access import StaffRequest, on_duty, scope_codes


@require_safe
@on_duty(Duty.WATCH_DESK)
def hand_overs(request: StaffRequest) -> HttpResponse:
    """Show what was handed over, the newest first."""
    mine = HandOver.objects.visible_to(request.user, on=today())
    page = pages_of(mine, user=request.user, number=request.GET.get("page", ""))
    return render(request, "alerts/hand_overs.html", {"page": page, "query": ""})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.WATCH_DESK)
def sign(request: StaffRequest) -> HttpResponse:
    """Show what a shift leaves to the next, and sign it as who leaves."""
    desks = desks_of(scope_codes(request.user, Duty.WATCH_DESK, today()))
    choices = [(desk.code, desk.name) for desk in desks]
    asked = (request.POST or request.GET).get("area", "")
    desk = next((one for one in desks if one.code == asked), desks[0] if desks else None)
    if desk is None:
        return render(request, "alerts/hand_over_sign.html", {"draft": None})
    now = database_now()
    draft = draft_of(desk, user=request.user, now=now)
    waiting = HandOver.objects.waiting().of(desk).select_related("left_by").first()
    initial = {"area": desk.code, "seen": draft.page.mark, "watch": draft.watch}
    form = HandOverShiftForm(request.POST or None, desks=choices, initial=initial)
    if form.is_valid() and form.cleaned_data["seen"] != draft.page.mark:
        # What is signed is what was read: the page below is the new one, and so is its mark.
        form = HandOverShiftForm({**request.POST.dict(), "seen": draft.page.mark}, desks=choices)
        form.add_error(None, _("Something has changed since you opened this page. Look it through again, then sign."))
    elif form.is_valid():
        try:
            left = services.leave_shift(
                desk,
                page=draft.page.as_dict(),
                watch=form.cleaned_data["watch"].strip(),
                begins_at=draft.begins_at,
                by=request.user,
                now=now,
            )
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Signed. Whoever takes over logs in, reads this page and signs too."))
            return redirect("alerts:hand_over_page", left.pk)
    context = {"draft": draft, "form": form, "waiting": waiting, "desks": choices}
    return render(request, "alerts/hand_over_sign.html", context, status=400 if form.errors else 200)


def _find(request: StaffRequest, pk: int) -> HandOver:
    mine = HandOver.objects.visible_to(request.user, on=today()).select_related("area", "left_by", "taken_by")
    return get_object_or_404(mine, pk=pk)


@require_safe
@on_duty(Duty.WATCH_DESK)
def hand_over_page(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one page exactly as it was signed; it prints."""
    return render(request, "alerts/hand_over.html", {"signed": signed(_find(request, pk), user=request.user)})


@require_POST
@on_duty(Duty.WATCH_DESK)
def take(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign as who takes over."""
    found = _find(request, pk)

    def verb() -> str:
        services.take_shift(found, by=request.user, now=database_now())
        return _("Taken over. Both have signed; the page is kept.")

    return answer(request, carry_out(request, verb), url=reverse("alerts:hand_over_page", args=[pk]))


@require_POST
@on_duty(Duty.WATCH_DESK)
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one's own signature back."""
    found = _find(request, pk)
    code = found.area.code

    def verb() -> str:
        services.withdraw_hand_over(found, by=request.user, now=database_now())
        return _("Taken back. Sign again when the page is right.")

    said = carry_out(request, verb)
    away = reverse("alerts:hand_over_page", args=[pk]) if said.is_refused else reverse("alerts:sign_hand_over")
    return answer(request, said, url=away if said.is_refused else f"{away}?area={code}")
