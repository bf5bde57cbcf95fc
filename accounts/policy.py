"""How long somebody waits who mistypes, and what a role must do: pure tables and functions."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

FORGOTTEN_AFTER = timedelta(hours=24)
"""Failures are forgotten so long after the last of them."""

DEVICES_KEPT_FOR = timedelta(days=180)
"""A device on which nobody came in for so long is known no more."""


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are free; the next waits, each further one twice as long, up to a longest wait."""

    free: int
    first: timedelta
    longest: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """Return how long to wait after that many failures in a row; nothing while they are free."""
        over = failures - self.free
        if over <= 0:
            return timedelta()
        # Past thirty doublings every wait is the longest.
        doubled: int = 2 ** min(over - 1, 30)
        return min(self.first * doubled, self.longest)


class Against(Enum):
    """What failures are counted by."""

    PLACE = "place"
    """A name, from one address, on a device that does not know it: one office's address stops nobody else in it."""
    NAME = "name"
    """A name, from anywhere, on devices that do not know it: whoever has a thousand addresses is slowed too."""
    DEVICE = "device"
    """A name on a device where they came in before: nobody else's failures count against it."""


PATIENCE = {
    Against.PLACE: Patience(free=5, first=timedelta(seconds=30), longest=timedelta(minutes=15)),
    Against.NAME: Patience(free=25, first=timedelta(seconds=30), longest=timedelta(minutes=5)),
    Against.DEVICE: Patience(free=10, first=timedelta(seconds=30), longest=timedelta(minutes=15)),
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What somebody must do to come in and to stay, from all their roles."""

    needs_second_factor: bool = False
    remember_days: int = 0
    idle_minutes: int = 0
    desk_minutes: int = 0


# The most telling word first: an Android browser also says Linux, and Edge also says Chrome.
PROGRAMS = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("QQBrowser", "QQ Browser"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
MACHINES = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """Return what a device is, in two words: "Edge · Windows"; "" where the browser does not say."""
    found = (next((name for word, name in table if word in user_agent), "") for table in (PROGRAMS, MACHINES))
    return " · ".join(filter(None, found))
