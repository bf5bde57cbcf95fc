"""Whom of the roster a form finds for its victim."""

from dataclasses import dataclass
from datetime import date

from residents.models.people import ResidentQuerySet
from residents.screens.roster import meant

MOST = 10


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody of the roster who may be the victim, masked."""

    pk: int
    name: str
    facts: str


def matches(people: ResidentQuerySet, text: str, *, on: date) -> list[Match]:
    """Return at most ten residents whom a name, a phone number or its end, or a door means."""
    if not text.strip():
        return []
    found = meant(people.living_here(), text).select_related("grid", "household").prefetch_related("memberships")
    return [
        Match(one.pk, one.masked_name, " · ".join(filter(None, [one.grid.name, one.address, one.short_facts(on)])))
        for one in found.defer("id_number", "note", "risks")[:MOST]
    ]
