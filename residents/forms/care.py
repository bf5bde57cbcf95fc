"""What people type about care: reasons, pairings, visits."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, MomentField, PictureField, dress
from accounts.models import User
from residents.policy import Group, Lack, Mood, Purpose, VisitResult, WarningSign
from residents.services import Found

NUMBER = re.compile(r"\d{5,}[Xx]?")


class ReasonForm(forms.Form):
    """Why a record is opened: one of the usual reasons, or one's own words."""

    usual = forms.ChoiceField(required=False, choices=Purpose.choices)
    reason = forms.CharField(required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Ask for a reason."""
        cleaned = super().clean() or {}
        if not (cleaned.get("usual") or (cleaned.get("reason") or "").strip()):
            raise ValidationError(_("Choose a reason, or write one."))
        return cleaned

    @property
    def words(self) -> str:
        """What was written, else the name of what was chosen. The trail holds no number that somebody wrote here."""
        return NUMBER.sub("…", self.cleaned_data["reason"].strip()) or str(self.cleaned_data["usual"])


class PairForm(forms.Form):
    """Who looks after a resident from when on."""

    carer = forms.ModelChoiceField(
        label=_("Carer"),
        queryset=User.objects.none(),
        empty_label=_("Choose who"),
        error_messages={
            "required": _("Choose who looks after this resident."),
            "invalid_choice": _("This person has no post here that visits; choose somebody of the list."),
        },
    )
    starts_on = DayField(label=_("First day"))

    def __init__(self, *args: Any, carers: Iterable[User], **options: Any) -> None:
        super().__init__(*args, **options)
        ids = [carer.pk for carer in carers]
        self.fields["carer"].queryset = User.objects.filter(pk__in=ids)  # type: ignore[attr-defined]


class EndPairingForm(forms.Form):
    """The last day of a pairing."""

    ends_on = DayField(label=_("The last day"))


class VisitForm(forms.Form):
    """A visit in two presses: what came of it, and save. The rest may stay empty."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    result = forms.ChoiceField(
        label=_("What came of it?"),
        choices=VisitResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what came of it.")},
    )
    signs = forms.MultipleChoiceField(
        label=_("Warning signs"), choices=WarningSign.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    mood = forms.ChoiceField(label=_("How they seemed"), choices=Mood.choices, required=False, widget=forms.RadioSelect)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    photo = PictureField(label=_("Photo"), required=False, help_text=_("As the phone takes it, at most 20 MB."))
    next_on = DayField(label=_("Next time"), required=False, help_text=_("Empty: within the usual days."))
    at = MomentField(label=_("When it was"), required=False, help_text=_("Empty: just now."))

    @property
    def found(self) -> Found:
        """What the verb takes."""
        cleaned = self.cleaned_data
        return Found(
            result=cleaned["result"],
            mood=cleaned["mood"],
            signs=cleaned["signs"],
            note=cleaned["note"],
            next_on=cleaned["next_on"],
        )

    @property
    def happened_at(self) -> datetime | None:
        """When the visit was, where it was not just now; typed as the office's own time."""
        at: datetime | None = self.cleaned_data["at"]
        return at.astimezone(UTC) if at is not None else None

    @property
    def is_more_filled(self) -> bool:
        """Whether anything but the result is wrong or filled in: it must not be folded away."""
        return any(name in self.errors or self.data.get(name) for name in ("mood", "note", "next_on", "at", "photo"))


class CareForm(forms.Form):
    """What the page of key groups is narrowed to, and the week whose visits are counted; kept in the URL."""

    grid = forms.ChoiceField(label=_("Grid"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    due = forms.ChoiceField(
        label=_("Visits"),
        required=False,
        choices=[("", _("all")), *Lack.choices],
    )
    week = DayField(label=_("Count the week of"), required=False)

    def __init__(self, *args: Any, grids: Iterable[tuple[str, str]], groups: Iterable[Group], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["grid"].choices = [("", _("all")), *grids]  # type: ignore[attr-defined]
        self.fields["group"].choices = [("", _("all")), *((str(g), g.label) for g in groups)]  # type: ignore[attr-defined]
        dress(self)

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen and is right; a wrong filter narrows nothing."""
        self.is_valid()
        return self.cleaned_data

    @property
    def week_of(self) -> date | None:
        """A day of the week to count; none where none was chosen."""
        return self.chosen.get("week")
