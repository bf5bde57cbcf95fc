"""Areas, posts, and the numbers of the rules."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.forms import DayField, dress
from accounts.models import User
from accounts.roles import Role
from residents.models import Area
from residents.policy import MOST_OF_A_RULE

AreaChoices = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""Areas by the community they lie in, each as code and name: what ``screens.areas.choices_of`` returns."""


class CommunityForm(forms.Form):
    """Which community's grids are shown."""

    community = forms.ChoiceField(label=_("Community"), required=False)

    def __init__(self, *args: Any, communities: Iterable[tuple[str, str]], may_be_all: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        everything = [("", _("all"))] if may_be_all else []
        self.fields["community"].choices = [*everything, *communities]  # type: ignore[attr-defined]
        dress(self)


class NameForm(forms.Form):
    """A name of an area."""

    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Enter the name.")},
    )


class NewAreaForm(NameForm):
    """An area that is not there yet."""

    code = forms.CharField(
        label=_("Code"),
        max_length=24,
        validators=[RegexValidator(r"^[0-9]+\Z", _("A code has digits only."))],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=_("Proposed: one after the last. It begins with the code of the area above and cannot be changed."),
        error_messages={"required": _("Enter the code.")},
    )


class PersonForm(forms.Form):
    """Somebody who is known here, by what people know of them."""

    person = forms.CharField(
        label=_("Person"),
        max_length=64,
        help_text=_("Name, username or phone number."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "people"}),
        error_messages={"required": _("Say who it is.")},
    )

    def __init__(self, *args: Any, people: QuerySet[User], **options: Any) -> None:
        """Choose among these people alone."""
        super().__init__(*args, **options)
        self.people = people

    def clean_person(self) -> User:
        """Find the one person meant."""
        typed = self.cleaned_data["person"].strip()
        known = User.objects.who_types(typed)
        found = list(self.people.filter(pk=known.pk) if known else self.people.filter(name=typed)[:2])
        if not found:
            raise forms.ValidationError(
                _("Nobody of this name or number holds a post here. Enter somebody new instead.")
            )
        if len(found) > 1:
            raise forms.ValidationError(_("Several people have this name. Enter the username or the phone number."))
        return found[0]


class PostForm(forms.Form):
    """What a post is: where, as what, from when, and perhaps until when."""

    area = forms.ChoiceField(label=_("Area"), error_messages={"required": _("Choose the area.")})
    role = forms.ChoiceField(
        label=_("Role"), choices=[("", "–"), *Role.choices], error_messages={"required": _("Choose the role.")}
    )
    starts_on = DayField(label=_("First day"), error_messages={"required": _("Enter the first day.")})
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("The last day; empty is without end."))

    def __init__(self, *args: Any, areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", "–"), *areas]  # type: ignore[attr-defined]

    def clean_area(self) -> Area:
        """Return the area itself."""
        return Area.objects.get(code=self.cleaned_data["area"])

    def clean_role(self) -> Role:
        """Return the role itself."""
        return Role(self.cleaned_data["role"])

    @property
    def of_the_post(self) -> dict[str, Any]:
        """What the verb takes of the post."""
        return {name: self.cleaned_data[name] for name in ("area", "role", "starts_on", "ends_on")}


class AppointForm(PersonForm, PostForm):
    """A post for somebody who is known here."""

    field_order = ("person", "area", "role", "starts_on", "ends_on")

    def __init__(self, *args: Any, people: QuerySet[User], areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, people=people, areas=areas, **options)


class NewPersonForm(PostForm):
    """A post for somebody new, and who that is."""

    name = forms.CharField(label=_("Name"), max_length=64, error_messages={"required": _("Enter the name.")})
    username = forms.CharField(
        label=_("Username"),
        max_length=64,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", _("Letters, digits and . @ + - _ alone."))],
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter a username.")},
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=32,
        required=False,
        help_text=_("With it they can log in and be called."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    field_order = ("name", "username", "phone", "area", "role", "starts_on", "ends_on")

    @property
    def of_the_person(self) -> dict[str, Any]:
        """What the verb takes of the person."""
        return {name: self.cleaned_data[name] for name in ("username", "name", "phone")}


class SubstituteForm(PersonForm):
    """Who stands in, from when to when."""

    starts_on = DayField(label=_("First day"), error_messages={"required": _("Enter the first day.")})
    ends_on = DayField(
        label=_("Last day"), error_messages={"required": _("Enter the last day: a stand-in goes again.")}
    )


class EndForm(forms.Form):
    """The last day of a post."""

    last_on = DayField(
        label=_("Last day"), help_text=_("It still counts."), error_messages={"required": _("Enter the last day.")}
    )


class PostsFilterForm(forms.Form):
    """Which posts are shown; kept in the URL."""

    q = forms.CharField(label=_("Name or username"), required=False, max_length=60)
    on = DayField(label=_("On this day"), required=False)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Role.choices])
    area = forms.ChoiceField(label=_("Area"), required=False)

    def __init__(self, *args: Any, areas: AreaChoices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = [("", _("all")), *areas]  # type: ignore[attr-defined]
        dress(self)


class RulesForm(forms.Form):
    """Every rule of an app with its number, and the least that it may be."""

    def __init__(self, *args: Any, least: Mapping[Any, int], **options: Any) -> None:
        super().__init__(*args, **options)
        self.names = {str(name): name for name in least}
        for name, smallest in least.items():
            refused = _("Enter a number from %(least)d to %(most)d.") % {"least": smallest, "most": MOST_OF_A_RULE}
            self.fields[name] = forms.IntegerField(
                label=name.label,
                min_value=smallest,
                max_value=MOST_OF_A_RULE,
                error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), refused),
            )

    @property
    def numbers(self) -> dict[Any, int]:
        """The numbers by rule."""
        return {self.names[name]: number for name, number in self.cleaned_data.items()}
