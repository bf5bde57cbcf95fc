"""What people type about residents, turned into what the verbs take."""

from residents.forms.care import CareForm, DayInput, EndPairingForm, PairForm, ReasonForm, VisitForm
from residents.forms.roster import DayField, EndForm, ExportForm, ResidentForm, RosterFilterForm

__all__ = [
    "CareForm",
    "DayField",
    "DayInput",
    "EndForm",
    "EndPairingForm",
    "ExportForm",
    "PairForm",
    "ReasonForm",
    "ResidentForm",
    "RosterFilterForm",
    "VisitForm",
]
