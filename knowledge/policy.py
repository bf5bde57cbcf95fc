"""What kinds of texts there are: who reads them, and what they look like on paper."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Sheet(TextChoices):
    """What a text is printed on."""

    A4 = "a4", _("A4")
    A6 = "a6", _("A6 card")
    FOUR = "four", _("A4 with four A6 cards, to cut")


class Shelf(TextChoices):
    """Where a text stands in the library."""

    RULES = "rules", _("Rules to remember")
    LEAFLETS = "leaflets", _("Leaflets")
    CARDS = "cards", _("Cards")
    PLEDGE = "pledge", _("Pledge")
    SCRIPTS = "scripts", _("What they say, what to say: by type of fraud")
    OTHER = "other", _("Other texts")


PLEDGE, MEMORY_CARD = "pledge", "memory_card"

SHELVES: Mapping[str, Shelf] = MappingProxyType(
    {
        "five_rules": Shelf.RULES,
        "ten_rules": Shelf.RULES,
        "rules.hang_up": Shelf.RULES,
        "rules.five_nots": Shelf.RULES,
        "hotlines": Shelf.RULES,
        "memory_card": Shelf.CARDS,
        "dissuasion_card": Shelf.CARDS,
        "pledge": Shelf.PLEDGE,
    }
)


def shelf_of(key: str) -> Shelf:
    """Return where a text stands."""
    if key.startswith("leaflet."):
        return Shelf.LEAFLETS
    return Shelf.SCRIPTS if key.startswith("script.") else SHELVES.get(key, Shelf.OTHER)


def is_public(key: str) -> bool:
    """Say whether a text is written for residents, so that anybody may read it who has its address.

    How staff dissuade is theirs: an office may name its people in it.
    """
    return shelf_of(key) in {Shelf.RULES, Shelf.LEAFLETS, Shelf.PLEDGE} or key == MEMORY_CARD


def read_instead(key: str) -> str:
    """Return the key of the public text a code on paper leads to: its own, else the resident's card."""
    return key if is_public(key) else MEMORY_CARD


def sheets_of(key: str) -> tuple[Sheet, ...]:
    """Return what a text is printed on, the usual first."""
    return (Sheet.A6, Sheet.FOUR) if shelf_of(key) == Shelf.CARDS else (Sheet.A4,)
