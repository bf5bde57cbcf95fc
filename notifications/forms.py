"""What people choose about being told."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.policy import Kind, Topic, Wish

INBOX = "inbox"
TIME_WRONG = {"invalid": _("Enter a time of day like 08:00.")}


class OrderForm(forms.Form):
    """Up to three ways out of the program, in the order in which they are to be tried."""

    first = forms.ChoiceField(label=_("First by"), required=False)
    second = forms.ChoiceField(label=_("Then by"), required=False)
    third = forms.ChoiceField(label=_("And then by"), required=False)

    places = ("first", "second", "third")

    def __init__(self, *args: Any, order: list[str], **options: Any) -> None:
        options["initial"] = {**dict(zip(self.places, order, strict=False)), **options.get("initial", {})}
        super().__init__(*args, **options)
        for name in self.places:
            said = _("as the program finds best") if name == "first" else _("nothing in particular")
            self.fields[name].choices = [("", said), *Kind.choices]  # type: ignore[attr-defined]

    @property
    def order(self) -> list[str]:
        """The kinds in the order preferred; empty leaves it to the program."""
        chosen = (self.cleaned_data.get(name) for name in self.places)
        return list(dict.fromkeys(kind for kind in chosen if kind in Kind.values))


class ChannelOrderForm(OrderForm):
    """The ways that a person wants tried first, whatever it is about; the others follow in their usual order."""

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, order=user.channel_order, **options)
        self.fields["first"].label = _("Tell me first by")


class WishForm(OrderForm):
    """How a person wants to be told of one topic: over what, in which order, at what hours."""

    begins_at = forms.TimeField(
        label=_("Hours: from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages=TIME_WRONG,
    )
    ends_at = forms.TimeField(
        label=_("Hours: until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages=TIME_WRONG,
        help_text=_("Both empty: at any hour. What comes in between waits in the inbox and goes out when they begin."),
    )

    def __init__(self, *args: Any, topic: Topic, wish: Wish | None, **options: Any) -> None:
        wish = wish or Wish()
        initial = {"begins_at": wish.begins_at, "ends_at": wish.ends_at}
        if wish.is_inbox_alone:
            initial["first"] = INBOX  # type: ignore[assignment]
        super().__init__(*args, order=list(wish.kinds), prefix=topic, initial=initial, **options)
        self.topic = topic
        self.fields["first"].choices = [  # type: ignore[attr-defined]
            ("", _("as usual")),
            *Kind.choices,
            *([] if topic is Topic.ALERTS else [(INBOX, _("nothing: in the inbox alone"))]),
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse half a span of hours, and one without length."""
        cleaned = super().clean() or {}
        if {"begins_at", "ends_at"} & self.errors.keys():
            return cleaned
        begins_at, ends_at = cleaned.get("begins_at"), cleaned.get("ends_at")
        if (begins_at is None) != (ends_at is None):
            self.add_error("ends_at" if ends_at is None else "begins_at", _("Enter both times, or neither."))
        elif begins_at is not None and begins_at == ends_at:
            self.add_error("ends_at", _("Both times are the same. Leave them empty for any hour."))
        return cleaned

    @property
    def wish(self) -> Wish:
        """What was chosen."""
        is_inbox_alone = self.cleaned_data["first"] == INBOX
        kinds = [] if is_inbox_alone else self.order
        return Wish(kinds, is_inbox_alone, self.cleaned_data["begins_at"], self.cleaned_data["ends_at"])
