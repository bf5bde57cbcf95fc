"""The verbs of residents, by what they are about."""

from residents.services.appointing import appoint, wait_for_other_appointments
from residents.services.chasing import chase_overdue
from residents.services.common import ResidentsError
from residents.services.exporting import exported, record_export, record_opening, record_search
from residents.services.opening import open_minor, print_dossier, reveal_resident, view_dossier
from residents.services.pairing import end_pairing, pair
from residents.services.people import bring_back, change, end, merge, take_on, twins_of
from residents.services.visiting import Found, log_visit

__all__ = [
    "Found",
    "ResidentsError",
    "appoint",
    "bring_back",
    "change",
    "chase_overdue",
    "end",
    "end_pairing",
    "exported",
    "log_visit",
    "merge",
    "open_minor",
    "pair",
    "print_dossier",
    "record_export",
    "record_opening",
    "record_search",
    "reveal_resident",
    "take_on",
    "twins_of",
    "view_dossier",
    "wait_for_other_appointments",
]
