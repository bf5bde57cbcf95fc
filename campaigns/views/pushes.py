"""Chat groups and pushes: the week by group, the line of the log, who answers for a group and who is in it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.roles import Duty
from accounts.rows import key_in
from campaigns import services
from campaigns.forms.everyday import DayOfWeekForm, FindMemberForm, GroupForm, PushForm
from campaigns.models import ChatGroup, ChatMember, Push
from campaigns.screens.here import here_of, logs_at, people_of, planned_areas, plans_at
from campaigns.screens.pushes import (
    area_ticks,
    boxes_of,
    found_members,
    members_of,
    possible_members,
    ticked_at_first,
    usual_members,
    week_page,
)
from campaigns.services import OutreachError
from campaigns.views.common import show
from knowledge.screens import text_to_send, texts_to_send
from residents.access import StaffRequest, on_duty


@require_safe
@on_duty(Duty.SEE_OUTREACH)
def pushes(request: StaffRequest) -> HttpResponse:
    """Show a week of pushes by group: who is below the week's number stands on top, marked from Thursday on."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    day = min(DayOfWeekForm(request.GET).day(on), on)
    return show(request, "pushes", {"here": here, "week": week_page(request.user, here, day=day, on=on)})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def push(request: StaffRequest) -> HttpResponse:
    """Copy a text, tick the groups, log it: one line for so many posts to so many groups."""
    on = today()
    here = here_of(request.user, asked=request.GET.get("community", ""), on=on)
    mine = ChatGroup.objects.visible_to(request.user, on=on, duty=Duty.LOG_OUTREACH).within(here.code)
    boxes = boxes_of(mine, on=on)
    key = request.GET.get("text", "")
    text = text_to_send(key, here.code, absolute=request.build_absolute_uri)
    ticked = ticked_at_first(boxes, request.user, asked=request.GET.get("tick", ""))
    initial = {"press": uuid4(), "on": on, "posts": 1, "text": text, "groups": ticked}
    form = PushForm(request.POST or None, initial=initial, groups=[(box.pk, box.name) for box in boxes])
    if form.is_valid():
        chosen = form.cleaned_data
        try:
            made = services.log_push(mine.among(chosen.pop("groups")), **chosen, by=request.user, now=database_now())
        except OutreachError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _said(made))
            return redirect("campaigns:pushes")
    context = {
        "here": here,
        "form": form,
        "boxes": boxes,
        "ticks": area_ticks(boxes),
        "mine": f"owner-{request.user.pk}",
        "texts": texts_to_send(here.code),
        "chosen_text": key,
    }
    return show(request, "push", context, status=400 if form.errors else 200)


def _said(made: Push) -> str:
    number = made.sent_to.count()
    return ngettext("Logged: %(posts)d × %(number)d group.", "Logged: %(posts)d × %(number)d groups.", number) % {
        "posts": made.posts,
        "number": number,
    }


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def take_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back a push that was logged by mistake."""
    made = get_object_or_404(Push.objects.visible_to(request.user, on=today(), duty=Duty.LOG_OUTREACH), pk=pk)
    try:
        services.take_back_push(made, by=request.user, now=database_now())
    except OutreachError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Taken back."))
    return redirect("campaigns:pushes")


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.PLAN_OUTREACH)
def group_new(request: StaffRequest) -> HttpResponse:
    """Add a chat group."""
    here = here_of(request.user, asked=request.GET.get("community", ""), on=today())
    form = _group_form(request, {"area": here.code})
    if form.is_valid() and (group := _kept(request, ChatGroup(), form)) is not None:
        messages.success(request, _("Added: {group}. Note next who is in it.").format(group=group))
        return redirect("campaigns:group", group.pk)
    return show(request, "group_new", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.SEE_OUTREACH)
def group(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a group: who answers for it, who is known to be in it; change it."""
    on = today()
    group = _group(request, pk, Duty.PLAN_OUTREACH if request.method == "POST" else Duty.SEE_OUTREACH)
    names = ("name", "kind", "owner", "people")
    form = _group_form(request, {name: getattr(group, name) for name in names} | {"area": group.area.code})
    if request.method == "POST" and form.is_valid() and _kept(request, group, form) is not None:
        messages.success(request, _("Saved."))
        return redirect("campaigns:group", pk)
    context = {
        "group": group,
        "form": form,
        "find": FindMemberForm(),
        "members": members_of(group, request.user, on=on),
        "logs": logs_at(request.user, group.area.code, on=on),
        "plans": plans_at(request.user, group.area.code, on=on),
    }
    return show(request, "group", context, status=400 if form.errors else 200)


