"""Keeping the duty roster: shifts one by one, rotations that make them ahead, days off, and the holes that are coming.

Whoever writes somebody's hours first locks that person's row, so that two managers cannot put one person at two desks
at once however quick they are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.calendars import Stretch, dates_of, hours_on, uncovered
from accounts.clock import local, midnight
from accounts.formats import day, hour_minute
from accounts.models import User
from accounts.roles import Role
from accounts.services import RefusedError, record
from alerts import letters
from alerts.models import Holiday, Rotation, RotationTurn, Shift, ShiftQuerySet
from alerts.models.roster import MOST_AT_ONCE
from alerts.policy import LONGEST_SHIFT, ShiftKind, turns_of
from alerts.teams import DESK_ROLES, RANKS
from notifications import services as notifications
from residents.access import within
from residents.models import COMMUNITY_DIGITS, Area, Level, Post
from sheets.models import Export

MADE_AHEAD = timedelta(days=35)
"""How far ahead a rotation's shifts are made: a calendar's five weeks."""

KEPT_FOR = timedelta(days=7)
"""An area keeps a roster that had a shift within this time, or has one to come: its holes are told."""

LOOKS_AHEAD = timedelta(days=7)
"""How far ahead holes are shown."""

OLDEST_BEGIN = timedelta(days=31)
"""A rotation that began earlier is entered from its next day on."""


class RosterError(RefusedError):
    """Something that the roster cannot take. Its words are for the person who pressed."""


# ── who may have which shift ────────────────────────────────────────────────────────────────────────────────────────


def fitting_roles(kind: str) -> frozenset[Role]:
    """Return the roles of which somebody holds one where they have a shift of this kind."""
    return DESK_ROLES if kind == ShiftKind.DESK else frozenset(Role(role) for role in RANKS)


def people_for(area: Area, kind: str, *, on: date) -> QuerySet[User]:
    """Return who may have a shift at an area: those who hold a fitting post there on its day."""
    posts = Post.objects.current(on).filter(area=area, role__in=fitting_roles(kind))
    return User.objects.filter(is_active=True, pk__in=posts.values("user_id")).defer("phone")


def require_fitting(user: User, area: Area, kind: str, *, on: date) -> None:
    """Refuse somebody who holds no fitting post at an area on a day."""
    if people_for(area, kind, on=on).filter(pk=user.pk).exists():
        return
    roles = "、".join(str(Role(role).label) for role in Role if role in fitting_roles(kind))
    raise RosterError(
        _("{person} holds no post at {area} on {day} that fits this shift ({roles}). Appoint them first.").format(
            person=user, area=area, day=day(on), roles=roles
        )
    )


def require_place(area: Area, kind: str) -> None:
    """Refuse a desk elsewhere than at a community, and hours on call elsewhere than at a community or a grid."""
    if area.level == Level.COMMUNITY or (area.level == Level.GRID and kind == ShiftKind.ON_CALL):
        return
    raise RosterError(_("{area} has no desk; a desk belongs to a community.").format(area=area))


def clash_of(user: User, area: Area, kind: str, hours: Stretch, *, but: Collection[int] = ()) -> Shift | None:
    """Return what somebody has already in these hours that a new shift would go against: another desk, or the same."""
    theirs = Shift.objects.of(user).overlapping(hours).exclude(pk__in=list(but)).select_related("area")
    same_duty = theirs.filter(kind=kind)
    return (same_duty if kind == ShiftKind.DESK else same_duty.filter(area=area)).first()


def require_no_clash(user: User, area: Area, kind: str, hours: Stretch, *, but: Collection[int] = ()) -> None:
    """Refuse hours in which somebody is at another desk, or has this very duty already."""
    clash = clash_of(user, area, kind, hours, but=but)
    if clash is not None:
        raise RosterError(
            _("{person} already has {shift} from {begins} to {ends}. Change that shift first.").format(
                person=user,
                shift=f"{clash.area} · {clash.get_kind_display()}",
                begins=f"{day(clash.starts_at)} {hour_minute(clash.starts_at)}",
                ends=f"{day(clash.ends_at)} {hour_minute(clash.ends_at)}",
            )
        )


def require_hours(hours: Stretch) -> None:
    """Refuse hours that end before they begin, or are longer than a shift may be."""
    if hours.ends_at <= hours.begins_at:
        raise RosterError(_("A shift ends after it begins. Mend one of the two times."))
    if hours.ends_at - hours.begins_at > LONGEST_SHIFT:
        raise RosterError(_("A shift has at most seven days. Enter it as several."))


def lock_people(ids: Iterable[int]) -> None:
    """Lock people's rows in one order until the transaction ends: who writes their hours queues up here."""
    list(User.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk").values_list("pk", flat=True))


# ── single shifts ───────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_shift(
    area: Area, *, kind: str, user: User, hours: Stretch, by: User | None, now: datetime, name: str = ""
) -> Shift:
    """Enter one shift. Raises ``RosterError`` for hours, a place, a person or an overlap that cannot be."""
    require_place(area, kind)
    require_hours(hours)
    lock_people([user.pk])
    require_fitting(user, area, kind, on=local(hours.begins_at).date())
    require_no_clash(user, area, kind, hours)
    shift = Shift.objects.create(
        area=area,
        kind=kind,
        name=name,
        user=user,
        starts_at=hours.begins_at,
        ends_at=hours.ends_at,
        is_changed_alone=True,
        changed_at=now,
    )
    record("alerts.shift_added", by=by, at=now, about=shift, area_code=area.code, detail=said_of(shift))
    return shift


