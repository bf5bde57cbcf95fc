"""The duty roster: the week, one's own shifts, swaps; for who keeps it single shifts, rotations, holidays, files."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, local, today
from accounts.formats import day
from accounts.roles import Duty
from accounts.services import RefusedError
from accounts.views.presses import answer, carry_out
from alerts import services
from alerts.exports import roster_workbook
from alerts.forms import (
    HolidayForm,
    HoursForm,
    LastDayForm,
    RotationForm,
    ShiftForm,
    SpanForm,
    SwapForm,
    WeekForm,
)
from alerts.models import Holiday, Rotation, Shift, Swap
from alerts.policy import Turn
from alerts.screens.roster import (
    communities_of,
    mine_of,
    offers_for,
    people_known_to,
    places_of,
    rotations_of,
    shift_page,
    shifts_to_find,
    week_of,
    week_url,
)
from residents.access import StaffRequest, on_duty
from residents.models import Area
from residents.screens.posts import suggested
from sheets.views import download


@require_safe
@on_duty(Duty.SEE_ALERTS)
def roster(request: StaffRequest) -> HttpResponse:
    """Show a community's roster of a week; it prints on one sheet of A4, and hangs on the wall."""
    now = database_now()
    communities = communities_of(request.user, on=today())
    if not communities:
        return render(request, "alerts/roster.html", {"week": None})
    form = WeekForm(request.GET, communities=[(one.code, one.name) for one in communities])
    code, on = form.chosen(otherwise=(communities[0].code, today()))
    community = next(one for one in communities if one.code == code)
    context = {"form": form, "week": week_of(community, user=request.user, at=on, now=now), "many": communities[1:]}
    return render(request, "alerts/roster.html", context)


@require_safe
@on_duty(Duty.SEE_ALERTS)
def my_shifts(request: StaffRequest) -> HttpResponse:
    """Show one's own next shifts and the swaps one has a part in."""
    return render(request, "alerts/my_shifts.html", {"mine": mine_of(request.user, now=database_now())})


@require_safe
@on_duty(Duty.SEE_ALERTS)
def shift(request: StaffRequest, pk: int) -> HttpResponse:
    """Show one shift, and what can be done about it."""
    found = _find(request, pk)
    return _shift_page(request, found)


def _find(request: StaffRequest, pk: int) -> Shift:
    return get_object_or_404(shifts_to_find(request.user, on=today()), pk=pk)


def _kept(request: StaffRequest, pk: int) -> Shift:
    """Return a shift of a roster one keeps; a foreign one is a 404."""
    kept = Shift.objects.visible_to(request.user, on=today(), duty=Duty.KEEP_DUTY_ROSTER)
    return get_object_or_404(kept.select_related("area", "user", "stands_in_for"), pk=pk)


def _shift_page(
    request: StaffRequest, found: Shift, *, give: HoursForm | None = None, ask: SwapForm | None = None
) -> HttpResponse:
    now = database_now()
    page = shift_page(found, user=request.user, now=now)
    context: dict[str, Any] = {"page": page, "is_wrong": give is not None or ask is not None}
    if page.may_change:
        people = people_known_to(request.user, on=today())
        hours = {"starts_at": local(found.starts_at), "ends_at": local(found.ends_at)}
        context["give"] = give or HoursForm(people=people, initial=hours)
        context["people"] = suggested(people)
    if page.may_ask:
        context["ask"] = ask or SwapForm(offers=offers_for(found, now=now))
    status = 400 if context["is_wrong"] else 200
    return render(request, "alerts/shift.html", context, status=status)


