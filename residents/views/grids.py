"""The grids one may see, and one of them in full."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.clock import today
from accounts.roles import Duty
from residents.access import StaffRequest, on_duty
from residents.forms.places import CommunityForm
from residents.models import Area
from residents.screens.grids import blocks_of, communities_of, grid_page


@require_safe
@on_duty(Duty.SEE_RESIDENTS)
def grids(request: StaffRequest) -> HttpResponse:
    """Show the grids one may see, by community: who lives there, who answers for them, what is missing."""
    on = today()
    communities = communities_of(request.user, on=on)
    form = CommunityForm(request.GET, communities=communities.choices, may_be_all=communities.fit_one_page)
    chosen = communities.shown(form.cleaned_data["community"] if form.is_valid() else "") if communities.choices else ""
    blocks = blocks_of(request.user, communities=communities, chosen=chosen, on=on)
    return render(request, "residents/grids.html", {"form": form, "blocks": blocks, "communities": communities})


@require_safe
@on_duty(Duty.SEE_RESIDENTS)
def grid(request: StaffRequest, code: str) -> HttpResponse:
    """Show one grid: who answers for it, who lives there by age and by group, and the app."""
    on = today()
    grids = Area.objects.visible_to(request.user, duty=Duty.SEE_RESIDENTS, on=on).grids()
    page = grid_page(get_object_or_404(grids, code=code), user=request.user, on=on)
    return render(request, "residents/grid.html", {"grid": page})
