"""Who makes a follow-up visit, or why nobody does."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class GiveFollowUpForm(forms.Form):
    """To whom a follow-up is given."""

    to = forms.ModelChoiceField(
        label=_("Who goes"),
        queryset=User.objects.none(),
        empty_label=_("Choose who"),
        error_messages={"required": _("Choose who goes.")},
    )

    def __init__(self, *args: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class CancelFollowUpForm(forms.Form):
    """Why a follow-up is not made."""

    why = forms.CharField(
        label=_("Why nobody goes"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say in a few words why nobody goes.")},
    )
