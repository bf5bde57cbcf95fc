"""What people type where an event is logged: counters, names, photos, knocks, signatures."""

import base64
import binascii
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import PictureField
from accounts.personal_data import bare_phone, normalise_phone
from accounts.pictures import PictureError, clean_picture, has_ink
from campaigns.models import Event, Material, Organisation
from campaigns.policy import Audience, DoorResult, OrganisationKind, PhotoKind
from campaigns.services import Outcome
from residents.models import Resident
from sheets.policy import MOST_BYTES

MOST = 100_000
MOST_VOLUNTEERS = 60
MOST_PHOTOS = 12
MOST_SIGNATURE = 2 * 1024 * 1024
PNG_ADDRESS = "data:image/png;base64,"


class CounterField(forms.IntegerField):
    """How many; nothing typed is none."""

    def __init__(self, **options: Any) -> None:
        widget = forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "counter-field"})
        super().__init__(
            **{"min_value": 0, "max_value": MOST, "required": False, "initial": 0, "widget": widget, **options}
        )

    def clean(self, value: Any) -> int:
        """Return the number."""
        return int(super().clean(value) or 0)


@dataclass(frozen=True, slots=True)
class VolunteerRow:
    """One row of a volunteer as it was typed, and what is wrong with it."""

    name: str = ""
    hours: str = ""
    error: str = ""


class LogForm(forms.Form):
    """What came of an event: on one page of a phone."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    heads = CounterField(label=_("Came"))
    installs = CounterField(label=_("Apps installed"))
    pledges = CounterField(label=_("Pledges on paper"))
    came = forms.MultipleChoiceField(label=_("Partners that came"), required=False, widget=forms.CheckboxSelectMultiple)
    other = forms.ChoiceField(label=_("Another one came"), required=False)
    new_partner = forms.CharField(label=_("One that is not on the list"), required=False, max_length=64)
    new_kind = forms.ChoiceField(
        label=_("What it is"), required=False, choices=[("", _("Choose")), *OrganisationKind.choices]
    )
    reflection = forms.CharField(
        label=_("What to do better next time"),
        required=False,
        max_length=2000,
        help_text=_("Shown when the next of this form is planned."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        event: Event,
        materials: Sequence[Material],
        partners: Sequence[Organisation],
        others: Sequence[Organisation],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.event, self.materials = event, materials
        for material in materials:
            left = _("in stock: {number}").format(number=material.stock)
            self.fields[f"material_{material.pk}"] = CounterField(label=material.name, help_text=left)
        self.fields["came"].choices = [(str(one.pk), one.name) for one in partners]  # type: ignore[attr-defined]
        self.fields["other"].choices = [("", _("nobody else")), *((str(one.pk), one.name) for one in others)]  # type: ignore[attr-defined]
        for name in ("other", "new_kind"):
            self.fields[name].widget.attrs["class"] = "form-select"
        for name in ("new_partner", "reflection"):
            self.fields[name].widget.attrs["class"] = "form-control"

    @property
    def counters(self) -> Iterator[forms.BoundField]:
        """The big numbers, in the order in which people tell them."""
        yield self["heads"]
        for material in self.materials:
            yield self[f"material_{material.pk}"]
        yield self["installs"]
        yield self["pledges"]

    @property
    def volunteer_rows(self) -> list[VolunteerRow]:
        """The volunteers as typed, else as they were written before; and a row to type into."""
        return [*(self._typed if self.is_bound else self.initial.get("volunteers", [])), VolunteerRow()]

    @property
    def _typed(self) -> list[VolunteerRow]:
        """Rows with anything in them; of rows sent without end only so many are read."""
        names, hours = self._all("volunteer"), self._all("hours")
        hours += [""] * (len(names) - len(hours))
        typed = zip(names[:MOST_VOLUNTEERS], hours, strict=False)
        return [VolunteerRow(name, spent, _wrong(name, spent)) for name, spent in typed if name or spent]

    def _all(self, name: str) -> list[str]:
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name, "")]
        return [str(value).strip() for value in values]

    def clean(self) -> dict[str, Any]:
        """Ask for what a new partner is, and for rows of volunteers that can be."""
        cleaned = super().clean() or {}
        if cleaned.get("new_partner") and not cleaned.get("new_kind"):
            self.add_error("new_kind", _("Choose what kind of organisation it is."))
        wrong = [row.error for row in self._typed if row.error]
        if wrong:
            raise ValidationError(wrong[0])
        return cleaned

    @property
    def outcome(self) -> Outcome:
        """What the verb takes."""
        cleaned = self.cleaned_data
        came = [int(key) for key in (*cleaned["came"], cleaned["other"]) if key]
        new = cleaned["new_partner"].strip()
        return Outcome(
            heads=cleaned["heads"],
            installs=cleaned["installs"],
            pledges=cleaned["pledges"],
            reflection=cleaned["reflection"].strip(),
            handed_out={material.pk: cleaned[f"material_{material.pk}"] for material in self.materials},
            came=came,
            new_partner=(new, cleaned["new_kind"]) if new else None,
            volunteers=[(row.name, _hours(row.hours)) for row in self._typed],
        )

    @property
    def is_more_filled(self) -> bool:
        """Whether anything below the counters is wrong: it must not be folded away."""
        return self.is_bound and not self.is_valid()


def _hours(text: str) -> Decimal | None:
    """Return hours to a tenth. Raises ``ValidationError``."""
    field = forms.DecimalField(required=False, min_value=Decimal(0), max_value=Decimal(24), max_digits=8)
    hours: Decimal | None = field.clean(unicodedata.normalize("NFKC", text))
    return None if hours is None else hours.quantize(Decimal("0.1"))


def _wrong(name: str, hours: str) -> str:
    """Return what is wrong with a volunteer's row, in words; "" for nothing."""
    try:
        forms.CharField(max_length=64).clean(name)
    except ValidationError:
        return str(_("Write the volunteer's name, at most 64 characters."))
    try:
        _hours(hours)
    except ValidationError:
        return str(_("Hours are a number from 0 to 24, such as 1.5."))
    return ""


