"""What kinds of texts there are: who reads them, and what they look like on paper."""

import re
import unicodedata
from collections.abc import Collection, Mapping
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
    STORIES = "stories", _("Stories to teach with: what happened, nobody named")
    SCRIPTS = "scripts", _("What they say, what to say: by type of fraud")
    OTHER = "other", _("Other texts")


PLEDGE, MEMORY_CARD = "pledge", "memory_card"
STORY = "story."
"""How the keys of stories begin."""

LONG_NUMBER = re.compile(r"\d(?:[\s-]*\d){6,}")
"""Seven digits and more, however they are set apart: a phone, an account, an ID number. No story needs one."""

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
    if key.startswith(STORY):
        return Shelf.STORIES
    return Shelf.SCRIPTS if key.startswith("script.") else SHELVES.get(key, Shelf.OTHER)


def is_public(key: str) -> bool:
    """Say whether a text is written for residents, so that anybody may read it who has its address.

    How staff dissuade is theirs: an office may name its people in it.
    """
    return shelf_of(key) in {Shelf.RULES, Shelf.LEAFLETS, Shelf.PLEDGE, Shelf.STORIES} or key == MEMORY_CARD


def names_somebody(words: str, *, names: Collection[str] = ()) -> str:
    """Return what in a text could lead to somebody: a long number, or one of the names; "" where nothing does.

    A name of one character is in too many words to be looked for. Full-width digits are digits.
    """
    plain = unicodedata.normalize("NFKC", words)
    number = LONG_NUMBER.search(plain)
    if number is not None:
        return number[0]
    bare = re.sub(r"\s", "", plain)
    closed_up = (re.sub(r"\s", "", name) for name in names)
    return next((name for name in closed_up if len(name) > 1 and name in bare), "")


def read_instead(key: str) -> str:
    """Return the key of the public text a code on paper leads to: its own, else the resident's card."""
    return key if is_public(key) else MEMORY_CARD


def sheets_of(key: str) -> tuple[Sheet, ...]:
    """Return what a text is printed on, the usual first."""
    return (Sheet.A6, Sheet.FOUR) if shelf_of(key) == Shelf.CARDS else (Sheet.A4,)
