"""Who looked at personal data, what is kept for how long, and the sheet that a resident takes home."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.backends import from_where
from accounts.clock import database_now, today
from accounts.roles import Duty
from residents.access import StaffRequest, on_duty
from residents.forms.privacy import AccessFilterForm, HandedToForm
from residents.models import Resident
from residents.screens.access_log import KINDS, access_page
from residents.screens.retention import kept_days, retention_page
from residents.screens.sheet import sheet_of
from residents.services import record_sheet
from residents.views.common import is_shut


@require_safe
@on_duty(Duty.SEE_ACCESS)
def access_log(request: StaffRequest) -> HttpResponse:
    """Show who looked at personal data of one's areas, and who failed to log in."""
    form = AccessFilterForm(request.GET, kinds=[(kind.name, kind.label) for kind in KINDS])
    chosen = form.cleaned_data if form.is_valid() else {}
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "is_narrowed": bool(form.errors) or any(value for name, value in chosen.items() if name != "q"),
        "page": access_page(request.user, chosen, on=today(), number=request.GET.get("page", "")),
        "kept_days": kept_days(),
        "query": f"{query.urlencode()}&" if query else "",
    }
    return render(request, "residents/access_log.html", context)


@require_safe
@on_duty(Duty.SEE_ACCESS)
def retention(request: StaffRequest) -> HttpResponse:
    """Show what is kept for how long, what would be let go of today, and what was."""
    kept = retention_page(request.user, now=database_now(), on=today())
    return render(request, "residents/retention.html", {"kept": kept})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_RESIDENTS)
def sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask who is handed all that is kept of a resident, write it down, and show it for printing.

    A child's record first asks why, as on its page.
    """
    seen = Resident.objects.visible_to(request.user, on=today()).select_related("grid", "household")
    resident = get_object_or_404(seen, pk=pk)
    if is_shut(request, resident):
        return redirect("residents:detail", pk)
    form = HandedToForm(request.POST or None)
    if not form.is_valid():
        return render(request, "residents/sheet_ask.html", {"resident": resident, "form": form})
    now, handed_to = database_now(), form.cleaned_data["handed_to"]
    record_sheet(resident, handed_to=handed_to, by=request.user, now=now, from_where=from_where(request))
    context = {"sheet": sheet_of(resident), "handed_to": handed_to, "now": now}
    return render(request, "residents/sheet.html", context)
