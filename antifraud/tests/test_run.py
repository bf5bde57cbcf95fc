import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.core.management.base import CommandError

from antifraud.embedded_broker import find_embedded_broker, socket_path
from antifraud.management.commands.run import alone_on, children, refuse_taken_port, table
from antifraud.testing.environment import without_servers
from antifraud.testing.servers import free_port

pytestmark = pytest.mark.alone


def wait_until(is_so: Callable[[], bool], within: float) -> bool:
    give_up_at = time.monotonic() + within
    while not is_so():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


class Run:
    """``manage.py run`` in a data folder and on a port of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log = data_dir.with_suffix(".log")
        environ = without_servers() | {
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "LOAD_DEMO": "false",
            "PYTHONUNBUFFERED": "1",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run"], cwd=settings.BASE_DIR, env=environ, stdout=log, stderr=log
            )

    def is_ready(self) -> bool:
        return "Ready: " in self.log.read_text()

    def health(self) -> int:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).status_code
        except httpx.HTTPError:
            return 0

    def everybody(self) -> dict[int, str]:
        """Every process of this run, by id. Its environment has the folder, or its name where it renames itself."""
        found = {}
        for folder in Path("/proc").iterdir():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                mine = f"DATA_DIR={self.data_dir}\0".encode() in (folder / "environ").read_bytes()
            except OSError:
                continue
            if folder.name.isdigit() and (mine or str(self.data_dir) in command):
                found[int(folder.name)] = command
        return found

    def has(self, part: str) -> bool:
        """Say whether there is a process whose command has this in it."""
        return any(part in command for command in self.everybody().values())

    def one(self, part: str) -> int:
        """The lowest id of the processes whose command has this in it."""
        return min(pid for pid, command in self.everybody().items() if part in command)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    started = Run(tmp_path / "data")
    try:
        assert wait_until(started.is_ready, within=60), started.log.read_text()
        yield started
    finally:
        started.process.kill()
        started.process.wait()


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")


@linux
def test_everything_runs_heals_and_stops_clean(run: Run):
    assert run.health() == 200
    parts = ("gunicorn", "keep_watch", "--queues clock", "--queues outbox,default", " beat", "valkey-server")
    # What nobody waits for starts once the address is said.
    assert wait_until(lambda: all(run.has(part) for part in parts), within=5)
    for part in parts:
        os.kill(run.one(part), signal.SIGKILL)
    assert wait_until(lambda: "Ready" in run.log.read_text() and run.health() == 200, within=20), run.log.read_text()
    assert wait_until(lambda: run.log.read_text().count("starting again") >= 6, within=5)
    began = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert run.everybody() == {}


@linux
def test_the_clock_is_swept_by_celery_and_nothing_is_left_behind_when_the_run_itself_is_killed(run: Run):
    def guard() -> str:
        return httpx.get(f"http://127.0.0.1:{run.port}/healthz", timeout=2).json()["sweep"]["guard"]

    assert wait_until(lambda: guard() == "celery", within=10)
    run.process.kill()
    run.process.wait()
    # A web server's workers look for their parent once a second.
    assert wait_until(lambda: run.everybody() == {}, within=4), run.everybody()


def test_a_taken_port_is_said_plainly_before_anything_starts():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken by another program.+PORT={port + 1} make run"):
            refuse_taken_port("127.0.0.1", port)


def test_a_second_run_on_the_same_data_folder_is_refused(tmp_path):
    with alone_on(tmp_path), pytest.raises(CommandError, match="Another `make run` uses"), alone_on(tmp_path):
        pass


def test_the_clock_has_a_worker_to_itself():
    queues = {
        child.name: " ".join(map(str, child.command)) for child in children(host="h", port=1, redis_url="redis://r")
    }
    assert "--queues clock " in queues["clock"]
    assert "clock" not in queues["worker"].split("--queues")[1].split()[0]


def test_without_a_broker_the_stand_by_keeps_the_clock_and_no_worker_waits_in_vain():
    assert [child.name for child in children(host="h", port=1, redis_url="")] == ["web", "watch"]


def test_the_socket_moves_where_the_data_folder_is_too_deep_for_one(tmp_path):
    deep = tmp_path / ("深" * 40)
    assert socket_path(tmp_path) == tmp_path / "broker.sock"
    assert len(os.fsencode(socket_path(deep))) <= 100


def test_the_embedded_broker_runs_in_a_folder_whose_name_has_blanks_and_chinese(tmp_path):
    folder = tmp_path / "数据 1"
    folder.mkdir()
    broker = find_embedded_broker(folder)
    process = subprocess.Popen(broker.command, stdout=subprocess.DEVNULL)
    try:
        assert wait_until(broker.answers, within=5)
    finally:
        process.kill()
        process.wait()


def test_the_log_ins_stand_in_columns_whatever_script_they_are_written_in():
    assert table([("Duty officer", "desk", "a-b"), ("网格长", "grid", "a-b")]) == [
        "  Duty officer  desk  a-b",
        "  网格长        grid  a-b",
    ]
