"""Meetings: the list, one with agenda, minutes and problems, on screen and on paper."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, local, today
from accounts.formats import moment
from accounts.roles import Duty
from campaigns import services
from campaigns.forms.everyday import AgendaForm, MeetingForm, MinutesForm, ProblemForm
from campaigns.models import Meeting
from campaigns.screens.agenda import agenda_of, as_text
from campaigns.screens.here import here_of, people_of, planned_areas, plans_at
from campaigns.screens.meetings import meeting_page, meetings_page
from campaigns.services import OutreachError
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def meetings(request: StaffRequest) -> HttpResponse:
    """Show a community's meetings, the latest first."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    page = meetings_page(request.user, here, now=database_now(), on=on, number=request.GET.get("page", ""))
    return show(request, "meetings", {"here": here, "page": page, "query": here.query})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def meeting_new(request: StaffRequest) -> HttpResponse:
    """Call a meeting."""
    here = here_of(request.user, asked=request.GET.get("community", ""), on=today())
    form = _form(request, {"area": here.code})
    if form.is_valid() and (meeting := _kept(request, Meeting(), form)) is not None:
        messages.success(request, _("Called. The agenda below follows the data until you keep it."))
        return redirect("campaigns:meeting", meeting.pk)
    return show(request, "meeting_new", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def meeting_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change when and where a meeting is."""
    meeting = _find(request, pk, Duty.PLAN_OUTREACH)
    initial = {"area": meeting.area.code, "kind": meeting.kind, "at": local(meeting.at), "place": meeting.place}
    form = _form(request, initial)
    if form.is_valid() and _kept(request, meeting, form) is not None:
        return redirect("campaigns:meeting", pk)
    return show(request, "meeting_new", {"form": form, "meeting": meeting}, status=400 if form.errors else 200)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def meeting(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a meeting: agenda, minutes, the problems put on the list there."""
    return _page(request, _find(request, pk, Duty.SEE_OUTREACH))


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def meeting_paper(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a meeting's minutes as they are printed."""
    meeting = _find(request, pk, Duty.SEE_OUTREACH)
    return show(request, "meeting_paper", {"page": meeting_page(meeting, user=request.user, on=today())})


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def keep_agenda(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the agenda as it was typed."""
    meeting = _find(request, pk, Duty.PLAN_OUTREACH)
    form = AgendaForm(request.POST)
    if form.is_valid() and _kept(request, meeting, form) is not None:
        messages.success(request, _("The agenda is kept."))
        return redirect("campaigns:meeting", pk)
    return _page(request, meeting, agenda_form=form)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def draw_agenda(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the agenda as the data stand now, over what was kept."""
    meeting = _find(request, pk, Duty.PLAN_OUTREACH)
    agenda = as_text(agenda_of(meeting, user=request.user, on=today()))
    services.keep_meeting(meeting, {"agenda": agenda}, by=request.user, now=database_now())
    messages.success(request, _("The agenda is drawn from today's data; you can edit it."))
    return redirect("campaigns:meeting", pk)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def write_minutes(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep who was present and what was said."""
    meeting = _find(request, pk, Duty.PLAN_OUTREACH)
    form = MinutesForm(request.POST)
    if form.is_valid() and _kept(request, meeting, form) is not None:
        messages.success(request, _("The minutes are saved."))
        return redirect("campaigns:meeting", pk)
    return _page(request, meeting, minutes_form=form)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def add_problem(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a problem on the list from a meeting."""
    meeting = _find(request, pk, Duty.PLAN_OUTREACH)
    form = _problem_form(request, meeting)
    if form.is_valid():
        try:
            services.add_problem(**form.cleaned_data, meeting=meeting, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("On the list. Who mends it has been told."))
            return redirect("campaigns:meeting", pk)
    return _page(request, meeting, problem_form=form)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def hold_next(request: StaffRequest, pk: int) -> HttpResponse:
    """Call the same meeting for a week later."""
    meeting = _find(request, pk, Duty.PLAN_OUTREACH)
    following = services.hold_next(meeting, by=request.user, now=database_now())
    messages.success(request, _("The next is called for {when}.").format(when=moment(following.at)))
    return redirect("campaigns:meeting", following.pk)


def _find(request: StaffRequest, pk: int, duty: Duty) -> Meeting:
    meetings = Meeting.objects.visible_to(request.user, on=today(), duty=duty)
    return get_object_or_404(meetings.select_related("area"), pk=pk)


def _form(request: StaffRequest, initial: dict[str, Any]) -> MeetingForm:
    areas = planned_areas(request.user, on=today(), are_communities_alone=True)
    return MeetingForm(request.POST or None, initial=initial, areas=areas)


def _problem_form(request: StaffRequest, meeting: Meeting) -> ProblemForm:
    on = today()
    return ProblemForm(
        request.POST or None if request.method == "POST" else None,
        initial={"area": meeting.area.code},
        areas=planned_areas(request.user, on=on),
        people=people_of(request.user, carrying=Duty.SEE_OUTREACH, on=on),
    )


def _kept(request: StaffRequest, meeting: Meeting, form: MeetingForm | AgendaForm | MinutesForm) -> Meeting | None:
    try:
        return services.keep_meeting(meeting, form.cleaned_data, by=request.user, now=database_now())
    except OutreachError as error:
        form.add_error(None, str(error))
        return None


def _page(request: StaffRequest, meeting: Meeting, **forms: Any) -> HttpResponse:
    """Show the page of a meeting, with the form that was refused as it was typed."""
    on = today()
    people = people_of(request.user, carrying=Duty.SEE_OUTREACH, on=on)
    areas = planned_areas(request.user, on=on)
    context = {
        "page": meeting_page(meeting, user=request.user, on=on),
        "plans": plans_at(request.user, meeting.area.code, on=on),
        "agenda_form": AgendaForm(initial={"agenda": meeting.agenda}),
        "minutes_form": MinutesForm(initial={"present": meeting.present, "minutes": meeting.minutes}),
        "problem_form": ProblemForm(initial={"area": meeting.area.code}, areas=areas, people=people),
        **forms,
    }
    return show(request, "meeting", context, status=400 if forms else 200)
