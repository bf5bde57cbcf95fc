"""The verbs of outreach, by what they are about."""

from campaigns.services.common import OutreachError
from campaigns.services.doors import add_doors
from campaigns.services.touches import follow_moves, remember_pushed, take_back_touches, write_touches

__all__ = [
    "OutreachError",
    "add_doors",
    "follow_moves",
    "remember_pushed",
    "take_back_touches",
    "write_touches",
]
