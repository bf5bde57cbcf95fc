"""Pledges: signed on the screen, printed."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.rows import key_in
from accounts.views.pictures import show_picture
from accounts.views.presses import answer, answer_wrong, carry_out, may_be_kept, press_of, wants_json
from campaigns import services
from campaigns.forms.logging import PledgeForm
from campaigns.models import Event, Pledge, who_may_come
from campaigns.policy import PLEDGE_TEXT, Form, believable
from campaigns.services import OutreachError
from campaigns.views.common import show
from campaigns.views.logging import find_event, is_todays, named, open_names, quiet
from knowledge.models import Text
from residents.access import StaffRequest, on_duty
from residents.models import Resident


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def sign_pledge(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the pledge and a box to sign in; keep what was signed."""
    event = find_event(request, pk)
    resident = _asked_for(request, event)
    text = Text.objects.for_area(PLEDGE_TEXT, event.area.code)
    form = PledgeForm(
        request.POST if request.method == "POST" else None,
        initial={"name": resident.name if resident else "", "resident": resident.pk if resident else None},
    )
    if form.is_valid():
        said = carry_out(request, lambda: _sign(request, event, form, resident, text))
        if wants_json(request) or not said.is_refused:
            return answer(request, said, url=_back(event))
        form.add_error(None, said.words)
    elif form.is_bound and wants_json(request):
        return answer_wrong(request, form)
    context = {"form": form, "event": event, "resident": resident, "text": text, "back": _back(event)}
    page = show(request, "sign_pledge", context | quiet(request))
    return may_be_kept(page) if is_todays(event) else page


def _asked_for(request: StaffRequest, event: Event) -> Resident | None:
    """Return the resident whom the pledge is for; None for somebody the reader may not see, or whose name is typed."""
    asked = request.POST.get("resident") or request.GET.get("resident") or ""
    if (key := key_in(asked)) is None:
        return None
    resident = who_may_come(named(request), event).filter(pk=key).first()
    if resident is not None:
        open_names(request, event)
    return resident


def _back(event: Event) -> str:
    return reverse("campaigns:doors" if event.form == Form.HOUSEHOLD else "campaigns:logged", args=[event.pk])


def _sign(request: StaffRequest, event: Event, form: PledgeForm, resident: Resident | None, text: Text | None) -> str:
    if text is None:
        raise OutreachError(_("There is no text of the pledge yet. Ask whoever plans outreach to write it."))
    now = database_now()
    services.sign_pledge(
        event,
        name=form.cleaned_data["name"].strip(),
        resident=resident,
        signature=form.cleaned_data["signature"],
        text=text,
        at=believable(press_of(request)["pressed_at"], now=now),
        by=request.user,
        now=now,
    )
    return _("The pledge is signed.")


def _find(request: StaffRequest, pk: int) -> Pledge:
    return get_object_or_404(Pledge.objects.visible_to(request.user, on=today()).select_related("area", "event"), pk=pk)


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def pledge(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a pledge as it is printed."""
    return show(request, "pledge", {"pledge": _find(request, pk)})


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def signature(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand a pledge's signature out."""
    return show_picture(_find(request, pk).signature, name=f"pledge-{pk}")
