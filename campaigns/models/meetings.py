"""Meetings with agenda and minutes, and the problems that are chased until they are struck off (问题清单—整改—销号)."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models.scope import outreach_scope
from campaigns.policy import MeetingKind, ProblemState
from residents.access import within
from residents.models import Area


class MeetingQuerySet(models.QuerySet["Meeting"]):
    """Meetings, asked for by place."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "MeetingQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def within(self, area_code: str) -> "MeetingQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))


class Meeting(models.Model):
    """A meeting: its agenda is drawn from the week's data, its minutes are written by people."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="meetings")
    kind = models.CharField(_("kind"), max_length=10, choices=MeetingKind.choices, default=MeetingKind.WEEKLY)
    at = models.DateTimeField(_("at"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    agenda = models.TextField(_("agenda"), blank=True)
    minutes = models.TextField(_("minutes"), blank=True)
    present = models.CharField(_("present"), max_length=300, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        """Return the kind."""
        return str(self.get_kind_display())


class ProblemQuerySet(models.QuerySet["Problem"]):
    """Problems, asked for by place and what is left of them."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "ProblemQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def standing(self) -> "ProblemQuerySet":
        """Return those that were not struck off."""
        return self.filter(struck_on__isnull=True)

    def struck(self) -> "ProblemQuerySet":
        """Return those that were struck off."""
        return self.filter(struck_on__isnull=False)

    def latest_struck_first(self) -> "ProblemQuerySet":
        """Return them in the order in which they were struck off, the latest first."""
        return self.order_by("-struck_on", "-pk")

    def to_mend(self) -> "ProblemQuerySet":
        """Return those that nobody has mended yet."""
        return self.standing().filter(mended_on__isnull=True)

    def to_strike(self) -> "ProblemQuerySet":
        """Return those said to be mended that nobody has struck off yet."""
        return self.standing().filter(mended_on__isnull=False)

    def of_owner(self, user: User) -> "ProblemQuerySet":
        """Return those somebody is to mend."""
        return self.filter(owner=user)

    def within(self, area_code: str) -> "ProblemQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))

    def overdue(self, on: date) -> "ProblemQuerySet":
        """Return those that were to be mended before a day and are not."""
        return self.standing().filter(mended_on__isnull=True, due_on__lt=on)


class Problem(models.Model):
    """Something to be mended by somebody by a day; who found it strikes it off once it is."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="problems")
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, verbose_name=_("meeting"), null=True, blank=True, related_name="problems"
    )
    what = models.CharField(_("what is to be mended"), max_length=200)
    owner = models.ForeignKey(User, models.PROTECT, verbose_name=_("by whom"), related_name="problems")
    due_on = models.DateField(_("by when"))
    mended_on = models.DateField(_("mended on"), null=True, blank=True)
    mended_how = models.CharField(_("how it was mended"), max_length=200, blank=True)
    struck_on = models.DateField(_("struck off on"), null=True, blank=True)
    struck_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", editable=False)
    # Why it was not struck off when it was last said to be mended.
    sent_back_why = models.CharField(_("why it was sent back"), max_length=200, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        """Return what it is."""
        return self.what

    @property
    def state(self) -> ProblemState:
        """How far it is."""
        if self.struck_on is not None:
            return ProblemState.STRUCK
        return ProblemState.TO_MEND if self.mended_on is None else ProblemState.MENDED
