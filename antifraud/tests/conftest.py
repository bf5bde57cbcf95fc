"""The program as it runs, started once for all browser tests."""

from collections.abc import Iterator

import pytest

from antifraud.testing.program import Program, running_program


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A web server and the stand-by that keeps the clock, with the demo loaded, in processes of their own."""
    with running_program(tmp_path_factory.mktemp("program")) as running:
        yield running
