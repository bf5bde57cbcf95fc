"""``make run``: everything the program needs, in one terminal, until Ctrl-C."""

import errno
import fcntl
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.utils import Error as DatabaseError

from accounts.models import User
from antifraud import environment
from antifraud.collected import collect_where_changed
from antifraud.embedded_broker import EmbeddedBroker, NoEmbeddedBrokerError, find_embedded_broker
from antifraud.management.commands.load_demo import demo_logins
from antifraud.supervisor import Child, Supervisor

NAME_WIDTH = 6
FIRST = ("web", "watch")
"""Who starts first: what somebody sees, and who keeps the clock for want of a worker. Every process loads the whole
program, and five of them at once would keep whoever waits for the address waiting twice as long."""
READY_WITHIN = 30.0  # seconds; then the address is printed with a word about what does not answer
BROKER_READY_WITHIN = 3.0
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))


class Command(BaseCommand):
    """Prepare the database, start every process, keep them, and stop them all."""

    help = "Run everything: web server, worker, beat, keep_watch and, where REDIS_URL is not set, a broker."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address to listen on."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port (default: PORT, else 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM."""
        host, port = options["host"], options["port"]
        refuse_taken_port(host, port)
        environment.make_data_dir(settings.DATA_DIR)
        with alone_on(settings.DATA_DIR):
            self._prepare()
            self._keep_everything(host, port)

    def _prepare(self) -> None:
        call_command("compile_translations", stdout=self.stdout)
        if not settings.DEBUG and collect_where_changed():
            self.say("run", "Collected and compressed the files of the look")
        try:
            call_command("migrate", interactive=False, verbosity=0)
            is_first_start = not User.objects.exists()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}\nLook at DATABASE_URL.") from error
        if is_first_start and settings.LOAD_DEMO:
            self.say("run", "First start: loading the demo data")
            call_command("load_demo", stdout=self.stdout)
        connections.close_all()

    def _keep_everything(self, host: str, port: int) -> None:
        supervisor = Supervisor(say=self.say)
        supervisor.stop_on_signals()
        if os.environ.get("MAKELEVEL"):  # started by make, which says nothing to its child when it is killed
            supervisor.stop_with_parent()
        broker = self._start_broker(supervisor)
        redis_url = broker.url if broker is not None else os.environ.get("REDIS_URL", "")
        announced = threading.Event()
        for child in children(host=host, port=port, redis_url=redis_url):
            if child.name in FIRST:
                supervisor.start(child)
            else:
                supervisor.start_later(child, announced.is_set)
        threading.Thread(target=self._announce, args=(supervisor, host, port, announced), daemon=True).start()
        supervisor.keep()
        self.say("run", "Stopped")

    def _start_broker(self, supervisor: Supervisor) -> EmbeddedBroker | None:
        """Start a broker of our own where none is named. None where there is no need, or no way."""
        if os.environ.get("REDIS_URL", "").strip():
            return None
        try:
            broker = find_embedded_broker(settings.DATA_DIR)
        except NoEmbeddedBrokerError as reason:
            self.say("run", f"No broker: {reason}. keep_watch keeps the clock; set REDIS_URL to use a Redis")
            return None
        supervisor.start(Child("broker", broker.command, stops_last=True))
        give_up_at = time.monotonic() + BROKER_READY_WITHIN
        while not broker.answers() and time.monotonic() < give_up_at and not supervisor.is_stopping():
            time.sleep(0.02)
        return broker

    def _announce(self, supervisor: Supervisor, host: str, port: int, announced: threading.Event) -> None:
        """Say where to look and how to log in, as soon as the program answers and its clock is kept."""
        address = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::'} else host}:{port}"  # noqa: S104
        missing = wait_until_well(supervisor, f"http://{host}:{port}/healthz")
        announced.set()
        if supervisor.is_stopping():
            return
        lines = ["", f"Ready: {address}" if not missing else f"{address} ({missing})"]
        if settings.LOAD_DEMO and (logins := demo_logins()):
            lines += ["Demo log-ins:", *table(logins)]
        for line in [*lines, "Ctrl-C stops everything.", ""]:
            self.say("run", line)

    def say(self, name: str, line: str) -> None:
        """Print one line of a process, its name before it. In one write, for several threads print."""
        self.stdout.write(f"{name:<{NAME_WIDTH}} | {line}\n", ending="")
        self.stdout.flush()


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines whose columns stand under each other; a Chinese letter takes two places on a terminal."""

    def places(text: str) -> int:
        return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)

    widths = [max(places(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell + " " * (width - places(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def children(*, host: str, port: int, redis_url: str) -> list[Child]:
    """Return the processes to keep. Without a broker there is no worker: ``keep_watch`` sweeps alone."""
    environ = {
        "REDIS_URL": redis_url,
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        # Somebody sits before this terminal.
        "LOG_FORMAT": os.environ.get("LOG_FORMAT") or "plain",
        # This command has just checked the same code and settings; a worker of Celery would do so again.
        "CELERY_SKIP_CHECKS": "true",
        # In a container everybody is root; eight lines at every start tell nobody anything.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
    }
    kept = [
        Child("web", web_command(host, port), environ),
        Child("watch", (*MANAGE, "keep_watch", "--at-once", "--skip-checks"), environ),
    ]
    if redis_url:
        # The clock has a worker to itself: nothing that is slow to send may hold up the sweep.
        celery = (sys.executable, "-m", "celery", "-A", "antifraud", "--quiet")
        kept += [
            Child("clock", (*celery, *worker_options("clock", queues="clock", threads=1)), environ),
            Child("worker", (*celery, *worker_options("worker", queues="outbox,default", threads=4)), environ),
            Child("beat", (*celery, "beat", "--loglevel", "WARNING", "--pidfile="), environ),
        ]
    return kept


def worker_options(name: str, *, queues: str, threads: int) -> tuple[str, ...]:
    """Return the arguments of a Celery worker of threads: half the memory, and it dies whole."""
    return (
        *("worker", "--hostname", f"{name}@%h", "--queues", queues, "--pool", "threads"),
        *("--concurrency", str(threads), "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )


def web_command(host: str, port: int) -> tuple[str, ...]:
    """Return the command of the web server. On SQLite a second thread only waits for the first."""
    threads = "1" if settings.IS_SQLITE else "4"
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return (
        *(sys.executable, "-m", "gunicorn", "antifraud.wsgi", "--bind", address, "--preload"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", threads, "--keep-alive", "15"),
        *("--graceful-timeout", "2", "--log-level", "warning", "--no-control-socket"),
    )


def refuse_taken_port(host: str, port: int) -> None:
    """Raise ``CommandError`` in plain words where the port cannot be had, before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(
                    f"Port {port} is taken by another program. Choose another one: PORT={port + 1} make run"
                ) from error
            raise CommandError(f"Cannot listen on {host}, port {port}: {error.strerror}") from error


@contextmanager
def alone_on(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for one run at a time. Raises ``CommandError`` where another holds it."""
    with (data_dir / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(
                f"Another `make run` uses {data_dir}. Stop it first, or set DATA_DIR to another folder."
            ) from error
        yield


def wait_until_well(supervisor: Supervisor, health_url: str) -> str:
    """Wait until the program says it is well. Returns "" then, else what was wrong at the end."""
    give_up_at = time.monotonic() + READY_WITHIN
    problem = "the web server does not answer"
    while time.monotonic() < give_up_at and not supervisor.is_stopping():
        try:
            answer = httpx.get(health_url, timeout=2, trust_env=False)
            if answer.status_code == httpx.codes.OK:
                return ""
            problem = f"not well yet: {answer.text}"
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    return problem