def said_of(shift: Shift) -> dict[str, object]:
    """Return what the trail keeps of a shift."""
    return {
        "kind": shift.kind,
        "user": shift.user_id,
        "from": shift.starts_at.isoformat(),
        "to": shift.ends_at.isoformat(),
    }


@transaction.atomic
def remove_shift(shift: Shift, *, by: User, now: datetime) -> None:
    """Take a shift out of the roster; no rotation makes it again. Raises ``RosterError`` once it has ended."""
    shift = locked(shift)
    if shift.ends_at <= now:
        raise RosterError(_("This shift is over; it stays as it was."))
    detail = said_of(shift)
    record("alerts.shift_removed", by=by, at=now, about=shift, area_code=shift.area.code, detail=detail)
    shift.delete()


@transaction.atomic
def give_hours(shift: Shift, *, to: User, hours: Stretch, by: User, now: datetime) -> Shift:
    """Give a shift, or some hours of it, to somebody else; what is left before and after stays as it was.

    Returns the other's shift. Raises ``RosterError`` for hours outside the shift or past, and for who cannot have them.
    """
    require_hours(hours)
    shift = locked(shift)
    if hours.begins_at < shift.starts_at or hours.ends_at > shift.ends_at:
        raise RosterError(
            _("These hours are not within the shift, which is from {begins} to {ends}.").format(
                begins=f"{day(shift.starts_at)} {hour_minute(shift.starts_at)}",
                ends=f"{day(shift.ends_at)} {hour_minute(shift.ends_at)}",
            )
        )
    if hours.ends_at <= now:
        raise RosterError(_("These hours are over; they stay as they were."))
    if to.pk == shift.user_id:
        raise RosterError(_("{person} has these hours already.").format(person=to))
    given = _split(shift, to=to, hours=hours, now=now)
    detail = said_of(given) | {"instead_of": shift.user_id}
    record("alerts.hours_given", by=by, at=now, about=given, area_code=shift.area.code, detail=detail)
    return given


