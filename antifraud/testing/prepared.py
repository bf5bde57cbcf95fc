"""Databases as the migrations leave them, made once for one state of the code and copied from then on.

Migrating an empty database takes a quarter of a minute, and a run of all tests wants a dozen of them. What is kept lies
in ``.pytest_cache`` (SQLite, and the demo's folder) or beside the database it is wanted for (PostgreSQL: a template),
under a name made of the code's own hash: other code, another database. The first start in ``test_run.py`` and the
installation of the bad nights still go the whole way.
"""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg2

from antifraud.testing.environment import TEST_SECRETS, without_servers

ROOT = Path(__file__).resolve().parent.parent.parent
SHELF = ROOT / ".pytest_cache" / "prepared"
TEMPLATE = "antifraud_prepared_"
FRESH_FOR = 600.0
"""Seconds for which a loaded demo is as good as a new one: its alerts are some minutes old either way."""
NOT_THE_PROGRAM = frozenset({"tests", "bench", "testing", "__pycache__"})


@cache
def state_of_code() -> str:
    """Return a short hash of all code, words and data that have a say in what migrations and the demo leave behind."""
    folders = [path for path in ROOT.iterdir() if (path / "__init__.py").exists()] + [
        ROOT / "locale",
        ROOT / "templates",
    ]
    found = sha256(f"{django.VERSION} {sqlite3.sqlite_version} {sys.version}".encode())
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        if NOT_THE_PROGRAM.isdisjoint(path.relative_to(ROOT).parts) and path.suffix != ".mo":
            found.update(f"{path.relative_to(ROOT)}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:16]


def keys_in_the_environment() -> str:
    """Return a short hash of the secrets that stand there: what one set has enciphered, another cannot read."""
    return sha256("\n".join(os.environ.get(name, "") for name in TEST_SECRETS).encode()).hexdigest()[:8]


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Keep others who prepare the same thing waiting meanwhile."""
    SHELF.mkdir(parents=True, exist_ok=True)
    with (SHELF / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def manage(*words: str, **environ: str) -> None:
    """Run one of the program's commands to its end. Raises ``subprocess.CalledProcessError``."""
    subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=without_servers() | environ,
        check=True,
        capture_output=True,
    )


def clear(pattern: str, *, but: Path) -> None:
    """Throw away what other states of the code left on the shelf."""
    for path in SHELF.glob(pattern):
        if path != but and path.suffix != ".lock":
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def migrated_sqlite() -> Path:
    """Return the file of a migrated SQLite database. To be copied, never opened for writing."""
    path = SHELF / f"migrated-{state_of_code()}.sqlite3"
    with one_at_a_time("migrated"):
        if not path.exists():
            clear("migrated-*", but=path)
            with tempfile.TemporaryDirectory(dir=SHELF) as folder:
                manage("migrate", "--verbosity=0", DATA_DIR=folder, DEBUG="false", **TEST_SECRETS)
                made = Path(folder) / "antifraud.sqlite3"
                with closing(sqlite3.connect(made)) as database:
                    # One file, with nothing left beside it in a log.
                    database.execute("PRAGMA journal_mode=DELETE")
                made.replace(path)
    return path


def put_demo(folder: Path) -> None:
    """Let a data folder begin with the demo loaded some minutes ago at most, its secrets and log-ins beside it."""
    shelf = SHELF / f"demo-{state_of_code()}-{keys_in_the_environment()}"
    with one_at_a_time("demo"):
        if not shelf.exists() or time.time() - shelf.stat().st_mtime > FRESH_FOR:
            clear("demo-*", but=SHELF)  # an old one of this state as well
            with tempfile.TemporaryDirectory(dir=SHELF) as workshop:
                made = Path(workshop) / "demo"
                made.mkdir()
                shutil.copyfile(migrated_sqlite(), made / "antifraud.sqlite3")
                manage("load_demo", DATA_DIR=str(made), DEBUG="false")
                with closing(sqlite3.connect(made / "antifraud.sqlite3")) as database:
                    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                # At once or not at all: half a demo must never be found here.
                made.rename(shelf)
        shutil.copytree(shelf, folder, dirs_exist_ok=True)


def migrated_postgres(server: str) -> str:
    """Return the name of a migrated database on this server, to be used as a template.

    Raises ``psycopg2.Error`` where the server lets nobody make one.
    """
    name = f"{TEMPLATE}{state_of_code()}"
    with one_at_a_time("postgres"), closing(psycopg2.connect(server, connect_timeout=5)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{TEMPLATE}%"])
            there = {row[0] for row in cursor.fetchall()}
            if name not in there:
                for other in there:
                    with contextlib.suppress(psycopg2.Error):  # somebody copies it just now
                        cursor.execute(f'DROP DATABASE IF EXISTS "{other}"')
                half = f"{name}_half"
                cursor.execute(f'CREATE DATABASE "{half}"')
                with tempfile.TemporaryDirectory() as folder:
                    url = urlunsplit(urlsplit(server)._replace(path=f"/{half}"))
                    manage("migrate", "--verbosity=0", DATABASE_URL=url, DATA_DIR=folder, **TEST_SECRETS)
                cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
    return name
