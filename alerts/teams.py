"""Who stands behind an alert: the people of its grid, its community and its street, and which of them are free.

Read for a whole batch of alerts at once, in four queries however many there are: the posts of all their areas, who is
on duty there now, who is marked busy, and who has another high alert in hand. Where the duty roster has nobody of a
rank at an area for the hour, everybody of that rank there is on call (docs/decisions/who-is-on-call.md).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from accounts.clock import local
from accounts.models import User
from accounts.roles import DUTIES, Duty, Role
from alerts.models import Alert, BusySpell, Shift
from alerts.policy import Audience, Level, Member, Rank, ShiftKind, State
from residents.access import within
from residents.models import Post, ancestry

RANKS: Mapping[str, Rank] = {
    Role.WARNING_SPECIALIST: Rank.SPECIALIST,
    Role.GRID_LEADER: Rank.LEADER,
    Role.MANAGER: Rank.MANAGER,
    Role.POLICE_LIAISON: Rank.POLICE,
}
"""The roles that can hold an alert."""

AUDIENCES: Mapping[Audience, Role] = {
    Audience.DESK: Role.DUTY_OFFICER,
    Audience.SPECIALISTS: Role.WARNING_SPECIALIST,
    Audience.LEADER: Role.GRID_LEADER,
    Audience.MANAGER: Role.MANAGER,
    Audience.POLICE: Role.POLICE_LIAISON,
    Audience.SUPERVISOR: Role.SUPERVISOR,
}

LAST_RESORT = (Audience.DESK, Audience.MANAGER, Audience.SUPERVISOR)
"""Who hears that nobody is there: the desk, or where it is empty the next above, and where there is nobody at all the
administrators (``Teams.of``). A step never ends in silence."""


DESK_ROLES = frozenset(role for role, duties in DUTIES.items() if Duty.WATCH_DESK in duties)
"""The roles that may sit at a desk."""


class OnDuty:
    """Who is on duty at some areas at one moment, asked of the duty roster in one query.

    A shift counts as long as its person holds a post there that fits it: posts end, and rosters are made ahead.
    """

    def __init__(self, codes: Iterable[str], *, now: datetime) -> None:
        shifts = Shift.objects.covering(now).at_areas(codes).order_by("starts_at", "seat", "pk")
        self._people: dict[tuple[str, str], list[int]] = {}
        for kind, code, user_id in shifts.values_list("kind", "area__code", "user_id"):
            self._people.setdefault((kind, code), []).append(user_id)

    def at_desk(self, code: str, posts: Iterable[tuple[str, int]]) -> tuple[int, ...]:
        """Return who sits at an area's desk; nobody where its roster has nobody for the hour."""
        return self._holding(ShiftKind.DESK, code, {user_id for role, user_id in posts if role in DESK_ROLES})

    def on_call(self, code: str, role: str, posts: Iterable[tuple[str, int]]) -> tuple[int, ...]:
        """Return who of a role is on call at an area; nobody where its roster has nobody of the role for the hour."""
        return self._holding(ShiftKind.ON_CALL, code, {user_id for held, user_id in posts if held == role})

    def _holding(self, kind: str, code: str, holders: Collection[int]) -> tuple[int, ...]:
        people = self._people.get((kind, code))
        return tuple(dict.fromkeys(user_id for user_id in people if user_id in holders)) if people else ()


@dataclass(frozen=True, slots=True)
class Team:
    """The people behind one alert. ``members`` are in the order of their posts, the nearest area first."""

    members: tuple[Member, ...] = ()
    by_role: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def told(self, audience: Audience) -> tuple[int, ...]:
        """Return the ids of the users who are that audience: those of the nearest area that has any."""
        return self.by_role.get(AUDIENCES[audience], ())

    def last_resort(self) -> tuple[int, ...]:
        """Return who hears that nobody is available: the desk, else the manager, else the supervisor."""
        return next((people for audience in LAST_RESORT if (people := self.told(audience))), ())

    def member(self, user_id: int | None) -> Member | None:
        """Return somebody's place in the team, the lowest rank where they have two; ``None`` for an outsider."""
        mine = [member for member in self.members if member.user_id == user_id]
        return min(mine, key=lambda member: member.rank, default=None)


@dataclass(frozen=True, slots=True)
class Person:
    """What telling somebody needs to know of them. A batch's posts name hundreds: whole users would cost too much."""

    pk: int
    name: str
    language: str

    def __str__(self) -> str:
        return self.name


