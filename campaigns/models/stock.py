"""Materials to hand out, and their stock as the sum of what came and went."""

from datetime import date

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from campaigns.models.events import Event
from campaigns.models.scope import outreach_scope
from campaigns.policy import MaterialKind
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area


class MaterialQuerySet(models.QuerySet["Material"]):
    """Materials, asked for by place."""

    def visible_to(self, user: User, *, on: date, duty: Duty = Duty.SEE_OUTREACH) -> "MaterialQuerySet":
        """Return those of the areas where a person has a duty."""
        return self.filter(within("area__code", outreach_scope(user, duty, on)))

    def at_hand(self, event: Event) -> "MaterialQuerySet":
        """Return what may be handed out at an event: its community's in use, and what was handed out there."""
        here = self.filter(within("area__code", (event.area.code[:COMMUNITY_DIGITS],)))
        return here.filter(Q(is_kept=True) | Q(pk__in=event.handouts.values("material")))

    def within(self, area_code: str) -> "MaterialQuerySet":
        """Return those of an area and all below it."""
        return self.filter(within("area__code", (area_code,)))

    def kept(self) -> "MaterialQuerySet":
        """Return those still in use."""
        return self.filter(is_kept=True)

    def with_stock(self) -> "MaterialQuerySet":
        """Read along how many are left; it may be below nothing where more went out than was counted in."""
        return self.annotate(stock=Coalesce(Sum("moves__amount"), 0))  # type: ignore[no-redef]  # the material says it


class Material(models.Model):
    """A leaflet, card, poster or gift that a community hands out."""

    area = models.ForeignKey(Area, models.PROTECT, verbose_name=_("community"), related_name="materials")
    name = models.CharField(_("name"), max_length=64)
    kind = models.CharField(_("kind"), max_length=10, choices=MaterialKind.choices, default=MaterialKind.LEAFLET)
    is_kept = models.BooleanField(_("still in use"), default=True)

    objects = MaterialQuerySet.as_manager()

    # What ``with_stock`` reads along.
    stock: int

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ("area__code", "kind", "name")
        constraints = (
            models.UniqueConstraint(
                fields=["area", "name"],
                name="one_material_per_name_of_an_area",
                violation_error_message=_("There is a material of this name already."),
            ),
        )

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class StockMove(models.Model):
    """So many came in (above nothing) or went out (below nothing), at an event or without one."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="moves")
    amount = models.IntegerField(_("number"))
    event = models.ForeignKey(Event, models.SET_NULL, null=True, blank=True, related_name="handouts")
    on = models.DateField(_("on"))
    note = models.CharField(_("note"), max_length=120, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    press = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("movement of stock")
        verbose_name_plural = _("movements of stock")
        ordering = ("-on", "-pk")
        constraints = (models.CheckConstraint(condition=~models.Q(amount=0), name="stock_moves_by_something"),)

    def __str__(self) -> str:
        """Return what and how many."""
        return f"{self.material}: {self.amount:+d}"
