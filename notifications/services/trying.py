"""Try a channel: one message, now, and what the outside world said of it, in words and in the audit trail."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEntry, AuditEntryQuerySet, User
from accounts.personal_data import UnreadableError
from accounts.services import RefusedError, record
from notifications import channels
from notifications.models import Channel, Kind, Notice
from notifications.policy import ROBOT_PAUSE, TEST_PAUSE
from notifications.services.delivering import note_health
from notifications.services.telling import can_receive

TESTED = "notifications.channel_tested"


def try_channel(channel: Channel, *, by: User, now: datetime) -> str:
    """Send a test message to whoever asks, or to the robot's group. Returns "" when it was taken, else why not.

    Waits for the answer, ten seconds or so at worst. A channel that takes it counts as working again. Raises
    ``RefusedError`` where it cannot reach them, where they tried it a moment ago, or while the robot must keep silent.
    """
    if not can_receive(by, channel.kind):
        raise RefusedError(
            _("You have no e-mail address.") if channel.kind == Kind.EMAIL else _("There is no phone number.")
        )
    _refuse_haste(channel, by=by, now=now)
    answer = _asked(channel, by=by, now=now)
    note_health(channel.pk, [answer], now=now)
    with transaction.atomic():
        detail = {"kind": channel.kind, "name": channel.name, "answer": answer[:300], "taken": not answer}
        record(TESTED, by=by, at=now, about=channel, area_code=channel.area_code, detail=detail)
    return answer


def said_of_test(channel: Channel, answer: str) -> str:
    """Say in words what came of a test message."""
    if answer:
        return _("%(channel)s failed: %(why)s") % {"channel": channel, "why": answer}
    return _("%(channel)s took the test message. Look whether it arrived.") % {"channel": channel}


def _asked(channel: Channel, *, by: User, now: datetime) -> str:
    if channel.is_robot:
        Channel.objects.filter(pk=channel.pk).update(quiet_until=now + ROBOT_PAUSE)
    try:
        outlet = channels.Outlet(channel.kind, channel.address, channel.secret, channel.options)
        to = by.email if channel.kind == Kind.EMAIL else by.phone
    except UnreadableError as error:
        return str(error)
    message = channels.Message(to=to, title=_("Test message"), text=_("This way of being told works."))
    (answer,) = channels.send(outlet, [message], now=now)
    return answer


def _refuse_haste(channel: Channel, *, by: User, now: datetime) -> None:
    waits = [channel.quiet_until - now] if channel.quiet_until is not None and channel.quiet_until > now else []
    tests = tests_of(channel).filter(actor=by, at__gt=now - TEST_PAUSE)
    waits += [at + TEST_PAUSE - now for at in tests.values_list("at", flat=True)[:1]]
    if waits:
        seconds = -(-max(waits) // timedelta(seconds=1))
        raise RefusedError(
            ngettext("Try again in %(seconds)d second.", "Try again in %(seconds)d seconds.", seconds)
            % {"seconds": seconds}
        )


def tests_of(channel: Channel) -> AuditEntryQuerySet:
    """Return when a channel was tried and what it said, the latest first."""
    found = AuditEntry.objects.filter(object_type=channel._meta.label_lower, object_id=str(channel.pk), verb=TESTED)
    return found.order_by("-at", "-pk")


def own_channels(user: User) -> dict[str, Channel]:
    """Return the channels over which a person is told, by kind: those for the place they were last told about.

    Whether they have what a channel needs of them is not asked: ``can_receive`` says so. Two queries.
    """
    last = Notice.objects.filter(recipient=user).newest_first().values_list("area_code", flat=True).first() or ""
    active = Channel.objects.active().without_secrets()
    farthest_first = sorted(active, key=lambda one: (one.covers(last), len(one.area_code), -one.pk))
    return {channel.kind: channel for channel in farthest_first}
