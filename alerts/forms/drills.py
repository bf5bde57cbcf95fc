"""A drill that is planned, and what it taught."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import MomentField
from accounts.models import User
from alerts.policy import Level
from alerts.services import Plan
from knowledge.models import FraudType
from residents.models import Area


class DrillForm(forms.Form):
    """What is to be played, where, when, and who leads it."""

    scenario = forms.CharField(
        label=_("What is played"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the desk and the grid read, as an alert would say it."),
        error_messages={"required": _("Write what is played, as an alert would say it.")},
    )
    level = forms.ChoiceField(
        label=_("Risk level"),
        choices=Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose high, medium or low.")},
    )
    fraud_type = forms.ModelChoiceField(
        label=_("Type"), queryset=FraudType.objects.all(), required=False, empty_label=_("not known yet")
    )
    grids = forms.TypedMultipleChoiceField(
        label=_("Grids"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose one grid or more."),
            "invalid_choice": _("Choose among the grids of the list."),
        },
    )
    leader = forms.TypedChoiceField(
        label=_("Who leads it, and is called in the resident's place"),
        coerce=int,
        error_messages={"required": _("Choose who leads it."), "invalid_choice": _("Choose who leads it.")},
    )
    starts_at = MomentField(label=_("When (empty: now)"), required=False)
    is_announced = forms.BooleanField(label=_("Announced: those who will be in it are told now"), required=False)

    def __init__(
        self, *args: Any, grids: Iterable[tuple[int, str]], leaders: Iterable[tuple[int, str]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.fields["grids"].choices = list(grids)  # type: ignore[attr-defined]
        self.fields["leader"].choices = list(leaders)  # type: ignore[attr-defined]

    @property
    def plan(self) -> Plan:
        """What the verb takes."""
        cleaned = self.cleaned_data
        return Plan(
            scenario=cleaned["scenario"].strip(),
            level=cleaned["level"],
            fraud_type=cleaned["fraud_type"],
            grids=list(Area.objects.filter(pk__in=cleaned["grids"]).order_by("code")),
            leader=User.objects.get(pk=cleaned["leader"]),
            is_announced=cleaned["is_announced"],
            starts_at=cleaned["starts_at"],
        )


class LessonsForm(forms.Form):
    """What is to be done better next time."""

    lessons = forms.CharField(
        label=_("What to do better next time"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
