"""The robot of a group, as whoever keeps the place sets it up."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.models import Channel
from notifications.policy import ROBOTS, Kind
from residents.forms.places import AreaChoices

SECRET = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class RobotForm(forms.Form):
    """Where it speaks, and what it needs to be let in. What is stored of the secret parts is never shown again."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[(kind.value, kind.label) for kind in Kind if kind in ROBOTS])
    area = forms.ChoiceField(
        label=_("Place"),
        help_text=_("It tells the group about this place and all below it. Of several robots the nearest speaks."),
        error_messages={"required": _("Choose the place."), "invalid_choice": _("Choose one of your places.")},
    )
    name = forms.CharField(
        label=_("Name of the group"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the name, so that people know which group is meant.")},
    )
    address = forms.CharField(
        label=_("Web address of the robot"),
        max_length=500,
        widget=forms.TextInput(attrs=SECRET),
        help_text=_("Copy it from the group's settings. Whoever has it can write there: it is kept enciphered."),
        error_messages={"required": _("Paste the web address that the group shows for its robot.")},
    )
    secret = forms.CharField(
        label=_("Secret it signs with"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=SECRET),
        help_text=_("DingTalk (begins with SEC) and Feishu, where you chose “signature”. Else empty."),
    )
    forget_secret = forms.BooleanField(label=_("It signs no more: forget the secret"), required=False)
    keyword = forms.CharField(
        label=_("Keyword"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("DingTalk and Feishu, where you chose “keyword”: it is then in every message."),
    )
    mention = forms.BooleanField(
        label=_("Call by @ whom a message is for, by their mobile number (WeCom, DingTalk)"), required=False
    )
    is_active = forms.BooleanField(label=_("Switched on"), required=False)

    def __init__(self, *args: Any, areas: AreaChoices, robot: Channel | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", _("choose")), *areas]  # type: ignore[attr-defined]
        if robot is None:
            del self.fields["forget_secret"]
        else:
            del self.fields["kind"]
            for name in ("address", "secret"):
                self.fields[name].required = False
                self.fields[name].help_text = _("Never shown. Leave it empty to keep what is stored.")

    @property
    def settings(self) -> dict[str, Any]:
        """What the verbs take."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "area"}
        return {**typed, "area_code": self.cleaned_data["area"]}
