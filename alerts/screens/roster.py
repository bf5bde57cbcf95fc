"""The duty roster on the wall and in the pocket: a community's week, and one person's own next shifts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from accounts.calendars import DAILY, WEEKDAYS, Stretch, hours_on
from accounts.clock import local, midnight
from accounts.formats import day_and_hours
from accounts.formats import hours as hours_in_words
from accounts.models import User
from accounts.roles import Duty
from alerts.models import Holiday, Rotation, Shift, ShiftQuerySet, Swap
from alerts.policy import ShiftKind
from alerts.services.rostering import (
    LOOKS_AHEAD,
    Hole,
    clash_of,
    holes_ahead,
    people_for,
    unreachable_ahead,
)
from residents.access import may, scope_codes, within
from residents.models import Area, Level, ancestry

WEEK = timedelta(days=7)
OFFERED_AHEAD = timedelta(days=21)
"""How far ahead shifts are offered in return."""
MOST_OFFERED = 60
MOST_SWAPS = 20


# ── where ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def communities_of(user: User, *, on: date, duty: Duty = Duty.SEE_ALERTS) -> list[Area]:
    """Return the communities whose roster somebody may open: those they have a duty in, or that theirs lie in."""
    codes = scope_codes(user, duty, on)
    seen = within("code", codes)
    if codes and duty is Duty.SEE_ALERTS:
        seen |= Q(code__in={above for code in codes for above in ancestry(code)})
    return list(Area.objects.communities().filter(seen).order_by("code"))


def places_of(user: User, *, on: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return where somebody enters shifts, under their communities' names: kind and code, and in words."""
    areas = Area.objects.visible_to(user, duty=Duty.KEEP_DUTY_ROSTER, on=on)
    groups: dict[str, list[Area]] = {}
    for area in areas.filter(level__in=(Level.COMMUNITY, Level.GRID)).order_by("code"):
        groups.setdefault(area.community_code, []).append(area)
    return [(mine[0].name, [place for area in mine for place in _places(area)]) for mine in groups.values()]


def _places(area: Area) -> list[tuple[str, str]]:
    kinds = [ShiftKind.DESK, ShiftKind.ON_CALL] if area.level == Level.COMMUNITY else [ShiftKind.ON_CALL]
    return [(f"{kind}:{area.code}", line_label(area, kind)) for kind in kinds]


def line_label(area: Area, kind: str) -> str:
    """Return what a line of the roster is called: the desk, who leads, a grid."""
    if kind == ShiftKind.DESK:
        return _("{area} · duty desk").format(area=area.name)
    if area.level == Level.COMMUNITY:
        return _("{area} · leader on duty").format(area=area.name)
    return _("{area} · on call").format(area=area.name)


# ── the week ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Piece:
    """One person's hours in a cell."""

    url: str
    who: str
    hours: str
    name: str
    stands_in_for: str
    is_mine: bool
    is_now: bool
    is_swap_asked: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One duty on one day."""

    is_today: bool
    pieces: tuple[Piece, ...]
    holes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One duty through the week."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """One day of the week."""

    on: date
    weekday: str
    is_today: bool
    holiday: str


@dataclass(frozen=True, slots=True)
class OnDay:
    """One day with its duties, for a narrow screen."""

    head: Head
    lines: tuple[tuple[str, Cell], ...]

    @property
    def is_running(self) -> bool:
        """Whether somebody who began that day is on duty at this moment: at three at night, since yesterday."""
        return any(piece.is_now for _label, cell in self.lines for piece in cell.pieces)


@dataclass(frozen=True, slots=True)
class SwapRow:
    """A swap, for who keeps the roster."""

    words: str
    shift: str
    back: str
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Week:
    """A community's roster of one week."""

    community: Area
    today: date
    first: date
    last: date
    earlier: date
    later: date
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    without: tuple[str, ...]
    holes: int
    swaps: tuple[SwapRow, ...]
    keeps: bool
    mine: "MyShift | None"

    @property
    def days_ahead(self) -> tuple[OnDay, ...]:
        """The same by day, from today on or from whoever is still on duty: what a phone shows first."""
        return tuple(day for day in self._days() if day.head.on >= self.today or day.is_running)

    @property
    def days_past(self) -> tuple[OnDay, ...]:
        """The days of the week that are over."""
        return tuple(day for day in self._days() if day.head.on < self.today and not day.is_running)

    def _days(self) -> Iterable[OnDay]:
        for number, head in enumerate(self.heads):
            yield OnDay(head, tuple((line.label, line.cells[number]) for line in self.lines))


