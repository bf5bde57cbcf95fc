"""The verbs of residents, by what they are about."""

from residents.services.appointing import appoint, wait_for_other_appointments
from residents.services.common import ResidentsError
from residents.services.exporting import exported, record_export, record_opening, record_search
from residents.services.people import bring_back, change, end, merge, take_on, twins_of

__all__ = [
    "ResidentsError",
    "appoint",
    "bring_back",
    "change",
    "end",
    "exported",
    "merge",
    "record_export",
    "record_opening",
    "record_search",
    "take_on",
    "twins_of",
    "wait_for_other_appointments",
]
