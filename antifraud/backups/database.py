"""The database as it was at one moment: written to a file, read back, and told by its rows.

PostgreSQL's own tools write and read it (``pg_dump``, ``pg_restore``), and SQLite's own copying does: both take a
consistent picture while people go on working. What was in it is said by ``Sums``: how many rows each table had and a
sum over all of them that any other row would change. A copy is good if what it is read back into says the same.
"""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import md5
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import Error as DatabaseError

Sums = Mapping[str, tuple[int, str]]
"""By table: how many rows, and their sum."""

_QUIET_SNAPSHOT = (
    "SET statement_timeout = 0",
    # It is idle while the other program writes; that takes longer than a forgotten transaction may.
    "SET idle_in_transaction_session_timeout = 0",
    "SET TIME ZONE 'UTC'",
    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
)


class DatabaseCopyError(Exception):
    """The database could not be written out or read back; the text says why, as the database's own tools said it."""


def write_out(file: Path) -> Sums:
    """Write the database as it is now to a file, and return what is in it. Raises ``DatabaseCopyError``."""
    with _in_words():
        return _write_sqlite(file) if settings.IS_SQLITE else _write_postgresql(file)


def read_back(file: Path) -> Sums:
    """Fill the database of the settings, which must be empty, from a file; return what is in it then.

    Raises ``DatabaseCopyError``.
    """
    with _in_words():
        if settings.IS_SQLITE:
            target = Path(settings.DATABASES["default"]["NAME"])
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as into:
                source.backup(into)
            return _sums_of_file(target)
        return _restored(settings.DATABASES["default"]["NAME"], file)


def is_empty() -> bool:
    """Return whether the database of the settings has no table yet."""
    if settings.IS_SQLITE:
        file = Path(settings.DATABASES["default"]["NAME"])
        return not file.exists() or not _tables_of_file(file)
    with _beside(settings.DATABASES["default"]["NAME"]) as connection:
        return not _tables(connection)


def try_out(file: Path) -> Sums:
    """Read a file back into a database that is made for it and thrown away, and return what was in it.

    Raises ``DatabaseCopyError``, also where the server lets this user make no database.
    """
    if settings.IS_SQLITE:
        with _in_words():
            return _sums_of_file(file)
    name = f"antifraud_check_{uuid4().hex[:12]}"
    with _beside(settings.DATABASES["default"]["NAME"]) as connection, connection.cursor() as cursor:
        with _in_words():
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            return _restored(name, file)
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what a database says of itself into ``DatabaseCopyError``: a full disk, a missing right."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        raise DatabaseCopyError(str(error).strip()) from error


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _beside(name: str) -> Iterator[BaseDatabaseWrapper]:
    """Open a connection of its own to a database of the same server."""
    connection = connections["default"].copy()
    connection.settings_dict = {**connection.settings_dict, "NAME": name}
    try:
        connection.ensure_connection()
        yield connection
    finally:
        connection.close()


def _write_postgresql(file: Path) -> Sums:
    with _beside(settings.DATABASES["default"]["NAME"]) as connection, connection.cursor() as cursor:
        for statement in _QUIET_SNAPSHOT:
            cursor.execute(statement)
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}")
        sums = _sums(connection)
        cursor.execute("COMMIT")
    return sums


def _restored(name: str, file: Path) -> Sums:
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run("pg_restore", *options, f"--dbname={name}", str(file))
    with _beside(name) as connection, connection.cursor() as cursor:
        for statement in _QUIET_SNAPSHOT:
            cursor.execute(statement)
        return _sums(connection)


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs against the server of the settings. Raises ``DatabaseCopyError``."""
    server = settings.DATABASES["default"]
    said = {
        "PGHOST": server.get("HOST"),
        "PGPORT": server.get("PORT"),
        "PGUSER": server.get("USER"),
        "PGPASSWORD": server.get("PASSWORD"),
        "PGDATABASE": server["NAME"],
        "PGSSLMODE": server.get("OPTIONS", {}).get("sslmode"),
    }
    environ = os.environ | {name: str(text) for name, text in said.items() if text}
    try:
        done = subprocess.run(
            [program, *arguments], env=environ, capture_output=True, text=True, check=False, encoding="utf-8"
        )
    except FileNotFoundError as error:
        raise DatabaseCopyError(f"{program} is not installed (Debian: postgresql-client).") from error
    if done.returncode:
        raise DatabaseCopyError(f"{program}: {done.stderr.strip()[-500:]}")


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def _sums(connection: BaseDatabaseWrapper) -> Sums:
    """Add up every table. The sum does not depend on the order of rows, nor on the version of the server."""
    found: dict[str, tuple[int, str]] = {}
    with connection.cursor() as cursor:
        for table in _tables(connection):
            each = "('x' || left(md5(row_of_it::text), 15))::bit(60)::bigint"
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*), coalesce(sum({each}::numeric), 0) FROM {quoted} row_of_it")  # noqa: S608 - names of tables that there are
            count, total = cursor.fetchone()
            found[table] = (count, str(total))
    return found


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _write_sqlite(file: Path) -> Sums:
    source = Path(settings.DATABASES["default"]["NAME"])
    # In one go: whoever writes meanwhile does so into the log beside it, which this picture leaves out.
    with closing(sqlite3.connect(source)) as connection, closing(sqlite3.connect(file)) as into:
        connection.backup(into)
    return _sums_of_file(file)


class _Sum:
    """Adds up rows of a table, in whatever order they come."""

    def __init__(self) -> None:
        self.total = 0

    def step(self, *values: Any) -> None:
        self.total += int.from_bytes(md5(repr(values).encode(), usedforsecurity=False).digest()[:7])

    def finalize(self) -> str:
        return str(self.total)


def _tables_of_file(file: Path) -> Sequence[str]:
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return sorted(name for (name,) in names)


def _sums_of_file(file: Path) -> Sums:
    found: dict[str, tuple[int, str]] = {}
    with closing(sqlite3.connect(file)) as connection:
        (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise DatabaseCopyError(f"SQLite: {state}")
        for table in _tables_of_file(file):
            quoted = '"' + table.replace('"', '""') + '"'
            columns = [f'"{name}"' for _at, name, *_more in connection.execute(f"PRAGMA table_info({quoted})")]
            connection.create_aggregate("sum_of_rows", len(columns), _Sum)  # type: ignore[arg-type]  # its stub wants one value
            adding = f"SELECT count(*), sum_of_rows({', '.join(columns)}) FROM {quoted}"  # noqa: S608 - as above
            count, total = connection.execute(adding).fetchone()
            found[table] = (count, total or "0")
    return found