@require_POST
@on_duty(Duty.KEEP_DUTY_ROSTER)
def give(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a shift, or some of its hours, to somebody else."""
    found = _kept(request, pk)
    form = HoursForm(request.POST, people=people_known_to(request.user, on=today()))
    if form.is_valid():
        person = form.cleaned_data["person"]
        try:
            services.give_hours(found, to=person, hours=form.hours, by=request.user, now=database_now())
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("{person} has these hours now.").format(person=person))
            return redirect(_week_with(found))
    return _shift_page(request, found, give=form)


@require_POST
@on_duty(Duty.KEEP_DUTY_ROSTER)
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a shift out of the roster."""
    found = _kept(request, pk)
    where = _week_with(found)

    def verb() -> str:
        services.remove_shift(found, by=request.user, now=database_now())
        return _("Taken out. Nobody has these hours unless somebody else is entered.")

    return answer(request, carry_out(request, verb), url=where)


def _week_with(found: Shift) -> str:
    return week_url(found.area, local(found.starts_at).date())


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_DUTY_ROSTER)
def add(request: StaffRequest) -> HttpResponse:
    """Enter one shift."""
    people = people_known_to(request.user, on=today())
    places = places_of(request.user, on=today())
    form = ShiftForm(request.POST or None, places=places, people=people, initial={"place": request.GET.get("place")})
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            made = services.add_shift(
                form.area,
                kind=form.kind,
                user=chosen["person"],
                hours=form.hours,
                name=chosen["name"],
                by=request.user,
                now=database_now(),
            )
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Entered: {person}.").format(person=made.user))
            return redirect(_week_with(made))
    context = {"form": form, "people": suggested(people)}
    return render(request, "alerts/shift_new.html", context, status=400 if form.errors else 200)


