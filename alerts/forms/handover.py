"""What is left to whoever takes over a shift."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class HandOverShiftForm(forms.Form):
    """What a shift leaves to the next, signed as it stands on the page."""

    area = forms.ChoiceField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    watch = forms.CharField(
        label=_("What to watch"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Carried on from the shift before; strike out what is settled."),
    )

    def __init__(self, *args: Any, desks: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = list(desks)  # type: ignore[attr-defined]