def _split(shift: Shift, *, to: User, hours: Stretch, now: datetime) -> Shift:
    lock_people([shift.user_id, to.pk])
    require_fitting(to, shift.area, shift.kind, on=local(hours.begins_at).date())
    require_no_clash(to, shift.area, shift.kind, hours, but=[shift.pk])
    if hours == shift.hours:
        move_to(shift, to, now=now)
        return shift
    before, after = Stretch(shift.starts_at, hours.begins_at), Stretch(hours.ends_at, shift.ends_at)
    kept, *more = [piece for piece in (before, after) if piece.begins_at < piece.ends_at]
    shift.starts_at, shift.ends_at, shift.is_changed_alone, shift.changed_at = *_ends(kept), True, now
    shift.save()
    for piece in more:
        _copy(shift, shift.user, piece, now=now).save()
    given = _copy(shift, to, hours, now=now)
    given.stands_in_for_id = shift.user_id
    given.save()
    return given


def _ends(hours: Stretch) -> tuple[datetime, datetime]:
    return hours.begins_at, hours.ends_at


def _copy(shift: Shift, user: User, hours: Stretch, *, now: datetime) -> Shift:
    """Return a new row of the same duty; the date of the rotation stays with the row that has it."""
    starts_at, ends_at = _ends(hours)
    return Shift(
        area=shift.area,
        kind=shift.kind,
        name=shift.name,
        user=user,
        starts_at=starts_at,
        ends_at=ends_at,
        stands_in_for_id=shift.stands_in_for_id,
        is_changed_alone=True,
        changed_at=now,
    )


def move_to(shift: Shift, user: User, *, now: datetime) -> None:
    """Give the whole of a shift to somebody; who gets their own back stands in for nobody."""
    first = shift.stands_in_for_id or shift.user_id
    shift.stands_in_for_id = None if user.pk == first else first
    shift.user, shift.is_changed_alone, shift.changed_at = user, True, now
    shift.save()


def locked(shift: Shift) -> Shift:
    """Return a shift with its row locked. Raises ``RosterError`` where it was taken out a moment ago.

    Its person is read after the lock: a join would bring who had it before whoever held the lock changed it.
    """
    found = Shift.objects.select_for_update().filter(pk=shift.pk).first()
    if found is None:
        raise RosterError(_("Somebody has taken this shift out of the roster."))
    return found


