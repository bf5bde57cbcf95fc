"""Rows by the key that somebody names, and many rows in one statement, handed over as JSON.

Django's ``bulk_create`` builds an object and an expression for every value, and its ``bulk_update`` a CASE for every
row. That is right almost everywhere; a burst of alerts, in which a thousand rows wait on a person's minute, feels it:
these cost a third (docs/performance.md). Constraints, defaults of the database and foreign keys hold as ever; a
model's own defaults and ``save`` do not, so each row names every column that has no default in the database.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

DIGITS_OF_A_KEY = 18
"""All numbers of so many digits fit the database's key; longer ones may not."""


def key_in(text: str) -> int | None:
    """Return the key of a row that an address, a form or a cell names; None for what can be none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_OF_A_KEY else None


def insert_rows(
    model: type[models.Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    same: Mapping[str, Any] = MappingProxyType({}),
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert rows, all of the same columns.

    Args:
        rows: what stands in each column, by the column's name (``alert_id``, not ``alert``); values as JSON knows
            them, dates and moments. A column of JSON takes lists and dictionaries.
        same: what stands in further columns of every row alike, sent once: text, numbers, yes and no, or nothing.
        returning: the columns to hand back of each new row, in no certain order.

    Raises ``IntegrityError`` where a constraint is broken: none of the rows is then written.
    """
    return _insert(model, rows, same=same, returning=returning, conflicts="")


def insert_new_rows(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, returning: Sequence[str] = ()
) -> list[tuple[Any, ...]]:
    """Insert those of the rows that break no unique constraint, and hand back those alone: see ``insert_rows``.

    ``bulk_create`` cannot say which rows were new.
    """
    return _insert(model, rows, same={}, returning=returning, conflicts="ON CONFLICT DO NOTHING")


def insert_together(*tables: tuple[type[models.Model], Sequence[Mapping[str, Any]]]) -> None:
    """Insert rows of several models that belong together, as ``insert_rows`` would one after the other.

    PostgreSQL takes them in one statement; rows may point at others of it by keys that were reserved.
    """
    filled = [(model, rows) for model, rows in tables if rows]
    if connection.vendor != "postgresql":
        for model, rows in filled:
            insert_rows(model, rows)
        return
    if not filled:
        return
    *others, last = [_insertion(model, tuple(rows[0]), vendor=connection.vendor) for model, rows in filled]
    steps = ", ".join(f"step_{number} AS ({text})" for number, text in enumerate(others))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {steps} {last}" if steps else last, [_dump(rows) for _model, rows in filled])


def row_of(instance: models.Model) -> dict[str, Any]:
    """Return a new object as a row for ``insert_rows``: its key where it has one, and every column but those that are
    left to the database's own default.

    What fields do before they are saved is done (a blind index, a cipher), and is on the object after.
    """
    plain, others = _written(type(instance))
    row = {column: getattr(instance, name) for column, name in plain}
    for field in others:
        value = field.pre_save(instance, True)
        if not isinstance(value, DatabaseDefault):
            row[field.column] = _prepared(field, value)
    if instance.pk is not None:
        row[str(instance._meta.pk.column)] = instance.pk
    return row


def mark_as_stored(instances: Iterable[models.Model]) -> None:
    """Have Django know that rows of ``row_of`` were inserted: saved again, these objects change their rows."""
    for instance in instances:
        state = instance._state  # noqa: SLF001 - Django has no public way to say so
        state.adding, state.db = False, connection.alias


AS_THEY_ARE = (
    *(models.BooleanField, models.CharField, models.DateField, models.DecimalField, models.ForeignKey),
    *(models.JSONField, models.PositiveIntegerField, models.PositiveSmallIntegerField, models.TextField),
)
"""Fields whose values go into JSON as the object has them. Of Django's own classes alone: what derives from them may
have something to do first."""


