"""The page on which a person says how they want to be told: over what they are reached, and what they wish by topic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.formats import hour_minute
from accounts.models import User
from notifications.models import Channel, Preference
from notifications.policy import ROBOTS, Kind, Topic, Wish, kinds_in_order
from notifications.services import own_channels

GOOD, AMBER, SOFT = "good", "amber", "soft"


@dataclass(frozen=True, slots=True)
class OwnWay:
    """One way on which a person is told, or why it leads nowhere; ``is_own`` is theirs alone, so they may try it."""

    kind: str
    label: str
    to: str
    said: str
    tone: str
    is_own: bool


def own_ways(user: User) -> list[OwnWay]:
    """Return the ways on which a person is told, in their usual order; a robot that does not exist is no way."""
    known = own_channels(user)
    kinds = [kind for kind in kinds_in_order(user.channel_order) if kind in known or kind not in ROBOTS]
    return [_way(user, kind, known.get(kind)) for kind in kinds]


def _way(user: User, kind: str, channel: Channel | None) -> OwnWay:
    to = {Kind.SMS.value: user.masked_phone, Kind.EMAIL.value: user.email}.get(kind)
    said, tone = _health(channel)
    if to == "":
        missing = _("You have no e-mail address here.") if kind == Kind.EMAIL else _("You have no phone number here.")
        said, tone = missing, SOFT
    return OwnWay(
        kind=kind,
        label=str(Kind(kind).label),
        to=(channel.name if channel is not None else "") if to is None else to,
        said=said,
        tone=tone,
        is_own=bool(to) and channel is not None,
    )


def _health(channel: Channel | None) -> tuple[str, str]:
    if channel is None:
        return _("Not set up: the administrator does that."), SOFT
    if channel.failing_since is not None:
        since = hour_minute(channel.failing_since)
        return _("Failing since {time}: {why}").format(time=since, why=channel.last_error), AMBER
    if channel.last_sent_at is not None:
        return _("Works."), GOOD
    return _("Set up, not used yet."), SOFT


@dataclass(frozen=True, slots=True)
class Told:
    """A topic, and in short how the person is told of it."""

    topic: Topic
    label: str | Promise
    said: str


def topics_of(user: User) -> list[Told]:
    """Return every topic with what this person wishes about it."""
    wishes: Mapping[tuple[int, str], Wish] = Preference.objects.wishes_of([user.pk])
    return [Told(topic, topic.label, in_short(wishes.get((user.pk, topic)))) for topic in Topic]


USUAL = gettext_lazy("as usual")


def in_short(wish: Wish | None) -> str:
    """Return a wish in a few words: over what, and at what hours."""
    if wish is None:
        return str(USUAL)
    order = _named(wish.kinds) or str(USUAL)
    words = _("in the inbox alone") if wish.is_inbox_alone else order
    return _("; ").join(filter(None, [words, hours_of(wish)]))


def hours_of(wish: Wish) -> str:
    """Return a wish's hours, "" for any."""
    if wish.begins_at is None or wish.ends_at is None:
        return ""
    begins, ends = (at.isoformat("minutes") for at in (wish.begins_at, wish.ends_at))
    return f"{begins}–{ends}"


def _named(kinds: Iterable[str]) -> str:
    return " → ".join(str(Kind(kind).label) for kind in kinds if kind in Kind.values)
