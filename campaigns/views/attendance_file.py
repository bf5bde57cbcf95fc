"""Who was there, from an office's file: looked through first, then entered."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from accounts.roles import Duty
from accounts.views.presses import answer, carry_out
from campaigns import services
from campaigns.forms.logging import CameFileForm, CameForm
from campaigns.importers import read_came
from campaigns.models import Event, who_may_come
from campaigns.policy import TouchSource
from campaigns.views.common import show
from campaigns.views.logging import find_event, named, open_names
from residents.access import StaffRequest, on_duty
from sheets.reading import FileRefusedError


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def came_file(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a file with names and show whom each row means; what was looked through comes back to be entered."""
    event = find_event(request, pk)
    if "resident" in request.POST:
        return _enter(request, event)
    form = CameFileForm(request.POST, request.FILES) if request.method == "POST" else CameFileForm()
    context: dict[str, Any] = {"form": form, "event": event}
    if form.is_valid():
        open_names(request, event)
        context |= _looked_through(request, event, form)
    return show(request, "came_file", context)


def _looked_through(request: StaffRequest, event: Event, form: CameFileForm) -> dict[str, Any]:
    try:
        rows = read_came(form.cleaned_data["file"], who_may_come(named(request), event))
    except FileRefusedError as error:
        form.add_error("file", str(error))
        return {}
    return {
        "known": [row for row in rows if row.resident is not None],
        "unknown": [row for row in rows if row.resident is None],
        "is_read": True,
    }


def _enter(request: StaffRequest, event: Event) -> HttpResponse:
    form = CameForm(request.POST)
    keys = form.cleaned_data["resident"] if form.is_valid() else []
    chosen = list(who_may_come(named(request), event).filter(pk__in=keys))

    def verb() -> str:
        new = services.tick(event, chosen, by=request.user, now=database_now(), source=TouchSource.FILE)
        return ngettext("{count} resident entered.", "{count} residents entered.", new).format(count=new)

    return answer(request, carry_out(request, verb), url=reverse("campaigns:came", args=[event.pk]))
