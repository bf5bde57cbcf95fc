"""What people type about an event, a campaign and its budget."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.clock import LOCAL_TZ, local
from accounts.forms import DayField, MomentField
from accounts.models import User
from campaigns.forms.offers import AreaGroups, Offered
from campaigns.forms.picking import Groups, OneOf, SomeOf
from campaigns.models import Campaign, Event, Organisation
from campaigns.models.events import MOST_HEADS
from campaigns.policy import Audience, Form, OrganisationKind, Repeat, lessons
from campaigns.services import Line, NewPartner, Plan
from residents.models import Area

LONGEST = timedelta(days=92)
MOST_LINES = 60
MOST_OF_ONE = 1_000_000
ONLY, LATER = "only", "later"
HOUR = timedelta(hours=1)
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"
"""How a browser's own field for a moment wants its value."""


def _moment(**options: Any) -> MomentField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=TO_THE_MINUTE)
    return MomentField(widget=widget, **options)


class TimesForm(forms.Form):
    """From when to when."""

    starts_at = _moment(label=_("Begins"), error_messages={"required": _("Enter when it begins.")})
    ends_at = _moment(label=_("Ends"), error_messages={"required": _("Enter when it ends.")})

    def clean(self) -> dict[str, Any]:
        """Refuse what ends before it starts, or lasts for months."""
        cleaned = super().clean() or {}
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at < starts_at:
            self.add_error("ends_at", _("An event cannot end before it starts."))
        elif starts_at and ends_at and ends_at - starts_at > LONGEST:
            self.add_error("ends_at", _("An event lasts three months at most. Plan a campaign of several events."))
        return cleaned


