"""What people type about groups and pushes, sites, materials, meetings and problems."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms import DayField, MomentField
from accounts.models import User
from accounts.pictures import MOST_BYTES, PictureError, clean_picture
from campaigns.models.groups import MOST_POSTS
from campaigns.models.sites import MOST_DAYS
from campaigns.policy import GroupKind, MaterialKind, MeetingKind, SiteKind
from knowledge.models import FraudType
from residents.models import Area

AreaChoices = Sequence[tuple[str, Any]]
MOST_PEOPLE = 100_000
MOST_PIECES = 1_000_000
LONGEST_TEXT = 20_000


class DayOfWeekForm(forms.Form):
    """The week that a page shows, by any of its days; kept in the URL."""

    week = DayField(required=False)

    def day(self, default: date) -> date:
        """Return the day asked for; a wrong one asks for nothing."""
        asked: date | None = self.cleaned_data.get("week") if self.is_valid() else None
        return asked or default


class PlacedForm(forms.Form):
    """Something that lies in a grid or a community."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=64,
        error_messages={"required": pgettext_lazy("of a thing", "Enter the name.")},
    )
    area = forms.ChoiceField(label=_("Area"), error_messages={"required": _("Choose the area.")})

    def __init__(self, *args: Any, areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", "–"), *areas]  # type: ignore[attr-defined]

    def clean_area(self) -> Area:
        """Return the area itself."""
        return Area.objects.get(code=self.cleaned_data["area"])


class OwnedForm(PlacedForm):
    """Something that somebody answers for."""

    owner = forms.ModelChoiceField(
        label=_("Who answers for it"), queryset=User.objects.none(), required=False, empty_label=_("nobody yet")
    )

    def __init__(self, *args: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class GroupForm(OwnedForm):
    """A chat group."""

    kind = forms.ChoiceField(label=_("Whose group it is"), choices=GroupKind.choices, initial=GroupKind.RESIDENTS)
    people = forms.IntegerField(label=_("People in it"), min_value=0, max_value=MOST_PEOPLE, initial=0)

    field_order = ("name", "area", "kind", "owner", "people")


class FindMemberForm(forms.Form):
    """Whom to note as a member: a name, or the last four digits of a phone number."""

    who = forms.CharField(
        label=_("Name, or the last four digits of the phone number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter a name or four digits.")},
    )


class PushForm(forms.Form):
    """One line of the log: how many posts, to which groups, on which day."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Text to copy"), required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 7})
    )
    groups = forms.TypedMultipleChoiceField(
        label=_("Sent to"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the groups it was sent to.")},
    )
    posts = forms.IntegerField(label=_("Messages to each group"), min_value=1, max_value=MOST_POSTS, initial=1)
    on = DayField(label=_("Day"))
    # Not a field of models: it asks the database for whatever number it is handed.
    fraud_types = forms.TypedMultipleChoiceField(
        label=_("Types of fraud taught"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, groups: Iterable[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["groups"].choices = list(groups)  # type: ignore[attr-defined]
        kinds = [(kind.pk, kind.name) for kind in FraudType.objects.all()]
        self.fields["fraud_types"].choices = kinds  # type: ignore[attr-defined]

    def clean_fraud_types(self) -> QuerySet[FraudType]:
        """Return the types themselves."""
        return FraudType.objects.filter(pk__in=self.cleaned_data["fraud_types"])

    @property
    def ticked(self) -> set[str]:
        """The keys of the groups that are ticked, as text."""
        return {str(key) for key in self["groups"].value() or ()}


class SiteForm(OwnedForm):
    """A publicity site."""

    kind = forms.ChoiceField(label=_("Kind"), choices=SiteKind.choices, initial=SiteKind.BOARD)
    place = forms.CharField(label=_("Where it is"), max_length=120, required=False)
    every_days = forms.IntegerField(
        label=_("Refresh every … days"),
        min_value=1,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("Empty: as usual here."),
    )

    field_order = ("name", "kind", "area", "place", "owner", "every_days")


class RefreshForm(forms.Form):
    """What hangs there now."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    hangs = forms.CharField(
        label=_("What hangs there now"), max_length=200, error_messages={"required": _("Say what hangs there now.")}
    )
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"})
    )

    def clean_photo(self) -> bytes:
        """Return the photo made smaller; one that is too large is not read at all."""
        file: File[bytes] | None = self.cleaned_data["photo"]
        if file is None:
            return b""
        try:
            return clean_picture(file.read(MOST_BYTES + 1))
        except PictureError as error:
            raise ValidationError(str(error)) from error


