"""The verbs of residents, by what they are about."""

from residents.services.appointing import (
    appoint,
    appoint_new_person,
    end_post,
    substitute,
    wait_for_other_appointments,
    withdraw_post,
)
from residents.services.areas import add_alias, add_area, next_code, remove_alias, remove_area, rename_area
from residents.services.chasing import chase_overdue
from residents.services.common import ResidentsError
from residents.services.counting import keep_app
from residents.services.exporting import enter_export, exported, record_export, record_search
from residents.services.follow_ups import (
    cancel_follow_up,
    cancel_follow_ups_under,
    give_follow_up,
    plan_follow_ups,
    who_follows_up,
)
from residents.services.opening import open_minor, print_dossier, reveal_resident, view_dossier
from residents.services.pairing import end_pairing, pair
from residents.services.people import bring_back, change, end, merge, take_on, twins_of
from residents.services.retention import (
    Keeper,
    Limit,
    Limits,
    Report,
    apply_retention,
    delete_files,
    keepers,
    register_keeper,
    what_is_due,
)
from residents.services.revealing import record_sheet
from residents.services.rules import set_numbers, set_rules
from residents.services.visiting import Found, log_visit

__all__ = [
    "Found",
    "Keeper",
    "Limit",
    "Limits",
    "Report",
    "ResidentsError",
    "add_alias",
    "add_area",
    "apply_retention",
    "appoint",
    "appoint_new_person",
    "bring_back",
    "cancel_follow_up",
    "cancel_follow_ups_under",
    "change",
    "chase_overdue",
    "delete_files",
    "end",
    "end_pairing",
    "end_post",
    "enter_export",
    "exported",
    "give_follow_up",
    "keep_app",
    "keepers",
    "log_visit",
    "merge",
    "next_code",
    "open_minor",
    "pair",
    "plan_follow_ups",
    "print_dossier",
    "record_export",
    "record_search",
    "record_sheet",
    "register_keeper",
    "remove_alias",
    "remove_area",
    "rename_area",
    "reveal_resident",
    "set_numbers",
    "set_rules",
    "substitute",
    "take_on",
    "twins_of",
    "view_dossier",
    "wait_for_other_appointments",
    "what_is_due",
    "who_follows_up",
    "withdraw_post",
]