class PicturesInput(forms.FileInput):
    """Several photos at once."""

    allow_multiple_selected = True


class PicturesField(PictureField):
    """Several photos, each handed on as ``PictureField`` does."""

    widget = PicturesInput(attrs={"accept": "image/*,.heic,.heif", "multiple": True, "class": "form-control"})

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:  # type: ignore[override]  # several
        """Return the pictures. Raises ``ValidationError`` for none, too many, and each that is no photo."""
        files = data if isinstance(data, list | tuple) else [data]
        if len(files) > MOST_PHOTOS:
            raise ValidationError(_("Send at most %(most)d photos at once.") % {"most": MOST_PHOTOS})
        return [super(PicturesField, self).clean(file, initial) for file in files or [None]]


class PhotosForm(forms.Form):
    """Photos, and what they show."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    photos = PicturesField(label=_("Photos"), error_messages={"required": _("Choose a photo, or take one.")})
    kind = forms.ChoiceField(
        label=_("What they show"), choices=PhotoKind.choices, initial=PhotoKind.EVENT, widget=forms.RadioSelect
    )
    caption = forms.CharField(
        label=_("Caption"),
        required=False,
        max_length=120,
        help_text=_("Printed beneath the photo in the report."),
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


class SearchForm(forms.Form):
    """Whom somebody looks for: by name, door, or the end of the phone number."""

    q = forms.CharField(required=False, max_length=64)

    @property
    def text(self) -> str:
        """What was typed; what cannot be read finds nobody."""
        return str(self.cleaned_data["q"]).strip() if self.is_valid() else ""


class TickForm(forms.Form):
    """One resident, there or not."""

    resident = forms.IntegerField(min_value=1, max_value=2**62)
    is_there = forms.BooleanField(required=False)


class CameFileForm(forms.Form):
    """An office's list of who came."""

    file = forms.FileField(
        label=_("Excel or CSV file"),
        help_text=_("With the columns 姓名 and 电话 (or its last four digits) or 门牌. Nothing is entered yet."),
        error_messages={"required": _("Choose the file."), "empty": _("The file is empty.")},
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".xlsx,.csv"}),
    )

    def clean_file(self) -> bytes:
        """Return what is in it; one that is too large is not even read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is too large for a list of who came."))
        return bytes(file.read())


class CameForm(forms.Form):
    """Those of a file who are entered: the keys of residents, none that could be nobody's."""

    resident = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        sent = self.data.getlist("resident") if hasattr(self.data, "getlist") else []
        keys = {key for key in sent if key.isascii() and key.isdigit() and len(key) < 19}
        self.fields["resident"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]


