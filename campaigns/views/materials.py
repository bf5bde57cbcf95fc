"""Materials: what is left of each, taking in, handing out, counting again."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from campaigns import services
from campaigns.forms.everyday import CountForm, MaterialForm, MoveForm
from campaigns.models import Material
from campaigns.screens.here import here_of, logs_at, planned_areas, plans_at
from campaigns.screens.materials import material_page, material_rows
from campaigns.services import OutreachError
from campaigns.views.common import show
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def materials(request: StaffRequest) -> HttpResponse:
    """Show a community's materials, what is short first."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    return show(request, "materials", {"here": here, "rows": material_rows(request.user, here, on=on)})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def material_new(request: StaffRequest) -> HttpResponse:
    """Add a material."""
    here = here_of(request.user, asked=request.GET.get("community", ""), on=today())
    form = _form(request, {"area": here.code, "is_kept": True})
    if form.is_valid() and (material := _kept(request, Material(), form)) is not None:
        messages.success(request, _("Added: {material}. Take in what there is.").format(material=material))
        return redirect("campaigns:material", material.pk)
    return show(request, "material_new", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_OUTREACH)
def material(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a material with all that came and went; change it."""
    material = _find(request, pk, Duty.PLAN_OUTREACH if request.method == "POST" else Duty.SEE_OUTREACH)
    initial = {"name": material.name, "kind": material.kind, "is_kept": material.is_kept, "area": material.area.code}
    form = _form(request, initial)
    if request.method == "POST" and form.is_valid() and _kept(request, material, form) is not None:
        messages.success(request, _("Saved."))
        return redirect("campaigns:material", pk)
    return _page(request, material, form=form)


def _page(request: StaffRequest, material: Material, **forms: Any) -> HttpResponse:
    """Show the page of a material, with the form that was refused as it was typed."""
    on, initial = today(), {"press": uuid4(), "on": today()}
    context = {
        "material": material,
        "page": material_page(material),
        "form": _form(request, {}),
        "take_in": MoveForm(initial=initial, prefix="in"),
        "hand_out": MoveForm(initial=initial, prefix="out"),
        "count": CountForm(initial={"press": uuid4()}, prefix="count"),
        "logs": logs_at(request.user, material.area.code, on=on),
        "plans": plans_at(request.user, material.area.code, on=on),
        **forms,
    }
    return show(request, "material", context, status=400 if any(form.errors for form in forms.values()) else 200)


def _find(request: StaffRequest, pk: int, duty: Duty) -> Material:
    materials = Material.objects.visible_to(request.user, on=today(), duty=duty).with_stock()
    return get_object_or_404(materials.select_related("area"), pk=pk)


def _form(request: StaffRequest, initial: dict[str, Any]) -> MaterialForm:
    areas = planned_areas(request.user, on=today(), are_communities_alone=True)
    return MaterialForm(request.POST or None, initial=initial, areas=areas)


def _kept(request: StaffRequest, material: Material, form: MaterialForm) -> Material | None:
    try:
        return services.keep_material(material, form.cleaned_data, by=request.user, now=database_now())
    except OutreachError as error:
        form.add_error(None, str(error))
        return None


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def take_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Take pieces in."""
    material = _find(request, pk, Duty.PLAN_OUTREACH)
    form = MoveForm(request.POST, prefix="in")
    moved = _moved(request, material, form, sign=1)
    return moved or _page(request, material, take_in=form, form=_of(request, material))


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def hand_out(request: StaffRequest, pk: int) -> HttpResponse:
    """Hand pieces out without an event."""
    material = _find(request, pk, Duty.LOG_OUTREACH)
    form = MoveForm(request.POST, prefix="out")
    moved = _moved(request, material, form, sign=-1)
    return moved or _page(request, material, hand_out=form, form=_of(request, material))


def _of(request: StaffRequest, material: Material) -> MaterialForm:
    """Return the form of a material as it stands, beside another that was refused."""
    initial = {"name": material.name, "kind": material.kind, "is_kept": material.is_kept, "area": material.area.code}
    areas = planned_areas(request.user, on=today(), are_communities_alone=True)
    return MaterialForm(initial=initial, areas=areas)


def _moved(request: StaffRequest, material: Material, form: MoveForm, *, sign: int) -> HttpResponse | None:
    if not form.is_valid():
        return None
    chosen = form.cleaned_data
    amount = sign * chosen.pop("number")
    try:
        services.move_stock(material, amount=amount, **chosen, by=request.user, now=database_now())
    except OutreachError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Written down."))
    return redirect("campaigns:material", material.pk)


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def count(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct the stock to what was counted."""
    material = _find(request, pk, Duty.PLAN_OUTREACH)
    form = CountForm(request.POST, prefix="count")
    if form.is_valid():
        try:
            made = services.count_stock(material, **form.cleaned_data, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Corrected.") if made else _("The list was right."))
            return redirect("campaigns:material", pk)
    return _page(request, material, count=form, form=_of(request, material))
