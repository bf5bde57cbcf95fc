"""Outreach to try the program with: what was planned, what was held, whom it reached."""

from datetime import datetime


def make_outreach(*, now: datetime) -> int:
    """Make the outreach of the demo; return how many events there are."""
    return 0
