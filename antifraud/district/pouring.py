"""Many rows of one model into its table, batch by batch, by ``insert_rows``."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from accounts.rows import defaults_of, insert_rows

BATCH = 5_000

Row = Mapping[str, Any]
One = TypeVar("One")


def pour(model: type[models.Model], rows: Iterable[Row]) -> int:
    """Insert rows, all of the same columns; what they do not name stands as the model has it by itself.

    Values are as ``insert_rows`` takes them: of enciphered fields the cipher, and its search key beside it. Returns how
    many there were.
    """
    count, same = 0, dict[str, Any]()
    for batch in in_batches(rows):
        same = same or _rest(model, batch[0])
        insert_rows(model, batch, same=same)
        count += len(batch)
    return count


def in_batches(rows: Iterable[One], size: int = BATCH) -> Iterator[list[One]]:
    """Yield rows, or the numbers of rows, so many at a time."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def _rest(model: type[models.Model], row: Row) -> dict[str, Any]:
    rest = {column: value for column, value in defaults_of(model).items() if column not in row and value is not None}
    return {column: json.dumps(value) if isinstance(value, list | dict) else value for column, value in rest.items()}
