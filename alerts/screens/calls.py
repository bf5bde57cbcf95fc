"""What waits for one person's press, said on every page but the two that show it anyway.

The desk's officer reads a list, a worker their profile: an alert that comes in then is heard and seen there as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.clock import local
from accounts.models import User
from accounts.roles import Duty
from alerts.screens.card import Card, cards, soonest_first, with_card_rows
from alerts.screens.watching import waiting_for
from residents.access import scope_codes


@dataclass(frozen=True, slots=True)
class Calls:
    """The alerts that wait, the most pressing first; the first alone is written out."""

    cards: Sequence[Card] = ()

    @property
    def first(self) -> Card | None:
        """The most pressing one."""
        return self.cards[0] if self.cards else None

    @property
    def others(self) -> int:
        """How many there are behind it."""
        return max(0, len(self.cards) - 1)


def is_called(user: User, *, now: datetime) -> bool:
    """Say whether alerts can wait for this person's press at all."""
    on = local(now).date()
    return any(scope_codes(user, duty, on) != () for duty in (Duty.WATCH_DESK, Duty.HANDLE_ALERTS))


def calls(user: User, *, now: datetime, but: int = 0) -> Calls:
    """Return what waits for this person. ``but`` is the alert whose page they have open."""
    desks = scope_codes(user, Duty.WATCH_DESK, local(now).date())
    waiting = waiting_for(user.pk, desks=desks).exclude(pk=but)
    return Calls(soonest_first(cards(list(with_card_rows(waiting)), viewer_id=user.pk, now=now)))
