"""The tree of areas, and what can be done about one of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from residents.access import StaffRequest, administrators_alone, may, on_duty
from residents.forms.places import NameForm, NewAreaForm
from residents.models import Area, Level
from residents.screens.areas import aliases_of, areas_of, level_below, tree_of
from residents.screens.facts import facts_of
from residents.services import (
    ResidentsError,
    add_alias,
    add_area,
    next_code,
    remove_alias,
    remove_area,
    rename_area,
)


@require_safe
@on_duty(Duty.APPOINT)
def areas(request: StaffRequest) -> HttpResponse:
    """Show the tree of areas one keeps, with their other names."""
    context = {"tree": tree_of(request.user, on=today()), "new": NewAreaForm(initial={"code": ""})}
    return render(request, "residents/areas.html", context)


@require_safe
@on_duty(Duty.APPOINT)
def area(request: StaffRequest, code: str) -> HttpResponse:
    """Show one area: its names, what lies below it, and what can be done."""
    return _area_page(request, _find(request, code))


@require_POST
@administrators_alone
def add_district(request: StaffRequest) -> HttpResponse:
    """Add an area at the top of the tree."""
    form = NewAreaForm(request.POST)
    if form.is_valid():
        try:
            added = add_area(above=None, level=Level.DISTRICT, by=request.user, now=database_now(), **form.cleaned_data)
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Added: {area}.").format(area=added))
            return redirect("residents:area", added.code)
    return render(request, "residents/areas.html", {"tree": tree_of(request.user, on=today()), "new": form})


@require_POST
@on_duty(Duty.APPOINT)
def add(request: StaffRequest, code: str) -> HttpResponse:
    """Add an area below one."""
    above = _find(request, code)
    form, level = NewAreaForm(request.POST, prefix="new"), level_below(above)
    if level is not None and form.is_valid():
        try:
            added = add_area(above=above, level=level, by=request.user, now=database_now(), **form.cleaned_data)
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Added: {area}.").format(area=added))
            return redirect("residents:area", above.code)
    return _area_page(request, above, new=form)


@require_POST
@on_duty(Duty.APPOINT)
def rename(request: StaffRequest, code: str) -> HttpResponse:
    """Give an area another name; the old one stays as an alias."""
    renamed = _find(request, code)
    form = NameForm(request.POST, prefix="name")
    if form.is_valid():
        try:
            rename_area(renamed, name=form.cleaned_data["name"], by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. The old name still finds it."))
            return redirect("residents:area", renamed.code)
    return _area_page(request, renamed, name=form)


@require_POST
@on_duty(Duty.APPOINT)
def alias(request: StaffRequest, code: str) -> HttpResponse:
    """Give an area one more name."""
    named = _find(request, code)
    form = NameForm(request.POST, prefix="alias")
    if form.is_valid():
        try:
            add_alias(named, name=form.cleaned_data["name"], by=request.user, now=database_now())
        except ResidentsError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("residents:area", named.code)
    return _area_page(request, named, alias=form)


@require_POST
@on_duty(Duty.APPOINT)
def drop_alias(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one of an area's other names away."""
    dropped = get_object_or_404(aliases_of(request.user, on=today()), pk=pk)
    remove_alias(dropped, by=request.user, now=database_now())
    messages.success(request, _("Removed: {name}.").format(name=dropped))
    return redirect("residents:area", dropped.area.code)


@require_POST
@on_duty(Duty.APPOINT)
def remove(request: StaffRequest, code: str) -> HttpResponse:
    """Remove an area that was added by mistake, or say what stands in the way."""
    removed = _find(request, code)
    above = removed.parent
    try:
        remove_area(removed, by=request.user, now=database_now())
    except ResidentsError as error:
        messages.error(request, str(error))
        return redirect("residents:area", code)
    messages.success(request, _("Removed: {name}.").format(name=removed))
    return redirect("residents:area", above.code) if above and _keeps(request, above) else redirect("residents:areas")


def _find(request: StaffRequest, code: str) -> Area:
    """Return an area one keeps; a foreign one is a 404."""
    return get_object_or_404(areas_of(request.user, on=today()).select_related("parent"), code=code)


def _keeps(request: StaffRequest, area: Area) -> bool:
    return may(request.user, Duty.APPOINT, area.code, today())


def _area_page(request: StaffRequest, shown: Area, **bound: Any) -> HttpResponse:
    """Draw an area's page; forms that were refused come bound."""
    below = level_below(shown)
    context = {
        "area": shown,
        "facts": facts_of(shown, user=request.user, on=today()),
        "children": shown.children.prefetch_related("aliases").order_by("code"),
        "aliases": shown.aliases.all(),
        "level_below": below.label if below else "",
        "above": shown.parent if shown.parent is not None and _keeps(request, shown.parent) else None,
        "name": bound.get("name") or NameForm(prefix="name", initial={"name": shown.name}),
        "alias": bound.get("alias") or NameForm(prefix="alias"),
        "new": bound.get("new") or NewAreaForm(prefix="new", initial={"code": next_code(shown)}),
    }
    return render(request, "residents/area.html", context)
