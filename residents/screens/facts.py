"""Facts of a place that the apps above know without residents knowing them: each registers a source when it starts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.utils.functional import Promise

from accounts.models import User
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of a place, in words; ``url`` is "" where there is nothing behind it."""

    label: str | Promise
    said: str
    url: str = ""


class FactSource(Protocol):
    """What an app knows of places. Each asks the database a fixed number of times."""

    def facts(self, area: Area, *, user: User, on: date) -> Iterable[Fact]:
        """Return what this user may know of a grid or a community."""


_SOURCES: list[FactSource] = []


def register_facts(source: FactSource) -> None:
    """Have an app's facts on the page of every grid and community from now on; called once, when the program starts."""
    _SOURCES.append(source)


def facts_of(area: Area, *, user: User, on: date) -> tuple[Fact, ...]:
    """Return what the apps above know of a place and this user may read."""
    return tuple(fact for source in _SOURCES for fact in source.facts(area, user=user, on=on))
