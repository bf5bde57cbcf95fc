"""What every test stands on: keys of its own, a data folder of its own, and which tests run where."""

import shutil
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

from antifraud.management.commands.compile_translations import compile_catalogues
from antifraud.testing.environment import prepare_environment

prepare_environment()
# They are not kept in the repository, and Django reads them once: before anything asks for a word.
compile_catalogues(Path(__file__).with_name("locale"))
django.setup()
# Argon2 is slow on purpose; tests log in often.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# What tests publish in passing goes nowhere; who tests the broker starts one.
settings.CELERY_BROKER_URL = "memory://"

# A browser goes by the real clock, and the demo in it lives on: what fails is tried again, and the last line counts it.
# Rules, races and killed workers get no second chance: there, one failure is a finding.
AGAIN = pytest.mark.flaky(reruns=2)
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests to the run that has what they need, and say so: they are moved, not skipped."""
    if settings.IS_SQLITE:
        move(config, items, marker="postgres", why="Run on PostgreSQL alone (make test-postgres)")
    else:
        # They start the program on a database of its own, whichever this run is on.
        move(config, items, marker="browser", why="Run in the run on SQLite alone")
    if BROWSER is None:
        move(config, items, marker="browser", why="Need a browser (apt install chromium)")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(AGAIN)


def move(config: pytest.Config, items: list[pytest.Item], *, marker: str, why: str) -> None:
    """Take the tests with this marker out of the run, with a line that says how many and why."""
    moved = [item for item in items if item.get_closest_marker(marker)]
    if moved:
        items[:] = [item for item in items if not item.get_closest_marker(marker)]
        config.hook.pytest_deselected(items=moved)
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"{why}: {len(moved)} tests")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the machine's own browser; in a container it has no sandbox and little shared memory."""
    return browser_type_launch_args | {
        "executable_path": BROWSER,
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
    }
