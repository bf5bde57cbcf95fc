"""Outreach events: when, where, for whom, with whom, and what came of them."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.clock import midnight
from accounts.models import User
from accounts.roles import Duty
from campaigns.models.plans import Campaign
from campaigns.models.scope import outreach_scope
from campaigns.policy import SIGN_IN_STAYS, Audience, EventState, Form, OrganisationKind, PhotoKind, is_authority
from knowledge.models import FraudType
from residents.access import scope_codes, within
from residents.models import COMMUNITY_DIGITS, Area, private_files

MOST_HEADS = 100_000


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations, asked for by place."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "OrganisationQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def around(self, area_code: str) -> "OrganisationQuerySet":
        """Return those of the community that an area lies in."""
        return self.filter(within("area__code", (area_code[:COMMUNITY_DIGITS],)))


class Organisation(models.Model):
    """An organisation that takes part in outreach."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="organisations")
    name = models.CharField(_("name"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=OrganisationKind.choices)
    contact = models.CharField(_("contact"), max_length=120, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner organisation")
        verbose_name_plural = _("partner organisations")
        ordering = ("area__code", "kind", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["area", "name"],
                name="one_organisation_per_name_of_an_area",
                violation_error_message=_("There is an organisation of this name already."),
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    @property
    def is_authority(self) -> bool:
        """Whether residents take its word."""
        return is_authority(self.kind)


class SeriesQuerySet(models.QuerySet["Series"]):
    """Repetitions."""

    def running(self, on: date) -> "SeriesQuerySet":
        """Return those that have dates to come."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on))


class Series(models.Model):
    """Events that repeat: by a rule (RFC 5545, ``RRULE``), from a first one on. Each date is an event of its own."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    # What its next dates are planned as: the fields of an event, rows by their keys (services.repeating).
    plan = models.JSONField(default=dict)
    rule = models.CharField(_("rule"), max_length=200)
    starts_at = models.DateTimeField(_("first time"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("repetition")
        verbose_name_plural = _("repetitions")

    def __str__(self) -> str:
        """Return the rule."""
        return self.rule


class EventQuerySet(models.QuerySet["Event"]):
    """Events, asked for by place, day and what became of them."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "EventQuerySet":
        """Return those of the areas where a person has a duty, and those one is on the staff of."""
        codes = outreach_scope(user, duty, on)
        if codes == ():
            return self.none()
        placed = within("area__code", codes)
        return self.filter(
            placed if codes is None else placed | Q(pk__in=EventStaff.objects.filter(user=user).values("event"))
        )

    def within(self, area_code: str) -> "EventQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))

    def held(self) -> "EventQuerySet":
        """Return those that took place and were logged."""
        return self.filter(state=EventState.HELD)

    def planned(self) -> "EventQuerySet":
        """Return those still to be held, or held and not logged yet."""
        return self.filter(state=EventState.PLANNED)

    def not_cancelled(self) -> "EventQuerySet":
        """Leave out those that were cancelled."""
        return self.exclude(state=EventState.CANCELLED)

    def between(self, first: date, after: date) -> "EventQuerySet":
        """Return those that begin from a day on and before another."""
        return self.filter(starts_at__gte=midnight(first), starts_at__lt=midnight(after))

    def begun(self, now: datetime) -> "EventQuerySet":
        """Return those whose time has come."""
        return self.filter(starts_at__lte=now)

    def to_come(self, now: datetime) -> "EventQuerySet":
        """Return those whose time has not come."""
        return self.filter(starts_at__gt=now)

    def of_form(self, form: str) -> "EventQuerySet":
        """Return those of a form."""
        return self.filter(form=form)

    def with_reflection(self) -> "EventQuerySet":
        """Return those after which somebody wrote down what to do better."""
        return self.exclude(reflection="")

    def earliest_first(self) -> "EventQuerySet":
        """Return them in the order of the calendar."""
        return self.order_by("starts_at", "pk")

    def with_partners(self) -> "EventQuerySet":
        """Read along where they are and which organisations take part."""
        return self.select_related("area").prefetch_related("partners__organisation")

    def signed_into(self, key: str) -> "Event | None":
        """Return the event whose visitors sign in under a key; an empty one opens nothing."""
        return self.filter(sign_in_key=key).select_related("area").first() if key else None

    def with_staff(self, users: Iterable[User]) -> "EventQuerySet":
        """Return those that one of some people is on the staff of."""
        return self.filter(pk__in=EventStaff.objects.filter(user__in=list(users)).values("event"))


class Event(models.Model):
    """One outreach event. What was planned and what came of it are fields of their own."""

    campaign = models.ForeignKey(
        Campaign, models.SET_NULL, verbose_name=_("campaign"), null=True, blank=True, related_name="events"
    )
    series = models.ForeignKey(
        Series, models.SET_NULL, verbose_name=_("repetition"), null=True, blank=True, related_name="events"
    )
    # The date the rule gave, whatever day it was moved to since.
    occurs_at = models.DateTimeField(null=True, blank=True, editable=False)
    # One date of a repetition that was changed by itself: what all later ones are changed to leaves it as it is.
    is_changed_alone = models.BooleanField(default=False, editable=False)
    uid = models.UUIDField(default=uuid4, unique=True, editable=False)  # its name in calendars, for ever
    title = models.CharField(_("title"), max_length=120)
    form = models.CharField(_("form"), max_length=12, choices=Form.choices)
    area = models.ForeignKey(
        Area, models.PROTECT, verbose_name=_("area"), related_name="events", help_text=_("Whose event it is.")
    )
    more_areas = models.ManyToManyField(Area, verbose_name=_("further areas"), related_name="+", blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    audience = models.CharField(_("audience"), max_length=12, choices=Audience.choices, default=Audience.EVERYBODY)
    fraud_types = models.ManyToManyField(
        FraudType, verbose_name=_("types of fraud taught"), related_name="+", blank=True
    )
    expected_heads = models.PositiveIntegerField(
        _("expected visitors"), null=True, blank=True, validators=[MaxValueValidator(MOST_HEADS)]
    )
    expected_volunteers = models.PositiveIntegerField(
        _("volunteers planned"), null=True, blank=True, validators=[MaxValueValidator(MOST_HEADS)]
    )
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=EventState.choices, default=EventState.PLANNED, editable=False
    )
    cancelled_why = models.CharField(_("why it was cancelled"), max_length=200, blank=True, editable=False)
    # What calendars that subscribed tell a change by (RFC 5545).
    sequence = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)
    # What came of it. Counters stand beside the list of names: many events have heads alone.
    heads = models.PositiveIntegerField(_("heads counted"), default=0)
    installs = models.PositiveIntegerField(_("apps installed"), default=0)
    pledges = models.PositiveIntegerField(_("pledges on paper"), default=0)
    reflection = models.TextField(
        _("reflection"), blank=True, help_text=_("Shown when the next of this form is planned.")
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    logged_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True, editable=False)
    logged_at = models.DateTimeField(_("logged at"), null=True, blank=True, editable=False)
    # The secret of the page on which visitors sign in; "" while it is shut.
    sign_in_key = models.CharField(max_length=32, blank=True, default="", editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("outreach event")
        verbose_name_plural = _("outreach events")
        ordering = ("-starts_at", "-pk")
        indexes = (
            models.Index(fields=["area", "starts_at"], name="event_by_area"),
            models.Index(fields=["starts_at"], name="event_by_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")),
                name="an_event_ends_after_it_starts",
                violation_error_message=_("An event cannot end before it starts."),
            ),
            models.UniqueConstraint(
                fields=["series", "occurs_at"], condition=Q(series__isnull=False), name="one_event_per_date_of_a_series"
            ),
            models.UniqueConstraint(
                fields=["sign_in_key"], condition=~Q(sign_in_key=""), name="one_event_per_sign_in_key"
            ),
        )

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still to be logged."""
        return self.state == EventState.PLANNED

    def may_be_signed_into(self, now: datetime) -> bool:
        """Say whether visitors may sign in: the page is open, and the event not long over."""
        return bool(self.sign_in_key) and now <= self.ends_at + SIGN_IN_STAYS and self.state != EventState.CANCELLED

    def has_begun(self, now: datetime) -> bool:
        """Say whether its time has come."""
        return self.starts_at <= now

    def clean(self) -> None:
        """Refuse an event that ends before it starts, at the field that says so."""
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise ValidationError({"ends_at": _("An event cannot end before it starts.")})


class EventPartner(models.Model):
    """An organisation at an event: planned, come, or both. S0's plan and outcome differ in just this."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="partners", db_index=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="events")
    is_planned = models.BooleanField(_("planned"), default=False)
    has_come = models.BooleanField(_("came"), default=False)

    class Meta:
        verbose_name = _("partner at an event")
        verbose_name_plural = _("partners at an event")
        ordering = ("organisation__name",)
        constraints = (models.UniqueConstraint(fields=["event", "organisation"], name="a_partner_once_at_an_event"),)

    def __str__(self) -> str:
        """Return the organisation."""
        return str(self.organisation)


class EventStaff(models.Model):
    """Somebody of the office who works at an event."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="staff", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="outreach")

    class Meta:
        verbose_name = _("staff at an event")
        verbose_name_plural = _("staff at an event")
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["event", "user"], name="once_on_the_staff_of_an_event"),)

    def __str__(self) -> str:
        """Return the person."""
        return str(self.user)


class Volunteer(models.Model):
    """A volunteer at an event, and their hours."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="volunteers")
    name = models.CharField(_("name"), max_length=64)
    hours = models.DecimalField(_("hours"), max_digits=4, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = _("volunteer")
        verbose_name_plural = _("volunteers")
        ordering = ("pk",)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class EventPhotoQuerySet(models.QuerySet["EventPhoto"]):
    """Photos of events, asked for by whose they are and what waits."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "EventPhotoQuerySet":
        """Return those of the events that a person may see; paper lists are seen by those alone who log."""
        seen = self.filter(event__in=Event.objects.visible_to(user, on=on, duty=duty))
        logs = scope_codes(user, Duty.LOG_OUTREACH, on) != ()
        return seen if logs else seen.filter(kind=PhotoKind.EVENT)

    def papers(self) -> "EventPhotoQuerySet":
        """Return the paper lists alone."""
        return self.filter(kind=PhotoKind.PAPER)

    def waiting(self) -> "EventPhotoQuerySet":
        """Return the paper lists whose names were not entered yet, the oldest first."""
        return self.papers().filter(entered_at__isnull=True).order_by("at", "pk")


class EventPhoto(models.Model):
    """A photo of an event, made smaller and freed of where it was taken."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="photos")
    kind = models.CharField(_("kind"), max_length=8, choices=PhotoKind.choices, default=PhotoKind.EVENT)
    file = models.FileField(_("photo"), upload_to="outreach/%Y/%m", storage=private_files)
    caption = models.CharField(_("caption"), max_length=120, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    # When the names on a paper list were entered; null while they wait.
    entered_at = models.DateTimeField(_("entered at"), null=True, blank=True)

    objects = EventPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("pk",)

    def __str__(self) -> str:
        """Return the caption."""
        return self.caption or str(self.get_kind_display())
