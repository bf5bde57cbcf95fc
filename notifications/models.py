"""The inbox (notices), the outbox (deliveries) and the ways out of the program (channels)."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.personal_data import EncryptedTextField
from notifications.policy import CALLING, CHANNEL_GIVEN_UP_AFTER, PRIORITY, ROBOTS, Kind, Topic, Urgency, Wish, covers

if TYPE_CHECKING:
    from accounts.models import User

__all__ = ["Channel", "Delivery", "Kind", "Notice", "Preference", "State", "Topic", "Urgency"]


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions about the inbox."""

    def visible_to(self, user: "User") -> "NoticeQuerySet":
        """Return the person's own notices; one that was withdrawn unread was never there."""
        return self.filter(models.Q(withdrawn_at__isnull=True) | models.Q(read_at__isnull=False), recipient=user)

    def unread(self) -> "NoticeQuerySet":
        """Return those nobody has read and nobody has withdrawn."""
        return self.filter(UNREAD)

    def about(self, subjects: Collection[str], *, purposes: Collection[str] | None = None) -> "NoticeQuerySet":
        """Return the notices about these subjects, for these purposes alone if any are named."""
        notices = self.filter(subject__in=subjects)
        return notices if purposes is None else notices.filter(purpose__in=purposes)

    def newest_first(self) -> "NoticeQuerySet":
        """Order them as an inbox shows them."""
        return self.order_by("-created_at", "-pk")


UNREAD = models.Q(read_at__isnull=True, withdrawn_at__isnull=True)


