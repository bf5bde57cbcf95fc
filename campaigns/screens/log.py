"""What the pages of logging show: who may have come, what is at hand, what waits to be entered."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import mask_name
from campaigns.models import Event, EventPhoto, Material, Organisation, Volunteer, who_may_come
from campaigns.policy import Channel, DoorResult, Form, PhotoKind
from residents.models import Resident, ResidentQuerySet
from residents.policy import Door
from residents.screens.roster import meant

LIKELY = 40
"""So many are proposed before anybody is looked for: a list that a thumb goes through."""

FOUND = 100

JUST_NOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Heads:
    """Who is known to have come: by name, and of those who signed in, whom the roster does not know."""

    by_name: int
    unknown: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.by_name + self.unknown


def heads_of(event: Event) -> Heads:
    """Return how many are known to have come."""
    return Heads(
        by_name=event.touches.filter(channel=Channel.ON_SITE).count(),
        unknown=event.sign_ins.filter(resident=None).count(),
    )


def materials_of(event: Event) -> list[Material]:
    """Return what may be handed out at an event, with its stock."""
    return list(Material.objects.at_hand(event).with_stock())


def handed_out(event: Event) -> dict[int, int]:
    """Return how many of each material went out at an event, by its key."""
    rows = event.handouts.order_by().values_list("material").annotate(number=Sum("amount"))
    return {key: -number for key, number in rows}


def partners_of(event: Event) -> list[Organisation]:
    """Return who was planned, or came."""
    return [partner.organisation for partner in event.partners.select_related("organisation")]


def others_for(event: Event) -> list[Organisation]:
    """Return the organisations around that were neither planned nor came."""
    return list(Organisation.objects.around(event.area.code).exclude(events__event=event).order_by("name"))


# Names to tick


@dataclass(frozen=True, slots=True)
class Row:
    """One resident to be ticked."""

    pk: int
    name: str
    facts: str
    address: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """The list to tick: those who are looked for, or are likely; and those ticked already."""

    rows: tuple[Row, ...]
    there: tuple[Row, ...]
    heads: Heads
    has_more: bool
    buildings: tuple[tuple[str, str], ...]


def attendance(
    event: Event, residents: ResidentQuerySet, *, text: str, building: str, on: date, now: datetime
) -> Attendance:
    """Return the list to tick. Who was just ticked stays where they are, so that nothing moves under the thumb.

    Args:
        residents: those whose names the reader may see.
        text: whom they look for; "" for whoever is likely, or for everybody of a building.
    """
    here = who_may_come(residents, event)
    ticks = dict(event.touches.filter(channel=Channel.ON_SITE).values_list("resident_id", "recorded_at"))
    settled = [key for key, recorded_at in ticks.items() if now - recorded_at > JUST_NOW]
    found, most = _asked_for(here, text=text, building=building, settled=settled)
    rows = list(_read_along(found)[: most + 1])
    others = ticks.keys() - {row.pk for row in rows[:most]}
    return Attendance(
        rows=tuple(_row(one, ticks, on) for one in rows[:most]),
        there=tuple(_row(one, ticks, on) for one in _read_along(_by_door(residents.filter(pk__in=others)))),
        heads=heads_of(event),
        has_more=len(rows) > most,
        buildings=tuple(buildings(here)),
    )


def _asked_for(
    residents: ResidentQuerySet, *, text: str, building: str, settled: Collection[int]
) -> tuple[ResidentQuerySet, int]:
    if len(text) == 1 and not text.isascii():
        return residents.whose_name_begins(text), FOUND
    if text:
        return meant(residents, text), FOUND
    if building:
        return _by_door(residents.filter(household__building=building)), FOUND
    return _likely(residents.exclude(pk__in=settled)), LIKELY


def find_by_words(residents: ResidentQuerySet, text: str, *, on: date) -> tuple[Row, ...]:
    """Return those whom somebody means by a name, a door, or the end of a number; the first of them where many fit."""
    found, most = _asked_for(residents, text=text, building="", settled=())
    return tuple(_row(one, (), on) for one in _read_along(found)[:most])


def _likely(residents: ResidentQuerySet) -> ResidentQuerySet:
    """Return who came lately first, then the eldest: they fill the room."""
    lately = F("reach__on_site_on").desc(nulls_last=True)
    return residents.order_by(lately, F("birth_on").asc(nulls_last=True), "pk")


def _by_door(residents: ResidentQuerySet) -> ResidentQuerySet:
    return residents.order_by("grid__code", "household__order", "pk")


def _read_along(residents: ResidentQuerySet) -> ResidentQuerySet:
    read = residents.select_related("grid", "household").prefetch_related("memberships")
    return read.defer("phone", "id_number", "note", "risks")


def _row(resident: Resident, ticked: Collection[int], on: date) -> Row:
    return Row(
        pk=resident.pk,
        name=resident.name,
        facts=resident.short_facts(on),
        address=resident.address or resident.grid.name,
        is_there=resident.pk in ticked,
    )


def buildings(residents: ResidentQuerySet) -> list[tuple[str, str]]:
    """Return the buildings where these residents live: as kept, and as written on the spot."""
    found = residents.exclude(household=None).order_by().values_list("household__building", flat=True).distinct()
    doors = sorted((Door(building) for building in found), key=lambda door: door.order)
    return [(door.building, door.words) for door in doors]


# What was logged


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as the page shows it."""

    pk: int
    url: str
    caption: str
    kind: str
    at: datetime
    waits: bool
    is_paper: bool
    enter_url: str