def week_of(community: Area, *, user: User, at: date, now: datetime) -> Week:
    """Return a community's roster of the week around a day, as this user may see it. The same queries always."""
    first = at - timedelta(days=at.weekday())
    today = local(now).date()
    seen = Shift.objects.visible_to(user, on=today).filter(within("area__code", (community.code,)))
    days = [first + timedelta(days=number) for number in range(7)]
    ends = midnight(first + WEEK)
    rows = list(_drawn(seen).overlapping(Stretch(midnight(first), ends)).in_order())
    holes = holes_ahead(seen, now=now, until=ends) if ends > now else []
    holes = [hole for hole in holes if hole.hours.ends_at > midnight(first)]
    holidays = dict(Holiday.objects.of(community.code).between(first, days[-1]).values_list("on", "name"))
    heads = tuple(Head(on, str(WEEKDAYS_ABBR[on.weekday()]), on == today, holidays.get(on, "")) for on in days)
    duties = _duties(rows, holes)
    keeps = may(user, Duty.KEEP_DUTY_ROSTER, community.code, today)
    draw = _Drawing(user, now)
    kept = {area.pk for area, _kind in duties}
    grids = Area.objects.visible_to(user, duty=Duty.SEE_ALERTS, on=today).within(community.code).grids()
    return Week(
        community=community,
        today=today,
        first=first,
        last=days[-1],
        earlier=first - timedelta(days=7),
        later=first + WEEK,
        heads=heads,
        lines=tuple(Line(line_label(area, kind), draw.cells(area, kind, heads, rows, holes)) for area, kind in duties),
        without=tuple(grid.name for grid in grids if grid.pk not in kept),
        holes=len(holes),
        swaps=_swaps(community, on=today) if keeps else (),
        keeps=keeps,
        mine=next(iter(_mine(user, now=now, most=1)), None),
    )


def _drawn(shifts: ShiftQuerySet) -> ShiftQuerySet:
    """Read along with shifts what a cell shows, in one query."""
    asked = Swap.objects.open().filter(Q(shift=OuterRef("pk")) | Q(back=OuterRef("pk")))
    read_along = shifts.select_related("area", "user", "stands_in_for")
    return read_along.defer("user__phone", "stands_in_for__phone").annotate(is_swap_asked=Exists(asked))