# ── many at once, from a file ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a file changes of one duty's hours.

    Attributes:
        gone: shifts that leave the roster.
        new: people who get these hours.
        renamed: shifts that are called otherwise from now on.
        rows: the rows of the file that say so.
    """

    area: Area
    kind: str
    hours: Stretch
    name: str = ""
    gone: Sequence[int] = ()
    new: Sequence[int] = ()
    renamed: Sequence[int] = ()
    rows: frozenset[int] = frozenset()


_KEPT = ("kind", "name", "seat", "is_changed_alone")


def replace_shifts(changes: Sequence[Replaced], *, now: datetime) -> list[dict[str, Any]]:
    """Write what a file changes, in the caller's transaction; return what an undo needs, fit for JSON.

    Who meanwhile got other hours that these would go against keeps those: nobody is at two desks.
    """
    gone = Shift.objects.filter(pk__in=[pk for one in changes for pk in one.gone])
    people = {pk for one in changes for pk in one.new}
    lock_people(people | set(gone.values_list("user_id", flat=True)))
    entries: list[dict[str, Any]] = [_kept(shift) for shift in gone]
    gone.delete()
    users = User.objects.defer("phone").in_bulk(people)
    for one in changes:
        renamed = Shift.objects.filter(pk__in=list(one.renamed))
        entries += [{"renamed": shift.pk, "name": shift.name} for shift in renamed]
        renamed.update(name=one.name, is_changed_alone=True, changed_at=now)
        free = (pk for pk in one.new if clash_of(users[pk], one.area, one.kind, one.hours) is None)
        entries += [{"made": _made(one, users[pk], now=now).pk, "user": pk} for pk in free]
    return entries


def _kept(shift: Shift) -> dict[str, Any]:
    """Return a shift that goes, fit for JSON."""
    kept: dict[str, Any] = {name: getattr(shift, name) for name in _KEPT}
    keys = {"area_id": shift.area_id, "user_id": shift.user_id, "stands_in_for_id": shift.stands_in_for_id}
    rotation = {"rotation_id": shift.rotation_id, "occurs_on": shift.occurs_on and shift.occurs_on.isoformat()}
    hours = {"starts_at": shift.starts_at.isoformat(), "ends_at": shift.ends_at.isoformat()}
    return {"gone": kept | keys | rotation | hours, "changed_at": shift.changed_at.isoformat()}


def _made(one: Replaced, user: User, *, now: datetime) -> Shift:
    starts_at, ends_at = _ends(one.hours)
    return Shift.objects.create(
        area=one.area,
        kind=one.kind,
        name=one.name,
        user=user,
        starts_at=starts_at,
        ends_at=ends_at,
        is_changed_alone=True,
        changed_at=now,
    )


def take_back_shifts(entries: Sequence[Mapping[str, Any]]) -> tuple[int, list[str]]:
    """Undo ``replace_shifts``; return how many entries, and whose hours were left because something came after."""
    done, left = 0, []
    for entry in entries:
        if "made" in entry:
            count, _rows = Shift.objects.filter(pk=entry["made"], user=entry["user"]).delete()
            done += bool(count)
            left += [] if count else _name(entry["user"])
        elif "renamed" in entry:
            done += Shift.objects.filter(pk=entry["renamed"]).update(name=entry["name"])
    for entry in (entry for entry in entries if "gone" in entry):
        if _put_back(entry):
            done += 1
        else:
            left += _name(entry["gone"]["user_id"])
    return done, left


def _name(user_id: int) -> list[str]:
    return [str(user) for user in User.objects.defer("phone").filter(pk=user_id)]


def _put_back(entry: Mapping[str, Any]) -> bool:
    """Write a shift again that had gone; say no where its person has other hours by now, or its area is no more."""
    kept = dict(entry["gone"])
    for name in ("starts_at", "ends_at"):
        kept[name] = datetime.fromisoformat(kept[name])
    kept["occurs_on"] = date.fromisoformat(kept["occurs_on"]) if kept["occurs_on"] else None
    lock_people([kept["user_id"]])
    user = User.objects.defer("phone").filter(pk=kept["user_id"]).first()
    area = Area.objects.filter(pk=kept["area_id"]).first()
    if user is None or area is None:
        return False
    if clash_of(user, area, kept["kind"], Stretch(kept["starts_at"], kept["ends_at"])) is not None:
        return False
    seat = Shift.objects.filter(rotation=kept["rotation_id"], occurs_on=kept["occurs_on"], seat=kept["seat"])
    if not Rotation.objects.filter(pk=kept["rotation_id"]).exists() or seat.exists():
        kept |= {"rotation_id": None, "occurs_on": None}
    Shift.objects.create(**kept, changed_at=datetime.fromisoformat(entry["changed_at"]))
    return True


@transaction.atomic
def record_roster_export(*, rows: int, area: Area, by: User, now: datetime) -> Export:
    """Enter a roster that left as a file into the export register, and into the trail. Its phone numbers are masked."""
    made = Export.objects.create(kind="duty", area_code=area.code, rows=rows, is_whole=False, by=by, at=now)
    record("alerts.roster_exported", by=by, at=now, about=made, area_code=area.code, detail={"rows": rows})
    return made


# ── rotations ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Pattern:
    """What repeats: where, which days by RFC 5545, which hours, and who takes turns."""

    area: Area
    kind: str
    rule: str
    starts: time
    ends: time
    first_on: date
    turn: str
    people: Sequence[User]
    name: str = ""
    until_on: date | None = None
    at_once: int = 1
    is_for_holidays: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """How many shifts were made, and how many of the same days stay open because their person could not have them."""

    shifts: int = 0
    left_open: int = 0

    def __add__(self, other: "Made") -> "Made":
        return Made(self.shifts + other.shifts, self.left_open + other.left_open)


@transaction.atomic
def begin_rotation(pattern: Pattern, *, by: User, now: datetime) -> tuple[Rotation, Made]:
    """Begin a rotation and make its shifts of the next five weeks, none of them in the past.

    Raises ``RosterError`` for a place, days or people that cannot be.
    """
    today = local(now).date()
    require_place(pattern.area, pattern.kind)
    _require_sense(pattern, today=today)
    for person in pattern.people:
        require_fitting(person, pattern.area, pattern.kind, on=max(pattern.first_on, today))
    rotation = Rotation.objects.create(
        **{name: getattr(pattern, name) for name in Pattern.__slots__ if name != "people"},
        made_until=max(pattern.first_on, today) - timedelta(days=1),
        created_by=by,
        created_at=now,
    )
    RotationTurn.objects.bulk_create(
        [RotationTurn(rotation=rotation, user=person, place=place) for place, person in enumerate(pattern.people)]
    )
    made = _make_ahead(rotation, now=now)
    detail = {"rule": rotation.rule, "people": [person.pk for person in pattern.people], "made": made.shifts}
    record("alerts.rotation_begun", by=by, at=now, about=rotation, area_code=pattern.area.code, detail=detail)
    return rotation, made


def _require_sense(pattern: Pattern, *, today: date) -> None:
    if not pattern.people:
        raise RosterError(_("Name at least one person who takes turns."))
    if not 1 <= pattern.at_once <= min(MOST_AT_ONCE, len(pattern.people)):
        raise RosterError(_("There cannot be more people at a time than take turns, nor fewer than one."))
    if pattern.until_on is not None and pattern.until_on < pattern.first_on:
        raise RosterError(_("The last day is before the first. Mend one of the two."))
    if pattern.first_on < today - OLDEST_BEGIN:
        raise RosterError(_("A rotation begins at most a month ago. Enter it from its next day on."))


def make_next_shifts(*, now: datetime) -> Made:
    """Make the shifts of all rotations five weeks ahead. Again, it makes none."""
    running = Rotation.objects.running(local(now).date()).order_by("-is_for_holidays", "pk")
    total = Made()
    for pk in list(running.values_list("pk", flat=True)):
        total += _make_next(pk, now=now)
    return total


@transaction.atomic
def _make_next(pk: int, *, now: datetime) -> Made:
    """Make one rotation's next shifts: who makes them twice at once queues up here."""
    rotation = Rotation.objects.select_related("area").select_for_update(of=("self",)).get(pk=pk)
    made = _make_ahead(rotation, now=now)
    if made.shifts:
        detail = {"made": made.shifts, "left_open": made.left_open}
        record("alerts.shifts_made", by=None, at=now, about=rotation, area_code=rotation.area.code, detail=detail)
    return made


