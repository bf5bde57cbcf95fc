"""The files of the look as production serves them: named by their content, kept for ever, compressed beforehand.

``make run`` collects them into the data folder, and again only when one of them has changed. What was not collected
is served from where it lies, under its own name: no page is ever lost for a style sheet.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

MARK = "collected-from.txt"


class CollectedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise carries no types
    """Name each file by its content; a file that was not collected keeps the name it has."""

    # References of style sheets to pictures and fonts. Source maps are not vendored, so references to them stay.
    patterns = tuple(
        (kind, tuple(pattern for pattern in patterns if "sourceMappingURL" not in str(pattern)))
        for kind, patterns in CompressedManifestStaticFilesStorage.patterns
        if kind == "*.css"
    )

    def stored_name(self, name: str) -> str:
        """Return the name under which a file is served."""
        collected: str | None = self.hashed_files.get(self.hash_key(self.clean_name(name)))
        return name if collected is None else collected


def collect_where_changed() -> bool:
    """Collect the files of the look unless what lies there was made from these very files. Returns whether it did."""
    mark = Path(settings.STATIC_ROOT) / MARK
    print_of_these = fingerprint()
    if mark.exists() and mark.read_text(encoding="utf-8") == print_of_these:
        return False
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(print_of_these, encoding="utf-8")
    return True


def fingerprint() -> str:
    """Return what changes whenever a file of the look does: where each lies, its size, and when it was written."""
    sources = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            of_file = Path(storage.path(path)).stat()
            sources.update(f"{path} {of_file.st_size} {of_file.st_mtime_ns}\n".encode())
    return sources.hexdigest()
