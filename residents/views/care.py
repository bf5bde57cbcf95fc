"""Care: the residents of key groups, their carers and their visits."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from residents import services
from residents.access import StaffRequest, on_duty
from residents.forms import CareForm, EndPairingForm, PairForm
from residents.models import Area, Pairing, Resident, ResidentQuerySet
from residents.policy import KEY_GROUPS, Group
from residents.screens.care import care_page, carers_of
from residents.services import ResidentsError
from residents.views.common import drawn


@require_safe
@on_duty(Duty.PAIR)
def key_groups(request: StaffRequest) -> HttpResponse:
    """Show the residents of key groups: those without a carer first, then whose visit is overdue."""
    grids = Area.objects.visible_to(request.user, duty=Duty.PAIR, on=today()).grids()
    form = CareForm(
        request.GET,
        grids=grids.values_list("code", "name"),
        groups=[group for group in Group if group in KEY_GROUPS],
    )
    found = care_page(_to_pair(request), form.chosen, number=request.GET.get("page", ""), on=today())
    query = request.GET.copy()
    query.pop("page", None)
    filters = query.copy()
    filters.pop("week", None)
    context = {
        "care": found,
        "form": form,
        "query": f"{query.urlencode()}&" if query else "",
        "filters": f"{filters.urlencode()}&" if filters else "",
        "is_narrowed": any(form.chosen.get(name) for name in ("grid", "group", "due")),
        "back": request.GET.urlencode(),
        "today": today(),
    }
    return render(request, "residents/key_groups.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PAIR)
def pair(request: StaffRequest, pk: int) -> HttpResponse:
    """Have a carer look after a resident from a day on; who did before ends on the day before."""
    resident = get_object_or_404(drawn(_to_pair(request)), pk=pk)
    carers = carers_of([resident.grid.code], on=today())[resident.grid.code]
    form = PairForm(request.POST or None, carers=carers, initial={"starts_on": today()})
    if form.is_valid():
        try:
            made = services.pair(
                resident,
                carer=form.cleaned_data["carer"],
                starts_on=form.cleaned_data["starts_on"],
                by=request.user,
                now=database_now(),
                on=today(),
            )
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("{person} looks after this resident now.").format(person=made.carer))
            return redirect(_back(request, pk))
    return render(request, "residents/pair.html", {"form": form, "resident": resident, "back": _query(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PAIR)
def unpair(request: StaffRequest, pk: int) -> HttpResponse:
    """End a pairing after a day."""
    pairings = Pairing.objects.of_residents(_to_pair(request)).select_related("carer", "resident__grid")
    pairing = get_object_or_404(pairings, pk=pk)
    form = EndPairingForm(request.POST or None, initial={"ends_on": today()})
    if form.is_valid():
        try:
            services.end_pairing(
                pairing, ends_on=form.cleaned_data["ends_on"], by=request.user, now=database_now(), on=today()
            )
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The pairing ends; choose who looks after this resident next."))
            return redirect("residents:detail", pairing.resident_id)
    return render(request, "residents/unpair.html", {"form": form, "pairing": pairing, "resident": pairing.resident})


def _to_pair(request: StaffRequest) -> ResidentQuerySet:
    """Return the residents for whom this person may choose a carer today."""
    return Resident.objects.visible_to(request.user, on=today(), duty=Duty.PAIR)


def _query(request: StaffRequest) -> str:
    """Return the filters of the page from which a form came; written anew, so that they can be no address."""
    return QueryDict(request.POST.get("back", "")).urlencode()


def _back(request: StaffRequest, pk: int) -> str:
    """Return where a pairing was made: the page of key groups as it was filtered, or the dossier."""
    if request.POST.get("from") == "care":
        return f"{reverse('residents:key_groups')}?{_query(request)}"
    return reverse("residents:detail", args=[pk])
