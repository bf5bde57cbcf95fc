"""The duty desk's board: four columns, the figures of the day, and whether the clock itself stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.formats import headline
from accounts.models import User
from accounts.roles import Duty, Role
from alerts.models import Alert, AlertQuerySet, BusySpell, ObjectiveClock
from alerts.policy import Level, Objective, ObjectiveState, Outcome, State
from alerts.screens.card import Card, cards, kind_of, soonest_first, who_of, with_card_rows
from alerts.screens.changing import Reminder, desks_of, reminders
from alerts.screens.channels import WayOut, ways_out
from alerts.screens.clock import lasted
from alerts.screens.watching import SHOWN_AFTER_END, Pulse
from alerts.teams import OnDuty
from residents.access import scope_codes
from residents.models import Area, Post

ROOMY = 5
"""As many cards of full size fit a column of a usual monitor."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An alert that ended within the hour."""

    pk: int
    url: str
    level: str
    level_word: str
    outcome: str
    is_bad: bool
    is_void: bool
    is_drill: bool
    who: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of those that ran out or were done were kept in time."""

    kept: int
    total: int

    @property
    def late(self) -> int:
        """Those not kept."""
        return self.total - self.kept


@dataclass(frozen=True, slots=True)
class Day:
    """The figures of a day, drills left out. Money in yuan; prevented is an estimate."""

    begins: datetime
    received: int
    high: int
    medium: int
    low: int
    dispatched: Kept
    high_reached: Kept
    others_reached: Kept
    dissuaded: int
    prevented: Decimal
    on_call: int
    posts: int
    gaps: tuple[str, ...]

    @property
    def prevented_words(self) -> str:
        """The prevented loss as offices say it in a headline."""
        return headline(self.prevented)


@dataclass(frozen=True, slots=True)
class Column:
    """The cards of one stage, in the order in which they want somebody."""

    cards: list[Card]

    @property
    def is_long(self) -> bool:
        """Whether its cards are drawn small, but for the high and the overdue ones."""
        return len(self.cards) > ROOMY

    @property
    def urgent(self) -> int:
        """How many are high or overdue: said in the head of the column, which never scrolls away."""
        return sum(card.is_pressing for card in self.cards)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the desk shows."""

    to_dispatch: Column
    at_grid: Column
    in_hand: Column
    ended: list[Ended]
    day: Day
    grids: list[tuple[int, str]]
    reminders: tuple[Reminder, ...]
    pulse: Pulse
    late_ways: tuple[WayOut, ...]
    """The channels of its areas over which messages come late, or not at all."""


def board(alerts: AlertQuerySet, *, user: User, beat: Pulse, now: datetime) -> Board:
    """Return the board of the alerts a desk may see. The same queries for five alerts as for fifty."""
    on = local(now).date()
    open_alerts = list(with_card_rows(alerts.open()).most_urgent_first())
    drawn = cards(open_alerts, viewer_id=user.pk, now=now, propose=True)
    ended = alerts.ended_since(now - SHOWN_AFTER_END).select_related(
        "resident", "holder", "fraud_type", "source", "grid"
    )
    grids = Area.objects.visible_to(user, duty=Duty.WATCH_DESK, on=on).grids()
    by_state = {state: [card for card in drawn if card.state == state] for state in State}
    return Board(
        to_dispatch=Column(soonest_first(by_state[State.RECEIVED])),
        at_grid=Column(soonest_first(by_state[State.DISPATCHED])),
        in_hand=Column(soonest_first(by_state[State.ACCEPTED])),
        ended=[_ended(alert, now=now) for alert in ended.order_by("-closed_at")],
        day=day(alerts, grids=list(grids), now=now),
        grids=[(grid.pk, grid.name) for grid in grids],
        reminders=reminders(desks_of(scope_codes(user, Duty.WATCH_DESK, on)), user_id=user.pk, now=now),
        pulse=beat,
        late_ways=tuple(way for way in ways_out(scope_codes(user, Duty.WATCH_DESK, on), now=now) if way.is_wrong),
    )


