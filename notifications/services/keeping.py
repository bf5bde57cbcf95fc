"""The robots of groups, kept by those who keep the place. What is secret goes in and never comes out."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import RefusedError, record
from notifications import channels
from notifications.models import Channel
from notifications.policy import CALLING, ROBOTS, Kind


@transaction.atomic
def add_robot(
    *,
    kind: str,
    name: str,
    area_code: str,
    address: str,
    secret: str,
    keyword: str,
    mention: bool,
    is_active: bool,
    by: User,
    now: datetime,
) -> Channel:
    """Set up the robot of a group for a place. Raises ``RefusedError`` for an address that can be no robot's."""
    _check_address(kind, address)
    robot = Channel(kind=kind, name=name, area_code=area_code, address=address.strip(), secret=secret.strip())
    robot.options, robot.is_active = _options(kind, {}, keyword=keyword, mention=mention), is_active
    robot.save()
    detail = {"kind": kind, "name": name, "active": is_active}
    record("notifications.robot_added", by=by, at=now, about=robot, area_code=area_code, detail=detail)
    return robot


@transaction.atomic
def change_robot(
    robot: Channel,
    *,
    name: str,
    area_code: str,
    address: str,
    secret: str,
    keyword: str,
    mention: bool,
    is_active: bool,
    by: User,
    now: datetime,
    forget_secret: bool = False,
) -> list[str]:
    """Change a robot; an empty address or secret keeps what is stored. Returns the names of what was changed.

    ``forget_secret`` counts where no new one is given.

    Raises ``RefusedError`` for an address that can be no robot's.
    """
    locked = Channel.objects.select_for_update(no_key=True).without_secrets().get(pk=robot.pk)
    wanted: dict[str, Any] = {
        "name": name,
        "area_code": area_code,
        "options": _options(locked.kind, locked.options, keyword=keyword, mention=mention),
        "is_active": is_active,
    }
    changed = [field for field, value in wanted.items() if getattr(locked, field) != value]
    if address.strip():
        _check_address(locked.kind, address)
    given = {"address": address.strip(), "secret": secret.strip()}
    # What was typed counts as new: the stored one is not deciphered to compare it.
    changed += [field for field, text in given.items() if text or (field == "secret" and forget_secret)]
    for field in changed:
        setattr(locked, field, {**wanted, **given}[field])
    if "address" in changed or "is_active" in changed:
        locked.failing_since, locked.last_error = None, ""
        changed_rows = [*changed, "failing_since", "last_error"]
    else:
        changed_rows = changed
    if changed:
        locked.save(update_fields=changed_rows)
        detail = {"name": name, "changed": changed, "active": is_active}
        record("notifications.robot_changed", by=by, at=now, about=locked, area_code=area_code, detail=detail)
    return changed


def _check_address(kind: str, address: str) -> None:
    if kind not in ROBOTS or not channels.robot_key(address):
        raise RefusedError(_("Paste the web address that the group shows for its robot."))
    other = channels.robot_of(address)
    if other not in (None, kind):
        raise RefusedError(_("This is the address of another kind of robot: {kind}.").format(kind=Kind(other).label))


def _options(kind: str, options: dict[str, Any], *, keyword: str, mention: bool) -> dict[str, Any]:
    """Return a robot's options with these; what an administrator wrote besides stays."""
    kept = {name: value for name, value in options.items() if name not in ("keyword", "mention")}
    if keyword.strip():
        kept["keyword"] = keyword.strip()
    if mention and kind in CALLING:
        kept["mention"] = True
    return kept
