"""A case's values as people read them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.formats import day, hour_minute, yuan
from accounts.personal_data import mask_phone
from cases.models import Case


def label_of(name: str) -> str:
    """Return what people call a case's column."""
    return str(Case._meta.get_field(name.removesuffix("_id")).verbose_name)  # type: ignore[union-attr]  # all are columns


def words_of(name: str, value: Any, *, names: Mapping[tuple[str, int], str] | None = None) -> str:
    """Return a column's value as people read it; ``names`` are those of types and grids, by column and key."""
    if value is None or value == "":
        return "–"
    if name.endswith("_id"):
        return (names or {}).get((name, value), f"#{value}")
    if name == "victim_phone":
        return mask_phone(value)
    choices = dict(Case._meta.get_field(name).choices or ())  # type: ignore[union-attr]  # all are columns
    return str(choices[value]) if value in choices else _plain_words(value)


def _plain_words(value: Any) -> str:
    match value:
        case bool():
            return _("yes") if value else _("no")
        case Decimal():
            return yuan(value)
        case datetime():
            return f"{day(value)} {hour_minute(value)}"
        case date():
            return day(value)
    return str(value)