def _ended(alert: Alert, *, now: datetime) -> Ended:
    voided = alert.state == State.VOIDED
    took = lasted((alert.closed_at or now) - alert.received_at)
    return Ended(
        pk=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        level=alert.level,
        level_word=alert.get_level_display(),
        outcome=_("Voided") if voided else alert.get_outcome_display(),
        is_bad=alert.outcome == Outcome.DEFRAUDED,
        is_void=voided,
        is_drill=alert.is_drill,
        who=who_of(alert),
        kind=alert.void_reason if voided else kind_of(alert),
        note=" · ".join(filter(None, [took, str(alert.holder) if alert.holder else ""])),
    )


def midnight(now: datetime) -> datetime:
    """Return when the day began where the office stands."""
    return datetime.combine(local(now).date(), time(), tzinfo=local(now).tzinfo)


def received_since(alerts: AlertQuerySet, begins: datetime) -> AlertQuerySet:
    """Return what the figures count: no drills, nothing voided."""
    return alerts.filter(is_drill=False, received_at__gte=begins).exclude(state=State.VOIDED)


def day(alerts: AlertQuerySet, *, grids: Sequence[Area], now: datetime, begins: datetime | None = None) -> Day:
    """Return the figures since a moment, in five queries: since midnight unless told."""
    begins = begins or midnight(now)
    today = received_since(alerts, begins)
    levels = dict(today.values_list("level").annotate(count=Count("pk")).order_by())
    clocks = ObjectiveClock.objects.filter(alert__in=today.values("pk"))
    settled = clocks.filter(state__in=(ObjectiveState.MET, ObjectiveState.BREACHED))
    counted = settled.values_list("objective", "level", "state").annotate(count=Count("pk")).order_by()
    done = alerts.filter(is_drill=False, closed_at__gte=begins, outcome=Outcome.DISSUADED)
    ends = done.aggregate(count=Count("pk"), prevented=Sum("amount_prevented"))
    rows = list(counted)
    on_call, posts, gaps = _on_call(grids, now=now)
    return Day(
        begins=begins,
        received=sum(levels.values()),
        high=levels.get(Level.HIGH, 0),
        medium=levels.get(Level.MEDIUM, 0),
        low=levels.get(Level.LOW, 0),
        dispatched=_kept(rows, Objective.DISPATCH, *Level),
        high_reached=_kept(rows, Objective.RESPOND, Level.HIGH),
        others_reached=_kept(rows, Objective.RESPOND, Level.MEDIUM, Level.LOW),
        dissuaded=ends["count"],
        prevented=ends["prevented"] or Decimal(0),
        on_call=on_call,
        posts=posts,
        gaps=gaps,
    )


def _kept(rows: Sequence[tuple[str, str, str, int]], objective: str, *levels: str) -> Kept:
    mine = [(state, count) for asked, level, state, count in rows if asked == objective and level in levels]
    kept = sum(count for state, count in mine if state == ObjectiveState.MET)
    return Kept(kept, sum(count for _state, count in mine))


def _on_call(grids: Sequence[Area], *, now: datetime) -> tuple[int, int, tuple[str, ...]]:
    """Return how many specialists are free and on call, of how many, and the grids where nobody is."""
    specialist = Role.WARNING_SPECIALIST
    posts = Post.objects.current(local(now).date()).of_role(specialist)
    mine = posts.filter(area__in=[grid.pk for grid in grids], user__is_active=True).annotate(code=F("area__code"))
    by_grid: dict[str, list[tuple[str, int]]] = {}
    for code, user_id in mine.values_list("code", "user_id"):
        by_grid.setdefault(code, []).append((specialist, user_id))
    people = {user_id for held in by_grid.values() for _role, user_id in held}
    busy, on_duty = BusySpell.objects.busy_among(people), OnDuty(by_grid, now=now)
    called = {
        code: set(on_duty.on_call(code, specialist, held) or (user_id for _role, user_id in held)) - busy
        for code, held in by_grid.items()
    }
    free = {user_id for ids in called.values() for user_id in ids}
    return len(free), len(people), tuple(grid.name for grid in grids if not called.get(grid.code))
