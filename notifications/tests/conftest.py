"""A loopback world for each test, and lanes that no other test has filled."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from django.core.mail.backends import smtp

from notifications import channels, policy
from notifications.services import deliver_due, delivering
from notifications.services.lanes import Lanes
from notifications.tests.factories import Clock
from notifications.tests.outside import MailServer, WebServer

Round = Callable[..., int]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def fresh_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "_hands", delivering._Hands())
    monkeypatch.setattr(delivering, "_lanes", Lanes())
    # Tests wait for every answer that comes at all; those about waiting set their own patience.
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 10.0)


def _forget_ways() -> None:
    """Let go of connections and proxies: another test has others."""
    channels._way.cache_clear()
    channels._proxy_for.cache_clear()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[WebServer]:
    """The web, where channels lose patience after a third of a second."""
    monkeypatch.setattr(channels, "TIMEOUT", httpx.Timeout(0.35))
    monkeypatch.setattr(channels, "ANSWER_SECONDS", 0.35)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    _forget_ways()
    with WebServer() as server:
        settings.ROBOT_URLS = {
            "wecom": f"{server.url}/wecom?key=",
            "dingtalk": f"{server.url}/dingtalk?access_token=",
            "feishu": f"{server.url}/feishu/",
        }
        settings.PUBLIC_URL = "https://desk.example"
        yield server
    _forget_ways()


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[MailServer]:
    """A mail server, and Django told to use it."""
    monkeypatch.setattr(channels, "MAIL_TIMEOUT_SECONDS", 0.35)
    with MailServer() as server:
        settings.EMAIL_BACKEND = f"{smtp.__name__}.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.PUBLIC_URL = "https://desk.example"
        yield server


@pytest.fixture
def deliver(clock: Clock) -> Round:
    """One round of the outbox at the test's clock."""

    def deliver(worker: str = "one", limit: int = 200) -> int:
        return deliver_due(clock=clock, worker=worker, limit=limit)

    return deliver


LEASE_SECONDS = policy.LEASE.total_seconds()