class Teams:
    """The teams of a batch of alerts, and the people in them."""

    def __init__(self, alerts: Iterable[Alert], *, now: datetime) -> None:
        self._posts: dict[str, list[tuple[str, int]]] = {}
        self._people: dict[int, Person] = {}
        alerts = list(alerts)
        answering = Q(area__code__in={code for alert in alerts for code in ancestry(alert.area_code)})
        for code in {alert.area_code for alert in alerts if alert.is_unplaced}:
            # An alert that could not be placed waits at every desk beneath the area it is known to be of.
            answering |= within("area__code", (code,) if code else None) & Q(role=Role.DUTY_OFFICER)
        posts = Post.objects.current(local(now).date()).filter(answering, user__is_active=True)
        columns = ("role", "area__code", "user_id", "user__name", "user__username", "user__language")
        for role, code, user_id, name, username, language in posts.order_by("pk").values_list(*columns):
            self._posts.setdefault(code, []).append((role, user_id))
            self._people[user_id] = Person(user_id, name or username, language)
        self._on_duty = OnDuty(self._posts, now=now)
        able = {user_id for mine in self._posts.values() for role, user_id in mine if role in RANKS}
        self._busy = BusySpell.objects.busy_among(able)
        self._engaged = _engaged(able)
        self._accepted = {alert_id for held in self._engaged.values() for alert_id in held}
        self._teams: dict[tuple[str, bool], Team] = {}

    def of(self, alert: Alert) -> Team:
        """Return the team of one alert as it was when the people were read.

        An alert without a grid has its community's people alone. Those of one area share a team, but for an alert that
        engages somebody itself: to that one they are free.
        """
        if alert.pk in self._accepted:
            return self._assemble(alert)
        place = (alert.area_code, alert.is_unplaced)
        if place not in self._teams:
            self._teams[place] = self._assemble(alert)
        return self._teams[place]

    def _assemble(self, alert: Alert) -> Team:
        near_first = [(code, self._posts[code]) for code in reversed(ancestry(alert.area_code)) if code in self._posts]
        by_role: dict[str, tuple[int, ...]] = {}
        members: list[Member] = []
        for code, posts in near_first:
            here = self._by_role(code, posts)
            for role, user_id in posts:
                if role in RANKS:
                    members.append(self._member(user_id, RANKS[role], alert, is_on_call=user_id in here[role]))
            by_role = here | by_role
        if alert.is_unplaced:
            by_role = {Role.DUTY_OFFICER: self._desks_beneath(alert.area_code)} | by_role
        if not any(by_role.get(AUDIENCES[audience]) for audience in LAST_RESORT):
            administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
            by_role[AUDIENCES[Audience.DESK]] = tuple(administrators.values_list("pk", flat=True))
        return Team(tuple(members), by_role)

    def _by_role(self, code: str, posts: Sequence[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
        """Return who is to be called of each role at one area: who is on duty, or where nobody is, all of them."""
        held: dict[str, tuple[int, ...]] = {}
        for role, user_id in posts:
            held[role] = (*held.get(role, ()), user_id)
        called = {role: self._on_duty.on_call(code, role, posts) or people for role, people in held.items()}
        if desk := self._on_duty.at_desk(code, posts):
            called[Role.DUTY_OFFICER] = desk
        return called

    def _desks_beneath(self, area_code: str) -> tuple[int, ...]:
        """Return who is at every desk beneath an area, of which an alert is known and no more."""
        beneath = [(code, posts) for code, posts in self._posts.items() if code.startswith(area_code)]
        return tuple(
            user_id for code, posts in beneath for user_id in self._by_role(code, posts).get(Role.DUTY_OFFICER, ())
        )

    def person(self, user_id: int) -> Person:
        """Return somebody of these teams, or from the roll of all users where they have since left the post."""
        if user_id not in self._people:
            user = User.objects.defer("phone").get(pk=user_id)
            self._people[user_id] = Person(user.pk, str(user), user.language)
        return self._people[user_id]

    def _member(self, user_id: int, rank: Rank, alert: Alert, *, is_on_call: bool) -> Member:
        others = self._engaged.get(user_id, set()) - {alert.pk}
        return Member(user_id, rank, is_busy=user_id in self._busy, is_engaged=bool(others), is_on_call=is_on_call)


def team_of(alert: Alert, *, now: datetime) -> tuple[Team, Teams]:
    """Return one alert's team, and the people in it."""
    teams = Teams([alert], now=now)
    return teams.of(alert), teams


def _engaged(user_ids: Collection[int]) -> dict[int, set[int]]:
    """Return the accepted high alerts each of these people has in hand."""
    held: dict[int, set[int]] = {}
    # A drill keeps nobody from a real one.
    rows = Alert.objects.filter(state=State.ACCEPTED, level=Level.HIGH, holder__in=user_ids, is_drill=False)
    for user_id, alert_id in rows.values_list("holder_id", "pk"):
        if user_id is not None:
            held.setdefault(user_id, set()).add(alert_id)
    return held
