"""Materials: what came in, what went out, and what was found when somebody counted."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.services import record
from campaigns.models import Material, StockMove
from campaigns.services.common import OutreachError, save_checked, write_fields


@transaction.atomic
def keep_material(material: Material, fields: dict[str, Any], *, by: User, now: datetime) -> Material:
    """Add a material, or change one. Raises ``OutreachError`` for a name that is taken."""
    is_new = material.pk is None
    detail = write_fields(material, fields)
    save_checked(material)
    verb = "campaigns.material_added" if is_new else "campaigns.material_changed"
    record(verb, by=by, at=now, about=material, area_code=material.area.code, detail=detail)
    return material


@transaction.atomic
def move_stock(
    material: Material,
    *,
    amount: int,
    on: date,
    by: User,
    now: datetime,
    note: str = "",
    press: UUID | None = None,
) -> StockMove:
    """Write down that so many came in (above nothing) or went out (below nothing), without an event.

    The same press again gives the same line. Raises ``OutreachError`` for nothing, a day in the future, and a press
    that was made elsewhere. More may go out than was counted in: the leaflets are gone, whatever the list says.
    """
    _lock(material)
    if (made := _made_already(material, press=press, by=by)) is not None:
        return made
    if amount == 0:
        raise OutreachError(_("Enter how many."))
    if on > local(now).date():
        raise OutreachError(_("The day lies in the future."))
    move = StockMove.objects.create(material=material, amount=amount, on=on, note=note, by=by, press=press)
    _record(move, "campaigns.stock_moved", now=now)
    return move


@transaction.atomic
def count_stock(
    material: Material, *, counted: int, by: User, now: datetime, press: UUID | None = None
) -> StockMove | None:
    """Correct a stock to what somebody counted; return the correction, or None where the list was right."""
    _lock(material)
    if (made := _made_already(material, press=press, by=by)) is not None:
        return made
    listed = Material.objects.with_stock().get(pk=material.pk).stock
    if counted == listed:
        return None
    note = _("counted: {counted}, listed: {listed}").format(counted=counted, listed=listed)
    on = local(now).date()
    move = StockMove.objects.create(material=material, amount=counted - listed, on=on, note=note, by=by, press=press)
    _record(move, "campaigns.stock_counted", now=now)
    return move


def _lock(material: Material) -> None:
    """Have two who write at once queue up: the second counts from what the first left."""
    Material.objects.select_for_update().get(pk=material.pk)


def _made_already(material: Material, *, press: UUID | None, by: User) -> StockMove | None:
    made = StockMove.objects.filter(press=press).first() if press is not None else None
    if made is not None and (made.material_id, made.by_id) != (material.pk, by.pk):
        raise OutreachError(_("This page was used for another material already; open it anew."))
    return made


def _record(move: StockMove, verb: str, *, now: datetime) -> None:
    material = move.material
    detail = {"amount": move.amount, "on": move.on.isoformat()}
    record(verb, by=move.by, at=now, about=material, area_code=material.area.code, detail=detail)
