"""Who was there: ticked on a list, or entered from a paper beside it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clock import database_now, today
from accounts.formats import milliseconds
from accounts.roles import Duty
from accounts.rows import key_in
from accounts.views.presses import answer, carry_out, may_be_kept
from campaigns import services
from campaigns.forms.logging import SearchForm, TickForm
from campaigns.models import Event, EventPhoto, who_may_come
from campaigns.policy import PhotoKind, TouchSource
from campaigns.screens.log import attendance
from campaigns.services import OutreachError
from campaigns.views.common import show
from campaigns.views.logging import FRESH, find_event, is_refresh, is_todays, named, open_names, quiet
from residents.access import StaffRequest, on_duty
from residents.models import Resident


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def came(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the list to tick. Whom somebody looks for is sent along, not written into the address."""
    event = find_event(request, pk)
    page = _list(request, event, paper=None)
    return may_be_kept(page) if is_todays(event) else page


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def enter(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a paper list beside the list to tick."""
    paper = _find_paper(request, pk)
    return _list(request, paper.event, paper=paper)


def _find_paper(request: StaffRequest, pk: int) -> EventPhoto:
    photos = EventPhoto.objects.visible_to(request.user, on=today(), duty=Duty.LOG_OUTREACH).papers()
    return get_object_or_404(photos.select_related("event__area"), pk=pk)


def _list(request: StaffRequest, event: Event, *, paper: EventPhoto | None) -> HttpResponse:
    open_names(request, event)
    text = SearchForm(request.POST).text
    building = request.GET.get("building", "")[:32].replace("\x00", "")
    now = database_now()
    page = attendance(event, named(request), text=text, building=building, on=today(), now=now)
    context = {
        "page": page,
        "event": event,
        "paper": paper,
        "text": text,
        "building": building,
        "has_begun": event.has_begun(now),
    }
    answer = show(request, "_came" if is_refresh(request) else "came", context | quiet(request))
    answer[FRESH] = str(milliseconds(now))
    return answer


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def tick(request: StaffRequest, pk: int) -> HttpResponse:
    """Tick one resident, or take the tick back."""
    event = find_event(request, pk)
    source = TouchSource.PAPER if request.POST.get("source") == TouchSource.PAPER else TouchSource.LIST
    said = carry_out(request, lambda: _tick(request, event, source))
    return answer(request, said, url=_back(request, event))


def _tick(request: StaffRequest, event: Event, source: TouchSource) -> str:
    form = TickForm(request.POST)
    if not form.is_valid():
        raise OutreachError(_("This person is not on the list any more; reload the page."))
    resident = _one_of(request, event, form.cleaned_data["resident"])
    if form.cleaned_data["is_there"]:
        services.tick(event, [resident], by=request.user, now=database_now(), source=source)
        return _("Ticked: {name}").format(name=resident.masked_name)
    services.untick(event, [resident], by=request.user, now=database_now())
    return _("Not there: {name}").format(name=resident.masked_name)


def _one_of(request: StaffRequest, event: Event, pk: int) -> Resident:
    resident = who_may_come(named(request), event).filter(pk=pk).first()
    if resident is None:
        raise OutreachError(_("This person is not on the list any more; reload the page."))
    return resident


def _back(request: StaffRequest, event: Event) -> str:
    """Return the list from which somebody was ticked."""
    paper = key_in(request.POST.get("paper", ""))
    if paper is not None and event.photos.filter(pk=paper, kind=PhotoKind.PAPER).exists():
        return reverse("campaigns:enter", args=[paper])
    return reverse("campaigns:came", args=[event.pk])


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def entered(request: StaffRequest, pk: int) -> HttpResponse:
    """Strike a paper list off those that wait, or put it back."""
    paper = _find_paper(request, pk)
    if "again" in request.POST:
        services.reopen_paper(paper, by=request.user, now=database_now())
        return redirect("campaigns:enter", pk)

    def verb() -> str:
        services.finish_paper(paper, by=request.user, now=database_now())
        return _("The paper list is entered.")

    return answer(request, carry_out(request, verb), url=reverse("campaigns:logged", args=[paper.event_id]))
