"""Overdue visits and follow-ups are chased: who makes them, then the grid leader; each once for one due day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from notifications.services import Letter, tell
from residents import letters
from residents.models import FollowUp, Pairing, Post, Rule
from residents.policy import Chase, RuleName, chases_due, is_office_hour
from residents.services.follow_ups import who_follows_up


@dataclass(frozen=True)
class _Late:
    """A pairing whose visit is overdue, and who is to be told of it now."""

    pairing: Pairing
    due_on: date
    chases: frozenset[Chase]


@transaction.atomic
def chase_overdue(*, now: datetime) -> int:
    """Tell carers and grid leaders of the visits and follow-ups that are overdue; return how many letters were new.

    Nobody is told twice of one due day, however many workers chase at once: each locks the pairings it chases and looks
    again. Outside office hours nobody is told; the next round does it.
    """
    if not is_office_hour(local(now)):
        return 0
    return _chase_pairings(now=now) + _chase_follow_ups(now=now)


def _chase_pairings(*, now: datetime) -> int:
    on = local(now).date()
    running = Pairing.objects.current(on).of_those_living_here()
    # Few are late at any time: they alone are locked.
    seen = _late(running.with_last_visits(), on=on)
    locked = running.filter(pk__in=[late.pairing.pk for late in seen]).order_by("pk")
    ids = list(locked.select_for_update(no_key=True).values_list("pk", flat=True))
    again = running.filter(pk__in=ids).with_last_visits().select_related("carer", "resident__grid").order_by("pk")
    lates = _late(again, on=on)
    told = _tell_carers(lates, now=now) + _tell_leaders(lates, on=on, now=now)
    if told:
        record("residents.chased", by=None, at=now, detail={"told": told, "pairings": len(lates)})
    return told


def _late(pairings: Iterable[Pairing], *, on: date) -> list[_Late]:
    every = Rule.objects.number(RuleName.VISIT_EVERY_DAYS)
    leader_days = Rule.objects.number(RuleName.CHASE_LEADER_DAYS)
    found = []
    for pairing in pairings:
        due_on = pairing.due_on(every_days=every)
        chases = chases_due(
            due_on,
            on=on,
            carer_told_on=pairing.carer_told_on,
            leader_told_on=pairing.leader_told_on,
            leader_days=leader_days,
        )
        if chases:
            found.append(_Late(pairing, due_on, chases))
    return found


def _tell_carers(lates: Sequence[_Late], *, now: datetime) -> int:
    by_carer: dict[User, list[_Late]] = defaultdict(list)
    for late in lates:
        if Chase.CARER in late.chases:
            by_carer[late.pairing.carer].append(late)
    told = [
        letters.to_carer(carer, [late.pairing for late in mine], due=[late.due_on for late in mine])
        for carer, mine in by_carer.items()
        if carer.is_active
    ]
    _mark([late for mine in by_carer.values() for late in mine], "carer_told_on")
    return tell(told, now=now)


def _tell_leaders(lates: Sequence[_Late], *, on: date, now: datetime) -> int:
    """Tell the leaders of each grid, or the community's manager where it has none; where nobody is, it is kept."""
    by_grid: dict[str, list[_Late]] = defaultdict(list)
    for late in lates:
        if Chase.LEADER in late.chases:
            by_grid[late.pairing.resident.grid.code].append(late)
    days = Rule.objects.number(RuleName.CHASE_LEADER_DAYS)
    told: list[Letter] = []
    done: list[_Late] = []
    leaders = _leaders(by_grid, on=on)
    for code, theirs in by_grid.items():
        pairings, due = [late.pairing for late in theirs], [late.due_on for late in theirs]
        grid = pairings[0].resident.grid
        told += [letters.to_leader(leader, grid, pairings, due=due, days=days) for leader in leaders.get(code, ())]
        done += theirs if leaders.get(code) else []
    _mark(done, "leader_told_on")
    return tell(told, now=now)


def _leaders(codes: Iterable[str], *, on: date) -> Mapping[str, list[User]]:
    """Return who answers for each grid: its leaders, else the managers above it."""
    posts = list(
        Post.objects.current(on)
        .filter(role__in=(Role.GRID_LEADER, Role.MANAGER), user__is_active=True)
        .select_related("user", "area")
        .order_by("pk")
    )
    found = {}
    for code in codes:
        leaders = [post.user for post in posts if post.role == Role.GRID_LEADER and post.area.code == code]
        found[code] = leaders or [
            post.user for post in posts if post.role == Role.MANAGER and code.startswith(post.area.code)
        ]
    return found


def _mark(lates: Sequence[_Late], field: str) -> None:
    by_day: dict[date, list[int]] = defaultdict(list)
    for late in lates:
        by_day[late.due_on].append(late.pairing.pk)
    for due_on, ids in by_day.items():
        Pairing.objects.filter(pk__in=ids).update(**{field: due_on})


def _chase_follow_ups(*, now: datetime) -> int:
    """Tell who is to make a follow-up that is overdue, then the grid's leaders; each once for one due day."""
    on = local(now).date()
    # Few are late at any time. They alone are locked, so that two who chase at once tell nobody twice.
    late = FollowUp.objects.open().overdue(on).order_by("pk")
    keys = list(late.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    found = list(late.filter(pk__in=keys).select_related("resident__grid"))
    leader_days = Rule.objects.number(RuleName.CHASE_LEADER_DAYS)
    told: list[Letter] = []
    workers = who_follows_up(found, on=on)
    leaders = _leaders({one.resident.grid.code for one in found}, on=on) if found else {}
    for one in found:
        chases = chases_due(
            one.due_on,
            on=on,
            carer_told_on=one.worker_told_on,
            leader_told_on=one.leader_told_on,
            leader_days=leader_days,
        )
        told += _letters_about(one, chases, workers=workers[one.pk], leaders=leaders[one.resident.grid.code])
        one.save(update_fields=["worker_told_on", "leader_told_on"])
    count = tell(told, now=now)
    if count:
        record("residents.follow_ups_chased", by=None, at=now, detail={"told": count})
    return count


def _letters_about(
    one: FollowUp, chases: frozenset[Chase], *, workers: Sequence[User], leaders: Sequence[User]
) -> list[Letter]:
    """Return the letters of one follow-up, and mark whom it is chased with; where nobody is, it is kept for later."""
    told: list[Letter] = []
    if Chase.CARER in chases and workers:
        told += [letters.follow_up_overdue(worker, one) for worker in workers]
        one.worker_told_on = one.due_on
    if Chase.LEADER in chases and leaders:
        told += [letters.follow_up_to_leader(leader, one) for leader in leaders]
        one.leader_told_on = one.due_on
    return told
