"""The questions that a page asks the database, for tests and measures."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def counting() -> Iterator[list[str]]:
    """Keep the statements that the block executes."""
    said: list[str] = []

    def note(execute: Any, sql: str, *arguments: Any) -> Any:
        said.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        yield said