def _make_ahead(rotation: Rotation, *, now: datetime) -> Made:
    until = min(local(now + MADE_AHEAD).date(), rotation.until_on or date.max)
    after = rotation.made_until or rotation.first_on - timedelta(days=1)
    if until <= after:
        return Made()
    turns = {on: who for on, who in _turns(rotation, until=until).items() if on > after}
    rotation.made_until = until
    rotation.save(update_fields=["made_until"])
    return _write(rotation, turns, now=now)


def _turns(rotation: Rotation, *, until: date) -> dict[date, tuple[int, ...]]:
    """Return who has the turn on each date of a rotation, from its first one on.

    One for holidays is held on these alone; a usual one gives way where such a one is held at the same place.
    """
    holidays = set(
        Holiday.objects.of(rotation.area.code).between(rotation.first_on, until).values_list("on", flat=True)
    )
    dates = _dates(rotation, until=until)
    if rotation.is_for_holidays:
        dates = [on for on in dates if on in holidays]
    people = list(rotation.turns.order_by("place").values_list("user_id", flat=True))
    turns = dict(zip(dates, turns_of(dates, turn=rotation.turn, people=people, at_once=rotation.at_once), strict=True))
    if rotation.is_for_holidays or not holidays:
        return turns
    others = Rotation.objects.filter(area=rotation.area, kind=rotation.kind, is_for_holidays=True)
    ruled = {on for other in others for on in _dates(other, until=until) if on in holidays}
    return {on: who for on, who in turns.items() if on not in ruled}


