"""How long ``make run`` takes until it is ready: from nothing at all, and with everything there already."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from django.conf import settings

from antifraud.testing.environment import TEST_SECRETS, without_servers
from antifraud.testing.servers import free_port
from bench.figures import Figure, at_most

PATIENCE = 15
"""Seconds for the program to stop in; five are its own goal."""
LAST_LINE = "Ctrl-C stops everything."
OURS = {*TEST_SECRETS, "DEBUG", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV", "MAKELEVEL", "MAKEFLAGS"}
"""What the measures' own environment says, and nobody's who types ``make run``."""


def start() -> list[Figure]:
    """Start the program in an empty folder with no environment, again with both there, and once more without data."""
    with tempfile.TemporaryDirectory(prefix="antifraud-bench-") as name:
        folder = Path(name)
        with_pip = seconds_until_ready(folder / "venv", folder / "data")
        later = min(seconds_until_ready(folder / "venv", folder / "data") for _round in range(3))
        without = seconds_until_ready(folder / "venv", folder / "other")
    return [
        at_most("make run for the first time: environment, pip, migrations, demo", with_pip, "s", 60),
        Figure("… with the environment there: migrations and demo", without, "s"),
        at_most("make run later, best of three", later, "s", 5),
    ]


def seconds_until_ready(venv: Path, data: Path) -> float:
    """Return how long ``make run`` takes until it says where it answers. Raises ``RuntimeError`` where it does not."""
    environ = {key: text for key, text in without_servers().items() if key not in OURS} | {"DATA_DIR": str(data)}
    command = ("make", f"VENV={venv}", "run", f"PORT={free_port()}")
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as child:
        said = []
        try:
            for line in child.stdout:
                said.append(line)
                if "Ready: " in line:
                    return time.monotonic() - began
                if LAST_LINE in line:  # and it was not well within its own patience
                    break
        finally:
            end(child)
    raise RuntimeError("make run did not get ready:\n" + "".join(said[-30:]))


def end(child: subprocess.Popen) -> None:
    """Stop make and the program, by force where they do not stop by themselves."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.communicate(timeout=PATIENCE)  # what it still says, or it could not end
            return
