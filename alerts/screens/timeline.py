"""An alert's timeline in plain words: what happened, when, by whom, and what the clock did by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.formats import hour_minute
from accounts.models import User
from alerts.models import Alert, TimelineEntry
from alerts.policy import Action, Condition, Confirmation, Deed, Hindrance, Level, Objective, Outcome, Rank
from alerts.screens.clock import lasted

Kind = TimelineEntry.Kind

ALARM, GOOD, QUIET, PLAIN = "alarm", "good", "quiet", "plain"

DID: Mapping[str, str | Promise] = {
    Action.REMIND_DESK: gettext_lazy("the desk was reminded"),
    Action.DISPATCH: gettext_lazy("dispatched to the grid by itself"),
    Action.HAND_TO_SECOND: gettext_lazy("handed to the second specialist by itself"),
    Action.HAND_TO_LEADER: gettext_lazy("handed to the grid leader by itself"),
    Action.BRING_IN_HELP: gettext_lazy("help was brought in by itself"),
    Action.TELL: gettext_lazy("those above were told"),
}
WHY: Mapping[str, str | Promise] = {
    Condition.NOT_DISPATCHED: gettext_lazy("{span} without dispatch"),
    Condition.NOT_ACCEPTED: gettext_lazy("{span} without acceptance"),
    Condition.ACCEPTED_AND_IDLE: gettext_lazy("{span}: accepted, and nothing done since"),
    Condition.NOT_MET: gettext_lazy("{span} and not all steps done"),
    Condition.ALWAYS: gettext_lazy("after {span}"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, what, and how loudly it is said."""

    at: datetime
    words: str
    tone: str = PLAIN
    late_entry_at: datetime | None = None
    """When it was written down, where that was later than it happened."""


def lines(alert: Alert) -> list[Line]:
    """Return an alert's timeline, oldest first, in two queries.

    What the clock did in one breath is one line: why, and to whom it handed the alert or whom it told.
    """
    entries = list(alert.timeline.select_related("actor", "person").order_by("at", "pk"))
    people = User.objects.in_bulk(_passed_over_ids(entries))
    told: list[Line] = []
    holder, because = "", None
    for _key, group in groupby(entries, key=_grouped):
        together = list(group)
        entry = together[0]
        if because is not None and because.at == entry.at and entry.kind in (Kind.ASSIGNED, Kind.NOTIFIED):
            told.append(_by_itself(because, together, holder, people))
            because = None
        elif because is not None:
            told.append(_line(because, people))
            because = None
            told.append(_plain(together, people))
        elif _may_go_on(entry):
            because = entry
        else:
            told.append(_plain(together, people))
        if entry.kind == Kind.ASSIGNED:
            holder = str(entry.person)
    if because is not None:
        told.append(_line(because, people))
    return told


def _may_go_on(entry: TimelineEntry) -> bool:
    """Say whether the line tells why the clock acted, and the next may tell what came of it."""
    handed = entry.detail.get("do") in (Action.HAND_TO_SECOND, Action.HAND_TO_LEADER, Action.TELL)
    return entry.kind == Kind.ESCALATED and handed and not entry.detail.get("passed_over")


def _plain(together: Sequence[TimelineEntry], people: Mapping[int, User]) -> Line:
    return _told(together) if together[0].kind == Kind.NOTIFIED else _line(together[0], people)


def _by_itself(
    because: TimelineEntry, together: Sequence[TimelineEntry], holder: str, people: Mapping[int, User]
) -> Line:
    """Say in one line why the clock acted and what came of it."""
    why, entry = _why(because), together[0]
    if entry.kind == Kind.NOTIFIED:
        return Line(entry.at, _("{why}; told: {people}").format(why=why, people=_names(together)), ALARM)
    given = _("{person} ({rank})").format(person=entry.person, rank=Rank[entry.detail["rank"].upper()].label)
    words = _("{holder}: {why}; handed by itself to {given}").format(holder=holder or "-", why=why, given=given)
    return Line(entry.at, words + _reasons(entry, people) + _lateness(because), ALARM)


def _grouped(entry: TimelineEntry) -> object:
    """Lines that tell several people at one moment are one line."""
    return (entry.kind, entry.at) if entry.kind == Kind.NOTIFIED else entry.pk


def _passed_over_ids(entries: Iterable[TimelineEntry]) -> set[int]:
    return {user_id for entry in entries for _rank, user_id, _why in entry.detail.get("passed", ()) if user_id}


def _told(entries: Sequence[TimelineEntry]) -> Line:
    return Line(entries[0].at, _("Told: {people}").format(people=_names(entries)), QUIET)


def _names(entries: Sequence[TimelineEntry]) -> str:
    return _(", ").join(dict.fromkeys(str(entry.person) for entry in entries))


def _line(entry: TimelineEntry, people: Mapping[int, User]) -> Line:
    words, tone = WORDS[Kind(entry.kind)](entry, people)
    late = entry.recorded_at - entry.at >= timedelta(minutes=1) and entry.actor_id is not None
    pressed_at = datetime.fromisoformat(entry.detail.get("pressed_at") or entry.at.isoformat())
    if entry.at - pressed_at >= timedelta(minutes=1):
        words += _(" (pressed at {time})").format(time=hour_minute(pressed_at))
    return Line(entry.at, words, tone, entry.recorded_at if late else None)


Said = tuple[str, str]


