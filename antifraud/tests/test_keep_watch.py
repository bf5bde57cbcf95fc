"""The stand-by as a process of its own."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from antifraud.testing.prepared import migrated_postgres
from antifraud.testing.servers import postgres_server, scratch_database

pytestmark = [pytest.mark.postgres, pytest.mark.alone]


def manage(*arguments: str, database: str, **options) -> subprocess.Popen[str]:
    environ = {**os.environ, "DATABASE_URL": database, "REDIS_URL": ""}
    return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=environ, **options)


def test_a_stand_by_that_has_lost_its_database_ends_with_an_error_so_that_it_is_started_anew():
    with postgres_server() as server, scratch_database(server, template=migrated_postgres(server)) as database:
        watch = manage("keep_watch", database=database, stderr=subprocess.PIPE, text=True)
    # The database is dropped, its connections cut; the next look at it fails, and so does a new connection.
    assert watch.wait(60) == 1
    assert watch.stderr is not None
    assert "does not exist" in watch.stderr.read()


def test_a_stand_by_ends_in_peace_when_it_is_told_to():
    with postgres_server() as server, scratch_database(server, template=migrated_postgres(server)) as database:
        assert manage("keep_watch", "--ticks", "2", database=database).wait(60) == 0
