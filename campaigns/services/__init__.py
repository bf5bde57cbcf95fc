"""The verbs of outreach, by what they are about."""

from campaigns.services.attendance import finish_paper, open_names, reopen_paper, tick, untick
from campaigns.services.campaigns import Line, record_export, save_campaign
from campaigns.services.common import OutreachError
from campaigns.services.coverage import arrange_visits, keep_covers, record_names_printed
from campaigns.services.doors import add_doors, add_households, knock, remove_door
from campaigns.services.feeds import renew_feed
from campaigns.services.logging import Outcome, log_event, short_of
from campaigns.services.photos import add_photos, remove_photo
from campaigns.services.planning import NewPartner, Plan, cancel_event, change_event, move_event, plan_event
from campaigns.services.pledges import sign_pledge
from campaigns.services.repeating import change_later, make_next_events, plan_series, stop_series
from campaigns.services.sign_in import forget_sign_ins, open_sign_in, shut_sign_in, sign_in
from campaigns.services.touches import follow_moves, remember_pushed, take_back_touches, write_touches

__all__ = [
    "Line",
    "NewPartner",
    "Outcome",
    "OutreachError",
    "Plan",
    "add_doors",
    "add_households",
    "add_photos",
    "arrange_visits",
    "cancel_event",
    "change_event",
    "change_later",
    "finish_paper",
    "follow_moves",
    "forget_sign_ins",
    "keep_covers",
    "knock",
    "log_event",
    "make_next_events",
    "move_event",
    "open_names",
    "open_sign_in",
    "plan_event",
    "plan_series",
    "record_export",
    "record_names_printed",
    "remember_pushed",
    "remove_door",
    "remove_photo",
    "renew_feed",
    "reopen_paper",
    "save_campaign",
    "short_of",
    "shut_sign_in",
    "sign_in",
    "sign_pledge",
    "stop_series",
    "take_back_touches",
    "tick",
    "untick",
    "write_touches",
]
