"""What coverage is asked for, and who is sent to those it has not reached."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from campaigns.policy import Audience, Means, Period, Span, span_of

LONGEST_AHEAD = timedelta(days=92)


class PlaceForm(forms.Form):
    """An area and a period. What is left out, or means nothing, is the first choice: an address always shows a page."""

    area = forms.ChoiceField(label=_("Area"), required=False)
    period = forms.ChoiceField(label=_("Period"), choices=Period.choices, required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]], on: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on = on
        self.fields["area"].choices = list(areas)  # type: ignore[attr-defined]
        dress(self)

    def clean(self) -> dict[str, Any]:
        """Refuse days that end before they begin."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day lies before the first."))
        return cleaned

    def chosen(self, name: str) -> str:
        """Return what was chosen, or the first choice where that is none."""
        value: str = self.cleaned_data.get(name, "") if self.is_valid() or name not in self.errors else ""
        return value or str(self.fields[name].choices[0][0])  # type: ignore[attr-defined]

    @property
    def span(self) -> Span:
        """The days meant: two days typed go before a period chosen."""
        self.is_valid()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since or until:
            last = until or self.on
            return Span(since or span_of(Period.EVER, on=self.on).first, last + timedelta(days=1))
        period = Period(self.chosen("period"))
        return span_of(Period.YEAR if period == Period.DAYS else period, on=self.on)

    @property
    def shown(self) -> dict[str, str]:
        """The form's values as an address carries them."""
        span = {name: value.isoformat() for name in ("since", "until") if (value := self.cleaned_data.get(name))}
        return {"area": self.chosen("area"), "period": self.chosen("period"), **span}


class CoverageForm(PlaceForm):
    """Besides, who should be reached, and what counts as reaching them."""

    audience = forms.ChoiceField(label=_("Audience"), choices=Audience.choices, required=False)
    means = forms.ChoiceField(label=_("Reached by"), choices=Means.choices, required=False)

    field_order = ("area", "audience", "means", "period", "since", "until")

    @property
    def who(self) -> Audience:
        """Who should be reached."""
        return Audience(self.chosen("audience"))

    @property
    def how(self) -> Means:
        """What counts as reaching them."""
        return Means(self.chosen("means"))

    @property
    def shown(self) -> dict[str, str]:
        """The form's values as an address carries them."""
        return super().shown | {"audience": self.who, "means": self.how}


class ArrangeForm(forms.Form):
    """Who goes to the doors, and when."""

    worker = forms.ChoiceField(label=_("Who goes"), error_messages={"required": _("Choose who goes.")})
    on = DayField(label=_("On"), error_messages={"required": _("Enter the day.")})

    def __init__(self, *args: Any, workers: Iterable[tuple[str, str]], today: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.fields["worker"].choices = list(workers)  # type: ignore[attr-defined]
        dress(self)

    def clean_on(self) -> date:
        """Refuse a day that is over, or farther off than anybody plans doors."""
        on: date = self.cleaned_data["on"]
        if not self.today <= on <= self.today + LONGEST_AHEAD:
            raise forms.ValidationError(_("Choose a day from today on, within three months."))
        return on
