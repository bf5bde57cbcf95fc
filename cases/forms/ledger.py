"""What people type about cases, turned into what the verbs take."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.clock import local
from accounts.formats import decimals, yuan
from accounts.forms import DayField, MomentField, dress
from accounts.personal_data import normalise_phone
from alerts.forms import MoneyField
from cases.columns import MONEY, OLDEST
from cases.models import Case
from cases.policy import UNKNOWN, Approach, DatedBy, Said, Status, Within, contradictions, is_large
from knowledge.models import FraudType
from residents.models import Area, Level, Resident, Sex
from residents.policy import Group, Residence

NOT_KNOWN = ("", _("not known"))
TICKS = {"": None, "yes": True, "no": False}
TYPED = tuple(status for status in Status if status is not Status.WITHDRAWN)
"""Statuses that are chosen; a case is withdrawn with a reason, on its own page."""


class PlaceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # cannot be subscribed at run time
    """A community or a grid, a grid with its community's name before it."""

    def label_from_instance(self, area: Any) -> str:
        """Return the name."""
        return str(area.place)


class TypeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # as above
    """A type of fraud; those of the second level stand below theirs."""

    def label_from_instance(self, kind: Any) -> str:
        """Return the name."""
        return f"{kind.parent.name} › {kind.name}" if kind.parent is not None else str(kind.name)


def _money(label: Any, **options: Any) -> MoneyField:
    return MoneyField(label=label, required=False, **options)


def _text(label: Any, most: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=most, **options)


def _moment(label: Any, **options: Any) -> MomentField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return MomentField(label=label, widget=widget, **options)