def _duties(rows: Iterable[Shift], holes: Iterable[Hole]) -> list[tuple[Area, str]]:
    """Return the duties of a week in the order of their areas, a desk before who is on call there."""
    found = {(shift.area.code, shift.kind): (shift.area, shift.kind) for shift in rows}
    found |= {(hole.area.code, hole.kind): (hole.area, hole.kind) for hole in holes}
    return [found[key] for key in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """How a week looks to one reader at one moment."""

    user: User
    now: datetime

    def cells(
        self, area: Area, kind: str, heads: Iterable[Head], rows: Sequence[Shift], holes: Sequence[Hole]
    ) -> tuple[Cell, ...]:
        mine = [shift for shift in rows if shift.area_id == area.pk and shift.kind == kind]
        missing = [hole.hours for hole in holes if hole.area.pk == area.pk and hole.kind == kind]
        return tuple(
            Cell(
                is_today=head.is_today,
                pieces=tuple(self.piece(shift) for shift in mine if local(shift.starts_at).date() == head.on),
                holes=tuple(_hours_of_day(hours, head.on) for hours in missing if _touches(hours, head.on)),
            )
            for head in heads
        )

    def piece(self, shift: Shift) -> Piece:
        return Piece(
            url=reverse("alerts:shift", args=[shift.pk]),
            who=str(shift.user),
            hours=hours_in_words(shift.starts_at, shift.ends_at),
            name=shift.name,
            stands_in_for=str(shift.stands_in_for) if shift.stands_in_for is not None else "",
            is_mine=shift.user_id == self.user.pk,
            is_now=shift.starts_at <= self.now < shift.ends_at,
            is_swap_asked=bool(getattr(shift, "is_swap_asked", False)),
        )


def _touches(hours: Stretch, on: date) -> bool:
    return hours.begins_at < midnight(on + timedelta(days=1)) and hours.ends_at > midnight(on)


def _hours_of_day(hours: Stretch, on: date) -> str:
    """Return what of some hours falls on a day."""
    begin, end = midnight(on), midnight(on + timedelta(days=1))
    return hours_in_words(max(begin, hours.begins_at), min(end, hours.ends_at))


def _swaps(community: Area, *, on: date) -> tuple[SwapRow, ...]:
    """Return the swaps of a community that are asked for, and those settled of late."""
    within_it = Swap.objects.filter(within("shift__area__code", (community.code,)), asked_at__gte=midnight(on) - WEEK)
    read_along = within_it.select_related("shift__area", "back__area", "asked_by", "asked_of")
    return tuple(
        SwapRow(
            words=_("{one} asks {other}").format(one=swap.asked_by, other=swap.asked_of),
            shift=_shift_words(swap.shift),
            back=_shift_words(swap.back) if swap.back is not None else "",
            state=swap.get_state_display(),
            is_open=swap.state == Swap.State.ASKED,
        )
        for swap in read_along[:MOST_SWAPS]
    )


def _shift_words(shift: Shift) -> str:
    return f"{line_label(shift.area, shift.kind)} · {day_and_hours(shift.starts_at, shift.ends_at)}"


# ── one's own ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class MyShift:
    """One of somebody's next shifts."""

    pk: int
    url: str
    label: str
    on: date
    weekday: str
    hours: str
    name: str
    is_now: bool
    is_today: bool
    is_tomorrow: bool
    swap: Swap | None


@dataclass(frozen=True, slots=True)
class MySwap:
    """A swap that waits for somebody's own answer, or for the answer to theirs."""

    pk: int
    other: str
    shift: str
    back: str
    note: str


@dataclass(frozen=True, slots=True)
class Mine:
    """Somebody's next shifts and the swaps they have a part in."""

    shifts: tuple[MyShift, ...]
    asked_of_me: tuple[MySwap, ...]
    asked_by_me: tuple[MySwap, ...]


MOST_OF_MINE = 12


def mine_of(user: User, *, now: datetime) -> Mine:
    """Return somebody's next shifts and open swaps."""
    swaps = list(Swap.objects.open().of(user).select_related("shift__area", "back__area", "asked_by", "asked_of"))
    return Mine(
        shifts=_mine(user, now=now, most=MOST_OF_MINE),
        asked_of_me=tuple(_my_swap(swap, swap.asked_by) for swap in swaps if swap.asked_of_id == user.pk),
        asked_by_me=tuple(_my_swap(swap, swap.asked_of) for swap in swaps if swap.asked_by_id == user.pk),
    )


def _my_swap(swap: Swap, other: User) -> MySwap:
    return MySwap(
        pk=swap.pk,
        other=str(other),
        shift=_shift_words(swap.shift),
        back=_shift_words(swap.back) if swap.back is not None else "",
        note=swap.note,
    )


def _mine(user: User, *, now: datetime, most: int) -> tuple[MyShift, ...]:
    coming = Shift.objects.of(user).ending_after(now).select_related("area").order_by("starts_at", "pk")
    shifts = list(coming[:most])
    asked = {swap.shift_id: swap for swap in Swap.objects.open().filter(shift__in=[one.pk for one in shifts])}
    today = local(now).date()
    return tuple(_my_shift(shift, asked.get(shift.pk), today=today, now=now) for shift in shifts)


def _my_shift(shift: Shift, swap: Swap | None, *, today: date, now: datetime) -> MyShift:
    on = local(shift.starts_at).date()
    return MyShift(
        pk=shift.pk,
        url=reverse("alerts:shift", args=[shift.pk]),
        label=line_label(shift.area, shift.kind),
        on=on,
        weekday=str(WEEKDAYS_ABBR[on.weekday()]),
        hours=hours_in_words(shift.starts_at, shift.ends_at),
        name=shift.name,
        is_now=shift.has_begun(now),
        is_today=on == today,
        is_tomorrow=on == today + timedelta(days=1),
        swap=swap,
    )


# ── one shift ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class ShiftPage:
    """One shift, and what its reader may do about it."""

    shift: Shift
    label: str
    hours: str
    who: str
    stands_in_for: str
    swap: MySwap | None
    week_url: str
    may_change: bool
    may_ask: bool


def shift_page(shift: Shift, *, user: User, now: datetime) -> ShiftPage:
    """Return the page of a shift read with its area and people."""
    today = local(now).date()
    swap = Swap.objects.open().filter(shift=shift).select_related("shift__area", "back__area", "asked_of").first()
    is_over = shift.ends_at <= now
    return ShiftPage(
        shift=shift,
        label=line_label(shift.area, shift.kind),
        hours=day_and_hours(shift.starts_at, shift.ends_at),
        who=str(shift.user),
        stands_in_for=str(shift.stands_in_for) if shift.stands_in_for is not None else "",
        swap=_my_swap(swap, swap.asked_of) if swap is not None else None,
        week_url=week_url(shift.area, local(shift.starts_at).date()),
        may_change=not is_over and may(user, Duty.KEEP_DUTY_ROSTER, shift.area.code, today),
        may_ask=shift.user_id == user.pk and not shift.has_begun(now) and swap is None,
    )


def week_url(area: Area, on: date) -> str:
    """Return the address of an area's roster in the week of a day."""
    return f"{reverse('alerts:roster')}?area={area.community_code}&on={on.isoformat()}"


def offers_for(shift: Shift, *, now: datetime) -> list[tuple[str, str]]:
    """Return whom the holder may ask to take a shift, each alone and for each of their own shifts in return."""
    on = local(shift.starts_at).date()
    able = people_for(shift.area, shift.kind, on=on).exclude(pk=shift.user_id).order_by("name", "username")
    people = {one.pk: one for one in able if clash_of(one, shift.area, shift.kind, shift.hours) is None}
    back = Shift.objects.filter(
        user__in=people, area=shift.area, kind=shift.kind, starts_at__gt=now, starts_at__lt=now + OFFERED_AHEAD
    ).order_by("starts_at", "pk")[:MOST_OFFERED]
    offers = [(str(pk), _("{person} takes it").format(person=one)) for pk, one in people.items()]
    for one in back:
        hours = day_and_hours(one.starts_at, one.ends_at)
        words = _("{person} takes it, for {hours}").format(person=people[one.user_id], hours=hours)
        offers.append((f"{one.user_id}:{one.pk}", words))
    return offers


# ── what repeats ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RotationRow:
    """One rotation in the list."""

    pk: int
    label: str
    name: str
    hours: str
    days: str
    people: str
    turn: str
    first_on: date
    until_on: date | None
    is_for_holidays: bool
    has_ended: bool


def rotations_of(user: User, *, on: date) -> list[RotationRow]:
    """Return the rotations somebody keeps, those that have ended last. Two queries."""
    rotations = Rotation.objects.visible_to(user, on=on).select_related("area").prefetch_related("turns__user")
    rows = [_rotation_row(rotation, on=on) for rotation in rotations]
    return sorted(rows, key=lambda row: row.has_ended)


def _rotation_row(rotation: Rotation, *, on: date) -> RotationRow:
    turn = rotation.get_turn_display()
    hours = hours_on(rotation.first_on, starts=rotation.starts, ends=rotation.ends)
    together = _("{number} at a time").format(number=rotation.at_once)
    return RotationRow(
        pk=rotation.pk,
        label=line_label(rotation.area, rotation.kind),
        name=rotation.name,
        hours=hours_in_words(hours.begins_at, hours.ends_at),
        days=days_in_words(rotation.rule),
        people=" → ".join(str(turn.user) for turn in rotation.turns.all()),
        turn=f"{turn} · {together}" if rotation.at_once > 1 else turn,
        first_on=rotation.first_on,
        until_on=rotation.until_on,
        is_for_holidays=rotation.is_for_holidays,
        has_ended=rotation.has_ended(on),
    )


def days_in_words(rule: str) -> str:
    """Return a rule's days as people say them; one typed by hand as it was typed."""
    if rule == DAILY:
        return _("every day")
    parts: Mapping[str, str] = dict(part.split("=", 1) for part in rule.split(";"))
    days = parts.get("BYDAY", "").split(",")
    if set(parts) == {"FREQ", "BYDAY"} and parts["FREQ"] == "WEEKLY":
        return "、".join(str(WEEKDAYS_ABBR[WEEKDAYS.index(one)]) for one in days)
    return rule


# ── readiness ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class HoleRow:
    """Hours that nobody has, on the page of readiness."""

    label: str
    hours: str
    community: str
    url: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the rosters of somebody's areas lack in the next seven days."""

    holes: tuple[HoleRow, ...]
    unreachable: tuple[str, ...]


def ahead_of(user: User, *, now: datetime) -> Ahead:
    """Return the holes of the next week and who is on the roster without a channel that works."""
    on = local(now).date()
    shifts = Shift.objects.visible_to(user, on=on, duty=Duty.SEE_CLOCK)
    until = now + LOOKS_AHEAD
    return Ahead(
        holes=tuple(_hole_row(hole) for hole in holes_ahead(shifts, now=now, until=until)),
        unreachable=tuple(map(str, unreachable_ahead(shifts, now=now, until=until))),
    )


def _hole_row(hole: Hole) -> HoleRow:
    on = local(hole.hours.begins_at).date()
    community = hole.area.community_code
    return HoleRow(
        label=line_label(hole.area, hole.kind),
        hours=day_and_hours(hole.hours.begins_at, hole.hours.ends_at),
        community=community,
        url=week_url(hole.area, on),
    )


def people_known_to(user: User, *, on: date) -> QuerySet[User]:
    """Return whom somebody who keeps a roster may put on it: who holds a post in their areas today or later."""
    codes = scope_codes(user, Duty.KEEP_DUTY_ROSTER, on)
    return User.objects.filter(
        Q(posts__ends_on__isnull=True) | Q(posts__ends_on__gte=on), within("posts__area__code", codes), is_active=True
    ).distinct()


def shifts_to_find(user: User, *, on: date, **narrowed: Any) -> ShiftQuerySet:
    """Return the shifts somebody may open, read with their area and people."""
    seen = Shift.objects.filter(pk__in=Shift.objects.visible_to(user, on=on).values("pk")) | Shift.objects.of(user)
    return seen.filter(**narrowed).select_related("area", "user", "stands_in_for").defer("user__phone")
