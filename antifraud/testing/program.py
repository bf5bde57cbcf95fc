"""The program as it runs, on a throw-away data folder with the demo loaded: for browsers, pictures and measurements.

    python -m antifraud.testing.program

starts it and prints where it answers and how to log in, until Ctrl-C. Tests import the rest.
"""

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from antifraud.testing.environment import without_servers
from antifraud.testing.prepared import put_demo
from antifraud.testing.servers import LOOPBACK, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
READY_WITHIN = 40.0


@dataclass
class Program:
    """A web server and the stand-by that keeps the clock, on a data folder of their own."""

    folder: Path
    port: int = field(default_factory=free_port)
    clock: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        """Return where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def password(self) -> str:
        """Return the one password of all demo people."""
        return str(json.loads((self.folder / "demo-logins.json").read_text(encoding="utf-8"))["password"])

    @property
    def environment(self) -> Mapping[str, str]:
        """Return what its processes find in their environment: nothing of the tests' own servers."""
        settings = {"DATA_DIR": str(self.folder), "PORT": str(self.port), "PYTHONUNBUFFERED": "1", "DEBUG": "false"}
        return without_servers() | settings

    def manage(self, *words: str) -> str:
        """Run one of its commands to the end; return what it printed."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, cwd=ROOT, text=True
        ).stdout

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start one of its processes."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([sys.executable, *words], env=self.environment, stdout=log, stderr=log, cwd=ROOT)

    def log(self) -> list[str]:
        """Return what its processes have written so far, line by line."""
        return (self.folder / "log").read_text(encoding="utf-8").splitlines()

    def start_clock(self) -> None:
        """Start what sweeps."""
        self.clock = self.start("manage.py", "keep_watch")

    def stop_clock(self) -> None:
        """Kill what sweeps, as a machine that falls over would."""
        if self.clock is not None:
            self.clock.kill()
            self.clock.wait()
            self.clock = None


@contextmanager
def running_program(folder: Path) -> Iterator[Program]:
    """Load the demo into an empty folder and run the program on it while the block lasts."""
    program = Program(folder)
    program.manage("compile_translations")
    put_demo(folder)
    # As `make run` does: what is measured and drawn is what people get.
    program.manage("shell", "--verbosity=0", "-c", "from antifraud.collected import *; collect_where_changed()")
    with ExitStack() as stack:
        web = program.start(
            *("-m", "gunicorn", "antifraud.wsgi", "--worker-class=gthread", "--threads=4", "--keep-alive=15"),
            *(f"--bind={LOOPBACK}:{program.port}", "--log-level=warning", "--no-control-socket"),
        )
        stack.callback(end, web)
        program.start_clock()
        stack.callback(program.stop_clock)
        wait_for(f"{program.address}/healthz")  # the stand-by listens for some seconds before it sweeps
        yield program


def end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a process, by force where it does not stop by itself."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(address: str) -> None:
    """Wait until an address answers. Raises ``TimeoutError`` where it does not."""
    give_up_at = time.monotonic() + READY_WITHIN
    while True:
        try:
            httpx.get(address, timeout=5, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{address} does not answer") from None
            time.sleep(0.1)
        else:
            return


def usernames() -> dict[str, str]:
    """Return the demo people's usernames by their names."""
    with (ROOT / "residents" / "demo" / "staff.csv").open(encoding="utf-8-sig", newline="") as rows:
        return {row["name"]: row["username"] for row in csv.DictReader(rows)}


def main() -> None:
    """Run it until Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="antifraud-program-") as folder, running_program(Path(folder)) as program:
        print(f"{program.address}\npassword of all: {program.password}", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
