"""The words in which people are told of an alert, and of the duty roster.

A letter's title and body are for its reader alone and may name the address, never more of the resident than the task
needs; its public text goes to group robots and carries no resident's name, number or address (field-notes.md, "Office
habits").
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache

from django.db.models import IntegerChoices
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.calendars import Stretch
from accounts.clock import local
from accounts.formats import day, day_and_hours, hour_minute, moment
from accounts.models import User
from accounts.personal_data import mask_name
from alerts.models import Alert, Drill, Mailbox, Observation, Shift, Source, Swap
from alerts.policy import Level, ShiftKind
from alerts.teams import Person
from notifications.policy import Urgency
from notifications.services import Letter
from residents.models import Area


class Tiding(IntegerChoices):
    """What a letter is about, the most pressing first; one letter may carry several."""

    YOURS = 1, _("It is yours: accept it now")
    NOBODY = 2, _("Nobody is available: find somebody")
    HELP = 3, _("Help is needed: join in")
    UNPLACED = 4, _("No grid is known: choose one")
    REMIND = 5, _("Not dispatched yet: dispatch it now")
    BREACHED = 6, _("Overdue")
    ESCALATED = 7, _("Nobody has accepted yet; it was handed on")
    IDLE = 8, _("Accepted, nothing recorded since")
    UNDELIVERED = 9, _("A message was not delivered: telephone instead")
    FAULT = 10, _("The clock failed three times at one step: act by hand")
    RAISED = 11, _("The risk is higher now, and its time has started")
    JOINED = 12, _("Another alert about the same person")
    ARRIVED = 13, _("A new alert at the grid")
    POLICE_CALLED = 14, _("110 was called: go there too")


KIND: Mapping[Tiding, str] = {tiding: f"alert.{tiding.name.lower()}" for tiding in Tiding}


def write(
    alert: Alert,
    *,
    to: Person,
    tidings: Collection[Tiding],
    key: str,
    purpose: str,
    due_at: datetime | None,
    grid_name: str,
) -> Letter:
    """Return one letter to one person, in their language.

    Args:
        tidings: what it says, merged into one letter.
        key: what makes it unique; the same key is told once.
        purpose: the objective it belongs to: meeting that withdraws it.
        due_at: when that objective is due; ``None`` where nothing is.
        grid_name: where, in words fit for a group.
    """
    words = _words(
        to.language,
        tuple(sorted(tidings)),
        level=alert.level,
        is_drill=alert.is_drill,
        grid_name=grid_name,
        limit=local(due_at).replace(second=0, microsecond=0) if due_at else None,
    )
    who = " ".join(filter(None, [mask_name(alert.subject_name), alert.subject_address]))
    return Letter(
        key=key,
        recipient_id=to.pk,
        kind=KIND[min(tidings)],
        urgency=alert.level,
        subject=alert.subject_key,
        purpose=purpose,
        title=words.title,
        body="\n".join(filter(None, [who, *words.lines])),
        public_text=words.public,
        url=_path().format(pk=alert.pk),
        area_code=alert.area_code,
    )


def thanks(report: Observation) -> Letter:
    """Return the thanks for a report that its informant is told. It says nothing of whom it was about."""
    with translation.override(report.informant.language):
        return Letter(
            key=f"report:{report.pk}:thanks",
            recipient_id=report.informant_id,
            kind="alert.thanks",
            urgency=Level.LOW,
            subject=f"report:{report.pk}",
            purpose="thanks",
            title=gettext("Thank you: your report of {day} helped").format(day=day(report.at)),
            body=gettext("Signed: {person}").format(person=report.thanked_by),
            public_text="",
            url="",
            area_code=report.link.area.code,
        )


FEEDBACK = "feedback"
"""The purpose of letters about a second feedback: recording it withdraws them."""


def feedback_due(alert: Alert, *, to: Person, what: str) -> Letter:
    """Return the reminder that a second feedback is due (``what``: "due"), or a day late or more ("late")."""
    with translation.override(to.language):
        title = gettext("Second feedback is late") if what == "late" else gettext("Second feedback is due")
        grid = alert.grid.name if alert.grid is not None else ""
        return Letter(
            key=f"{alert.subject_key}:{FEEDBACK}:{what}:{to.pk}",
            recipient_id=to.pk,
            kind=f"alert.{FEEDBACK}",
            urgency=Level.LOW,
            subject=alert.subject_key,
            purpose=FEEDBACK,
            title=" · ".join(filter(None, [grid, title])),
            body=" ".join(filter(None, [mask_name(alert.subject_name), alert.subject_address])),
            public_text="",
            url=_path().format(pk=alert.pk),
            area_code=alert.area_code,
        )


def _drill_mark() -> str:
    return pgettext("before an alert that is an exercise", "[DRILL]")


def drill_announced(drill: Drill, *, to: User) -> Letter:
    """Return what those who will be in an announced drill are told: when, and that no resident is called."""
    with translation.override(to.language):
        title = gettext("There will be a drill on {moment}").format(moment=moment(drill.starts_at))
        body = gettext("Everything runs as in earnest, but no resident is called: call {leader} instead.").format(
            leader=drill.leader
        )
        return _about_drill(drill, to, what="announced", title=title, body=body)


def drill_ended(drill: Drill, *, to: User) -> Letter:
    """Return what those who lead a drill are told at its end: where its debrief stands."""
    with translation.override(to.language):
        title = gettext("The drill is over: here is its debrief")
        return _about_drill(drill, to, what="ended", title=title, body="")


def _about_drill(drill: Drill, to: User, *, what: str, title: str, body: str) -> Letter:
    return Letter(
        key=f"drill:{drill.pk}:{what}:{to.pk}",
        recipient_id=to.pk,
        kind=f"drill.{what}",
        urgency=Level.LOW,
        subject=f"drill:{drill.pk}",
        purpose=what,
        title=f"{_drill_mark()} {title}",
        body=body,
        public_text="",
        url=reverse("alerts:drill", args=[drill.pk]) if what == "ended" else "",
        area_code=drill.community.code,
    )


@cache
def _path() -> str:
    """Return an alert's address with a place for its number, resolved once for all letters."""
    return reverse("alerts:detail", args=[0]).replace("/0/", "/{pk}/")


