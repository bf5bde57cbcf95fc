"""Figures as JSON and back, exactly: what is signed must say the same for ever.

A dataclass is an object of its fields, a tuple a list, a mapping an object with text for keys, a ``Decimal`` and a day
are text. Reading goes by the dataclass's own types, so a number that was a ``Decimal`` is one again, to the last place.
A field that was added since takes its default; one that no longer is, is passed over: old reports stay readable.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def frozen(value: Any) -> Any:
    """Return a dataclass, or what stands in one, as JSON knows it. Raises ``TypeError`` for what nobody thought of."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: frozen(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): frozen(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [frozen(one) for one in value]
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"{type(value).__name__} cannot be frozen exactly")


def thawed(kind: type[T], data: Any) -> T:
    """Return what ``frozen`` was given. Raises ``TypeError`` or ``ValueError`` where it is not of that kind."""
    of_any: Any = kind  # the checker takes no type[T] for hashable
    result: T = _reader(of_any)(data)
    return result


Reader = Callable[[Any], Any]
Meant = tuple[tuple[Any, Any], ...]
"""What a generic's letters stand for."""


@cache
def _reader(hint: Any, meant: Meant = ()) -> Reader:
    """Return what reads values of a type. Made once for a type: a district's figures are ten thousand values."""
    if isinstance(hint, TypeVar):
        return _reader(dict(meant)[hint], meant)
    origin = get_origin(hint) or hint
    if origin in {Union, UnionType}:
        return _reader_or_none(_reader(_not_none(hint), meant))
    if is_dataclass(origin):
        return _reader_of_dataclass(origin, hint, meant)
    if origin is tuple:
        return _reader_of_tuple(get_args(hint), meant)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _reader_of_mapping(_reader(get_args(hint)[1], meant))
    return _reader_of_plain(origin)


def _not_none(hint: Any) -> Any:
    return next(one for one in get_args(hint) if one is not NoneType)


def _reader_or_none(read: Reader) -> Reader:
    return lambda data: None if data is None else read(data)


def _reader_of_mapping(read: Reader) -> Reader:
    return lambda data: {key: read(one) for key, one in data.items()}


def _reader_of_tuple(args: tuple[Any, ...], meant: Meant) -> Reader:
    if len(args) == 2 and args[1] is Ellipsis:
        read = _reader(args[0], meant)
        return lambda data: tuple(map(read, data))
    each = [_reader(kind, meant) for kind in args]
    return lambda data: tuple(read(one) for read, one in zip(each, data, strict=True))


def _reader_of_dataclass(origin: Any, hint: Any, meant: Meant) -> Reader:
    letters, stand_for = getattr(origin, "__parameters__", ()), dict(meant)
    mine = tuple(zip(letters, (stand_for.get(one, one) for one in get_args(hint)), strict=True)) if letters else ()
    hints = get_type_hints(origin)
    readers = [(one.name, _reader(hints[one.name], mine)) for one in fields(origin)]
    owed = {one.name for one in fields(origin) if _has_no_default(one)}

    def read_dataclass(data: Any) -> Any:
        known = {name: read(data[name]) for name, read in readers if name in data}
        if missing := owed - known.keys():
            raise ValueError(f"{origin.__name__} lacks {', '.join(sorted(missing))}")
        return origin(**known)

    return read_dataclass


def _has_no_default(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _reader_of_plain(kind: Any) -> Reader:
    if kind is date:
        return date.fromisoformat
    if kind is Decimal or issubclass(kind, Enum):
        return cast("Reader", kind)

    def read_plain(data: Any) -> Any:
        if not isinstance(data, kind):
            raise TypeError(f"{data!r} is no {kind.__name__}")
        return data

    return read_plain
