"""A night at four desks on a virtual clock: what comes, who answers, who is on duty, and what must hold all along.

The real engine sweeps, the real verbs are pressed, and the real outbox delivers to the loopback server of
notifications' tests. Nothing here asks the product who is on duty: the night has its own list, and its own rule.

Everything is drawn from one seed, so a night that fails is played again by its number.
"""

import heapq
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection

from accounts.calendars import Stretch
from accounts.models import User
from accounts.roles import Role
from alerts import engine, services
from alerts.models import Alert, BusySpell, ObjectiveClock, TimelineEntry, Timer
from alerts.policy import (
    CONFIRMATIONS,
    CONFIRMS,
    Confirmation,
    Level,
    Objective,
    ObjectiveState,
    Outcome,
    Rank,
    ShiftKind,
    State,
)
from alerts.services import AlertError
from alerts.teams import RANKS
from alerts.tests.factories import EXCUSED, NOON, SourceFactory, ending, ensure_policy, message
from alerts.tests.rosters import at
from notifications.models import Channel, Delivery, Notice
from notifications.models import State as Sent
from notifications.services import deliver_due
from notifications.tests.factories import ChannelFactory, Clock
from notifications.tests.outside import HANG, REFUSED, WebServer
from residents.models import Area
from residents.tests.factories import Community, make_community, make_staff

BEGINS, CHANGES, ENDS = at(20), at(26), at(32)
"""Eight in the evening, two at night when the shifts change, eight in the morning."""

HALVES = ((BEGINS, CHANGES), (CHANGES, ENDS))

SILENT = 0.3
"""The share of the people who never answer."""

WAITS = timedelta(minutes=3)
"""So long at most is an alert in nobody's hands while somebody on duty is free: the reconciler comes by."""

PACE = timedelta(seconds=30)
"""How often the outbox is emptied while something waits in it."""

WELL, REFUSES, HANGS = 1, 2, 3
"""Which community's text messages arrive, and where there is something wrong."""

Kind = TimelineEntry.Kind
DEED_OF = {confirmation: deed for deed, confirmation in CONFIRMS.items()}


@dataclass(frozen=True)
class Hours:
    """Somebody's hours on duty, as this night's own list has them."""

    user: User
    role: Role
    code: str
    stretch: Stretch

    def cover(self, now: datetime) -> bool:
        return self.stretch.begins_at <= now < self.stretch.ends_at


@dataclass
class People:
    """Everybody with a post, who is on duty when, and who of them never answers."""

    posts: dict[int, tuple[Role, str]] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    hours: list[Hours] = field(default_factory=list)
    silent: frozenset[int] = frozenset()
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def appoint(self, role: Role, area: Area) -> User:
        number = next(self._numbers)
        user = make_staff(role, area, name=f"{area.name}{role.label}{number}", phone=f"1990004{number:04d}")
        self.posts[user.pk], self.users[user.pk] = (role, area.code), user
        return user

    def put_on(self, user: User, area: Area, begins: datetime, ends: datetime) -> None:
        """Enter a shift into the product's roster, and into the night's own list."""
        role = self.posts[user.pk][0]
        kind = ShiftKind.DESK if role == Role.DUTY_OFFICER else ShiftKind.ON_CALL
        stretch = Stretch(begins, ends)
        services.add_shift(area, kind=kind, user=user, hours=stretch, by=None, now=NOON)
        self.hours.append(Hours(user, role, area.code, stretch))

    def on_duty(self, user_id: int, now: datetime) -> bool:
        """By the list: who has the hour or, in an hour that nobody of the role has there, everybody of it."""
        role, code = self.posts[user_id]
        there = [hours for hours in self.hours if (hours.role, hours.code) == (role, code) and hours.cover(now)]
        return not there or any(hours.user.pk == user_id for hours in there)

    def behind(self, code: str, *, start: Rank) -> list[int]:
        """Everybody who could hold an alert of an area, from a rank on."""
        able = [(pk, role) for pk, (role, post) in self.posts.items() if role in RANKS and code.startswith(post)]
        return [pk for pk, role in able if RANKS[role] >= start]

    def at_desk(self, code: str, now: datetime) -> list[User]:
        desks = [pk for pk, (role, post) in self.posts.items() if role == Role.DUTY_OFFICER and code.startswith(post)]
        return [self.users[pk] for pk in desks if self.on_duty(pk, now)]


