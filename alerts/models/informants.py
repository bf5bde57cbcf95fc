"""What building informants are given, a link of their own, and what they report with it."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty, Role
from alerts.models.alert import Alert
from alerts.policy import Hurry, Outcome, State
from residents.access import scope_codes, within
from residents.models import Area, Level, Post, private_files


class InformantLinkQuerySet(models.QuerySet["InformantLink"]):
    """Links, asked for by whether they still open anything."""

    def valid(self) -> "InformantLinkQuerySet":
        """Return those that nobody has revoked."""
        return self.filter(revoked_at__isnull=True)

    def held_by(self, informant: int, area: int) -> "InformantLinkQuerySet":
        """Return those of one informant at one area."""
        return self.filter(informant=informant, area=area)

    def opening(self, on: date) -> "InformantLinkQuerySet":
        """Return those that open a form on a day: not revoked, and their informant still is one there."""
        posts = Post.objects.current(on).of_role(Role.BUILDING_INFORMANT)
        held = posts.filter(user=OuterRef("informant"), area=OuterRef("area"))
        return self.valid().filter(models.Exists(held), informant__is_active=True)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.APPOINT) -> "InformantLinkQuerySet":
        """Return the links of informants at the areas where somebody has a duty on a day."""
        return self.filter(within("area__code", scope_codes(user, duty, on)))


class InformantLink(models.Model):
    """The key to one informant's form. Only its hash is kept: the link itself is shown once, when it is made."""

    informant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="informant_links", verbose_name=_("informant")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"), null=True
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = InformantLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("informant's link")
        verbose_name_plural = _("informants' links")
        constraints = (
            models.UniqueConstraint(
                fields=["informant", "area"], condition=Q(revoked_at__isnull=True), name="one_living_link_each"
            ),
        )

    def __str__(self) -> str:
        """Return whose; the secret is nobody's business in a log."""
        return f"{self.informant} · {self.area}"

    @property
    def grid(self) -> Area:
        """The grid that hears of it: the informant's own, or the one in which their building stands."""
        parent = self.area.parent
        return parent if self.area.level == Level.BUILDING and parent is not None else self.area


class ObservationQuerySet(models.QuerySet["Observation"]):
    """Reports, asked for by who made them and what they came to."""

    def of(self, link: InformantLink) -> "ObservationQuerySet":
        """Return those made with a link, or with one that the same informant had there before."""
        return self.filter(informant=link.informant_id, link__area=link.area_id)

    def since(self, at: datetime) -> "ObservationQuerySet":
        """Return those that arrived from a moment on."""
        return self.filter(recorded_at__gte=at)

    def with_photo(self) -> "ObservationQuerySet":
        """Return those that still have their photo."""
        return self.exclude(photo="")

    def ended_before(self, at: datetime) -> "ObservationQuerySet":
        """Return those whose alerts ended before a moment."""
        return self.filter(alert__closed_at__lt=at)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_ALERTS) -> "ObservationQuerySet":
        """Return the reports whose alerts somebody may see on a day."""
        return self.filter(alert__in=Alert.objects.visible_to(user, on=on, duty=duty).values("pk"))

    def counted(self) -> "models.QuerySet[Observation, Any]":
        """Return by informant and area how many there are, how many were true, thanked, and the last's moment.

        True is what was closed as anything but a false alarm.
        """
        was_true = Q(alert__state=State.CLOSED) & ~Q(alert__outcome=Outcome.FALSE_ALARM)
        rows = self.order_by().values("informant", area=F("link__area"))
        return rows.annotate(
            made=Count("pk"),
            confirmed=Count("pk", filter=was_true),
            thanked=Count("pk", filter=Q(thanked_at__isnull=False)),
            last=Max("recorded_at"),
        )


class Observation(models.Model):
    """What an informant saw. It became an alert in the moment it arrived; the alert holds what they wrote."""

    link = models.ForeignKey(InformantLink, models.PROTECT, related_name="reports", db_index=False)
    informant = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reports")
    # Given by the phone: one report arrives once, however often it is sent.
    key = models.UUIDField(editable=False)
    hurry = models.CharField(_("how urgent"), max_length=8, choices=Hurry.choices)
    photo = models.FileField(_("photo"), upload_to="reports/%Y/%m", storage=private_files, blank=True)
    at = models.DateTimeField(_("pressed at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    alert = models.OneToOneField(Alert, models.PROTECT, related_name="report")
    thanked_at = models.DateTimeField(_("thanked at"), null=True, blank=True)
    thanked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("thanked by"), null=True, blank=True
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("informant's report")
        verbose_name_plural = _("informants' reports")
        ordering = ("-recorded_at", "-pk")
        constraints = (models.UniqueConstraint(fields=["link", "key"], name="one_report_per_press_of_a_link"),)

    def __str__(self) -> str:
        """Return its number."""
        return f"#{self.pk}"
