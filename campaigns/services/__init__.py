"""The verbs of outreach, by what they are about."""

from campaigns.services.attendance import finish_paper, open_names, reopen_paper, tick, untick
from campaigns.services.campaigns import Line, record_export, save_campaign
from campaigns.services.common import OutreachError, on_duty_at
from campaigns.services.coverage import arrange_visits, keep_covers, record_names_printed
from campaigns.services.doors import add_doors, add_households, knock, remove_door
from campaigns.services.feeds import feed_of, renew_feed
from campaigns.services.groups import add_members, give_up_group, keep_group, remove_member, take_up_group
from campaigns.services.logging import Outcome, log_event, short_of
from campaigns.services.meetings import hold_next, keep_meeting
from campaigns.services.photos import add_photos, remove_photo
from campaigns.services.planning import NewPartner, Plan, cancel_event, change_event, move_event, plan_event
from campaigns.services.pledges import sign_pledge
from campaigns.services.problems import (
    add_problem,
    chase_problems,
    give_to,
    is_strikable_by,
    mark_mended,
    send_back,
    strike_off,
)
from campaigns.services.pushes import chase_pushes, log_push, take_back_push
from campaigns.services.repeating import change_later, make_next_events, plan_series, stop_series
from campaigns.services.sign_in import open_sign_in, shut_sign_in, sign_in
from campaigns.services.sites import chase_sites, keep_site, put_up_site, refresh_site, take_down_site
from campaigns.services.stock import count_stock, keep_material, move_stock
from campaigns.services.touches import carry_merged, remember_pushed, take_back_touches, write_touches

__all__ = [
    "Line",
    "NewPartner",
    "Outcome",
    "OutreachError",
    "Plan",
    "add_doors",
    "add_households",
    "add_members",
    "add_photos",
    "add_problem",
    "arrange_visits",
    "cancel_event",
    "carry_merged",
    "change_event",
    "change_later",
    "chase_problems",
    "chase_pushes",
    "chase_sites",
    "count_stock",
    "feed_of",
    "finish_paper",
    "give_to",
    "give_up_group",
    "hold_next",
    "is_strikable_by",
    "keep_covers",
    "keep_group",
    "keep_material",
    "keep_meeting",
    "keep_site",
    "knock",
    "log_event",
    "log_push",
    "make_next_events",
    "mark_mended",
    "move_event",
    "move_stock",
    "on_duty_at",
    "open_names",
    "open_sign_in",
    "plan_event",
    "plan_series",
    "put_up_site",
    "record_export",
    "record_names_printed",
    "refresh_site",
    "remember_pushed",
    "remove_door",
    "remove_member",
    "remove_photo",
    "renew_feed",
    "reopen_paper",
    "save_campaign",
    "send_back",
    "short_of",
    "shut_sign_in",
    "sign_in",
    "sign_pledge",
    "stop_series",
    "strike_off",
    "take_back_push",
    "take_back_touches",
    "take_down_site",
    "take_up_group",
    "tick",
    "untick",
    "write_touches",
]
