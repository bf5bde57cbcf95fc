"""A whole installation of real processes, on a database and a broker of its own, to be done harm to.

Its processes are started again when they die, as a service manager would. What became of an alert is
read with plain SQL from outside, so that nothing of the program vouches for itself.

    python -m antifraud.tests.chaos alerts NAME COUNT GRID receives alerts of a source of that name
    python -m antifraud.tests.chaos reconcile              prints what the reconciler finds
    python -m antifraud.tests.chaos house GATEWAY CASES NAME ...
                                                           makes two communities and their quick policy, a ledger of so
                                                           many cases, sources of these names; prints their tokens and a
                                                           log-in as JSON
"""

# ruff: noqa: PLC0415  # what runs inside the installation imports the program there, after its settings

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import redis
from celery import Celery

from antifraud.testing.servers import LOOPBACK, Broker, free_port

CELERY = (sys.executable, "-m", "celery", "-A", "antifraud")
WORKER = (
    *(*CELERY, "worker", "--pool", "prefork", "--concurrency", "2", "--queues", "clock,outbox,default"),
    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
)
HANDS = (
    *(*CELERY, "worker", "--pool", "threads", "--concurrency", "4", "--queues", "clock,outbox,default"),
    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"),
)
"""A worker that is one process, as in production: what befalls it befalls all that it has in its hands."""
WEB = (
    *(sys.executable, "-m", "gunicorn", "antifraud.wsgi", "--workers", "1", "--worker-class", "gthread"),
    *("--threads", "4", "--keep-alive", "15", "--log-level", "warning", "--no-control-socket"),
)
QUIET_GRID = "370105012003001"
CASES = 400
NIGHTS = ("disk", "memory", "restart", "back", "broker", "machines", "deploy")
"""Sources that send over HTTP, one for each bad night."""
ROOT = Path(__file__).resolve().parent.parent.parent


# ── processes ───────────────────────────────────────────────────────────────────────────────────────────────────────


