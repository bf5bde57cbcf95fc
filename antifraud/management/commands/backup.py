"""Copy everything into one sealed file, and prove that it can be read back."""

import json
import os
from argparse import RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pyrage import RecipientError, x25519

from accounts.clock import database_now
from antifraud.backups import verbs


class Command(BaseCommand):
    """Make a copy now, or the pair of keys that copies are sealed with."""

    help = (
        "Copy the database and the private files into one sealed file, read it back into an empty database and\n"
        "compare every table. Older copies are thinned out: seven days, five weeks, twelve months stay.\n\n"
        "  backup --new-key FILE            make a pair of keys: FILE opens copies, keep it away from the server\n"
        "  backup --to FOLDER --key age1…   make a copy (defaults: BACKUP_DIR, BACKUP_KEYS)\n\n"
        "Not in it: SECRET_KEY, FIELD_KEYS and INDEX_KEY (or DATA_DIR/secrets.json). Keep them elsewhere."
    )

    def create_parser(self, *args: Any, **options: Any) -> CommandParser:
        """Keep the lines of the help as they are."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **options)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the arguments."""
        parser.add_argument("--new-key", type=Path, metavar="FILE", help="make a pair of keys instead")
        parser.add_argument("--to", type=Path, metavar="FOLDER", default=settings.BACKUP_DIR)
        parser.add_argument("--key", action="append", metavar="age1…", help="whose key opens it; may be given again")
        parser.add_argument("--json", action="store_true", help="say what was made as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, and say what was made."""
        if options["new_key"] is not None:
            self.stdout.write(_new_key(options["new_key"]))
            return
        if options["to"] is None:
            raise CommandError("Say where to: --to FOLDER, or set BACKUP_DIR.")
        try:
            made = verbs.make(options["to"], keys=_keys(options["key"] or settings.BACKUP_KEYS), now=database_now())
        except verbs.BackupError as error:
            raise CommandError(f"No copy was made. {error}") from error
        said = {
            "file": str(made.file),
            "bytes": made.size,
            "tables": made.tables,
            "rows": made.rows,
            "files": made.files,
            "removed": list(made.removed),
        }
        self.stdout.write(
            json.dumps(said)
            if options["json"]
            else f"{made.file}: {made.size:,} bytes, {made.rows:,} rows of {made.tables} tables, {made.files:,} files. "
            f"Read back, it was the same. Older copies removed: {len(made.removed)}."
        )


def _new_key(file: Path) -> str:
    """Write a new private key to a file for its owner alone; return the public one."""
    identity = x25519.Identity.generate()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"# public key: {identity.to_public()}\n{identity}\n")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
    return str(identity.to_public())


def _keys(texts: Sequence[str]) -> list[x25519.Recipient]:
    if not texts:
        raise CommandError("Say whose key opens it: --key age1…, or set BACKUP_KEYS. Make one with --new-key FILE.")
    try:
        return [x25519.Recipient.from_str(text) for text in texts]
    except RecipientError as error:
        raise CommandError("A public key begins with age1; --new-key FILE prints one.") from error
