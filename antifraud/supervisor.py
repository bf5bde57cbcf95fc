"""Keep child processes: start them, start them again when they die, stop them all, leave none behind.

Each child is the leader of a session of its own, so a Ctrl-C in the terminal reaches the supervisor
alone and everything a child started can be ended with it. On Linux the kernel kills a child the
moment its supervisor dies, even by SIGKILL.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
FIRST_PAUSE = 0.2  # seconds before a child that died is started again; doubles while it keeps dying
LONGEST_PAUSE = 10.0
LIVED_WELL = 15.0  # a child that lived this long is started again without waiting longer than at first
LOOK_EVERY = 0.1
PATIENCE = 3.5  # seconds between asking children to stop and killing them

# Loaded before any fork: between fork and exec nothing may be imported or allocated much.
LIBC: ctypes.CDLL | None = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Child:
    """What to keep running. ``stops_last`` marks one that the others need until they have stopped."""

    name: str
    command: Sequence[str | Path]
    environ: Mapping[str, str] = field(default_factory=dict)
    stops_last: bool = False


class Kept:
    """A child's current process, and when to start the next one. Times are seconds of the monotonic clock."""

    def __init__(self, child: Child, process: subprocess.Popen[str], *, started_at: float) -> None:
        self.child = child
        self.process = process
        self.started_at = started_at
        self.restart_at: float | None = None
        self.pause = 0.0

    def plan_restart(self, now: float) -> float:
        """Note when to start again, and return the seconds until then."""
        lived_well = now - self.started_at >= LIVED_WELL
        self.pause = FIRST_PAUSE if lived_well else min(max(self.pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
        self.restart_at = now + self.pause
        return self.pause


class Supervisor:
    """Keep children until asked to stop. To be used from the main thread only.

    ``say`` gets a child's name and one line of what it wrote, from a thread per child.
    """

    def __init__(self, *, say: Callable[[str, str], None], environ: Mapping[str, str] | None = None) -> None:
        self._say = say
        self._environ = dict(os.environ if environ is None else environ)
        self._kept: list[Kept] = []
        self._waiting: list[tuple[Child, Callable[[], bool]]] = []
        # No Event: a signal's handler that sets one while the main thread waits for it, or sets it too, waits for ever.
        self._is_stopping = False

    def start(self, child: Child) -> None:
        """Start a child and keep it from now on."""
        self._kept.append(Kept(child, self._spawn(child), started_at=time.monotonic()))

    def start_later(self, child: Child, is_time: Callable[[], bool]) -> None:
        """Start a child as soon as its time has come; ``keep`` asks for it again and again."""
        self._waiting.append((child, is_time))

    def stop_on_signals(self) -> None:
        """Take Ctrl-C, TERM and a closed terminal as the wish to stop."""
        for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wish, lambda *_: self.stop())

    @staticmethod
    def stop_with_parent() -> None:
        """Have the kernel send TERM when the process that started this one dies (Linux)."""
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def is_stopping(self) -> bool:
        """Return whether somebody wished to stop."""
        return self._is_stopping

    def stop(self) -> None:
        """Wish to stop: ``keep`` then returns."""
        self._is_stopping = True

    def pids(self) -> dict[str, int]:
        """Return the process id of each child that is up, by name."""
        return {kept.child.name: kept.process.pid for kept in self._kept if kept.restart_at is None}

    def keep(self) -> None:
        """Watch over the children until the wish to stop, then stop them all within five seconds."""
        try:
            while not self._is_stopping:
                for kept in self._kept:
                    self._look_after(kept)
                for child in [child for child, is_time in self._waiting if is_time()]:
                    self._waiting = [one for one in self._waiting if one[0] is not child]
                    self.start(child)
                time.sleep(LOOK_EVERY)
        finally:
            self.stop_all()

    def stop_all(self) -> None:
        """Stop every child, those that the others need last. A child that will not stop is killed."""
        self._is_stopping = True
        for last in (False, True):
            self._stop_these([kept for kept in self._kept if kept.child.stops_last == last], PATIENCE / (1 + 2 * last))

    def _look_after(self, kept: Kept) -> None:
        now = time.monotonic()
        if kept.restart_at is None:
            code = kept.process.poll()
            if code is not None:
                signal_group(kept.process.pid, signal.SIGKILL)
                pause = kept.plan_restart(now)
                self._say(kept.child.name, f"{describe_end(code)}; starting again in {pause:.1f} s")
        elif now >= kept.restart_at:
            kept.process = self._spawn(kept.child)
            kept.started_at, kept.restart_at = now, None

    def _spawn(self, child: Child) -> subprocess.Popen[str]:
        supervisor_pid = os.getpid()

        def die_with_supervisor() -> None:
            if LIBC is not None:
                LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != supervisor_pid:  # it died before the line above
                    os._exit(1)

        # A supervisor has threads, but the function run between fork and exec takes no lock.
        process = subprocess.Popen(
            [str(part) for part in child.command],
            env={**self._environ, **child.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_supervisor,  # noqa: PLW1509
        )
        threading.Thread(target=self._pass_on, args=(child.name, process), daemon=True).start()
        return process

    def _pass_on(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self._say(name, line.rstrip("\n"))

    @staticmethod
    def _stop_these(those: Sequence[Kept], patience: float) -> None:
        running = [kept.process for kept in those if kept.restart_at is None]
        for process in running:
            signal_group(process.pid, signal.SIGTERM, only_leader=True)
        deadline = time.monotonic() + patience
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in running:
            # The group too: a leader that is gone may have left others behind.
            signal_group(process.pid, signal.SIGKILL)
            process.wait()


def signal_group(leader: int, what: signal.Signals, *, only_leader: bool = False) -> None:
    """Send a signal to a child's whole group, or to the child alone. One that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if only_leader:
            os.kill(leader, what)
        else:
            os.killpg(leader, what)


def describe_end(code: int) -> str:
    """Return how a process ended, in words."""
    if code < 0:
        return f"ended by {signal.Signals(-code).name}"
    return f"ended with code {code}"
