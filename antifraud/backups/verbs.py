"""Make a copy and prove it; bring one back; know whether there is a fresh one."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from pyrage import x25519

from antifraud.backups import archive, database, keeping
from antifraud.backups.archive import ArchiveError, Manifest
from antifraud.backups.database import DatabaseCopyError, Sums


class BackupError(Exception):
    """A copy could not be made or brought back. Administrators read the text."""


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that was made, and proven: read back, it said the same."""

    file: Path
    size: int
    tables: int
    rows: int
    files: int
    removed: tuple[str, ...]


def make(folder: Path, *, keys: Sequence[x25519.Recipient], now: datetime) -> Made:
    """Make a sealed copy in a folder, open it again, read it into an empty database, and compare.

    It is opened with a key that lives as long as this call, beside those that are named. Older copies are removed only
    after the new one is proven (``keeping.kept``). Raises ``BackupError``; what is not proven does not stay.
    """
    throwaway = x25519.Identity.generate()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = folder / keeping.name_at(now)
        with _alone(folder), _workshop(folder) as workshop:
            copy = workshop / archive.DATABASE
            sums = database.write_out(copy)
            manifest = Manifest(now, connection.vendor, sums, tuple(_prints_of_keys()))
            unproven = workshop / target.name
            files = archive.pack(
                unproven, manifest=manifest, database=copy, files=private_files(), keys=[*keys, throwaway.to_public()]
            )
            copy.unlink()
            opened = workshop / "opened"
            archive.unpack(unproven, opened, key=throwaway)
            _compare(sums, database.try_out(opened / archive.DATABASE))
            size = unproven.stat().st_size
            unproven.replace(target)
        removed = _tidy(folder)
    except (OSError, ArchiveError, DatabaseCopyError) as error:
        raise BackupError(str(error)) from error
    return Made(target, size, len(sums), sum(rows for rows, _total in sums.values()), files, removed)


def bring_back(file: Path, *, key: x25519.Identity) -> Manifest:
    """Fill the empty database and the empty folder of private files from a copy; return what it says of itself.

    Raises ``BackupError``: where either is not empty, before anything is touched.
    """
    files = private_files()
    if not database.is_empty():
        raise BackupError("The database is not empty. Name a new one (DATABASE_URL, or DATA_DIR for SQLite).")
    if files.exists() and any(files.iterdir()):
        raise BackupError(f"{files} is not empty. Name a new folder (DATA_DIR), or move the old one away.")
    try:
        files.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _workshop(files.parent) as workshop:
            manifest = archive.unpack(file, workshop, key=key)
            if manifest.engine != connection.vendor:
                raise BackupError(f"It is a copy of {manifest.engine}; the database named is {connection.vendor}.")
            if not set(manifest.keys) <= set(_prints_of_keys()):
                raise BackupError(
                    "The keys here are not those of the copy: what is enciphered in it could not be read. "
                    "Put its FIELD_KEYS and INDEX_KEY (or its secrets.json) in place first."
                )
            _compare(manifest.sums, database.read_back(workshop / archive.DATABASE))
            if (workshop / archive.FILES).exists():
                shutil.rmtree(files, ignore_errors=True)
                (workshop / archive.FILES).replace(files)
    except (OSError, ArchiveError, DatabaseCopyError) as error:
        raise BackupError(str(error)) from error
    return manifest


def age_of_newest(folder: Path, *, now: datetime) -> timedelta | None:
    """Return how old the newest copy of a folder is; ``None`` without any."""
    newest = max(_moments(folder), default=None)
    return now - newest if newest is not None else None


def private_files() -> Path:
    """Return the folder of photos, signatures and paper lists."""
    return Path(storages["private"].path(""))


def _prints_of_keys() -> list[str]:
    keys = (*settings.FIELD_KEYS.values(), settings.INDEX_KEY, *settings.EARLIER_INDEX_KEYS)
    return [sha256(b"print of " + key).hexdigest()[:16] for key in keys]


def _moments(folder: Path) -> dict[datetime, Path]:
    if not folder.is_dir():
        return {}
    found = {path: keeping.made_at(path.name) for path in folder.iterdir()}
    return {moment: path for path, moment in found.items() if moment is not None}


def _tidy(folder: Path) -> tuple[str, ...]:
    moments = _moments(folder)
    gone = sorted(moments.keys() - keeping.kept(moments))
    for moment in gone:
        moments[moment].unlink(missing_ok=True)
    return tuple(moments[moment].name for moment in gone)


def _compare(said: Sums, found: Sums) -> None:
    """Raise ``BackupError`` where a table holds other rows than it held."""
    wrong = [table for table in {**said, **found} if said.get(table) != found.get(table)]
    if wrong:
        raise BackupError(f"Read back, these tables hold other rows: {', '.join(sorted(wrong))}.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder for one making at a time: a broker gives a task that takes long to a second worker too."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupError("Another copy is being made there.") from error
        yield


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """Yield a folder for the owner alone, on the same disk, so that what is done in it moves without copying."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=beside) as folder:
        yield Path(folder)