def make_people(rng: random.Random, *, grids: int) -> tuple[People, list[Community]]:
    """Return four communities with their rosters: a change of shift at two, and two holes. The last one has few people:
    one specialist on duty in each grid, no leader, and nobody above them but the desk."""
    people = People()
    places = [make_community(number, grids=grids) for number in (WELL, REFUSES, HANGS, HANGS + 1)]
    people.appoint(Role.SUPERVISOR, places[0].street)
    for place in places:
        is_thin = place is places[-1]
        for role in (Role.DUTY_OFFICER,) if is_thin else (Role.DUTY_OFFICER, Role.MANAGER):
            early, late = (people.appoint(role, place.community) for _one in range(2))
            people.put_on(early, place.community, BEGINS, CHANGES)
            has_hole = (place is places[0]) and role == Role.DUTY_OFFICER
            people.put_on(late, place.community, CHANGES + (timedelta(hours=1) if has_hole else timedelta()), ENDS)
        if not is_thin:
            people.appoint(Role.POLICE_LIAISON, place.community)
        for grid in place.grids:
            if is_thin:
                _make_thin_grid(people, grid)
            else:
                _make_grid(people, grid, has_hole=grid == places[1].grids[0])
    everybody = sorted(people.posts)
    people.silent = frozenset(rng.sample(everybody, round(SILENT * len(everybody))))
    return people, places


def _make_grid(people: People, grid: Area, *, has_hole: bool) -> None:
    """Three specialists, of whom two are on duty at a time, and two leaders; the hole is from eleven to half past."""
    first, second, third = (people.appoint(Role.WARNING_SPECIALIST, grid) for _one in range(3))
    for user in (first, second):
        if has_hole:
            people.put_on(user, grid, BEGINS, at(23))
            people.put_on(user, grid, at(23) + timedelta(minutes=30), CHANGES)
        else:
            people.put_on(user, grid, BEGINS, CHANGES)
    for user in (second, third):
        people.put_on(user, grid, CHANGES, ENDS)
    for user, hours in zip((people.appoint(Role.GRID_LEADER, grid) for _one in range(2)), HALVES, strict=True):
        people.put_on(user, grid, *hours)


def _make_thin_grid(people: People, grid: Area) -> None:
    for hours in HALVES:
        people.put_on(people.appoint(Role.WARNING_SPECIALIST, grid), grid, *hours)


def make_channels(web: WebServer, places: list[Community]) -> dict[str, Channel]:
    """Return the ways out: one refuses and its group's robot stands behind it; one grid's hangs and nothing does."""
    web.behaviour |= {"refuses": REFUSED, "hangs": HANG}
    well, refuses, hangs, beside = places
    return {
        "well": ChannelFactory(address=f"{web.url}/well", area_code=well.community.code),
        "beside": ChannelFactory(address=f"{web.url}/beside", area_code=beside.community.code),
        "refuses": ChannelFactory(address=f"{web.url}/refuses", area_code=refuses.community.code),
        "robot": ChannelFactory(kind="wecom", address="key", area_code=refuses.community.code),
        "elsewhere": ChannelFactory(address=f"{web.url}/elsewhere", area_code=hangs.community.code),
        "hangs": ChannelFactory(address=f"{web.url}/hangs", area_code=hangs.grids[0].code),
    }


@dataclass(frozen=True)
class Hindered:
    """Who could not be called at a moment: marked busy, or with high alerts in hand."""

    busy: set[int]
    engaged: Mapping[int, set[int]]

    @classmethod
    def now(cls) -> "Hindered":
        engaged = defaultdict[int, set[int]](set)
        rows = Alert.objects.filter(state=State.ACCEPTED, level=Level.HIGH, holder__isnull=False)
        for holder, alert in rows.values_list("holder_id", "pk"):
            engaged[holder].add(alert)
        return cls(set(BusySpell.objects.running().values_list("user_id", flat=True)), engaged)

    def is_free(self, user_id: int, alert: int) -> bool:
        return user_id not in self.busy and not self.engaged.get(user_id, set()) - {alert}


