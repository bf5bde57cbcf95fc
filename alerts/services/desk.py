"""What the duty desk does: choose a grid, dispatch."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.formats import hour_minute
from accounts.models import User
from alerts.docket import Matter
from alerts.models import Alert
from alerts.policy import State
from alerts.services.common import AlertError, Kind, audit, in_hand, require_open
from residents.models import Area, Level


def place_alert(alert: Alert, *, grid: Area, by: User, now: datetime, from_where: str = "") -> Alert:
    """Say in which grid an alert belongs. Raises ``AlertError`` once it has reached one, or for no grid."""
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        _require_received(matter)
        _place(matter, grid)
        audit("placed", matter, grid=grid.code)
    return matter.alert


def dispatch_alert(alert: Alert, *, by: User, now: datetime, grid: Area | None = None, from_where: str = "") -> Alert:
    """Push an alert to its grid; with ``grid``, choose that one first. Its first specialist has it from this moment.

    Raises ``AlertError`` when somebody, or the clock, was first, or no grid is known.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        _require_received(matter)
        if grid is not None and grid.pk != matter.alert.grid_id:
            _place(matter, grid)
        if matter.alert.is_unplaced:
            raise AlertError(_("Choose a grid first: the alert names no known grid."))
        matter.dispatch(at=now)
        audit("dispatched", matter)
    return matter.alert


def _require_received(matter: Matter) -> None:
    require_open(matter.alert)
    if matter.alert.state == State.RECEIVED:
        return
    # dispatched_at is set in every state after this one
    at = matter.alert.dispatched_at or matter.docket.now
    raise AlertError(_("Already dispatched at {time}; the grid has it.").format(time=hour_minute(at)))


def _place(matter: Matter, grid: Area) -> None:
    if grid.level != Level.GRID:
        raise AlertError(_("{area} is not a grid.").format(area=grid.name))
    matter.set(grid=grid, area_code=grid.code)
    matter.docket.forget_teams()
    matter.note(Kind.PLACED, actor=matter.docket.by, detail={"grid": grid.name})