class EventForm(TimesForm):
    """An event as it is meant to be."""

    title = forms.CharField(label=_("Title"), max_length=120, error_messages={"required": _("Enter a title.")})
    form = forms.ChoiceField(label=_("Form"), choices=Form.choices)
    area = OneOf(label=_("Area"), help_text=_("Whose event it is."), error_messages={"required": _("Choose the area.")})
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    audience = forms.ChoiceField(label=_("Audience"), choices=Audience.choices)
    campaign = OneOf(label=_("Campaign"), required=False)
    expected_heads = forms.IntegerField(label=_("Expected visitors"), required=False, min_value=0, max_value=MOST_HEADS)
    expected_volunteers = forms.IntegerField(
        label=_("Volunteers planned"), required=False, min_value=0, max_value=MOST_HEADS
    )
    partners = SomeOf(label=_("Partner organisations"))
    new_partner = forms.CharField(label=_("Another organisation"), max_length=64, required=False)
    new_kind = forms.ChoiceField(label=_("Its kind"), required=False, choices=[("", "–"), *OrganisationKind.choices])
    staff = SomeOf(label=_("Staff"))
    fraud_types = SomeOf(label=_("Types of fraud taught"))
    more_areas = SomeOf(label=_("Further areas"))
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    repeat = forms.ChoiceField(
        label=_("Repeats"), required=False, choices=[("", _("Once")), *Repeat.choices], widget=forms.RadioSelect
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Every week, on these days too"),
        required=False,
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    until_on = DayField(label=_("Until"), required=False, help_text=_("Empty: until somebody stops it."))
    which = forms.ChoiceField(
        label=_("What is changed"),
        required=False,
        choices=[(ONLY, _("This date alone")), (LATER, _("This and all later ones"))],
        widget=forms.RadioSelect,
    )

    field_order = ("title", "form", "area", "place", "starts_at", "ends_at")

    def __init__(self, *args: Any, offered: Offered, event: Event | None = None, **options: Any) -> None:
        """Ask about a new event, or about ``event`` as it stands."""
        super().__init__(*args, **options)
        self.offered, self.event = offered, event
        areas = [(label, list(rows)) for label, rows in offered.areas]
        self._field("area").offer_groups(areas)
        if len(areas) == 1 and areas[0][1]:  # whoever has one community plans there
            self.initial.setdefault("area", areas[0][1][0].pk)
        there = _there(event)
        self._field("more_areas").offer(_also([area for _label, rows in areas for area in rows], there["more_areas"]))
        self._field("staff").offer(_also(offered.staff, there["staff"]))
        self._field("partners").offer(_also(offered.partners, there["partners"]), named=_with_kind)
        self._field("campaign").offer(_also(offered.campaigns, there["campaign"]))
        self._field("fraud_types").offer(offered.fraud_types)
        for name in self._left_out():
            del self.fields[name]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _left_out(self) -> tuple[str, ...]:
        if self.event is None:
            return ("which",)
        return ("repeat", "weekdays", "until_on") + (() if self.event.series_id else ("which",))

    def clean(self) -> dict[str, Any]:
        """Hold what was typed to each other."""
        cleaned = super().clean()
        if cleaned.get("new_partner") and not cleaned.get("new_kind") and "new_kind" not in self.errors:
            self.add_error("new_kind", _("Choose what kind of organisation it is."))
        self._check_staff(cleaned.get("staff") or [], cleaned.get("area"))
        starts_at, until_on = cleaned.get("starts_at"), cleaned.get("until_on")
        if cleaned.get("repeat") and starts_at and until_on and until_on < local(starts_at).date():
            self.add_error("until_on", _("The repetition would end before its first date."))
        return cleaned

    def _check_staff(self, people: Iterable[User], area: Area | None) -> None:
        there = _there(self.event)["staff"]
        new = [one for one in people if one not in there]
        strangers = [str(one) for one in new if area is not None and not self.offered.works_at(one, area)]
        if strangers:
            names = "、".join(strangers)
            self.add_error("staff", _("No part in outreach there: %(names)s.") % {"names": names})

    @property
    def considered(self) -> dict[str, Any]:
        """What is to be mended before the day, and what of, as far as it is filled in: it keeps nobody from saving."""
        self.is_valid()
        cleaned, number = self.cleaned_data, self.offered.heads_per_volunteer
        heads, volunteers = cleaned.get("expected_heads"), cleaned.get("expected_volunteers")
        kinds = [one.kind for one in cleaned.get("partners") or []]
        kinds += [cleaned.get("new_kind") or ""] if cleaned.get("new_partner") else []
        return {
            "found": lessons(partners=kinds, expected_heads=heads, volunteers=volunteers, heads_per_volunteer=number),
            "heads": heads,
            "volunteers": volunteers,
            "heads_per_volunteer": number,
            "form": cleaned.get("form") or "",
            "area_code": cleaned["area"].code if cleaned.get("area") else "",
            "but": self.event.pk if self.event else 0,
        }

    @property
    def plan(self) -> Plan:
        """What the verbs take."""
        cleaned = self.cleaned_data
        new = NewPartner(cleaned["new_partner"], cleaned["new_kind"]) if cleaned["new_partner"] else None
        plain = (
            "title", "form", "area", "place", "audience", "campaign", "expected_heads", "expected_volunteers",
            "partners", "staff", "fraud_types", "note",
        )  # fmt: skip
        return Plan(
            **{name: cleaned[name] for name in plain},
            starts_at=cleaned["starts_at"].astimezone(UTC),
            ends_at=cleaned["ends_at"].astimezone(UTC),
            more_areas=[area for area in cleaned["more_areas"] if area != cleaned["area"]],
            new_partner=new,
        )

    @property
    def is_for_later_ones(self) -> bool:
        """Whether all later dates of the repetition are meant, too."""
        return self.cleaned_data.get("which") == LATER


def _there(event: Event | None) -> dict[str, list[Any]]:
    """Return what an event has already: whoever changes it keeps what they could not have chosen."""
    if event is None:
        return {"more_areas": [], "staff": [], "partners": [], "campaign": []}
    partners = event.partners.filter(is_planned=True).select_related("organisation")
    return {
        "more_areas": list(event.more_areas.all()),
        "staff": [one.user for one in event.staff.select_related("user")],
        "partners": [one.organisation for one in partners],
        "campaign": [event.campaign] if event.campaign else [],
    }


def _also(rows: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    return [*rows, *(one for one in more if one not in rows)]


def _with_kind(organisation: Organisation) -> str:
    return f"{organisation.name} ({organisation.get_kind_display()})"


def initial_of(event: Event) -> dict[str, Any]:
    """Return an event as its form shows it."""
    plain = ("title", "form", "place", "audience", "expected_heads", "expected_volunteers", "note")
    planned = event.partners.filter(is_planned=True)
    return (
        {name: getattr(event, name) for name in plain}
        | times_of(event)
        | {
            "area": event.area_id,
            "campaign": event.campaign_id or "",
            "partners": list(planned.values_list("organisation_id", flat=True)),
            "staff": list(event.staff.values_list("user_id", flat=True)),
            "fraud_types": list(event.fraud_types.values_list("pk", flat=True)),
            "more_areas": list(event.more_areas.values_list("pk", flat=True)),
            "which": ONLY,
        }
    )


def times_of(event: Event) -> dict[str, Any]:
    """Return from when to when an event is, as a form shows it."""
    return {"starts_at": local(event.starts_at), "ends_at": local(event.ends_at)}


def proposed(like: Event | None, *, begin: datetime, campaign: int | None) -> dict[str, Any]:
    """Return what the form of a new event begins with: like another, from a moment on."""
    lasts = like.ends_at - like.starts_at if like is not None else HOUR
    first = initial_of(like) if like is not None else {}
    begin = datetime.combine(local(begin).date(), local(like.starts_at if like else begin).time(), tzinfo=LOCAL_TZ)
    return first | {"starts_at": begin, "ends_at": begin + lasts, "campaign": campaign or first.get("campaign", "")}


def last_day_of(event: Event) -> dict[str, Any]:
    """Return the day of an event: what its repetition ends with unless told."""
    return {"last_on": local(event.occurs_at or event.starts_at).date()}


class WishForm(forms.Form):
    """What an address asks a new event to be like."""

    like = forms.IntegerField(required=False, min_value=1, max_value=2**53)
    campaign = forms.IntegerField(required=False, min_value=1, max_value=2**53)
    on = DayField(required=False)

    @property
    def chosen(self) -> dict[str, Any]:
        """What was asked for and is right."""
        self.is_valid()
        return self.cleaned_data


class CancelForm(forms.Form):
    """Why an event is cancelled."""

    why = forms.CharField(
        label=_("Why it is cancelled"),
        max_length=200,
        help_text=_("It stands on the event's page and in the calendar."),
        error_messages={"required": _("Say why: whoever had planned to come will ask.")},
    )


class StopForm(forms.Form):
    """The last day of a repetition."""

    last_on = DayField(label=_("The last day"), help_text=_("Dates up to and with this day stay."))


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscribed at run time
    """A campaign in the parts of its report."""

    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"))

    class Meta:
        model = Campaign
        fields = (
            "title", "starts_on", "ends_on",
            "background",
            "problems_macro", "problems_meso", "problems_micro",
            "needs_macro", "needs_meso", "needs_micro",
            "theory", "objectives", "plan",
            "actual", "evaluation", "reflection",
        )  # fmt: skip

    area = OneOf(label=_("Area"), error_messages={"required": _("Choose the area.")})

    field_order = ("title", "area", "starts_on", "ends_on")

    def __init__(self, *args: Any, areas: Groups, **options: Any) -> None:
        super().__init__(*args, **options)
        area: Any = self.fields["area"]
        groups = list(areas)
        area.offer_groups(groups)
        if self.instance.pk:
            self.initial["area"] = self.instance.area_id
        elif len(groups) == 1:
            self.initial.setdefault("area", next(iter(groups[0][1])).pk)
        for one in self.fields.values():
            if isinstance(one.widget, forms.Textarea):
                one.widget.attrs["rows"] = 4
                one.max_length = 20_000  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """What the verb takes."""
        return dict(self.cleaned_data)


class BudgetForm(forms.Form):
    """One line of a budget."""

    pk = forms.IntegerField(required=False, min_value=1, max_value=2**53, widget=forms.HiddenInput)
    item = forms.CharField(label=_("Item"), max_length=64, required=False)
    unit_price = forms.DecimalField(
        label=_("Price of one, yuan"), max_digits=10, decimal_places=2, min_value=0, required=False
    )
    planned = forms.IntegerField(label=_("Planned number"), min_value=0, max_value=MOST_OF_ONE, required=False)
    actual = forms.IntegerField(label=_("Actual number"), min_value=0, max_value=MOST_OF_ONE, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for one in self.fields.values():
            one.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        """Ask for the item of a line that has numbers."""
        cleaned = super().clean() or {}
        has_numbers = any(cleaned.get(name) is not None for name in ("unit_price", "planned", "actual"))
        if has_numbers and not cleaned.get("item") and not cleaned.get("pk"):
            self.add_error("item", _("Enter what it is."))
        return cleaned

    @property
    def line(self) -> Line | None:
        """The line as typed; None for an empty one: a line whose item was cleared goes."""
        cleaned = self.cleaned_data
        if not cleaned.get("item"):
            return None
        return Line(
            pk=cleaned["pk"],
            item=cleaned["item"],
            unit_price=cleaned["unit_price"] or Decimal(0),
            planned=cleaned["planned"] or 0,
            actual=cleaned["actual"],
        )


BudgetFormSet = forms.formset_factory(BudgetForm, extra=3, max_num=MOST_LINES, absolute_max=MOST_LINES + 10)


def budget_of(campaign: Campaign | None) -> list[dict[str, Any]]:
    """Return a campaign's budget as its forms show it."""
    if campaign is None:
        return []
    return [dict(line) for line in campaign.budget.values("pk", "item", "unit_price", "planned", "actual")]


def lines_of(budget: Any) -> list[Line]:
    """Return the lines of a valid budget that say something."""
    return [line for form in budget if (line := form.line) is not None]


class CalendarForm(forms.Form):
    """What the calendar is narrowed to, and which days it shows; kept in the URL."""

    area = forms.ChoiceField(label=_("Area"), required=False)
    form = forms.ChoiceField(label=_("Form"), required=False, choices=[("", _("all")), *Form.choices])
    mine = forms.ChoiceField(
        label=_("Whose"), required=False, choices=[("", _("everybody's")), ("1", _("where I am on the staff"))]
    )
    on = DayField(required=False, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)

    def __init__(self, *args: Any, areas: AreaGroups, **options: Any) -> None:
        super().__init__(*args, **options)
        groups = [(label, [(area.code, area.name) for area in rows]) for label, rows in areas]
        self.fields["area"].choices = [("", _("all")), *groups]  # type: ignore[attr-defined]
        for name in ("area", "form", "mine"):
            self.fields[name].widget.attrs["class"] = "form-select"

    @property
    def chosen(self) -> dict[str, Any]:
        """What was chosen and is right; a wrong filter narrows nothing."""
        self.is_valid()
        return self.cleaned_data

    @property
    def is_narrowed(self) -> bool:
        """Whether some events are left out."""
        return any(self.chosen.get(name) for name in ("area", "form", "mine"))

    @property
    def day(self) -> date | None:
        """The day it is opened at; none where none was chosen."""
        return self.chosen.get("on")

    @property
    def query(self) -> str:
        """What was chosen, as the beginning of an address's query: without the days."""
        kept = {name: self.chosen[name] for name in ("area", "form", "mine") if self.chosen.get(name)}
        return f"{urlencode(kept)}&" if kept else ""
