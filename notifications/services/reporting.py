"""What the floors above must know of the outbox: what did not arrive, and what is late."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.models import Channel, Delivery, DeliveryQuerySet, Notice
from notifications.policy import LONG_WAIT, robot_delay


def unreported(limit: int = 200) -> DeliveryQuerySet:
    """Return deliveries somebody must be told of, with notice, person and channel, oldest first.

    Failed for good, unknown after their sender died, or sent again (``is_resent``) and so perhaps
    told twice. Ask and ``mark_reported`` inside one transaction: the rows are locked, and another
    asker passes them over.
    """
    rows = Delivery.objects.to_report().select_related("notice__recipient", "channel").order_by("pk")
    rows = rows.defer("notice__recipient__phone", "channel__address", "channel__secret")
    return rows.select_for_update(skip_locked=True, of=("self",))[:limit]


def mark_reported(ids: Collection[int], *, now: datetime) -> int:
    """Note that somebody was told. Returns of how many."""
    return Delivery.objects.to_report().filter(pk__in=ids).update(reported_at=now)


def oldest_due_at(now: datetime) -> datetime | None:
    """Return since when the longest overdue message waits, None when none is due."""
    return Delivery.objects.due(now).order_by("next_at").values_list("next_at", flat=True).first()


# How long one waits at a channel


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits at a channel now. ``delay``: how long the last of them waits still, or the first has waited already.

    A robot's pace is known, so its delay is foreseen; a gateway's or a mail server's is only seen.
    """

    waiting: int = 0
    delay: timedelta = timedelta(0)
    is_robots: bool = False

    @property
    def words(self) -> str:
        """Who waits and how long, in words; "" for nobody."""
        if not self.waiting:
            return ""
        seconds = -(-self.delay // timedelta(seconds=1))
        waiting = ngettext("%(number)d message waits", "%(number)d messages wait", self.waiting)
        if self.is_robots:
            long = ngettext(
                "the last is in the group in about %(seconds)d second",
                "the last is in the group in about %(seconds)d seconds",
                seconds,
            )
        else:
            long = ngettext(
                "the first has waited for %(seconds)d second", "the first has waited for %(seconds)d seconds", seconds
            )
        return _("; ").join((waiting % {"number": self.waiting}, long % {"seconds": seconds}))

    @property
    def is_long(self) -> bool:
        """Whether those who look after the place should know."""
        return self.delay >= LONG_WAIT


def queues_at(channels: Iterable[Channel], *, now: datetime) -> dict[int, Queue]:
    """Return who waits at each of these channels, in one query over what is due."""
    known = {channel.pk: channel for channel in channels}
    due = Delivery.objects.due(now).order_by().filter(channel__in=known).values_list("channel_id")
    found = {pk: Queue(is_robots=channel.is_robot) for pk, channel in known.items()}
    for pk, waiting, since in due.annotate(Count("pk"), Min("next_at")):
        quiet = known[pk].quiet_until
        foreseen = robot_delay(waiting, quiet_for=quiet - now if quiet else timedelta(0))
        is_robot = known[pk].is_robot
        found[pk] = Queue(waiting, foreseen if is_robot else now - since, is_robot)
    return found


# Receipts


@dataclass(frozen=True, slots=True)
class Handed:
    """One way that a notice took: over which kind of channel, what became of it, and when the channel took it."""

    kind: str
    state: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one notice: over what it went out, and when its reader saw it here."""

    recipient_id: int
    told_at: datetime
    seen_at: datetime | None
    is_withdrawn: bool
    ways: tuple[Handed, ...]


def receipts_about(subject: str) -> dict[str, Receipt]:
    """Return the receipts of the notices about something, by the notice's key. Two queries."""
    ways = Delivery.objects.order_by("pk").select_related("channel")
    ways = ways.defer("channel__address", "channel__secret")
    notices = Notice.objects.about([subject]).prefetch_related(Prefetch("deliveries", queryset=ways))
    return {
        notice.key: Receipt(
            recipient_id=notice.recipient_id,
            told_at=notice.created_at,
            seen_at=notice.read_at,
            is_withdrawn=notice.withdrawn_at is not None,
            ways=tuple(Handed(way.channel.kind, way.state, way.sent_at) for way in notice.deliveries.all()),
        )
        for notice in notices
    }


def receipts_mark(subject: str) -> tuple[object, ...]:
    """Return what changes whenever a receipt about something does, for one small query."""
    about = Notice.objects.about([subject]).order_by()
    found = about.aggregate(
        Max("read_at"), Max("deliveries__pk"), Max("deliveries__sent_at"), Max("deliveries__attempts"), Count("pk")
    )
    return tuple(found.values())
