"""Learning from yesterday: where the minutes of one alert went, and of the breaches of a week, each on one sheet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.clock import midnight
from accounts.formats import hour_minute, share
from accounts.models import User
from accounts.roles import Duty
from alerts.figures.minutes import LEGS, Late, Leg, Spent, breached, lost_by_leg, spent_on
from alerts.models import Alert, AlertQuerySet, TimelineEntry
from alerts.policy import Fact, Level, Objective, Rank
from alerts.screens.clock import lasted
from residents.models import Area

MOST_ON_PAPER = 18
"""So many breaches fit the sheet; the worst come first, and how many more there are is said."""

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LegRow:
    """A leg in words. ``share`` is of the longest, in hundredths, for its bar."""

    name: str
    begins: str
    ends: str
    took: str
    share: int
    is_lost: bool
    note: str


@dataclass(frozen=True, slots=True)
class LateRow:
    """A clock that was not kept, in words."""

    clock: str
    due: str
    late_by: str
    lost_in: str
    passed_in: str


@dataclass(frozen=True, slots=True)
class Held:
    """Who had the alert, from when, for how long; whether they accepted it."""

    who: str
    rank: str
    at: str
    had: str
    words: str


@dataclass(frozen=True, slots=True)
class AlertSheet:
    """One alert's minutes."""

    pk: int
    level: str
    level_word: str
    place: str
    received_at: datetime
    sentence: str
    whole: str
    legs: tuple[LegRow, ...]
    lates: tuple[LateRow, ...]
    held: tuple[Held, ...]


def alert_sheet(alert: Alert, *, now: datetime) -> AlertSheet:
    """Return where one alert's minutes went."""
    spent = spent_on(Alert.objects.filter(pk=alert.pk), now=now)[0]
    lost = {late.lost_in for late in spent.lates}
    longest = max((leg.took for leg in spent.legs), default=timedelta())
    return AlertSheet(
        pk=alert.pk,
        level=alert.level,
        level_word=alert.get_level_display(),
        place=alert.grid.place if alert.grid else "",
        received_at=alert.received_at,
        sentence=_sentence(spent),
        whole=lasted(spent.whole),
        legs=tuple(_leg(leg, lost=lost, longest=longest) for leg in spent.legs),
        lates=tuple(_late(late) for late in spent.lates),
        held=tuple(_held(alert, now=now)),
    )


def _leg(leg: Leg, *, lost: set[str], longest: timedelta) -> LegRow:
    return LegRow(
        name=str(LEGS[leg.key]),
        begins=hour_minute(leg.begins_at),
        ends=hour_minute(leg.ends_at),
        took=lasted(leg.took),
        share=round(leg.took / longest * 100) if longest else 0,
        is_lost=leg.key in lost,
        note=_("not done") if leg.is_open else "",
    )


def clock_called(late: Late) -> str:
    """Return what a clock is called in words."""
    name = str(Objective(late.objective).label)
    if late.objective == Objective.DISPATCH:
        return name
    return _("{objective}, {level} risk").format(objective=name, level=Level(late.level).label)


def _late(late: Late) -> LateRow:
    return LateRow(
        clock=clock_called(late),
        due=hour_minute(late.due_at),
        late_by=_late_by(late),
        lost_in=str(LEGS.get(late.lost_in, "–")),
        passed_in=str(LEGS.get(late.passed_in, "–")),
    )


def _late_by(late: Late) -> str:
    """Return how late a clock's work was done: less than a second is one, for it was late."""
    return lasted(timedelta(seconds=ceil(late.late_by.total_seconds()))) if late.done_at else _("never done")


def _sentence(spent: Spent) -> str:
    if not spent.lates:
        return _("Every clock of this alert that has ended was kept. It took {whole} in all.").format(
            whole=lasted(spent.whole)
        )
    late = spent.lates[-1]
    took = sum((leg.took for leg in spent.legs if leg.key == late.lost_in), timedelta())
    return _("Most was lost here: {leg}, {took} of {whole}.").format(
        leg=LEGS.get(late.lost_in, "–"), took=lasted(took), whole=lasted(spent.whole)
    )


def _held(alert: Alert, *, now: datetime) -> Iterable[Held]:
    kinds = (TimelineEntry.Kind.ASSIGNED, TimelineEntry.Kind.ACCEPTED)
    lines = list(alert.timeline.filter(kind__in=kinds).select_related("person", "actor").order_by("pk"))
    given = [line for line in lines if line.kind == TimelineEntry.Kind.ASSIGNED]
    for number, line in enumerate(given):
        until = given[number + 1].at if number + 1 < len(given) else alert.closed_at or now
        mine = [it for it in lines if it.kind == TimelineEntry.Kind.ACCEPTED and it.actor_id == line.person_id]
        accepted = next((it for it in mine if line.at <= it.at <= until), None)
        rank = line.detail.get("rank", "")
        yield Held(
            who=str(line.person or ""),
            rank=str(Rank[rank.upper()].label) if rank else "",
            at=hour_minute(line.at),
            had=lasted(until - line.at),
            words=_how_accepted(accepted.at - line.at if accepted else None),
        )


