"""What people choose about being told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.policy import Kind


class ChannelOrderForm(forms.Form):
    """The way out of the program that a person wants tried first; the others follow in their usual order."""

    first = forms.ChoiceField(
        label=_("Tell me first by"),
        required=False,
        choices=[("", _("as the program finds best")), *Kind.choices],
        help_text=_("If it does not work, the other ways are tried by themselves. The inbox always has everything."),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        options["initial"] = {"first": next(iter(user.channel_order), "")}
        super().__init__(*args, **options)

    @property
    def order(self) -> list[str]:
        """The kinds in the order preferred; empty leaves it to the program."""
        first = self.cleaned_data["first"]
        return [first] if first else []
