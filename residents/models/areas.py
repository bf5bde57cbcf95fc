"""Areas, and the names they go by."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
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

    def where_people_live(self) -> "AreaQuerySet":
        """Return the communities and their grids in order, each with the area above."""
        return self.filter(level__in=(Level.COMMUNITY, Level.GRID)).select_related("parent").order_by("code")

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
    def place(self) -> str:
        """The name, a grid's with its community's before it: 西苑社区 · 第一网格."""
        return f"{self.parent} · {self.name}" if self.level == Level.GRID else self.name

    @property
    def community_code(self) -> str:
        """The code of the community it is or lies in; "" above communities."""
        return self.code[:COMMUNITY_DIGITS] if len(self.code) >= COMMUNITY_DIGITS else ""

    @property
    def is_wide(self) -> bool:
        """Whether it is made of communities: a street or a district."""
        return self.level in {Level.DISTRICT, Level.STREET}

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
