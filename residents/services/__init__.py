"""The verbs of residents, by what they are about."""

from residents.services.appointing import appoint, wait_for_other_appointments
from residents.services.common import ResidentsError

__all__ = [
    "ResidentsError",
    "appoint",
    "wait_for_other_appointments",
]
