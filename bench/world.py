"""An invented street to measure in: communities, grids, and everybody a clock can meet. No real person."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from accounts.models import User
from accounts.personal_data import phone_index
from accounts.roles import Role
from alerts import engine, services
from alerts.models import Alert, Source
from alerts.services import Incoming
from residents.models import Area, Level, Post, Resident

DISTRICT = "990101"
ON = date(2020, 1, 1)


@dataclass(frozen=True)
class Shape:
    """How many communities the street has, and how many grids each of them."""

    communities: int = 5
    grids: int = 20

    def code(self, n: int) -> str:
        """Return the code of the grid that the n-th alert is of: one community after the other."""
        return f"{DISTRICT}001{n % self.communities:03d}{n // self.communities % self.grids:03d}"


COMPACT = Shape()
A_PERSON_A_SCREEN = Shape(communities=50, grids=6)
"""Of a thousand people: a hundred at desks, nine hundred in grids."""


def make_world(*, residents: int = 0, shape: Shape = COMPACT) -> Source:
    """Make areas, staff and residents; return the source that alerts come from."""
    district = Area.objects.create(code=DISTRICT, name="量区", level=Level.DISTRICT)
    street = Area.objects.create(code=f"{DISTRICT}001", name="量街道", level=Level.STREET, parent=district)
    grids: list[Area] = []
    for c in range(shape.communities):
        code = f"{DISTRICT}001{c:03d}"
        community = Area.objects.create(code=code, name=f"量{c}社区", level=Level.COMMUNITY, parent=street)
        grids += [
            Area(code=f"{code}{g:03d}", name=f"量{c}-{g}网格", level=Level.GRID, parent=community)
            for g in range(shape.grids)
        ]
        staff(community, Role.DUTY_OFFICER, Role.MANAGER, Role.POLICE_LIAISON)
    staff(street, Role.SUPERVISOR)
    for grid in Area.objects.bulk_create(grids):
        staff(grid, Role.WARNING_SPECIALIST, Role.WARNING_SPECIALIST, Role.GRID_LEADER)
    Resident.objects.bulk_create(
        (
            Resident(name=f"居民{n}", grid=grids[n % len(grids)], birth_on=date(1950, 1, 1), phone=f"1991{n:07d}")
            for n in range(residents)
        ),
        batch_size=1000,
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return Source.objects.create(code="bench", name="量")


def staff(area: Area, *roles: Role) -> None:
    """Give an area one new person for each role."""
    first = User.objects.count()
    users = [
        User(
            username=f"b{first + n}",
            name=f"员{first + n}",
            phone=f"1990000{first + n:04d}",
            phone_hash=phone_index(f"1990000{first + n:04d}"),
        )
        for n in range(len(roles))
    ]
    User.objects.bulk_create(users)
    Post.objects.bulk_create(
        Post(user=user, area=area, role=role, starts_on=ON) for user, role in zip(users, roles, strict=True)
    )


def message(n: int, *, prefix: str = "B", shape: Shape = COMPACT) -> Incoming:
    """Return a message about somebody new in one of the grids."""
    return Incoming(
        external_id=f"{prefix}{n}",
        level="high",
        fraud_type="fake_investment",
        name=f"人{prefix}{n}",
        phone=f"1992{n:07d}",
        area_code=shape.code(n),
        description="正在向陌生账户转账",
    )


def put_before_the_hand_over(source: Source, count: int, *, at: datetime, shape: Shape = COMPACT) -> None:
    """Bring alerts, through the real intake and the real engine, to where "not accepted" is due at that moment."""
    received = at - timedelta(minutes=8)
    for start in range(0, count, 500):
        batch = [message(n, shape=shape) for n in range(start, min(start + 500, count))]
        services.receive(source, batch, now=received)
    while engine.sweep(now=at - timedelta(minutes=3)):
        pass
    assert Alert.objects.filter(state="dispatched").count() == count


def shift(by: timedelta) -> None:
    """Move everything that has happened in time, so that what was prepared is due when a measure begins."""
    seconds = by.total_seconds()
    if connection.vendor == "postgresql":
        moved = "{0} = {0} + interval '%s seconds'"
    else:
        moved = "{0} = strftime('%%Y-%%m-%%d %%H:%%M:%%f', {0}, '+%s seconds')"
    columns = {
        "alerts_alert": ("received_at", "dispatched_at", "changed_at"),
        "alerts_objectiveclock": ("started_at", "due_at"),
        "alerts_timer": ("due_at", "wake_at"),
    }
    with connection.cursor() as cursor:
        for table, names in columns.items():
            assignments = ", ".join(moved.format(name) % seconds for name in names)
            cursor.execute(f"UPDATE {table} SET {assignments}")
