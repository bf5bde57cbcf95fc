"""The handing over of a desk's shift, signed by who leaves and by who takes over."""

from datetime import date
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from residents.access import scope_codes, within
from residents.models import Area


class HandOverQuerySet(models.QuerySet["HandOver"]):
    """Shifts handed over."""

    def waiting(self) -> "HandOverQuerySet":
        """Return those signed by who left and not yet by who takes over."""
        return self.filter(taken_at__isnull=True)

    def of(self, area: Area) -> "HandOverQuerySet":
        """Return those of one desk."""
        return self.filter(area=area)

    def visible_to(self, user: User, *, on: date) -> "HandOverQuerySet":
        """Return those of the desks a person watches on a day."""
        return self.filter(within("area__code", scope_codes(user, Duty.WATCH_DESK, on)))


class HandOver(models.Model):
    """What one shift leaves to the next, as it stood when the first signed: the second signs that very page.

    ``page`` is what was open, with its clocks, and what was not kept in time, as ``alerts.services.handover`` wrote it
    down: names masked, nothing of it follows the alerts afterwards. Once both have signed it never changes.
    """

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="hand_overs", db_index=False)
    begins_at = models.DateTimeField(_("from"))
    page = models.JSONField()
    watch = models.TextField(_("what to watch"), blank=True)
    left_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("handed over by"), related_name="+")
    left_at = models.DateTimeField(_("signed at"))
    taken_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("taken over by"), related_name="+", null=True)
    taken_at = models.DateTimeField(_("taken over at"), null=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("hand-over of a shift")
        verbose_name_plural = _("hand-overs of shifts")
        ordering = ("-left_at", "-pk")
        indexes = (models.Index(fields=["area", "left_at"], name="hand_over_by_area"),)
        constraints = (
            models.UniqueConstraint(
                fields=["area"], condition=Q(taken_at__isnull=True), name="one_hand_over_waits_per_desk"
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="who_took_over_goes_with_when",
            ),
        )

    def __str__(self) -> str:
        """Return where and when."""
        return f"{self.area} {self.left_at:%Y-%m-%d %H:%M}"

    @property
    def is_signed_by_both(self) -> bool:
        """Whether it stands for ever."""
        return self.taken_at is not None

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: a page that one has signed is taken back by the verb, one that both have signed by nobody."""
        raise TypeError("A hand-over is taken back by alerts.services.withdraw_hand_over.")
