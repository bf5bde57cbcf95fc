"""An alert's timeline in plain words: what happened, when, by whom, and what the clock did by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.formats import hour_minute, to_the_second
from accounts.models import User
from alerts.models import Alert, TimelineEntry
from alerts.policy import Action, Condition, Confirmation, Deed, Found, Help, Hindrance, Level, Objective, Outcome, Rank
from alerts.screens.clock import lasted
from notifications.models import State
from notifications.policy import Kind as Channel
from notifications.services import Handed, Receipt, receipts_about

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
    receipts: tuple["Told", ...] = ()
    """Of those told: over what, when they saw it here, when they acted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a message to one person, or to several alike, in words; what did not happen is empty."""

    people: str
    ways: str
    seen: str
    acted: str
    is_lost: bool

    @property
    def words(self) -> str:
        """Who was told over what."""
        return _("{person}: {why}").format(person=self.people, why=self.ways)


class _Receipts:
    """What became of the messages about one alert, and when those told did something after."""

    DEEDS = frozenset({Kind.PLACED, Kind.DISPATCHED, Kind.ACCEPTED, Kind.ACTION, Kind.CLOSED, Kind.VOIDED})

    def __init__(self, alert: Alert, entries: Sequence[TimelineEntry]) -> None:
        self._receipts = receipts_about(alert.subject_key)
        self._deeds = [entry for entry in entries if entry.kind in self.DEEDS]
        self._looks = [entry for entry in entries if entry.kind == Kind.REVEALED]

    def of(self, entries: Iterable[TimelineEntry]) -> tuple[Told, ...]:
        """Return what became of the messages that these lines tell of."""
        known = ((entry, self._receipts.get(entry.detail.get("key", ""))) for entry in entries)
        told = [self._told(entry, receipt) for entry, receipt in known if receipt is not None]
        alike: dict[Told, list[str]] = {}
        for one in told:
            alike.setdefault(replace(one, people=""), []).append(one.people)
        return tuple(replace(one, people=_(", ").join(dict.fromkeys(people))) for one, people in alike.items())

    def _told(self, entry: TimelineEntry, receipt: Receipt) -> Told:
        acted_at = self._first(self._deeds, entry)
        seen_at = min(filter(None, [receipt.seen_at, self._first(self._looks, entry), acted_at]), default=None)
        return Told(
            people=str(entry.person),
            ways=_(", ").join(_way(way) for way in receipt.ways) or str(INBOX_ALONE),
            seen=_("seen {time}").format(time=to_the_second(seen_at)) if seen_at else "",
            acted=_("acted {time}").format(time=to_the_second(acted_at)) if acted_at else "",
            is_lost=bool(receipt.ways) and seen_at is None and all(way.state in LOST for way in receipt.ways),
        )

    def _first(self, entries: Iterable[TimelineEntry], told: TimelineEntry) -> datetime | None:
        """Return when somebody who was told first did one of these things after; lines are in the order of time."""
        later = (entry.at for entry in entries if entry.actor_id == told.person_id and entry.at >= told.at)
        return next(later, None)


INBOX_ALONE = gettext_lazy("in the inbox alone")
LOST = frozenset({State.FAILED, State.PASSED_ON, State.UNKNOWN})
WAYS: Mapping[str, str | Promise] = {
    State.WAITING: gettext_lazy("{channel} waiting"),
    State.LEASED: gettext_lazy("{channel} being sent"),
    State.SENT: gettext_lazy("{channel} delivered {time}"),
    State.PASSED_ON: gettext_lazy("{channel} failed"),
    State.FAILED: gettext_lazy("{channel} failed"),
    State.CANCELLED: gettext_lazy("{channel} taken back"),
    State.UNKNOWN: gettext_lazy("{channel} unknown"),
}
"""What became of a message over one channel. Delivered is to the robot or the gateway: nobody knows more than that."""


def _way(way: Handed) -> str:
    time = to_the_second(way.sent_at) if way.sent_at else ""
    return str(WAYS[way.state]).format(channel=Channel(way.kind).label, time=time)


def lines(alert: Alert) -> list[Line]:
    """Return an alert's timeline, oldest first, in four queries.

    What the clock did in one breath is one line: why, and to whom it handed the alert or whom it told.
    """
    entries = list(alert.timeline.select_related("actor", "person").order_by("at", "pk"))
    people = User.objects.in_bulk(_passed_over_ids(entries))
    receipts = _Receipts(alert, entries)
    told: list[Line] = []
    holder, because = "", None
    for _key, group in groupby(entries, key=_grouped):
        together = list(group)
        entry = together[0]
        became = receipts.of(together) if entry.kind == Kind.NOTIFIED else ()
        if because is not None and because.at == entry.at and entry.kind in (Kind.ASSIGNED, Kind.NOTIFIED):
            told.append(replace(_by_itself(because, together, holder, people), receipts=became))
            because = None
        elif because is not None:
            told.append(_line(because, people))
            because = None
            told.append(replace(_plain(together, people), receipts=became))
        elif _may_go_on(entry):
            because = entry
        else:
            told.append(replace(_plain(together, people), receipts=became))
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
    if entry.detail.get("reported"):
        return _("An informant's report: straight to {grid}").format(grid=grid), PLAIN
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
    said = next((say for key, say in ACTIONS.items() if key in entry.detail), None)
    return said(entry, people) if said is not None else (_who(entry), PLAIN)


def _deed(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    deed = Deed(entry.detail["deed"])
    words = _with_note(_("{person}: {deed}").format(person=_who(entry), deed=deed.label), entry.detail)
    confirms = deed in (Deed.PHONE_CONFIRMED, Deed.DOOR_CONFIRMED, Deed.FAMILY_CONTACTED, Deed.REMINDED)
    return words, GOOD if confirms else PLAIN


def _excused(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    what = Confirmation(entry.detail["excused"]).label
    return _("{person}: {what} impossible, because: {reason}").format(
        person=_who(entry), what=what, reason=entry.detail.get("reason", "")
    ), PLAIN


def _handed_over(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    told = entry.detail["handed_over"]
    reason = Hindrance.BUSY.label if told == "busy" else told
    return _("{person} handed it on: {reason}").format(person=_who(entry), reason=reason), PLAIN


def _second_feedback(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    found = Found(entry.detail["feedback"]).label
    words = _("{person}, second feedback: {found}").format(person=_who(entry), found=found)
    return _with_note(words, entry.detail), PLAIN


def _called_back(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    is_true = entry.detail["called_back"]
    said = _("{person} called back: true") if is_true else _("{person} called back: not true")
    return _with_note(said.format(person=_who(entry)), entry.detail), GOOD if is_true else ALARM


def _thanked(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    return _("{person} thanked the informant").format(person=_who(entry)), GOOD


def _with_note(words: str, detail: Mapping[str, str]) -> str:
    return f"{words} · {detail['note']}" if detail.get("note") else words


def _helped(entry: TimelineEntry, people: Mapping[int, User]) -> Said:
    """Say who called for help and who came in; lines of before this was told apart name nobody."""
    person = _who(entry)
    if entry.detail.get("whom") == Help.POLICE:
        return _("{person} called 110; the grid leader, the desk and the police liaison were told").format(
            person=person
        ), ALARM
    if not entry.detail.get("found"):
        words = _("{person} asked for help; nobody near is free, the desk was told").format(person=person)
        return words + _reasons(entry, people), ALARM
    if entry.person is None:
        return _("{person} asked for help").format(person=person), PLAIN
    words = _("{person} asked for help: {helper} was brought in").format(person=person, helper=entry.person)
    return words + _reasons(entry, people), PLAIN


ACTIONS: Mapping[str, Callable[[TimelineEntry, Mapping[int, User]], Said]] = {
    "deed": _deed,
    "excused": _excused,
    "handed_over": _handed_over,
    "feedback": _second_feedback,
    "called_back": _called_back,
    "thanked": _thanked,
    "help_asked": _helped,
}
"""What an action's line says, by what stands in its detail."""


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
