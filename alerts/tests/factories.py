"""Alerts and the people around them for tests. Invented all: phones of the range 199 0000 only.

Time is an argument: ``NOON`` is when tests begin, ``after(minutes=3)`` a moment after it.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import factory

from accounts.models import User
from accounts.roles import Role
from alerts import engine, policy, services
from alerts.models import Alert, ObjectiveClock, PolicyVersion, Source, TimelineEntry, Timer
from alerts.policy import Level, Objective, Step
from alerts.services import Ending, Incoming, Receipt
from alerts.services.policies import write_steps
from residents.models import Area
from residents.tests.factories import Community, make_community, make_staff

NOON = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)  # noon where the office stands
SECOND = timedelta(seconds=1)

_numbers = itertools.count(1)


def after(*, start: datetime = NOON, **span: float) -> datetime:
    """Return the moment so many minutes, seconds … after the start."""
    return start + timedelta(**span)


class SourceFactory(factory.django.DjangoModelFactory):
    """The police platform; the same code again gives the same source."""

    class Meta:
        model = Source
        django_get_or_create = ("code",)

    code = "police-platform"
    name = "预警平台"


def ensure_policy() -> PolicyVersion:
    """Return the policy in force; the default one where a test before this has emptied the tables."""
    if not PolicyVersion.objects.published().exists():
        return publish_policy(policy.STEPS, name="Default")
    return PolicyVersion.objects.in_force()


def publish_policy(steps: Sequence[Step], *, name: str = "Of a test") -> PolicyVersion:
    """Put a table in force, after whatever is in force, as an administrator would.

    Published at a moment of its own, even where a test rolls back: a process reads a published version once.
    """
    versions = PolicyVersion.objects.published()
    last = versions.latest("published_at").published_at if versions else NOON - timedelta(days=365)
    assert last is not None
    at = last + next(_numbers) * SECOND
    version = PolicyVersion.objects.create(name=name, created_at=at)
    write_steps(version, steps)
    return services.publish(version, by=None, now=at)


def quick_steps(*, minute: timedelta = SECOND) -> tuple[Step, ...]:
    """Return the default table with its minutes made short: policy is data. Each moment keeps whole seconds."""
    return tuple(
        replace(step, at=timedelta(seconds=round(step.at / timedelta(minutes=1) * minute.total_seconds())))
        for step in policy.STEPS
    )


def message(**fields: Any) -> Incoming:
    """Return a new message about somebody new in the first grid."""
    number = next(_numbers)
    return Incoming(
        **{
            "external_id": f"T{number:06d}",
            "level": Level.HIGH,
            "fraud_type": "impersonating_authority",
            "name": f"王某{number}",
            "phone": f"1990000{number % 10_000:04d}",
            "address": "3号楼2单元401",
            "area_code": "370105012003001",
            "description": "接到自称公检法的电话，正在转账",
            **fields,
        }
    )


def receive(*, at: datetime = NOON, source: Source | None = None, by: User | None = None, **fields: Any) -> Receipt:
    """Take one message in, as the API does; ``fields`` are the message's."""
    ensure_policy()
    return services.receive(source or SourceFactory(), [message(**fields)], now=at, by=by)[0]


def make_alert(*, at: datetime = NOON, source: Source | None = None, grid: Area | None = None, **fields: Any) -> Alert:
    """Return a new alert, received at ``at`` through the real intake. ``fields`` are the message's."""
    if grid is not None:
        fields.setdefault("area_code", grid.code)
    alert = receive(at=at, source=source, **fields).alert
    assert alert is not None
    return alert


@dataclass(frozen=True)
class Scene:
    """A community with everybody whom an alert of its first grid can meet."""

    place: Community
    first: User
    second: User
    leader: User
    manager: User
    police: User
    officer: User
    supervisor: User

    @property
    def grid(self) -> Area:
        return self.place.grid

    @property
    def people(self) -> dict[str, User]:
        """Everybody by their name in this scene."""
        names = ("first", "second", "leader", "manager", "police", "officer", "supervisor")
        return {name: getattr(self, name) for name in names}

    def alert(self, *, at: datetime = NOON, **fields: Any) -> Alert:
        """Return a new alert of the first grid, not yet dispatched."""
        return make_alert(at=at, grid=self.grid, **fields)

    def dispatched(self, *, at: datetime = NOON, **fields: Any) -> Alert:
        """Return a new alert that reached the grid at ``at``."""
        return services.dispatch_alert(self.alert(at=at, **fields), by=self.officer, now=at, from_where="desk")

    def accepted(self, *, at: datetime = NOON, by: User | None = None, **fields: Any) -> Alert:
        """Return a new alert that reached the grid and was accepted at ``at``, by the first specialist unless told."""
        return services.accept_alert(self.dispatched(at=at, **fields), by=by or self.first, now=at, from_where="pocket")

    def name_of(self, user_id: int | None) -> str:
        """Return who that is in this scene."""
        return next((name for name, user in self.people.items() if user.pk == user_id), "nobody")


def make_scene(number: int = 3) -> Scene:
    """Return community ``number`` with two specialists, a leader, and everybody above them."""
    ensure_policy()
    place = make_community(number)
    return Scene(
        place=place,
        first=make_staff(Role.WARNING_SPECIALIST, place.grid, name="甲专员"),
        second=make_staff(Role.WARNING_SPECIALIST, place.grid, name="乙专员"),
        leader=make_staff(Role.GRID_LEADER, place.grid, name="网格长"),
        manager=make_staff(Role.MANAGER, place.community, name="书记"),
        police=make_staff(Role.POLICE_LIAISON, place.community, name="民警"),
        officer=make_staff(Role.DUTY_OFFICER, place.community, name="值班员"),
        supervisor=make_staff(Role.SUPERVISOR, place.street, name="街道督导"),
    )


def sweep(at: datetime, **options: Any) -> int:
    """Sweep until nothing is due any more; return how many alerts were settled."""
    total = 0
    while settled := engine.sweep(now=at, **options):
        total += settled
    return total


def ending(**fields: Any) -> Ending:
    """Return how an alert ended well, with a reason for everything that was not confirmed."""
    return Ending(**{"outcome": policy.Outcome.DISSUADED, "spoken_to": "本人", **fields})


EXCUSED = dict.fromkeys(policy.Confirmation, "民警已在门口")


def lines(alert: Alert, *kinds: str) -> list[TimelineEntry]:
    """Return the alert's timeline in the order it was written; of these kinds alone if any are named."""
    entries = alert.timeline.select_related("person", "actor")
    return list(entries.filter(kind__in=kinds) if kinds else entries)


def fired(alert: Alert) -> list[str]:
    """Return the steps that were carried out, in the order of their due times."""
    return list(alert.timers.filter(state=Timer.State.FIRED).order_by("due_at", "pk").values_list("step", flat=True))


def clock_of(alert: Alert, objective: str = Objective.RESPOND, level: str | None = None) -> ObjectiveClock:
    """Return an objective's clock; the latest one where a higher level replaced another."""
    clocks = alert.clocks.filter(objective=objective)
    return (clocks.filter(level=level) if level else clocks).latest("pk")


def unread(user: User, alert: Alert | None = None) -> list[str]:
    """Return the titles of what waits in somebody's inbox, the oldest first; about one alert if it is named."""
    notices = user.notices.unread()
    if alert is not None:
        notices = notices.about([alert.subject_key])
    return list(notices.order_by("pk").values_list("title", flat=True))
