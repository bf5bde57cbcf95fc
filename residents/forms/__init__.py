"""What people type about residents and places, turned into what the verbs take."""

from residents.forms.care import CareForm, EndPairingForm, PairForm, ReasonForm, VisitForm
from residents.forms.places import (
    AppointForm,
    CommunityForm,
    EndForm,
    NameForm,
    NewAreaForm,
    NewPersonForm,
    PersonForm,
    PostForm,
    PostsFilterForm,
    RulesForm,
    SubstituteForm,
)
from residents.forms.privacy import AccessFilterForm, HandedToForm
from residents.forms.roster import DepartForm, ExportForm, ResidentForm, RosterFilterForm

__all__ = [
    "AccessFilterForm",
    "AppointForm",
    "CareForm",
    "CommunityForm",
    "DepartForm",
    "EndForm",
    "EndPairingForm",
    "ExportForm",
    "HandedToForm",
    "NameForm",
    "NewAreaForm",
    "NewPersonForm",
    "PairForm",
    "PersonForm",
    "PostForm",
    "PostsFilterForm",
    "ReasonForm",
    "ResidentForm",
    "RosterFilterForm",
    "RulesForm",
    "SubstituteForm",
    "VisitForm",
]