# ── swaps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_POST
@on_duty(Duty.SEE_ALERTS)
def swap(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask somebody to take one's shift."""
    found = get_object_or_404(Shift.objects.of(request.user).select_related("area", "user", "stands_in_for"), pk=pk)
    now = database_now()
    form = SwapForm(request.POST, offers=offers_for(found, now=now))
    if form.is_valid():
        try:
            asked = services.ask_swap(
                found, of=form.of, back=form.back, note=form.cleaned_data["note"], by=request.user, now=now
            )
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            said = _("{person} is asked. The shift stays yours until they agree.").format(person=asked.asked_of)
            messages.success(request, said)
            return redirect("alerts:my_shifts")
    if not shift_page(found, user=request.user, now=now).may_ask:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("alerts:shift", pk)
    return _shift_page(request, found, ask=form)


@require_POST
@on_duty(Duty.SEE_ALERTS)
def swap_accept(request: StaffRequest, pk: int) -> HttpResponse:
    """Agree to take a shift."""
    return _press_swap(request, pk, services.accept_swap, _("Agreed. The roster is changed, and both are told."))


@require_POST
@on_duty(Duty.SEE_ALERTS)
def swap_decline(request: StaffRequest, pk: int) -> HttpResponse:
    """Say no to a swap."""
    return _press_swap(request, pk, services.decline_swap, _("Declined. The shift stays as it is."))


@require_POST
@on_duty(Duty.SEE_ALERTS)
def swap_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back what one asked."""
    return _press_swap(request, pk, services.withdraw_swap, _("Taken back. The shift stays yours."))


def _press_swap(request: StaffRequest, pk: int, verb: Callable[..., Swap], said: str) -> HttpResponse:
    found = get_object_or_404(Swap.objects.of(request.user), pk=pk)

    def press() -> str:
        verb(found, by=request.user, now=database_now())
        return said

    return answer(request, carry_out(request, press), url=reverse("alerts:my_shifts"))


# ── what repeats, and days off ──────────────────────────────────────────────────────────────────────────────────────


@require_safe
@on_duty(Duty.KEEP_DUTY_ROSTER)
def rotations(request: StaffRequest) -> HttpResponse:
    """Show the rotations and the holidays of the rosters one keeps."""
    return _rotations(request, HolidayForm(areas=_areas_of_holidays(request)))


def _rotations(request: StaffRequest, form: HolidayForm) -> HttpResponse:
    holidays = Holiday.objects.between(today(), today().replace(year=today().year + 2, day=1))
    mine = Holiday.objects.visible_to(request.user, on=today())
    seen = holidays.shown_to(request.user, on=today())
    communities = communities_of(request.user, on=today(), duty=Duty.KEEP_DUTY_ROSTER)
    context = {
        "rows": rotations_of(request.user, on=today()),
        "holidays": seen.select_related("area").order_by("on")[:100],
        "removable": set(mine.values_list("pk", flat=True)),
        "form": form,
        "communities": communities,
    }
    return render(request, "alerts/rotations.html", context, status=400 if form.errors else 200)


def _areas_of_holidays(request: StaffRequest) -> list[tuple[str, str]]:
    communities = communities_of(request.user, on=today(), duty=Duty.KEEP_DUTY_ROSTER)
    everywhere = [("", _("everywhere"))] if request.user.is_superuser else []
    return [*everywhere, *((one.code, one.name) for one in communities)]


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_DUTY_ROSTER)
def rotation_new(request: StaffRequest) -> HttpResponse:
    """Begin a rotation."""
    initial = {
        "place": request.GET.get("place"),
        "days": "daily",
        "turn": Turn.DATE,
        "at_once": 1,
        "first_on": today(),
        "starts": "08:00",
        "ends": "20:00",
    }
    places = places_of(request.user, on=today())
    form = RotationForm(request.POST or None, places=places, on=today(), initial=initial)
    pattern = form.pattern() if form.is_valid() else None
    if pattern is not None:
        try:
            _rotation, made = services.begin_rotation(pattern, by=request.user, now=database_now())
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _said_of(made))
            return redirect(f"{reverse('alerts:roster')}?area={pattern.area.community_code}")
    return render(request, "alerts/rotation_new.html", {"form": form}, status=400 if form.errors else 200)


def _said_of(made: services.Made) -> str:
    words = ngettext("{number} shift was made.", "{number} shifts were made.", made.shifts).format(number=made.shifts)
    left = ngettext(
        "{number} stays open: its person has other hours then.",
        "{number} stay open: their people have other hours then.",
        made.left_open,
    ).format(number=made.left_open)
    return f"{words} {left}" if made.left_open else words


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.KEEP_DUTY_ROSTER)
def rotation_stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop a rotation after a day."""
    mine = Rotation.objects.visible_to(request.user, on=today()).select_related("area")
    found = get_object_or_404(mine, pk=pk)
    form = LastDayForm(request.POST or None, initial={"last_on": today()})
    if form.is_valid():
        last_on = form.cleaned_data["last_on"]
        gone = services.stop_rotation(found, last_on=last_on, by=request.user, now=database_now())
        words = ngettext(
            "The last day is {day}. {number} later shift was taken out.",
            "The last day is {day}. {number} later shifts were taken out.",
            gone,
        )
        messages.success(request, words.format(day=day(last_on), number=gone))
        return redirect("alerts:rotations")
    context = {"form": form, "rotation": found}
    return render(request, "alerts/rotation_stop.html", context, status=400 if form.errors else 200)


@require_POST
@on_duty(Duty.KEEP_DUTY_ROSTER)
def holiday_add(request: StaffRequest) -> HttpResponse:
    """Enter a day off."""
    form = HolidayForm(request.POST, areas=_areas_of_holidays(request))
    if form.is_valid():
        chosen = form.cleaned_data
        if form.place is None and not request.user.is_superuser:
            form.add_error("area", _("Choose the community."))
            return _rotations(request, form)
        try:
            services.add_holiday(
                on=chosen["on"], name=chosen["name"], area=form.place, by=request.user, now=database_now()
            )
        except RefusedError as error:
            form.add_error("on", str(error))
        else:
            messages.success(request, _("Entered: {day}.").format(day=day(chosen["on"])))
            return redirect("alerts:rotations")
    return _rotations(request, form)


@require_POST
@on_duty(Duty.KEEP_DUTY_ROSTER)
def holiday_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a day off out of the list."""
    mine = Holiday.objects.visible_to(request.user, on=today()).select_related("area")
    found = get_object_or_404(mine, pk=pk)
    services.remove_holiday(found, by=request.user, now=database_now())
    messages.success(request, _("Taken out of the holidays: {day}.").format(day=day(found.on)))
    return redirect("alerts:rotations")


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@on_duty(Duty.KEEP_DUTY_ROSTER)
def roster_file(request: StaffRequest) -> HttpResponse:
    """Hand a community's roster of some days out as a workbook, as offices keep it; it comes in again unchanged."""
    communities = communities_of(request.user, on=today(), duty=Duty.KEEP_DUTY_ROSTER)
    form = SpanForm(request.GET, communities=[(one.code, one.name) for one in communities])
    if not form.is_valid():
        messages.error(request, _("Choose a community of yours, and days within three months."))
        return redirect("alerts:roster")
    chosen = form.cleaned_data
    community = Area.objects.get(code=chosen["area"])
    shifts = Shift.objects.visible_to(request.user, on=today(), duty=Duty.KEEP_DUTY_ROSTER)
    content, rows = roster_workbook(shifts, community=community, first=chosen["since"], last=chosen["until"])
    services.record_roster_export(rows=rows, area=community, by=request.user, now=database_now())
    name = _("Duty roster {first} {last}.xlsx").format(first=chosen["since"], last=chosen["until"])
    return download(content, name=name)
