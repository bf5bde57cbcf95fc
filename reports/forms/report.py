"""Words of a report, which report to draw up, and which days of the ledger to take away. No form has a number in it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField
from campaigns.policy import Span
from reports.models import Report
from reports.policy import FIRST_DAY, LAST_DAY, PeriodKind, Section, period_around

MOST_LETTERS = 8000


class WordsForm(forms.Form):
    """A report's text, section by section."""

    def __init__(self, *args: Any, report: Report, **options: Any) -> None:
        super().__init__(*args, **options)
        words = report.words
        for section in Section:
            self.fields[section.value] = forms.CharField(
                label=section.label,
                initial=words[section],
                required=False,
                max_length=MOST_LETTERS,
                widget=forms.Textarea(attrs={"rows": max(3, 2 + words[section].count("\n"))}),
            )

    @property
    def texts(self) -> dict[str, str]:
        """The text of each section."""
        return {section: self.cleaned_data[section] for section in Section.values}


class OfAreaForm(forms.Form):
    """One of the areas that somebody may ask for."""

    area = forms.ChoiceField(label=_("Area"))

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = list(areas)  # type: ignore[attr-defined]


class PrepareForm(OfAreaForm):
    """Which report to draw up: the kind of its period, any day in it, and whose it is."""

    kind = forms.ChoiceField(
        label=_("Period"), choices=[choice for choice in PeriodKind.choices if choice[0] != PeriodKind.DAYS]
    )
    on = DayField(label=_("Any day in it"))

    field_order = ("kind", "on", "area")

    def clean_on(self) -> date:
        """Refuse days that are typing mistakes."""
        on: date = self.cleaned_data["on"]
        if not FIRST_DAY <= on <= LAST_DAY:
            raise forms.ValidationError(_("Enter a day between 2000 and 2099."))
        return on

    @property
    def span(self) -> Span:
        """The days of the period."""
        return period_around(self.cleaned_data["on"], PeriodKind(self.cleaned_data["kind"]))


class LedgerForm(OfAreaForm):
    """Whose ledger, of which year."""

    year = forms.IntegerField(label=_("Year"), min_value=FIRST_DAY.year, max_value=LAST_DAY.year)

    def __init__(self, *args: Any, **options: Any) -> None:
        # It stands on one page with the form of a report.
        super().__init__(*args, auto_id="ledger_%s", **options)

    @property
    def span(self) -> Span:
        """The days of the year."""
        return period_around(date(self.cleaned_data["year"], 1, 1), PeriodKind.YEAR)
