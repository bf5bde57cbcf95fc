"""The program as it runs, started once for all browser tests; and an installation to be done harm to."""

from collections.abc import Iterator

import pytest

from antifraud.testing.program import Program, running_program
from antifraud.testing.servers import own_broker, own_postgres_to_harm, scratch_database
from antifraud.tests.chaos import House
from notifications.tests.outside import WebServer


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A web server and the stand-by that keeps the clock, with the demo loaded, in processes of their own."""
    with running_program(tmp_path_factory.mktemp("program")) as running:
        yield running


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A database, a broker and a gateway that are nobody else's, with people; each module starts its processes."""
    folder = tmp_path_factory.mktemp("house")
    with (
        own_postgres_to_harm(is_durable=True) as server,
        scratch_database(server.url) as url,
        own_broker() as broker,
        WebServer() as gateway,
    ):
        house = House(url, broker, folder)
        house.server, house.gateway = server, gateway
        house.make_itself()
        try:
            yield house
        finally:
            house.stop()