def _how_accepted(after: timedelta | None) -> str:
    if after is None:
        return _("not accepted")
    if not after:
        return _("took it on")  # it was another's, or nobody's
    return _("accepted after {span}").format(span=lasted(after))


# ── a place and a week ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LostRow:
    """In how many breaches most was lost in a leg, and how long that took together."""

    name: str
    breaches: int
    said: str
    took: str
    share: int


@dataclass(frozen=True, slots=True)
class BreachRow:
    """One alert that was not in time. Nobody is named: the sheet is for a meeting."""

    pk: int
    url: str
    sheet_url: str
    level: str
    level_word: str
    grid: str
    received_at: datetime
    clocks: str
    late_by: str
    lost_in: str


@dataclass(frozen=True, slots=True)
class WeekSheet:
    """A place's week of breaches."""

    area: str
    area_code: str
    first: date
    last: date
    received: int
    breached: int
    sentence: str
    lost: tuple[LostRow, ...]
    rows: tuple[BreachRow, ...]
    more: int
    list_url: str
    earlier: str
    later: str


def week_of(on: date) -> date:
    """Return the Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def week_sheet(area: Area, first: date, user: User, *, now: datetime, on: date) -> WeekSheet:
    """Return a week's breaches of an area, of the alerts that this user may see, worst first."""
    after = first + WEEK
    seen = Alert.objects.visible_to(user, on=on, duty=Duty.SEE_ALERTS).real().within(area.code)
    week = seen.received_between(midnight(first), midnight(after))
    spents = sorted(spent_on(breached(week), now=now), key=_worst, reverse=True)
    received = week.count()
    return WeekSheet(
        area=area.place,
        area_code=area.code,
        first=first,
        last=after - timedelta(days=1),
        received=received,
        breached=len(spents),
        sentence=_week_said(spents, received),
        lost=tuple(_lost(spents)),
        rows=tuple(_breach(spent) for spent in spents[:MOST_ON_PAPER]),
        more=max(0, len(spents) - MOST_ON_PAPER),
        list_url=_list_address(area.code, first, after - timedelta(days=1)),
        earlier=_address(area.code, first - WEEK),
        later=_address(area.code, after) if after <= on else "",
    )


def _address(code: str, first: date) -> str:
    return f"{reverse('alerts:learning')}?{urlencode({'area': code, 'on': first.isoformat()})}"


def _list_address(code: str, first: date, last: date) -> str:
    days = {"since": first.isoformat(), "until": last.isoformat()}
    return f"{reverse('alerts:list')}?{urlencode({'grid': code, 'state': 'real', 'fact': str(Fact.BREACHED), **days})}"


def _worst(spent: Spent) -> timedelta:
    return max((late.late_by for late in spent.lates), default=timedelta())


def _week_said(spents: list[Spent], received: int) -> str:
    if not received:
        return _("No alert came in this week.")
    if not spents:
        return _("All {received} alerts of the week kept their clocks so far.").format(received=received)
    lost = lost_by_leg(spents)
    key = max(lost, key=lambda leg: lost[leg])
    return _("{breached} alerts were not in time. Most minutes were lost here: {leg}.").format(
        breached=share(len(spents), received), leg=LEGS.get(key, "–")
    )


def late_of_a_week(alerts: AlertQuerySet, *, first: date) -> str:
    """Return a line for a meeting's agenda: how many were not in time, where most was lost; "" where all were.

    Alerts that are still open are late up to the end of that week, however late the agenda is drawn.
    """
    spents = spent_on(breached(alerts), now=midnight(first + WEEK))
    lost = lost_by_leg(spents)
    if not lost:
        return ""
    key = max(lost, key=lambda leg: lost[leg])
    return _("Alerts not in time: {number}; most minutes were lost here: {leg}. To print: Alerts, Learning.").format(
        number=len(spents), leg=LEGS.get(key, "–")
    )


def _lost(spents: list[Spent]) -> Iterable[LostRow]:
    lost: Mapping[str, tuple[int, timedelta]] = lost_by_leg(spents)
    number = sum(count for count, _sum in lost.values())
    for key, (count, took) in lost.items():
        yield LostRow(str(LEGS[key]), count, share(count, number), lasted(took), round(count / number * 100))


def _breach(spent: Spent) -> BreachRow:
    alert, worst = spent.alert, max(spent.lates, key=lambda late: late.late_by)
    return BreachRow(
        pk=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        sheet_url=reverse("alerts:minutes", args=[alert.pk]),
        level=alert.level,
        level_word=alert.get_level_display(),
        grid=alert.grid.name if alert.grid else "",
        received_at=alert.received_at,
        clocks=_("; ").join(clock_called(late) for late in spent.lates),
        late_by=_late_by(worst),
        lost_in=str(LEGS.get(worst.lost_in, "–")),
    )
