"""What people type about an alert, turned into what the verbs take."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from accounts.personal_data import normalise_phone
from alerts.models import Alert
from alerts.policy import CONFIRMS, Confirmation, Deed, Level, Outcome, State
from alerts.services import Ending, Incoming
from knowledge.models import FraudType
from residents.models import Resident

PHONE = re.compile(r"(?:\+?86)?[\s-]*1[3-9](?:[\s-]*\d){9}(?!\d)")
"""A mobile number anywhere in a line, with spaces or dashes."""

NAME_AND_MORE = re.compile(r"([\u4e00-\u9fff·]{2,8})[\s,，、;；:：]+(\S.*)")
"""A Chinese name, and behind it what else was said of the person."""

MILLION = Decimal(1_000_000)
"""Above this an amount is asked for once more: "10,000 万" for 10,000 yuan has happened (field-notes.md)."""


class MoneyField(forms.Field):
    """Yuan as offices type them: 18000, 18,000, １８０００, 1.8万."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Decimal | None:
        """Return yuan with two decimals; ``None`` for nothing typed."""
        text = unicodedata.normalize("NFKC", str(value or "")).strip().replace(",", "").removesuffix("元").strip()
        if not text:
            return None
        in_ten_thousands = text.endswith("万")
        try:
            amount = Decimal(text.removesuffix("万").strip()) * (10_000 if in_ten_thousands else 1)
        except InvalidOperation as error:
            raise ValidationError(_("Enter an amount in yuan, for example 18000 or 1.8万.")) from error
        if not amount.is_finite() or amount < 0 or amount >= Decimal(10) ** 12:
            raise ValidationError(_("Enter an amount in yuan, for example 18000 or 1.8万."))
        return amount.quantize(Decimal("0.01"))


class RaiseForm(forms.Form):
    """What happened to somebody of the roster, and how bad it is."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    level = forms.ChoiceField(
        label=_("Risk level"),
        choices=Level.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose high, medium or low.")},
    )
    fraud_type = forms.ModelChoiceField(
        label=_("Type"),
        queryset=FraudType.objects.all(),
        required=False,
        to_field_name="code",
        empty_label=_("not known yet"),
    )
    description = forms.CharField(
        label=_("What happened"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    @property
    def type_code(self) -> str:
        """The code of the type that was chosen; "" for none."""
        chosen: FraudType | None = self.cleaned_data["fraud_type"]
        return chosen.code if chosen else ""

    def about(self, resident: Resident) -> Incoming:
        """Return the message that this form makes about a resident."""
        return Incoming(
            external_id=str(self.cleaned_data["key"]),
            level=self.cleaned_data["level"],
            fraud_type=self.type_code,
            name=resident.name[:60],
            phone=resident.phone,
            address=resident.address,
            area_code=resident.grid.code,
            description=self.cleaned_data["description"],
            resident_id=resident.pk,
        )


class EntryForm(RaiseForm):
    """An alert that came by telephone, in four fields: who, where, how bad, what happened."""

    who = forms.CharField(
        label=_("Who, and their phone number"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("In one line, as you hear it; either alone will do."),
    )
    where = forms.CharField(
        label=_("Where"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Community, building, unit, door. The grid is found by itself."),
    )
    is_drill = forms.BooleanField(label=_("This is a drill"), required=False)
    field_order = ("key", "who", "where", "level", "fraud_type", "description", "is_drill")

    def clean_who(self) -> str:
        """Take the line apart into name and number."""
        line = unicodedata.normalize("NFKC", self.cleaned_data["who"]).strip()
        found = PHONE.search(line)
        self.phone = normalise_phone(found[0]) if found else ""
        rest = (line.replace(found[0], " ") if found else line).strip(" ,，、;；:：-—")
        # "宋桂兰 女 68岁": the name is the name, and what is said of her goes with what happened.
        told = NAME_AND_MORE.match(rest)
        self.name, self.more = (told[1], told[2].strip(" ,，、;；:：-—")) if told else (rest, "")
        if not found and re.search(r"\d{5}", line):
            raise ValidationError(_("This is not a mobile number: it has 11 digits and begins with 1."))
        if len(self.name) > 60:
            raise ValidationError(_("The name is too long; what happened belongs into the last field."))
        return line

    def clean(self) -> dict[str, Any]:
        """Refuse an alert that is about nobody and nowhere."""
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("who") or cleaned.get("where")):
            raise ValidationError(_("Say at least who it is about, or where."))
        return cleaned

    def incoming(self, *, area_code: str) -> Incoming:
        """Return the message this form makes, at a desk of that area."""
        cleaned = self.cleaned_data
        return Incoming(
            external_id=str(cleaned["key"]),
            level=cleaned["level"],
            fraud_type=self.type_code,
            name=self.name,
            phone=self.phone,
            address=cleaned["where"],
            area_code=area_code,
            description="\n".join(filter(None, [self.more, cleaned["description"]])),
            is_drill=cleaned["is_drill"],
        )


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


class FilterForm(forms.Form):
    """What the list is narrowed to; kept in the URL."""

    q = forms.CharField(label=_("Name, phone, address or number"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), ("open", _("open")), *State.choices]
    )
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[("", _("all")), *Level.choices])
    grid = forms.ChoiceField(label=_("Grid"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, grids: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["grid"].choices = [("", _("all")), *grids]  # type: ignore[attr-defined]
        dress(self)
