"""What is typed about an alert once it is closed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.policy import Found


class FeedbackForm(forms.Form):
    """What a second feedback found."""

    found = forms.ChoiceField(label=_("What was found"), choices=Found.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class CallBackForm(forms.Form):
    """Whether what was written down at the closing is true."""

    verdict = forms.ChoiceField(choices=[("true", _("True")), ("false", _("Not true"))])
    note = forms.CharField(label=_("Note"), required=False, max_length=500)


class StoryForm(forms.Form):
    """A story to teach with: a title and some lines, nobody named."""

    title_zh = forms.CharField(
        label=_("Chinese title"), max_length=128, error_messages={"required": _("Enter the Chinese title.")}
    )
    body_zh = forms.CharField(
        label=_("Chinese text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One step or sentence a line."),
        error_messages={"required": _("Enter the Chinese text.")},
    )
