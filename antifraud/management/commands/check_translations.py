"""Refuse a text without its translation: missing, unsure (fuzzy), with other placeholders than its source, or in other
words than the field's own (antifraud/glossary.py)."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from antifraud.glossary import PLACEHOLDER, breaches


def problems_of(catalogue: Path) -> list[str]:
    """Return what is wrong in a catalogue, a line for each text: what, and the text's beginning."""
    found = []
    for entry in polib.pofile(str(catalogue)):
        if entry.obsolete:
            continue
        if entry.fuzzy:
            found.append(f"unsure: {entry.msgid[:70]!r}")
        elif not entry.translated():
            found.append(f"missing: {entry.msgid[:70]!r}")
        else:
            source = entry.msgid_plural or entry.msgid
            for text in entry.msgstr_plural.values() or [entry.msgstr]:
                if placeholders(source) != placeholders(text):
                    found.append(f"other placeholders: {entry.msgid[:70]!r}")
                found += [f"{breach}: {entry.msgid[:70]!r}" for breach in breaches(source, text)]
    return found


def placeholders(text: str) -> list[str]:
    """Return the places in a text that the program fills, in an order that does not matter."""
    return sorted(PLACEHOLDER.findall(text))


class Command(BaseCommand):
    """Check every catalogue of the project."""

    help = "Check that no translation is missing, unsure, or in other words than the glossary's."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what is wrong and end with an error, or say how many catalogues are whole."""
        catalogues = [file for folder in settings.LOCALE_PATHS for file in Path(folder).glob("*/LC_MESSAGES/*.po")]
        problems = [f"{file.parent.parent.name}: {problem}" for file in catalogues for problem in problems_of(file)]
        if problems:
            raise CommandError("\n".join([f"{len(problems)} texts want mending:", *problems]))
        self.stdout.write(f"{len(catalogues)} catalogues are whole")