class MaterialForm(PlacedForm):
    """A material to hand out."""

    kind = forms.ChoiceField(label=_("Kind"), choices=MaterialKind.choices, initial=MaterialKind.LEAFLET)
    is_kept = forms.BooleanField(label=_("Still in use"), required=False, initial=True)

    field_order = ("name", "kind", "area", "is_kept")


class MoveForm(forms.Form):
    """So many pieces in or out on a day."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    number = forms.IntegerField(
        label=_("How many"),
        min_value=1,
        max_value=MOST_PIECES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("Enter how many.")},
    )
    on = DayField(label=_("Day"))
    note = forms.CharField(label=_("Note"), max_length=120, required=False)


class CountForm(forms.Form):
    """How many there are, as somebody counted."""

    press = forms.UUIDField(required=False, widget=forms.HiddenInput)
    counted = forms.IntegerField(
        label=_("Pieces counted"),
        min_value=0,
        max_value=MOST_PIECES,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": _("Enter how many you counted.")},
    )


class MeetingForm(forms.Form):
    """When and where a meeting is."""

    area = forms.ChoiceField(label=_("Community"), error_messages={"required": _("Choose the community.")})
    kind = forms.ChoiceField(label=_("Kind"), choices=MeetingKind.choices, initial=MeetingKind.WEEKLY)
    at = MomentField(
        label=_("When"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": _("Enter day and time.")},
    )
    place = forms.CharField(label=pgettext_lazy("a meeting", "Where"), max_length=120, required=False)

    def __init__(self, *args: Any, areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]

    def clean_area(self) -> Area:
        """Return the community itself."""
        return Area.objects.get(code=self.cleaned_data["area"])

    def clean_at(self) -> datetime:
        """Return the moment in UTC."""
        at: datetime = self.cleaned_data["at"]
        return at.astimezone(UTC)


class AgendaForm(forms.Form):
    """The agenda as it is kept."""

    agenda = forms.CharField(label=_("Agenda"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 14}))


class MinutesForm(forms.Form):
    """Who was present, and what was said."""

    present = forms.CharField(label=_("Present"), max_length=300, required=False)
    minutes = forms.CharField(
        label=_("Minutes"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 10})
    )


class GiveForm(forms.Form):
    """Who mends a problem, by when."""

    owner = forms.ModelChoiceField(
        label=_("Who mends it"),
        queryset=User.objects.none(),
        empty_label=_("Choose who"),
        error_messages={"required": _("Choose who mends it.")},
    )
    due_on = DayField(label=_("By when"), error_messages={"required": _("Enter the day by which it is mended.")})

    def __init__(self, *args: Any, people: QuerySet[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]


class ProblemForm(GiveForm):
    """A problem for the list."""

    what = forms.CharField(
        label=_("What is to be mended"),
        max_length=200,
        error_messages={"required": _("Say what is to be mended.")},
        help_text=_("Name no resident here: the list is printed and shown."),
    )
    area = forms.ChoiceField(label=_("Area"), error_messages={"required": _("Choose the area.")})

    field_order = ("what", "area", "owner", "due_on")

    def __init__(self, *args: Any, areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", "–"), *areas]  # type: ignore[attr-defined]

    def clean_area(self) -> Area:
        """Return the area itself."""
        return Area.objects.get(code=self.cleaned_data["area"])


class MendForm(forms.Form):
    """How a problem was mended."""

    how = forms.CharField(
        label=_("How it was mended"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say in a few words how it was mended.")},
    )


class SendBackForm(forms.Form):
    """What is still missing."""

    why = forms.CharField(
        label=_("What is still missing"),
        max_length=200,
        error_messages={"required": _("Say what is still missing, so that it can be done.")},
    )
