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
from residents.services.common import ResidentsError
from residents.services.retention import Limits, Report, apply_retention, what_is_due
from residents.services.revealing import record_sheet
from residents.services.rules import set_rules

__all__ = [
    "Limits",
    "Report",
    "ResidentsError",
    "add_alias",
    "add_area",
    "apply_retention",
    "appoint",
    "appoint_new_person",
    "end_post",
    "next_code",
    "record_sheet",
    "remove_alias",
    "remove_area",
    "rename_area",
    "set_rules",
    "substitute",
    "wait_for_other_appointments",
    "what_is_due",
    "withdraw_post",
]