class Kept:
    """One process, started again whenever it dies."""

    def __init__(self, name: str, command: Sequence[str], environ: dict[str, str], log: Path) -> None:
        self.name = name
        self._command, self._environ, self._log = command, environ, log
        self.ends: list[int] = []
        self._wanted = True
        self._guard = threading.Lock()
        self._spawn()
        threading.Thread(target=self._keep, daemon=True).start()

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def _keep(self) -> None:
        while self._wanted:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self.process.wait(0.1)
                with self._guard:
                    if self._wanted:
                        self.ends.append(code)
                        self._kill_group()  # whom it left behind
                        time.sleep(0.2)
                        self._spawn()

    def children(self) -> list[int]:
        """The process numbers of its own children: a worker's pool."""
        pid = self.process.pid
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def kill(self) -> None:
        """Kill it and all it started, at once. It is started again."""
        self._kill_group()

    def kill_a_child(self) -> None:
        """Kill one of its children, if it has any just now."""
        for child in self.children()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    def stop(self) -> None:
        """Kill it for good."""
        with self._guard:
            self._wanted = False
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class House:
    """The installation: its database, its broker, and whichever processes a test wants up."""

    def __init__(self, database_url: str, broker: Broker, folder: Path) -> None:
        self.database_url, self.broker, self.folder = database_url, broker, folder
        self.environ = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": broker.url,
            "DATA_DIR": str(folder),
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": "127.0.0.1",
        }
        self.kept: dict[str, Kept] = {}
        self.ports: dict[str, int] = {}
        self.gateway: Any = None
        self.server: Any = None
        self.tokens: dict[str, str] = {}
        self.cookies: dict[str, str] = {}

    def make_itself(self) -> None:
        """Make the tables, a clock that can be moved, and everybody there."""
        self.manage("migrate", "--verbosity", "0")
        # What the program asks the time by is found here first, on every connection made from now on.
        self.ask(CLOCK_THAT_MOVES)
        self.ask(f'ALTER DATABASE "{self.database_url.rsplit("/", 1)[1]}" SET search_path = moved, pg_catalog, public')
        words = ("house", f"{self.gateway.url}/sms", str(CASES), *NIGHTS)
        said = json.loads(self.run(sys.executable, "-m", "antifraud.tests.chaos", *words))
        self.tokens, self.cookies = said["tokens"], said["cookies"]

    def run(self, *command: str) -> str:
        """Run something to its end, and return what it printed."""
        done = subprocess.run(command, env=self.environ, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    def manage(self, *command: str) -> str:
        return self.run(sys.executable, "manage.py", *command)

    def start(self, *names: str) -> None:
        """Start, of ``worker…``, ``hands…``, ``beat…``, ``watch…`` and ``web…``, those that are not up."""
        for name in names:
            if name in self.kept:
                continue
            if name.startswith("web"):
                self.ports.setdefault(name, free_port())
            schedule = ("--schedule", str(self.folder / f"{name}-schedule"), "--pidfile=")
            command: tuple[str, ...] = {
                "worker": (*WORKER, "--hostname", f"{name}@%h"),
                "hands": (*HANDS, "--hostname", f"{name}@%h"),
                "web": (*WEB, "--bind", f"{LOOPBACK}:{self.ports.get(name, 0)}"),
                "beat": (*CELERY, "beat", "--loglevel", "WARNING", *schedule),
                "watch": (sys.executable, "manage.py", "keep_watch"),
            }[name.rstrip("0123456789")]
            self.kept[name] = Kept(name, command, self.environ, self.folder / f"{name}.log")

    def stop(self, *names: str) -> None:
        """Kill these for good; all of them if none is named."""
        for name in names or tuple(self.kept):
            if name in self.kept:
                self.kept.pop(name).stop()

    def address(self, name: str) -> str:
        """Return where one of the web servers answers."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # ── harm ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def flush_broker(self) -> None:
        with redis.Redis.from_url(self.broker.url) as client:
            client.flushall()

    def cut_connections(self) -> None:
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def move_clock(self, *, minutes: float) -> None:
        """Have the database's clock jump."""
        self.ask("UPDATE moved.by SET span = span + make_interval(secs => %s)", 60 * minutes)

    # ── what can be seen from outside ───────────────────────────────────────────────────────────────────────────────

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database, or change it, on a connection of its own."""
        with contextlib.closing(psycopg2.connect(self.database_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []

    def number(self, statement: str, *values: Any) -> int:
        return int(self.ask(statement, *values)[0][0])

    def pulse(self, guard: str) -> float:
        """How many seconds ago a guard swept; very long where it never did."""
        found = self.ask(
            "SELECT extract(epoch FROM clock_timestamp() - at) FROM alerts_heartbeat WHERE guard = %s", guard
        )
        return float(found[0][0]) if found else 1e9

    def receive(self, name: str, count: int, *, grid: str = "370105012003001") -> "Batch":
        """Receive so many new alerts as a batch of that name."""
        self.run(sys.executable, "-m", "antifraud.tests.chaos", "alerts", name, str(count), grid)
        return Batch(self, name, count)

    def send(self, name: str, count: int, *, grid: str = QUIET_GRID) -> "Sent":
        """Send so many alerts one by one, each again until it is taken, from four senders at once; in the background.

        Whom one of the servers does not answer asks the other, as a balancer in front of them would.
        """
        return Sent(self, name, count, [self.address(name) for name in self.ports], grid)

    def enqueue(self, task: str) -> None:
        """Ask for a task out of its turn."""
        Celery(broker=self.broker.url).send_task(task, queue="default")


def until(is_so: Callable[[], bool], *, within: float, what: str) -> float:
    """Wait until something is so, and return how long it took. Fails naming it where it does not become so."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < within, f"not within {within:.0f} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - begun


def again_and_again(harm: Callable[[], None], *, every: float, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        harm()
        time.sleep(every)


CLOCK_THAT_MOVES = """
CREATE SCHEMA moved;
CREATE TABLE moved.by (span interval NOT NULL);
INSERT INTO moved.by VALUES ('0');
CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + (SELECT span FROM moved.by)';
CREATE FUNCTION moved.statement_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.statement_timestamp() + (SELECT span FROM moved.by)';
"""


# ── alerts, and what must have become of them ───────────────────────────────────────────────────────────────────────

OF_BATCH = "alert_id IN (SELECT a.id FROM alerts_alert a JOIN alerts_source s ON s.id = a.source_id WHERE s.code = %s)"
# A first assignment has no line of its own beside the assignment, and is due in the transaction that makes it.
TAKEN = "state IN ('fired', 'passed_over') AND step NOT LIKE '%%assign_first'"
STEPS = 8  # of each alert under the quick policy: two to dispatch, six to respond


@dataclass(frozen=True)
class Batch:
    """Alerts that nobody but the clock touches."""

    house: House
    name: str
    count: int

    def ask(self, what: str, table: str, condition: str = "true") -> list[tuple[Any, ...]]:
        return self.house.ask(
            f"SELECT {what} FROM alerts_{table} WHERE {OF_BATCH} AND {condition}",
            self.name,
        )

    def how_many(self, table: str, condition: str = "true") -> int:
        return int(self.ask("count(*)", table, condition)[0][0])

    @property
    def is_settled(self) -> bool:
        """Whether every step there is has been settled: for every alert both clocks stand at their verdict."""
        return self.how_many("timer", "state <> 'pending'") == self.count * STEPS

    def settle(self, *, within: float = 40.0) -> float:
        return until(lambda: self.is_settled, within=within, what=f"every step of {self.name} settled")

    def hold(self) -> None:
        """Hold everything that was promised about these alerts, now that all their steps are past."""
        self.every_step_was_settled_once_and_none_early()
        self.the_timeline_has_each_step_once()
        self.every_letter_was_written_once()
        self.late_steps_are_marked_late_and_others_are_not()

    def every_step_was_settled_once_and_none_early(self) -> None:
        assert self.how_many("timer") == self.count * STEPS
        assert self.how_many("timer", "state IN ('pending', 'cancelled')") == 0
        assert self.how_many("timer", "settled_at < due_at") == 0
        clocks = self.ask("objective, state, count(*)", "objectiveclock", "true GROUP BY objective, state")
        assert set(clocks) == {("dispatch", "breached", self.count), ("respond", "breached", self.count)}
        # Nobody lifted a finger: with the leader, dispatched by itself, each breached twice and at its true time.
        assert self.how_many("timelineentry", "kind = 'dispatched'") == self.count
        assert self.how_many("timelineentry", "kind = 'breached'") == 2 * self.count
        assert self.how_many("objectiveclock", "breached_at <> due_at") == 0
        held_by = self.house.ask(
            "SELECT DISTINCT p.role FROM alerts_alert a JOIN alerts_source s ON s.id = a.source_id"
            " JOIN residents_post p ON p.user_id = a.holder_id WHERE s.code = %s",
            self.name,
        )
        assert held_by == [("grid_leader",)]

    def the_timeline_has_each_step_once(self) -> None:
        told = self.ask("alert_id, detail->>'step', count(*)", "timelineentry", "detail ? 'step' GROUP BY 1, 2")
        assert [row for row in told if row[2] != 1] == []
        fired = self.ask(
            "alert_id, step", "timer", "state IN ('fired', 'passed_over') AND step NOT LIKE '%%assign_first'"
        )
        assert {(alert, step) for alert, step, _once in told} == set(fired)
        assert self.how_many("timelineentry", "kind = 'assigned'") >= 2 * self.count

    def every_letter_was_written_once(self) -> None:
        told = [key for (key,) in self.ask("detail->>'key'", "timelineentry", "kind = 'notified'")]
        assert len(told) == len(set(told))
        written = self.house.ask("SELECT key FROM notifications_notice WHERE key = ANY(%s)", told)
        assert len(written) == len(told)
        strays = self.house.number(
            "SELECT count(*) FROM notifications_notice n JOIN alerts_alert a ON n.subject = 'alert:' || a.id"
            " JOIN alerts_source s ON s.id = a.source_id WHERE s.code = %s AND NOT n.key = ANY(%s)",
            self.name,
            told,
        )
        assert strays == 0

    def late_steps_are_marked_late_and_others_are_not(self) -> None:
        wrong = self.house.number(
            "SELECT count(*) FROM alerts_timer t JOIN alerts_timelineentry l"
            " ON l.alert_id = t.alert_id AND l.detail->>'step' = t.step"
            f" WHERE t.{OF_BATCH} AND (l.detail ? 'late_seconds') <> (t.settled_at - t.due_at > interval '2 seconds')",
            self.name,
        )
        assert wrong == 0

    def lateness(self) -> list[float]:
        """How late each step was carried out, in seconds, the least first."""
        rows = self.ask("late_ms", "timer", TAKEN)
        return sorted(late / 1000 for (late,) in rows)


class Sent:
    """What a sender has to tell of a batch."""

    def __init__(self, house: House, name: str, count: int, addresses: list[str], grid: str) -> None:
        self.batch = Batch(house, name, count)
        self.answers: Counter[int] = Counter()
        self._client = httpx.Client(headers={"Authorization": f"Bearer {house.tokens[name]}"}, timeout=10)
        self._addresses, self._grid = addresses, grid
        self._senders = ThreadPoolExecutor(4)
        self._taken = [self._senders.submit(self._send, number) for number in range(count)]

    def _send(self, number: int) -> None:
        person = f"{self.batch.name}-{number}"
        body = {"external_id": person, "level": "high", "subject": {"name": person}, "area_code": self._grid}
        give_up_at = time.monotonic() + 40
        for attempt in itertools.count(number):
            assert time.monotonic() < give_up_at, f"{person} was never taken: {self.answers}"
            address = self._addresses[attempt % len(self._addresses)]
            try:
                answer = self._client.post(f"{address}/api/v1/alerts", json=body)
            except httpx.TransportError:
                self.answers[0] += 1
            else:
                self.answers[answer.status_code] += 1
                if answer.status_code in {200, 201}:
                    return
            time.sleep(0.2)

    @property
    def taken(self) -> int:
        """How many were taken by now."""
        return sum(future.done() for future in self._taken)

    def end(self) -> Batch:
        """Wait until all are taken; hold that each is there once."""
        for future in self._taken:
            future.result()
        self._senders.shutdown()
        self._client.close()
        batch = self.batch
        there = "SELECT count(*) FROM alerts_alert a JOIN alerts_source s ON s.id = a.source_id WHERE s.code = %s"
        assert batch.house.number(there, batch.name) == batch.count
        return batch


# ── what runs inside the installation ───────────────────────────────────────────────────────────────────────────────


LOUD_GRID = "370105012004001"
"""The grid of the community whose people are told outside as well."""


def make_people(gateway: str) -> None:
    from alerts.policy import STEPS as TABLE
    from alerts.tests.factories import make_scene, publish_policy
    from notifications.tests.factories import ChannelFactory

    make_scene(3)
    make_scene(4)
    ChannelFactory(kind="sms", address=gateway, area_code=LOUD_GRID[:12])
    publish_policy(quickened(TABLE), name="Seconds for minutes")


def quickened(table: Sequence[Any]) -> tuple[Any, ...]:
    """Return the table with a second or two between the steps of dispatch and of a high alert."""
    from dataclasses import replace
    from datetime import timedelta

    from alerts.policy import Level, Objective

    def at(step: Any) -> timedelta:
        minutes = step.at.total_seconds() / 60
        if step.objective == Objective.DISPATCH:
            return timedelta(seconds={3: 1, 5: 2}[minutes])
        if step.level == Level.HIGH:
            return timedelta(seconds={0: 0, 3: 1, 5: 2, 6: 3, 10: 4, 20: 5}[minutes])
        return timedelta(seconds=minutes)

    return tuple(replace(step, at=at(step)) for step in table)


def receive_alerts(name: str, count: int, grid: str) -> None:
    from django.db import transaction

    from accounts.clock import database_now
    from alerts import services
    from alerts.tests.factories import SourceFactory, message

    source = SourceFactory(code=name, name=name)
    with transaction.atomic():
        for start in range(0, count, 500):
            some = [
                message(external_id=f"{name}-{start + one}", phone="", name=f"{name}-{start + one}", area_code=grid)
                for one in range(min(500, count - start))
            ]
            services.receive(source, some, now=database_now())


def make_way_in(cases: int, names: Sequence[str]) -> None:
    from django.test import Client

    from accounts.clock import database_now
    from accounts.models import User
    from alerts import services
    from alerts.tests.factories import SourceFactory
    from cases.models import Case
    from cases.tests.factories import CaseFactory
    from residents.models import Area

    now = database_now()
    tokens = {name: services.make_token(SourceFactory(code=name, name=name), by=None, now=now)[1] for name in names}
    grid = Area.objects.get(code=LOUD_GRID)
    first = CaseFactory(grid=grid, reported_at=now)
    rows = [CaseFactory.build(grid=grid, reported_at=now, fraud_type=first.fraud_type) for _number in range(cases - 1)]
    Case.objects.bulk_create(rows)
    police = User.objects.get(posts__role="police_liaison", posts__area=grid.community)
    User.objects.filter(pk=police.pk).update(language="en")
    client = Client()
    client.force_login(police)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    sys.stdout.write(json.dumps({"tokens": tokens, "cookies": cookies}) + "\n")


def reconcile() -> None:
    from accounts.clock import database_now
    from alerts import engine

    found = engine.reconcile(now=database_now())
    sys.stdout.write(f"{found} is_clean={found.is_clean}\n")


def main(arguments: Sequence[str]) -> None:
    from antifraud.testing.environment import prepare_environment

    kept = {name: os.environ[name] for name in ("DATA_DIR",)}
    prepare_environment()
    os.environ.update(kept)
    import django

    django.setup()
    verb, *rest = arguments
    if verb == "alerts":
        receive_alerts(rest[0], int(rest[1]), rest[2])
    elif verb == "house":
        make_people(rest[0])
        make_way_in(int(rest[1]), rest[2:])
    else:
        reconcile()


if __name__ == "__main__":
    main(sys.argv[1:])
