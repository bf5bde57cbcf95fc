"""What people type about themselves: who they are at the door, and what they like."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.formats import to_the_second
from accounts.models import User
from accounts.pictures import MOST_BYTES, PictureError, clean_picture, too_large
from accounts.services import TooSoonError

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Days that somebody can mean. Beyond them a day has no moment in UTC, and no morrow."""


def dress(form: forms.BaseForm) -> None:
    """Give fields that no crispy filter draws the look of the house."""
    for field in form.fields.values():
        field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"


class DayField(forms.DateField):
    """A day, asked for with the browser's own calendar; refuses one that nobody can mean."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **options})

    def to_python(self, value: Any) -> date | None:
        """Return the day. Raises ``ValidationError`` for what is none."""
        day = super().to_python(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError(_("Enter a day between 1900 and 2199."))
        return day


class MomentField(forms.DateTimeField):
    """A moment, asked for with the browser's own calendar; refuses one that nobody can mean."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment. Raises ``ValidationError`` for what is none."""
        year = value.strip()[:4] if isinstance(value, str) else ""
        # Django brings it into the office's zone, which nothing before the year 1 has.
        if year.isdecimal() and not EARLIEST.year <= int(year) <= LATEST.year:
            raise ValidationError(_("Enter a day between 1900 and 2199."))
        moment: datetime | None = super().to_python(value)
        return moment


class PictureField(forms.FileField):
    """A photo, handed on as a JPEG with nothing but the picture in it (``accounts.pictures``); none is ``b""``."""

    widget = forms.FileInput(attrs={"accept": "image/*,.heic,.heif"})

    def clean(self, data: Any, initial: Any = None) -> bytes:
        """Return the picture. Raises ``ValidationError`` for what is none; one that is too large is not read at all."""
        file = super().clean(data, initial)
        if not file:
            return b""
        if file.size > MOST_BYTES:
            raise ValidationError(too_large())
        try:
            return clean_picture(bytes(file.read()))
        except PictureError as error:
            raise ValidationError(str(error)) from error


class PressedField(forms.Field):
    """The moment of a press, as milliseconds since 1970 or in ISO 8601 with its zone."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment; ``None`` for nothing, and for what is none."""
        text = str(value or "").strip()
        try:
            at = datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdecimal() else datetime.fromisoformat(text)
        except (ValueError, OverflowError, OSError):
            return None
        return at if at.tzinfo else None


class PressForm(forms.Form):
    """What a phone adds to a press: its key, when it was pressed, and by whom. All empty where no script runs."""

    press = forms.UUIDField(required=False)
    pressed_at = PressedField(required=False)
    pressed_by = forms.IntegerField(required=False)


REMEMBERED = "last_name"
"""The cookie that says who came in on this device last."""


def remembered_name(request: HttpRequest) -> str:
    """Return the name typed on this device the last time somebody came in."""
    return unquote(request.COOKIES.get(REMEMBERED, ""))


class LoginForm(forms.Form):
    """Username or phone number, and the password. ``user`` is who it was, once the form is valid."""

    username = forms.CharField(
        label=_("Username or phone number"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter your username or phone number.")},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request
        self.user: User | None = None
        first_empty = "password" if self.initial.get("username") else "username"
        self.fields[first_empty].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Find the person. One sentence for a wrong name and a wrong password: it must not say which names exist."""
        cleaned = super().clean() or {}
        if "username" in cleaned and "password" in cleaned:
            try:
                found = authenticate(self.request, username=cleaned["username"], password=cleaned["password"])
            except TooSoonError as error:
                raise too_soon(error) from error
            if not isinstance(found, User):
                raise ValidationError(
                    _("Username and password do not match. Check capital letters; a phone number may have spaces.")
                )
            self.user = found
        return cleaned


def too_soon(error: TooSoonError) -> ValidationError:
    """Return the refusal of somebody who must wait, with the moment from which they need not."""
    return ValidationError(
        _("Too many failed attempts. Nobody is locked out: try again after {time}.").format(
            time=to_the_second(error.until)
        )
    )


class CodeForm(forms.Form):
    """The code of a telephone, or one from paper."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter the six digits that your telephone shows.")},
    )
    trust = forms.BooleanField(label=_("Remember this device"), required=False)

    def __init__(self, *args: Any, remember_days: int = 0, **options: Any) -> None:
        super().__init__(*args, **options)
        if remember_days:
            self.fields["trust"].label = ngettext(
                "Ask for no code on this device for {days} day",
                "Ask for no code on this device for {days} days",
                remember_days,
            ).format(days=remember_days)
        else:
            del self.fields["trust"]


class OwnPasswordForm(forms.Form):
    """One's own password once more, from who is logged in already."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request, self.user = request, user

    def clean_password(self) -> str:
        """Refuse another password."""
        typed = str(self.cleaned_data["password"])
        try:
            found = authenticate(self.request, username=self.user.username, password=typed)
        except TooSoonError as error:
            raise too_soon(error) from error
        if found != self.user:
            raise ValidationError(_("This is not your password."))
        return typed


class AgainForm(OwnPasswordForm):
    """The same, where it is all that the page is about."""

    def __init__(self, *args: Any, request: HttpRequest, user: User, **options: Any) -> None:
        super().__init__(*args, request=request, user=user, **options)
        self.fields["password"].widget.attrs["autofocus"] = True


KEPT_AT_MOST = 500_000
"""Letters of a form that are carried over a log-in; more than any page of ours sends without a file."""


class KeptForm(forms.Form):
    """A form that arrived when nobody was there any more to send it: carried along, and sent after the log-in."""

    kept_path = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    kept = forms.CharField(max_length=KEPT_AT_MOST, required=False, strip=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, request: HttpRequest) -> "KeptForm":
        """Return what a request brought: a form under way, or one that is carried already."""
        if "kept" in request.POST:
            return cls(request.POST)
        fields = request.POST.copy()
        fields.pop("csrfmiddlewaretoken", None)
        return cls({"kept_path": request.get_full_path(), "kept": fields.urlencode()})

    @property
    def fields_kept(self) -> list[tuple[str, str]]:
        """The fields and what was typed, in their order; none for what is no page of ours."""
        if not self.is_valid() or not self.path:
            return []
        lists = QueryDict(self.cleaned_data["kept"]).lists()
        return [(name, str(value)) for name, values in lists for value in values]

    @property
    def path(self) -> str:
        """Where it goes: a page of ours, or ""."""
        path = str(self.cleaned_data.get("kept_path", "")) if self.is_valid() else ""
        mine = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
        return path if mine else ""


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscribed at run time
    """How the program speaks and looks to one person."""

    class Meta:
        model = User
        fields = ("language", "theme", "text_size")
