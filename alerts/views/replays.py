"""Replays: a period's alerts under another policy or duty roster, before anything is switched on."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clock import database_now, today
from accounts.formats import milliseconds
from accounts.roles import Duty
from alerts.forms import ReplayForm
from alerts.models import PolicyVersion, Replay
from alerts.replay import RecordingError
from alerts.replay.files import Roster, read_policy, read_roster, steps_of_version
from alerts.replay.ordered import ends_of, order_replay
from alerts.screens.replays import places_of, replay_page, versions_to_try
from residents.access import StaffRequest, on_duty
from residents.models import Area
from sheets.tasks import wake_maker

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.REPLAY)
def replays(request: StaffRequest) -> HttpResponse:
    """Show the replays there are, and order one."""
    on = today()
    asked = request.POST if request.method == "POST" else None
    form = ReplayForm(
        asked,
        request.FILES or None,
        areas=places_of(request.user, Duty.REPLAY, on=on),
        versions=versions_to_try(),
        on=on,
        initial={"first": on.replace(day=1), "last": on},
    )
    if asked is not None and form.is_valid() and (made := _order(request, form)) is not None:
        return redirect("alerts:replay", made.pk)
    found = Replay.objects.visible_to(request.user, on=on).newest_first().select_related("area", "job", "by")
    context = {"form": form, "replays": found[:SHOWN]}
    return render(request, "alerts/replays.html", context, status=400 if form.errors else 200)


def _order(request: StaffRequest, form: ReplayForm) -> Replay | None:
    """Order what a form asks for; what its files have wrong is said beside them."""
    chosen = form.cleaned_data
    area = get_object_or_404(Area, code=chosen["area"])
    policy, roster = _policy(form), _roster(form, area)
    if form.errors:
        return None
    try:
        made = order_replay(
            area, chosen["first"], chosen["last"], policy=policy, roster=roster, by=request.user, now=database_now()
        )
    except RecordingError as error:
        form.add_error(None, error.faults)
        return None
    wake_maker(made.job_id or 0)
    return made


def _policy(form: ReplayForm) -> tuple[str, list[dict[str, Any]]]:
    chosen = form.cleaned_data
    try:
        if file := chosen.get("policy_file"):
            return file.name, read_policy(file.read())
        if chosen.get("version"):
            version = get_object_or_404(PolicyVersion, pk=chosen["version"])
            return version.name, steps_of_version(version)
    except RecordingError as error:
        form.add_error("policy_file" if chosen.get("policy_file") else "version", error.faults)
    return "", []


def _roster(form: ReplayForm, area: Area) -> tuple[str, Roster | None]:
    file = form.cleaned_data.get("roster_file")
    if not file:
        return "", None
    begin, end = ends_of(form.cleaned_data["first"], form.cleaned_data["last"])
    try:
        return file.name, read_roster(file.read(), area_code=area.code, begin=begin, end=end)
    except RecordingError as error:
        form.add_error("roster_file", error.faults)
        return "", None


@require_safe
@on_duty(Duty.REPLAY)
def replay(request: StaffRequest, pk: int) -> HttpResponse:
    """Show how far a replay is; played, what was kept and breached side by side."""
    seen = Replay.objects.visible_to(request.user, on=today()).select_related("area", "job", "by")
    found = get_object_or_404(seen, pk=pk)
    page = "alerts/_replay.html" if getattr(request, "htmx", False) else "alerts/replay.html"
    answer = render(request, page, {"replay": found, "page": replay_page(found), "job": found.job})
    answer["Cache-Control"] = "private, no-store"
    answer["X-Server-Now"] = str(milliseconds(database_now()))  # without it an answer is taken for another page
    return answer