@dataclass
class Night:
    """One night: a queue of what people do, and the clock between."""

    seed: int
    web: WebServer
    alerts: int = 500
    grids: int = 3

    def __post_init__(self) -> None:
        ensure_policy()
        self.rng = random.Random(self.seed)
        self.people, self.places = make_people(self.rng, grids=self.grids)
        self.channels = make_channels(self.web, self.places)
        self.source = SourceFactory()
        self.clock = Clock(BEGINS)
        self.queue: list[tuple[datetime, int, Callable[[], Any]]] = []
        self._order = itertools.count()
        self._deeds = itertools.count(1)
        self.last_line = 0
        self.refused = 0
        self.holders: dict[int, int | None] = {}
        self.in_nobodys_hands: dict[int, datetime] = {}
        self.have_waited: set[int] = set()
        for number in range(self.alerts):
            self.at(BEGINS + (ENDS - BEGINS) * self.rng.random(), partial(self.arrives, number))
        self.is_delivering = False
        self.at(BEGINS, self.reconcile)

    @property
    def now(self) -> datetime:
        return self.clock.now

    # ── playing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def at(self, moment: datetime, deed: Callable[[], Any]) -> None:
        """Have something happen at a whole second."""
        heapq.heappush(self.queue, (moment.replace(microsecond=0), next(self._order), deed))

    def later(self, least: float, most: float, deed: Callable[[], Any]) -> None:
        """Have something happen between so many seconds from now."""
        self.at(self.now + timedelta(seconds=self.rng.uniform(least, most)), deed)

    def play(self) -> None:
        """Let the night pass, and the time after it until every step of its alerts is settled."""
        while True:
            due = Timer.objects.pending().order_by("wake_at").values_list("wake_at", flat=True).first()
            if self.queue and (due is None or self.queue[0][0] < due):
                self.clock.now, _order, deed = heapq.heappop(self.queue)
                self.do(deed)
            elif due is not None:
                self.clock.now = max(due, self.now)
                self.do(self.sweep)
            else:
                return

    def do(self, deed: Callable[[], Any]) -> None:
        """Do one thing, hold what it did against the list of who is on duty, and have people hear of it."""
        if next(self._deeds) % 100 == 0 and connection.vendor == "postgresql":
            # All of a test's night is one transaction, of which the database's own statistics see nothing.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        try:
            deed()
        except AlertError:
            self.refused += 1
        lines = list(TimelineEntry.objects.filter(pk__gt=self.last_line).order_by("pk"))
        if lines:
            self.last_line = lines[-1].pk
            self.who_was_called(lines)
            self.hear(lines)

    def sweep(self) -> None:
        while engine.sweep(now=self.now):
            pass

    def deliver(self) -> None:
        """Empty the outbox now and, as long as something waits there, again."""
        self.is_delivering = False
        deliver_due(clock=self.clock, worker="night")
        services.report_undelivered(now=self.now)
        if Delivery.objects.waiting().exists():
            self.deliver_soon()

    def deliver_soon(self) -> None:
        if not self.is_delivering:
            self.at(self.now + PACE, self.deliver)
        self.is_delivering = True

    def reconcile(self) -> None:
        """The reconciler comes by, less often than it would, and so does this night: nothing open is forgotten."""
        found = engine.reconcile(now=self.now)
        assert found.is_clean, (self.seed, self.now, found)
        self.nobody_is_forgotten()
        if self.now < ENDS + timedelta(hours=1):
            self.at(self.now + WAITS, self.reconcile)

    # ── what people do ──────────────────────────────────────────────────────────────────────────────────────────────

    def arrives(self, number: int) -> None:
        """An alert comes: most about somebody new, some once more about one that is open, some of no known grid."""
        place = self.rng.choice(self.places)
        grid = self.rng.choice(place.grids)
        if grid == self.places[2].grids[0] and self.rng.random() < 0.7:
            grid = place.grids[1]  # each letter there costs real time: a few show what there is to be seen
        code = grid.code if self.rng.random() < 0.95 else place.community.code
        level = self.rng.choices(list(Level), weights=[45, 40, 15])[0]
        phone = f"1990006{number:04d}"
        again = Alert.objects.open().order_by("pk").values_list("subject_phone", "area_code")
        if self.rng.random() < 0.06 and (known := list(again)):
            phone, code = self.rng.choice(known)
        sent = message(external_id=f"N{number}", level=level, phone=phone, name="", address="", area_code=code)
        (receipt,) = services.receive(self.source, [sent], now=self.now)
        assert receipt.alert is not None
        pk = receipt.alert.pk
        for officer in self.people.at_desk(code, self.now):
            if officer.pk not in self.people.silent:
                self.later(15, 400, partial(self.dispatch, pk, officer))

    def dispatch(self, pk: int, officer: User) -> None:
        alert = Alert.objects.get(pk=pk)
        grid = self.rng.choice(self.places_of(alert).grids) if alert.is_unplaced else None
        services.dispatch_alert(alert, grid=grid, by=officer, now=self.now, from_where="desk")

    def places_of(self, alert: Alert) -> Community:
        return next(place for place in self.places if alert.area_code.startswith(place.community.code))

    def hear(self, lines: list[TimelineEntry]) -> None:
        """The outbox goes to work; whoever answers at all reacts to what they were told, sooner or later."""
        for line in lines:
            who = line.person_id
            if line.kind == Kind.NOTIFIED:
                self.deliver_soon()
            if line.kind == Kind.NOTIFIED and who in self.people.posts and who not in self.people.silent:
                self.later(8, 260, partial(self.react, who, line.alert_id))

    def react(self, who: int, pk: int) -> None:
        """Take an alert on, hand it on, or be busy: whatever somebody in that place would do."""
        alert, user = Alert.objects.get(pk=pk), self.people.users[who]
        common: dict[str, Any] = {"by": user, "now": self.now}
        if not alert.is_open or self.people.posts[who][0] not in RANKS:
            return
        chance = self.rng.random()
        if alert.holder_id != who:
            return
        if chance < 0.08:
            services.mark_busy(user, now=self.now)
            self.later(300, 2400, partial(self.be_free, user))
        elif chance < 0.12:
            services.hand_over_alert(alert, reason="路太远", **common)
        elif alert.state == State.DISPATCHED:
            services.accept_alert(alert, from_where="pocket", **common)
            if chance < 0.2:
                self.later(30, 120, partial(self.ask_for_help, pk, user))
            idle = 1500 if chance > 0.93 else 0  # accepted, and then nothing for a long while
            for confirmation in CONFIRMATIONS[alert.level]:
                self.later(20 + idle, 300 + idle, partial(self.confirm, pk, user, confirmation))
            self.later(310 + idle, 1500 + idle, partial(self.close, pk, user))

    def be_free(self, user: User) -> None:
        services.mark_free(user, now=self.now)

    def ask_for_help(self, pk: int, user: User) -> None:
        services.ask_for_help(Alert.objects.get(pk=pk), by=user, now=self.now, from_where="pocket")

    def confirm(self, pk: int, user: User, confirmation: Confirmation) -> None:
        alert = Alert.objects.get(pk=pk)
        if alert.holder_id == user.pk:
            services.record_deed(alert, deed=DEED_OF[confirmation], by=user, now=self.now, from_where="pocket")

    def close(self, pk: int, user: User) -> None:
        alert = Alert.objects.get(pk=pk)
        if alert.is_open and alert.holder_id == user.pk:
            end = ending(outcome=Outcome.SAW_THROUGH, excuses=EXCUSED)
            services.close_alert(alert, ending=end, by=user, now=self.now, from_where="pocket")

    # ── what must hold ──────────────────────────────────────────────────────────────────────────────────────────────

    def who_was_called(self, lines: list[TimelineEntry]) -> None:
        """Nobody off duty was called while somebody on duty was free, by this night's own list."""
        alerts = Alert.objects.without_phone().in_bulk({line.alert_id for line in lines})
        start: dict[int, Rank] = {}
        had = {pk: {self.holders.get(pk)} for pk in alerts}
        for line in lines:
            alert = alerts[line.alert_id]
            if line.kind == Kind.ESCALATED and "do" in line.detail:
                start[alert.pk] = Rank.LEADER if line.detail["do"] == "hand_to_leader" else Rank.SPECIALIST
            if line.kind == Kind.ASSIGNED and line.person_id is not None:
                had[alert.pk].add(line.person_id)
                if line.person_id != line.actor_id and not self.people.on_duty(line.person_id, self.now):
                    free = self.free_on_duty(alert, start.get(alert.pk, Rank.SPECIALIST), without=had[alert.pk])
                    assert not free, (self.seed, self.now, alert.pk, "called off duty", line.person_id, free)
            if line.kind == Kind.NOTIFIED and line.person_id in self.people.posts:
                is_at_work = line.person_id in had[alert.pk] or self.people.on_duty(line.person_id, self.now)
                said = (self.seed, self.now, alert.pk, "told off duty", line.person_id, line.detail)
                assert is_at_work or alert.helpers.filter(pk=line.person_id).exists(), said
        self.holders |= {alert.pk: alert.holder_id for alert in alerts.values()}

    def free_on_duty(self, alert: Alert, start: Rank, *, without: Collection[int | None] = ()) -> list[int]:
        """Who of those behind an alert is on duty and free just now."""
        behind = [pk for pk in self.people.behind(alert.area_code, start=start) if pk not in without]
        hindered = Hindered.now()
        return [pk for pk in behind if self.people.on_duty(pk, self.now) and hindered.is_free(pk, alert.pk)]

    def nobody_is_forgotten(self) -> None:
        """At any moment an open alert is in somebody's hands, waits within its time at the desk, or is breached."""
        clocks = defaultdict[int, list[ObjectiveClock]](list)
        rows = Alert.objects.open().filter(holder__isnull=True).without_phone().order_by("pk")
        alerts = list(rows)
        for clock in ObjectiveClock.objects.filter(alert__in=alerts):
            clocks[clock.alert_id].append(clock)
        waiting = {}
        for alert in alerts:
            is_breached = any(clock.state == ObjectiveState.BREACHED for clock in clocks[alert.pk])
            is_watched = any(c.state == ObjectiveState.PENDING and c.due_at > self.now for c in clocks[alert.pk])
            assert is_breached or is_watched, (self.seed, self.now, alert.pk, "without a holder or a breach")
            if alert.dispatched_at is not None:
                waiting[alert.pk] = self.in_nobodys_hands.get(alert.pk, self.now)
                self.somebody_would_be_free(alert, waiting[alert.pk])
        self.in_nobodys_hands = waiting
        self.have_waited |= waiting.keys()

    def somebody_would_be_free(self, alert: Alert, since: datetime) -> None:
        """An alert in nobody's hands is given to who is free by now, at the reconciler's next round at the latest."""
        if self.now - since > WAITS:
            free = self.free_on_duty(alert, Rank.SPECIALIST)
            assert not free, (self.seed, self.now, alert.pk, "in nobody's hands since", since, free)

    def hold(self) -> None:
        """What must be so in the morning, with every step settled."""
        self.each_alert_ended_well_or_is_breached()
        self.every_message_was_told_once()
        self.what_a_channel_took_is_what_was_sent()
        self.what_nobody_got_stands_in_the_timeline()

    def each_alert_ended_well_or_is_breached(self) -> None:
        assert not Timer.objects.pending().exists()
        for alert in Alert.objects.open().filter(holder__isnull=True):
            assert alert.clocks.filter(state=ObjectiveState.BREACHED).exists(), (self.seed, alert.pk)
        for alert in Alert.objects.filter(state=State.CLOSED).prefetch_related("clocks"):
            states = {clock.objective: clock.state for clock in alert.clocks.order_by("pk")}
            assert set(states) == set(Objective)
            assert set(states.values()) <= {ObjectiveState.MET, ObjectiveState.BREACHED}
        late = ObjectiveClock.objects.filter(state=ObjectiveState.MET, met_at__gt=self.now)
        assert not late.exists()

    def every_message_was_told_once(self) -> None:
        """One letter for each line that says so; over the channels it went out once at the most."""
        lines = TimelineEntry.objects.filter(kind=Kind.NOTIFIED).values_list("detail", flat=True)
        told = Counter(detail["key"] for detail in lines)
        assert not [key for key, times in told.items() if times > 1]
        assert set(told) == set(Notice.objects.values_list("key", flat=True))
        went = Counter(Delivery.objects.filter(state=Sent.SENT).values_list("notice_id", flat=True))
        assert max(went.values()) == 1
        assert not Delivery.objects.filter(state__in=[Sent.WAITING, Sent.LEASED, Sent.UNKNOWN]).exists()
        assert not Delivery.objects.filter(is_resent=True).exists()

    def what_a_channel_took_is_what_was_sent(self) -> None:
        for name in ("well", "beside", "elsewhere"):
            sent = Delivery.objects.filter(channel=self.channels[name])
            assert len(self.web.at(name)) == sent.filter(state=Sent.SENT).count() > 0, (self.seed, name)
            assert not sent.exclude(state__in=[Sent.SENT, Sent.CANCELLED]).exists()
        for name in ("refuses", "hangs"):
            tried = Delivery.objects.filter(channel=self.channels[name])
            # Of what is given up on while it hangs, not everything need have been read at the other end.
            assert 0 < len(self.web.at(name)) <= sum(tried.values_list("attempts", flat=True)), (self.seed, name)
            assert not tried.filter(state=Sent.SENT).exists()
        assert Delivery.objects.filter(channel=self.channels["robot"], state=Sent.SENT).exists()

    def what_nobody_got_stands_in_the_timeline(self) -> None:
        lost = Delivery.objects.filter(state=Sent.FAILED)
        said = TimelineEntry.objects.filter(kind=Kind.UNDELIVERED)
        assert lost.count() == said.count() > 0
        assert not lost.filter(reported_at__isnull=True).exists()
