"""Handing over a shift: the page that both sign, those that were signed, and what the desk is reminded of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.urls import reverse

from accounts.clock import local, midnight
from accounts.formats import moment
from accounts.models import User
from accounts.paging import ListPage, page_of
from accounts.roles import Duty
from alerts.models import Alert, HandOver, HandOverQuerySet, Shift
from alerts.screens.summary import Breach, Summary, summary
from residents.models import Area

LONGEST_LOOK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Open:
    """One alert that is open when a shift ends; names masked, times in words."""

    number: int
    level: str
    level_word: str
    who: str
    where: str
    kind: str
    state: str
    holder: str
    due: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Missed:
    """One objective that was not kept during the shift."""

    number: int
    level: str
    level_word: str
    who: str
    objective: str
    due: str
    took: str
    holder: str
    reasons: str
    where: str = ""
    """Pages that were signed before it was told have none."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one shift leaves to the next, fit for JSON: it is kept as the first signer saw it."""

    as_of: str
    received: int
    high: int
    open: tuple[Open, ...]
    missed: tuple[Missed, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it fit for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Page":
        """Return a kept page."""
        return cls(
            as_of=kept["as_of"],
            received=kept["received"],
            high=kept["high"],
            open=tuple(Open(**row) for row in kept["open"]),
            missed=tuple(Missed(**row) for row in kept["missed"]),
        )

    @property
    def mark(self) -> str:
        """What tells whether anything of it changed while it was read; a clock that runs on changes nothing."""
        told = [(row.number, row.state, row.holder) for row in self.open], [row.number for row in self.missed]
        return sha256(repr(told).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Draft:
    """A page that is about to be signed."""

    area: Area
    begins_at: datetime
    page: Page
    watch: str


def draft_of(area: Area, *, user: User, now: datetime) -> Draft:
    """Return what this desk's shift would leave at this moment; what to watch is carried on from the last page."""
    last = HandOver.objects.of(area).first()
    begins_at = _begins_at(area, last, now=now)
    alerts = Alert.objects.visible_to(user, on=local(now).date(), duty=Duty.WATCH_DESK).at_desks((area.code,))
    grids = list(Area.objects.within(area.code).grids())
    found = summary(alerts, grids=grids, viewer_id=user.pk, begins=begins_at, now=now)
    return Draft(area, begins_at, page_of_shift(found), watch=last.watch if last is not None else "")


def page_of_shift(found: Summary) -> Page:
    """Return what a shift would leave at this moment, in words."""
    return Page(
        as_of=moment(found.now),
        received=found.day.received,
        high=found.day.high,
        open=tuple(
            Open(
                number=card.pk,
                level=card.level,
                level_word=card.level_word,
                who=card.who,
                where=card.where,
                kind=card.kind,
                state=card.state_word,
                holder=card.holder,
                due=moment(card.clock.due_at) if card.clock else "",
                is_late=card.phase == "late",
            )
            for card in found.open_now
        ),
        missed=tuple(map(_missed, found.breaches)),
    )


def _missed(breach: Breach) -> Missed:
    return Missed(
        number=breach.number,
        level=breach.level,
        level_word=breach.level_word,
        who=breach.who,
        objective=breach.objective,
        due=moment(breach.due_at),
        took=breach.took,
        holder=breach.holder,
        reasons=" · ".join(breach.reasons),
        where=breach.where,
    )


def _begins_at(area: Area, last: HandOver | None, *, now: datetime) -> datetime:
    """Return when the shift began that ends now: at the last hand-over, or as the roster says, or at midnight."""
    if last is not None and last.left_at > now - LONGEST_LOOK:
        return last.left_at
    running = Shift.objects.at_desks().covering(now).filter(area=area).order_by("starts_at").first()
    return max(running.starts_at, now - LONGEST_LOOK) if running is not None else midnight(local(now).date())


@dataclass(frozen=True, slots=True)
class Signed:
    """A page that one or both have signed."""

    pk: int
    url: str
    area: str
    begins_at: datetime
    left_by: str
    left_at: datetime
    taken_by: str
    taken_at: datetime | None
    watch: str
    page: Page
    may_take: bool
    may_withdraw: bool


def signed(hand_over: HandOver, *, user: User) -> Signed:
    """Return a signed page, exactly as it was signed."""
    is_own = hand_over.left_by_id == user.pk
    return Signed(
        pk=hand_over.pk,
        url=reverse("alerts:hand_over_page", args=[hand_over.pk]),
        area=hand_over.area.name,
        begins_at=hand_over.begins_at,
        left_by=str(hand_over.left_by),
        left_at=hand_over.left_at,
        taken_by=str(hand_over.taken_by) if hand_over.taken_by is not None else "",
        taken_at=hand_over.taken_at,
        watch=hand_over.watch,
        page=Page.of(hand_over.page),
        may_take=not hand_over.is_signed_by_both and not is_own,
        may_withdraw=not hand_over.is_signed_by_both and is_own,
    )


def pages_of(hand_overs: HandOverQuerySet, *, user: User, number: str) -> ListPage:
    """Return one page of the list of what was signed, the newest first. Two queries."""
    read_along = hand_overs.select_related("area", "left_by", "taken_by")
    return page_of(read_along, number=number, is_counted=False).drawn(lambda one: signed(one, user=user))
