"""Materials with what is left of each, and one of them with all that came and went."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from accounts.models import User
from campaigns.models import Material, Rule, StockMove
from campaigns.policy import MaterialKind, RuleName, StockState, stock_state
from campaigns.screens.here import Here

MOVES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """One material in the list."""

    pk: int
    name: str
    kind: str
    stock: int
    state: str
    is_short: bool
    is_kept: bool
    url: str


def material_rows(user: User, here: Here, *, on: date) -> list[MaterialRow]:
    """Return a community's materials, what is short first; those no longer used last. Two queries."""
    low_below = Rule.objects.number(RuleName.LOW_STOCK)
    materials = Material.objects.visible_to(user, on=on).within(here.code).with_stock()
    rows = [_row(material, low_below=low_below) for material in materials]
    return sorted(rows, key=lambda row: (not row.is_kept, not row.is_short, row.kind, row.name))


def _row(material: Material, *, low_below: int) -> MaterialRow:
    state = stock_state(material.stock, low_below=low_below)
    return MaterialRow(
        pk=material.pk,
        name=material.name,
        kind=str(MaterialKind(material.kind).label),
        stock=material.stock,
        state=str(state.label),
        is_short=material.is_kept and state != StockState.ENOUGH,
        is_kept=material.is_kept,
        url=reverse("campaigns:material", args=[material.pk]),
    )


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """One material, what is left, and the last lines of its history."""

    row: MaterialRow
    moves: tuple[StockMove, ...]


def material_page(material: Material) -> MaterialPage:
    """Return a material that was found with its stock."""
    moves = material.moves.select_related("by", "event")[:MOVES_SHOWN]
    return MaterialPage(_row(material, low_below=Rule.objects.number(RuleName.LOW_STOCK)), tuple(moves))
