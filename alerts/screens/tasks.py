"""The pocket: one person's own alerts, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from alerts.models import AlertQuerySet, BusySpell
from alerts.policy import State
from alerts.screens.card import Card, cards, soonest_first, with_card_rows
from alerts.screens.watching import Pulse


@dataclass(frozen=True, slots=True)
class Tasks:
    """What one person has to do now."""

    to_accept: list[Card]
    in_hand: list[Card]
    helping: list[Card]
    is_busy: bool
    is_clock_standing: bool

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.to_accept) + len(self.in_hand) + len(self.helping)


def is_busy(user: User) -> bool:
    """Say whether somebody has marked themselves busy."""
    return bool(BusySpell.objects.busy_among([user.pk]))


def tasks(alerts: AlertQuerySet, *, user: User, beat: Pulse, now: datetime) -> Tasks:
    """Return one person's tasks from the alerts held by them or in which they help."""
    drawn = cards(list(with_card_rows(alerts).most_urgent_first()), viewer_id=user.pk, now=now)
    mine = [card for card in drawn if card.is_mine]
    return Tasks(
        to_accept=soonest_first(card for card in mine if card.state == State.DISPATCHED),
        in_hand=soonest_first(card for card in mine if card.state == State.ACCEPTED),
        helping=soonest_first(card for card in drawn if not card.is_mine),
        is_busy=is_busy(user),
        is_clock_standing=beat.is_standing,
    )
