import os
import subprocess
import sys

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from antifraud.testing.servers import own_broker, own_postgres, redis_answers, scratch_database

pytestmark = pytest.mark.alone


def run_with_servers(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "antifraud.testing.servers", *arguments]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=os.environ | environ, capture_output=True, text=True)


def databases_of(url: str) -> list[str]:
    with psycopg2.connect(url) as session, session.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return [name for (name,) in cursor.fetchall()]


def test_where_no_postgresql_is_there_an_own_one_starts_works_and_leaves_nothing():
    with own_postgres() as server:
        with scratch_database(server) as url, psycopg2.connect(url) as session, session.cursor() as cursor:
            cursor.execute("SELECT length('王秀英')")
            assert cursor.fetchone() == (3,)
        assert not [name for name in databases_of(server) if name.startswith("antifraud_scratch_")]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(server)


def test_a_broker_of_ones_own_can_be_stopped_for_good_and_started_again_at_the_same_place():
    with own_broker() as broker:
        assert redis_answers(broker.url)
        broker.stop()
        assert not redis_answers(broker.url)
        broker.start()
        assert redis_answers(broker.url)
    assert not redis_answers(broker.url)


def test_a_command_finds_the_servers_it_asked_for_in_its_environment_and_its_exit_code_is_passed_on():
    asked = run_with_servers(
        *("--postgres", "--redis", "--", sys.executable, "-c"),
        "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL']); raise SystemExit(7)",
    )
    assert asked.returncode == 7, asked.stderr
    database_url, redis_url = asked.stdout.split()
    assert database_url.startswith("postgres")
    assert redis_url.startswith("redis://")


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_tests_that_need_postgresql_have_it():
    assert connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("1min",)


@pytest.mark.django_db
def test_the_database_takes_chinese_and_counts_letters_not_bytes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT length('王秀英')")
        assert cursor.fetchone() == (3,)