def _dates(rotation: Rotation, *, until: date) -> list[date]:
    first = rotation.first_on
    last = min(until, rotation.until_on or date.max)
    return dates_of(rotation.rule, first=first, after=first - timedelta(days=1), until=last) if last >= first else []


def _write(rotation: Rotation, turns: Mapping[date, Sequence[int]], *, now: datetime) -> Made:
    """Write a rotation's shifts of some dates; one whose person cannot have it stays open and is shown as a hole."""
    if not turns:
        return Made()
    people = {user_id for who in turns.values() for user_id in who}
    lock_people(people)
    if rotation.is_for_holidays:
        _give_way(rotation, turns, now=now)
    fits = _Fit(rotation, people, first=min(turns), last=max(turns))
    new = [
        shift
        for on, who in sorted(turns.items())
        for seat, user_id in enumerate(who)
        if (shift := fits.shift(on, seat, user_id, now=now)) is not None
    ]
    Shift.objects.bulk_create(new)
    return Made(len(new), sum(map(len, turns.values())) - len(new))


def _give_way(rotation: Rotation, dates: Iterable[date], *, now: datetime) -> None:
    """Take out what usual rotations made of the same duty on these dates and nobody changed."""
    usual = Rotation.objects.filter(area=rotation.area, kind=rotation.kind, is_for_holidays=False)
    _made_by(usual, now=now).filter(occurs_on__in=list(dates)).delete()


def _made_by(rotations: QuerySet[Rotation], *, now: datetime) -> ShiftQuerySet:
    """Return what rotations made that is still to come and that nobody changed or asks to swap."""
    return Shift.objects.filter(rotation__in=rotations, is_changed_alone=False, starts_at__gt=now)


class _Fit:
    """Whether people can have a rotation's shifts: asked for all its dates at once, in three queries."""

    def __init__(self, rotation: Rotation, people: Collection[int], *, first: date, last: date) -> None:
        self.rotation = rotation
        self.hours = Stretch(midnight(first), midnight(last + timedelta(days=2)))
        posts = Post.objects.overlapping(first, last).filter(
            area=rotation.area, user__in=people, user__is_active=True, role__in=fitting_roles(rotation.kind)
        )
        self.posts = list(posts.values_list("user_id", "starts_on", "ends_on"))
        self.taken: dict[int, list[Stretch]] = {}
        mine = Shift.objects.filter(user__in=people, kind=rotation.kind).overlapping(self.hours)
        if rotation.kind == ShiftKind.ON_CALL:  # at two desks nobody can be; on call for two grids they can
            mine = mine.filter(area=rotation.area)
        for user_id, starts_at, ends_at in mine.values_list("user_id", "starts_at", "ends_at"):
            self.taken.setdefault(user_id, []).append(Stretch(starts_at, ends_at))
        dates = rotation.shifts.filter(occurs_on__gte=first, occurs_on__lte=last)
        self.made = set(dates.values_list("occurs_on", "seat"))

    def shift(self, on: date, seat: int, user_id: int, *, now: datetime) -> Shift | None:
        """Return the shift of a date and a seat, yet to be written; None where its person cannot have it."""
        hours = hours_on(on, starts=self.rotation.starts, ends=self.rotation.ends)
        holds = any(
            who == user_id and starts_on <= on and (ends_on is None or ends_on >= on)
            for who, starts_on, ends_on in self.posts
        )
        if not holds or (on, seat) in self.made or any(hours.overlaps(one) for one in self.taken.get(user_id, ())):
            return None
        self.taken.setdefault(user_id, []).append(hours)
        return Shift(
            area=self.rotation.area,
            kind=self.rotation.kind,
            name=self.rotation.name,
            user_id=user_id,
            starts_at=hours.begins_at,
            ends_at=hours.ends_at,
            rotation=self.rotation,
            occurs_on=on,
            seat=seat,
            changed_at=now,
        )


