"""What is asked of the list of look-backs, and what a person finds in one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from accounts.models import User
from campaigns.models import Problem
from cases.policy import LookBackState, Verdict
from cases.services import Remedy

LONGEST = 200
MOST_OF_A_REMEDY = Problem._meta.get_field("what").max_length

AreaChoices = Sequence[tuple[str, Any]]


class LookBackFilterForm(forms.Form):
    """Which look-backs are shown; kept in the URL."""

    area = forms.ChoiceField(label=_("Area"), required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("all")), *LookBackState.choices], required=False)
    verdict = forms.ChoiceField(label=_("Verdict"), choices=[("", _("all")), *Verdict.choices], required=False)
    since = DayField(label=_("Reported from"), required=False)
    until = DayField(label=_("Reported to"), required=False)

    def __init__(self, *args: Any, areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", _("all")), *areas]  # type: ignore[attr-defined]
        dress(self)


class RemedyForm(forms.Form):
    """What is to be mended, by whom, by when."""

    what = forms.CharField(
        label=_("Remedy"),
        max_length=MOST_OF_A_REMEDY,
        help_text=_("It goes onto the problem list, and is chased until somebody strikes it off. Name no resident."),
        error_messages={"required": _("Say what is to be mended.")},
    )
    owner = forms.ModelChoiceField(
        label=_("Who mends it"),
        queryset=User.objects.none(),
        empty_label=_("Choose who"),
        error_messages={"required": _("Choose who mends it.")},
    )
    due_on = DayField(label=_("By when"), error_messages={"required": _("Enter the day by which it is mended.")})

    def __init__(self, *args: Any, people: QuerySet[User], today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def clean_due_on(self) -> date | None:
        """Refuse a day that is over."""
        due_on: date | None = self.cleaned_data["due_on"]
        if due_on is not None and due_on < self.today:
            raise forms.ValidationError(_("This day has passed already; choose today or a later one."))
        return due_on

    @property
    def remedy(self) -> Remedy | None:
        """What was typed; ``None`` where nothing is to be mended."""
        cleaned = self.cleaned_data
        return Remedy(cleaned["what"], cleaned["owner"], cleaned["due_on"]) if cleaned["what"] else None


class ConfirmForm(RemedyForm):
    """The verdict a person finds, and why. A remedy is optional; one that is begun is whole."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the verdict.")},
    )
    cause = forms.CharField(
        label=_("Cause"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("How it could happen, in a sentence or two. Name nobody: it may stand in the bulletin."),
        error_messages={"required": _("Say in a sentence how it could happen.")},
    )
    shortcoming = forms.CharField(
        label=_("Shortcoming"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What was missing on our side; empty where nothing was."),
    )

    field_order = ("verdict", "cause", "shortcoming", "what", "owner", "due_on")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("what", "owner", "due_on"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Ask for all three parts of a remedy, or for none."""
        cleaned = super().clean() or {}
        parts = {name: cleaned.get(name) for name in ("what", "owner", "due_on")}
        if any(parts.values()):
            for name, value in parts.items():
                if not value and name not in self.errors:
                    self.add_error(name, self.fields[name].error_messages["required"])
        return cleaned


class ReopenForm(forms.Form):
    """Why a confirmed look-back is opened again."""

    why = forms.CharField(
        label=_("Why it is opened again"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say in a few words why it is opened again.")},
    )
