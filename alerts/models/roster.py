"""The duty roster: who sits at the desk and who is on call, hour by hour; what repeats; days off; swaps."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.calendars import Stretch
from accounts.models import User
from accounts.roles import Duty
from alerts.policy import LONGEST_SHIFT, ShiftKind, Turn
from residents.access import scope_codes, within
from residents.models import Area, ancestry

MOST_AT_ONCE = 9
"""So many people one shift of a rotation has at the most."""


class HolidayQuerySet(models.QuerySet["Holiday"]):
    """Days off."""

    def of(self, area_code: str) -> "HolidayQuerySet":
        """Return those that hold for an area: its own, those of the areas above, those of everywhere."""
        return self.filter(Q(area__isnull=True) | Q(area__code__in=ancestry(area_code)))

    def between(self, first: date, last: date) -> "HolidayQuerySet":
        """Return those of some days; both ends count."""
        return self.filter(on__gte=first, on__lte=last)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.KEEP_DUTY_ROSTER) -> "HolidayQuerySet":
        """Return those of the areas where a person has a duty, and to administrators those of everywhere."""
        codes = scope_codes(user, duty, on)
        return self.all() if codes is None else self.filter(within("area__code", codes), area__isnull=False)

    def shown_to(self, user: User, *, on: date) -> "HolidayQuerySet":
        """Return those of everywhere, and those of the areas whose roster a person keeps."""
        return self.filter(area__isnull=True) | self.filter(pk__in=self.visible_to(user, on=on).values("pk"))


class Holiday(models.Model):
    """A day on which the holiday roster goes before the usual one; it has a name."""

    area = models.ForeignKey(
        Area, models.CASCADE, verbose_name=_("area"), null=True, blank=True, help_text=_("Empty is everywhere.")
    )
    on = models.DateField(_("day"))
    name = models.CharField(_("holiday"), max_length=40)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ("on", "pk")
        constraints = (
            models.UniqueConstraint(fields=["area", "on"], name="one_holiday_per_area_and_day"),
            models.UniqueConstraint(
                fields=["on"], condition=Q(area__isnull=True), name="one_holiday_everywhere_per_day"
            ),
        )

    def __str__(self) -> str:
        """Return which."""
        return f"{self.on} {self.name}"


class RotationQuerySet(models.QuerySet["Rotation"]):
    """What repeats."""

    def running(self, on: date) -> "RotationQuerySet":
        """Return those that have dates from a day on."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on))

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.KEEP_DUTY_ROSTER) -> "RotationQuerySet":
        """Return those of the areas where a person has a duty on a day."""
        return self.filter(within("area__code", scope_codes(user, duty, on)))


class Rotation(models.Model):
    """A shift that repeats, and the people who take turns at it. Its shifts are rows, made some weeks ahead."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="rotations")
    kind = models.CharField(_("kind"), max_length=10, choices=ShiftKind.choices)
    name = models.CharField(_("shift's name"), max_length=20, blank=True)
    # RFC 5545: the days on which it is held, from the first one on.
    rule = models.CharField(_("days"), max_length=200)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    first_on = models.DateField(_("first day"))
    until_on = models.DateField(_("last day"), null=True, blank=True)
    turn = models.CharField(_("turns change"), max_length=10, choices=Turn.choices)
    at_once = models.PositiveSmallIntegerField(_("people at a time"), default=1)
    # Such a rotation is held on days off alone, and there instead of the usual ones of the same area and kind.
    is_for_holidays = models.BooleanField(_("on holidays"), default=False)
    # Up to and with this day its shifts were made; what people took away since is not made again.
    made_until = models.DateField(null=True)
    people: "models.ManyToManyField[User, RotationTurn]" = models.ManyToManyField(User, through="RotationTurn")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = RotationQuerySet.as_manager()

    class Meta:
        verbose_name = _("rotation")
        verbose_name_plural = _("rotations")
        ordering = ("area__code", "kind", "starts", "pk")

    def __str__(self) -> str:
        """Return what and when."""
        return f"{self.area} {self.name} {self.starts:%H:%M}–{self.ends:%H:%M}".replace("  ", " ")

    def has_ended(self, on: date) -> bool:
        """Say whether nothing of it is left from a day on."""
        return self.until_on is not None and self.until_on < on


class RotationTurn(models.Model):
    """Somebody's place in a rotation."""

    rotation = models.ForeignKey(Rotation, models.CASCADE, related_name="turns", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("rotation", "place")
        constraints = (
            models.UniqueConstraint(fields=["rotation", "place"], name="one_person_per_place_of_a_rotation"),
        )

    def __str__(self) -> str:
        """Return who, and as which."""
        return f"{self.place} {self.user_id}"


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Shifts, asked for by when they are and whose."""

    def covering(self, at: datetime) -> "ShiftQuerySet":
        """Return those that run at a moment."""
        return self.filter(starts_at__lte=at, starts_at__gt=at - LONGEST_SHIFT, ends_at__gt=at)

    def overlapping(self, hours: Stretch) -> "ShiftQuerySet":
        """Return those that share a moment with some hours."""
        earliest = hours.begins_at - LONGEST_SHIFT
        return self.filter(starts_at__gt=earliest, starts_at__lt=hours.ends_at, ends_at__gt=hours.begins_at)

    def ending_after(self, at: datetime) -> "ShiftQuerySet":
        """Return those that run at a moment or are still to come."""
        return self.filter(ends_at__gt=at, starts_at__gt=at - LONGEST_SHIFT)

    def at_desks(self) -> "ShiftQuerySet":
        """Return the desk's."""
        return self.filter(kind=ShiftKind.DESK)

    def at_areas(self, codes: Iterable[str]) -> "ShiftQuerySet":
        """Return those of these very areas."""
        return self.filter(area__code__in=list(codes))

    def of(self, user: User) -> "ShiftQuerySet":
        """Return somebody's own."""
        return self.filter(user=user)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_ALERTS) -> "ShiftQuerySet":
        """Return those of the areas where a person has a duty; who sees alerts also sees who is at the desk above."""
        codes = scope_codes(user, duty, on)
        mine = within("area__code", codes)
        if duty is Duty.SEE_ALERTS and codes:
            mine |= Q(kind=ShiftKind.DESK, area__code__in={above for code in codes for above in ancestry(code)})
        return self.filter(mine)

    def in_order(self) -> "ShiftQuerySet":
        """Return them by area, the desk first, then by time."""
        return self.order_by("area__code", "kind", "starts_at", "seat", "pk")


