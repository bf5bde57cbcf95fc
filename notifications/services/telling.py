"""Tell people something, take it back, and know whether they can be told at all."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db import transaction

from accounts.clock import local
from accounts.models import User
from accounts.rows import insert_new_rows
from notifications.models import Channel, Delivery, Kind, Notice, Preference, State
from notifications.policy import PRIORITY, ROBOTS, Topic, Urgency, Wish, kinds_wanted, tell_at, topic_of


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing to tell one person.

    ``key`` is unique for ever: the same letter told twice is told once. ``title`` and ``body`` are
    for the person alone; ``public_text`` is what a group's robot says and names nobody. ``url`` is
    a path of this site. ``area_code`` chooses the channels of that area.
    """

    key: str
    recipient_id: int
    kind: str
    urgency: str
    subject: str
    purpose: str
    title: str
    body: str
    public_text: str
    url: str
    area_code: str


class Routes:
    """Which channels there are and what people wish, asked once for a whole batch."""

    def __init__(self, channels: Iterable[Channel], wishes: Mapping[tuple[int, str], Wish]) -> None:
        """Sort the channels so that the first that covers an area is the one nearest to it."""
        self._wishes = wishes
        nearest_first = sorted(channels, key=lambda channel: (-len(channel.area_code), channel.pk))
        self._by_kind = {kind: [channel for channel in nearest_first if channel.kind == kind] for kind in Kind.values}

    @classmethod
    def now_open(cls, user_ids: Collection[int]) -> "Routes":
        """Return the routes of these people over all active channels."""
        return cls(Channel.objects.active().without_secrets(), Preference.objects.wishes_of(user_ids))

    def of(
        self, user: User, area_code: str, *, topic: Topic | None, urgency: str, is_public: bool = True
    ) -> list[Channel]:
        """Return the channels that reach this person about this area, in the order they are tried.

        What has no words for the public goes over no group's robot.
        """
        wanted = kinds_wanted(self.wish(user, topic), usual=user.channel_order, topic=topic, urgency=urgency)
        kinds = [kind for kind in wanted if can_receive(user, kind)]
        found = (self._nearest(kind, area_code) for kind in kinds if is_public or kind not in ROBOTS)
        return [channel for channel in found if channel is not None]

    def wish(self, user: User, topic: Topic | None) -> Wish | None:
        """Return what a person wishes, where they wish anything."""
        return self._wishes.get((user.pk, topic)) if topic is not None else None

    def _nearest(self, kind: str, area_code: str) -> Channel | None:
        return next((channel for channel in self._by_kind[kind] if channel.covers(area_code)), None)


def can_receive(user: User, kind: str) -> bool:
    """Tell whether a person has what this kind of channel needs; a group's robot needs nothing of them."""
    if not user.is_active:
        return False
    match kind:
        case Kind.SMS:
            return user.phone_hash is not None
        case Kind.EMAIL:
            return bool(user.email)
        case _:
            return True


def tell(letters: Sequence[Letter], *, now: datetime) -> int:
    """Write each letter into its recipient's inbox and, where a channel reaches them, into the outbox.

    Belongs into the transaction that decided to tell; nothing is sent here. A letter whose key was
    told before is passed over, also when somebody else tells it at this moment. Returns how many
    were new. Five queries for a batch of any size. Raises ``ValueError`` for an urgency that does
    not exist.
    """
    # In the order of their keys: two writers of the same letters must not wait for each other crosswise.
    by_key = dict(sorted(((letter.key, letter) for letter in letters), key=itemgetter(0)))
    notices = [_notice(letter, now) for letter in by_key.values()]
    with transaction.atomic(savepoint=False):
        new: dict[str, int] = dict(insert_new_rows(Notice, notices, returning=("key", "id")))
        insert_new_rows(Delivery, _deliveries([by_key[key] for key in new], new, now))
    return len(new)


