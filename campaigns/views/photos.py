"""Photos of events: sent, shown, removed; and paper lists that wait to be entered."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.pictures import show_picture
from accounts.views.presses import answer, carry_out
from campaigns import services
from campaigns.forms.logging import PhotosForm
from campaigns.models import EventPhoto
from campaigns.policy import PhotoKind
from campaigns.screens.log import logged, waiting_papers
from campaigns.views.common import show
from campaigns.views.logging import find_event
from residents.access import StaffRequest, on_duty


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def add_photos(request: StaffRequest, pk: int) -> HttpResponse:
    """Take photos of an event; what is no photo is said beside the field."""
    event = find_event(request, pk)
    form = PhotosForm(request.POST, request.FILES) if request.method == "POST" else PhotosForm()
    if form.is_valid():

        def verb() -> str:
            cleaned = form.cleaned_data
            made = services.add_photos(
                event,
                cleaned["photos"],
                kind=PhotoKind(cleaned["kind"]),
                caption=cleaned["caption"].strip(),
                by=request.user,
                now=database_now(),
            )
            return ngettext("{count} photo is kept.", "{count} photos are kept.", len(made)).format(count=len(made))

        return answer(request, carry_out(request, verb), url=reverse("campaigns:logged", args=[pk]))
    page = logged(event, request.user, on=today(), now=database_now())
    return show(request, "logged", {"page": page, "event": event, "form": form})


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def photo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand a photo to who may see the event; a paper list to who logs."""
    seen = get_object_or_404(EventPhoto.objects.visible_to(request.user, on=today()), pk=pk)
    return show_picture(seen.file, name=f"event-{seen.event_id}-{seen.pk}")


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def remove_photo(request: StaffRequest, pk: int) -> HttpResponse:
    """Remove a photo that shows what it should not."""
    seen = _logged_by(request, pk)

    def verb() -> str:
        services.remove_photo(seen, by=request.user, now=database_now())
        return _("The photo is removed.")

    return answer(request, carry_out(request, verb), url=reverse("campaigns:logged", args=[seen.event_id]))


def _logged_by(request: StaffRequest, pk: int) -> EventPhoto:
    photos = EventPhoto.objects.visible_to(request.user, on=today(), duty=Duty.LOG_OUTREACH)
    return get_object_or_404(photos.select_related("event__area"), pk=pk)


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def papers(request: StaffRequest) -> HttpResponse:
    """Show the paper lists that wait to be entered."""
    return show(request, "papers", {"papers": waiting_papers(request.user, on=today())})
