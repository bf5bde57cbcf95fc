"""What an informant saw."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PictureField, PressedField
from alerts.policy import Hurry
from alerts.services import Seen


class InformForm(forms.Form):
    """What an informant saw, in three fields and a photo."""

    press = forms.UUIDField(widget=forms.HiddenInput)
    pressed_at = PressedField(required=False, widget=forms.HiddenInput)
    where = forms.CharField(
        label=_("Where"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Building, unit, door; or the place where you saw it."),
        error_messages={"required": _("Say where, as well as you know it.")},
    )
    what = forms.CharField(
        label=_("What seems wrong"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "For example: on the phone for an hour and in tears; strangers carry boxes in; wants to send money."
        ),
        error_messages={"required": _("Say in a few words what seems wrong.")},
    )
    hurry = forms.ChoiceField(
        label=_("How urgent"),
        choices=Hurry.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how urgent it is.")},
    )
    photo = PictureField(label=_("A photo, if you have one"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("where", "what", "photo"):
            self.fields[name].widget.attrs["class"] = "form-control"

    @property
    def seen(self) -> Seen:
        """What the verb takes."""
        cleaned = self.cleaned_data
        return Seen(
            where=cleaned["where"].strip(),
            what=cleaned["what"].strip(),
            hurry=Hurry(cleaned["hurry"]),
            photo=cleaned["photo"],
        )
