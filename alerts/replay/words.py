"""What a replay's findings are called, on its page and in its workbook."""

from django.utils.translation import gettext as _

from accounts.formats import share
from alerts.policy import Level, Objective, ObjectiveState
from alerts.replay.trial import Tally


def clock_named(key: str) -> str:
    """Return what a kind of clock is called: dispatch, respond.high."""
    objective, _dot, level = key.partition(".")
    name = str(Objective(objective).label)
    return _("{objective}, {level} risk").format(objective=name, level=Level(level).label) if level else name


def state_named(state: str) -> str:
    """Return how a clock ended, in a word; a dash where there was none."""
    return str(ObjectiveState(state).label) if state else "–"


def kept_said(tally: Tally, *, there: bool) -> str:
    """Return how many clocks of those that ended were kept: 12 of 14 (85.7 %)."""
    kept, breached = (tally.kept_there, tally.breached_there) if there else (tally.kept, tally.breached)
    return share(kept, kept + breached)
