"""Outreach to try the program with: what was planned, what was held, whom it reached."""

from datetime import datetime

from campaigns.demo.everyday import make_everyday


def make_outreach(*, now: datetime) -> int:
    """Make the outreach of the demo; return how many events there are."""
    make_everyday(now=now)
    return 0
