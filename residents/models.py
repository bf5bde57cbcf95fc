"""Areas, the posts held there, and the residents who live there."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal_data import (
    BlindIndexField,
    EncryptedTextField,
    id_number_index,
    mask_id_number,
    mask_name,
    mask_phone,
    normalise_id_number,
    normalise_phone,
    phone_index,
)
from accounts.roles import Duty, Role
from residents.access import scope_codes, within

COMMUNITY_DIGITS = 12  # the division code (统计用区划代码) of a community


class Level(models.TextChoices):
    """A level of the administrative tree, the widest first."""

    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")
    BUILDING = "building", _("Building")


class AreaQuerySet(models.QuerySet["Area"]):
    """Areas, asked for by where they lie and what they are called."""

    def within(self, code: str) -> "AreaQuerySet":
        """Return an area and all below it."""
        return self.filter(within("code", (code,)))

    def around(self, code: str) -> "AreaQuerySet":
        """Return an area and all above it, the narrowest first."""
        return self.filter(code__in=ancestry(code)).order_by("-code")

    def communities(self) -> "AreaQuerySet":
        """Return the communities."""
        return self.filter(level=Level.COMMUNITY)

    def grids(self) -> "AreaQuerySet":
        """Return the grids."""
        return self.filter(level=Level.GRID)

    def named(self, name: str) -> "AreaQuerySet":
        """Return the areas called so, by their name or an alias."""
        by_alias = AreaAlias.objects.filter(name=name).values("area_id")
        return self.filter(Q(name=name) | Q(pk__in=by_alias))

    def visible_to(self, user: User, *, duty: Duty, on: date) -> "AreaQuerySet":
        """Return the areas where a person has a duty on a day."""
        return self.filter(within("code", scope_codes(user, duty, on)))


class Area(models.Model):
    """A part of the district. Its code begins with its parent's, so all below it is a prefix."""

    code = models.CharField(
        _("code"),
        max_length=32,
        validators=[RegexValidator(r"^[0-9]+$", _("A code has digits only."))],
        help_text=_("The division code; it begins with the code of the area above."),
    )
    name = models.CharField(_("name"), max_length=64)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("area above"), null=True, blank=True, related_name="children"
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=["code"], name="one_area_per_code", violation_error_message=_("Another area has this code.")
            ),
        )

    def __str__(self) -> str:
        """Return the name alone."""
        return self.name

    @property
    def community_code(self) -> str:
        """The code of the community it is or lies in; "" above communities."""
        return self.code[:COMMUNITY_DIGITS] if len(self.code) >= COMMUNITY_DIGITS else ""

    @property
    def community(self) -> "Area | None":
        """The community it is or lies in, for one query; None above communities."""
        if self.level == Level.COMMUNITY:
            return self
        return Area.objects.communities().filter(code=self.community_code).first() if self.community_code else None

    def clean(self) -> None:
        """Refuse a place in the tree that the codes contradict."""
        super().clean()
        if self.level == Level.COMMUNITY and len(self.code) != COMMUNITY_DIGITS:
            raise ValidationError({"code": _("A community's code has twelve digits.")})
        if self.pk and any(not is_below(child.level, self.level) for child in self.children.all()):
            raise ValidationError({"level": _("An area below it has the same level or a wider one.")})
        if self.parent is None:
            return
        if not self.code.startswith(self.parent.code) or self.code == self.parent.code:
            raise ValidationError({"code": _("The code must begin with the code of the area above and go on.")})
        if self.level and not is_below(self.level, self.parent.level):
            raise ValidationError({"level": _("The area above must be of a wider level.")})


def is_below(level: str, above: str) -> bool:
    """Say whether a level is narrower than another."""
    order = list(Level.values)
    return order.index(level) > order.index(above)


def ancestry(code: str) -> list[str]:
    """Return every code an area above this one could have, and its own."""
    return [code[:length] for length in range(1, len(code) + 1)]


class AreaAlias(models.Model):
    """Another name of an area: offices call one place by several."""

    area = models.ForeignKey(Area, models.CASCADE, verbose_name=_("area"), related_name="aliases", db_index=False)
    name = models.CharField(_("name"), max_length=64)

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ("name",)
        indexes = (models.Index(fields=["name"], name="area_alias_by_name"),)
        constraints = (models.UniqueConstraint(fields=["area", "name"], name="one_alias_per_name_of_an_area"),)

    def __str__(self) -> str:
        """Return the name."""
        return self.name


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


class Household(models.Model):
    """A flat."""

    grid = models.ForeignKey(Area, models.PROTECT, verbose_name=_("grid"), related_name="households", db_index=False)
    building = models.CharField(_("building"), max_length=32)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    room = models.CharField(_("room"), max_length=16, blank=True)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ("grid__code", "building", "unit", "room")
        constraints = (
            models.UniqueConstraint(fields=["grid", "building", "unit", "room"], name="one_household_per_door"),
        )

    def __str__(self) -> str:
        """Return the address."""
        return self.address

    @property
    def address(self) -> str:
        """The address as it is written on the spot, whatever the language: 3号楼2单元401."""
        building = f"{self.building}号楼" if self.building.isdigit() else self.building
        unit = f"{self.unit}单元" if self.unit.isdigit() else self.unit
        return f"{building}{unit}{self.room}"


class Sex(models.TextChoices):
    """As the roster says; it may say nothing."""

    FEMALE = "female", _("Woman")
    MALE = "male", _("Man")


