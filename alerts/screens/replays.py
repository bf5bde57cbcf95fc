"""Replays as their pages show them: what was asked, how far it is, what was kept and breached side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Duty
from alerts.models import PolicyVersion, Replay, TimelineEntry
from alerts.policy import Level, Objective, ObjectiveState
from alerts.replay.ordered import found_by
from alerts.replay.trial import Differing, Result, Tally
from alerts.replay.words import clock_named, kept_said, state_named
from alerts.screens.clock import lasted
from residents.models import Area
from residents.models import Level as AreaLevel

MOST_SHOWN = 60
"""So many alerts are shown line by line; the workbook has all."""

Kind = TimelineEntry.Kind


def places_of(user: User, duty: Duty, *, on: date) -> list[tuple[str, str]]:
    """Return where somebody has a duty, the widest first: code, and name with the community's before a grid's."""
    areas = Area.objects.visible_to(user, duty=duty, on=on).exclude(level=AreaLevel.BUILDING)
    order = list(AreaLevel.values)
    found = sorted(areas.select_related("parent"), key=lambda area: (order.index(area.level), area.code))
    return [(area.code, area.place) for area in found]


def versions_to_try() -> list[tuple[str, str]]:
    """Return the versions of the policy, drafts first: key and name."""
    versions = list(PolicyVersion.objects.all())
    drafts = [version for version in versions if not version.is_published]
    published = [version for version in versions if version.is_published]
    named = [(str(one.pk), _("{name} (draft)").format(name=one.name)) for one in drafts]
    return named + [(str(one.pk), one.name) for one in published]


@dataclass(frozen=True, slots=True)
class Side:
    """A line of a comparison: kept of those that ended, as it was and tried. ``change`` is in clocks kept."""

    name: str
    then: str
    there: str
    change: str
    tone: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a timeline: how long after the alert came, and what was done."""

    after: str
    words: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One alert that would have gone otherwise."""

    pk: int
    url: str
    place: str
    level: str
    level_word: str
    verdicts: tuple[str, ...]
    is_better: bool | None
    then: tuple[Moment, ...]
    there: tuple[Moment, ...]
    someone_else: str


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """What a replay found, in words."""

    sentence: str
    faithful: str
    moved: str
    clocks: tuple[Side, ...]
    grids: tuple[Side, ...]
    differences: tuple[Difference, ...]
    more: int
    unlike: tuple[tuple[int, str], ...]


def replay_page(replay: Replay) -> ReplayPage | None:
    """Return the page of a replay that was played; ``None`` for one that is being played, or failed."""
    if not replay.is_done:
        return None
    found = found_by(replay)
    people = _people(found)
    weeks = replay.roster.get("weeks", 0)
    return ReplayPage(
        sentence=_sentence(found, is_changed=replay.is_changed),
        faithful=_(
            "{compared} of {received} alerts come out as they were when nothing is changed; these are compared."
        ).format(compared=found.compared, received=found.received),
        moved=_("The roster was moved back by {weeks} weeks to meet these days.").format(weeks=-weeks) if weeks else "",
        clocks=tuple(_side(clock_named(key), tally) for key, tally in found.clocks.items()),
        grids=tuple(_side(name or _("not placed"), tally) for name, tally in found.grids.items()),
        differences=tuple(_difference(one, people) for one in found.differing[:MOST_SHOWN]),
        more=max(0, len(found.differing) - MOST_SHOWN),
        unlike=tuple((pk, reverse("alerts:detail", args=[pk])) for pk in found.unlike[:MOST_SHOWN]),
    )


def _sentence(found: Result, *, is_changed: bool) -> str:
    every = found.all
    better = every.kept_there - every.kept
    if not is_changed:
        return _("Nothing was changed: this shows how faithfully the period can be played again.")
    if not better and not found.differing:
        return _("No clock would have ended otherwise.") + _times(found)
    if better > 0:
        said = _("{number} more would have been kept: {there} instead of {then}.")
    elif better < 0:
        said = _("{number} fewer would have been kept: {there} instead of {then}.")
    else:
        said = _("As many clocks would have been kept ({there}), but not the same ones.")
    return said.format(
        number=abs(better), there=kept_said(every, there=True), then=kept_said(every, there=False)
    ) + _times(found)


def _times(found: Result) -> str:
    return " " + _("Done sooner: {quicker}; later: {slower}.").format(quicker=found.quicker, slower=found.slower)


def _side(name: str, tally: Tally) -> Side:
    change = tally.kept_there - tally.kept
    tone = "good" if change > 0 else "late" if change < 0 else ""
    said = f"{change:+d}".replace("-", "−") if change else "="
    return Side(name, kept_said(tally, there=False), kept_said(tally, there=True), said, tone)


def _people(found: Result) -> Mapping[int, User]:
    keys = {line[2] for one in found.differing for line in (*one.then, *one.there) if line[2]}
    keys |= {one.someone_else for one in found.differing if one.someone_else}
    return User.objects.defer("phone").in_bulk(keys)


def _difference(one: Differing, people: Mapping[int, User]) -> Difference:
    verdicts = [verdict for verdict in one.verdicts if verdict.differs]
    kept = sum((verdict.there == ObjectiveState.MET) - (verdict.then == ObjectiveState.MET) for verdict in verdicts)
    return Difference(
        pk=one.pk,
        url=reverse("alerts:detail", args=[one.pk]),
        place=one.place,
        level=one.level,
        level_word=str(Level(one.level).label),
        verdicts=tuple(
            _("{clock}: {then}, tried: {there}").format(
                clock=clock_named(
                    verdict.objective
                    if verdict.objective == Objective.DISPATCH
                    else f"{verdict.objective}.{verdict.level}"
                ),
                then=_ended(verdict.then, verdict.then_took),
                there=_ended(verdict.there, verdict.there_took),
            )
            for verdict in verdicts
        ),
        is_better=None if not kept else kept > 0,
        then=tuple(_moments(one.then, people)),
        there=tuple(_moments(one.there, people)),
        someone_else=str(people.get(one.someone_else, "")) if one.someone_else else "",
    )


def _ended(state: str, took: float | None) -> str:
    word = state_named(state)
    return f"{word} ({lasted(timedelta(seconds=took))})" if took is not None else word


WORDS = {
    Kind.DISPATCHED: lambda: _("at the grid"),
    Kind.ASSIGNED: lambda: _("given to {person}"),
    Kind.ACCEPTED: lambda: _("{person} accepted"),
    Kind.REMINDED: lambda: _("the desk was reminded"),
    Kind.ESCALATED: lambda: _("escalated"),
    Kind.BREACHED: lambda: _("overdue"),
    Kind.MET: lambda: _("done in time"),
    Kind.CLOSED: lambda: _("closed"),
}


def _moments(lines: Sequence[tuple[float, str, int | None, str]], people: Mapping[int, User]) -> Iterable[Moment]:
    for after, kind, person, _objective in lines:
        words = WORDS[Kind(kind)]().format(person=people.get(person or 0, _("The clock")))
        yield Moment(lasted(timedelta(seconds=max(0.0, after))), words)
