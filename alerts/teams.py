"""Who stands behind an alert: the people of its grid, its community and its street, and which of them are free.

Read for a whole batch of alerts at once, in three queries however many there are: the posts of all their areas, who is
marked busy, and who has another high alert in hand. Until duty rosters exist everybody who holds a post is on call.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from alerts.models import Alert, BusySpell
from alerts.policy import Audience, Level, Member, Rank, State
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

    def __init__(self, alerts: Iterable[Alert], *, on: date) -> None:
        self._posts: dict[str, list[tuple[str, int]]] = {}
        self._people: dict[int, Person] = {}
        alerts = list(alerts)
        answering = Q(area__code__in={code for alert in alerts for code in ancestry(alert.area_code)})
        for code in {alert.area_code for alert in alerts if alert.is_unplaced}:
            # An alert that could not be placed waits at every desk beneath the area it is known to be of.
            answering |= within("area__code", (code,) if code else None) & Q(role=Role.DUTY_OFFICER)
        posts = Post.objects.current(on).filter(answering, user__is_active=True)
        columns = ("role", "area__code", "user_id", "user__name", "user__username", "user__language")
        for role, code, user_id, name, username, language in posts.order_by("pk").values_list(*columns):
            self._posts.setdefault(code, []).append((role, user_id))
            self._people[user_id] = Person(user_id, name or username, language)
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
        near_first = [self._posts[code] for code in reversed(ancestry(alert.area_code)) if code in self._posts]
        if alert.is_unplaced:
            beneath = [posts for code, posts in self._posts.items() if code.startswith(alert.area_code)]
            near_first.append([post for posts in beneath for post in posts if post[0] == Role.DUTY_OFFICER])
        by_role: dict[str, tuple[int, ...]] = {}
        members: list[Member] = []
        for posts in near_first:
            here: dict[str, tuple[int, ...]] = {}
            for role, user_id in posts:
                here[role] = (*here.get(role, ()), user_id)
                if role in RANKS:
                    members.append(self._member(user_id, RANKS[role], alert))
            by_role = here | by_role
        if not any(AUDIENCES[audience] in by_role for audience in LAST_RESORT):
            administrators = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
            by_role[AUDIENCES[Audience.DESK]] = tuple(administrators.values_list("pk", flat=True))
        return Team(tuple(members), by_role)

    def person(self, user_id: int) -> Person:
        """Return somebody of these teams, or from the roll of all users where they have since left the post."""
        if user_id not in self._people:
            user = User.objects.defer("phone").get(pk=user_id)
            self._people[user_id] = Person(user.pk, str(user), user.language)
        return self._people[user_id]

    def _member(self, user_id: int, rank: Rank, alert: Alert) -> Member:
        others = self._engaged.get(user_id, set()) - {alert.pk}
        return Member(user_id, rank, is_busy=user_id in self._busy, is_engaged=bool(others))


def team_of(alert: Alert, *, on: date) -> tuple[Team, Teams]:
    """Return one alert's team, and the people in it."""
    teams = Teams([alert], on=on)
    return teams.of(alert), teams


def _engaged(user_ids: Collection[int]) -> dict[int, set[int]]:
    """Return the accepted high alerts each of these people has in hand."""
    held: dict[int, set[int]] = {}
    rows = Alert.objects.filter(state=State.ACCEPTED, level=Level.HIGH, holder__in=user_ids)
    for user_id, alert_id in rows.values_list("holder_id", "pk"):
        if user_id is not None:
            held.setdefault(user_id, set()).add(alert_id)
    return held