class Shift(models.Model):
    """Somebody's hours at a desk or on call. Change it by the verbs of ``alerts.services.rostering`` alone."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="shifts", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=ShiftKind.choices)
    name = models.CharField(_("shift's name"), max_length=20, blank=True)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="shifts", db_index=False)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    # Which of a rotation's dates it is, and which of those who are on together; empty for one entered by itself.
    rotation = models.ForeignKey(Rotation, models.SET_NULL, related_name="shifts", null=True, db_index=False)
    occurs_on = models.DateField(null=True)
    seat = models.PositiveSmallIntegerField(default=0)
    # No end of a rotation takes away what somebody arranged.
    is_changed_alone = models.BooleanField(default=False)
    stands_in_for = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("starts_at", "pk")
        indexes = (
            models.Index(fields=["area", "starts_at"], name="shift_by_area"),
            models.Index(fields=["user", "starts_at"], name="shift_by_person"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_shift_ends_after_it_starts"),
            models.UniqueConstraint(
                fields=["rotation", "occurs_on", "seat"], name="one_shift_per_date_and_seat_of_a_rotation"
            ),
        )

    def __str__(self) -> str:
        """Return where and when; who is for those who may see it."""
        return f"{self.area} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def hours(self) -> Stretch:
        """When it is."""
        return Stretch(self.starts_at, self.ends_at)

    def has_begun(self, now: datetime) -> bool:
        """Say whether it runs or is over."""
        return self.starts_at <= now


class SwapQuerySet(models.QuerySet["Swap"]):
    """Swaps asked for."""

    def open(self) -> "SwapQuerySet":
        """Return those nobody has answered."""
        return self.filter(state=Swap.State.ASKED)

    def of(self, user: User) -> "SwapQuerySet":
        """Return those that somebody asked for or is asked for."""
        return self.filter(Q(asked_by=user) | Q(asked_of=user))

    def visible_to(self, user: User, *, on: date) -> "SwapQuerySet":
        """Return one's own, and those of the areas whose roster one keeps."""
        kept = within("shift__area__code", scope_codes(user, Duty.KEEP_DUTY_ROSTER, on))
        return self.filter(kept | Q(asked_by=user) | Q(asked_of=user))


class Swap(models.Model):
    """One asks another to take a shift, perhaps for one of the other's in return; the other says yes or no."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked, no answer yet")
        ACCEPTED = "accepted", _("agreed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("taken back")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="swaps")
    back = models.ForeignKey(Shift, models.CASCADE, related_name="swaps_in_return", null=True)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_of = models.ForeignKey(User, models.PROTECT, related_name="swaps_asked")
    note = models.CharField(_("note"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = SwapQuerySet.as_manager()

    class Meta:
        verbose_name = _("swap of shifts")
        verbose_name_plural = _("swaps of shifts")
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["shift"], condition=Q(state="asked"), name="one_open_swap_per_shift"),
        )

    def __str__(self) -> str:
        """Return which shift."""
        return str(self.shift)

    @property
    def subject_key(self) -> str:
        """What the letters about it are filed under."""
        return f"swap:{self.pk}"
