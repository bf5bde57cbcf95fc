"""Posts: who is what, where, from a day to a day."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty, Role, roles_with
from residents.access import scope_codes, within
from residents.models.areas import Area, ancestry


class PostQuerySet(models.QuerySet["Post"]):
    """Posts, asked for by day, role and place."""

    def current(self, on: date) -> "PostQuerySet":
        """Return the posts held on a day; the first and the last day count."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)

    def overlapping(self, starts_on: date, ends_on: date | None) -> "PostQuerySet":
        """Return the posts that share a day with a span; None is without end."""
        begun = self if ends_on is None else self.filter(starts_on__lte=ends_on)
        return begun.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))

    def of_role(self, role: Role) -> "PostQuerySet":
        """Return the posts of a role."""
        return self.filter(role=role)

    def with_duty(self, duty: Duty) -> "PostQuerySet":
        """Return the posts whose role carries a duty."""
        return self.filter(role__in=roles_with(duty))

    def standing_in(self) -> "PostQuerySet":
        """Return the posts of people who stand in for somebody."""
        return self.filter(stands_in_for__isnull=False)

    def of_their_own(self) -> "PostQuerySet":
        """Return the posts that stand in for none."""
        return self.filter(stands_in_for__isnull=True)

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.APPOINT) -> "PostQuerySet":
        """Return the posts at the areas where a person has a duty on a day."""
        return self.filter(within("area__code", scope_codes(user, duty, on)))

    def serving(self, area_code: str) -> "PostQuerySet":
        """Return the posts at an area and at those above it: all who answer for it."""
        return self.filter(area__code__in=ancestry(area_code))


class Post(models.Model):
    """A person's role at an area, from a day to a day; both count."""

    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="posts", db_index=False)
    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("area"), related_name="posts", db_index=False)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True, help_text=_("The last day; empty is without end."))

    # Whose post it is that a stand-in holds for some days; the other's goes on beside it.
    stands_in_for = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("stands in for"), null=True, blank=True, related_name="stand_ins"
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ("area__code", "role", "user__username")
        indexes = (
            models.Index(fields=["user", "area"], name="post_by_person"),
            models.Index(fields=["area", "role"], name="post_by_area"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_post_ends_after_it_starts",
                violation_error_message=_("A post cannot end before it starts."),
            ),
        )

    def __str__(self) -> str:
        """Return who is what, where."""
        return f"{self.user} · {self.get_role_display()} · {self.area}"

    def clean(self) -> None:
        """Refuse a post that overlaps another of the same person at the same area."""
        super().clean()
        if None in (self.user_id, self.area_id, self.starts_on):  # a form reports these itself
            return
        others = Post.objects.filter(user_id=self.user_id, area_id=self.area_id).exclude(pk=self.pk)
        other = others.overlapping(self.starts_on, self.ends_on).first()
        if other is not None:
            raise ValidationError(
                _("%(person)s is already %(role)s here from %(start)s to %(end)s; end that post first."),
                code="overlap",
                params={
                    "person": other.user,
                    "role": other.get_role_display(),
                    "start": other.starts_on,
                    "end": other.ends_on or _("no end"),
                },
            )
