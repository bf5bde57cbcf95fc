"""Flats, the residents who live in them, their families and the groups they belong to."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Func, Q, Value
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
    phone_tail_index,
)
from accounts.roles import Duty
from residents.access import scope_codes, within
from residents.models.areas import Area
from residents.policy import (
    KEY_GROUPS,
    MINOR_UNDER,
    Departure,
    Door,
    Group,
    LegalBasis,
    Residence,
    age_on,
    born_after,
)


class Household(models.Model):
    """A flat."""

    grid = models.ForeignKey(Area, models.PROTECT, verbose_name=_("grid"), related_name="households", db_index=False)
    building = models.CharField(_("building"), max_length=32)
    unit = models.CharField(_("unit"), max_length=16, blank=True)
    room = models.CharField(_("room"), max_length=16, blank=True)
    # The second building stands before the tenth; ``save`` writes it, and so does who inserts many at once.
    order = models.CharField(max_length=80, editable=False, default="")

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        ordering = ("grid__code", "order")
        indexes = (models.Index(fields=["building", "grid", "order"], name="household_by_building"),)
        constraints = (
            models.UniqueConstraint(fields=["grid", "building", "unit", "room"], name="one_household_per_door"),
        )

    def __str__(self) -> str:
        """Return the address."""
        return self.address

    def save(self, *args: Any, **options: Any) -> None:
        """Keep the key of the order beside the door."""
        self.order = self.door.order
        super().save(*args, **options)

    @classmethod
    def behind(cls, door: Door, *, grid: Area) -> "Household":
        """Return the flat behind a door, not yet saved, fit for ``bulk_create``."""
        return cls(grid=grid, building=door.building, unit=door.unit, room=door.room, order=door.order)

    @property
    def door(self) -> Door:
        """Building, unit and room."""
        return Door(self.building, self.unit, self.room)

    @property
    def address(self) -> str:
        """The address as it is written on the spot, whatever the language: 3号楼2单元401."""
        return self.door.words


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
        """Return those whom a person may see on a day: those of their areas, and those they are paired with.

        Minors under fourteen are seen by those alone who have that duty there (``Duty.SEE_MINORS``), paired or not.
        """
        codes = scope_codes(user, duty, on)
        placed = within("grid__code", codes)
        # An empty condition, which is everywhere, or-ed with another would be the other alone.
        if codes is not None and duty == Duty.SEE_RESIDENTS and scope_codes(user, Duty.VISIT, on) != ():
            placed |= self._paired_with(user, on=on)
        return self.filter(placed).without_minors_hidden_from(user, on=on)

    def visited_by(self, user: User, *, on: date) -> "ResidentQuerySet":
        """Return those whose visits a person may log on a day: those they are paired with and, where a carer is ill,
        those whom they see in the areas where they visit."""
        codes = scope_codes(user, Duty.VISIT, on)
        if codes == ():
            return self.none()
        here = self.living_here().visible_to(user, on=on)
        return here if codes is None else here.filter(within("grid__code", codes) | self._paired_with(user, on=on))

    def _paired_with(self, user: User, *, on: date) -> Q:
        running = Q(pairings__ends_on__isnull=True) | Q(pairings__ends_on__gte=on)
        mine = self.model.objects.filter(running, pairings__carer=user, pairings__starts_on__lte=on)
        return Q(pk__in=mine.values("pk"))

    def without_minors_hidden_from(self, user: User, *, on: date) -> "ResidentQuerySet":
        """Leave out the minors whom a person may not see."""
        codes = scope_codes(user, Duty.SEE_MINORS, on)
        if codes is None:
            return self
        grown = Q(birth_on__isnull=True) | Q(birth_on__lte=born_after(MINOR_UNDER, on))
        return self.filter(grown | within("grid__code", codes))

    def gone_before(self, on: date) -> "ResidentQuerySet":
        """Return those who had ended before a day and are not anonymised yet."""
        return self.filter(ended_on__lt=on, anonymised_at__isnull=True)

    def in_key_groups(self) -> "ResidentQuerySet":
        """Return those who have a dossier, a carer and a weekly visit."""
        return self.filter(pk__in=Membership.objects.filter(group__in=KEY_GROUPS).values("resident_id"))

    def with_phone_ending(self, digits: str) -> "ResidentQuerySet":
        """Return those whose phone number ends in these four digits."""
        return self.filter(tail_hash=phone_tail_index(digits))

    def whose_name_begins(self, text: str) -> "ResidentQuerySet":
        """Return those whose name begins so; the index by name answers, in its order."""
        return self.filter(name__gte=text, name__lt=text + chr(0x10FFFF)).order_by("name", "pk")

    def whose_name_has(self, text: str) -> "ResidentQuerySet":
        """Return those whose name has these characters, in this order.

        PostgreSQL looks up the pieces of names (``resident_by_piece_of_name``, migration 0004): each character, and
        each two that stand together. Trigrams know nothing of one or two Chinese characters (docs/performance.md).
        """
        found = self.filter(name__contains=text)
        if connection.vendor != "postgresql":
            return found
        pieces = [text[at : at + 2] for at in range(len(text) - 1)] or [text]
        return found.filter(
            Func(
                Func(F("name"), function="residents_pieces_of_name"),
                Value(pieces),
                template="%(expressions)s",
                arg_joiner=" @> ",
                output_field=models.BooleanField(),
            )
        )


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
    tail_hash = BlindIndexField(of="phone", index=phone_tail_index, max_length=16)
    relation = models.CharField(_("relation to the head of the household"), max_length=16, blank=True)
    residence = models.CharField(_("kind of residence"), max_length=10, choices=Residence.choices, blank=True)
    moved_in_on = models.DateField(_("moved in on"), null=True, blank=True)
    has_app = models.BooleanField(_("app installed"), null=True, blank=True)
    has_call_warning = models.BooleanField(_("call warning on"), null=True, blank=True)
    occupation = models.CharField(_("occupation"), max_length=32, blank=True)
    devices = models.CharField(_("devices"), max_length=120, blank=True, help_text=_("A one-press call button, say."))
    risks = models.TextField(_("risks"), blank=True, help_text=_("What makes this person easy to deceive."))
    note = models.TextField(_("note"), blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=10, choices=LegalBasis.choices, default=LegalBasis.DUTY)
    consent_on = models.DateField(_("consent given on"), null=True, blank=True)
    consent_withdrawn_on = models.DateField(_("consent withdrawn on"), null=True, blank=True)
    ended_on = models.DateField(_("no longer here since"), null=True, blank=True)
    departure = models.CharField(_("why no longer here"), max_length=6, choices=Departure.choices, blank=True)
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("merged into"), null=True, blank=True, related_name="merged"
    )
    anonymised_at = models.DateTimeField(_("anonymised at"), null=True, blank=True, editable=False)
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
            models.Index(fields=["tail_hash"], name="resident_by_phone_tail"),
            # The few who moved in lately, for the newcomers of a period: without it everybody is read, a million.
            # Partial: of most nobody knows the day, and no resident's phone or name moves it.
            models.Index(
                fields=["moved_in_on"],
                condition=Q(residence__in=[Residence.TENANT, Residence.NEWCOMER], moved_in_on__isnull=False),
                name="resident_new_by_moving_in",
            ),
        )

    def __str__(self) -> str:
        """Return the name, masked: it ends up in lists and logs."""
        return self.masked_name

    @property
    def masked_name(self) -> str:
        """The name as lists show it; a word where it was let go of."""
        return mask_name(self.name) if self.anonymised_at is None else gettext("Anonymised")

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
        return age_on(self.birth_on, on) if self.birth_on is not None else None

    def is_minor(self, on: date) -> bool:
        """Say whether the record is a minor's, behind a permission of its own."""
        age = self.age(on)
        return age is not None and age < MINOR_UNDER

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups, key groups first; no query where the memberships were prefetched."""
        if self.pk is None:
            return ()
        held = {membership.group for membership in self.memberships.all()}
        return tuple(group for group in Group if group in held)

    @property
    def key_groups(self) -> tuple[Group, ...]:
        """The key groups alone."""
        return tuple(group for group in self.groups if group in KEY_GROUPS)

    def short_facts(self, on: date) -> str:
        """Return in one line what a worker at the door wants to know: "Woman · 78 years · lives alone"."""
        age = self.age(on)
        facts = [
            str(self.get_sex_display()),
            "" if age is None else ngettext("%(age)d year", "%(age)d years", age) % {"age": age},
            gettext("lives alone") if Group.ELDER_ALONE in self.groups else "",
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


class Membership(models.Model):
    """A resident in a group."""

    resident = models.ForeignKey(
        Resident, models.CASCADE, verbose_name=_("resident"), related_name="memberships", db_index=False
    )
    group = models.CharField(_("group"), max_length=12, choices=Group.choices)

    class Meta:
        verbose_name = _("group of a resident")
        verbose_name_plural = _("groups of a resident")
        ordering = ("group",)
        indexes = (models.Index(fields=["group", "resident"], name="membership_by_group"),)
        constraints = (models.UniqueConstraint(fields=["resident", "group"], name="once_in_a_group"),)

    def __str__(self) -> str:
        """Return the group."""
        return str(self.get_group_display())
