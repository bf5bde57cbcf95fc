"""What the outbox goes by: how urgent, in which order, how often, how long."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

SECONDS = timedelta(seconds=1)

RETRY_AFTER = (5 * SECONDS, 15 * SECONDS, 30 * SECONDS)
# Longer than any channel may take to answer, or a slow answer would be taken for a dead worker.
LEASE = 20 * SECONDS
# Robots of groups take 20 messages a minute and then fall silent, DingTalk's for ten minutes.
# One post every 3.2 seconds stays under that in every minute, however the network bunches them.
ROBOT_PAUSE = 3.2 * SECONDS
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


ROBOTS = frozenset({Kind.WECOM, Kind.DINGTALK, Kind.FEISHU})
# Most urgent first; the outbox stores the place, not the word, so that the database can sort by it.
PRIORITY = {Urgency.HIGH.value: 0, Urgency.MEDIUM.value: 1, Urgency.LOW.value: 2}


def kinds_in_order(chosen: Iterable[str]) -> list[str]:
    """Return every kind, those a person chose first. A choice orders; it never leaves a way out untried."""
    return list(dict.fromkeys([*(kind for kind in chosen if kind in Kind.values), *Kind.values]))


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
