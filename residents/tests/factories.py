"""Places, posts and residents for tests. Invented all: phones of the range 199 0000 only."""

from dataclasses import dataclass
from datetime import date

import factory

from accounts.models import User
from accounts.roles import Role
from accounts.tests.factories import UserFactory
from residents.models import Area, FamilyContact, Household, Level, Membership, Pairing, Post, Resident, Visit
from residents.policy import Group, VisitResult

DISTRICT = "370105"
STREET = "370105012"


class AreaFactory(factory.django.DjangoModelFactory):
    """An area by its code; the same code again gives the same area."""

    class Meta:
        model = Area
        django_get_or_create = ("code",)

    code = DISTRICT
    name = factory.LazyAttribute(lambda area: f"区域{area.code}")
    level = Level.DISTRICT


@dataclass(frozen=True)
class Community:
    """A community with all above it and its grids."""

    district: Area
    street: Area
    community: Area
    grids: list[Area]

    @property
    def grid(self) -> Area:
        """The first grid."""
        return self.grids[0]


def make_community(number: int = 3, *, grids: int = 2) -> Community:
    """Return community ``number`` of the one street, with grids 001, 002 …; made where missing.

    ``make_community(3)`` and ``make_community(4)`` are neighbours under one street.
    """
    district = AreaFactory(code=DISTRICT, name="天桥区", level=Level.DISTRICT)
    street = AreaFactory(code=STREET, name="药山街道", level=Level.STREET, parent=district)
    code = f"{STREET}{number:03d}"
    community = AreaFactory(code=code, name=f"第{number}社区", level=Level.COMMUNITY, parent=street)
    made = [
        AreaFactory(code=f"{code}{one:03d}", name=f"第{one}网格", level=Level.GRID, parent=community)
        for one in range(1, grids + 1)
    ]
    return Community(district=district, street=street, community=community, grids=made)


class PostFactory(factory.django.DjangoModelFactory):
    """A post without end since 2020, of a warning specialist in the first grid unless told."""

    class Meta:
        model = Post

    user = factory.SubFactory(UserFactory)
    area = factory.LazyFunction(lambda: make_community().grid)
    role = Role.WARNING_SPECIALIST
    starts_on = date(2020, 1, 1)


def make_staff(role: Role, area: Area, **fields: object) -> User:
    """Return a new person who holds a role at an area; ``fields`` are the user's."""
    user: User = PostFactory(role=role, area=area, user=UserFactory(**fields)).user
    return user


class HouseholdFactory(factory.django.DjangoModelFactory):
    """A flat in the first grid unless told."""

    class Meta:
        model = Household

    grid = factory.LazyFunction(lambda: make_community().grid)
    building = "3"
    unit = "2"
    room = factory.Sequence(lambda number: str(101 + number))


class ResidentFactory(factory.django.DjangoModelFactory):
    """An elder with a phone and a door in the first grid unless told."""

    class Meta:
        model = Resident

    name = factory.Sequence(lambda number: f"王居民{number}")
    grid = factory.LazyFunction(lambda: make_community().grid)
    household = factory.SubFactory(HouseholdFactory, grid=factory.SelfAttribute("..grid"))
    birth_on = date(1950, 6, 1)
    phone = factory.Sequence(lambda number: f"1990000{number % 9000:04d}")


class FamilyContactFactory(factory.django.DjangoModelFactory):
    """A daughter with a phone."""

    class Meta:
        model = FamilyContact

    resident = factory.SubFactory(ResidentFactory)
    name = factory.Sequence(lambda number: f"李女儿{number}")
    relation = "女儿"
    phone = factory.Sequence(lambda number: f"1990000{number % 9000:04d}")


class PairingFactory(factory.django.DjangoModelFactory):
    """A carer of the resident's own grid, since March, unless told."""

    class Meta:
        model = Pairing

    resident = factory.SubFactory(ResidentFactory)
    carer = factory.LazyAttribute(lambda pairing: make_staff(Role.CARER, pairing.resident.grid))
    starts_on = date(2026, 3, 1)


class VisitFactory(factory.django.DjangoModelFactory):
    """A visit that met the resident."""

    class Meta:
        model = Visit

    resident = factory.SubFactory(ResidentFactory)
    by = factory.LazyAttribute(lambda visit: make_staff(Role.CARER, visit.resident.grid))
    result = VisitResult.MET


def make_elder(grid: Area, **fields: object) -> Resident:
    """Return an elder of a grid who lives alone: of a key group."""
    elder: Resident = ResidentFactory(grid=grid, **fields)
    Membership.objects.create(resident=elder, group=Group.ELDER_ALONE)
    return elder
