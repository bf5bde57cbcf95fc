"""What the outbox goes by: how urgent, in which order, at what hours, how often, how long."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

SECONDS = timedelta(seconds=1)

RETRY_AFTER = (5 * SECONDS, 15 * SECONDS, 30 * SECONDS)
# Longer than any channel may take to answer, or a slow answer would be taken for a dead worker.
LEASE = 20 * SECONDS
# Robots of groups take 20 messages a minute and then fall silent, DingTalk's for ten minutes.
# One post every 3.2 seconds stays under that in every minute, however the network bunches them.
ROBOT_PAUSE = 3.2 * SECONDS
# So many messages at most become one post of a robot.
MOST_A_POST = 200
# From a wait like this on, a queue is worth telling the people who look after the place.
LONG_WAIT = 30 * SECONDS
# Test messages cost money and stand in a group's way: one person has each channel tried no oftener.
TEST_PAUSE = 30 * SECONDS
# A channel that answered nobody for this long is left by whoever waits at it for as long.
CHANNEL_GIVEN_UP_AFTER = 60 * SECONDS


class Urgency(models.TextChoices):
    """How much hangs on being told; the risk of the alert behind it."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class Kind(models.TextChoices):
    """A way out of the program, in the order tried for who chose none: what rings in a pocket first."""

    SMS = "sms", _("Text message")
    WECOM = "wecom", _("WeCom group robot")
    DINGTALK = "dingtalk", _("DingTalk group robot")
    FEISHU = "feishu", _("Feishu group robot")
    EMAIL = "email", _("E-mail")


class Topic(models.TextChoices):
    """What people are told about, as far as they may wish to be told of it in different ways."""

    ALERTS = "alerts", _("Alerts")
    ROSTER = "roster", _("Duty roster and drills")
    CARE = "care", _("Visits and care")
    OUTREACH = "outreach", _("Outreach")
    REPORTS = "reports", _("Reports and inspections")
    FILES = "files", _("Files that are ready")


TOPICS: Mapping[str, Topic] = {
    "alert": Topic.ALERTS,
    "inbound": Topic.ALERTS,
    "drill": Topic.ROSTER,
    "roster": Topic.ROSTER,
    "visits": Topic.CARE,
    "outreach": Topic.OUTREACH,
    "reports": Topic.REPORTS,
    "files": Topic.FILES,
}
"""Which topic a notice belongs to, by the part of its kind before the dot."""


def topic_of(kind: str) -> Topic | None:
    """Return what a kind of notice is about; ``None`` for one that nobody can have wishes about."""
    return TOPICS.get(kind.partition(".")[0])


ROBOTS = frozenset({Kind.WECOM, Kind.DINGTALK, Kind.FEISHU})
# Robots that can call somebody of their group by their mobile number. Feishu's wants a number of its own.
CALLING = frozenset({Kind.WECOM, Kind.DINGTALK})
# Most urgent first; the outbox stores the place, not the word, so that the database can sort by it.
PRIORITY = {Urgency.HIGH.value: 0, Urgency.MEDIUM.value: 1, Urgency.LOW.value: 2}


def kinds_in_order(chosen: Iterable[str]) -> list[str]:
    """Return every kind, those a person chose first. A choice orders; it never leaves a way out untried."""
    return list(dict.fromkeys([*(kind for kind in chosen if kind in Kind.values), *Kind.values]))


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to be told of one topic.

    ``kinds`` are the channels in their order, none for the usual ones; ``is_inbox_alone`` is no channel at all. They
    may be used from ``begins_at`` to ``ends_at`` by the clock on the office's wall, or at any hour. An end that is not
    after the begin lies on the next day.
    """

    kinds: Sequence[str] = ()
    is_inbox_alone: bool = False
    begins_at: time | None = None
    ends_at: time | None = None


def kinds_wanted(wish: Wish | None, *, usual: Iterable[str], topic: Topic | None, urgency: str) -> list[str]:
    """Return the kinds of channels to try, in order.

    Without a wish it is every kind, the person's usual ones first. A wish about alerts orders and leaves nothing out,
    and so does every wish where the urgency is high: somebody may be losing money. Any other wish is the whole list.
    """
    if wish is None:
        return kinds_in_order(usual)
    if topic is Topic.ALERTS or urgency == Urgency.HIGH:
        return kinds_in_order([*wish.kinds, *usual])
    if wish.is_inbox_alone:
        return []
    if not wish.kinds:
        return kinds_in_order(usual)
    return list(dict.fromkeys(kind for kind in wish.kinds if kind in Kind.values))


def tell_at(wish: Wish | None, *, urgency: str, local_now: datetime) -> datetime:
    """Return when a person may be told outside: now, or when their hours begin again. High urgency knows no hours.

    ``local_now`` carries the office's time zone, in which the hours are meant; so does the answer.
    """
    if wish is None or wish.begins_at is None or wish.ends_at is None or urgency == Urgency.HIGH:
        return local_now
    here = local_now.timetz().replace(tzinfo=None)
    begins_at, ends_at = wish.begins_at, wish.ends_at
    goes_past_midnight = ends_at <= begins_at
    is_open = here >= begins_at or here < ends_at if goes_past_midnight else begins_at <= here < ends_at
    if is_open:
        return local_now
    today = local_now.replace(hour=begins_at.hour, minute=begins_at.minute, second=0, microsecond=0)
    return today if today > local_now else today + timedelta(days=1)


def robot_delay(waiting: int, *, quiet_for: timedelta = timedelta(0), a_post: int = MOST_A_POST) -> timedelta:
    """Return how long it takes until the last of so many waiting messages is in a robot's group.

    Args:
        waiting: how many messages are due.
        quiet_for: how long the robot has to keep silent still after its last post; nothing where it may speak.
        a_post: how many messages it says as one.
    """
    if waiting <= 0:
        return timedelta(0)
    posts = -(-waiting // a_post)
    return max(quiet_for, timedelta(0)) + (posts - 1) * ROBOT_PAUSE


LONG_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){10,}[\dXx]")


def for_groups(text: str) -> str:
    """Return what a group may read: a number as long as a phone's or an ID card's is taken out.

    Whoever writes a public text names nobody; this is for what people typed into a title.
    """
    return LONG_NUMBER.sub("…", text)


def next_try_at(attempts: int, *, now: datetime) -> datetime | None:
    """Return when to try again after so many failed attempts, None when the channel had its chances."""
    if attempts > len(RETRY_AFTER):
        return None
    return now + RETRY_AFTER[max(attempts, 1) - 1]


def covers(channel_area: str, area_code: str) -> bool:
    """Tell whether a channel of one area serves another: its own subtree, everywhere when it names none."""
    return area_code.startswith(channel_area)


def merged(lines: Iterable[str], *, most_bytes: int) -> tuple[list[str], int]:
    """Return the different lines that fit into one message of so many bytes, and how many did not.

    The first line is always among them: a robot would rather refuse a long line than be silent.
    """
    fitting: list[str] = []
    room = most_bytes
    different = list(dict.fromkeys(lines))
    for line in different:
        room -= len(line.encode()) + 1
        if fitting and room < 0:
            break
        fitting.append(line)
    return fitting, len(different) - len(fitting)
