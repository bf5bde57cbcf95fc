"""Chat groups: who answers for them, and which residents are known to be in them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Duty
from accounts.services import record
from campaigns.models import ChatGroup, ChatMember
from campaigns.services.common import OutreachError, require_owner, save_checked, write_fields
from campaigns.services.pushes import withdraw_what_is_done
from residents.models import Resident

BATCH = 500


@transaction.atomic
def keep_group(group: ChatGroup, fields: dict[str, Any], *, by: User, now: datetime, on: date) -> ChatGroup:
    """Add a chat group, or change one. Raises ``OutreachError`` for a name that is taken or a stranger as owner."""
    is_new, before = group.pk is None, group.owner_id
    detail = write_fields(group, fields)
    require_owner(group.owner, group.area, duty=Duty.LOG_OUTREACH, on=on)
    save_checked(group)
    verb = "campaigns.group_added" if is_new else "campaigns.group_changed"
    record(verb, by=by, at=now, about=group, area_code=group.area.code, detail=detail)
    withdraw_what_is_done(group.area.community_code, day=on, now=now, also=before)
    return group


@transaction.atomic
def give_up_group(group: ChatGroup, *, by: User, now: datetime, on: date) -> ChatGroup:
    """Give a chat group up: it is asked for no pushes any more, and what was sent to it stays."""
    group.ended_on = on
    group.save(update_fields=["ended_on"])
    record("campaigns.group_given_up", by=by, at=now, about=group, area_code=group.area.code)
    withdraw_what_is_done(group.area.community_code, day=on, now=now, also=group.owner_id)
    return group


@transaction.atomic
def take_up_group(group: ChatGroup, *, by: User, now: datetime) -> ChatGroup:
    """Go on with a chat group that was given up."""
    group.ended_on = None
    group.save(update_fields=["ended_on"])
    record("campaigns.group_taken_up", by=by, at=now, about=group, area_code=group.area.code)
    return group


@transaction.atomic
def add_members(group: ChatGroup, residents: Collection[Resident], *, by: User, now: datetime, on: date) -> int:
    """Note that residents are in a group; return how many were not noted already."""
    ChatGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)  # who presses twice queues up here
    there = set(group.members.current().values_list("resident_id", flat=True))
    new = [ChatMember(group=group, resident=one, since_on=on) for one in residents if one.pk not in there]
    ChatMember.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    record(
        "campaigns.members_added", by=by, at=now, about=group, area_code=group.area.code, detail={"number": len(new)}
    )
    return len(new)


@transaction.atomic
def remove_member(member: ChatMember, *, by: User, now: datetime, on: date) -> None:
    """Note that a resident has left a group. Raises ``OutreachError`` where they had already."""
    if member.until_on is not None:
        raise OutreachError(_("They have left this group already."))
    member.until_on = on
    member.save(update_fields=["until_on"])
    group = member.group
    record("campaigns.member_removed", by=by, at=now, about=group, area_code=group.area.code)