def _received(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    level = Level(entry.detail["level"]).label if "level" in entry.detail else ""
    if entry.actor is not None:
        return _("{person} typed in the alert ({level} risk)").format(person=entry.actor, level=level), PLAIN
    return _("Received from {source} ({level} risk)").format(source=entry.detail.get("source", ""), level=level), PLAIN


def _joined(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    source = entry.detail.get("source", "")
    if entry.detail.get("raised"):
        level = Level(entry.detail["level"]).label
        return _("Another alert about the same person from {source}: raised to {level} risk").format(
            source=source, level=level
        ), ALARM
    return _("Another alert about the same person joined, from {source}").format(source=source), PLAIN


def _placed(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    return _("{person} chose {grid}").format(person=_who(entry), grid=entry.detail.get("grid", "")), PLAIN


def _dispatched(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    grid = entry.detail.get("grid", "")
    if entry.actor is None:
        return _("Dispatched to {grid} by itself").format(grid=grid), ALARM
    return _("{person} dispatched it to {grid}").format(person=entry.actor, grid=grid), PLAIN


def _assigned(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    rank = Rank[entry.detail["rank"].upper()].label if "rank" in entry.detail else ""
    words = _("Given to {person} ({rank})").format(person=entry.person, rank=rank)
    return words + _reasons(entry, people), PLAIN


def _accepted(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    return _("{person} accepted").format(person=_who(entry)), GOOD


def _reminded(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    return _escalated(entry, people)


def _escalated(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    detail = entry.detail
    if detail.get("fault"):
        return _("The clock failed three times at one step; the desk was told to act by hand"), ALARM
    if detail.get("nobody"):
        return _("Nobody is available; the desk was told") + _reasons(entry, people), ALARM
    why = _why(entry)
    if detail.get("passed_over"):
        return _("{why}: this step was passed over, because a later one was due as well").format(why=why), QUIET
    words = _("{why}: {did}").format(why=why, did=DID.get(detail.get("do", ""), ""))
    return words + _lateness(entry), ALARM


def _why(entry: TimelineEntry) -> str:
    span = lasted(timedelta(seconds=entry.detail.get("at_seconds", 0)))
    return str(WHY[entry.detail.get("when", Condition.ALWAYS)]).format(span=span)


def _lateness(entry: TimelineEntry) -> str:
    late = entry.detail.get("late_seconds")
    return _(" (late by {span})").format(span=lasted(timedelta(seconds=late))) if late else ""


def _undelivered(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    if entry.detail.get("again"):
        return _("A message to {person} may have arrived twice").format(person=entry.person), QUIET
    return _("A message to {person} did not arrive").format(person=entry.person), ALARM


def _breached(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    if entry.objective == Objective.DISPATCH:
        return _("Overdue: not dispatched in time"), ALARM
    return _("Overdue: the steps were not all done in time"), ALARM


def _met(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    span = lasted(timedelta(seconds=entry.detail.get("seconds", 0)))
    if entry.objective == Objective.DISPATCH:
        return _("In time: at the grid after {span}").format(span=span), GOOD
    return _("In time: all steps done after {span}").format(span=span), GOOD


def _action(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    detail, person = entry.detail, _who(entry)
    if "deed" in detail:
        deed = Deed(detail["deed"])
        words = _("{person}: {deed}").format(person=person, deed=deed.label)
        if detail.get("note"):
            words += f" · {detail['note']}"
        confirms = deed in (Deed.PHONE_CONFIRMED, Deed.DOOR_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.REMINDED)
        return words, GOOD if confirms else PLAIN
    if "excused" in detail:
        what = Confirmation(detail["excused"]).label
        return _("{person}: {what} impossible, because: {reason}").format(
            person=person, what=what, reason=detail.get("reason", "")
        ), PLAIN
    if "handed_over" in detail:
        reason = Hindrance.BUSY.label if detail["handed_over"] == "busy" else detail["handed_over"]
        return _("{person} handed it on: {reason}").format(person=person, reason=reason), PLAIN
    if "help_asked" in detail:
        found = detail.get("found", 0)
        if found:
            return _("{person} asked for help").format(person=person), PLAIN
        return _("{person} asked for help; nobody near is free, the desk was told").format(person=person), ALARM
    return person, PLAIN


def _revealed(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    return _("{person} opened the name and phone numbers").format(person=_who(entry)), QUIET


def _closed(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    outcome = Outcome(entry.detail["outcome"]).label if entry.detail.get("outcome") else ""
    return _("{person} closed it: {outcome}").format(person=_who(entry), outcome=outcome), GOOD


def _voided(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    return _("{person} voided it: {reason}").format(person=_who(entry), reason=entry.detail.get("reason", "")), PLAIN


WORDS: Mapping[Kind, Callable[[TimelineEntry, Mapping[int, User]], Said]] = {
    Kind.RECEIVED: _received,
    Kind.JOINED: _joined,
    Kind.PLACED: _placed,
    Kind.DISPATCHED: _dispatched,
    Kind.ASSIGNED: _assigned,
    Kind.ACCEPTED: _accepted,
    Kind.REMINDED: _reminded,
    Kind.ESCALATED: _escalated,
    Kind.UNDELIVERED: _undelivered,
    Kind.BREACHED: _breached,
    Kind.MET: _met,
    Kind.ACTION: _action,
    Kind.REVEALED: _revealed,
    Kind.CLOSED: _closed,
    Kind.VOIDED: _voided,
}


def _who(entry: TimelineEntry) -> str:
    return str(entry.actor) if entry.actor is not None else _("The clock")


def _reasons(entry: TimelineEntry, people: Mapping[int, User]) -> str:
    """Say who was passed over, and why: "(周某: busy)"."""
    said = [
        _("{person}: {why}").format(
            person=people.get(user_id, "?") if user_id else Rank[rank.upper()].label, why=Hindrance(why).label
        )
        for rank, user_id, why in entry.detail.get("passed", ())
    ]
    return _(" ({reasons})").format(reasons=_("; ").join(dict.fromkeys(said))) if said else ""
