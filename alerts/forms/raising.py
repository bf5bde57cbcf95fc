"""An alert that somebody types in: from a telephone call, or about a resident of the roster."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.personal_data import normalise_phone
from alerts.policy import Level
from alerts.services import Incoming
from knowledge.models import FraudType
from residents.models import Resident

PHONE = re.compile(r"(?:\+?86)?[\s-]*1[3-9](?:[\s-]*\d){9}(?!\d)")
"""A mobile number anywhere in a line, with spaces or dashes."""


NAME_AND_MORE = re.compile(r"([\u4e00-\u9fff·]{2,8})[\s,，、;；:：]+(\S.*)")
"""A Chinese name, and behind it what else was said of the person."""


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
