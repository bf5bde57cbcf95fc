"""Office files as PDF, where LibreOffice is installed. It runs with a profile of its own and within a time."""

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext as _

from accounts.services import RefusedError

SECONDS = 120


def office() -> str | None:
    """Return the program that makes PDF; ``None`` where this machine has none."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def as_pdf(content: bytes, *, suffix: str) -> bytes:
    """Return a workbook or a document as PDF. Raises ``RefusedError`` where it cannot be made here."""
    program = office()
    if program is None:
        raise RefusedError(_("There is no LibreOffice here: print the page, or open the file and save it as PDF."))
    # A profile of its own: two at once share none, and nobody's settings or macros are there.
    with TemporaryDirectory() as folder:
        source = Path(folder) / f"report.{suffix}"
        source.write_bytes(content)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        orders = [program, profile, "--headless", "--norestore", "--convert-to", "pdf", "--outdir", folder, str(source)]
        try:
            subprocess.run(orders, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603 - a fixed program and names of our own
            return source.with_suffix(".pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise RefusedError(_("LibreOffice made no PDF of it. Open the file and save it as PDF.")) from error
