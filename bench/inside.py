"""Measures inside one process: how fast the engine fires, what an idle sweep costs, what a page costs."""

import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

import psycopg2
from django.db import connection, transaction
from django.test import Client

from accounts.clock import database_now
from accounts.models import User
from accounts.roles import Role
from alerts import engine
from alerts.models import Alert, Heartbeat, Timer
from bench.figures import Figure, at_least, at_most, percentile
from bench.world import make_world, put_before_the_hand_over
from residents.models import Post

FIRED, FIRED_BESIDE = 2000, 20_000


def firing() -> list[Figure]:
    """Fire "not accepted: hand to the second specialist" for many alerts at once, in batches as the sweep does."""
    source = make_world()
    now = database_now()
    put_before_the_hand_over(source, FIRED * (2 if connection.vendor == "postgresql" else 1), at=now)
    if connection.vendor != "postgresql":
        rate = _fire(now, count=FIRED)
        return [at_least("steps fired, SQLite, 1 worker", rate, "steps/s", 10_000)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bare = _fire_bare(now, count=FIRED)
    rate = _fire(now, count=FIRED)
    name = "steps fired, PostgreSQL, 1 worker"
    return [
        Figure(name, rate, "steps/s", "≥ 0.25 × reference", rate >= bare / 4, bare, "the same rows written by bare SQL")
    ]


def _fire(now: datetime, *, count: int) -> float:
    before = Timer.objects.filter(state=Timer.State.FIRED).count()
    started = time.perf_counter()
    while engine.sweep(now=now):
        pass
    spent = time.perf_counter() - started
    assert Timer.objects.filter(state=Timer.State.FIRED).count() - before == count
    return count / spent


def _fire_bare(now: datetime, *, count: int) -> float:
    """Write, in batches of the sweep's size, the rows that the engine writes for these steps, and nothing else."""
    done, started = 0, time.perf_counter()
    while done < count:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.id, a.id, a.holder_id FROM alerts_timer t JOIN alerts_alert a ON a.id = t.alert_id "
                "WHERE t.state = 'pending' AND t.wake_at <= %s ORDER BY t.urgency, t.wake_at LIMIT %s "
                "FOR NO KEY UPDATE OF a SKIP LOCKED",
                [now, engine.BATCH],
            )
            timers, alerts, holders = (list(column) for column in zip(*cursor.fetchall(), strict=True))
            cursor.execute(
                "UPDATE alerts_timer SET state = 'fired', settled_at = %s, late_ms = 0 WHERE id = ANY(%s)",
                [now, timers],
            )
            cursor.execute(
                "UPDATE alerts_alert a SET holder_id = v.h, holder_rank = 1, changed_at = %s, offered_to = '[1, 2]' "
                "FROM unnest(%s::bigint[], %s::bigint[]) v(id, h) WHERE a.id = v.id",
                [now, alerts, holders],
            )
            cursor.execute(
                "UPDATE notifications_notice SET withdrawn_at = %s WHERE subject = ANY(%s) AND purpose = 'respond' "
                "AND read_at IS NULL AND withdrawn_at IS NULL",
                [now, [f"alert:{pk}" for pk in alerts]],
            )
            cursor.execute(
                "INSERT INTO notifications_notice (key, recipient_id, kind, urgency, subject, purpose, area_code, "
                "title, body, public_text, url, created_at) SELECT 'bare:' || a, h, 'alert.yours', 'high', "
                "'alert:' || a, 'respond', '990101001000', repeat('x', 30), repeat('x', 40), repeat('x', 40), "
                "'/alerts/1/', %s FROM unnest(%s::bigint[], %s::bigint[]) v(a, h)",
                [now, alerts, holders],
            )
            detail = json.dumps({"step": "respond.high.180.hand_to_second", "at_seconds": 180.0, "do": "x"})
            cursor.execute(
                "INSERT INTO alerts_timelineentry (alert_id, at, recorded_at, kind, person_id, objective, detail, "
                "from_where) SELECT a, %s, %s, kind, h, 'respond', %s::jsonb, 'engine' "
                "FROM unnest(%s::bigint[], %s::bigint[]) v(a, h), "
                "(VALUES ('escalated'), ('assigned'), ('notified')) k(kind)",
                [now, now, detail, alerts, holders],
            )
        done += len(timers)
    return count / (time.perf_counter() - started)


