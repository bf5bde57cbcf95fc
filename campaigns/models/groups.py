"""Residents' chat groups and the pushes sent on to them."""

from collections.abc import Collection
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models.scope import outreach_scope
from campaigns.policy import GroupKind, week_of
from knowledge.models import FraudType
from residents.access import within
from residents.models import Area, Resident

MOST_POSTS = 200


class ChatGroupQuerySet(models.QuerySet["ChatGroup"]):
    """Chat groups, asked for by place and person."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "ChatGroupQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def within(self, area_code: str) -> "ChatGroupQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))

    def among(self, keys: Collection[int]) -> "ChatGroupQuerySet":
        """Return those with one of these keys."""
        return self.filter(pk__in=keys)

    def of_owner(self, user: User) -> "ChatGroupQuerySet":
        """Return those somebody answers for."""
        return self.filter(owner=user)

    def with_pushes(self, first: date, after: date) -> "ChatGroupQuerySet":
        """Read along how many posts each was sent from a day on and before another."""
        in_time = Q(pushes__push__on__gte=first, pushes__push__on__lt=after)
        return self.annotate(pushed=Coalesce(Sum("pushes__push__posts", filter=in_time), 0))  # type: ignore[no-redef]

    def lacking(self, day: date, *, at_least: int) -> "ChatGroupQuerySet":
        """Return those that were sent fewer posts than so many in the week of a day, with how many they were sent."""
        return self.with_pushes(*week_of(day)).filter(pushed__lt=at_least)  # type: ignore[misc]

    def given_up(self) -> "ChatGroupQuerySet":
        """Return those that were given up."""
        return self.filter(ended_on__isnull=False)

    def running(self) -> "ChatGroupQuerySet":
        """Return those that were not given up."""
        return self.filter(ended_on__isnull=True)


class ChatGroup(models.Model):
    """A chat group of residents, and who answers for it (S2: a named person per group)."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("grid or community"), related_name="chat_groups")
    name = models.CharField(_("name"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=GroupKind.choices, default=GroupKind.RESIDENTS)
    owner = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("who answers for it"), null=True, blank=True, related_name="chat_groups"
    )
    people = models.PositiveIntegerField(_("people in it"), default=0)
    ended_on = models.DateField(_("given up on"), null=True, blank=True)

    objects = ChatGroupQuerySet.as_manager()

    # What ``with_pushes`` reads along.
    pushed: int

    class Meta:
        verbose_name = _("chat group")
        verbose_name_plural = _("chat groups")
        ordering = ("area__code", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["area", "name"],
                name="one_chat_group_per_name_of_an_area",
                violation_error_message=_("There is a chat group of this name already."),
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class ChatMemberQuerySet(models.QuerySet["ChatMember"]):
    """Who is known to be in which group."""

    def current(self) -> "ChatMemberQuerySet":
        """Return those who have not left."""
        return self.filter(until_on__isnull=True)

    def of_group(self, group: ChatGroup) -> "ChatMemberQuerySet":
        """Return those of one group."""
        return self.filter(group=group)

    def visible_to(self, user: User, *, on: date) -> "ChatMemberQuerySet":
        """Return those whose name somebody may see where they log outreach."""
        seen = Resident.objects.visible_to(user, on=on, duty=Duty.LOG_OUTREACH)
        return self.filter(resident__in=seen)


class ChatMember(models.Model):
    """A resident who is known to be in a chat group."""

    group = models.ForeignKey(ChatGroup, models.CASCADE, related_name="members", db_index=False)
    resident = models.ForeignKey(Resident, models.CASCADE, related_name="chat_groups")
    since_on = models.DateField(_("since"))
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = ChatMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a chat group")
        verbose_name_plural = _("members of a chat group")
        constraints = (
            models.UniqueConstraint(
                fields=["group", "resident"], condition=Q(until_on__isnull=True), name="once_in_a_chat_group"
            ),
        )

    def __str__(self) -> str:
        """Return who, in what."""
        return f"{self.group} · {self.resident}"


class PushQuerySet(models.QuerySet["Push"]):
    """Pushes, asked for by place and day."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "PushQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def within(self, area_code: str) -> "PushQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))

    def with_groups(self) -> "PushQuerySet":
        """Read along how many groups each was sent to."""
        return self.annotate(groups=Count("sent_to"))  # type: ignore[no-redef]

    def between(self, first: date, after: date) -> "PushQuerySet":
        """Return those from a day on and before another."""
        return self.filter(on__gte=first, on__lt=after)


class Push(models.Model):
    """One line of the log: so many posts, sent on to these groups, on a day."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="pushes")
    text = models.TextField(_("text"), blank=True)
    fraud_types = models.ManyToManyField(
        FraudType, verbose_name=_("types of fraud taught"), related_name="+", blank=True
    )
    posts = models.PositiveSmallIntegerField(
        _("messages"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_POSTS)]
    )
    on = models.DateField(_("on"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)
    press = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = PushQuerySet.as_manager()

    # What ``with_groups`` reads along.
    groups: int

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        ordering = ("-on", "-pk")
        indexes = (models.Index(fields=["area", "on"], name="push_by_area"),)

    def __str__(self) -> str:
        """Return the beginning of the text."""
        return self.text[:20]


class PushedTo(models.Model):
    """A group that a push was sent on to."""

    push = models.ForeignKey(Push, models.CASCADE, related_name="sent_to", db_index=False)
    group = models.ForeignKey(ChatGroup, models.PROTECT, related_name="pushes")

    class Meta:
        verbose_name = _("group pushed to")
        verbose_name_plural = _("groups pushed to")
        constraints = (models.UniqueConstraint(fields=["push", "group"], name="a_push_once_to_a_group"),)

    def __str__(self) -> str:
        """Return the group."""
        return str(self.group)
