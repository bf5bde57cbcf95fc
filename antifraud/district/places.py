"""The areas of the district, and who has which post there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.personal_data import encrypt, phone_index
from accounts.roles import Role
from antifraud.district.pouring import pour
from antifraud.district.scale import COMMUNITIES_OF_A_STREET, Scale
from residents.models import Area, Level, Post

CODE = "990101"
FIRST_PHONE, PHONES = 19900000000, 10_000
"""The numbers that nobody has: 199 0000 0000 to 199 0000 9999."""

AT_A_GRID = (Role.GRID_LEADER, Role.WARNING_SPECIALIST, Role.WARNING_SPECIALIST, Role.CARER)
AT_A_COMMUNITY = (
    Role.DUTY_OFFICER,
    Role.MANAGER,
    Role.POLICE_LIAISON,
    Role.OUTREACH_WORKER,
    Role.BUILDING_INFORMANT,
)
AT_A_STREET = (Role.SUPERVISOR,)
NUMERALS = "一二三四五六七八九十"
ADMINISTRATOR = "administrator.1"


@dataclass(frozen=True)
class Place:
    """A grid, with what is asked of it ten thousand times."""

    pk: int
    code: str
    name: str
    community_id: int
    leader: int
    specialists: tuple[int, int]
    carer: int
    officer: int
    worker: int
    """The duty officer and the outreach worker are its community's."""

    @property
    def community_code(self) -> str:
        """The code of its community."""
        return self.code[:12]


def make_areas(scale: Scale) -> list[Area]:
    """Make district, streets, communities and grids; return them all, the wide ones first."""
    district = Area.objects.create(code=CODE, name="示例区", level=Level.DISTRICT)
    streets = Area.objects.bulk_create(
        Area(code=f"{CODE}{n:03d}", name=f"平安{n}街道", level=Level.STREET, parent=district)
        for n in range(1, scale.streets + 1)
    )
    communities = Area.objects.bulk_create(
        Area(
            code=f"{streets[n // COMMUNITIES_OF_A_STREET].code}{n % COMMUNITIES_OF_A_STREET + 1:03d}",
            name=f"和顺{n + 1}社区",
            level=Level.COMMUNITY,
            parent=streets[n // COMMUNITIES_OF_A_STREET],
        )
        for n in range(scale.communities)
    )
    shares = [len(range(n, scale.grids, scale.communities)) for n in range(scale.communities)]
    grids = Area.objects.bulk_create(
        Area(code=f"{one.code}{n:03d}", name=f"第{in_words(n)}网格", level=Level.GRID, parent=one)
        for one, share in zip(communities, shares, strict=True)
        for n in range(1, share + 1)
    )
    return [district, *streets, *communities, *grids]


def in_words(number: int) -> str:
    """Return a number under a hundred as it stands in a name: 十二."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else NUMERALS[tens - 1]) + ("十" if tens else "") + (NUMERALS[ones - 1] if ones else "")


def make_staff(areas: Sequence[Area], *, password: str, on: date) -> list[Place]:
    """Give every area its people, in office for five years, and return the grids in order of their codes.

    The first of each role can log in, and an administrator: the others have no password. Past ten thousand people the
    invented phone numbers are used up, so the rest have none.
    """
    posts = [(area, role) for area in areas for role in _roles_at(area)]
    hashed, shut = make_password(password), make_password(None)
    pour(User, _users(posts, hashed=hashed, shut=shut))
    User.objects.create(username=ADMINISTRATOR, name="管理员", is_staff=True, is_superuser=True, password=hashed)
    keys = dict(User.objects.values_list("username", "pk"))
    since = on - timedelta(days=5 * 365)
    named = list(zip(_names(posts), posts, strict=True))
    pour(Post, ({"user_id": keys[name], "area_id": a.pk, "role": r, "starts_on": since} for name, (a, r) in named))
    held: dict[int, dict[str, list[int]]] = {}
    for name, (area, role) in named:
        held.setdefault(area.pk, {}).setdefault(role, []).append(keys[name])
    return [_place(area, held) for area in areas if area.level == Level.GRID]


def logins() -> list[tuple[Role, str]]:
    """Return who can log in: the first of each role."""
    return [(role, f"{role}.1") for role in Role]


def _roles_at(area: Area) -> Sequence[Role]:
    return {Level.GRID: AT_A_GRID, Level.COMMUNITY: AT_A_COMMUNITY, Level.STREET: AT_A_STREET}.get(
        Level(area.level), ()
    )


def _names(posts: Sequence[tuple[Area, Role]]) -> Iterator[str]:
    """Yield ``supervisor.1``, ``supervisor.2`` …: numbered within each role."""
    counts: dict[Role, int] = {}
    for _area, role in posts:
        counts[role] = counts.get(role, 0) + 1
        yield f"{role}.{counts[role]}"


def _users(posts: Sequence[tuple[Area, Role]], *, hashed: str, shut: str) -> Iterator[dict[str, object]]:
    for n, (name, (_area, role)) in enumerate(zip(_names(posts), posts, strict=True)):
        phone = str(FIRST_PHONE + n) if n < PHONES else ""
        yield {
            "username": name,
            "name": f"{role.label}{name.rpartition('.')[2]}",
            "phone": encrypt(phone),
            "phone_hash": phone_index(phone) if phone else None,
            "password": hashed if name.endswith(".1") else shut,
        }


def _place(grid: Area, held: dict[int, dict[str, list[int]]]) -> Place:
    assert grid.parent_id is not None
    here, above = held[grid.pk], held[grid.parent_id]
    first, second = here[Role.WARNING_SPECIALIST]
    return Place(
        pk=grid.pk,
        code=grid.code,
        name=grid.name,
        community_id=grid.parent_id,
        leader=here[Role.GRID_LEADER][0],
        specialists=(first, second),
        carer=here[Role.CARER][0],
        officer=above[Role.DUTY_OFFICER][0],
        worker=above[Role.OUTREACH_WORKER][0],
    )
