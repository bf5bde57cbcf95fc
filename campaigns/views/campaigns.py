"""Campaigns: listed, written part by part, handed out as a Word document."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from campaigns.forms.offers import areas_offered
from campaigns.forms.planning import BudgetFormSet, CampaignForm, budget_of, lines_of
from campaigns.models import Campaign
from campaigns.screens.campaigns import campaign_page, campaigns_page
from campaigns.screens.document import blocks_of, title_lines
from campaigns.screens.events import may_plan
from campaigns.services import OutreachError, record_export, save_campaign
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty
from sheets.views import download
from sheets.writing.word import word_document


def _find(request: StaffRequest, pk: int, duty: Duty = Duty.SEE_OUTREACH) -> Campaign:
    """Return a campaign of one's own areas; a foreign one is a 404."""
    seen = Campaign.objects.visible_to(request.user, on=today(), duty=duty).select_related("area")
    return get_object_or_404(seen, pk=pk)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def list_(request: StaffRequest) -> HttpResponse:
    """Show the campaigns, the latest first."""
    page = campaigns_page(request.user, on=today(), number=request.GET.get("page", ""))
    return show(request, "campaigns", {"page": page, "may_plan": may_plan(request.user, on=today())})


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a campaign: its texts, its budget, its events, and what came of them."""
    page = campaign_page(_find(request, pk), request.user, on=today())
    return show(request, "campaign", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def create(request: StaffRequest) -> HttpResponse:
    """Begin a campaign."""
    return _write(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Go on writing a campaign."""
    return _write(request, _find(request, pk, Duty.PLAN_OUTREACH))


def _write(request: StaffRequest, campaign: Campaign | None) -> HttpResponse:
    """Show the form of a campaign and of its budget; save both or neither."""
    posted = request.POST if request.method == "POST" else None
    areas = areas_offered(request.user, on=today(), duty=Duty.PLAN_OUTREACH)
    form = CampaignForm(posted, instance=campaign, areas=areas)
    budget = BudgetFormSet(posted, initial=budget_of(campaign), prefix="budget")
    if posted is not None and form.is_valid() and budget.is_valid():
        values, lines = form.values, lines_of(budget)
        known = None if campaign is None else _find(request, campaign.pk, Duty.PLAN_OUTREACH)
        try:
            saved = save_campaign(known, values=values, lines=lines, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved: {title}.").format(title=saved.title))
            return redirect("campaigns:campaign", saved.pk)
    context = {"form": form, "budget": budget, "campaign": campaign}
    return show(request, "campaign_form", context)


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def word(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand a campaign out as a Word document; that it left is recorded."""
    campaign = _find(request, pk)
    page = campaign_page(campaign, request.user, on=today())
    content = word_document(title=campaign.title, lines=title_lines(campaign), blocks=blocks_of(page))
    record_export(campaign, by=request.user, now=database_now())
    return download(content, name=f"{campaign.title}.docx")
