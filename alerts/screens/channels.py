"""The ways out of the program that serve some areas: which fail, and how long one waits at each."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.formats import moment
from notifications.models import Channel
from notifications.services import Queue, queues_at
from residents.access import Scope


@dataclass(frozen=True, slots=True)
class WayOut:
    """One channel, whether it works, and who waits at it."""

    name: str
    state: str
    queue: str
    is_failing: bool
    is_slow: bool

    @property
    def is_wrong(self) -> bool:
        """Whether messages over it are late, or do not arrive."""
        return self.is_failing or self.is_slow

    @property
    def words(self) -> str:
        """What is wrong with it, in a line."""
        return f"{self.name}: {self.state if self.is_failing else self.queue}"


def ways_out(scope: Scope, *, now: datetime) -> tuple[WayOut, ...]:
    """Return the channels in use that serve these areas, with those that serve everybody. Two queries."""
    channels = [channel for channel in Channel.objects.active().without_secrets() if _serves(channel, scope)]
    queues = queues_at(channels, now=now) if channels else {}
    return tuple(_way_out(channel, queues[channel.pk], now=now) for channel in channels)


def _serves(channel: Channel, scope: Scope) -> bool:
    return scope is None or any(channel.covers(code) or channel.area_code.startswith(code) for code in scope)


def _way_out(channel: Channel, queue: Queue, *, now: datetime) -> WayOut:
    # One message that failed makes no channel that fails: those who wait go elsewhere after a minute, and so says this.
    is_failing = channel.is_given_up(now)
    if is_failing and channel.failing_since is not None:
        state = _("Failing since {time}: {why}").format(time=moment(channel.failing_since), why=channel.last_error)
    elif channel.last_sent_at is not None:
        state = _("Works.")
    else:
        state = _("Set up, not used yet.")
    return WayOut(
        name=str(channel),
        state=state,
        queue=queue.words,
        is_failing=is_failing,
        is_slow=queue.is_long,
    )
