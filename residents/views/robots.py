"""The robots of groups: set up, changed, tried by whoever keeps the place."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.services import RefusedError
from notifications.models import Channel
from notifications.services import add_robot, change_robot, said_of_test, try_channel
from residents.access import StaffRequest, on_duty
from residents.forms.robots import RobotForm
from residents.models import Level
from residents.screens.areas import areas_of, choices_of
from residents.screens.robots import drawn, robots_of, tests_shown


@never_cache
@require_safe
@on_duty(Duty.APPOINT)
def robots(request: StaffRequest) -> HttpResponse:
    """Show the robots of one's places, whether they work and how long one waits for them."""
    found = drawn(robots_of(request.user, on=today()), now=database_now())
    return render(request, "residents/robots.html", {"robots": found})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.APPOINT)
def robot_new(request: StaffRequest) -> HttpResponse:
    """Set up a robot."""
    initial = {"is_active": True, "mention": True, "area": request.GET.get("area", "")}
    form = RobotForm(request.POST or None, areas=_places(request), initial=initial)
    if form.is_valid():
        try:
            added = add_robot(**form.settings, by=request.user, now=database_now())
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("Saved. Send a test now, and look whether it is in the group."))
            return redirect("residents:robot", added.pk)
    return render(request, "residents/robot.html", {"form": form, "robot": None})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.APPOINT)
def robot(request: StaffRequest, pk: int) -> HttpResponse:
    """Show and change a robot; what it answered to the last tests."""
    found = _find(request, pk)
    initial = {
        "area": found.area_code,
        "name": found.name,
        "keyword": found.options.get("keyword", ""),
        "mention": bool(found.options.get("mention")),
        "is_active": found.is_active,
    }
    form = RobotForm(request.POST or None, areas=_places(request, found), robot=found, initial=initial)
    if form.is_valid():
        try:
            changed = change_robot(found, **form.settings, by=request.user, now=database_now())
        except RefusedError as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing was different."))
            return redirect("residents:robot", pk)
    (shown,) = drawn(robots_of(request.user, on=today()).filter(pk=pk), now=database_now())
    context = {"form": form, "robot": shown, "tests": tests_shown(found)}
    return render(request, "residents/robot.html", context)


@require_POST
@on_duty(Duty.APPOINT)
def robot_test(request: StaffRequest, pk: int) -> HttpResponse:
    """Have a robot say one sentence to its group, and tell what it answered."""
    found = _find(request, pk)
    try:
        answer = try_channel(found, by=request.user, now=database_now())
    except RefusedError as error:
        messages.warning(request, str(error))
    else:
        say = messages.error if answer else messages.success
        say(request, said_of_test(found, answer))
    return redirect("residents:robot", pk)


def _find(request: StaffRequest, pk: int) -> Channel:
    """Return a robot of one's places; a foreign one is a 404."""
    return get_object_or_404(robots_of(request.user, on=today()).without_secrets(), pk=pk)


def _places(request: StaffRequest, robot: Channel | None = None) -> list[Any]:
    """Return the places that somebody may give a robot, with that of one which speaks everywhere."""
    areas = areas_of(request.user, on=today()).exclude(level=Level.BUILDING)
    everywhere = [("", [("", str(_("everywhere")))])] if robot is not None and not robot.area_code else []
    return [*everywhere, *choices_of(areas)]