@dataclass(frozen=True, slots=True)
class _Words:
    """What a letter says but for whom it is about."""

    title: str
    lines: tuple[str, ...]
    public: str


@lru_cache(maxsize=1024)
def _words(
    language: str, tidings: tuple[Tiding, ...], *, level: str, is_drill: bool, grid_name: str, limit: datetime | None
) -> _Words:
    """Return the words of a letter. In a burst a thousand letters share a few dozen of them; the subject is in none."""
    with translation.override(language):
        first, *others = (str(tiding.label) for tiding in tidings)
        where = grid_name or gettext("no grid")
        drill = _drill_mark() if is_drill else ""
        before = gettext("before {time}").format(time=hour_minute(limit)) if limit else ""
        level_word = str(Level(level).label)
        public = gettext("{drill}[{level}] {where}: 1 alert, {limit}").format(
            drill=drill, level=level_word, where=where, limit=before or first
        )
        return _Words(
            title=" · ".join(filter(None, [f"{drill}[{level_word}] {where}", first])),
            lines=tuple(filter(None, [before, *others])),
            public=public,
        )


# ── what was received ───────────────────────────────────────────────────────────────────────────────────────────────


def messages_unread(person: User, *, source: Source | None, number: int, now: datetime) -> Letter:
    """Return what desks and administrators are told of messages that could not be taken in. It holds nothing of them.

    Its key is one for each source and moment: how often somebody is told is the service's business.
    """
    with translation.override(person.language):
        name = str(source) if source is not None else gettext("an unknown sender")
        title = ngettext(
            "{source}: {number} message could not be taken in",
            "{source}: {number} messages could not be taken in",
            number,
        )
        return Letter(
            key=f"inbound.{source.pk if source is not None else 0}.{now.isoformat()}.{person.pk}",
            recipient_id=person.pk,
            kind="inbound.refused",
            urgency=Urgency.HIGH,
            subject=f"inbound:{source.pk if source is not None else 0}",
            purpose="inbound",
            title=title.format(source=name, number=number),
            body=gettext("They are kept. Look at them now: one may be about somebody who is paying at this moment."),
            public_text="",
            url=reverse("alerts:received"),
            area_code=source.area.code if source is not None and source.area is not None else "",
        )


