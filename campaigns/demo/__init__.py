"""Outreach to try the program with: what was planned, what was held, whom it reached."""

from datetime import datetime

from campaigns.demo.held import make_held


def make_outreach(*, now: datetime) -> int:
    """Make the outreach of the demo; return how many events there are."""
    return make_held(now=now)
