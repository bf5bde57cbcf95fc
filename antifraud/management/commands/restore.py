"""Bring a sealed copy back into an empty database and an empty folder."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pyrage import IdentityError, x25519

from antifraud.backups import verbs


class Command(BaseCommand):
    """Open a copy, read it back, compare every table and every file with what it says of itself."""

    help = (
        "Fill the database of DATABASE_URL (or DATA_DIR) and DATA_DIR/private, both empty, from a sealed copy. "
        "Every table is added up and compared. Then: python manage.py migrate."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--key", type=Path, required=True, metavar="FILE", help="the file that backup --new-key made"
        )
        parser.add_argument("--json", action="store_true", help="say what was brought back as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what is there now."""
        key = _key(options["key"])
        if not options["file"].is_file():
            raise CommandError(f"There is no {options['file']}.")
        try:
            manifest = verbs.bring_back(options["file"], key=key)
        except verbs.BackupError as error:
            raise CommandError(f"Nothing was brought back. {error}") from error
        rows = sum(rows for rows, _total in manifest.sums.values())
        if options["json"]:
            self.stdout.write(
                json.dumps({"made_at": manifest.made_at.isoformat(), "tables": len(manifest.sums), "rows": rows})
            )
            return
        self.stdout.write(
            f"Brought back as of {manifest.made_at:%Y-%m-%d %H:%M} UTC: {rows:,} rows of {len(manifest.sums)} tables, "
            "each the same as when it was copied. Next: python manage.py migrate"
        )


def _key(file: Path) -> x25519.Identity:
    try:
        lines = [line.strip() for line in file.read_text(encoding="ascii").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read.") from error
    found = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        return x25519.Identity.from_str(found[0])
    except (IndexError, IdentityError) as error:
        raise CommandError(f"{file} holds no key: a line of it begins with AGE-SECRET-KEY-.") from error
