"""What the grid does with an alert: accept it, hand it over, record what was done, ask for help."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.formats import hour_minute
from accounts.models import User
from alerts.docket import Matter
from alerts.letters import Tiding
from alerts.models import Alert
from alerts.policy import (
    CONFIRMATIONS,
    CONFIRMS,
    Audience,
    Choice,
    Confirmation,
    Help,
    Objective,
    Rank,
    State,
    choose_holder,
)
from alerts.services.common import (
    AlertError,
    Kind,
    audit,
    in_hand,
    name_of,
    pressed,
    require_dispatched,
    require_member,
)


def accept_alert(
    alert: Alert, *, by: User, now: datetime, pressed_at: datetime | None = None, from_where: str = ""
) -> Alert:
    """Take the alert on. Raises ``AlertError`` when it has ended, is not dispatched, or somebody else was first.

    Pressing twice is the same as pressing once. It is accepted from ``now`` on, however long the press was on its way
    (``pressed_at``, kept in the timeline): what the clock did meanwhile stands.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        require_dispatched(matter.alert)
        if matter.alert.state == State.ACCEPTED and matter.alert.holder_id == by.pk:
            return matter.alert
        if matter.alert.state == State.ACCEPTED:
            raise AlertError(
                _("{person} accepted this alert at {time}.").format(
                    person=name_of(matter, matter.alert.holder_id), time=hour_minute(matter.alert.accepted_at or now)
                )
            )
        _accept(matter, by, pressed_at=pressed_at)
        audit("accepted", matter)
    return matter.alert


def _accept(matter: Matter, by: User, *, pressed_at: datetime | None = None) -> None:
    member = require_member(matter, by)
    if matter.alert.holder_id != by.pk:
        matter.note(
            Kind.ASSIGNED,
            actor=by,
            person_id=by.pk,
            objective=Objective.RESPOND,
            detail={"rank": member.rank.name.lower()},
        )
    matter.set(state=State.ACCEPTED, accepted_at=matter.docket.now, holder_id=by.pk, holder_rank=member.rank)
    detail = pressed(pressed_at, now=matter.docket.now)
    matter.note(Kind.ACCEPTED, actor=by, objective=Objective.RESPOND, detail=detail)
    # Who was asked to accept need not any more; who has it in hand is on everybody's board.
    matter.docket.withdraw(matter, [Objective.RESPOND])


def hand_over_alert(
    alert: Alert, *, by: User, now: datetime, to: User | None = None, reason: str = "", from_where: str = ""
) -> Alert:
    """Hand an alert to somebody of its team or, without ``to``, to whoever is available next.

    The new holder has yet to accept. Raises ``AlertError`` for somebody outside the team, for who has it already, and
    where nobody is available (then the alert stays where it is and the desk knows).
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        require_dispatched(matter.alert)
        hand_over(matter, to=to, reason=reason)
        audit("handed_over", matter, to=matter.alert.holder_id, reason=reason)
    return matter.alert


def hand_over(matter: Matter, *, to: User | None, reason: str) -> bool:
    """Hand a matter on, and say whether somebody was found. The desk is told where nobody was."""
    if to is not None:
        member = require_member(matter, to)
        if matter.alert.holder_id == to.pk:
            raise AlertError(_("{person} has this alert already.").format(person=to))
        choice = Choice(member)
    else:
        choice = matter.choose(Rank.SPECIALIST)
    if matter.docket.by is not None and reason:
        matter.note(Kind.ACTION, actor=matter.docket.by, objective=Objective.RESPOND, detail={"handed_over": reason})
    # A person's hand-overs may repeat: the count of those before makes each letter's key its own. Where nobody was
    # found the count stays, and the desk hears it once a minute however often the button is pressed.
    key = f"handed.{len(matter.alert.offered_to)}"
    if matter.hand_to(choice, key=key):
        return True
    matter.tell(matter.team.last_resort(), [Tiding.NOBODY], key=f"{key}.{matter.docket.now:%Y%m%d%H%M}")
    return False


def record_deed(
    alert: Alert,
    *,
    deed: str,
    by: User,
    now: datetime,
    done_at: datetime | None = None,
    note: str = "",
    from_where: str = "",
) -> Alert:
    """Write down what was done. Who does something about an alert that nobody has accepted has thereby accepted it.

    Args:
        deed: a ``policy.Deed``; those in ``policy.CONFIRMS`` confirm something, the others are attempts.
        done_at: when it was done, where it is entered late; both times are kept. Never in the future, never before the
            alert came.

    Raises ``AlertError`` when the alert has ended or has not reached its grid, or for an impossible time.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        require_dispatched(matter.alert)
        at = _time_of(matter, done_at)
        member = matter.team.member(by.pk)
        if matter.alert.state == State.DISPATCHED and member is not None and member.rank <= Rank.LEADER:
            _accept(matter, by)
        confirmation = CONFIRMS.get(deed)
        if confirmation is not None and confirmation not in CONFIRMATIONS[matter.alert.level]:
            confirmation = None
        if confirmation is not None and confirmation in matter.alert.confirmed:
            return matter.alert  # pressed twice
        changes: dict[str, Any] = {"acted_at": now}
        if confirmation is not None:
            changes[f"{confirmation}_at"] = at
        matter.set(**changes)
        detail = {"deed": str(deed)} | ({"note": note} if note else {})
        matter.note(Kind.ACTION, at=at, actor=by, objective=Objective.RESPOND, detail=detail)
        meet_if_complete(matter, at=at)
        audit("deed_recorded", matter, deed=str(deed))
    return matter.alert


