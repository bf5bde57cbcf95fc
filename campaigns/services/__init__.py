"""The verbs of outreach, by what they are about."""

from campaigns.services.campaigns import Line, record_export, save_campaign
from campaigns.services.common import OutreachError
from campaigns.services.coverage import arrange_visits, keep_covers, record_names_printed
from campaigns.services.doors import add_doors
from campaigns.services.feeds import renew_feed
from campaigns.services.planning import NewPartner, Plan, cancel_event, change_event, move_event, plan_event
from campaigns.services.repeating import change_later, make_next_events, plan_series, stop_series
from campaigns.services.touches import follow_moves, remember_pushed, take_back_touches, write_touches

__all__ = [
    "Line",
    "NewPartner",
    "OutreachError",
    "Plan",
    "add_doors",
    "arrange_visits",
    "cancel_event",
    "change_event",
    "change_later",
    "follow_moves",
    "keep_covers",
    "make_next_events",
    "move_event",
    "plan_event",
    "plan_series",
    "record_export",
    "record_names_printed",
    "remember_pushed",
    "renew_feed",
    "save_campaign",
    "stop_series",
    "take_back_touches",
    "write_touches",
]
