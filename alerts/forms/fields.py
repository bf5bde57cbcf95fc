"""What an amount is typed as."""

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

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
