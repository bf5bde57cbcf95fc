"""Duty rosters for tests, over the people of a scene."""

from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.calendars import DAILY, Stretch
from accounts.clock import LOCAL_TZ
from accounts.models import User
from alerts import services
from alerts.models import Shift
from alerts.policy import ShiftKind, Turn
from alerts.services import Pattern
from alerts.tests.factories import NOON, Scene
from residents.models import Area

THURSDAY = date(2026, 4, 2)
"""The day of NOON."""


def at(hour: int, *, day: date = THURSDAY) -> datetime:
    """Return an hour of a day where the office stands."""
    return datetime.combine(day, time(), tzinfo=LOCAL_TZ) + timedelta(hours=hour)


def hours(begins: int, ends: int, *, day: date = THURSDAY) -> Stretch:
    """Return the hours of a day; 32 is eight o'clock on the next."""
    return Stretch(at(begins, day=day), at(ends, day=day))


def on_call(
    user: User, area: Area, *, begins: int = 8, ends: int = 20, kind: str = ShiftKind.ON_CALL, day: date = THURSDAY
) -> Shift:
    """Give somebody hours on call."""
    return services.add_shift(area, kind=kind, user=user, hours=hours(begins, ends, day=day), by=None, now=NOON)


def at_desk(user: User, scene: Scene, *, begins: int = 8, ends: int = 20, day: date = THURSDAY) -> Shift:
    """Give somebody hours at the desk of a scene's community."""
    area = scene.place.community
    return on_call(user, area, begins=begins, ends=ends, kind=ShiftKind.DESK, day=day)


def pattern(area: Area, *people: User, **fields: object) -> Pattern:
    """Return what repeats every day from eight to twenty o'clock, unless told."""
    usual = {
        "kind": ShiftKind.ON_CALL,
        "rule": DAILY,
        "starts": time(8),
        "ends": time(20),
        "first_on": THURSDAY,
        "turn": Turn.DATE,
    }
    return Pattern(area=area, people=people, **{**usual, **fields})


def make_duty(scene: Scene, *, now: datetime) -> dict[str, Any]:
    """Return one row of each kind of a scene's duty roster, the shift with a swap that waits."""
    tomorrow = now + timedelta(days=1)
    span = Stretch(tomorrow, tomorrow + timedelta(hours=8))
    shift = services.add_shift(scene.grid, kind=ShiftKind.ON_CALL, user=scene.first, hours=span, by=None, now=now)
    rotation, _made = services.begin_rotation(
        pattern(scene.place.community, scene.officer, kind=ShiftKind.DESK, first_on=now.date()),
        by=scene.manager,
        now=now,
    )
    page = {"as_of": "", "received": 0, "high": 0, "open": [], "missed": []}
    return {
        "shift": shift,
        "rotation": rotation,
        "swap": services.ask_swap(shift, of=scene.second, by=scene.first, now=now),
        "holiday": services.add_holiday(
            on=tomorrow.date(), name="元旦", area=scene.place.community, by=scene.manager, now=now
        ),
        "hand_over": services.leave_shift(
            scene.place.community, page=page, watch=scene.grid.name, begins_at=now, by=scene.officer, now=now
        ),
    }