def idle_sweep(pending: int = 1_000_000) -> list[Figure]:
    """Sweep while a million timers are pending and none is due."""
    source = make_world()
    now = database_now()
    put_before_the_hand_over(source, 100, at=now + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM alerts_alert")
        (first,) = cursor.fetchone()
        # The hundred alerts bear all of them: it is the timers that are many.
        cursor.execute(
            "INSERT INTO alerts_timer (alert_id, objective, level, step, due_at, wake_at, urgency, state, attempts, "
            "last_error) SELECT %s + n %% 100, 'respond', 'high', 'bench.' || n, %s + n * interval '1 second', "
            "%s + n * interval '1 second', 1, 'pending', 0, '' FROM generate_series(1, %s) n",
            [first, now + timedelta(hours=1), now + timedelta(hours=1), pending],
        )
        cursor.execute("ANALYZE alerts_timer")
    due = "SELECT id FROM alerts_timer WHERE state = 'pending' AND wake_at <= %s ORDER BY urgency, wake_at LIMIT 200"

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(due, [now])
            cursor.fetchall()

    def claim() -> None:
        with transaction.atomic():
            engine.claim(now=now, limit=engine.BATCH)

    reference = _median(bare)
    looked = _median(claim)
    whole = _median(lambda: engine.sweep(now=now, guard=Heartbeat.Guard.CELERY, by="bench"))
    return [
        at_most(
            f"looking for what is due, {pending:,} pending",
            looked,
            "ms",
            1,
            reference=reference,
            reference_is="the bare query",
        ),
        Figure("the whole idle sweep, its heartbeat committed", whole, "ms"),
        at_most(f"  beside a long report, {FIRED_BESIDE:,} steps fired meanwhile", _beside_a_report(claim), "ms", 10),
    ]


def _beside_a_report(claim: Callable[[], object]) -> float:
    """Look for what is due while somebody's long transaction keeps the entries of what has fired in the index."""
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as reader:
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM alerts_timer WHERE state = 'fired'")
        some = "step IN (SELECT 'bench.' || n FROM generate_series(1, %s) n)"
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE alerts_timer SET wake_at = now() - interval '1 hour' WHERE {some}", [FIRED_BESIDE])
            cursor.execute(f"UPDATE alerts_timer SET state = 'fired', settled_at = now() WHERE {some}", [FIRED_BESIDE])
        return _median(claim, rounds=50)


def _median(deed: Callable[[], object], rounds: int = 200) -> float:
    """Return the median time of one deed in milliseconds, after a warm-up."""
    times = []
    for _round in range(rounds + 20):
        started = time.perf_counter()
        deed()
        times.append(1000 * (time.perf_counter() - started))
    return percentile(times[20:], 50)


def _cpu(deed: Callable[[], object], rounds: int = 300) -> float:
    """Return the processor's time of one deed in milliseconds."""
    for _round in range(20):
        deed()
    started = time.process_time()
    for _round in range(rounds):
        deed()
    return 1000 * (time.process_time() - started) / rounds


def board() -> list[Figure]:
    """What the board costs that has nothing new to show, beside a view that does nothing."""
    source = make_world()
    now = database_now()
    put_before_the_hand_over(source, 50, at=now + timedelta(minutes=2))
    officer = User.objects.get(pk=Post.objects.filter(role=Role.DUTY_OFFICER).order_by("pk").first().user_id)
    client = Client(HTTP_HX_REQUEST="true", HTTP_HOST="localhost")
    client.force_login(officer)
    first = client.get("/desk/")
    again = {"HTTP_IF_NONE_MATCH": first.headers.get("ETag", "")}
    answer = client.get("/desk/", **again)
    bare = _cpu(lambda: client.get("/manifest.webmanifest"))
    cost = _cpu(lambda: client.get("/desk/", **again))
    drawn = _cpu(lambda: client.get("/desk/"), rounds=50)
    held = Alert.objects.filter(area_code__startswith=f"{officer.posts.first().area.code}").count()
    return [
        at_most(
            f"the board unchanged ({held} open alerts, answer {answer.status_code}), CPU",
            cost,
            "ms",
            1,
            reference=bare,
            reference_is="a view that asks nothing, all middleware",
        ),
        Figure("the board drawn anew, CPU", drawn, "ms"),
    ]