class CaseForm(forms.Form):
    """Everything about a case that a person enters.

    ``seen_at`` is when the case had last changed as its corrector saw it; ``sure_of`` the amount that was asked about.
    """

    fraud_type = TypeField(
        label=_("Type of fraud"), queryset=FraudType.objects.none(), empty_label=_("Choose the type")
    )
    is_elder_fraud = forms.BooleanField(label=_("Aimed at them as an elder (elder fraud)"), required=False)
    approach = forms.ChoiceField(label=_("Way of contact"), required=False, choices=[NOT_KNOWN, *Approach.choices])
    occurred_at = _moment(_("Happened at"), required=False)
    place_happened = _text(_("Where it happened"), 120)
    story = _text(_("The story in short"), 10_000, widget=forms.Textarea(attrs={"rows": 4}))

    amount_lost = _money(_("Lost (yuan)"), help_text=_("As 18000 or 1.8万. Empty: nothing was lost."))
    amount_frozen = _money(_("Frozen (yuan)"))
    amount_returned = _money(_("Returned (yuan)"))
    amount_prevented = _money(_("Prevented (yuan, estimate)"), help_text=_("Never added to losses."))
    prevented_judged_by = _text(_("Who judged what was prevented"), 64)
    is_sure = forms.BooleanField(required=False)
    sure_of = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    resident = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    victim_name = _text(_("Name"), 64)
    victim_phone = _text(_("Phone"), 24, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    area = PlaceField(label=_("Lives in"), queryset=Area.objects.none(), empty_label=_("Choose the grid"))
    victim_sex = forms.ChoiceField(label=_("Sex"), required=False, choices=[NOT_KNOWN, *Sex.choices])
    victim_age = forms.IntegerField(
        label=_("Age on the day of the fraud"), required=False, min_value=0, max_value=OLDEST
    )
    victim_occupation = _text(_("Occupation"), 32)
    victim_group = forms.ChoiceField(label=_("Group"), required=False, choices=[NOT_KNOWN, *Group.choices])
    victim_residence = forms.ChoiceField(label=_("Residence"), required=False, choices=[NOT_KNOWN, *Residence.choices])

    status = forms.ChoiceField(label=_("Status"), choices=[(one.value, one.label) for one in TYPED])
    number = _text(_("Number of the police"), 40)
    reported_at = _moment(_("Reported at"))
    filed_on = DayField(label=_("Filed on"), required=False)
    was_warned = forms.ChoiceField(
        label=_("Was there a warning?"), required=False, choices=[NOT_KNOWN, ("yes", _("yes")), ("no", _("no"))]
    )
    warned_at = _moment(_("Warned at"), required=False)
    note = _text(_("Note"), 2000, widget=forms.Textarea(attrs={"rows": 2}))
    seen_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, places: QuerySet[Area], people: QuerySet[Resident], now: datetime, **options: Any
    ) -> None:
        """Ask about a case. ``places`` are where its keeper keeps the ledger, ``people`` whom the victim may be."""
        self.now, self.people = now, people
        super().__init__(*args, **options)
        for name in MONEY.values():
            amount = self.initial.get(name)
            if isinstance(amount, Decimal) and amount == amount.to_integral_value():
                self.initial[name] = int(amount)  # 18000, not 18000.00
        self.fields["area"].queryset = places  # type: ignore[attr-defined]
        self.fields["fraud_type"].queryset = FraudType.objects.select_related("parent")  # type: ignore[attr-defined]
        if places.count() == 1 and not self.initial.get("area"):
            self.initial["area"] = places.get().pk
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = _layout()

    def clean_victim_phone(self) -> str:
        """Bring the number into its one form."""
        text = self.cleaned_data["victim_phone"]
        try:
            return normalise_phone(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_resident(self) -> Resident | None:
        """Find the resident who was taken from the roster."""
        pk = self.cleaned_data["resident"]
        resident = self.people.filter(pk=pk).first() if pk else None
        if pk and resident is None:
            raise forms.ValidationError(_("This person is not on the roster here any more. Find them anew."))
        return resident

    def clean(self) -> dict[str, Any]:
        """Hold dates and amounts to each other; ask again about a loss above a million."""
        cleaned = super().clean() or {}
        reported = cleaned.get("reported_at")
        said = Said(
            occurred_at=cleaned.get("occurred_at"),
            reported_at=reported,
            reported_on=local(reported).date() if reported is not None else None,
            filed_on=cleaned.get("filed_on"),
            warned_at=cleaned.get("warned_at"),
            lost=cleaned.get("amount_lost") or Decimal(0),
            frozen=cleaned.get("amount_frozen") or Decimal(0),
            returned=cleaned.get("amount_returned") or Decimal(0),
        )
        for wrong in contradictions(said, now=self.now, on=local(self.now).date()):
            if wrong.field not in self.errors and not ("amount" in wrong.field and "amount_lost" in self.errors):
                self.add_error(wrong.field, str(wrong.words))
        if "amount_lost" not in self.errors:
            self._ask_again(said.lost)
        return cleaned

    def _ask_again(self, lost: Decimal) -> None:
        if not is_large(lost) or self.initial.get("amount_lost") == lost:
            return
        self.asked = lost
        if not self.is_told:
            words = gettext("You wrote %(amount)s, that is %(wan)s ten thousands. Tick that it is right, or mend it.")
            self.add_error("amount_lost", words % {"amount": yuan(lost), "wan": decimals(lost / 10_000, 2)})

    asked: Decimal | None = None
    """The loss that is asked about again; None where there is none."""

    @property
    def is_told(self) -> bool:
        """Whether somebody ticked that this very amount is right."""
        said = self.cleaned_data.get("sure_of") == f"{self.asked:.2f}" if self.asked is not None else False
        return said and bool(self.cleaned_data.get("is_sure"))

    @property
    def sure(self) -> tuple[str, str] | None:
        """The sentence that is ticked, and the amount it is about; None where nothing is asked again."""
        if self.asked is None:
            return None
        return gettext("Yes, %(amount)s is right") % {"amount": yuan(self.asked)}, f"{self.asked:.2f}"

    @property
    def seen(self) -> datetime:
        """When the case had last changed as its corrector saw it; long ago where the form does not say."""
        try:
            at = datetime.fromisoformat(self.cleaned_data["seen_at"])
        except ValueError:
            return datetime.min.replace(tzinfo=UTC)
        return at if at.tzinfo is not None else at.replace(tzinfo=UTC)

    @property
    def values(self) -> dict[str, Any]:
        """The case's fields."""
        cleaned = self.cleaned_data
        area = cleaned["area"]
        is_grid = area.level == Level.GRID
        left = {"area", "is_sure", "sure_of", "seen_at"}
        values = {name: value for name, value in cleaned.items() if name not in left}
        for name in MONEY.values():
            values[name] = values[name] if values[name] is not None else Decimal(0)
        place = {"community": area.parent if is_grid else area, "grid": area if is_grid else None}
        return values | place | {"was_warned": TICKS[cleaned["was_warned"]]}


def _layout() -> Layout:
    return Layout(
        "seen_at",
        "resident",
        Fieldset(
            _("What happened"),
            Div("fraud_type", "approach", "occurred_at", "place_happened", css_class="grid-form"),
            "is_elder_fraud",
            "story",
        ),
        Fieldset(
            _("Money"),
            Div("amount_lost", "amount_frozen", "amount_returned", css_class="grid-form"),
            Div("amount_prevented", "prevented_judged_by", css_class="grid-form"),
        ),
        Fieldset(
            _("Victim"),
            Div(
                *("victim_name", "victim_phone", "area", "victim_sex"),
                *("victim_age", "victim_occupation", "victim_group", "victim_residence"),
                css_class="grid-form",
            ),
        ),
        Fieldset(
            _("Police and warning"),
            Div("status", "reported_at", "filed_on", "number", css_class="grid-form"),
            Div("was_warned", "warned_at", css_class="grid-form"),
            "note",
        ),
    )


def initial_of(case: Case) -> dict[str, Any]:
    """Return a case as its form shows it."""
    kept = set(CaseForm.base_fields) - {"area", "is_sure", "sure_of", "seen_at", "fraud_type", "resident", "was_warned"}
    ticks = {value: key for key, value in TICKS.items()}
    return {name: getattr(case, name) for name in kept} | {
        "fraud_type": case.fraud_type_id,
        "area": case.grid_id or case.community_id,
        "resident": case.resident_id,
        "was_warned": ticks[case.was_warned],
        "seen_at": case.changed_at.isoformat(),
    }


class WithdrawForm(forms.Form):
    """Why a case is taken out of every figure."""

    why = forms.CharField(
        label=_("Why?"),
        max_length=200,
        help_text=_("It stands twice, say, or the police found that it was no fraud. Write no name."),
        error_messages={"required": _("Write the reason in a few words.")},
    )


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_SPAN = re.compile(r"([0-9]{1,9})[-–]([0-9]{0,9})")


class SpanField(forms.Field):
    """A span as an address says it: ``60-79``, ``80-``; or ``unknown``."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Within | str | None:
        """Return the span, or the word for nobody knows. Raises ``ValidationError`` for what is neither."""
        text = str(value or "").strip()
        if not text or text == UNKNOWN:
            return text or None
        found = _SPAN.fullmatch(text)
        if found is None:
            raise forms.ValidationError(_("Write a span like 60-79 or 80-."))
        return Within(int(found[1]), int(found[2]) if found[2] else None)


def _known(label: Any, choices: Iterable[tuple[Any, Any]]) -> forms.ChoiceField:
    """Return a hidden choice among some, and those of which nobody knows."""
    every = [("", ""), (UNKNOWN, _("not known")), *choices]
    return forms.ChoiceField(label=label, required=False, choices=every, widget=forms.HiddenInput)


class LedgerFilterForm(forms.Form):
    """What the ledger is narrowed to; kept in the URL. What reports link with is hidden, and told above the rows."""

    names_people = True

    q = forms.CharField(
        label=_("Number or name"),
        required=False,
        max_length=60,
        widget=forms.SearchInput(attrs={"placeholder": _("王 · 王秀英 · A3701…")}),
    )
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    dated_by = forms.ChoiceField(label=_("Counted by"), required=False, choices=DatedBy.choices)
    area = forms.ChoiceField(label=_("Area"), required=False)
    type = forms.ChoiceField(label=_("Type of fraud"), required=False)
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[("", _("all that count")), *Status.choices],
    )
    elder = forms.ChoiceField(
        label=_("Elder fraud"), required=False, choices=[("", _("all")), ("yes", _("yes")), ("no", _("no"))]
    )
    warned = forms.ChoiceField(
        label=_("Warning"), required=False, choices=[("", _("all")), ("yes", _("with")), ("no", _("without"))]
    )
    age = SpanField(label=_("Age"), required=False)
    amount = SpanField(label=_("Lost"), required=False)
    approach = _known(_("Way of contact"), Approach.choices)
    residence = _known(_("Residence"), Residence.choices)
    sex = _known(_("Sex"), Sex.choices)
    hour = _known(_("Hour"), [(str(hour), f"{hour}:00–{hour}:59") for hour in range(24)])
    occupation = forms.CharField(label=_("Occupation"), required=False, max_length=32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        types = FraudType.objects.select_related("parent")
        named = [(kind.code, f"– {kind.name}" if kind.parent is not None else kind.name) for kind in types]
        self.fields["area"].choices = [("", _("all")), *areas]  # type: ignore[attr-defined]
        self.fields["type"].choices = [("", _("all")), *named]  # type: ignore[attr-defined]
        dress(self)

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """What the hidden filters narrow to: name, label and words."""
        chosen: Mapping[str, Any] = getattr(self, "cleaned_data", {})
        return [
            (field.name, str(field.label), _words(self.fields[field.name], chosen[field.name]))
            for field in self.hidden_fields()
            if chosen.get(field.name) not in {None, ""}
        ]


def _words(field: forms.Field, value: Any) -> str:
    if isinstance(value, Within):
        return f"{value.least}–{'' if value.most is None else value.most}"
    if value == UNKNOWN:
        return gettext("not known")
    return str(dict(getattr(field, "choices", ())).get(value, value))
