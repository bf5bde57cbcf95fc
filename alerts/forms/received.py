"""What the page of received messages is asked for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import dress
from alerts.models import Source
from alerts.policy import Became


class ReceivedForm(forms.Form):
    """What the list of received messages is narrowed to; kept in the URL."""

    became = forms.ChoiceField(
        label=_("What it became"),
        required=False,
        choices=[
            ("", _("all")),
            ("unread", _("not taken in yet")),
            *((one.value, one.label) for one in Became if one not in {Became.WAITING, Became.REFUSED, Became.FAILED}),
        ],
    )
    source = forms.ChoiceField(label=_("Source"), required=False)

    def __init__(self, *args: Any, sources: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["source"].choices = [("", _("all")), *sources]  # type: ignore[attr-defined]
        dress(self)


class AgainForm(forms.Form):
    """Whose messages are tried again; empty: those of senders that nobody knows."""

    source = forms.ModelChoiceField(Source.objects.all(), required=False)