@transaction.atomic
def stop_rotation(rotation: Rotation, *, last_on: date, by: User, now: datetime) -> int:
    """Stop a rotation after a day: its later shifts leave the roster, but for those that somebody arranged.

    Returns how many left.
    """
    rotation = Rotation.objects.select_related("area").select_for_update(of=("self",)).get(pk=rotation.pk)
    rotation.until_on = last_on
    rotation.save(update_fields=["until_on"])
    gone = _made_by(Rotation.objects.filter(pk=rotation.pk), now=now).filter(occurs_on__gt=last_on)
    count = gone.count()
    gone.delete()
    detail = {"last_on": last_on.isoformat(), "taken_out": count}
    record("alerts.rotation_stopped", by=by, at=now, about=rotation, area_code=rotation.area.code, detail=detail)
    return count


# ── days off ────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_holiday(*, on: date, name: str, area: Area | None, by: User, now: datetime) -> Holiday:
    """Enter a day off, of an area or of everywhere; the rotations for holidays then have that day.

    Raises ``RosterError`` where the day is one already.
    """
    code = area.code if area is not None else ""
    if Holiday.objects.filter(area=area, on=on).exists():
        raise RosterError(_("{day} is entered as a holiday already.").format(day=day(on)))
    holiday = Holiday.objects.create(on=on, name=name, area=area)
    _settle_day(on, area_code=code, now=now)
    detail = {"on": on.isoformat(), "name": name}
    record("alerts.holiday_added", by=by, at=now, about=holiday, area_code=code, detail=detail)
    return holiday


@transaction.atomic
def remove_holiday(holiday: Holiday, *, by: User, now: datetime) -> None:
    """Take a day off out of the list; the usual rotations have that day again."""
    code = holiday.area.code if holiday.area is not None else ""
    detail = {"on": holiday.on.isoformat(), "name": holiday.name}
    record("alerts.holiday_removed", by=by, at=now, about=holiday, area_code=code, detail=detail)
    on = holiday.on
    holiday.delete()
    _settle_day(on, area_code=code, now=now)


def _settle_day(on: date, *, area_code: str, now: datetime) -> None:
    """Have the rotations of an area make one day anew that was made already, holidays first."""
    touched = Rotation.objects.filter(within("area__code", (area_code,) if area_code else None), made_until__gte=on)
    running = touched.running(on).filter(first_on__lte=on).select_related("area").order_by("-is_for_holidays", "pk")
    if on < local(now).date():
        return
    for rotation in running.select_for_update(of=("self",)):
        turns = _turns(rotation, until=on)
        if on in turns:
            _write(rotation, {on: turns[on]}, now=now)
        else:
            _made_by(Rotation.objects.filter(pk=rotation.pk), now=now).filter(occurs_on=on).delete()


# ── what is coming ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Hole:
    """Hours for which an area that keeps a roster has nobody."""

    area: Area
    kind: str
    hours: Stretch


