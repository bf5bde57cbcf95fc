"""Figures as JSON and back, exactly: what is signed must say the same for ever.

A dataclass is an object of its fields, a tuple a list, a mapping an object with text for keys, a ``Decimal`` and a day
are text. Reading goes by the dataclass's own types, so a number that was a ``Decimal`` is one again, to the last place.
A field that was added since takes its default; one that no longer is, is passed over: old reports stay readable.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

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
    result: T = _read(kind, data, {})
    return result


def _read(hint: Any, data: Any, meant: Mapping[Any, Any]) -> Any:
    """Read one value by its type; ``meant`` says what a generic's letters stand for."""
    if isinstance(hint, TypeVar):
        return _read(meant[hint], data, meant)
    origin = get_origin(hint) or hint
    if origin in {Union, UnionType}:
        return None if data is None else _read(_not_none(hint), data, meant)
    if is_dataclass(origin):
        return _read_dataclass(origin, hint, data, meant)
    if origin is tuple:
        return _read_tuple(get_args(hint), data, meant)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _read(get_args(hint)[1], one, meant) for key, one in data.items()}
    return _read_plain(origin, data)


def _not_none(hint: Any) -> Any:
    return next(one for one in get_args(hint) if one is not NoneType)


def _read_tuple(args: tuple[Any, ...], data: Any, meant: Mapping[Any, Any]) -> tuple[Any, ...]:
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_read(args[0], one, meant) for one in data)
    return tuple(_read(kind, one, meant) for kind, one in zip(args, data, strict=True))


def _read_dataclass(origin: Any, hint: Any, data: Any, meant: Mapping[Any, Any]) -> Any:
    letters = getattr(origin, "__parameters__", ())
    mine = dict(zip(letters, (meant.get(one, one) for one in get_args(hint)), strict=True)) if letters else {}
    hints = _hints(origin)
    known = {one.name: _read(hints[one.name], data[one.name], mine) for one in fields(origin) if one.name in data}
    owed = [one.name for one in fields(origin) if one.name not in data and _has_no_default(one)]
    if owed:
        raise ValueError(f"{origin.__name__} lacks {', '.join(owed)}")
    return origin(**known)


@cache
def _hints(origin: Any) -> dict[str, Any]:
    return get_type_hints(origin)


def _has_no_default(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _read_plain(kind: Any, data: Any) -> Any:
    if kind is date:
        return date.fromisoformat(data)
    if kind is Decimal or issubclass(kind, Enum):
        return kind(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind.__name__}")
    return data
