"""What outreach asks of those it stands beside: which frauds hit people here, and how many were talked out of it.

Outreach and alerts do not know each other; the roof, which knows both, says here who answers.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol

from campaigns.policy import Span


class Harm(Protocol):
    """What is known of frauds in an area."""

    def by_type(self, area_code: str, span: Span) -> Mapping[int, int]:
        """Return how many there were of each type of fraud, by its primary key."""

    def dissuaded(self, area_code: str, span: Span) -> tuple[int, Decimal]:
        """Return how many people were talked out of a transfer, and the yuan that saved (an estimate)."""


_SOURCES: list[Harm] = []


def register_harm(source: Harm) -> None:
    """Have somebody answer from now on; called once, when the program starts."""
    _SOURCES.append(source)


def harm_by_type(area_code: str, span: Span) -> Mapping[int, int]:
    """Return how many frauds of each type hit people in an area within some days, by the type's primary key."""
    counts: dict[int, int] = {}
    for source in _SOURCES:
        for key, count in source.by_type(area_code, span).items():
            counts[key] = counts.get(key, 0) + count
    return counts


def dissuaded(area_code: str, span: Span) -> tuple[int, Decimal]:
    """Return how many people were talked out of a transfer in an area within some days, and the yuan saved."""
    answers = [source.dissuaded(area_code, span) for source in _SOURCES]
    return sum(count for count, _yuan in answers), sum((yuan for _count, yuan in answers), Decimal(0))