@lru_cache
def _written(model: type[models.Model]) -> tuple[list[tuple[str, str]], list[Any]]:
    """Return the columns that take what stands on an object, by column and attribute; and the fields that do not."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.primary_key]
    plain = [f for f in fields if not f.has_db_default() and (type(f) in AS_THEY_ARE or _is_plain_moment(f))]
    return [(f.column, f.attname) for f in plain], [f for f in fields if f not in plain]


def _is_plain_moment(field: Any) -> bool:
    return type(field) is models.DateTimeField and not (field.auto_now or field.auto_now_add)


def reserve_keys(model: type[models.Model], number: int) -> list[int]:
    """Return primary keys that nobody else is given, for rows that others are to point at.

    Call it in the transaction that inserts them. SQLite has one writer at a time, so there the next numbers are free.
    """
    key = str(model._meta.pk.column)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, key, number]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + number))


def defaults_of(model: type[models.Model]) -> dict[str, Any]:
    """Return a row of a model as it is before anybody says anything, by column: for ``insert_rows``."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.primary_key]
    return {field.column: field.get_default() for field in fields if not field.has_db_default()}


def update_rows(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[int, Mapping[str, Any]]]
) -> None:
    """Write the same columns of many rows, each row's own values.

    Args:
        columns: the names of the fields that are written, as ``_meta.get_field`` takes them (``holder_id``).
        rows: primary key and new values by field name. **Each key stands in the list once**: with two, one is lost.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), str(model._meta.pk.column)
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    written = [
        {key: pk} | {f.column: _prepared(f, values[name]) for name, f in zip(columns, fields, strict=True)}
        for pk, values in rows
    ]
    source, read = _source(model, list(written[0]))
    sets = ", ".join(f"{quote(field.column)} = {read[field.column]}" for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM {source} WHERE {table}.{quote(key)} = {read[key]}",  # noqa: S608 - names of our own columns alone
            [_dump(written)],
        )


def _prepared(field: Any, value: Any) -> Any:
    """Return a value as its field writes it (enciphered, say). What is JSON already must not be dumped twice."""
    return value if isinstance(field, models.JSONField) else field.get_prep_value(value)


def _insert(
    model: type[models.Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    same: Mapping[str, Any],
    returning: Sequence[str],
    conflicts: str,
) -> list[tuple[Any, ...]]:
    if not rows:
        return []
    statement = _insertion(model, tuple(rows[0]), tuple(same), conflicts, vendor=connection.vendor)
    if returning:
        statement += f" RETURNING {', '.join(map(connection.ops.quote_name, returning))}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [*same.values(), _dump(rows)])
        return list(cursor.fetchall()) if returning else []


@lru_cache(maxsize=256)
def _insertion(
    model: type[models.Model], columns: tuple[str, ...], same: tuple[str, ...] = (), conflicts: str = "", *, vendor: str
) -> str:
    """Return the statement that inserts rows of these columns, remembered for each vendor of databases."""
    quote = connection.ops.quote_name
    source, read = _source(model, columns)
    values = [*(read[column] for column in columns), *("%s" for _column in same)]
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, (*columns, *same)))}) "  # noqa: S608 - as above
        f"SELECT {', '.join(values)} FROM {source} WHERE true {conflicts}"
    )


def _source(model: type[models.Model], columns: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """Return the FROM item that reads one JSON parameter as a table, and how each column is read from it."""
    quote = connection.ops.quote_name
    if connection.vendor != "postgresql":
        return "json_each(%s) AS sent", {column: f"json_extract(sent.value, '$.{column}')" for column in columns}
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}
    shape = ", ".join(f"{quote(column)} {types[column]}" for column in columns)
    return f"json_to_recordset(%s) AS sent({shape})", {column: f"sent.{quote(column)}" for column in columns}


def _dump(rows: Sequence[Mapping[str, Any]]) -> str:
    moments: dict[datetime, str] = {}

    def as_stored(value: Any) -> str:
        """Write a moment as the database does; a batch repeats few. Raises ``TypeError`` for what nobody thought of."""
        if isinstance(value, datetime):
            if value not in moments:
                moments[value] = str(connection.ops.adapt_datetimefield_value(value))
            return moments[value]
        if isinstance(value, date | Decimal):
            return str(value)
        raise TypeError(f"{type(value).__name__} is not written as JSON")

    return json.dumps(rows, ensure_ascii=False, default=as_stored)
