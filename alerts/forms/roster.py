"""Weeks, shifts, swaps, rotations and holidays of the duty roster."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.dates import WEEKDAYS as WEEKDAYS_IN_WORDS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.calendars import DAILY, Stretch, is_rule, weekly_on
from accounts.forms import DayField, MomentField, dress
from accounts.models import User
from alerts.models import Shift
from alerts.models.roster import MOST_AT_ONCE
from alerts.policy import Turn
from alerts.services import Pattern
from alerts.services.rostering import people_for
from residents.forms.places import PersonForm
from residents.models import Area

Places = Iterable[tuple[str, Iterable[tuple[str, str]]]]
"""Where shifts are entered: under each community's name the kind and the code, and in words."""


class WeekForm(forms.Form):
    """Which community's roster is shown, and the week by any of its days; kept in the URL."""

    area = forms.ChoiceField(label=_("Community"), required=False)
    on = DayField(required=False)

    def __init__(self, *args: Any, communities: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = list(communities)  # type: ignore[attr-defined]
        dress(self)

    def chosen(self, *, otherwise: tuple[str, date]) -> tuple[str, date]:
        """Return the community and the day; what is wrong or left out asks for nothing."""
        self.is_valid()
        code, on = otherwise
        return self.cleaned_data.get("area") or code, self.cleaned_data.get("on") or on


class PlaceOfShiftForm(forms.Form):
    """Which duty is meant."""

    place = forms.ChoiceField(label=_("Duty"), error_messages={"required": _("Choose the duty.")})

    def __init__(self, *args: Any, places: Places, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].choices = [("", "–"), *places]  # type: ignore[attr-defined]

    @property
    def kind(self) -> str:
        """The kind of duty."""
        return str(self.cleaned_data["place"]).partition(":")[0]

    @property
    def area(self) -> Area:
        """Where it is."""
        return Area.objects.get(code=self.cleaned_data["place"].partition(":")[2])


HOURS_WRONG = {"required": _("Enter day and time."), "invalid": _("Enter day and time, such as 2026-04-02 20:00.")}


TIME_WRONG = {"required": _("Enter the time."), "invalid": _("Enter a time, such as 20:00.")}


class HoursForm(PersonForm):
    """Who has which hours."""

    starts_at = MomentField(label=_("From"), error_messages=HOURS_WRONG)
    ends_at = MomentField(label=_("To"), error_messages=HOURS_WRONG)

    @property
    def hours(self) -> Stretch:
        """The hours."""
        return Stretch(self.cleaned_data["starts_at"], self.cleaned_data["ends_at"])


class ShiftForm(PlaceOfShiftForm, HoursForm):
    """One shift that is entered by itself."""

    name = forms.CharField(
        label=_("Shift's name"), max_length=20, required=False, help_text=_("Such as 白班, 夜班. May stay empty.")
    )

    field_order = ("place", "person", "starts_at", "ends_at", "name")

    def __init__(self, *args: Any, places: Places, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*args, places=places, people=people, **options)


class SwapForm(forms.Form):
    """Whom somebody asks to take a shift, and what for."""

    offer = forms.ChoiceField(label=_("Who, and what for"), error_messages={"required": _("Choose whom you ask.")})
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, offers: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["offer"].choices = [("", "–"), *offers]  # type: ignore[attr-defined]

    @property
    def of(self) -> User:
        """Who is asked."""
        return User.objects.get(pk=int(self.cleaned_data["offer"].partition(":")[0]))

    @property
    def back(self) -> Shift | None:
        """The shift in return, if one was chosen."""
        number = self.cleaned_data["offer"].partition(":")[2]
        return Shift.objects.get(pk=int(number)) if number else None


EVERY_DAY, SOME_DAYS, OWN_RULE = "daily", "weekly", "rule"


class RotationForm(PlaceOfShiftForm):
    """What repeats, and who takes turns."""

    name = forms.CharField(
        label=_("Shift's name"), max_length=20, required=False, help_text=_("Such as 白班, 夜班. May stay empty.")
    )
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}), error_messages=TIME_WRONG)
    ends = forms.TimeField(
        label=_("To"),
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=_("A time that is not later is meant of the next day."),
        error_messages=TIME_WRONG,
    )
    days = forms.ChoiceField(
        label=pgettext_lazy("of a rotation", "Days"),
        choices=[
            (EVERY_DAY, _("Every day")),
            (SOME_DAYS, _("On these weekdays")),
            (OWN_RULE, _("By a rule of one's own")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the days.")},
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"),
        choices=list(WEEKDAYS_IN_WORDS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rule = forms.CharField(
        label=_("Rule"),
        max_length=200,
        required=False,
        help_text=_("As RFC 5545 writes it: FREQ=DAILY;INTERVAL=3 is every third day from the first one on."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    people = forms.CharField(
        label=_("Who takes turns, in their order"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Names or usernames, one a line or with 、 between."),
        error_messages={"required": _("Name who takes turns.")},
    )
    turn = forms.ChoiceField(label=_("The turn changes"), choices=Turn.choices)
    at_once = forms.IntegerField(label=_("People at a time"), min_value=1, max_value=MOST_AT_ONCE)
    first_on = DayField(label=_("First day"), error_messages={"required": _("Enter the first day.")})
    until_on = DayField(label=_("Last day"), required=False, help_text=_("The last day; empty is without end."))
    is_for_holidays = forms.BooleanField(
        label=_("For holidays alone; there it goes before the usual rotation"), required=False
    )

    field_order = (
        *("place", "name", "starts", "ends", "days", "weekdays", "rule", "people", "turn", "at_once"),
        *("first_on", "until_on", "is_for_holidays"),
    )

    def clean_rule(self) -> str:
        """Refuse a rule that cannot be followed."""
        rule = unicodedata.normalize("NFKC", self.cleaned_data["rule"]).replace(" ", "").upper()
        rule = rule.removeprefix("RRULE:")
        if rule and not is_rule(rule):
            raise ValidationError(
                _("This rule is not understood. Days, weeks and months repeat so: FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH")
            )
        return rule

    def clean_people(self) -> list[str]:
        """Return the names, each as it was typed."""
        names = re.split(r"[\s、,，;；→]+", unicodedata.normalize("NFKC", self.cleaned_data["people"]))
        return [name for name in names if name]

    def clean(self) -> dict[str, Any]:
        """Make one rule of the days that were chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("days") == SOME_DAYS and not cleaned.get("weekdays"):
            self.add_error("weekdays", _("Choose at least one weekday."))
        if cleaned.get("days") == OWN_RULE and not cleaned.get("rule") and "rule" not in self.errors:
            self.add_error("rule", _("Enter the rule."))
        return cleaned

    @property
    def rule_of_days(self) -> str:
        """The days as RFC 5545 writes them."""
        match self.cleaned_data["days"]:
            case "weekly":
                return weekly_on(self.cleaned_data["weekdays"])
            case "rule":
                return str(self.cleaned_data["rule"])
            case _:
                return DAILY

    def pattern(self) -> Pattern | None:
        """Return what the verb takes; None where a name means nobody, which the form then says."""
        area, kind, first_on = self.area, self.kind, self.cleaned_data["first_on"]
        known = list(people_for(area, kind, on=max(first_on, self.on)))
        people = [self._person(name, known) for name in self.cleaned_data["people"]]
        if self.errors:
            return None
        same = ("name", "starts", "ends", "first_on", "until_on", "turn", "at_once", "is_for_holidays")
        return Pattern(
            area=area,
            kind=kind,
            rule=self.rule_of_days,
            people=[person for person in people if person is not None],
            **{name: self.cleaned_data[name] for name in same},
        )

    def __init__(self, *args: Any, places: Places, on: date, **options: Any) -> None:
        super().__init__(*args, places=places, **options)
        self.on = on

    def _person(self, name: str, known: Iterable[User]) -> User | None:
        found = [one for one in known if name in {one.username, one.name}]
        if len(found) == 1:
            return found[0]
        if found:
            self.add_error("people", _("Several people are called {name}. Write the username.").format(name=name))
        else:
            words = _("{name} holds no post that fits this duty. There are: {people}.")
            self.add_error("people", words.format(name=name, people="、".join(map(str, known)) or "–"))
        return None


class HolidayForm(forms.Form):
    """A day off and its name."""

    on = DayField(label=_("Day"), error_messages={"required": _("Enter the day.")})
    name = forms.CharField(label=_("Holiday"), max_length=40, error_messages={"required": _("Enter the name.")})
    area = forms.ChoiceField(label=_("Where"), required=False)

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = list(areas)  # type: ignore[attr-defined]
        dress(self)

    @property
    def place(self) -> Area | None:
        """Where it holds; None is everywhere."""
        code = self.cleaned_data["area"]
        return Area.objects.get(code=code) if code else None


class LastDayForm(forms.Form):
    """The last day of a rotation."""

    last_on = DayField(label=_("Last day"), error_messages={"required": _("Enter the last day.")})


class SpanForm(forms.Form):
    """The days of a roster that is handed out as a file."""

    area = forms.ChoiceField(label=_("Community"))
    since = DayField(label=_("From"), error_messages={"required": _("Enter the first day.")})
    until = DayField(label=_("To"), error_messages={"required": _("Enter the last day.")})

    MOST = timedelta(days=92)

    def __init__(self, *args: Any, communities: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = list(communities)  # type: ignore[attr-defined]
        dress(self)

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order, and more than a file of a roster has."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and not timedelta(0) <= until - since <= self.MOST:
            self.add_error("until", _("Choose a last day that is not before the first, within three months."))
        return cleaned
