"""What every test stands on: keys of its own, a data folder of its own, and which tests run where."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from antifraud.management.commands.compile_translations import compile_catalogues
from antifraud.testing.environment import prepare_environment
from antifraud.testing.prepared import migrated_postgres, migrated_sqlite

prepare_environment()
# They are not kept in the repository, and Django reads them once: before anything asks for a word.
compile_catalogues(Path(__file__).with_name("locale"))
django.setup()

from reports.figures import kept  # once Django is set up

# Argon2 is slow on purpose; tests log in often.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# How long a count takes depends on the machine: tests have figures counted on the spot, unless they say otherwise.
kept.WORTH_KEEPING = timedelta.max
# What tests publish in passing goes nowhere; who tests the broker starts one.
settings.CELERY_BROKER_URL = "memory://"

# No test fails on a time: a busy machine is no finding.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")

# A browser goes by the real clock, and the demo in it lives on: a journey that fails is tried again, twice at most, and
# the long walk of every page once; the last line counts it. Rules, races and killed workers get no second chance:
# there, one failure is a finding.
AGAIN, ONCE_AGAIN = pytest.mark.flaky(reruns=2), pytest.mark.flaky(reruns=1)
LONGEST_NAME = 40
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each process of tests that run side by side make a data folder of its own.

    What stands in the environment is theirs too, and Django would read it there before this file makes another.
    """
    for name in ("DJANGO_SETTINGS_MODULE", "DATA_DIR"):
        os.environ.pop(name, None)


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
            item.add_marker(AGAIN if item.get_closest_marker("alone") else ONCE_AGAIN)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by no file's content: a workbook holds the second it was made in, and two processes make two."""
    return argname if isinstance(val, bytes) and len(val) > LONGEST_NAME else None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail where tests that share a program are not kept together: each process would walk all pages for itself."""
    if getattr(session.config.option, "loadgroup", False):
        lost = [item for item in session.items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid]
        if lost:
            raise pytest.UsageError(f"pytest-xdist keeps no groups with this pytest: {lost[0].nodeid}")


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
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Let the tests' database begin as one that was migrated before: migrating it again then takes a second."""
    creation = connection.creation
    if not settings.IS_SQLITE:
        template = migrated_postgres(os.environ["DATABASE_URL"])
        connection.settings_dict["TEST"]["TEMPLATE"] = template
        yield
        return
    stack = ExitStack()
    make = creation._create_test_db  # noqa: SLF001 - Django fills it in the same breath, and asks nobody

    def make_and_fill(*options: Any) -> str:
        name: str = make(*options)
        with closing(sqlite3.connect(migrated_sqlite())) as migrated:
            # What is in memory lasts as long as somebody is connected to it: Django is, from its next question on.
            migrated.backup(stack.enter_context(closing(sqlite3.connect(name, uri=True))))
        return name

    creation._create_test_db = make_and_fill  # noqa: SLF001
    with stack:
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the machine's own browser; in a container it has no sandbox and little shared memory."""
    return browser_type_launch_args | {
        "executable_path": BROWSER,
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
    }
