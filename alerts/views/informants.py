"""Informants: the form that their own link opens, and the page where a manager makes links and takes them back."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.backends import from_where
from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.views.patience import counted
from accounts.views.pictures import show_picture
from accounts.views.presses import answer_wrong, wants_json
from alerts import services
from alerts.forms import InformForm
from alerts.models import InformantLink, Observation
from alerts.screens.informants import answers, cards_of, informants, posts_of_informants
from alerts.services import AlertError
from alerts.tasks import wake_engine
from alerts.views.common import answer_press, find
from residents.access import StaffRequest, on_duty

MOST_FROM_A_LINK = 10
"""Presses a minute: nobody sees more in a stairwell."""

MOST_WRONG_KEYS = 30
"""A minute from one address. Keys have 256 bits and are not found by trying; who tries is kept from asking."""


@login_not_required
@never_cache
@csrf_exempt  # the key in the address is the whole authority; a session gives none (docs/decisions/informants-links.md)
@require_http_methods(["GET", "HEAD", "POST"])
def inform(request: HttpRequest, token: str) -> HttpResponse:
    """Let an informant say what they saw, and show what became of what they said before."""
    link = services.link_of(token, on=today())
    if link is None:
        if counted(f"inform.wrong.{from_where(request)}") > MOST_WRONG_KEYS:
            return HttpResponse(status=429)
        raise Http404
    if request.method != "POST":
        return _page(request, link, InformForm(initial={"press": uuid4()}))
    form = InformForm(request.POST, request.FILES)
    if counted(f"inform.{link.pk}") > MOST_FROM_A_LINK:
        form.add_error(None, _("That was a lot at once. Wait a minute, then press once more."))
        return _refused(request, link, form, status=429)
    if not form.is_valid():
        return _refused(request, link, form, status=422)
    return _taken_in(request, link, form)


def _taken_in(request: HttpRequest, link: InformantLink, form: InformForm) -> HttpResponse:
    cleaned = form.cleaned_data
    try:
        services.report(
            link, press=cleaned["press"], seen=form.seen, now=database_now(), pressed_at=cleaned["pressed_at"]
        )
    except AlertError as error:
        form.add_error(None, str(error))
        return _refused(request, link, form, status=409)
    wake_engine()
    said = _("Received. The grid has it now. Thank you!")
    if wants_json(request):
        return JsonResponse({"ok": True, "message": said, "url": request.path})
    return redirect(f"{request.path}?sent=1")


def _refused(request: HttpRequest, link: InformantLink, form: InformForm, *, status: int) -> HttpResponse:
    if wants_json(request):
        refused = answer_wrong(request, form)
        refused.status_code = status
        return refused
    return _page(request, link, form, status=status if status == 429 else 200)


def _page(request: HttpRequest, link: InformantLink, form: InformForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "answers": answers(link, now=database_now()),
        "is_sent": "sent" in request.GET and not form.is_bound,
    }
    return render(request, "alerts/inform.html", context, status=status)


@require_safe
@on_duty(Duty.APPOINT)
def list_(request: StaffRequest) -> HttpResponse:
    """Show informants, whether they have a link, and what their reports came to."""
    rows = informants(request.user, on=today())
    without = sum(row.link is None and row.is_placed for row in rows)
    return render(request, "alerts/informants.html", {"rows": rows, "without": without})


@require_POST
@on_duty(Duty.APPOINT)
def cards(request: StaffRequest) -> HttpResponse:
    """Make links and show their cards, once: of one informant, or of all who have none."""
    asked = request.POST.get("who", "")
    now, made = database_now(), []
    try:
        for post in posts_of_informants(request.user, on=today()):
            has_one = InformantLink.objects.valid().held_by(post.user_id, post.area_id).exists()
            if str(post.pk) == asked or (asked == "all" and not has_one):
                link, token = services.make_link(post.user, post.area, by=request.user, now=now)
                made.append((link, request.build_absolute_uri(reverse("alerts:inform", args=[token]))))
    except AlertError as error:
        messages.error(request, str(error))
    if not made:
        return redirect("alerts:informants")
    page = render(request, "alerts/informant_cards.html", {"cards": cards_of(made)})
    page["Cache-Control"] = "private, no-store"
    return page


@require_POST
@on_duty(Duty.APPOINT)
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Make a link useless from this moment."""
    links = InformantLink.objects.visible_to(request.user, on=today()).select_related("informant", "area")
    link = get_object_or_404(links, pk=pk)
    services.revoke_link(link, by=request.user, now=database_now())
    messages.success(request, _("{person}'s card opens nothing any more.").format(person=link.informant))
    return redirect("alerts:informants")


def _reported(request: StaffRequest, pk: int, duty: Duty) -> Observation:
    return get_object_or_404(Observation.objects.select_related("alert"), alert=find(request, pk, duty))


@require_safe
@on_duty(Duty.SEE_ALERTS)
def photo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Hand an informant's photo to who may see the alert."""
    return show_picture(_reported(request, pk, Duty.SEE_ALERTS).photo, name=f"report-{pk}")


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def thank(request: StaffRequest, pk: int) -> HttpResponse:
    """Thank the informant from whom the alert came."""
    reported = _reported(request, pk, Duty.HANDLE_ALERTS)

    def verb() -> str:
        services.thank(reported, by=request.user, now=database_now())
        return _("Thanked. They see it on their page and in their messages.")

    return answer_press(request, reported.alert, verb)
