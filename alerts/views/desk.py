"""The duty desk: the board, typing in, placing, dispatching, voiding."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, local, today
from accounts.roles import Duty
from alerts.forms import EntryForm, PlaceForm, VoidForm
from alerts.screens.board import board
from alerts.screens.handover import page_of_shift
from alerts.screens.listing import desk_source
from alerts.screens.summary import begins_at, hours
from alerts.screens.summary import summary as summed_up
from alerts.screens.watching import Watch
from alerts.services import AlertError, ConflictError, dispatch_alert, receive_one, void_alert
from alerts.views.common import answer_press, find, pressed_at, seen, watched
from residents.access import StaffRequest, on_duty, scope_codes
from residents.models import Area


@require_safe
@on_duty(Duty.WATCH_DESK)
def desk(request: StaffRequest) -> HttpResponse:
    """Show the board; it refreshes itself. With ``?wall=1`` it is drawn for a large screen that nobody sits before."""
    alerts = seen(request, Duty.WATCH_DESK)
    return watched(
        request,
        Watch.of("desk", request.user, areas=scope_codes(request.user, Duty.WATCH_DESK, today())),
        page="alerts/wall.html" if "wall" in request.GET else "alerts/desk.html",
        fragment="alerts/_board.html",
        draw=lambda glance: {
            "board": board(alerts, user=request.user, beat=glance.pulse, now=glance.now),
            "entry": EntryForm(initial={"key": uuid4()}),
            "is_desk": True,
        },
    )


@require_safe
@on_duty(Duty.WATCH_DESK)
def summary(request: StaffRequest) -> HttpResponse:
    """Show what happened since a shift began; it prints on one sheet of paper or a few."""
    now = database_now()
    begins = begins_at(request.GET.get("from", ""), now=now)
    grids = Area.objects.visible_to(request.user, duty=Duty.WATCH_DESK, on=today()).grids()
    alerts = seen(request, Duty.WATCH_DESK)
    found = summed_up(alerts, grids=list(grids), viewer_id=request.user.pk, begins=begins, now=now)
    kept = page_of_shift(found)
    chosen = {"summary": found, "kept": kept, "hours": hours(now=now), "hour": local(begins).hour}
    return render(request, "alerts/summary.html", chosen)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.WATCH_DESK)
def create(request: StaffRequest) -> HttpResponse:
    """Take in an alert that came by telephone."""
    form = EntryForm(request.POST or None, initial={"key": uuid4()})
    if not form.is_valid():
        return render(request, "alerts/create.html", {"entry": form})
    codes = scope_codes(request.user, Duty.WATCH_DESK, today())
    area_code = codes[0] if codes and len(codes) == 1 else ""
    message = form.incoming(area_code=area_code)
    try:
        receipt = receive_one(desk_source(), message, now=database_now(), by=request.user)
    except ConflictError:
        form.add_error(None, _("This was entered already; what you changed since is not in it. Enter it anew."))
        return render(request, "alerts/create.html", {"entry": form})
    messages.success(request, _("Entered. The clock is running: dispatch it."))
    return redirect("alerts:desk") if receipt.alert and receipt.alert.is_open else redirect("alerts:list")


@require_POST
@on_duty(Duty.WATCH_DESK)
def dispatch(request: StaffRequest, pk: int) -> HttpResponse:
    """Push an alert to its grid; one that could not be placed, to the grid chosen."""
    alert = find(request, pk, Duty.WATCH_DESK)

    def verb() -> str:
        done = dispatch_alert(
            alert, by=request.user, now=database_now(), grid=chosen_grid(request), from_where=pressed_at(request)
        )
        return _("Dispatched to {grid}; {person} has it now.").format(
            grid=done.grid, person=done.holder or _("nobody yet")
        )

    return answer_press(request, alert, verb)


def chosen_grid(request: StaffRequest) -> Area | None:
    """Return the grid that was chosen, if one was asked for. Raises ``AlertError`` for none of this desk's."""
    if "grid" not in request.POST:
        return None
    mine = Area.objects.visible_to(request.user, duty=Duty.WATCH_DESK, on=today()).grids()
    form = PlaceForm(request.POST, grids=mine.values_list("pk", "name"))
    if not form.is_valid():
        raise AlertError(_("Choose a grid first."))
    return mine.get(pk=form.cleaned_data["grid"])


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.WATCH_DESK)
def void(request: StaffRequest, pk: int) -> HttpResponse:
    """End an alert that never was one."""
    alert = find(request, pk, Duty.WATCH_DESK)
    form = VoidForm(request.POST or None)
    if form.is_valid():
        try:
            void_alert(alert, reason=form.words, by=request.user, now=database_now(), from_where=pressed_at(request))
        except AlertError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Voided."))
            return redirect("alerts:desk")
    return render(request, "alerts/void.html", {"form": form, "alert": alert})
