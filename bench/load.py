"""Measures a morning at its worst: a thousand screens, escalations, and then a storm of intake, all on one machine.

A hundred screens are boards of desks in fifty communities, nine hundred are phones of their grids, each of somebody
else; each asks every three seconds whether anything is new.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from accounts.clock import database_now
from accounts.models import User
from accounts.roles import Role
from accounts.sessions import SessionStore
from alerts import services
from alerts.models import Timer
from antifraud.testing import servers
from bench.figures import Figure, at_most, percentile
from bench.outside import AWAY, clockwork, web_server
from bench.world import A_PERSON_A_SCREEN, make_world, put_before_the_hand_over, shift

DESKS, PHONES = 100, 900
SECONDS = 20
SETTLE = timedelta(seconds=60)
"""Within which each screen has drawn its page once: what is measured is that little is new."""
STEPS = 40
"""Hand-overs that come due during each half, one every half second."""


def load() -> list[Figure]:
    """Let a thousand screens ask while steps come due; then the same with eight senders as fast as they are taken."""
    source = make_world(residents=20_000, shape=A_PERSON_A_SCREEN)
    _row, token = services.make_token(source, by=None, now=database_now())
    now = database_now()
    put_before_the_hand_over(source, 2 * STEPS, at=now, shape=A_PERSON_A_SCREEN)
    shift(AWAY)  # nothing is due while everything starts
    screens = _screens(Role.DUTY_OFFICER, Role.MANAGER, count=DESKS, path="/desk/")
    screens += _screens(Role.WARNING_SPECIALIST, Role.GRID_LEADER, count=PHONES, path="/tasks/")
    _analyze()
    servers.READY_WITHIN = 120.0  # a machine that is measured beside other work starts slowly
    with ExitStack() as stack:
        port = stack.enter_context(web_server())
        stack.enter_context(clockwork())
        start = database_now() + SETTLE
        shift(start - now - AWAY)
        _spread(start)
        _draw_each(port, screens)
        # On and on, as screens do: one that has not asked for a while is stale, and a thousand would be at once.
        while (left := (start - database_now()).total_seconds()) > 8:
            _ask(port, screens, seconds=min(left - 3, 6))
        assert left > 0, "a thousand screens were not drawn in time"
        time.sleep(left)
        screens_alone = _ask(port, screens, seconds=SECONDS, cpu_of="antifraud.wsgi")
        job = json.dumps(
            {"port": port, "token": token, "seconds": SECONDS, "first": 4_000, "path": "/api/v1/alerts"}
            | asdict(A_PERSON_A_SCREEN)
        )
        storm = subprocess.Popen([sys.executable, "-m", "bench.client", job], stdout=subprocess.PIPE, text=True)
        screens_in_storm = _ask(port, screens, seconds=SECONDS)
        taken = json.loads(storm.communicate()[0])
        time.sleep(3)
    late = list(
        Timer.objects.filter(
            state="fired", step__contains="180.hand_to_second", alert__messages__external_id__startswith="B"
        )
        .order_by("due_at")
        .values_list("late_ms", flat=True)
    )
    quiet, busy = late[:STEPS], late[STEPS:]
    return [
        at_most("1,000 screens every 3 s, p99", percentile(screens_alone["times"], 99), "ms", 100),
        Figure("… median", percentile(screens_alone["times"], 50), "ms"),
        at_most("… of a core, web server", 100 * screens_alone["cpu"] / screens_alone["spent"], "%", 70),
        at_most(f"… lateness of {len(quiet)} timers meanwhile, worst", max(quiet) / 1000, "s", 2),
        Figure("with an intake storm: alerts taken", len(taken["times"]) / taken["spent"], "alerts/s"),
        Figure("… screens answered", len(screens_in_storm["times"]) / screens_in_storm["spent"], "answers/s"),
        Figure("… their p99", percentile(screens_in_storm["times"], 99), "ms"),
        at_most("… requests that failed", taken["failed"] + screens_in_storm["failed"], "requests", 0),
        at_most(f"… lateness of {len(busy)} timers, median", percentile(busy, 50) / 1000, "s", 0.6),
        at_most("… worst", max(busy) / 1000, "s", 2),
    ]


def _draw_each(port: int, screens: list[dict[str, str]]) -> None:
    """Have every screen draw its page once."""
    for _round in range(20):
        _ask(port, screens, seconds=6)
        if all(screen.get("mark") for screen in screens):
            return
    raise TimeoutError("a thousand screens were not drawn within two minutes")


def _screens(*roles: Role, count: int, path: str) -> list[dict[str, str]]:
    """Return screens of people with these roles, each with a log-in of its own."""
    people = list(User.objects.filter(posts__role__in=roles).distinct().order_by("pk"))
    logged_in: dict[int, dict[str, object]] = {}
    screens = []
    for number in range(count):
        person = people[number % len(people)]
        if person.pk not in logged_in:
            client = Client(HTTP_HOST="localhost")
            client.force_login(person)
            logged_in[person.pk] = dict(client.session.items())
        session = SessionStore()
        session.update(logged_in[person.pk])
        session.create()
        screens.append({"cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}", "path": path})
    assert Session.objects.count() >= count
    return screens


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _spread(start) -> None:
    """Have one alert's steps come due every half second, those of the storm after those of before it."""
    alerts = Timer.objects.filter(state="pending").order_by("alert_id").values_list("alert_id").distinct()
    with connection.cursor() as cursor:
        for number, (pk,) in enumerate(list(alerts)):
            wait = (number + (number >= STEPS)) * SECONDS / STEPS + (number >= STEPS) * 2
            moved = f"interval '{wait:.3f} seconds'"
            cursor.execute(
                f"UPDATE alerts_timer SET due_at = due_at + {moved}, wake_at = wake_at + {moved} "
                "WHERE alert_id = %s AND state = 'pending'",
                [pk],
            )


def _ask(port: int, screens: list[dict[str, str]], *, seconds: float, cpu_of: str = "") -> dict:
    """Have the screens ask from a process of their own; add the processor's seconds that the server took."""
    before = _cpu(cpu_of)
    job = json.dumps({"port": port, "screens": screens, "seconds": seconds})
    said = subprocess.run(
        [sys.executable, "-m", "bench.watchers"], input=job, check=True, capture_output=True, text=True
    )
    answer = json.loads(said.stdout)
    for screen, mark in zip(screens, answer.pop("marks"), strict=True):
        screen["mark"] = mark
    return answer | {"cpu": _cpu(cpu_of) - before}


def _cpu(name: str) -> float:
    """Return the processor's seconds of our own processes with that word in their command; 0 for no word."""
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*") if name else ():
        try:
            is_ours = name in (folder / "cmdline").read_text() and f"DATA_DIR={os.environ['DATA_DIR']}" in (
                folder / "environ"
            ).read_text(errors="replace")
            if is_ours:
                fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            continue
    return total
