"""Questions that the ORM composes once, and that are asked with other values ever after.

Composing costs the ORM several times what the database takes to find a row by a key, and making objects as much again.
That is right almost everywhere. An alert that comes in asks nine such questions before it is stored, and a storm of
alerts feels each of them (docs/performance.md); theirs are written down as querysets like all others, with a ``Given``
where a value is yet to come.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Lookup, QuerySet
from django.db.models.sql.compiler import SQLCompiler


class Given(Expression):
    """A value that is handed over when the question is asked, by its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Leave a place for the value; who asks finds the name among the parameters."""
        return "%s", [self]


class Among(Lookup):
    """That a column is one of many given values: one parameter however many there are, so the text stays the same.

    ``Among(F("code"), Given("codes"))``; values are text or numbers. A blind index is not looked for under its earlier
    keys: hand over ``under_any_key`` of each.
    """

    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Any:
        """Ask in the database's own way for a list."""
        column, before = self.process_lhs(compiler, connection)
        value, given = self.process_rhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY({value})", [*before, *given]
        return f"{column} IN (SELECT value FROM json_each({value}))", [*before, *given]  # noqa: S608 - no value stands in it


class Composed:
    """One question. Its text is made when it is first asked, on each kind of database."""

    def __init__(self, compose: Callable[[], QuerySet[Any, Any]]) -> None:
        """Take the question as a function, for models are not ready yet; it returns a queryset of ``values_list``."""
        self._compose = compose
        self._texts: dict[str, tuple[str, list[str], SQLCompiler, Any]] = {}

    def ask(self, **given: Any) -> list[tuple[Any, ...]]:
        """Return the rows for these values. A question that locks rows belongs into a transaction."""
        text, names, compiler, converters = self._text()
        rows = _rows(text, names, given)
        return list(map(tuple, compiler.apply_converters(rows, converters))) if converters else rows

    def plan(self, **given: Any) -> str:
        """Return how the database would find the rows, in its own words."""
        text, names, _compiler, _converters = self._text()
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        return "\n".join(str(row) for row in _rows(f"{explain} {text}", names, given))

    def _text(self) -> tuple[str, list[str], SQLCompiler, Any]:
        vendor = connection.vendor
        if vendor not in self._texts:
            compiler = self._compose().query.get_compiler(connection=connection)
            text, params = _with_constants(*compiler.as_sql())
            converters = compiler.get_converters([column for column, _sql, _alias in compiler.select or ()])
            self._texts[vendor] = text, params, compiler, converters
        return self._texts[vendor]


def _rows(text: str, names: Iterable[str], given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, [_sent(given[name]) for name in names])
        return list(cursor.fetchall())


def _with_constants(text: str, params: Iterable[Any]) -> tuple[str, list[str]]:
    """Return a question with its constants in the text, and the names of the values that are yet to come.

    SQLite takes a partial index only where it reads in the text that the index's condition holds.
    """
    first, *rest = text.split("%s")
    names: list[str] = []
    pieces = [first]
    for one, piece in zip(params, rest, strict=True):
        if isinstance(one, Given):
            names.append(one.name)
        pieces += ["%s" if isinstance(one, Given) else _literal(one), piece]
    return "".join(pieces), names


def _literal(value: Any) -> str:
    """Return a constant as SQL has it. Raises ``TypeError`` for what is neither text nor a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(f"{value!r} is no constant of a composed question; give it")
    quoted = str(value).replace("'", "''").replace("%", "%%")
    return f"'{quoted}'" if isinstance(value, str) else quoted


def _sent(value: Any) -> Any:
    """Return a value as the database takes it: of a collection a list, or JSON."""
    if isinstance(value, str) or not isinstance(value, Collection):
        return value
    return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))
