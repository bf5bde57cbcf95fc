"""The verbs of outreach, by what they are about."""

from campaigns.services.common import OutreachError, on_duty_at
from campaigns.services.groups import add_members, give_up_group, keep_group, remove_member, take_up_group
from campaigns.services.meetings import hold_next, keep_meeting
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
from campaigns.services.sites import chase_sites, keep_site, put_up_site, refresh_site, take_down_site
from campaigns.services.stock import count_stock, keep_material, move_stock
from campaigns.services.touches import follow_moves, remember_pushed, take_back_touches, write_touches

__all__ = [
    "OutreachError",
    "add_members",
    "add_problem",
    "chase_problems",
    "chase_pushes",
    "chase_sites",
    "count_stock",
    "follow_moves",
    "give_to",
    "give_up_group",
    "hold_next",
    "is_strikable_by",
    "keep_group",
    "keep_material",
    "keep_meeting",
    "keep_site",
    "log_push",
    "mark_mended",
    "move_stock",
    "on_duty_at",
    "put_up_site",
    "refresh_site",
    "remember_pushed",
    "remove_member",
    "send_back",
    "strike_off",
    "take_back_push",
    "take_back_touches",
    "take_down_site",
    "take_up_group",
    "write_touches",
]
