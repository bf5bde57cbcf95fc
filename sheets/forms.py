"""What people choose about a file."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sheets.policy import MOST_BYTES, Column, Settling

PASSED_OVER = "-"


class HandInForm(forms.Form):
    """A file, whose rows it has, and whether unknown grids are made."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("Excel or WPS (.xlsx), or CSV. The header may stand anywhere; merged cells are understood."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt", "class": "form-control"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty. Choose the file with the rows in it."),
        },
    )
    area = forms.ChoiceField(
        label=_("Whose rows"),
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"required": _("Choose.")},
    )
    create_grids = forms.BooleanField(
        label=_("Make grids that the file names and the program does not know"), required=False
    )

    def __init__(self, *args: Any, areas: Sequence[tuple[str, str]], may_make_grids: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["area"].choices = areas  # type: ignore[attr-defined]
        if not may_make_grids:
            del self.fields["create_grids"]

    @property
    def options(self) -> dict[str, bool]:
        """What was chosen besides the file and the area."""
        return {name: self.cleaned_data[name] for name in ("create_grids",) if name in self.fields}

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                _("The file has more than %(size)d MB. Split it by grid."), params={"size": MOST_BYTES // 2**20}
            )
        return file


class ColumnsForm(forms.Form):
    """What the headings mean that nobody knows."""

    def __init__(self, *args: Any, labels: Iterable[str], columns: Sequence[Column], **options: Any) -> None:
        super().__init__(*args, **options)
        self.labels = list(labels)
        choices = [
            ("", "–"),
            (PASSED_OVER, _("means nothing here")),
            *((column.key, column.label) for column in columns),
        ]
        for number, label in enumerate(self.labels):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=label, choices=choices, required=False, widget=forms.Select(attrs={"class": "form-select"})
            )

    @property
    def meanings(self) -> dict[str, str]:
        """What was chosen: the heading and the column's key, "" for one that means nothing."""
        chosen = ((label, self.cleaned_data[f"column_{number}"]) for number, label in enumerate(self.labels))
        return {label: "" if key == PASSED_OVER else key for label, key in chosen if key}


class SettleForm(forms.Form):
    """What somebody says of a parked row: ``same:12``, ``new`` or ``drop``, as the pressed button has it."""

    how = forms.RegexField(regex=r"^(same:[0-9]{1,18}|new|drop)$")

    @property
    def settling(self) -> tuple[Settling, str]:
        """How, and which of those beside the row is meant."""
        how, _colon, other = self.cleaned_data["how"].partition(":")
        return Settling(how), other