def _notice(letter: Letter, now: datetime) -> dict[str, Any]:
    if letter.urgency not in PRIORITY:
        raise ValueError(f"{letter.urgency!r} is no urgency; there are {', '.join(PRIORITY)}.")
    return {
        "key": letter.key,
        "recipient_id": letter.recipient_id,
        "kind": letter.kind,
        "urgency": letter.urgency,
        "subject": letter.subject,
        "purpose": letter.purpose,
        "area_code": letter.area_code,
        "title": letter.title[:200],
        "body": letter.body,
        "public_text": letter.public_text,
        "url": letter.url,
        "created_at": now,
    }


def _deliveries(letters: Sequence[Letter], notice_ids: Mapping[str, int], now: datetime) -> list[dict[str, Any]]:
    if not letters:
        return []
    people = _people({letter.recipient_id for letter in letters})
    routes = Routes.now_open(people)
    here_and_now = local(now)
    first: dict[tuple[int, str, bool, Topic | None, str], tuple[Channel | None, datetime]] = {}
    rows = []
    for letter in letters:
        person, topic, is_public = people[letter.recipient_id], topic_of(letter.kind), bool(letter.public_text)
        whom = (person.pk, letter.area_code, is_public, topic, letter.urgency)
        if whom not in first:
            ways = routes.of(person, letter.area_code, topic=topic, urgency=letter.urgency, is_public=is_public)
            opens_at = tell_at(routes.wish(person, topic), urgency=letter.urgency, local_now=here_and_now)
            first[whom] = next(iter(ways), None), opens_at
        channel, next_at = first[whom]
        if channel is not None:
            row = delivery_over(
                channel,
                key=letter.key,
                notice_id=notice_ids[letter.key],
                priority=PRIORITY[letter.urgency],
                now=now,
                next_at=next_at,
            )
            rows.append(row)
    return rows


def _people(ids: Collection[int]) -> dict[int, User]:
    """Return these people without their phone numbers: deciphering a thousand costs, the index tells enough."""
    return User.objects.only("is_active", "email", "phone_hash", "channel_order").in_bulk(ids)


def delivery_over(
    channel: Channel, *, key: str, notice_id: int, priority: int, now: datetime, next_at: datetime | None = None
) -> dict[str, Any]:
    """Return a new row for the outbox: this notice over this channel, due at once or at the moment given."""
    return {
        "key": f"{key}:{channel.kind}",
        "notice_id": notice_id,
        "channel_id": channel.pk,
        "state": State.WAITING,
        "priority": priority,
        "attempts": 0,
        "created_at": now,
        "next_at": next_at or now,
        "leased_by": "",
        "error": "",
        "is_resent": False,
    }


def withdraw(subjects: Collection[str], *, purposes: Collection[str] | None = None, now: datetime) -> int:
    """Take back what these subjects no longer need told; ``purposes`` limits it to those.

    What waits in the outbox is not sent; what nobody has read leaves the inbox. What a worker
    holds in its hands goes out, but is not tried again. Returns how many notices were taken back.
    """
    about = Notice.objects.about(subjects, purposes=purposes).filter(withdrawn_at__isnull=True)
    with transaction.atomic(savepoint=False):
        Delivery.objects.waiting().filter(notice__in=about).update(state=State.CANCELLED)
        return about.update(withdrawn_at=now)


def reachable(users: Iterable[User], *, area_code: str = "", now: datetime | None = None) -> dict[int, list[str]]:
    """Return, for each person's id, the kinds of channels that reach them about an alert there, as they are tried.

    An empty list is a person who can only be told on the screen. With ``now``, channels that have
    been failing for a minute are left out.
    """
    return reachable_in({area_code: users}, now=now)[area_code]


def reachable_in(
    users: Mapping[str, Iterable[User]], *, now: datetime | None = None
) -> dict[str, dict[int, list[str]]]:
    """Return the same for the people of many areas, by the area's code, in two queries for all of them."""
    people = {code: list(here) for code, here in users.items()}
    working = [
        channel for channel in Channel.objects.active().without_secrets() if now is None or not channel.is_given_up(now)
    ]
    routes = Routes(working, Preference.objects.wishes_of({user.pk for here in people.values() for user in here}))
    return {
        code: {
            user.pk: [channel.kind for channel in routes.of(user, code, topic=Topic.ALERTS, urgency=Urgency.HIGH)]
            for user in here
        }
        for code, here in people.items()
    }