class Notice(models.Model):
    """One thing one person is told, as their inbox shows it."""

    key = models.CharField(_("key"), max_length=200)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("recipient"), related_name="notices", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=32)
    urgency = models.CharField(_("urgency"), max_length=6, choices=Urgency.choices)
    subject = models.CharField(_("subject"), max_length=64)
    purpose = models.CharField(_("purpose"), max_length=32, blank=True)
    area_code = models.CharField(_("area code"), max_length=32, blank=True)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("body"), blank=True)
    public_text = models.TextField(_("text for groups"), blank=True)
    url = models.CharField(_("link"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = (models.UniqueConstraint(fields=["key"], name="one_notice_per_key"),)
        indexes = (
            models.Index(fields=["recipient", "-created_at"], name="inbox_newest_first"),
            models.Index(fields=["recipient"], condition=UNREAD, name="inbox_unread"),
            models.Index(fields=["subject"], name="notices_by_subject"),
        )

    def __str__(self) -> str:
        """Return what the inbox shows."""
        return self.title


class PreferenceQuerySet(models.QuerySet["Preference"]):
    """Questions about what people wish."""

    def wishes_of(self, user_ids: Collection[int]) -> dict[tuple[int, str], Wish]:
        """Return what these people wish, by person and topic, in one query for any number of them."""
        rows = self.filter(user__in=user_ids).values_list("user_id", "topic", *WISHED)
        # What is no list was never a choice; nobody's messages may wait for whoever wrote it.
        return {
            (user_id, topic): Wish(kinds if isinstance(kinds, list) else [], *wished)
            for user_id, topic, kinds, *wished in rows
        }


WISHED = ("kinds", "is_inbox_alone", "begins_at", "ends_at")


class Preference(models.Model):
    """How one person wants to be told of one topic; without a row they are told as usual."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="+", db_index=False
    )
    topic = models.CharField(_("topic"), max_length=10, choices=Topic.choices)
    kinds = models.JSONField(
        _("channels"), default=list, blank=True, help_text=_("In the order wanted; none for the usual order.")
    )
    is_inbox_alone = models.BooleanField(_("in the inbox alone"), default=False)
    begins_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = (
            models.UniqueConstraint(fields=["user", "topic"], name="one_preference_per_person_and_topic"),
            models.CheckConstraint(
                condition=models.Q(begins_at__isnull=True, ends_at__isnull=True)
                | models.Q(begins_at__isnull=False, ends_at__isnull=False),
                name="hours_have_a_begin_and_an_end",
            ),
        )

    def __str__(self) -> str:
        """Return what it is about."""
        return str(self.get_topic_display())

    def clean(self) -> None:
        """Refuse what are no kinds of channels."""
        if not isinstance(self.kinds, list) or not all(kind in Kind.values for kind in self.kinds):
            known = ", ".join(Kind.values)
            raise ValidationError({"kinds": _("Kinds of channels, written as a list: %(known)s.") % {"known": known}})

    @property
    def wish(self) -> Wish:
        """What the rules go by."""
        return Wish(self.kinds, self.is_inbox_alone, self.begins_at, self.ends_at)


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Questions about the ways out."""

    def robots(self) -> "ChannelQuerySet":
        """Return those that speak to groups."""
        return self.filter(kind__in=ROBOTS)

    def active(self) -> "ChannelQuerySet":
        """Return those that may be used."""
        return self.filter(is_active=True)

    def with_due_deliveries(self, now: datetime) -> "ChannelQuerySet":
        """Return the channels at which somebody waits, also those switched off since."""
        return self.filter(pk__in=Delivery.objects.due(now).order_by().values("channel_id")).order_by("pk")

    def without_secrets(self) -> "ChannelQuerySet":
        """Leave the address and the secret enciphered in the database until somebody asks for them.

        One whose key was lost then stops nobody but itself.
        """
        return self.defer("address", "secret")


class Channel(models.Model):
    """A way out of the program, for an area and all below it or, without one, for everybody."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=64)
    area_code = models.CharField(
        _("area code"),
        max_length=32,
        blank=True,
        help_text=_("Empty: everywhere. Of several the one for the smallest area is used."),
    )
    address = EncryptedTextField(
        _("address"),
        blank=True,
        default="",
        help_text=_(
            "A robot: its web address or the key in it. A text message gateway: its address. "
            "E-mail: the sender, empty for the usual one."
        ),
    )
    secret = EncryptedTextField(
        _("secret"),
        blank=True,
        default="",
        help_text=_("A robot: the secret it signs with, if any. A gateway: what {secret} stands for."),
    )
    options = models.JSONField(
        _("options"),
        default=dict,
        blank=True,
        help_text=_(
            "A gateway: method, headers, format (json or form), body with {phone} and {text}, ok_field and ok_value, "
            "or ok_text. A robot: keyword, and mention (true or false)."
        ),
    )
    is_active = models.BooleanField(_("active"), default=True)
    quiet_until = models.DateTimeField(_("quiet until"), null=True, blank=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    last_sent_at = models.DateTimeField(_("last sent at"), null=True, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("kind", "area_code", "name")

    def __str__(self) -> str:
        """Return its kind and name."""
        return f"{self.get_kind_display()} {self.name}"

    @property
    def is_robot(self) -> bool:
        """Whether it speaks to a group, where nothing about a person may be said."""
        return self.kind in ROBOTS

    @property
    def calls_people(self) -> bool:
        """Whether it calls whom a message is for by their mobile number, so that their phone rings."""
        return self.kind in CALLING and bool(self.options.get("mention"))

    def covers(self, area_code: str) -> bool:
        """Whether it serves this area."""
        return covers(self.area_code, area_code)

    def is_given_up(self, now: datetime) -> bool:
        """Whether it has failed, and nothing but failed, for so long that those who wait go elsewhere."""
        return self.failing_since is not None and self.failing_since <= now - CHANNEL_GIVEN_UP_AFTER


class State(models.TextChoices):
    """What became of a delivery."""

    WAITING = "waiting", _("Waiting")
    LEASED = "leased", _("Being sent")
    SENT = "sent", _("Handed over")
    PASSED_ON = "passed_on", _("Failed, another channel took over")
    FAILED = "failed", _("Failed for good")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Unknown: the sender died in mid-sending")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions about the outbox."""

    def waiting(self) -> "DeliveryQuerySet":
        """Return what is still to be sent."""
        return self.filter(WAITING)

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """Return what is to be sent now, the most urgent first."""
        return self.filter(WAITING, next_at__lte=now).order_by("priority", "next_at", "pk")

    def with_dead_lease(self, now: datetime) -> "DeliveryQuerySet":
        """Return what somebody took to send and did not come back from."""
        return self.filter(LEASED, leased_until__lte=now)

    def to_report(self) -> "DeliveryQuerySet":
        """Return what somebody must be told of: failed for good, unknown, or perhaps told twice."""
        return self.filter(TO_REPORT)


WAITING = models.Q(state=State.WAITING)
LEASED = models.Q(state=State.LEASED)
TO_REPORT = models.Q(reported_at__isnull=True) & (
    models.Q(state__in=[State.FAILED, State.UNKNOWN]) | models.Q(is_resent=True)
)


class Delivery(models.Model):
    """One notice on its way over one channel."""

    key = models.CharField(_("key"), max_length=220)
    notice = models.ForeignKey(Notice, models.CASCADE, verbose_name=_("notice"), related_name="deliveries")
    channel = models.ForeignKey(
        Channel, models.PROTECT, verbose_name=_("channel"), related_name="deliveries", db_index=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    priority = models.PositiveSmallIntegerField(_("priority"), default=PRIORITY[Urgency.LOW])
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created at"))
    next_at = models.DateTimeField(_("next try at"))
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    leased_by = models.CharField(_("leased by"), max_length=120, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    is_resent = models.BooleanField(_("sent again after its sender died"), default=False)
    reported_at = models.DateTimeField(_("reported at"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (models.UniqueConstraint(fields=["key"], name="one_delivery_per_notice_and_channel"),)
        indexes = (
            models.Index(fields=["next_at"], condition=WAITING, name="outbox_waiting"),
            models.Index(fields=["leased_until"], condition=LEASED, name="outbox_leased"),
            models.Index(fields=["id"], condition=TO_REPORT, name="outbox_to_report"),
        )

    def __str__(self) -> str:
        """Return its key and what became of it."""
        return f"{self.key}: {self.get_state_display()}"
