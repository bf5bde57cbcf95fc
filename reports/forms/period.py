"""Which area, which period, counted by which date."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.policy import FIRST_DAY, LAST_DAY, PeriodKind, period_around


class PeriodForm(forms.Form):
    """An area and a period. What is left out, or means nothing, is the first choice: an address always shows a page.

    ``at`` is a day of the period, today where there is none: the links to the period before and after carry it.
    """

    area = forms.ChoiceField(label=_("Area"), required=False)
    period = forms.ChoiceField(label=_("Period"), choices=PeriodKind.choices, required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    dated_by = forms.ChoiceField(label=_("Cases counted by"), choices=DatedBy.choices, required=False)
    at = DayField(required=False, widget=forms.HiddenInput())
    sort = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput())
    public = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput())

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]], on: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on = on
        self.fields["area"].choices = list(areas)  # type: ignore[attr-defined]
        dress(self)

    def clean(self) -> dict[str, Any]:
        """Refuse days that end before they begin, or lie where no report does."""
        cleaned = super().clean() or {}
        for name in ("since", "until", "at"):
            day = cleaned.get(name)
            if day and not FIRST_DAY <= day <= LAST_DAY:
                self.add_error(name, ValidationError(_("Enter a day between 2000 and 2099.")))
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned

    def chosen(self, name: str) -> str:
        """Return what was chosen, or the first choice where that is none."""
        value: str = self.cleaned_data.get(name, "") if self.is_valid() or name not in self.errors else ""
        return value or str(self.fields[name].choices[0][0])  # type: ignore[attr-defined]

    @property
    def kind(self) -> PeriodKind:
        """What kind of period is asked for."""
        return PeriodKind(self.chosen("period"))

    @property
    def span(self) -> Span:
        """The days meant: two days where days are asked for, else the period around a day."""
        kind = self.kind
        at = self.cleaned_data.get("at") or self.on
        if kind != PeriodKind.DAYS:
            return period_around(at, kind)
        until = self.cleaned_data.get("until") or self.on
        since = self.cleaned_data.get("since") or period_around(until, PeriodKind.MONTH).first
        return Span(min(since, until), max(since, until) + timedelta(days=1))

    @property
    def by(self) -> DatedBy:
        """The date that cases are counted by."""
        return DatedBy(self.chosen("dated_by"))

    @property
    def is_public(self) -> bool:
        """Whether the version for everybody's eyes is asked for."""
        self.is_valid()
        return self.cleaned_data.get("public") == "1"

    @property
    def shown(self) -> dict[str, str]:
        """The form's values as an address carries them."""
        chosen = {name: self.chosen(name) for name in ("area", "period", "dated_by")}
        days = {name: value.isoformat() for name in ("since", "until", "at") if (value := self.cleaned_data.get(name))}
        plain = {name: value for name in ("sort", "public") if (value := self.cleaned_data.get(name))}
        return chosen | days | plain


class ClockForm(PeriodForm):
    """Whose alerts, and a period: an area's, or those that one person has or had."""

    person = forms.ChoiceField(label=_("Person"), required=False)

    field_order = ("area", "person", "period", "since", "until")

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("dated_by", "sort", "public"):
            del self.fields[name]
        self.fields["person"].choices = list(people)  # type: ignore[attr-defined]
        dress(self)

    @property
    def shown(self) -> dict[str, str]:
        """The form's values as an address carries them."""
        chosen = {name: self.chosen(name) for name in ("area", "period")}
        days = {name: value.isoformat() for name in ("since", "until", "at") if (value := self.cleaned_data.get(name))}
        person = self.chosen("person")
        return chosen | days | ({"person": person} if person else {})