class ResidentQuerySet(models.QuerySet["Resident"]):
    """Residents, asked for by what somebody knows of them and by who asks."""

    def living_here(self) -> "ResidentQuerySet":
        """Return those who have not moved away or died."""
        return self.filter(ended_on__isnull=True)

    def within(self, area_code: str) -> "ResidentQuerySet":
        """Return those of an area."""
        return self.filter(within("grid__code", (area_code,)))

    def with_phone(self, text: str) -> "ResidentQuerySet":
        """Return those with a phone number, however it is typed; an empty one finds nobody."""
        return self.filter(phone_hash=phone_index(text)) if text.strip() else self.none()

    def with_id_number(self, text: str) -> "ResidentQuerySet":
        """Return those with an ID number; an empty one finds nobody."""
        return self.filter(id_hash=id_number_index(text)) if text.strip() else self.none()

    def named(self, name: str) -> "ResidentQuerySet":
        """Return those of exactly this name; an empty one finds nobody."""
        return self.filter(name=name.strip()) if name.strip() else self.none()

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_RESIDENTS) -> "ResidentQuerySet":
        """Return those whom a person may see on a day."""
        return self.filter(within("grid__code", scope_codes(user, duty, on)))


class Resident(models.Model):
    """Somebody who lives here. Few columns, and only what a warning or a visit needs."""

    household = models.ForeignKey(
        Household, models.SET_NULL, verbose_name=_("household"), null=True, blank=True, related_name="residents"
    )
    grid = models.ForeignKey(Area, models.PROTECT, verbose_name=_("grid"), related_name="residents")
    name = models.CharField(_("name"), max_length=64)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices, blank=True)
    birth_on = models.DateField(_("born on"), null=True, blank=True)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_hash = BlindIndexField(of="phone", index=phone_index)
    id_number = EncryptedTextField(_("ID number"), blank=True, default="")
    id_hash = BlindIndexField(of="id_number", index=id_number_index)
    lives_alone = models.BooleanField(_("lives alone"), default=False)
    occupation = models.CharField(_("occupation"), max_length=32, blank=True)
    note = models.TextField(_("note"), blank=True)
    ended_on = models.DateField(_("no longer here since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("resident")
        verbose_name_plural = _("residents")
        ordering = ("grid__code", "name", "pk")
        indexes = (
            # What an arriving alert is matched by. Not partial: SQLite would not use them for a value it is handed.
            models.Index(fields=["phone_hash"], name="resident_by_phone"),
            models.Index(fields=["name", "grid"], name="resident_by_name"),
            models.Index(fields=["id_hash"], name="resident_by_id_number"),
        )

    def __str__(self) -> str:
        """Return the name, masked: it ends up in lists and logs."""
        return self.masked_name

    @property
    def masked_name(self) -> str:
        """The name as lists show it."""
        return mask_name(self.name)

    @property
    def masked_phone(self) -> str:
        """The phone number as lists show it."""
        return mask_phone(self.phone)

    @property
    def masked_id_number(self) -> str:
        """The ID number as lists show it."""
        return mask_id_number(self.id_number)

    @property
    def address(self) -> str:
        """Where the door is; "" where no household is known."""
        return self.household.address if self.household is not None else ""

    def age(self, on: date) -> int | None:
        """Return the age in full years on a day; None where the birth date is not known."""
        if self.birth_on is None:
            return None
        had_birthday = (on.month, on.day) >= (self.birth_on.month, self.birth_on.day)
        return on.year - self.birth_on.year - (0 if had_birthday else 1)

    def short_facts(self, on: date) -> str:
        """Return in one line what a worker at the door wants to know: "Woman · 78 years · lives alone"."""
        age = self.age(on)
        facts = [
            str(self.get_sex_display()),
            "" if age is None else ngettext("%(age)d year", "%(age)d years", age) % {"age": age},
            gettext("lives alone") if self.lives_alone else "",
            self.occupation,
        ]
        return " · ".join(fact for fact in facts if fact)

    def clean(self) -> None:
        """Bring the numbers into their one form; refuse a household of another grid."""
        super().clean()
        wrong: dict[str, Any] = {}
        if self.phone:
            try:
                self.phone = normalise_phone(self.phone)
            except ValueError as error:
                wrong["phone"] = str(error)
        if self.id_number:
            try:
                self.id_number = normalise_id_number(self.id_number)
            except ValueError as error:
                wrong["id_number"] = str(error)
        if self.household is not None and self.household.grid_id != self.grid_id:
            wrong["household"] = _("This household lies in another grid.")
        if wrong:
            raise ValidationError(wrong)


class FamilyContact(models.Model):
    """Somebody of the family to call while the worker is on the way."""

    resident = models.ForeignKey(
        Resident, models.CASCADE, verbose_name=_("resident"), related_name="family_contacts", db_index=False
    )
    name = models.CharField(_("name"), max_length=64)
    relation = models.CharField(_("relation"), max_length=16, blank=True)
    phone = EncryptedTextField(_("phone"))
    phone_hash = BlindIndexField(of="phone", index=phone_index)
    order = models.PositiveSmallIntegerField(
        _("order"), default=1, help_text=_("Who is called first has the smallest.")
    )

    class Meta:
        verbose_name = _("family contact")
        verbose_name_plural = _("family contacts")
        ordering = ("order", "pk")
        indexes = (models.Index(fields=["resident", "order"], name="family_by_resident"),)

    def __str__(self) -> str:
        """Return the name, masked, and what they are to the resident."""
        return " ".join(part for part in (mask_name(self.name), self.relation) if part)

    @property
    def masked_phone(self) -> str:
        """The phone number as lists show it."""
        return mask_phone(self.phone)

    def clean(self) -> None:
        """Bring the phone number into its one form."""
        super().clean()
        try:
            self.phone = normalise_phone(self.phone)
        except ValueError as error:
            raise ValidationError({"phone": str(error)}) from error