def mailbox_silent(person: User, *, box: Mailbox, now: datetime) -> Letter:
    """Return what desks and administrators are told of a mailbox that cannot be read."""
    with translation.override(person.language):
        since = moment(box.failing_since) if box.failing_since is not None else ""
        return Letter(
            key=f"mailbox.{box.pk}.{now.isoformat()}.{person.pk}",
            recipient_id=person.pk,
            kind="inbound.mailbox",
            urgency=Urgency.HIGH,
            subject=f"mailbox:{box.pk}",
            purpose="inbound",
            title=gettext("The mailbox for alerts cannot be read"),
            body=gettext("Since {moment} no alert comes in by e-mail. Ask the senders to telephone.").format(
                moment=since
            ),
            public_text="",
            url=reverse("alerts:received"),
            area_code="",
        )


# ── the duty roster ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Lacking:
    """What a community's rosters lack until tomorrow's end: holes by area and kind, and people without a channel."""

    holes: list[tuple[str, str, Stretch]] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)


def roster_lacks(manager: User, lacking: Lacking, *, community: Area, on: date) -> Letter:
    """Return what a manager is told on an evening; its key is told once a day."""
    with translation.override(manager.language):
        holes = [
            f"{area} · {ShiftKind(kind).label}: {day_and_hours(missing.begins_at, missing.ends_at)}"
            for area, kind, missing in lacking.holes
        ]
        body = [gettext("Nobody: {hours}").format(hours=line) for line in holes]
        if lacking.unreached:
            names = gettext("; ").join(lacking.unreached)
            body.append(gettext("On the roster, but no channel reaches them: {names}").format(names=names))
        title = gettext("The duty roster has gaps until tomorrow night")
        return Letter(
            key=f"roster.{community.code}.{on.isoformat()}.{manager.pk}",
            recipient_id=manager.pk,
            kind="roster.lacks",
            urgency=Urgency.MEDIUM,
            subject=f"roster:{community.code}",
            purpose="roster",
            title=title,
            body="\n".join(body),
            public_text="",
            url=reverse("alerts:readiness"),
            area_code=community.code,
        )


def _about_swap(swap: Swap, *, to: User, key: str, title: str, body: str) -> Letter:
    return Letter(
        key=f"{swap.subject_key}:{key}:{to.pk}",
        recipient_id=to.pk,
        kind="roster.swap",
        urgency=Urgency.MEDIUM,
        subject=swap.subject_key,
        purpose=key,
        title=title,
        body=body,
        public_text="",
        url=reverse("alerts:my_shifts"),
        area_code=swap.shift.area.code,
    )


def shift_in_words(shift: Shift) -> str:
    """Return which shift is meant, without whose it is."""
    return f"{shift.area} · {shift.get_kind_display()} · {day_and_hours(shift.starts_at, shift.ends_at)}"


def swap_asked(swap: Swap) -> Letter:
    """Return what somebody is asked."""
    with translation.override(swap.asked_of.language):
        title = gettext("{person} asks you to take a shift").format(person=swap.asked_by)
        lines = [shift_in_words(swap.shift)]
        if swap.back is not None:
            lines.append(gettext("In return: {shift}").format(shift=shift_in_words(swap.back)))
        return _about_swap(
            swap, to=swap.asked_of, key="asked", title=title, body="\n".join([*lines, swap.note]).strip()
        )


def swap_answered(swap: Swap, *, is_accepted: bool) -> Letter:
    """Return what who asked is told of the answer."""
    with translation.override(swap.asked_by.language):
        said = gettext("{person} takes your shift") if is_accepted else gettext("{person} cannot take your shift")
        title = said.format(person=swap.asked_of)
        return _about_swap(swap, to=swap.asked_by, key="answered", title=title, body=shift_in_words(swap.shift))


def swap_agreed(swap: Swap, *, manager: User) -> Letter:
    """Return what a manager is told of a swap that others agreed on."""
    with translation.override(manager.language):
        title = gettext("{one} and {other} have swapped a shift").format(one=swap.asked_by, other=swap.asked_of)
        return _about_swap(swap, to=manager, key="agreed", title=title, body=shift_in_words(swap.shift))
