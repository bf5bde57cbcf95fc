"""What is asked of the log of access, and of who takes a sheet home."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress


class AccessFilterForm(forms.Form):
    """Which lines of the log are shown; kept in the URL."""

    q = forms.CharField(label=_("Name or username"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("What"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = [("", _("all")), *kinds]  # type: ignore[attr-defined]
        dress(self)


class HandedToForm(forms.Form):
    """Who is handed the sheet."""

    handed_to = forms.CharField(
        label=_("Who is it handed to?"),
        max_length=60,
        help_text=_("The person, or who may ask for them: write who it is and what they are to them. It is recorded."),
        error_messages={"required": _("Write who it is handed to.")},
    )