def _group(request: StaffRequest, pk: int, duty: Duty) -> ChatGroup:
    groups = ChatGroup.objects.visible_to(request.user, on=today(), duty=duty)
    return get_object_or_404(groups.select_related("area", "owner"), pk=pk)


def _group_form(request: StaffRequest, initial: dict[str, Any]) -> GroupForm:
    on = today()
    return GroupForm(
        request.POST or None,
        initial=initial,
        areas=planned_areas(request.user, on=on),
        people=people_of(request.user, carrying=Duty.LOG_OUTREACH, on=on),
    )


def _kept(request: StaffRequest, group: ChatGroup, form: GroupForm) -> ChatGroup | None:
    try:
        return services.keep_group(group, form.cleaned_data, by=request.user, now=database_now(), on=today())
    except OutreachError as error:
        form.add_error(None, str(error))
        return None


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def group_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a group up."""
    group = _group(request, pk, Duty.PLAN_OUTREACH)
    services.give_up_group(group, by=request.user, now=database_now(), on=today())
    messages.success(request, _("{group} is given up. What was sent to it stays on record.").format(group=group))
    return redirect("campaigns:pushes")


@require_POST
@on_duty(Duty.PLAN_OUTREACH)
def group_again(request: StaffRequest, pk: int) -> HttpResponse:
    """Go on with a group that was given up."""
    group = _group(request, pk, Duty.PLAN_OUTREACH)
    services.take_up_group(group, by=request.user, now=database_now())
    return redirect("campaigns:group", pk)


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def members_all(request: StaffRequest, pk: int) -> HttpResponse:
    """Note everybody for whom such a group is as its members."""
    on = today()
    group = _group(request, pk, Duty.LOG_OUTREACH)
    usual = list(usual_members(group, request.user, on=on))
    _say_added(request, services.add_members(group, usual, by=request.user, now=database_now(), on=on))
    return redirect("campaigns:group", pk)


def _say_added(request: StaffRequest, number: int) -> None:
    said = ngettext("%(number)d resident was added.", "%(number)d residents were added.", number)
    messages.success(request, said % {"number": number})


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def members_find(request: StaffRequest, pk: int) -> HttpResponse:
    """Find one resident to note as a member; what is typed stands in no address."""
    group = _group(request, pk, Duty.LOG_OUTREACH)
    form = FindMemberForm(request.POST or None)
    who = form.cleaned_data["who"] if form.is_valid() else ""
    found = found_members(group, request.user, who=who, on=today()) if who else []
    return show(request, "group_find", {"group": group, "form": form, "who": who, "found": found})


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def member_add(request: StaffRequest, pk: int) -> HttpResponse:
    """Note one resident as a member."""
    on = today()
    group = _group(request, pk, Duty.LOG_OUTREACH)
    key = key_in(request.POST.get("resident", "")) or 0
    resident = get_object_or_404(possible_members(group, request.user, on=on), pk=key)
    _say_added(request, services.add_members(group, [resident], by=request.user, now=database_now(), on=on))
    return redirect("campaigns:group", pk)


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def member_gone(request: StaffRequest, pk: int) -> HttpResponse:
    """Note that a member has left."""
    on = today()
    members = ChatMember.objects.visible_to(request.user, on=on).select_related("group__area")
    member = get_object_or_404(members, pk=pk)
    try:
        services.remove_member(member, by=request.user, now=database_now(), on=on)
    except OutreachError as error:
        messages.error(request, str(error))
    return redirect("campaigns:group", member.group_id)
