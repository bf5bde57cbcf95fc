"""The verbs of cases, by what they are about."""

from cases.services.carrying import carried_from_alert, carried_from_roster
from cases.services.common import CasesError
from cases.services.follow_ups import plan_follow_ups, plan_recent_follow_ups
from cases.services.ledger import bring_case_back, correct_case, enter_case, withdraw_case
from cases.services.lookback import (
    Remedy,
    add_remedy,
    confirm_look_back,
    open_look_back,
    print_look_back,
    reopen_look_back,
    take_evidence_again,
)
from cases.services.opening import record_case_export, record_case_search, reveal_victim, view_case
from cases.services.retention import forget_victims
from cases.services.writing import restored, stored, take_back, write_cases

__all__ = [
    "CasesError",
    "Remedy",
    "add_remedy",
    "bring_case_back",
    "carried_from_alert",
    "carried_from_roster",
    "confirm_look_back",
    "correct_case",
    "enter_case",
    "forget_victims",
    "open_look_back",
    "plan_follow_ups",
    "plan_recent_follow_ups",
    "print_look_back",
    "record_case_export",
    "record_case_search",
    "reopen_look_back",
    "restored",
    "reveal_victim",
    "stored",
    "take_back",
    "take_evidence_again",
    "view_case",
    "withdraw_case",
    "write_cases",
]