def holes_ahead(shifts: ShiftQuerySet, *, now: datetime, until: datetime) -> list[Hole]:
    """Return the hours from now on that nobody has, of the areas of these shifts. Two queries.

    An area keeps a roster that had a shift within the last week; one whose first is still to come keeps it from then
    on. Who no longer holds a fitting post when the shift begins is nobody.
    """
    kept = shifts.ending_after(now - KEPT_FOR).filter(starts_at__lt=until).select_related("area")
    rows = list(kept.order_by("area__code", "kind", "starts_at"))
    posts = _Posts(rows)
    rosters: dict[tuple[int, str], list[Shift]] = {}
    for shift in rows:
        rosters.setdefault((shift.area_id, shift.kind), []).append(shift)
    return [
        Hole(mine[0].area, kind, hours)
        for (_area, kind), mine in rosters.items()
        for hours in uncovered(
            [shift.hours for shift in mine if posts.fit(shift)],
            within=Stretch(max(now, min(until, mine[0].starts_at)), until),
        )
    ]


class _Posts:
    """Whether those who have shifts hold a fitting post as they begin; one query."""

    def __init__(self, shifts: Collection[Shift]) -> None:
        self._held: dict[tuple[int, int], list[Post]] = {}
        areas, people = {shift.area_id for shift in shifts}, {shift.user_id for shift in shifts}
        for post in Post.objects.filter(area__in=areas, user__in=people, user__is_active=True):
            self._held.setdefault((post.user_id, post.area_id), []).append(post)

    def fit(self, shift: Shift) -> bool:
        on = local(shift.starts_at).date()
        return any(
            post.role in fitting_roles(shift.kind)
            and post.starts_on <= on
            and (post.ends_on is None or post.ends_on >= on)
            for post in self._held.get((shift.user_id, shift.area_id), ())
        )


def unreachable_ahead(shifts: ShiftQuerySet, *, now: datetime, until: datetime) -> list[User]:
    """Return who has a shift in this time and no channel that works reaches them; the first shift first."""
    coming = shifts.ending_after(now).filter(starts_at__lt=until).select_related("user", "area")
    by_area: dict[str, dict[int, User]] = {}
    for shift in coming.defer("user__phone").order_by("starts_at", "pk"):
        by_area.setdefault(shift.area.code, {})[shift.user_id] = shift.user
    missed: dict[int, User] = {}
    ways = notifications.reachable_in({code: people.values() for code, people in by_area.items()}, now=now)
    for code, people in by_area.items():
        missed |= {pk: user for pk, user in people.items() if not ways[code][pk]}
    return list(missed.values())


@transaction.atomic
def warn_of_tomorrow(*, now: datetime) -> int:
    """Tell the managers this evening what tonight's and tomorrow's rosters lack; once a day for each community.

    Returns how many letters were new.
    """
    until = midnight(local(now).date() + timedelta(days=2))
    lacking: dict[str, letters.Lacking] = {}
    for hole in holes_ahead(Shift.objects.all(), now=now, until=until):
        lacking.setdefault(hole.area.community_code, letters.Lacking()).holes.append(_words_of(hole))
    for code in set(_communities(now=now, until=until)):
        unreached = unreachable_ahead(Shift.objects.filter(within("area__code", (code,))), now=now, until=until)
        if unreached:
            lacking.setdefault(code, letters.Lacking()).unreached.extend(map(str, unreached))
    managers = Post.objects.current(local(now).date()).of_role(Role.MANAGER).filter(user__is_active=True)
    told = [
        letters.roster_lacks(post.user, lacking[post.area.code], community=post.area, on=local(now).date())
        for post in managers.filter(area__code__in=lacking).select_related("user", "area").defer("user__phone")
    ]
    return notifications.tell(told, now=now) if told else 0


def _communities(*, now: datetime, until: datetime) -> Iterable[str]:
    codes = Shift.objects.ending_after(now).filter(starts_at__lt=until).order_by().values_list("area__code", flat=True)
    return (code[:COMMUNITY_DIGITS] for code in codes.distinct())


def _words_of(hole: Hole) -> tuple[str, str, Stretch]:
    return hole.area.name, hole.kind, hole.hours
