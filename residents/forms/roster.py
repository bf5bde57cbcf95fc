"""What people type about who is on the roster, turned into what the verbs take."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from accounts.personal_data import normalise_id_number, normalise_phone
from residents.models import Area, Resident, Sex
from residents.policy import AGE_BANDS, Departure, Door, Group, LegalBasis, Residence, parse_door
from residents.services.roster import Written

SEXES = [("", _("not known")), *Sex.choices]
TICKS = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]


class RosterFilterForm(forms.Form):
    """What the list is narrowed to; kept in the URL."""

    names_people = True

    q = forms.CharField(
        label=_("Name, last four digits, building or door"),
        required=False,
        max_length=60,
        widget=forms.SearchInput(attrs={"placeholder": _("秀英 · 0017 · 3号楼 · 3-2-401")}),
    )
    grid = forms.ChoiceField(label=_("Grid"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False, choices=[("", _("all")), *Group.choices])
    age = forms.ChoiceField(
        label=_("Age"),
        required=False,
        choices=[
            ("", _("all")),
            ("60-", _("60 and over")),
            *((f"{band.youngest}-{'' if band.oldest is None else band.oldest}", str(band)) for band in AGE_BANDS),
        ],
    )
    residence = forms.ChoiceField(label=_("Residence"), required=False, choices=[("", _("all")), *Residence.choices])
    app = forms.ChoiceField(
        label=_("App"), required=False, choices=[("", _("all")), ("yes", _("installed")), ("no", _("not installed"))]
    )
    ended = forms.ChoiceField(
        label=_("Roster"), required=False, choices=[("", _("living here")), ("yes", _("those who left as well"))]
    )

    def __init__(self, *args: Any, grids: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["grid"].choices = [("", _("all")), *grids]  # type: ignore[attr-defined]
        dress(self)


class ResidentForm(forms.Form):
    """Everything about somebody that a person keeps; few columns, and only what a warning or a visit needs."""

    name = forms.CharField(label=_("Name"), max_length=64)
    sex = forms.ChoiceField(label=_("Sex"), required=False, choices=SEXES)
    birth_on = DayField(label=_("Born on"), required=False)
    phone = forms.CharField(
        label=_("Phone"), required=False, max_length=24, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    id_number = forms.CharField(
        label=_("ID number"), required=False, max_length=24, help_text=_("Only where the work needs it.")
    )
    grid = forms.ModelChoiceField(label=_("Grid"), queryset=Area.objects.none(), empty_label=None)
    address = forms.CharField(
        label=_("Building, unit, room"), required=False, max_length=64, help_text=_("As on the spot: 3号楼2单元401.")
    )
    relation = forms.CharField(label=_("To the head of the household"), required=False, max_length=16)
    residence = forms.ChoiceField(
        label=_("Residence"), required=False, choices=[("", _("not known")), *Residence.choices]
    )
    moved_in_on = DayField(label=_("Moved in on"), required=False)
    occupation = forms.CharField(label=_("Occupation"), required=False, max_length=32)
    groups = forms.MultipleChoiceField(
        label=_("Groups"), required=False, choices=Group.choices, widget=forms.CheckboxSelectMultiple
    )
    has_app = forms.ChoiceField(label=_("National Anti-Fraud Centre app"), required=False, choices=TICKS)
    has_call_warning = forms.ChoiceField(label=_("Call warning on"), required=False, choices=TICKS)
    devices = forms.CharField(
        label=_("Devices"), required=False, max_length=120, help_text=_("A one-press call button, say.")
    )
    risks = forms.CharField(
        label=_("Risks"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What makes this person easy to deceive."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    family_name = forms.CharField(label=_("Name"), required=False, max_length=64)
    family_relation = forms.CharField(label=_("Relation"), required=False, max_length=16)
    family_phone = forms.CharField(
        label=_("Phone"), required=False, max_length=24, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    legal_basis = forms.ChoiceField(label=_("Legal basis"), choices=LegalBasis.choices)
    consent_on = DayField(label=_("Consent given on"), required=False)
    consent_withdrawn_on = DayField(label=_("Consent withdrawn on"), required=False)

    def __init__(self, *args: Any, grids: Any, on: date, resident: Resident | None = None, **options: Any) -> None:
        """Ask about somebody new, or about ``resident`` as the roster has them."""
        self.on = on
        super().__init__(*args, **{"initial": _initial(resident) if resident is not None else {}, **options})
        self.fields["grid"].queryset = grids  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Fieldset(
                _("Person"), Div("name", "sex", "birth_on", "phone", "id_number", "occupation", css_class="grid-form")
            ),
            Fieldset(
                _("Where and how"),
                Div("grid", "address", "relation", "residence", "moved_in_on", css_class="grid-form"),
            ),
            Fieldset(_("For whom outreach and care are"), "groups"),
            Fieldset(
                _("Protection"), Div("has_app", "has_call_warning", "devices", css_class="grid-form"), "risks", "note"
            ),
            Fieldset(
                _("Whom to call of the family"),
                Div("family_name", "family_relation", "family_phone", css_class="grid-form"),
            ),
            Fieldset(
                _("Why the office keeps this"),
                Div("legal_basis", "consent_on", "consent_withdrawn_on", css_class="grid-form"),
            ),
        )

    def clean_phone(self) -> str:
        """Bring the number into its one form."""
        return self._number("phone", normalise_phone)

    def clean_family_phone(self) -> str:
        """Bring the number into its one form."""
        return self._number("family_phone", normalise_phone)

    def clean_id_number(self) -> str:
        """Bring the number into its one form."""
        return self._number("id_number", normalise_id_number)

    def _number(self, name: str, normalise: Any) -> str:
        text = self.cleaned_data[name]
        try:
            return str(normalise(text)) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Hold days and numbers to each other."""
        cleaned = super().clean() or {}
        born, number = cleaned.get("birth_on"), cleaned.get("id_number")
        if born and born > self.on:
            self.add_error("birth_on", _("This day has not come yet."))
        if number and born and f"{born:%Y%m%d}" != number[6:14]:
            self.add_error(
                "birth_on", _("The birth date differs from the one in the ID number. Mend whichever is wrong.")
            )
        if cleaned.get("family_name") and not cleaned.get("family_phone") and "family_phone" not in self.errors:
            self.add_error(
                "family_phone", _("Without a number nobody of the family can be called. Enter it, or clear the name.")
            )
        given, withdrawn = cleaned.get("consent_on"), cleaned.get("consent_withdrawn_on")
        if given and withdrawn and withdrawn < given:
            self.add_error("consent_withdrawn_on", _("This lies before the day the consent was given."))
        if cleaned.get("legal_basis") == LegalBasis.CONSENT and not given:
            self.add_error("consent_on", _("Enter the day on which consent was given."))
        return cleaned

    @property
    def door(self) -> Door | None:
        """Where they live, taken apart."""
        return parse_door(self.cleaned_data["address"])

    @property
    def written(self) -> Written:
        """What the verbs take."""
        cleaned = self.cleaned_data
        ticks = {"": None, "yes": True, "no": False}
        plain = ("name", "sex", "birth_on", "phone", "id_number", "relation", "residence", "moved_in_on", "occupation")
        more = ("devices", "risks", "note", "legal_basis", "consent_on", "consent_withdrawn_on")
        values = {name: cleaned[name] for name in (*plain, *more)}
        values |= {name: ticks[cleaned[name]] for name in ("has_app", "has_call_warning")}
        phone = cleaned["family_phone"]
        family = (cleaned["family_name"] or cleaned["family_relation"] or "家属", cleaned["family_relation"], phone)
        return Written(
            grid=cleaned["grid"],
            door=self.door,
            values=values,
            groups=frozenset(map(Group, cleaned["groups"])),
            family=family if phone else None,
        )


