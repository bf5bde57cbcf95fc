"""The carer's pocket: follow-ups on top, then whom to visit this week, the latest first; and the page of one visit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from accounts.models import User
from residents import figures
from residents.figures import Kept
from residents.models import FollowUp, Pairing, Resident, Rule
from residents.policy import RuleName, days_overdue, monday_of
from residents.screens.dossier import Caller, callers
from residents.services import who_follows_up

FOLLOW_UPS_AHEAD = timedelta(days=7)
"""Follow-ups that are due later are not shown yet."""


@dataclass(frozen=True, slots=True)
class Card:
    """One resident to be visited. ``number`` is empty until the carer opened it in this session; ``why`` is of a
    follow-up alone."""

    pk: int
    url: str
    name: str
    facts: str
    address: str
    grid: str
    number: str
    met_on: date | None
    due_on: date
    overdue: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Visits:
    """One carer's week: follow-ups, what is overdue, what is due by Sunday, and the rest."""

    follow_ups: tuple[Card, ...]
    overdue: tuple[Card, ...]
    this_week: tuple[Card, ...]
    later: tuple[Card, ...]
    kept: Kept
    every_days: int

    @property
    def count(self) -> int:
        """How many visits are still to be made this week."""
        return len({card.pk for card in (*self.follow_ups, *self.overdue, *self.this_week)})

    @property
    def has_anybody(self) -> bool:
        """Whether there is anybody to look after."""
        return bool(self.follow_ups or self.overdue or self.this_week or self.later)


def visits(user: User, *, opened: Iterable[int], on: date) -> Visits:
    """Return whom a carer visits, the latest first.

    Args:
        opened: the residents whose numbers this reader has opened in this session.
    """
    every = Rule.objects.number(RuleName.VISIT_EVERY_DAYS)
    mine = Pairing.objects.current(on).of_carer(user).of_residents(Resident.objects.visited_by(user, on=on))
    rows = mine.with_last_visits().select_related("resident__household", "resident__grid")
    rows = rows.prefetch_related("resident__memberships")
    known = set(opened)
    cards = sorted(
        (_card(row, is_open=row.resident_id in known, every=every, on=on) for row in rows),
        key=lambda card: (card.due_on, card.address, card.pk),
    )
    sunday = monday_of(on) + timedelta(days=6)
    return Visits(
        follow_ups=_follow_ups(user, known, on=on),
        overdue=tuple(card for card in cards if card.overdue),
        this_week=tuple(card for card in cards if not card.overdue and card.due_on <= sunday),
        later=tuple(card for card in cards if card.due_on > sunday),
        kept=figures.total(figures.dues(Pairing.objects.of_carer(user), mondays=[monday_of(on)])),
        every_days=every,
    )


def _follow_ups(user: User, known: Collection[int], *, on: date) -> tuple[Card, ...]:
    """Return the follow-ups that fall to this person on a day, the latest first."""
    here = Resident.objects.visited_by(user, on=on)
    due = FollowUp.objects.open().due_by(on + FOLLOW_UPS_AHEAD).filter(resident__in=here)
    rows = list(due.select_related("resident__household", "resident__grid").prefetch_related("resident__memberships"))
    people = who_follows_up(rows, on=on)
    return tuple(_follow_up(one, is_open=one.resident_id in known, on=on) for one in rows if user in people[one.pk])


def _follow_up(one: FollowUp, *, is_open: bool, on: date) -> Card:
    resident = one.resident
    return Card(
        pk=resident.pk,
        url=reverse("residents:visit", args=[resident.pk]),
        name=resident.name if is_open else resident.masked_name,
        facts=resident.short_facts(on),
        address=resident.address,
        grid=resident.grid.name,
        number=resident.phone if is_open else "",
        met_on=None,
        due_on=one.due_on,
        overdue=one.overdue(on),
        why=one.words,
    )


def _card(pairing: Pairing, *, is_open: bool, every: int, on: date) -> Card:
    resident, due_on = pairing.resident, pairing.due_on(every_days=every)
    return Card(
        pk=resident.pk,
        url=reverse("residents:visit", args=[resident.pk]),
        name=resident.name if is_open else resident.masked_name,
        facts=resident.short_facts(on),
        address=resident.address,
        grid=resident.grid.name,
        number=resident.phone if is_open else "",
        met_on=pairing.met_on,
        due_on=due_on,
        overdue=days_overdue(due_on, on),
    )


@dataclass(frozen=True, slots=True)
class VisitPage:
    """What stands beside the form of a visit."""

    resident: Resident
    name: str
    facts: str
    is_open: bool
    callers: tuple[Caller, ...]
    risks: str
    devices: str
    note: str


def visit_page(resident: Resident, *, is_open: bool, on: date) -> VisitPage:
    """Return what a visitor needs at the door."""
    return VisitPage(
        resident=resident,
        name=resident.name if is_open else resident.masked_name,
        facts=resident.short_facts(on),
        is_open=is_open,
        callers=tuple(callers(resident, is_open=is_open)),
        risks=resident.risks,
        devices=resident.devices,
        note=resident.note,
    )