def pictures_of(event: Event, user: User, *, on: date) -> list[Picture]:
    """Return an event's photos that somebody may see."""
    return [_picture(photo) for photo in event.photos.filter(pk__in=EventPhoto.objects.visible_to(user, on=on))]


def _picture(photo: EventPhoto) -> Picture:
    is_paper = photo.kind == PhotoKind.PAPER
    return Picture(
        pk=photo.pk,
        url=reverse("campaigns:photo", args=[photo.pk]),
        caption=photo.caption or str(photo.get_kind_display()),
        kind=photo.kind,
        at=photo.at,
        waits=is_paper and photo.entered_at is None,
        is_paper=is_paper,
        enter_url=reverse("campaigns:enter", args=[photo.pk]) if is_paper else "",
    )


@dataclass(frozen=True, slots=True)
class Given:
    """How many of a material went out, and what is left of it."""

    name: str
    number: int
    stock: int


@dataclass(frozen=True, slots=True)
class Logged:
    """What stands written of an event, and what may be added."""

    event: Event
    heads: Heads
    given: tuple[Given, ...]
    planned: tuple[str, ...]
    came: tuple[str, ...]
    volunteers: tuple[str, ...]
    pictures: tuple[Picture, ...]
    waiting: int
    signed: int
    pledges: tuple[tuple[str, str], ...]
    has_begun: bool
    has_doors: bool
    doors: int
    doors_done: int


def logged(event: Event, user: User, *, on: date, now: datetime) -> Logged:
    """Return what stands written of an event."""
    numbers = handed_out(event)
    partners = list(event.partners.select_related("organisation"))
    pictures = pictures_of(event, user, on=on)
    results = list(event.doors.values_list("result", flat=True))
    return Logged(
        event=event,
        heads=heads_of(event),
        given=_given(numbers),
        planned=tuple(partner.organisation.name for partner in partners if partner.is_planned),
        came=tuple(partner.organisation.name for partner in partners if partner.has_come),
        volunteers=tuple(_volunteer(one) for one in event.volunteers.all()),
        pictures=tuple(pictures),
        waiting=sum(picture.waits for picture in pictures),
        signed=event.signed_pledges.count(),
        pledges=tuple(_pledges(event, user, on=on)),
        has_begun=event.has_begun(now),
        has_doors=event.form == Form.HOUSEHOLD,
        doors=len(results),
        doors_done=sum(result not in {"", DoorResult.AGAIN} for result in results),
    )


def _volunteer(one: Volunteer) -> str:
    if one.hours is None:
        return one.name
    return _("{name} ({hours} h)").format(name=one.name, hours=f"{float(one.hours):g}")


def _pledges(event: Event, user: User, *, on: date) -> Iterator[tuple[str, str]]:
    """Return the pledges signed at an event: the name, masked, and where the pledge is."""
    for pledge in event.signed_pledges.visible_to(user, on=on).order_by("at", "pk"):
        yield mask_name(pledge.name) or _("Name no longer kept"), reverse("campaigns:pledge", args=[pledge.pk])


def _given(numbers: Mapping[int, int]) -> tuple[Given, ...]:
    materials = Material.objects.filter(pk__in=numbers).with_stock()
    return tuple(Given(material.name, numbers[material.pk], material.stock) for material in materials)


def waiting_papers(user: User, *, on: date) -> "QuerySet[EventPhoto]":
    """Return the paper lists of somebody's communities that wait to be entered, the oldest first."""
    return EventPhoto.objects.visible_to(user, on=on).waiting().select_related("event__area", "by")