class KnockForm(forms.Form):
    """What came of one door."""

    result = forms.ChoiceField(choices=DoorResult.choices)
    who = forms.TypedMultipleChoiceField(required=False, coerce=int)
    installed = forms.BooleanField(required=False)
    note = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, flat: Iterable[Resident], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["who"].choices = [(one.pk, one.pk) for one in flat]  # type: ignore[attr-defined]


class AddDoorsForm(forms.Form):
    """Whose doors are put on the list: of a building, a stairwell, an audience."""

    building = forms.ChoiceField(label=_("Building"), error_messages={"required": _("Choose the building.")})
    unit = forms.CharField(label=_("Stairwell"), required=False, max_length=16, help_text=_("Empty: all of them."))
    audience = forms.ChoiceField(label=_("For whom"), choices=Audience.choices, initial=Audience.EVERYBODY)

    def __init__(self, *args: Any, buildings: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["building"].choices = [("", _("Choose")), *buildings]  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control" if name == "unit" else "form-select"

    @property
    def where(self) -> dict[str, str]:
        """The building, and the stairwell where one was named."""
        named = {"building": self.cleaned_data["building"], "unit": self.cleaned_data["unit"].strip()}
        return {part: words for part, words in named.items() if words}


class SignInForm(forms.Form):
    """A visitor's name and number. ``website`` is for machines alone: people do not see it."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
        error_messages={"required": _("Write your name."), "max_length": _("A name has at most 64 characters.")},
    )
    phone = forms.CharField(
        label=_("The last four digits of your phone number"),
        max_length=20,
        help_text=_("Or the whole number."),
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Write the last four digits."), "max_length": _("Write the last four digits.")},
    )
    website = forms.CharField(required=False)

    def clean_phone(self) -> str:
        """Return four digits or eleven."""
        bare = bare_phone(self.cleaned_data["phone"])
        if len(bare) == 4 and bare.isascii() and bare.isdigit():
            return bare
        try:
            return normalise_phone(bare)
        except ValueError as error:
            raise ValidationError(_("Write the last four digits, or all eleven.")) from error

    @property
    def is_by_machine(self) -> bool:
        """Whether something was written where nobody sees a field."""
        return bool(self.data.get("website"))


class SignatureField(forms.CharField):
    """What was written on the screen with a finger, as a picture; one without ink is none."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> bytes:
        """Return the signature as ``clean_picture`` does. Raises ``ValidationError`` where nobody wrote anything."""
        text = str(value or "")
        empty = ValidationError(_("Nobody has signed yet. Sign in the box with a finger."))
        if not text.startswith(PNG_ADDRESS) or len(text) > MOST_SIGNATURE:
            raise empty
        try:
            content = base64.b64decode(text.removeprefix(PNG_ADDRESS), validate=True)
            if not has_ink(content):
                raise empty
            return clean_picture(content)
        except (binascii.Error, ValueError, PictureError) as error:
            raise empty from error


class PledgeForm(forms.Form):
    """Who pledges, and the signature."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"required": _("Write who signs.")},
    )
    resident = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    signature = SignatureField(label=_("Signature"))


def initial_of(event: Event, *, counted: int, handed_out: Mapping[int, int]) -> dict[str, Any]:
    """Return what the log form begins with: what was written before, else as many heads as are known by name."""
    rows = [
        VolunteerRow(one.name, "" if one.hours is None else f"{float(one.hours):g}") for one in event.volunteers.all()
    ]
    return {
        "heads": event.heads or counted,
        "installs": event.installs,
        "pledges": event.pledges,
        "reflection": event.reflection,
        "came": [str(one.organisation_id) for one in event.partners.all() if one.has_come],
        "volunteers": rows,
        **{f"material_{key}": number for key, number in handed_out.items()},
    }
