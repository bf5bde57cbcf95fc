"""The verbs of accounts."""

from accounts.services.brakes import Attempt, TooSoonError, count_attempt, forget_failures
from accounts.services.devices import (
    end_sittings,
    forget_devices,
    know_device,
    known_device,
    let_go_of_guards,
    sit_down,
)
from accounts.services.factors import (
    address_of,
    begin_factor,
    codes_left,
    confirm_factor,
    has_factor,
    passes_factor,
    remove_factor,
    renew_codes,
)
from accounts.services.rotating import Progress, count_left, rotate_keys
from accounts.services.sealing import Finding, head_of_trail, mark_and_seal, verify
from accounts.services.trail import PRESSES_KEPT, RefusedError, forget_presses, press_once, record

__all__ = [
    "PRESSES_KEPT",
    "Attempt",
    "Finding",
    "Progress",
    "RefusedError",
    "TooSoonError",
    "address_of",
    "begin_factor",
    "codes_left",
    "confirm_factor",
    "count_attempt",
    "count_left",
    "end_sittings",
    "forget_devices",
    "forget_failures",
    "forget_presses",
    "has_factor",
    "head_of_trail",
    "know_device",
    "known_device",
    "let_go_of_guards",
    "mark_and_seal",
    "passes_factor",
    "press_once",
    "record",
    "remove_factor",
    "renew_codes",
    "rotate_keys",
    "sit_down",
    "verify",
]
