"""What people type about scores: points, vetoes, inspections, answers, the commendation list."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, PictureField, dress

LONGEST = 2000


class WhereForm(forms.Form):
    """The area and the year that a page shows; kept in the URL."""

    area = forms.ChoiceField(label=_("Area"), required=False)
    year = forms.ChoiceField(label=_("Year"), required=False)

    def __init__(self, *args: Any, areas: Iterable[tuple[str, str]], years: Iterable[int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = list(areas)  # type: ignore[attr-defined]
        self.fields["year"].choices = [(str(year), str(year)) for year in years]  # type: ignore[attr-defined]
        dress(self)


class PointsForm(forms.Form):
    """Points by hand, and what they rest on."""

    points = forms.DecimalField(label=_("Points"), min_value=0, max_digits=4, decimal_places=1)
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What you saw or read, when and where. The community reads it."),
        error_messages={"required": _("Write down what the points rest on.")},
    )
    photo = PictureField(label=_("Photo"), required=False, help_text=_("Optional. It replaces an earlier one."))

    def __init__(self, *args: Any, most: Decimal, **options: Any) -> None:
        super().__init__(*args, **options)
        self.most = most
        self.fields["points"].help_text = _("From 0 to {most}.").format(most=most.normalize())

    def clean_points(self) -> Decimal:
        """Return the points. Raises ``ValidationError`` for more than the line has."""
        points: Decimal = self.cleaned_data["points"]
        if points > self.most:
            raise forms.ValidationError(_("Between 0 and {most} points.").format(most=self.most.normalize()))
        return points


class VetoForm(forms.Form):
    """What alone keeps a community from being no-fraud."""

    kind = forms.ChoiceField(label=_("What was found"))
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was found, when, by whom. No names of suspects or victims."),
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str | Promise]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]


class LiftForm(forms.Form):
    """Why a veto was wrong."""

    why = forms.CharField(label=_("Why it does not hold"), max_length=200)


class InspectionForm(forms.Form):
    """What was found by who went and looked."""

    community = forms.ChoiceField(label=_("Community"), error_messages={"required": _("Choose the community.")})
    place = forms.CharField(label=_("Where"), max_length=120)
    on = DayField(label=_("When"))
    was_announced = forms.TypedChoiceField(
        label=_("How"),
        choices=[("", _("unannounced")), ("yes", _("announced"))],
        coerce=lambda value: value == "yes",
        required=False,
        empty_value="",
    )
    is_good = forms.TypedChoiceField(
        label=_("What it was"),
        choices=[("", _("Choose")), ("good", _("Good")), ("bad", _("To be mended"))],
        coerce=lambda value: value == "good",
        error_messages={"required": _("Say whether it was good or is to be mended.")},
    )
    found = forms.CharField(label=_("What was found"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}))
    photo = PictureField(label=_("Photo"), required=False, help_text=_("Optional. Nobody's face is needed."))

    def __init__(self, *args: Any, communities: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["community"].choices = list(communities)  # type: ignore[attr-defined]

    def clean_was_announced(self) -> bool:
        """Return whether the community knew beforehand; nothing chosen is no."""
        return bool(self.cleaned_data["was_announced"])


class AnswerForm(forms.Form):
    """What a community answers."""

    answer = forms.CharField(
        label=_("Your answer"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What was done about it, or how it came about."),
    )


class CommendationForm(forms.Form):
    """The list of a year: its words, and who is on it."""

    title = forms.CharField(label=_("Title of the list"), max_length=120)
    text = forms.CharField(
        label=_("Text above the list"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    communities = forms.MultipleChoiceField(
        label=_("Communities"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one community.")},
    )
    is_sure = forms.BooleanField(label=_("They are commended all the same"), required=False)
    sure_of = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, communities: Sequence[tuple[str, str]], doubts: Mapping[str, str], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.doubts = doubts
        self.asked: list[str] = []
        self.fields["communities"].choices = list(communities)  # type: ignore[attr-defined]

    @property
    def asks_about(self) -> str:
        """The codes of those that are asked about, sent back with the tick: it is for these and no others."""
        return ",".join(self.asked)

    def clean(self) -> dict[str, Any]:
        """Ask again about a community that is vetoed or red, until it is said that it is meant."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        doubtful = sorted(code for code in cleaned.get("communities", ()) if self.doubts.get(code))
        self.asked = doubtful
        if doubtful and not (cleaned.get("is_sure") and cleaned.get("sure_of") == ",".join(doubtful)):
            said = gettext("; ").join(self.doubts[code] for code in doubtful)
            words = gettext("{doubts}. Take the tick away, or say below that they are commended all the same.")
            raise forms.ValidationError(words.format(doubts=said))
        return cleaned
