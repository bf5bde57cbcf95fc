"""What people type about alerts and the duty roster, turned into what the verbs take: a file for each screen."""

from alerts.forms.afterwards import CallBackForm, FeedbackForm, StoryForm
from alerts.forms.alert import DeedForm, ExcuseForm, HandOverForm, HelpForm, PlaceForm, VoidForm
from alerts.forms.closing import CloseForm
from alerts.forms.drills import DrillForm, LessonsForm
from alerts.forms.fields import MoneyField
from alerts.forms.handover import HandOverShiftForm
from alerts.forms.informants import InformForm
from alerts.forms.lists import FilterForm
from alerts.forms.raising import EntryForm, RaiseForm
from alerts.forms.received import AgainForm, ReceivedForm
from alerts.forms.replays import ReplayForm
from alerts.forms.roster import (
    HolidayForm,
    HoursForm,
    LastDayForm,
    PlaceOfShiftForm,
    RotationForm,
    ShiftForm,
    SpanForm,
    SwapForm,
    WeekForm,
)

__all__ = [
    "AgainForm",
    "CallBackForm",
    "CloseForm",
    "DeedForm",
    "DrillForm",
    "EntryForm",
    "ExcuseForm",
    "FeedbackForm",
    "FilterForm",
    "HandOverForm",
    "HandOverShiftForm",
    "HelpForm",
    "HolidayForm",
    "HoursForm",
    "InformForm",
    "LastDayForm",
    "LessonsForm",
    "MoneyField",
    "PlaceForm",
    "PlaceOfShiftForm",
    "RaiseForm",
    "ReceivedForm",
    "ReplayForm",
    "RotationForm",
    "ShiftForm",
    "SpanForm",
    "StoryForm",
    "SwapForm",
    "VoidForm",
    "WeekForm",
]
