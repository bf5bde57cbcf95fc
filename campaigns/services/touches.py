"""Writing touches, and the summary of them, in one transaction: neither stands without the other."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q

from accounts.clock import local
from accounts.models import User
from campaigns.models import Event, Reach, Touch
from campaigns.policy import Channel, TouchSource
from residents.models import Resident

BATCH = 500

LAST_ON = {
    Channel.ON_SITE: "on_site_on",
    Channel.DOOR: "door_on",
    Channel.PHONE: "phone_on",
    Channel.PUSH: "push_on",
}
"""The field of ``Reach`` that holds a channel's last day."""


@transaction.atomic
def write_touches(
    residents: Collection[Resident],
    *,
    event: Event,
    channel: Channel,
    source: TouchSource,
    at: datetime,
    by: User | None,
    installed: Collection[int] = (),
) -> int:
    """Write that these residents were reached by an event; return how many were not written already.

    ``installed`` holds the keys of those who installed the app there. Touching somebody twice at one event through one
    channel is once. ``at`` is when it happened, whenever it is entered. No audit entry: the verb that calls has one.
    """
    there = set(
        Touch.objects.filter(event=event, channel=channel, resident__in=residents).values_list("resident_id", flat=True)
    )
    new = [resident for resident in residents if resident.pk not in there]
    on = local(at).date()
    Touch.objects.bulk_create(
        [
            Touch(
                resident=resident,
                event=event,
                channel=channel,
                source=source,
                at=at,
                on=on,
                by=by,
                has_installed=resident.pk in installed,
            )
            for resident in new
        ],
        batch_size=BATCH,
        ignore_conflicts=True,  # the same list sent by two phones at once
    )
    _remember(new, channel=channel, on=on)
    return len(new)


@transaction.atomic
def take_back_touches(event: Event, residents: Collection[Resident], *, channel: Channel) -> int:
    """Take back touches that were written by mistake; return how many there were."""
    count, _ = Touch.objects.filter(event=event, channel=channel, resident__in=residents).delete()
    recount_reach([resident.pk for resident in residents], channel)
    return count


def remember_pushed(residents: Collection[Resident], *, on: date) -> None:
    """Note a push's day for the members of the groups it was sent on to. Call it within the push's transaction."""
    _remember(residents, channel=Channel.PUSH, on=on)


def _remember(residents: Collection[Resident], *, channel: Channel, on: date) -> None:
    """Move the last day of each on, never back."""
    field = LAST_ON[channel]
    keys = [resident.pk for resident in residents]
    _have_reach(residents)
    for start in range(0, len(keys), BATCH):
        later = Reach.objects.filter(pk__in=keys[start : start + BATCH])
        later.filter(Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lt": on})).update(**{field: on})


def _have_reach(residents: Collection[Resident]) -> None:
    """See to it that each has a line in the summary."""
    Reach.objects.bulk_create(
        [Reach(resident_id=one.pk) for one in residents],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def recount_reach(keys: Collection[int], channel: Channel) -> None:
    """Count the last day of some residents through a channel anew from the touches themselves."""
    last = dict(
        Touch.objects.filter(resident__in=keys, channel=channel).values_list("resident_id").annotate(last=Max("on"))
    )
    field = LAST_ON[channel]
    for reach in Reach.objects.filter(pk__in=keys):
        setattr(reach, field, last.get(reach.pk))
        reach.save(update_fields=[field])


@transaction.atomic
def carry_merged() -> int:
    """Give what was written of a resident's twin to the one that was kept; return how many twins had something.

    The roster merges without knowing outreach; this follows. Where both were touched by one event, or are in one chat
    group, once is enough.
    """
    has_something = Q(touches__isnull=False) | Q(chat_groups__isnull=False) | Q(pledges__isnull=False)
    merged = Resident.objects.filter(has_something | Q(sign_ins__isnull=False), merged_into__isnull=False)
    twins = list(merged.select_related("merged_into").distinct())
    for twin in twins:
        kept = twin.merged_into
        assert kept is not None
        _carry_touches(twin, kept)
        _carry_chat_groups(twin, kept)
        twin.pledges.update(resident=kept)
        twin.sign_ins.update(resident=kept)
    return len(twins)


def _carry_touches(twin: Resident, kept: Resident) -> None:
    there = Touch.objects.filter(resident=kept, event__isnull=False)
    channels = set(Touch.objects.filter(resident=twin).values_list("channel", flat=True))
    for channel in channels:
        events = there.filter(channel=channel).values("event")
        Touch.objects.filter(resident=twin, channel=channel, event__in=events).delete()
    Touch.objects.filter(resident=twin).update(resident=kept)
    _have_reach([kept])
    for channel in channels:
        recount_reach([kept.pk, twin.pk], Channel(channel))


def _carry_chat_groups(twin: Resident, kept: Resident) -> None:
    """Nobody is in a group twice: the earlier of the two days on which they came holds."""
    held = {member.group_id: member for member in kept.chat_groups.current()}
    for member in twin.chat_groups.current().filter(group__in=held):
        known = held[member.group_id]
        known.since_on = min(known.since_on, member.since_on)
        known.save(update_fields=["since_on"])
        member.delete()
    twin.chat_groups.update(resident=kept)
    reach = Reach.objects.filter(pk=twin.pk, push_on__isnull=False).first()
    if reach is not None and reach.push_on is not None:  # no touch says it: it is carried as it is
        _remember([kept], channel=Channel.PUSH, on=reach.push_on)
        Reach.objects.filter(pk=twin.pk).update(push_on=None)
