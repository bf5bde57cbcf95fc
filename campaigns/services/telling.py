"""Telling the staff of an event that it was planned for them, moved, cancelled, or given to others.

Who does it knows already; of what is over nobody is told.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from campaigns import letters
from campaigns.letters import EventNews
from campaigns.models import Event
from notifications.services import tell, withdraw


@dataclass(frozen=True, slots=True)
class Before:
    """What the staff knew of an event before it was changed."""

    staff: frozenset[int]
    times: tuple[datetime, datetime]
    place: str

    @classmethod
    def of(cls, event: Event) -> "Before":
        """Return it of an event that nobody has changed yet."""
        staff = frozenset(event.staff.values_list("user_id", flat=True))
        return cls(staff, (event.starts_at, event.ends_at), event.place)

    def differs(self, event: Event) -> bool:
        """Say whether who comes would now stand at the wrong place or time."""
        return self.times != (event.starts_at, event.ends_at) or self.place != event.place


def tell_planned(event: Event, *, by: User, now: datetime) -> None:
    """Tell everybody on the staff of a new event, in the caller's transaction."""
    _tell(event, _staff(event), EventNews.PLANNED, by=by, now=now)


def tell_changed(event: Event, before: Before, *, by: User, now: datetime) -> None:
    """Tell who came onto the staff, who left it, and, where time or place differ, who stayed."""
    staff = _staff(event)
    if before.differs(event):
        withdraw([letters.event_key(event.pk)], now=now)
        _tell(event, staff & before.staff, EventNews.MOVED, by=by, now=now)
    _tell(event, staff - before.staff, EventNews.PLANNED, by=by, now=now)
    _tell(event, before.staff - staff, EventNews.RELEASED, by=by, now=now)


def tell_cancelled(event: Event, *, by: User, now: datetime) -> None:
    """Tell everybody on the staff that an event does not take place."""
    withdraw([letters.event_key(event.pk)], now=now)
    _tell(event, _staff(event), EventNews.CANCELLED, by=by, now=now)


def tell_stopped(gone: Iterable[Event], *, by: User, now: datetime) -> None:
    """Tell the staff of dates that a stopped repetition no longer has: each once, of the first that is theirs."""
    told: set[int] = set()
    for event in gone:
        withdraw([letters.event_key(event.pk)], now=now)
        staff = _staff(event) - told
        _tell(event, staff, EventNews.STOPPED, by=by, now=now)
        told |= staff


def _staff(event: Event) -> frozenset[int]:
    return frozenset(event.staff.values_list("user_id", flat=True))


def _tell(event: Event, people: Collection[int], news: EventNews, *, by: User, now: datetime) -> None:
    if event.ends_at <= now:
        return
    users = User.objects.filter(pk__in=people, is_active=True).exclude(pk=by.pk).order_by("pk")
    tell([letters.about_event(user, event, news, at=now) for user in users], now=now)
