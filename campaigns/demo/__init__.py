"""Outreach to try the program with: what was planned, what was held, whom it reached."""

from datetime import datetime

from campaigns.demo.everyday import make_everyday
from campaigns.demo.held import make_held
from campaigns.demo.plans import make_plans
from campaigns.demo.reached import make_reached
from campaigns.demo.thorough import make_thorough
from campaigns.models import Event


def make_outreach(*, now: datetime) -> int:
    """Make the outreach of the demo; return how many events there are."""
    make_plans(now=now)
    make_everyday(now=now)
    make_held(now=now)
    make_reached(now=now)
    make_thorough(now=now)
    return Event.objects.count()
