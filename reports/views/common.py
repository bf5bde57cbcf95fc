"""What the pages of reports share."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from accounts.clock import today
from accounts.roles import Duty
from reports.screens.ranking import Where, where_of
from reports.services import ReportsError
from residents.access import StaffRequest
from residents.models import Area
from residents.models.areas import AreaQuerySet


def show(request: StaffRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Show a page of reports."""
    return render(request, f"reports/{template}.html", context, status=status)


def done(form: forms.Form, verb: Callable[[], None], *, request: StaffRequest, said: str) -> bool:
    """Carry out a verb where the form is right, and say so; a refusal is said in the form."""
    if not form.is_valid():
        return False
    try:
        verb()
    except ReportsError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, said)
    return True


def where_asked(request: StaffRequest) -> Where:
    """Return the area and the year that the address asks for; the first there is for what is none."""
    asked = request.GET
    return where_of(request.user, area=asked.get("area", ""), year=asked.get("year", ""), on=today())


def communities_of(request: StaffRequest, duty: Duty) -> AreaQuerySet:
    """Return the communities where this person has a duty today."""
    return Area.objects.communities().visible_to(request.user, duty=duty, on=today())
