"""What a replay is ordered by."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress

LARGEST_FILE = 5 * 1024 * 1024
LONGEST_REPLAY = 92
"""Days: a quarter."""


class ReplayForm(forms.Form):
    """Which alerts are played again, under which policy and which duty roster."""

    area = forms.ChoiceField(label=_("Area"))
    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    version = forms.ChoiceField(
        label=_("Escalation policy"),
        required=False,
        help_text=_("A version or a draft of the administration. Nothing is switched on."),
    )
    policy_file = forms.FileField(
        label=_("… or a policy from a file"), required=False, help_text=_("JSON or CSV, as docs/learning.md shows.")
    )
    roster_file = forms.FileField(
        label=_("Duty roster from a file"),
        required=False,
        help_text=_(
            "Excel or CSV, as the duty roster is imported; choose its community or grid above. One made for days to "
            "come is moved back by whole weeks."
        ),
    )

    def __init__(
        self,
        *args: Any,
        areas: Iterable[tuple[str, str]],
        versions: Iterable[tuple[str, str]],
        on: date,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.on = on
        self.fields["area"].choices = list(areas)  # type: ignore[attr-defined]
        self.fields["version"].choices = [("", _("as it was")), *versions]  # type: ignore[attr-defined]
        dress(self)

    def clean(self) -> dict[str, Any]:
        """Refuse days that do not make a period, and files that nobody can mean."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", ValidationError(_("The last day lies before the first.")))
        elif first and last and (last - first).days >= LONGEST_REPLAY:
            self.add_error("last", ValidationError(_("Choose at most %(days)d days.") % {"days": LONGEST_REPLAY}))
        if first and first > self.on:
            self.add_error("first", ValidationError(_("Those days are still to come: no alert came in yet.")))
        if cleaned.get("version") and cleaned.get("policy_file"):
            self.add_error("policy_file", ValidationError(_("Choose a version or a file, not both.")))
        for name in ("policy_file", "roster_file"):
            if (file := cleaned.get(name)) and file.size > LARGEST_FILE:
                self.add_error(name, ValidationError(_("The file is larger than 5 MB.")))
        return cleaned
