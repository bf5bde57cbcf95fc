"""How an alert really ended."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.forms.fields import MILLION, MoneyField
from alerts.models import Alert
from alerts.policy import CONFIRMS, Confirmation, Deed, Level, Outcome
from alerts.services import Ending
from knowledge.models import FraudType

OTHER = "other"
DONE = "done"


def spoken_to_by(alert: Alert) -> str:
    """Return who was spoken to, as the confirmed steps tell it."""
    family = Confirmation.FAMILY in alert.confirmed
    resident = bool({Confirmation.PHONE, Confirmation.DOOR, Confirmation.CONTACT} & alert.confirmed.keys())
    return "both" if family and resident else "family" if family else "resident" if resident else "nobody"


class CloseForm(forms.Form):
    """How an alert really ended; asks right here for every confirmation that is missing, or its reason."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    spoken_to = forms.ChoiceField(label=_("Who was spoken to?"), widget=forms.RadioSelect)
    lost = MoneyField(label=_("Lost (yuan)"), required=False, help_text=_("Only where money was really lost."))
    prevented = MoneyField(
        label=_("Prevented (yuan, your estimate)"), required=False, help_text=_("What would have been transferred.")
    )
    is_sure = forms.BooleanField(label=_("More than a million yuan: the amount is right"), required=False)
    level = forms.ChoiceField(label=_("Level as it really was"), choices=Level.choices)
    fraud_type = forms.ModelChoiceField(
        label=_("Type as it really was"), queryset=FraudType.objects.all(), required=False, empty_label=_("not known")
    )
    needs_second_feedback = forms.BooleanField(label=_("Needs a second feedback later"), required=False)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self,
        *args: Any,
        alert: Alert,
        reasons: dict[str, tuple[Any, ...]],
        spoken_to: dict[str, Any],
        outcome: str = "",
        **options: Any,
    ) -> None:
        """Ask about one alert.

        Args:
            outcome: as it was chosen on the way here. Nothing is chosen for anybody: how alerts end is counted, and a
                manager signs the figures.
        """
        options["initial"] = {"level": alert.level, "fraud_type": alert.fraud_type_id, "spoken_to": "resident"}
        if not alert.missing:
            options["initial"] |= {"outcome": outcome, "spoken_to": spoken_to_by(alert)}
        super().__init__(*args, **options)
        self.alert, self.missing = alert, list(alert.missing)
        self.fields["spoken_to"].choices = list(spoken_to.items())  # type: ignore[attr-defined]
        for confirmation in self.missing:
            usual = [(str(reason), reason) for reason in reasons[confirmation]]
            self.fields[f"{confirmation}_how"] = forms.ChoiceField(
                label=confirmation.label,
                choices=[(DONE, _("done, not yet entered")), *usual, (OTHER, _("impossible, for another reason"))],
                widget=forms.RadioSelect,
                error_messages={"required": _('Choose "done, not yet entered", or a reason why it was impossible.')},
            )
            self.fields[f"{confirmation}_reason"] = forms.CharField(
                label=_("Reason"), required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
            )

    def clean(self) -> dict[str, Any]:
        """Hold amounts and outcome to each other, and reasons to what needs one."""
        cleaned = super().clean() or {}
        is_lost = cleaned.get("outcome") == Outcome.DEFRAUDED
        if is_lost and not cleaned.get("lost") and "lost" not in self.errors:
            self.add_error("lost", _("Enter the amount that was lost."))
        if cleaned.get("outcome") and not is_lost and cleaned.get("lost"):
            self.add_error("lost", _('Money was lost, so the outcome is "defrauded".'))
        largest = max(cleaned.get("lost") or Decimal(0), cleaned.get("prevented") or Decimal(0))
        if largest > MILLION and not cleaned.get("is_sure"):
            self.add_error("is_sure", _("Really more than a million yuan? Tick here if it is."))
        for confirmation in self.missing:
            if cleaned.get(f"{confirmation}_how") == OTHER and not cleaned.get(f"{confirmation}_reason", "").strip():
                self.add_error(f"{confirmation}_reason", _("Write the reason in a few words."))
        return cleaned

    @property
    def asked(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The questions about what is missing: how, and the reason."""
        return [(self[f"{c}_how"], self[f"{c}_reason"]) for c in self.missing]

    @property
    def needs_to_be_sure(self) -> bool:
        """Whether the question about a large amount is to be shown."""
        return "is_sure" in self.errors or bool(self.data.get("is_sure"))

    @property
    def outcome_word(self) -> str:
        """How it ended, in words."""
        return str(Outcome(self.cleaned_data["outcome"]).label)

    @property
    def deeds(self) -> list[Deed]:
        """What was done and had not been entered."""
        deed_of = {confirmation: Deed(deed) for deed, confirmation in CONFIRMS.items()}
        return [deed_of[c] for c in self.missing if self.cleaned_data[f"{c}_how"] == DONE]

    @property
    def ending(self) -> Ending:
        """What the verb takes."""
        cleaned = self.cleaned_data
        hows = {c: cleaned[f"{c}_how"] for c in self.missing}
        return Ending(
            outcome=cleaned["outcome"],
            spoken_to=cleaned["spoken_to"],
            lost=cleaned["lost"],
            prevented=cleaned["prevented"],
            level=cleaned["level"],
            fraud_type=cleaned["fraud_type"],
            needs_second_feedback=cleaned["needs_second_feedback"],
            note=cleaned["note"],
            excuses={c: cleaned[f"{c}_reason"] if how == OTHER else how for c, how in hows.items() if how != DONE},
        )
