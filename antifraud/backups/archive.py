"""One sealed file of everything: a tar with a manifest, the database's copy and the private files, sealed with age.

age (age-encryption.org) is a format with programs of its own in every system, so a copy can be opened without this
program too: ``age --decrypt -i KEY FILE | tar x``. Sealed is to public keys; who makes copies cannot read them. Nothing
is written unsealed but the database's copy, into a folder for the owner alone that is removed after.
"""

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pyrage
from pyrage import x25519

from antifraud.backups.database import Sums

MANIFEST, DATABASE, FILES, CHECKED = "manifest.json", "database", "files", "checksums.json"
FORM = 1
CHUNK = 1 << 20


class ArchiveError(Exception):
    """A sealed file cannot be opened or is not whole; the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a sealed file says of itself."""

    made_at: datetime
    engine: str
    """``postgresql`` or ``sqlite``: a copy of one cannot be read into the other."""
    sums: Sums
    keys: tuple[str, ...]
    """What tells the keys of its enciphered fields from others, without being them."""

    def as_json(self) -> bytes:
        """Return it as it stands in the file."""
        said = {
            "form": FORM,
            "made_at": self.made_at.isoformat(),
            "engine": self.engine,
            "keys": self.keys,
            "tables": {table: {"rows": rows, "sum": total} for table, (rows, total) in self.sums.items()},
        }
        return json.dumps(said, indent=1).encode()

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """Read it back. Raises ``ArchiveError``."""
        try:
            said = json.loads(text)
            if said["form"] != FORM:
                raise ArchiveError(f"It was made by a later version of this program (form {said['form']}).")
            sums = {table: (one["rows"], one["sum"]) for table, one in said["tables"].items()}
            return cls(datetime.fromisoformat(said["made_at"]), said["engine"], sums, tuple(said["keys"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveError("Its manifest cannot be read: it is no copy of ours, or it is damaged.") from error


def pack(to: Path, *, manifest: Manifest, database: Path, files: Path, keys: Sequence[x25519.Recipient]) -> int:
    """Write a sealed file; return how many private files are in it. It has its name only when it is whole.

    Args:
        files: the folder of private files, taken with all that lies in it; it need not be there.
        keys: whose keys open it.

    Raises ``OSError`` where there is no room or no right.
    """
    unfinished = to.with_suffix(".part")
    numbers: list[int] = []
    try:
        with unfinished.open("wb") as out:
            os.chmod(unfinished, 0o600)  # noqa: PTH101 - before a byte is in it
            with _pumped(lambda into: numbers.append(_write_tar(into, manifest, database, files))) as source:
                _seal(source, out, keys)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return numbers[0]


def unpack(file: Path, folder: Path, *, key: x25519.Identity) -> Manifest:
    """Open a sealed file into a folder: ``database``, and ``files`` with everything private. Every byte is checked.

    Raises ``ArchiveError``; ``OSError`` where there is no room.
    """
    found: list[Manifest] = []
    try:
        with _drained(lambda source: found.append(_read_tar(source, folder))) as into, file.open("rb") as sealed:
            pyrage.decrypt_io(sealed, into, [key])
    except pyrage.DecryptError as error:
        raise ArchiveError("This key does not open it, or it is damaged.") from error
    except OSError as error:
        if error.errno is None:  # the sealing's own: a byte was changed
            raise ArchiveError("It is damaged.") from error
        raise
    return found[0]


def _seal(source: IO[bytes], out: IO[bytes], keys: Sequence[x25519.Recipient]) -> None:
    try:
        pyrage.encrypt_io(source, out, keys)
    except pyrage.EncryptError as error:
        raise OSError(f"It could not be sealed: {error}") from error


# ── the tar ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _write_tar(into: IO[bytes], manifest: Manifest, database: Path, files: Path) -> int:
    checksums: dict[str, str] = {}
    with tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, MANIFEST, manifest.as_json())
        for name, path in [(DATABASE, database), *_private(files)]:
            if (checksum := _add_file(tar, name, path)) is not None:
                checksums[name] = checksum
        _add(tar, CHECKED, json.dumps(checksums).encode())
    return len(checksums) - 1


def _private(files: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(files.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{FILES}/{path.relative_to(files).as_posix()}", path


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str | None:
    """Add a file and return its checksum; ``None`` for one that was taken away meanwhile."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return None
    with source:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(source.fileno()).st_size, 0o600
        summing = _Summing(source)
        tar.addfile(entry, summing)
        return summing.sum.hexdigest()


def _read_tar(source: IO[bytes], folder: Path) -> Manifest:
    manifest: Manifest | None = None
    checksums: Mapping[str, str] | None = None
    seen: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for entry in tar:
                content = tar.extractfile(entry)
                if content is None:
                    continue
                if entry.name == MANIFEST:
                    manifest = Manifest.read(content.read())
                elif entry.name == CHECKED:
                    checksums = json.loads(content.read())
                else:
                    seen[entry.name] = _take_out(content, _within(folder, entry.name))
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise ArchiveError("It is no copy of ours, or it is damaged.") from error
    if manifest is None or checksums is None or dict(checksums) != seen:
        raise ArchiveError("Something in it is missing or was changed.")
    return manifest


def _within(folder: Path, name: str) -> Path:
    """Return where an entry goes. Raises ``ArchiveError`` for one that would lie elsewhere."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise ArchiveError(f"It holds a file that would lie elsewhere: {name}")
    return target


def _take_out(content: IO[bytes], target: Path) -> str:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    summing = _Summing(content)
    with target.open("xb") as out:
        while chunk := summing.read(CHUNK):
            out.write(chunk)
    return summing.sum.hexdigest()


class _Summing:
    """A file that is read once and adds itself up as it is."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self.sum.update(chunk)
        return chunk


# ── one thread writes what another reads ────────────────────────────────────────────────────────────────────────────


@contextmanager
def _pumped(write: Callable[[IO[bytes]], Any]) -> Iterator[IO[bytes]]:
    """Yield what ``write`` writes, to be read. What it raises is raised at the end of the block."""
    with _piped(write, is_writer=True) as mine:
        yield mine


@contextmanager
def _drained(read: Callable[[IO[bytes]], Any]) -> Iterator[IO[bytes]]:
    """Yield where to write what ``read`` reads. What it raises is raised at the end of the block."""
    with _piped(read, is_writer=False) as mine:
        yield mine


@contextmanager
def _piped(deed: Callable[[IO[bytes]], Any], *, is_writer: bool) -> Iterator[IO[bytes]]:
    out, into = os.pipe()
    mine, theirs = (out, into) if is_writer else (into, out)
    raised: list[BaseException] = []

    def work() -> None:
        try:
            with os.fdopen(theirs, "wb" if is_writer else "rb") as end:
                deed(end)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            raised.append(error)

    thread = threading.Thread(target=work, name="backup", daemon=True)
    thread.start()
    try:
        with os.fdopen(mine, "rb" if is_writer else "wb") as end:
            yield end
    except BrokenPipeError:
        # The other end gave up first: its reason is the reason.
        thread.join()
        if raised:
            raise raised[0] from None
        raise
    thread.join()
    if raised:
        raise raised[0]
