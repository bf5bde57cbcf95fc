"""The presses at an alert that bring words along."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.policy import Confirmation, Deed, Help


class PlaceForm(forms.Form):
    """The grid chosen for an alert that could not be placed."""

    grid = forms.TypedChoiceField(
        label=_("Grid"),
        coerce=int,
        error_messages={"required": _("Choose a grid first."), "invalid_choice": _("Choose a grid first.")},
    )

    def __init__(self, *args: Any, grids: Iterable[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["grid"].choices = [(str(pk), name) for pk, name in grids]  # type: ignore[attr-defined]


class DeedForm(forms.Form):
    """One press of a step."""

    deed = forms.ChoiceField(choices=Deed.choices)


class ExcuseForm(forms.Form):
    """Why a confirmation is impossible: one of the usual reasons, or one's own words."""

    confirmation = forms.ChoiceField(choices=Confirmation.choices)
    usual = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(required=False, max_length=200)

    @property
    def words(self) -> str:
        """What was chosen or written; own words go before."""
        return str(self.cleaned_data["reason"].strip() or self.cleaned_data["usual"].strip())


class HelpForm(forms.Form):
    """Whom somebody calls for."""

    whom = forms.ChoiceField(choices=Help.choices, required=False)

    @property
    def help(self) -> Help:
        """Who it is; the partner where nothing was said."""
        return Help(self.cleaned_data["whom"] or Help.PARTNER)


class HandOverForm(forms.Form):
    """To whom, and why; without a person to whoever is free next."""

    to = forms.IntegerField(required=False)
    reason = forms.CharField(required=False, max_length=200)


class VoidForm(forms.Form):
    """Why an alert never was one."""

    usual = forms.ChoiceField(
        label=_("Why"),
        required=False,
        choices=[
            (_("Duplicate of another alert"), _("Duplicate of another alert")),
            (_("A test"), _("A test")),
            (_("Withdrawn by the source"), _("Withdrawn by the source")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Or in your own words"), required=False, max_length=200)

    @property
    def words(self) -> str:
        """What was chosen or written; own words go before."""
        return str(self.cleaned_data["reason"].strip() or self.cleaned_data["usual"])
