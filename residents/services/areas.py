"""The tree of areas, kept by those who keep its posts. An area does not end: what refers to it would lose its place."""

from collections import Counter
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from residents.models import Area, AreaAlias, Level
from residents.services.common import ResidentsError

MOST_DIGITS = 24
"""Of a code that the program proposes: what an alert keeps of its area."""


@transaction.atomic
def add_area(*, above: Area | None, level: Level, code: str, name: str, by: User, now: datetime) -> Area:
    """Add an area below another, or at the top.

    Raises ``ResidentsError`` where its code or level does not fit there, or where one of two areas side by side would
    hold the other by its code: who answers for the one would see into the other.
    """
    area = Area(parent=above, level=level, code=code, name=name)
    _refuse_overlap(area)
    _save(area)
    record("residents.area_added", by=by, at=now, about=area, area_code=area.code, detail={"name": name})
    return area


@transaction.atomic
def rename_area(area: Area, *, name: str, by: User, now: datetime) -> Area:
    """Give an area another name; the old one is kept as an alias, so that old papers still find it.

    Raises ``ResidentsError`` for an empty name.
    """
    if name == area.name:
        return area
    was, area.name = area.name, name
    try:
        _save(area)
    except ResidentsError:
        area.name = was
        raise
    AreaAlias.objects.filter(area=area, name=name).delete()
    AreaAlias.objects.get_or_create(area=area, name=was)
    record("residents.area_renamed", by=by, at=now, about=area, area_code=area.code, detail={"from": was, "to": name})
    return area


@transaction.atomic
def add_alias(area: Area, *, name: str, by: User, now: datetime) -> AreaAlias:
    """Give an area another name beside its own.

    Raises ``ResidentsError`` for an empty name, or where it goes by that already.
    """
    if name == area.name or area.aliases.filter(name=name).exists():
        raise ResidentsError(_("{area} goes by “{name}” already.").format(area=area, name=name))
    alias = AreaAlias(area=area, name=name)
    _save(alias)
    record("residents.alias_added", by=by, at=now, about=area, area_code=area.code, detail={"name": name})
    return alias


@transaction.atomic
def remove_alias(alias: AreaAlias, *, by: User, now: datetime) -> None:
    """Take one of an area's other names away."""
    area = alias.area
    record("residents.alias_removed", by=by, at=now, about=area, area_code=area.code, detail={"name": alias.name})
    alias.delete()


@transaction.atomic
def remove_area(area: Area, *, by: User, now: datetime) -> None:
    """Remove an area that was added by mistake.

    Raises ``ResidentsError``, which says what and how many, where anything is kept of it.
    """
    record("residents.area_removed", by=by, at=now, about=area, area_code=area.code, detail={"name": area.name})
    try:
        area.delete()
    except ProtectedError as error:
        kinds = Counter(str(one._meta.verbose_name_plural) for one in error.protected_objects)
        kept = ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items()))
        raise ResidentsError(
            _("{area} cannot be removed, for this is kept of it: {kept}. Rename it if its name is wrong.").format(
                area=area, kept=kept
            )
        ) from error


def next_code(above: Area) -> str:
    """Return the code that a new area below another would have: three digits more, one after the last.

    "" where the numbers or the digits have run out.
    """
    taken = set(above.children.values_list("code", flat=True))
    free = (f"{above.code}{number:03d}" for number in range(1, 1000))
    last = max((int(code[-3:]) for code in taken if len(code) == len(above.code) + 3), default=0)
    code = f"{above.code}{last + 1:03d}" if last < 999 else next((one for one in free if one not in taken), "")
    return code if len(code) <= MOST_DIGITS else ""


def _refuse_overlap(area: Area) -> None:
    holder = Area.objects.around(area.code).exclude(code=area.code).first()
    if holder is not None and holder != area.parent:
        raise ResidentsError(
            _("This code lies within {area} ({code}). Choose another one, or add it there.").format(
                area=holder, code=holder.code
            )
        )
    held = Area.objects.within(area.code).exclude(code=area.code).first()
    if held is not None:
        raise ResidentsError(
            _("{area} ({code}) would lie within this code. Choose another one.").format(area=held, code=held.code)
        )


def _save(named: Area | AreaAlias) -> None:
    try:
        named.full_clean()
    except ValidationError as error:
        raise ResidentsError(" ".join(error.messages)) from error
    named.save()
