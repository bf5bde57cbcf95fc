"""The verbs of residents, by what they are about."""

from residents.services.appointing import appoint, wait_for_other_appointments
from residents.services.chasing import chase_overdue
from residents.services.common import ResidentsError
from residents.services.opening import open_minor, print_dossier, reveal_resident, view_dossier
from residents.services.pairing import end_pairing, pair
from residents.services.visiting import Found, log_visit

__all__ = [
    "Found",
    "ResidentsError",
    "appoint",
    "chase_overdue",
    "end_pairing",
    "log_visit",
    "open_minor",
    "pair",
    "print_dossier",
    "reveal_resident",
    "view_dossier",
    "wait_for_other_appointments",
]
