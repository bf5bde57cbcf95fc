"""What the list of alerts is narrowed by."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from alerts.policy import Fact, Level, Outcome, State


class FilterForm(forms.Form):
    """What the list is narrowed to; kept in the URL."""

    names_people = True

    q = forms.CharField(label=_("Name, phone, address or number"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("open", _("open")), ("real", _("neither drill nor void")), *State.choices],
    )
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[("", _("all")), *Level.choices])
    grid = forms.ChoiceField(label=_("Grid or wider"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("all")), *Outcome.choices])
    fact = forms.ChoiceField(label=_("Kept or not"), required=False, choices=[("", _("all")), *Fact.choices])
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    # What the statistics of the clock lead here with: kept in the address, chosen by nobody.
    holder = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput())
    hour = forms.IntegerField(required=False, min_value=0, max_value=23, widget=forms.HiddenInput())
    weekday = forms.IntegerField(required=False, min_value=1, max_value=7, widget=forms.HiddenInput())
    actual = forms.ChoiceField(
        required=False, choices=[("", ""), ("any", ""), *Level.choices], widget=forms.HiddenInput()
    )
    took = forms.RegexField(
        r"^(dispatch|high|medium|low):\d{1,4}-(\d{1,4})?$", required=False, widget=forms.HiddenInput()
    )
    clock = forms.RegexField(r"^(dispatch|high|medium|low):(met|breached)$", required=False, widget=forms.HiddenInput())
    called = forms.RegexField(r"^(true|false|any)$", required=False, widget=forms.HiddenInput())
    called_since = DayField(required=False, widget=forms.HiddenInput())
    called_until = DayField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["grid"].choices = [("", _("all")), *places]  # type: ignore[attr-defined]
        dress(self)
