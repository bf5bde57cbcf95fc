"""What people write: titles and texts, in both languages."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 10_000


class WordsForm(forms.Form):
    """A text in both languages."""

    title_zh = forms.CharField(
        label=_("Chinese title"), max_length=128, error_messages={"required": _("Enter the Chinese title.")}
    )
    body_zh = forms.CharField(
        label=_("Chinese text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("One step or sentence a line."),
        error_messages={"required": _("Enter the Chinese text.")},
    )
    title_en = forms.CharField(label=_("English title"), max_length=128, required=False)
    body_en = forms.CharField(
        label=_("English text"), max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 12})
    )
    origin = forms.CharField(label=_("Where it comes from"), max_length=255, required=False)
