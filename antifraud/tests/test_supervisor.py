import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from antifraud.supervisor import Child, Supervisor, describe_end

pytestmark = pytest.mark.alone

SLEEPS = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
IGNORES_TERM = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
)
# A child with a child of its own, as a web server has.
HAS_A_CHILD = (
    sys.executable,
    "-c",
    """if True:
        import subprocess, sys, time
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print("grandchild", grandchild.pid, flush=True)
        time.sleep(600)
    """,
)


class Heard:
    """What the children said, line by line, as it comes."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._came = threading.Condition()

    def say(self, name: str, line: str) -> None:
        with self._came:
            self.lines.append((name, line))
            self._came.notify_all()

    def wait_for(self, name: str, beginning: str, times: int = 1) -> str:
        def hits() -> list[str]:
            return [line for who, line in self.lines if who == name and line.startswith(beginning)]

        with self._came:
            assert self._came.wait_for(lambda: len(hits()) >= times, timeout=10), self.lines
        return hits()[-1]


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or while it was read
        return False


def wait_until(is_so: Callable[[], bool], within: float = 5) -> bool:
    give_up_at = time.monotonic() + within
    while not is_so():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def keeping(*children: Child) -> Iterator[tuple[Supervisor, Heard]]:
    heard = Heard()
    supervisor = Supervisor(say=heard.say)
    for child in children:
        supervisor.start(child)
    # The test is the main thread and must go on, so the loop runs beside it.
    loop = threading.Thread(target=supervisor.keep)
    loop.start()
    try:
        yield supervisor, heard
    finally:
        supervisor.stop()
        loop.join()


def test_what_a_child_writes_is_passed_on_with_its_name_line_by_line():
    with keeping(Child("talker", (sys.executable, "-uc", "import sys, time; print('one\\ntwo'); time.sleep(600)"))) as (
        _,
        heard,
    ):
        heard.wait_for("talker", "two")
        assert [line for _, line in heard.lines[:2]] == ["one", "two"]


def test_a_child_that_is_killed_is_started_again_and_its_end_is_said():
    with keeping(Child("sleeper", SLEEPS)) as (supervisor, heard):
        heard.wait_for("sleeper", "up")
        first = supervisor.pids()["sleeper"]
        os.kill(first, signal.SIGKILL)
        assert "SIGKILL" in heard.wait_for("sleeper", "ended by")
        heard.wait_for("sleeper", "up", times=2)
        assert supervisor.pids()["sleeper"] != first


def test_a_child_that_keeps_dying_is_started_again_at_ever_longer_pauses():
    with keeping(Child("dying", (sys.executable, "-Sc", "raise SystemExit(3)"))) as (_, heard):
        heard.wait_for("dying", "ended with code 3", times=3)
        pauses = [float(line.split(" in ")[1].split()[0]) for _, line in heard.lines if "ended" in line]
        assert pauses[:3] == sorted(set(pauses[:3]))


def test_one_child_that_dies_leaves_the_others_running():
    with keeping(Child("a", SLEEPS), Child("b", SLEEPS)) as (supervisor, heard):
        heard.wait_for("a", "up")
        heard.wait_for("b", "up")
        other = supervisor.pids()["b"]
        os.kill(supervisor.pids()["a"], signal.SIGKILL)
        heard.wait_for("a", "up", times=2)
        assert supervisor.pids()["b"] == other


def test_a_child_whose_time_has_not_come_waits_for_it():
    is_time = threading.Event()
    with keeping(Child("first", SLEEPS)) as (supervisor, heard):
        supervisor.start_later(Child("later", SLEEPS), is_time.is_set)
        heard.wait_for("first", "up")
        assert set(supervisor.pids()) == {"first"}
        is_time.set()
        heard.wait_for("later", "up")
        assert set(supervisor.pids()) == {"first", "later"}


def test_what_a_dead_child_had_started_is_ended_before_it_is_started_again():
    with keeping(Child("web", HAS_A_CHILD)) as (supervisor, heard):
        grandchild = int(heard.wait_for("web", "grandchild").split()[1])
        os.kill(supervisor.pids()["web"], signal.SIGKILL)
        assert wait_until(lambda: not is_alive(grandchild))


def test_stopping_ends_children_that_listen_and_children_that_do_not_within_five_seconds():
    with keeping(Child("good", SLEEPS), Child("deaf", IGNORES_TERM), Child("parent", HAS_A_CHILD)) as (
        supervisor,
        heard,
    ):
        heard.wait_for("good", "up")
        heard.wait_for("deaf", "up")
        grandchild = int(heard.wait_for("parent", "grandchild").split()[1])
        pids = [*supervisor.pids().values(), grandchild]
        supervisor.stop()
        assert wait_until(lambda: not any(is_alive(pid) for pid in pids), within=5)


def test_a_child_that_the_others_need_stops_after_them():
    says_when_stopped = (
        "import signal, sys, time;"
        "signal.signal(signal.SIGTERM, lambda *_: (print('stopped', flush=True), sys.exit()));"
        "print('up', flush=True); time.sleep(600)"
    )
    command = (sys.executable, "-c", says_when_stopped)
    with keeping(Child("broker", command, stops_last=True), Child("worker", command)) as (supervisor, heard):
        heard.wait_for("broker", "up")
        heard.wait_for("worker", "up")
        supervisor.stop()
        heard.wait_for("broker", "stopped")
        assert [name for name, line in heard.lines if line == "stopped"] == ["worker", "broker"]


SUPERVISOR_OF_TWO = textwrap.dedent(
    """
    import os
    import sys
    from antifraud.supervisor import Child, Supervisor
    sleeps = (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    # In one piece: two children speak from two threads, and print() writes a line's end by itself.
    supervisor = Supervisor(say=lambda name, line: os.write(1, f"{line}\\n".encode()))
    supervisor.stop_on_signals()
    supervisor.start(Child("a", sleeps))
    supervisor.start(Child("b", sleeps))
    supervisor.keep()
    """
)


@pytest.fixture
def supervisor_of_two() -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A supervisor in a process of its own, and the process ids of its two children."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR_OF_TWO], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = [int(process.stdout.readline()) for _ in range(2)]
    yield process, pids
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_supervisor_stops_everything(supervisor_of_two, wish):
    process, pids = supervisor_of_two
    process.send_signal(wish)
    assert process.wait(5) == 0
    assert [pid for pid in pids if is_alive(pid)] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_supervisor_that_is_killed_leaves_nobody_behind(supervisor_of_two):
    process, pids = supervisor_of_two
    process.kill()
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids), within=3)


def test_how_a_process_ended_is_said_in_words():
    assert describe_end(-9) == "ended by SIGKILL"
    assert describe_end(1) == "ended with code 1"


def test_signals_that_come_one_upon_the_other_stop_it_all_the_same():
    # As Ctrl-C under make: the run hears it from the terminal, and again from make's own end.
    program = """if True:
        import signal, time
        from antifraud import supervisor
        supervisor.LOOK_EVERY = 0.00001
        one = supervisor.Supervisor(say=print)
        one.stop_on_signals()
        print("up", flush=True)
        one.keep()
        time.sleep(0.2)
    """
    for _time in range(3):
        with subprocess.Popen([sys.executable, "-c", program], cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as run:
            run.stdout.readline()
            for _again in range(500):
                run.send_signal(signal.SIGTERM)
            try:
                assert run.wait(5) == 0
            finally:
                run.kill()
