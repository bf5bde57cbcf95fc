"""Swapping shifts: one asks, the other says yes or no, and only then the roster changes. The manager sees it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Role
from accounts.services import record
from alerts import letters
from alerts.models import Shift, Swap
from alerts.services.rostering import (
    RosterError,
    lock_people,
    locked,
    move_to,
    require_fitting,
    require_no_clash,
)
from notifications import services as notifications
from residents.models import Post


@transaction.atomic
def ask_swap(shift: Shift, *, of: User, by: User, now: datetime, back: Shift | None = None, note: str = "") -> Swap:
    """Ask somebody to take one's shift, perhaps for one of theirs in return; the roster stays until they agree.

    Raises ``RosterError`` for somebody else's shift, one that has begun or is asked about already, and for whom could
    not have it.
    """
    shift = locked(shift)
    if shift.user_id != by.pk:
        raise RosterError(_("This is {person}'s shift; they alone can ask for a swap.").format(person=shift.user))
    if back is not None and back.user_id != of.pk:
        raise RosterError(_("The shift in return must be one of {person}'s.").format(person=of))
    if Swap.objects.open().filter(shift=shift).exists():
        raise RosterError(_("A swap of this shift is asked for already. Take that back first."))
    _require_possible(shift, back, by=by, of=of, now=now)
    swap = Swap.objects.create(shift=shift, back=back, asked_by=by, asked_of=of, note=note, asked_at=now)
    notifications.tell([letters.swap_asked(swap)], now=now)
    _recorded("swap_asked", swap, by=by, now=now)
    return swap


def _require_possible(shift: Shift, back: Shift | None, *, by: User, of: User, now: datetime) -> None:
    """Refuse a swap that could not be carried out at this moment."""
    if of.pk == by.pk:
        raise RosterError(_("Choose somebody else: this is your own shift."))
    given = [shift.pk, *([back.pk] if back is not None else [])]
    for one, to in ((shift, of), *(((back, by),) if back is not None else ())):
        if one.has_begun(now):
            raise RosterError(_("This shift has begun. Telephone the manager, who can give its hours to somebody."))
        require_fitting(to, one.area, one.kind, on=local(one.starts_at).date())
        require_no_clash(to, one.area, one.kind, one.hours, but=given)


@transaction.atomic
def accept_swap(swap: Swap, *, by: User, now: datetime) -> Swap:
    """Agree to a swap: the shifts change hands at once. Raises ``RosterError`` where it can no longer be."""
    swap = _open(swap, asked_of=by)
    shift, back = _both(swap)
    lock_people([swap.asked_by_id, by.pk])
    if shift.user_id != swap.asked_by_id or (back is not None and back.user_id != by.pk):
        raise RosterError(_("The roster has changed since: the shift is somebody else's now."))
    _require_possible(shift, back, by=swap.asked_by, of=by, now=now)
    move_to(shift, by, now=now)
    if back is not None:
        move_to(back, swap.asked_by, now=now)
    _answer(swap, Swap.State.ACCEPTED, now=now)
    managers = Post.objects.current(local(now).date()).of_role(Role.MANAGER).serving(shift.area.code)
    tell = {post.user_id: post.user for post in managers.filter(user__is_active=True).select_related("user")}
    told = [letters.swap_agreed(swap, manager=user) for pk, user in tell.items() if pk not in {by.pk, swap.asked_by_id}]
    notifications.tell([letters.swap_answered(swap, is_accepted=True), *told], now=now)
    _recorded("swap_accepted", swap, by=by, now=now)
    return swap


@transaction.atomic
def decline_swap(swap: Swap, *, by: User, now: datetime) -> Swap:
    """Say no. Raises ``RosterError`` where it was answered already."""
    swap = _open(swap, asked_of=by)
    _answer(swap, Swap.State.DECLINED, now=now)
    notifications.tell([letters.swap_answered(swap, is_accepted=False)], now=now)
    _recorded("swap_declined", swap, by=by, now=now)
    return swap


@transaction.atomic
def withdraw_swap(swap: Swap, *, by: User, now: datetime) -> Swap:
    """Take back what one asked. Raises ``RosterError`` where it was answered already."""
    swap = _locked(swap)
    if swap.asked_by_id != by.pk:
        raise RosterError(_("Only who asked can take it back."))
    _answer(swap, Swap.State.WITHDRAWN, now=now)
    _recorded("swap_withdrawn", swap, by=by, now=now)
    return swap


def _locked(swap: Swap) -> Swap:
    found = Swap.objects.select_for_update().filter(pk=swap.pk).first()
    if found is None:
        raise RosterError(_("Somebody has taken this shift out of the roster."))
    if found.state != Swap.State.ASKED:
        raise RosterError(_("This was settled already: {state}.").format(state=found.get_state_display()))
    return found


def _open(swap: Swap, *, asked_of: User) -> Swap:
    swap = _locked(swap)
    if swap.asked_of_id != asked_of.pk:
        raise RosterError(_("Only who was asked can answer."))
    return swap


def _both(swap: Swap) -> tuple[Shift, Shift | None]:
    """Lock the shifts of a swap, in one order."""
    keys = sorted(filter(None, [swap.shift_id, swap.back_id]))
    by_key = {key: locked(Shift(pk=key)) for key in keys}
    return by_key[swap.shift_id], by_key.get(swap.back_id or 0)


def _answer(swap: Swap, state: Swap.State, *, now: datetime) -> None:
    swap.state, swap.answered_at = state, now
    swap.save(update_fields=["state", "answered_at"])
    # What was asked has been answered, wherever the letter lies.
    notifications.withdraw([swap.subject_key], purposes=["asked"], now=now)


def _recorded(verb: str, swap: Swap, *, by: User, now: datetime) -> None:
    detail = {"shift": swap.shift_id, "back": swap.back_id, "by": swap.asked_by_id, "of": swap.asked_of_id}
    record(f"alerts.{verb}", by=by, at=now, about=swap, area_code=swap.shift.area.code, detail=detail)
