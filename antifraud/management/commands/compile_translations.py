"""Compile the translations without gettext, which a fresh machine does not have."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


def compile_catalogues(folder: Path) -> list[Path]:
    """Write the ``.mo`` beside each ``.po`` below ``folder`` that is newer than it; return those written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            # Written beside and moved: a server that starts at this moment must not read half a file.
            draft = target.with_suffix(".mo.new")
            polib.pofile(str(source)).save_as_mofile(str(draft))
            draft.replace(target)
            written.append(target)
    return written


class Command(BaseCommand):
    """Compile every catalogue of the project that has changed."""

    help = "Compile the translations that have changed (needs no gettext)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Say which were compiled."""
        for folder in settings.LOCALE_PATHS:
            for target in compile_catalogues(Path(folder)):
                self.stdout.write(f"Compiled {target.relative_to(folder)}")
