"""Who was reached, by what, when; doors, sign-ins and pledges; and the summary that coverage is counted from."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import EncryptedTextField
from accounts.roles import Duty
from campaigns.models.events import Event
from campaigns.policy import DEFAULT_RULES, Audience, Channel, DoorResult, Means, RuleName, TouchSource
from residents.access import scope_codes, within
from residents.models import COMMUNITY_DIGITS, Area, Household, NumberedRule, Resident, private_files


class Rule(NumberedRule):
    """A number of outreach that this office changed."""

    DEFAULTS = DEFAULT_RULES

    name = models.CharField(_("rule"), max_length=24, choices=RuleName.choices, unique=True)

    class Meta(NumberedRule.Meta):
        verbose_name = _("outreach rule with a number")
        verbose_name_plural = _("outreach rules with a number")


class TouchQuerySet(models.QuerySet["Touch"]):
    """Touches, asked for by whom, when and how."""

    def within(self, area_code: str) -> "TouchQuerySet":
        """Return those of an area's residents, by where they live now."""
        return self.filter(within("resident__grid__code", (area_code,)))

    def between(self, first: date, after: date) -> "TouchQuerySet":
        """Return those from a day on and before another."""
        return self.filter(on__gte=first, on__lt=after)


class Touch(models.Model):
    """One resident reached by one outreach at one time through one channel.

    A push to a chat group writes none: whom it reached follows from ``ChatMember``, and is weak evidence.
    """

    resident = models.ForeignKey(Resident, models.CASCADE, related_name="touches", db_index=False)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    at = models.DateTimeField(_("at"))
    on = models.DateField(_("on"))  # the day of ``at`` where the office stands: what periods are counted by
    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="touches")
    source = models.CharField(_("known from"), max_length=8, choices=TouchSource.choices)
    has_installed = models.BooleanField(_("app installed"), default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)

    objects = TouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["resident", "channel", "on"], name="touch_by_resident"),
            models.Index(fields=["channel", "on", "resident"], name="touch_by_day"),
        )
        constraints = (
            models.UniqueConstraint(fields=["event", "resident", "channel"], name="one_touch_per_event_and_channel"),
        )

    def __str__(self) -> str:
        """Return whom and how."""
        return f"{self.resident} · {self.get_channel_display()}"


class Reach(models.Model):
    """The last day somebody was reached through each channel: what coverage up to today is counted from.

    ``services.touches`` writes it in the transaction that writes the touch.
    """

    resident = models.OneToOneField(Resident, models.CASCADE, primary_key=True, related_name="reach")
    on_site_on = models.DateField(_("last on site"), null=True, blank=True)
    door_on = models.DateField(_("last at the door"), null=True, blank=True)
    phone_on = models.DateField(_("last by phone"), null=True, blank=True)
    push_on = models.DateField(_("last by chat group"), null=True, blank=True)

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reach")

    def __str__(self) -> str:
        """Return whose."""
        return str(self.resident)


class CommunityCover(models.Model):
    """How many of an audience were reached in a community in the past twelve months: what wide areas consist of.

    A task counts it (``tasks.count_coverage``); a community and a grid are counted on the spot.
    """

    # The community's code, not its key: a wide area's communities are one range of the index.
    area_code = models.CharField(max_length=COMMUNITY_DIGITS)
    audience = models.CharField(max_length=12, choices=Audience.choices)
    means = models.CharField(max_length=8, choices=Means.choices)
    should = models.PositiveIntegerField()
    reached = models.PositiveIntegerField()
    weak = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("coverage of a community")
        verbose_name_plural = _("coverage of communities")
        constraints = (
            models.UniqueConstraint(
                fields=["audience", "means", "area_code"], name="one_count_per_community_audience_and_means"
            ),
        )

    def __str__(self) -> str:
        """Return the counts."""
        return f"{self.reached}/{self.should}"


class DoorQuerySet(models.QuerySet["Door"]):
    """Doors, asked for by whose they are and what came of them."""

    def visible_to(self, user: User, *, on: date) -> "DoorQuerySet":
        """Return those where a person logs outreach: names stand on them, so a post at a grid sees its grid's alone."""
        return self.filter(
            within("household__grid__code", scope_codes(user, Duty.LOG_OUTREACH, on)),
            event__in=Event.objects.visible_to(user, on=on, duty=Duty.LOG_OUTREACH),
        )

    def on_the_way(self) -> "DoorQuerySet":
        """Return them in the order in which one walks, with their addresses."""
        return self.select_related("household__grid").order_by("household__grid__code", "household__order", "pk")


class Door(models.Model):
    """A door on the list of household visits, and what came of knocking; knocking again is written over it."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="doors", db_index=False)
    household = models.ForeignKey(Household, models.CASCADE, related_name="+")
    # For whom it is on the list; empty for everybody who lives there.
    wanted = models.ManyToManyField(Resident, related_name="+", blank=True)
    result = models.CharField(_("result"), max_length=8, choices=DoorResult.choices, blank=True)
    has_installed = models.BooleanField(_("app installed"), default=False)
    at = models.DateTimeField(_("at"), null=True, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    objects = DoorQuerySet.as_manager()

    class Meta:
        verbose_name = _("door")
        verbose_name_plural = _("doors")
        ordering = ("household__order", "pk")
        constraints = (models.UniqueConstraint(fields=["event", "household"], name="a_door_once_in_an_event"),)

    def __str__(self) -> str:
        """Return the address."""
        return self.household.address


class SignIn(models.Model):
    """Somebody who signed in at an event's own page: what they typed, and who it was where the roster says so."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="sign_ins")
    name = models.CharField(_("name"), max_length=64)
    phone = EncryptedTextField(_("phone or its last four digits"), blank=True, default="")
    resident = models.ForeignKey(Resident, models.SET_NULL, null=True, blank=True, related_name="sign_ins")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ("pk",)

    def __str__(self) -> str:
        """Return nothing that tells who: it ends up in logs."""
        return f"#{self.pk}"


class PledgeQuerySet(models.QuerySet["Pledge"]):
    """Pledges, asked for by who may read them."""

    def visible_to(self, user: User, *, on: date) -> "PledgeQuerySet":
        """Return those that a person took, and those of the residents whom they see for outreach."""
        if scope_codes(user, Duty.LOG_OUTREACH, on) == ():
            return self.none()
        residents = Resident.objects.visible_to(user, on=on, duty=Duty.LOG_OUTREACH)
        nobodys = Q(resident__isnull=True) & within("area__code", scope_codes(user, Duty.LOG_OUTREACH, on))
        return self.filter(Q(resident__in=residents) | Q(by=user) | nobodys)


class Pledge(models.Model):
    """A pledge, signed on the phone's screen or photographed on paper."""

    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="signed_pledges")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    resident = models.ForeignKey(Resident, models.SET_NULL, null=True, blank=True, related_name="pledges")
    name = models.CharField(_("name"), max_length=64)
    signature = models.FileField(_("signature"), upload_to="pledges/%Y/%m", storage=private_files)
    text = models.TextField(_("what was signed"))
    at = models.DateTimeField(_("signed at"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        """Return the number: the name is nobody's business in a log."""
        return f"#{self.pk}"

    @property
    def title(self) -> str:
        """The first line of what was signed."""
        return self.text.partition("\n")[0]

    @property
    def words(self) -> str:
        """What was signed, below its title."""
        return self.text.partition("\n")[2]
