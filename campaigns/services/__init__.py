"""The verbs of outreach, by what they are about."""

from campaigns.services.attendance import finish_paper, open_names, reopen_paper, tick, untick
from campaigns.services.common import OutreachError
from campaigns.services.doors import add_doors, add_households, knock, remove_door
from campaigns.services.logging import Outcome, log_event, short_of
from campaigns.services.photos import add_photos, remove_photo
from campaigns.services.pledges import sign_pledge
from campaigns.services.sign_in import forget_sign_ins, open_sign_in, shut_sign_in, sign_in
from campaigns.services.touches import follow_moves, remember_pushed, take_back_touches, write_touches

__all__ = [
    "Outcome",
    "OutreachError",
    "add_doors",
    "add_households",
    "add_photos",
    "finish_paper",
    "follow_moves",
    "forget_sign_ins",
    "knock",
    "log_event",
    "open_names",
    "open_sign_in",
    "remember_pushed",
    "remove_door",
    "remove_photo",
    "reopen_paper",
    "short_of",
    "shut_sign_in",
    "sign_in",
    "sign_pledge",
    "take_back_touches",
    "tick",
    "untick",
    "write_touches",
]