def excuse_confirmation(
    alert: Alert,
    *,
    confirmation: str,
    reason: str,
    by: User,
    now: datetime,
    pressed_at: datetime | None = None,
    from_where: str = "",
) -> Alert:
    """Record why a confirmation is impossible: no family known, police already at the door.

    Raises ``AlertError`` without a reason, for a confirmation that this level does not ask for, or an ended alert.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        require_dispatched(matter.alert)
        excuse(matter, {confirmation: reason}, pressed_at=pressed_at)
        meet_if_complete(matter, at=now)
        audit("confirmation_excused", matter, confirmation=str(confirmation))
    return matter.alert


def excuse(matter: Matter, reasons: dict[str, str], *, pressed_at: datetime | None = None) -> None:
    """Record reasons on a matter, one timeline line each. Raises ``AlertError`` as ``excuse_confirmation`` does."""
    asked = CONFIRMATIONS[matter.alert.level]
    for confirmation, reason in reasons.items():
        if confirmation not in asked:
            raise AlertError(_("This alert does not ask for that confirmation."))
        if not reason.strip():
            raise AlertError(_("Say why {what} is impossible.").format(what=Confirmation(confirmation).label))
        detail = {"excused": str(confirmation), "reason": reason.strip()} | pressed(pressed_at, now=matter.docket.now)
        matter.note(Kind.ACTION, actor=matter.docket.by, objective=Objective.RESPOND, detail=detail)
    matter.set(
        excuses=matter.alert.excuses | {str(c): r.strip() for c, r in reasons.items()}, acted_at=matter.docket.now
    )


def ask_for_help(
    alert: Alert,
    *,
    by: User,
    now: datetime,
    whom: Help = Help.PARTNER,
    pressed_at: datetime | None = None,
    from_where: str = "",
) -> Alert:
    """Bring in the partner or, where none is free, the grid leader at once, and say why; or say that 110 was called.

    Asked again, it brings in whoever is next: nobody is brought in twice. Where nobody near is free the desk is told.
    """
    with in_hand(alert, by=by, now=now, from_where=from_where) as matter:
        require_dispatched(matter.alert)
        # One call for help a minute is one letter each, however often the button is pressed.
        key = f"help.{whom}.{by.pk}.{now:%Y%m%d%H%M}"
        late = pressed(pressed_at, now=now)
        found = (
            _say_that_110_was_called(matter, key, late) if whom == Help.POLICE else _bring_in(matter, whom, key, late)
        )
        audit("help_asked", matter, whom=str(whom), found=found)
    return matter.alert


def _bring_in(matter: Matter, whom: Help, key: str, late: dict[str, str]) -> int:
    """Bring in the first of the grid who is free, from a rank on, and return how many that were."""
    alert, by = matter.alert, matter.docket.by
    there = {user_id for user_id in (alert.holder_id, by.pk if by else None) if user_id is not None}
    there |= set(alert.helpers.values_list("pk", flat=True))
    near = [member for member in matter.team.members if member.rank <= Rank.LEADER]
    start = Rank.LEADER if whom == Help.LEADER else Rank.SPECIALIST
    choice = choose_holder(near, start=start, without=there)
    # Ranks above the grid were not asked for; who asks is no hindrance to themselves.
    passed = [
        [rank.name.lower(), user_id, why]
        for rank, user_id, why in choice.passed
        if rank <= Rank.LEADER and user_id not in there
    ]
    found = choice.member
    detail = {"help_asked": True, "whom": str(whom), "found": int(found is not None), "passed": passed} | late
    person = found.user_id if found is not None else None
    matter.note(Kind.ACTION, actor=by, person_id=person, objective=Objective.RESPOND, detail=detail)
    if found is None:
        matter.tell(matter.team.last_resort(), [Tiding.HELP, Tiding.NOBODY], key=key)
        return 0
    matter.bring_in([found])
    matter.tell([found.user_id], [Tiding.HELP], key=key)
    return 1


def _say_that_110_was_called(matter: Matter, key: str, late: dict[str, str]) -> int:
    """Tell the grid leader, the desk and the police liaison that the police are on their way."""
    detail = {"help_asked": True, "whom": str(Help.POLICE), "found": 1} | late
    matter.note(Kind.ACTION, actor=matter.docket.by, objective=Objective.RESPOND, detail=detail)
    told = [user_id for audience in (Audience.LEADER, Audience.POLICE) for user_id in matter.team.told(audience)]
    matter.tell([*told, *matter.team.last_resort()], [Tiding.POLICE_CALLED], key=key)
    return 1


def meet_if_complete(matter: Matter, *, at: datetime) -> None:
    """Count the resident as reached once nothing is missing: then, when the last of it was done, in whatever order it
    was entered."""
    if not matter.alert.missing:
        matter.meet(Objective.RESPOND, at=max([at, *matter.alert.confirmed.values()]))


def _time_of(matter: Matter, done_at: datetime | None) -> datetime:
    now = matter.docket.now
    if done_at is None:
        return now
    if done_at > now:
        raise AlertError(_("That time is in the future; please correct it."))
    if done_at < matter.alert.received_at:
        raise AlertError(
            _("That is before the alert came in at {time}.").format(time=hour_minute(matter.alert.received_at))
        )
    return done_at
