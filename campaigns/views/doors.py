"""Household visits: the list of doors, and a press for each."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clock import database_now, today
from accounts.formats import milliseconds
from accounts.roles import Duty
from accounts.views.presses import answer, carry_out, may_be_kept, press_of
from campaigns import services
from campaigns.forms.logging import AddDoorsForm, KnockForm, SearchForm, TickForm
from campaigns.models import Door, Event, of_audience, who_may_come
from campaigns.policy import Audience, DoorResult, believable
from campaigns.screens.doors import doors_page, households_at, living_at
from campaigns.screens.log import buildings, find_by_words
from campaigns.services import OutreachError
from campaigns.views.common import show
from campaigns.views.logging import FRESH, find_event, is_refresh, is_todays, named, open_names, quiet
from residents.access import StaffRequest, on_duty
from residents.models import ResidentQuerySet


@require_safe
@on_duty(Duty.LOG_OUTREACH)
def doors(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the doors as one walks them. Who stands before one needs the names: they open with the page."""
    event = find_event(request, pk)
    open_names(request, event)
    now = database_now()
    found = event.doors.visible_to(request.user, on=today()).on_the_way()
    page = doors_page(event, found, named(request), on=today())
    context = {"page": page, "event": event, "has_begun": event.has_begun(now), "results": DoorResult}
    shown = show(request, "_doors" if is_refresh(request) else "doors", context | quiet(request))
    shown[FRESH] = str(milliseconds(now))
    return may_be_kept(shown) if is_todays(event) else shown


def _find(request: StaffRequest, pk: int) -> Door:
    return get_object_or_404(Door.objects.visible_to(request.user, on=today()).select_related("event__area"), pk=pk)


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def knock(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down what came of one door."""
    door = _find(request, pk)
    flat = named(request).living_here().filter(household=door.household_id)
    said = carry_out(request, lambda: _knock(request, door, flat))
    url = reverse("campaigns:doors", args=[door.event_id])
    return answer(request, said, url=url if said.is_refused else f"{url}#door-{door.pk}")


def _knock(request: StaffRequest, door: Door, flat: ResidentQuerySet) -> str:
    form = KnockForm(request.POST, flat=flat)
    if not form.is_valid():
        raise OutreachError(_("This door has changed meanwhile; reload the page."))
    cleaned, now = form.cleaned_data, database_now()
    made = services.knock(
        door,
        result=DoorResult(cleaned["result"]),
        talked_to=[one for one in flat if one.pk in cleaned["who"]],
        has_installed=cleaned["installed"],
        words=cleaned["note"].strip(),
        by=request.user,
        now=now,
        at=believable(press_of(request)["pressed_at"], now=now),
    )
    return f"{made.household.address} · {made.get_result_display()}"


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def remove_door(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a door off the list that nobody has knocked at."""
    door = _find(request, pk)

    def verb() -> str:
        services.remove_door(door, by=request.user, now=database_now())
        return _("The door is off the list.")

    return answer(request, carry_out(request, verb), url=reverse("campaigns:doors", args=[door.event_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@on_duty(Duty.LOG_OUTREACH)
def add_doors(request: StaffRequest, pk: int) -> HttpResponse:
    """Put the doors of a building or stairwell on the list, for everybody there or for an audience."""
    event = find_event(request, pk)
    here = who_may_come(named(request), event)
    is_search = "q" in request.POST
    form = AddDoorsForm(request.POST if request.method == "POST" and not is_search else None, buildings=buildings(here))
    if form.is_valid():
        said = carry_out(request, lambda: _add(request, event, here, form))
        if not said.is_refused:
            return answer(request, said, url=reverse("campaigns:doors", args=[pk]))
        form.add_error(None, said.words)
    text = SearchForm(request.POST).text if is_search else ""
    if text:
        open_names(request, event)
    found = find_by_words(here, text, on=today()) if text else ()
    return show(request, "add_doors", {"form": form, "event": event, "text": text, "found": found})


@require_POST
@on_duty(Duty.LOG_OUTREACH)
def add_door(request: StaffRequest, pk: int) -> HttpResponse:
    """Put the door of one resident on the list."""
    event = find_event(request, pk)
    here = who_may_come(named(request), event)
    said = carry_out(request, lambda: _add_one(request, event, here))
    return answer(
        request, said, url=reverse("campaigns:add_doors" if said.is_refused else "campaigns:doors", args=[pk])
    )


def _add_one(request: StaffRequest, event: Event, here: ResidentQuerySet) -> str:
    form = TickForm(request.POST)
    found = list(here.filter(pk=form.cleaned_data["resident"])) if form.is_valid() else []
    if not found:
        raise OutreachError(_("This person is not on the list any more; reload the page."))
    if found[0].household_id is None:
        raise OutreachError(_("The roster knows no door of this person; enter it there first."))
    services.add_doors(event=event, residents=found, by=request.user, now=database_now())
    return _("On the list: {name}").format(name=found[0].masked_name)


def _add(request: StaffRequest, event: Event, here: ResidentQuerySet, form: AddDoorsForm) -> str:
    audience, where = Audience(form.cleaned_data["audience"]), form.where
    if audience == Audience.EVERYBODY:
        count = services.add_households(
            event=event, households=households_at(here, where), by=request.user, now=database_now()
        )
    else:
        residents = of_audience(living_at(here, where), audience, on=today())
        count = services.add_doors(event=event, residents=residents, by=request.user, now=database_now())
    if not count:
        raise OutreachError(_("No further door fits; those that do are on the list already."))
    return ngettext("{count} door is put on the list.", "{count} doors are put on the list.", count).format(count=count)
