"""Publicity sites: the list, one site with its history, and refreshing it in two presses."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.formats import day
from accounts.roles import Duty
from campaigns import services
from campaigns.forms.everyday import RefreshForm, SiteForm
from campaigns.models import Site, SiteRefresh
from campaigns.screens.here import here_of, logs_at, people_of, planned_areas, plans_at
from campaigns.screens.sites import sites_page
from campaigns.services import OutreachError
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty

FIELDS = ("name", "kind", "place", "owner", "every_days")


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def sites(request: StaffRequest) -> HttpResponse:
    """Show a community's sites, the overdue ones first."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    return show(request, "sites", {"here": here, "page": sites_page(request.user, here, on=on)})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def site_new(request: StaffRequest) -> HttpResponse:
    """Add a site."""
    here = here_of(request.user, asked=request.GET.get("community", ""), on=today())
    form = _form(request, {"area": here.code})
    if form.is_valid() and (site := _kept(request, Site(), form)) is not None:
        messages.success(request, _("Added: {site}. Due by {day}.").format(site=site, day=day(site.due_on)))
        return redirect("campaigns:sites")
    return show(request, "site_new", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_OUTREACH)
def site(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a site with all that hung there; change it."""
    on = today()
    site = _find(request, pk, Duty.PLAN_OUTREACH if request.method == "POST" else Duty.SEE_OUTREACH)
    form = _form(request, {name: getattr(site, name) for name in FIELDS} | {"area": site.area.code})
    if request.method == "POST" and form.is_valid() and _kept(request, site, form) is not None:
        messages.success(request, _("Saved."))
        return redirect("campaigns:site", pk)
    context = {
        "site": site,
        "form": form,
        "is_overdue": site.is_overdue(on),
        "refreshes": site.refreshes.select_related("by"),
        "logs": logs_at(request.user, site.area.code, on=on),
        "plans": plans_at(request.user, site.area.code, on=on),
    }
    return show(request, "site", context, status=400 if form.errors else 200)


def _find(request: StaffRequest, pk: int, duty: Duty) -> Site:
    sites = Site.objects.visible_to(request.user, on=today(), duty=duty)
    return get_object_or_404(sites.select_related("area", "owner"), pk=pk)


def _form(request: StaffRequest, initial: dict[str, Any]) -> SiteForm:
    on = today()
    return SiteForm(
        request.POST or None,
        initial=initial,
        areas=planned_areas(request.user, on=on),
        people=people_of(request.user, carrying=Duty.LOG_OUTREACH, on=on),
    )


def _kept(request: StaffRequest, site: Site, form: SiteForm) -> Site | None:
    try:
        return services.keep_site(site, form.cleaned_data, by=request.user, now=database_now(), on=today())
    except OutreachError as error:
        form.add_error(None, str(error))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def site_refresh(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what hangs there now: take the photo, save."""
    site = _find(request, pk, Duty.LOG_OUTREACH)
    initial = {"press": uuid4(), "hangs": site.hangs}
    form = RefreshForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        try:
            services.refresh_site(site, **form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            site.refresh_from_db()
            messages.success(request, _("Refreshed. Due again by {day}.").format(day=day(site.due_on)))
            return redirect("campaigns:sites")
    return show(request, "site_refresh", {"site": site, "form": form}, status=400 if form.errors else 200)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def site_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a site down."""
    site = _find(request, pk, Duty.PLAN_OUTREACH)
    services.take_down_site(site, by=request.user, now=database_now(), on=today())
    messages.success(request, _("{site} is taken down. What hung there stays on record.").format(site=site))
    return redirect("campaigns:sites")


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def site_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a site up again."""
    site = _find(request, pk, Duty.PLAN_OUTREACH)
    services.put_up_site(site, by=request.user, now=database_now())
    return redirect("campaigns:site", pk)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def site_photo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand out the photo of a refreshing."""
    made = get_object_or_404(SiteRefresh.objects.visible_to(request.user, on=today()), pk=pk)
    if not made.photo:
        raise Http404
    try:
        file = made.photo.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    # Every photo is a JPEG of ours (``accounts.pictures``), whatever came in.
    answer = FileResponse(file, content_type="image/jpeg", filename=f"site-{made.pk}.jpg")
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer
