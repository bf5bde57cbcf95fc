"""The page of one alert, and what is pressed on it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.models import User
from accounts.roles import Duty
from accounts.views.presses import KEEP, answer, answer_wrong, carry_out, may_be_kept, wants_json
from alerts.forms import CloseForm, DeedForm, ExcuseForm, HandOverForm, HelpForm
from alerts.models import Alert
from alerts.policy import Deed
from alerts.screens.alert import REASONS, SPOKEN_TO, alert_page, version
from alerts.screens.card import with_card_rows
from alerts.services import (
    AlertError,
    accept_alert,
    ask_for_help,
    close_alert,
    excuse_confirmation,
    hand_over_alert,
    record_deed,
)
from alerts.views.common import (
    answer_press,
    are_numbers_open,
    find,
    is_ones_own,
    live,
    open_numbers,
    pressed_at,
    seen,
    time_of_press,
)
from residents.access import StaffRequest, on_duty
from residents.models import Area


@require_safe
@on_duty(Duty.SEE_ALERTS)
def detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Show all about one alert; it refreshes itself."""
    now = database_now()
    alerts = with_card_rows(seen(request, Duty.SEE_ALERTS)).prefetch_related("resident__family_contacts")
    alert = get_object_or_404(alerts, pk=pk)
    opened = are_numbers_open(request, alert)
    grids = Area.objects.visible_to(request.user, duty=Duty.WATCH_DESK, on=today()).grids()
    page = live(
        request,
        page="alerts/detail.html",
        fragment="alerts/_alert.html",
        version=version(alert, user=request.user, are_numbers_open=opened, now=now),
        now=now,
        draw=lambda: {
            "page": alert_page(
                alert,
                user=request.user,
                grids=list(grids.values_list("pk", "name")) if alert.is_unplaced else [],
                are_numbers_open=opened,
                now=now,
            )
        },
    )
    return may_be_kept(page) if KEEP in request.headers and is_ones_own(alert, request.user) else page


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def accept(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an alert on. Who does needs the name and the numbers: they open with it, and that is written down."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)

    def verb() -> str:
        now = database_now()
        accept_alert(
            alert,
            by=request.user,
            now=now,
            pressed_at=time_of_press(request, alert, now=now),
            from_where=pressed_at(request),
        )
        open_numbers(request, alert, now=now)
        return _("It is yours. Call now.")

    return answer_press(request, alert, verb)


@require_POST
@on_duty(Duty.SEE_ALERTS)
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Open the name and the phone numbers; it is written down who did."""
    alert = find(request, pk, Duty.SEE_ALERTS)

    def verb() -> str:
        open_numbers(request, alert, now=database_now())
        return _("Name and numbers are open; it is written down.")

    return answer_press(request, alert, verb)


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def deed(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down one thing that was done or tried."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)
    form = DeedForm(request.POST)

    def verb() -> str:
        if not form.is_valid():
            raise AlertError(_("This step is not known; reload the page."))
        done = Deed(form.cleaned_data["deed"])
        now = database_now()
        record_deed(
            alert,
            deed=done,
            by=request.user,
            now=now,
            done_at=time_of_press(request, alert, now=now),
            from_where=pressed_at(request),
        )
        return _("Recorded: {deed}").format(deed=done.label)

    return answer_press(request, alert, verb)


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def excuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down why a confirmation is impossible."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)
    form = ExcuseForm(request.POST)

    def verb() -> str:
        if not form.is_valid():
            raise AlertError(_("This step is not known; reload the page."))
        now = database_now()
        excuse_confirmation(
            alert,
            confirmation=form.cleaned_data["confirmation"],
            reason=form.words,
            by=request.user,
            now=now,
            pressed_at=time_of_press(request, alert, now=now),
            from_where=pressed_at(request),
        )
        return _("The reason is recorded.")

    return answer_press(request, alert, verb)


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand an alert to somebody of its team, or to whoever is free next."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)
    form = HandOverForm(request.POST)

    def verb() -> str:
        if not form.is_valid():
            raise AlertError(_("Choose to whom; reload the page if the list is empty."))
        to = form.cleaned_data["to"]
        handed = hand_over_alert(
            alert,
            by=request.user,
            now=database_now(),
            to=User.objects.filter(pk=to).first() if to else None,
            reason=form.cleaned_data["reason"].strip(),
            from_where=pressed_at(request),
        )
        if handed.holder_id in (None, alert.holder_id):
            raise AlertError(_("Nobody else is free; it stays where it is, and the desk was told."))
        return _("Handed to {person}, who has yet to accept.").format(person=handed.holder)

    return answer_press(request, alert, verb)


@require_POST
@on_duty(Duty.HANDLE_ALERTS)
def help_(request: StaffRequest, pk: int) -> HttpResponse:
    """Bring in the partner or the grid leader, or say that 110 was called."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)
    form = HelpForm(request.POST)

    def verb() -> str:
        if not form.is_valid():
            raise AlertError(_("This step is not known; reload the page."))
        now = database_now()
        ask_for_help(
            alert,
            by=request.user,
            now=now,
            whom=form.help,
            pressed_at=time_of_press(request, alert, now=now),
            from_where=pressed_at(request),
        )
        return _("Help is called.")

    return answer_press(request, alert, verb)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.HANDLE_ALERTS)
def close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close an alert with what really happened; whatever is still missing is asked for here."""
    alert = find(request, pk, Duty.HANDLE_ALERTS)
    form = CloseForm(
        request.POST or None,
        alert=alert,
        reasons=dict(REASONS),
        spoken_to=dict(SPOKEN_TO),
        outcome=request.GET.get("outcome", ""),
    )
    if form.is_valid():
        said = carry_out(request, lambda: _close(request, alert, form))
        if wants_json(request) or not said.is_refused:
            return answer(request, said, url=reverse("alerts:detail", args=[pk]))
        form.add_error(None, said.words)
    elif form.is_bound and wants_json(request):
        return answer_wrong(request, form)
    if KEEP not in request.headers:
        return render(request, "alerts/close.html", {"form": form, "alert": alert})
    page = render(request, "alerts/close.html", {"form": form, "alert": alert, "messages": []})
    return may_be_kept(page) if is_ones_own(alert, request.user) else page


def _close(request: StaffRequest, alert: Alert, form: CloseForm) -> str:
    now = database_now()
    at = time_of_press(request, alert, now=now)
    for done in form.deeds:
        record_deed(alert, deed=done, by=request.user, now=now, done_at=at, from_where=pressed_at(request))
    close_alert(alert, ending=form.ending, by=request.user, now=now, pressed_at=at, from_where=pressed_at(request))
    return _("Closed: {outcome}.").format(outcome=form.outcome_word)
