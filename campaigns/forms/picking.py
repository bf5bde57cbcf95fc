"""Fields that choose among rows at hand: what is not offered is refused, whatever was sent."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Model

Named = Callable[[Any], str]
Groups = Iterable[tuple[str, Iterable[Model]]]

MOST_TICKED = 40
"""More than these are no ticks any more but a list to choose from."""


class OneOf(forms.ChoiceField):
    """One of some rows, or none of them where that may be."""

    offered: Mapping[str, Any] = {}

    def offer(self, rows: Iterable[Model], *, named: Named = str, none: str = "–") -> None:
        """Offer these."""
        rows = list(rows)
        self.offered = {str(row.pk): row for row in rows}
        self.choices = [("", none), *((str(row.pk), named(row)) for row in rows)]

    def offer_groups(self, groups: Groups, *, named: Named = str, none: str = "–") -> None:
        """Offer these, each group under its name."""
        listed = [(label, list(rows)) for label, rows in groups]
        self.offered = {str(row.pk): row for _, rows in listed for row in rows}
        self.choices = [("", none), *((label, [(str(r.pk), named(r)) for r in rows]) for label, rows in listed)]

    def clean(self, value: Any) -> Any:
        """Return the row chosen; None for none."""
        return self.offered.get(super().clean(value))


class SomeOf(forms.MultipleChoiceField):
    """Some of the rows."""

    offered: Mapping[str, Any] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.CheckboxSelectMultiple, "required": False, **options})

    def offer(self, rows: Iterable[Model], *, named: Named = str) -> None:
        """Offer these."""
        rows = list(rows)
        self.offered = {str(row.pk): row for row in rows}
        if len(rows) > MOST_TICKED:
            self.widget = forms.SelectMultiple(attrs={"size": 8})
        self.choices = [(str(row.pk), named(row)) for row in rows]

    @property
    def is_ticked(self) -> bool:
        """Whether each row has a box of its own."""
        return isinstance(self.widget, forms.CheckboxSelectMultiple)

    def clean(self, value: Any) -> Any:
        """Return the rows chosen, in the order in which they are offered."""
        chosen = set(super().clean(value))
        return [row for key, row in self.offered.items() if key in chosen]
