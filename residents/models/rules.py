"""Rules with numbers that an office may change: what every app's table of them shares."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class RuleQuerySet(models.QuerySet[Any]):
    """Numbers that were changed."""

    def number(self, name: str) -> int:
        """Return the number of a rule: as the office set it, else the default."""
        row: int | None = self.filter(name=name).values_list("number", flat=True).first()
        return self.model.DEFAULTS[name] if row is None else row

    def numbers(self) -> dict[str, int]:
        """Return the number of every rule."""
        return {**self.model.DEFAULTS, **dict(self.values_list("name", "number"))}


class NumberedRule(models.Model):
    """A number that this office changed; what has no row stands as in ``DEFAULTS``. Each app names its own rules."""

    DEFAULTS: ClassVar[Mapping[Any, int]] = {}

    number = models.PositiveIntegerField(_("number"))

    objects = RuleQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        """Return the rule and its number."""
        return f"{self.get_name_display()}: {self.number}"  # type: ignore[attr-defined]  # each app's field has it
