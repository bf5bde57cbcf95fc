"""Fixed publicity sites (宣传阵地): boards, screens, banners, and when they were refreshed."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models.scope import outreach_scope
from campaigns.policy import SiteKind
from residents.access import within
from residents.models import Area, private_files

MOST_DAYS = 366


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, asked for by place and day."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "SiteQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def standing(self) -> "SiteQuerySet":
        """Return those that are still there."""
        return self.filter(ended_on__isnull=True)

    def taken_down(self) -> "SiteQuerySet":
        """Return those that are no more."""
        return self.filter(ended_on__isnull=False)

    def of_owner(self, user: User) -> "SiteQuerySet":
        """Return those somebody answers for."""
        return self.filter(owner=user)

    def within(self, area_code: str) -> "SiteQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))

    def overdue(self, on: date) -> "SiteQuerySet":
        """Return those that were to be refreshed before a day."""
        return self.standing().filter(due_on__lt=on)


class Site(models.Model):
    """A place where something hangs or runs, with an owner and a day by which it is refreshed."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("grid or community"), related_name="sites")
    name = models.CharField(_("name"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=SiteKind.choices)
    place = models.CharField(_("place"), max_length=120, blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, verbose_name=_("who answers for it"), null=True, blank=True, related_name="sites"
    )
    hangs = models.CharField(_("what hangs there"), max_length=200, blank=True)
    refreshed_on = models.DateField(_("refreshed on"), null=True, blank=True)
    due_on = models.DateField(_("to be refreshed by"))
    every_days = models.PositiveSmallIntegerField(
        _("refreshed every … days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text=_("Empty: as usual here."),
    )
    ended_on = models.DateField(_("taken down on"), null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("publicity site")
        verbose_name_plural = _("publicity sites")
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["area", "name"],
                name="one_site_per_name_of_an_area",
                violation_error_message=_("There is a site of this name already."),
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def is_overdue(self, on: date) -> bool:
        """Say whether it stands and was to be refreshed before a day."""
        return self.ended_on is None and self.due_on < on


class SiteRefreshQuerySet(models.QuerySet["SiteRefresh"]):
    """What was hung up, asked for by place."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "SiteRefreshQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("site__area__code", outreach_scope(user, duty, on)))


class SiteRefresh(models.Model):
    """What was hung up, when, by whom."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="refreshes")
    on = models.DateField(_("on"))
    hangs = models.CharField(_("what hangs there"), max_length=200)
    photo = models.FileField(_("photo"), upload_to="sites/%Y/%m", storage=private_files, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    press = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = SiteRefreshQuerySet.as_manager()

    class Meta:
        verbose_name = _("refreshing of a site")
        verbose_name_plural = _("refreshings of a site")
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        """Return where and when."""
        return f"{self.site} · {self.on}"
