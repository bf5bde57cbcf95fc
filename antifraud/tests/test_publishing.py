import logging
import signal
import socket
import time
from collections.abc import Iterator

import pytest
from celery.beat import SchedulingError
from kombu.exceptions import OperationalError

from antifraud.celery import ImpatientPublisher, OneLineAMinute
from antifraud.testing.servers import free_port, own_broker

pytestmark = pytest.mark.alone

HUNG = 5.0
"""Seconds. Measured: 0.02 refused, 0.5 silent. With Celery's defaults a frozen broker never lets go; that is what these
tests tell apart, not a slow machine from a fast one."""


def publisher(url: str) -> ImpatientPublisher:
    app = ImpatientPublisher("tests", broker=url, set_as_current=False)
    app.conf.update(task_publish_retry=False, task_ignore_result=True)
    return app


def seconds_to_fail(app: ImpatientPublisher) -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        app.send_task("anything", queue="clock")
    return time.monotonic() - began


@pytest.fixture
def silent_server() -> Iterator[str]:
    """A server whose line is full: it takes no connection and refuses none, as behind a firewall that drops."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_publishing_to_a_broker_that_is_not_there_does_not_hang():
    assert seconds_to_fail(publisher(f"redis://127.0.0.1:{free_port()}/0")) < HUNG


def test_publishing_to_a_broker_that_does_not_answer_does_not_hang(silent_server):
    assert seconds_to_fail(publisher(silent_server)) < HUNG


def test_publishing_to_a_broker_that_is_stopped_for_good_does_not_hang_although_it_worked_before():
    with own_broker() as broker:
        app = publisher(broker.url)
        app.send_task("anything", queue="clock")
        broker.stop()
        assert seconds_to_fail(app) < HUNG
        assert seconds_to_fail(app) < HUNG


def test_publishing_to_a_broker_that_froze_does_not_hang():
    with own_broker() as broker:
        app = publisher(broker.url)
        app.send_task("anything", queue="clock")
        broker.send(signal.SIGSTOP)
        try:
            assert seconds_to_fail(app) < HUNG
        finally:
            broker.send(signal.SIGCONT)


def test_publishing_works_again_as_soon_as_the_broker_is_back():
    with own_broker() as broker:
        app = publisher(broker.url)
        app.send_task("anything", queue="clock")
        broker.stop()
        seconds_to_fail(app)
        broker.start()
        app.send_task("anything", queue="clock")


def test_without_a_broker_publishing_is_swallowed():
    publisher("memory://").send_task("anything", queue="clock")


def test_beat_says_once_a_minute_that_the_broker_is_away_and_everything_else_as_it_is():
    line_of = OneLineAMinute()

    def said(message: str, error: Exception, *, at: float) -> str | None:
        record = logging.LogRecord(
            "celery.beat", logging.ERROR, "", 0, message, (error, "stack"), (type(error), error, None)
        )
        record.created = at
        return logging.Formatter().format(record) if line_of.filter(record) else None

    away = SchedulingError("Couldn't apply scheduled task sweep: refused")
    heard = [said("Message Error: %s\n%s", away, at=1000.0 + second) for second in range(120)]
    assert [line for line in heard if line] == ["Couldn't apply scheduled task sweep: refused"] * 2
    assert "ValueError" in (said("%s %s", ValueError("else"), at=1000.0) or "")
