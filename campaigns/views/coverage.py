"""Coverage: so many of so many, the names that are left, and somebody sent to their doors in one press."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, today
from accounts.models import User
from accounts.roles import Duty
from accounts.rows import key_in
from campaigns.exports.coverage import coverage_workbook
from campaigns.forms.coverage import ArrangeForm, CoverageForm, PlaceForm
from campaigns.policy import Period, Span, span_of
from campaigns.screens.coverage import Question, areas_of, coverage_page, seen_areas
from campaigns.screens.lessons import lessons_of
from campaigns.screens.names import (
    may_see_names,
    missed_by,
    names_of,
    newcomers_page,
    worker_choices,
    workers_of,
)
from campaigns.screens.sentence import sentence_of
from campaigns.services import OutreachError, arrange_visits, record_names_printed
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty
from residents.models import Area
from sheets.views import download

MOST_AT_ONCE = 500
"""Doors that one worker is given at once, at most."""


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def coverage(request: StaffRequest) -> HttpResponse:
    """Show coverage by grid and over time, the names that are left in one place, and what to teach next."""
    on, form = today(), _form(request)
    asked = _asked(form)
    page = coverage_page(asked, on=on)
    context = {"form": form, "asked": asked, "page": page, "query": urlencode(form.shown)}
    if not asked.is_wide:
        context |= _names_beside(request, form, asked, worst=page.worst.code if page.worst else asked.area.code)
        context["lessons"] = lessons_of(asked.area, _lately())
    return show(request, "coverage", context)


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def names(request: StaffRequest) -> HttpResponse:
    """Show everybody who was not reached, in pages, masked."""
    on, form = today(), _form(request)
    asked = _asked(form)
    page = names_of(request.user, asked, number=request.GET.get("page", ""), on=on)
    context = {"form": form, "asked": asked, "page": page, "query": urlencode(form.shown)}
    return show(request, "names", context | _who_goes(request, asked))


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def print_names(request: StaffRequest) -> HttpResponse:
    """Show those who were not reached with their names whole, to be printed and carried; it is written down."""
    form = _form(request)
    asked, on = _asked(form), today()
    page = names_of(request.user, asked, number=request.POST.get("page", ""), on=on, is_open=True)
    record_names_printed(asked.area, number=len(page.rows), by=request.user, now=database_now())
    return show(request, "names_print", {"asked": asked, "page": page, "query": urlencode(form.shown)})


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def arrange(request: StaffRequest) -> HttpResponse:
    """Make household visits of those who were not reached, for one worker."""
    on, form = today(), _form(request)
    asked = _asked(form)
    who = _who_goes(request, asked, data=True)
    going = who["going"]
    assert isinstance(going, ArrangeForm)
    if not going.is_valid():
        page = names_of(request.user, asked, number="", on=on)
        context = {"form": form, "asked": asked, "page": page, "query": urlencode(form.shown)} | who
        return show(request, "names", context, status=400)
    ticked = [key for text in request.POST.getlist("who") if (key := key_in(text)) is not None]
    chosen = missed_by(request.user, asked, on=on).filter(pk__in=ticked)[:MOST_AT_ONCE]
    try:
        event = arrange_visits(
            list(chosen),
            area=asked.area,
            worker=get_object_or_404(User, pk=going.cleaned_data["worker"]),
            on=going.cleaned_data["on"],
            audience=asked.audience,
            by=request.user,
            now=database_now(),
        )
    except OutreachError as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('campaigns:names')}?{urlencode(form.shown)}")
    doors = event.doors.count()
    said = ngettext(
        "Arranged: %(doors)d door, given to %(who)s.", "Arranged: %(doors)d doors, given to %(who)s.", doors
    )
    messages.success(request, said % {"doors": doors, "who": event.staff.get().user})
    return redirect("campaigns:coverage")


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def newcomers(request: StaffRequest) -> HttpResponse:
    """Show tenants and newcomers nobody has spoken to yet."""
    on, form = today(), _place(request)
    area = _area(form)
    page = newcomers_page(request.user, area, number=request.GET.get("page", ""), on=on)
    return show(request, "newcomers", {"form": form, "area": area, "page": page, "query": urlencode(form.shown)})


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def sentence(request: StaffRequest) -> HttpResponse:
    """Show the standard sentence of every summary for an area and a period, to be copied."""
    form = _place(request)
    return show(request, "sentence", {"form": form, "said": sentence_of(_area(form), form.span)})


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def export(request: StaffRequest) -> HttpResponse:
    """Hand out what the page shows as a workbook: grids and counts, nobody's name."""
    form = _form(request)
    asked = _asked(form)
    page = coverage_page(asked, on=today())
    content = coverage_workbook(place=asked.area.name, headline=page.headline, rows=page.table)
    return download(content, name=_("coverage-{area}.xlsx").format(area=asked.area))


def _place(request: StaffRequest) -> PlaceForm:
    return PlaceForm(request.GET, areas=_areas(request), on=today())


def _form(request: StaffRequest) -> CoverageForm:
    """Return what the address asks for; what is sent besides, by POST, is about the names alone."""
    return CoverageForm(request.GET, areas=_areas(request), on=today())


def _areas(request: StaffRequest) -> list[tuple[str, str]]:
    """Return the areas to choose from, the one asked for among them; a foreign one is a 404, no code is no choice."""
    areas, code = areas_of(request.user, on=today()), request.GET.get("area", "")
    if not areas:
        raise PermissionDenied
    if code in dict(areas) or not (code.isascii() and code.isdigit()):
        return areas
    return [*areas, (code, get_object_or_404(seen_areas(request.user, on=today()), code=code).name)]


def _area(form: PlaceForm) -> Area:
    return Area.objects.get(code=form.chosen("area"))


def _asked(form: CoverageForm) -> Question:
    return Question(area=_area(form), audience=form.who, means=form.how, span=form.span)


def _names_beside(request: StaffRequest, form: CoverageForm, asked: Question, *, worst: str) -> dict[str, object]:
    """Return the names of the grid where most are left, for who may see them."""
    if not may_see_names(request.user, asked.area.code, on=today()):
        return {}
    there = Question(Area.objects.get(code=worst), asked.audience, asked.means, asked.span)
    page = names_of(request.user, there, number="", on=today())
    query = urlencode(form.shown | {"area": worst})
    return {"there": there, "names": page, "names_query": query} | _who_goes(request, there)


def _who_goes(request: StaffRequest, asked: Question, *, data: bool = False) -> dict[str, object]:
    on = today()
    workers = worker_choices(workers_of(asked.area, on=on))
    posted = request.POST if data else None
    return {"going": ArrangeForm(posted, workers=workers, today=on, initial={"on": on + timedelta(days=1)})}


def _lately() -> Span:
    return span_of(Period.QUARTER, on=today())