def _initial(resident: Resident) -> dict[str, Any]:
    names = ("name", "sex", "birth_on", "phone", "id_number", "grid", "relation", "residence", "moved_in_on")
    more = ("occupation", "devices", "risks", "note", "legal_basis", "consent_on", "consent_withdrawn_on")
    ticks = {None: "", True: "yes", False: "no"}
    family = resident.family_contacts.first()
    return {name: getattr(resident, name) for name in (*names, *more)} | {
        "address": resident.address,
        "groups": [str(group) for group in resident.groups],
        "has_app": ticks[resident.has_app],
        "has_call_warning": ticks[resident.has_call_warning],
        "family_name": family.name if family else "",
        "family_relation": family.relation if family else "",
        "family_phone": family.phone if family else "",
    }


class DepartForm(forms.Form):
    """Why somebody is no longer here, and since when."""

    departure = forms.ChoiceField(
        label=_("What happened"),
        choices=[(one.value, one.label) for one in (Departure.MOVED, Departure.LEFT, Departure.DIED)],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened.")},
    )
    ended_on = DayField(label=_("Since"))

    def __init__(self, *args: Any, on: date, **options: Any) -> None:
        self.on = on
        super().__init__(*args, **{"initial": {"ended_on": on}, **options})

    def clean_ended_on(self) -> date:
        """Refuse a day that has not come."""
        day: date = self.cleaned_data["ended_on"]
        if day > self.on:
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class ExportForm(forms.Form):
    """Whether names and numbers go out whole; then to whom, and for what."""

    has_minors = forms.BooleanField(label=_("With minors under fourteen"), required=False)
    is_whole = forms.BooleanField(label=_("With names and numbers whole"), required=False)
    recipient = forms.CharField(label=_("Recipient"), required=False, max_length=120)
    purpose = forms.CharField(label=_("Purpose"), required=False, max_length=200)

    def clean(self) -> dict[str, Any]:
        """Ask for recipient and purpose where the values leave whole."""
        cleaned = super().clean() or {}
        if cleaned.get("is_whole"):
            for name in ("recipient", "purpose"):
                if not cleaned.get(name, "").strip() and name not in self.errors:
                    self.add_error(name, _("Whole names and numbers leave only with a recipient and a purpose."))
        return cleaned
