"""Look-backs in a list, one of them on a page that prints on one sheet, and its panel beside the case."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import paging
from accounts.clock import midnight
from accounts.formats import day, hour_minute, yuan
from accounts.models import User
from accounts.paging import COUNT_UP_TO, ListPage
from accounts.roles import Duty
from alerts.models import Alert
from alerts.policy import Level as Risk
from alerts.policy import Objective, Outcome
from alerts.policy import State as AlertState
from campaigns.models import Problem
from campaigns.policy import Channel, DoorResult, ProblemState
from campaigns.services import on_duty_at
from cases.models import Case, LookBack, LookBackQuerySet
from cases.policy import (
    COUNTED,
    OFFERED_DAYS,
    AlertLine,
    ClockLine,
    Evidence,
    EvidenceKind,
    Line,
    LookBackState,
    OffRoster,
    Strength,
    Verdict,
    Whom,
)
from knowledge.models import FraudType
from residents.access import may, scope_codes, within
from residents.models import Area, Level
from residents.policy import VisitResult
from residents.screens.areas import choices_of

MOST_GRIDS = 60
"""Of more grids than these the choice of areas names the communities alone."""

MANY = (EvidenceKind.PUSH, EvidenceKind.VISIT)
"""What comes every week: told together, with how often, from when to when."""

# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def off_roster_words(evidence: Evidence, case: Case) -> str:
    """Say why the victim counts as not on the roster, and by what right they live here where that is known."""
    if not evidence.off_roster:
        return ""
    return " · ".join(
        filter(None, [str(case.get_victim_residence_display()), str(OffRoster(evidence.off_roster).label)])
    )


def said_why(verdict: Verdict, evidence: Evidence, case: Case) -> str:
    """Say in a line what of the evidence proposes a verdict."""
    reached = len(evidence.reached)
    same = sum(line.is_same for line in evidence.reached)
    match verdict:
        case Verdict.NOT_ON_ROSTER:
            return off_roster_words(evidence, case)
        case Verdict.ALERT_LATE:
            late = sum(alert.is_before and alert.is_late for alert in evidence.alerts)
            return ngettext("%(late)d alert not handled in time", "%(late)d alerts not handled in time", late) % {
                "late": late
            }
        case Verdict.SAME_KIND | Verdict.OTHER_KIND:
            times = ngettext("reached %(times)d time", "reached %(times)d times", reached) % {"times": reached}
            return _("{times}, on this kind {same}").format(times=times, same=same)
        case _:
            return _weak_words(evidence)


def _weak_words(evidence: Evidence) -> str:
    kinds = {line.kind for line in evidence.counted if line.strength == Strength.WEAK}
    if not kinds:
        return _("no evidence at all")
    return _("pushes only") if kinds == {EvidenceKind.PUSH} else _("weak evidence only")


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Something that was done, or that was done many times. ``tone`` is good, weak or quiet."""

    when: str
    what: str
    who: str
    types: str
    place: str
    whom: str
    strength: str
    tone: str
    is_same: bool


WEIGHT = {strength: at for at, strength in enumerate(Strength)}
TONES = {Strength.STRONG: "good", Strength.WEAK: "weak", Strength.TRIED: "quiet"}


def evidence_rows(lines: Iterable[Line], names: Mapping[str, str]) -> tuple[EvidenceRow, ...]:
    """Return lines as a person reads them: what says most on top, then the latest first.

    Pushes and care visits of one sort stand together. Of a long list the top alone goes to paper.
    """
    together: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (WEIGHT[Strength(line.strength)], not line.is_same)):
        key = (line.kind, line.how, line.whom, line.is_same, line.title) if line.kind in MANY else (line.key,)
        together[key].append(line)
    return tuple(_row(group, names) for group in together.values())


def _row(lines: Sequence[Line], names: Mapping[str, str]) -> EvidenceRow:
    line, first = lines[0], lines[-1]
    people = dict.fromkeys(one.by.name for one in lines if one.by is not None)
    types = dict.fromkeys(code for one in lines for code in one.types)
    when = day(line.at) if line is first else _("{first} to {last}").format(first=day(first.at), last=day(line.at))
    return EvidenceRow(
        when=when,
        what=" · ".join(filter(None, [_what(line), line.title, _how_often(lines)])),
        who=_("; ").join(people) or _("nobody of the staff"),
        types=_("; ").join(names.get(code, code) for code in types) or _("no kind noted"),
        place=line.place,
        whom=str(Whom(line.whom).label),
        strength=str(Strength(line.strength).label),
        tone=TONES[Strength(line.strength)],
        is_same=line.is_same,
    )


def _what(line: Line) -> str:
    match line.kind:
        case EvidenceKind.TOUCH:
            return str(Channel(line.how).label)
        case EvidenceKind.DOOR:
            return f"{Channel.DOOR.label} · {DoorResult(line.how).label}"
        case EvidenceKind.PLEDGE:
            return _("Signed the pledge")
        case EvidenceKind.VISIT:
            return f"{EvidenceKind.VISIT.label} · {VisitResult(line.how).label}"
        case _:
            return str(EvidenceKind.PUSH.label)


def _how_often(lines: Sequence[Line]) -> str:
    if lines[0].kind == EvidenceKind.PUSH:
        posts = sum(line.posts for line in lines)
        return ngettext("%(posts)d message", "%(posts)d messages", posts) % {"posts": posts}
    number = len(lines)
    return ngettext("%(number)d time", "%(number)d times", number) % {"number": number} if number > 1 else ""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert, its clocks in words, and whether it was handled in time. ``url`` is for who may see it."""

    when: str
    what: str
    ended: str
    who: str
    clocks: tuple[str, ...]
    is_late: bool
    is_before: bool
    url: str


def alert_rows(alerts: Iterable[AlertLine], names: Mapping[str, str], seen: Collection[int]) -> tuple[AlertRow, ...]:
    """Return alerts as a person reads them; ``seen`` are those whose page the reader may open."""
    return tuple(
        AlertRow(
            when=_whole(one.at),
            what=" · ".join(filter(None, [f"{Risk(one.level).label} #{one.pk}", names.get(one.type, one.type)])),
            ended=str(Outcome(one.outcome).label if one.outcome else AlertState(one.state).label),
            who=one.holder.name if one.holder is not None else _("nobody held it"),
            clocks=tuple(map(_clock_words, one.clocks)) or (_("no clock ran"),),
            is_late=one.is_late,
            is_before=one.is_before,
            url=reverse("alerts:detail", args=[one.pk]) if one.pk in seen else "",
        )
        for one in alerts
    )


def _whole(at: datetime) -> str:
    """Return a moment with its year, to the minute: cases are looked at for years."""
    return f"{day(at)} {hour_minute(at)}"


def _clock_words(clock: ClockLine) -> str:
    name = str(Objective(clock.objective).label)
    if clock.met_at is None:
        return (_("{name}: overdue, never done") if clock.is_overdue else _("{name}: not done")).format(name=name)
    off = abs(clock.met_at - clock.due_at)
    minutes = round(off.total_seconds() / 60)
    said = ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
    text = _("{name}: {time} late") if clock.is_overdue else _("{name}: in time, {time} to spare")
    return text.format(name=name, time=said)


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class LookBackRow:
    """One look-back in the list; the victim masked. ``overdue`` counts remedies that are late."""

    url: str
    victim: str
    reported_at: datetime
    where: str
    kind: str
    verdict: str
    is_confirmed: bool
    state: str
    state_word: str
    remedy: str
    overdue: int


@dataclass(frozen=True, slots=True)
class LookBackList:
    """A page of the list, and what is left to do in all that was asked for."""

    page: ListPage
    to_confirm: int
    late: int
    unopened: int
    may_open: bool


def look_back_list(user: User, chosen: Mapping[str, Any], *, number: str, on: date) -> LookBackList:
    """Return the look-backs that fit what was chosen; a fixed number of queries, counts up to ``COUNT_UP_TO``."""
    seen = LookBack.objects.visible_to(user, on=on).filter(case__status__in=COUNTED)
    placed = _placed(seen, chosen)
    found = placed.in_state(chosen["state"]) if chosen.get("state") else placed
    rows = found.select_related("case__grid", "case__community", "case__fraud_type").prefetch_related("remedies__owner")
    page = paging.page_of(rows.order_by("-case__reported_at", "-pk"), number=number, counted=found)
    since = midnight(on - timedelta(days=OFFERED_DAYS))
    cases = Case.objects.visible_to(user, on=on).without_look_back().reported_since(since)
    if area := chosen.get("area"):
        cases = cases.within(area)
    return LookBackList(
        page=page.drawn(lambda one: _list_row(one, on=on)),
        to_confirm=_count(placed.to_confirm()),
        late=_count(placed.with_late_remedy(on)),
        unopened=_count(cases),
        may_open=any(scope_codes(user, duty, on) != () for duty in (Duty.KEEP_CASES, Duty.JUDGE_CASES)),
    )


def _placed(found: LookBackQuerySet, chosen: Mapping[str, Any]) -> LookBackQuerySet:
    if area := chosen.get("area"):
        found = found.within(area)
    if verdict := chosen.get("verdict"):
        found = found.saying(verdict)
    if since := chosen.get("since"):
        found = found.filter(case__reported_at__gte=midnight(since))
    if until := chosen.get("until"):
        found = found.filter(case__reported_at__lt=midnight(until + timedelta(days=1)))
    return found


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:COUNT_UP_TO].count()


def _list_row(one: LookBack, *, on: date) -> LookBackRow:
    case, state = one.case, one.state
    open_ones = [problem for problem in one.remedies.all() if problem.struck_on is None]
    return LookBackRow(
        url=reverse("cases:look_back", args=[one.pk]),
        victim=case.masked_victim or _("not named"),
        reported_at=case.reported_at,
        where=(case.grid or case.community).name,
        kind=case.fraud_type.name,
        verdict=str(one.said.label),
        is_confirmed=one.confirmed_at is not None,
        state=state,
        state_word=str(state.label),
        remedy=_("; ").join(f"{problem.owner} · {day(problem.due_on)}" for problem in open_ones),
        overdue=sum(problem.mended_on is None and problem.due_on < on for problem in open_ones),
    )


def areas_to_choose(user: User, *, on: date) -> list[tuple[str, Any]]:
    """Return the areas whose cases somebody sees, as the choices of a filter."""
    seen = Area.objects.filter(within("code", scope_codes(user, Duty.SEE_CASES, on)))
    is_wide = seen.filter(level=Level.GRID)[: MOST_GRIDS + 1].count() > MOST_GRIDS
    return choices_of(seen.filter(level__in=[Level.COMMUNITY] if is_wide else [Level.COMMUNITY, Level.GRID]))


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """Something on the problem list. ``overdue`` counts days; ``url`` is for who may see outreach there."""

    what: str
    owner: str
    due_on: date
    state: str
    overdue: int
    done: str
    url: str


@dataclass(frozen=True, slots=True)
class LookBackPage:
    """Everything the page shows; the victim masked."""

    pk: int
    case_pk: int
    victim: str
    facts: tuple[tuple[str, str], ...]
    state: LookBackState
    proposed: str
    proposed_why: str
    verdict: str
    cause: str
    shortcoming: str
    confirmed_by: str
    confirmed_at: datetime | None
    reopened_why: str
    as_of: datetime
    since: date
    alerts_since: date
    said_warned: str
    counted: tuple[EvidenceRow, ...]
    late: tuple[EvidenceRow, ...]
    later: tuple[EvidenceRow, ...]
    alerts: tuple[AlertRow, ...]
    later_alerts: tuple[AlertRow, ...]
    remedies: tuple[RemedyRow, ...]
    is_corrected: bool
    may_judge: bool
    may_take_again: bool

    @property
    def came_later(self) -> int:
        """How much came in since the evidence was frozen."""
        return len(self.later) + len(self.later_alerts)


def look_back_page(one: LookBack, *, now_known: Evidence, user: User, on: date) -> LookBackPage:
    """Return what the page shows.

    Args:
        now_known: the evidence as it would be taken now: what is not among the frozen came in later.
    """
    case, frozen, is_open = one.case, one.frozen, one.confirmed_at is None
    names = {type_.code: type_.name for type_ in FraudType.objects.all()}
    came_later = [line for line in now_known.lines if line.key not in frozen.keys]
    new_alerts = [alert for alert in now_known.alerts if f"alert:{alert.pk}" not in frozen.keys]
    keys = [alert.pk for alert in (*frozen.alerts, *new_alerts)]
    seen = (
        set(Alert.objects.visible_to(user, on=on).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    )
    judges = may(user, Duty.JUDGE_CASES, case.area_code, on)
    keeps = may(user, Duty.KEEP_CASES, case.area_code, on)
    is_corrected = frozen.basis != now_known.basis
    return LookBackPage(
        pk=one.pk,
        case_pk=case.pk,
        victim=case.masked_victim or _("not named"),
        facts=_facts(case, frozen),
        state=one.state,
        proposed=str(Verdict(one.proposed).label),
        proposed_why=said_why(Verdict(one.proposed), frozen, case),
        verdict=str(one.said.label),
        cause=one.cause,
        shortcoming=one.shortcoming,
        confirmed_by=str(one.confirmed_by or ""),
        confirmed_at=one.confirmed_at,
        reopened_why=one.reopened_why,
        as_of=one.frozen_at,
        since=frozen.since,
        alerts_since=frozen.alerts_since,
        said_warned=_said_warned(case),
        counted=evidence_rows(frozen.counted, names),
        late=evidence_rows([line for line in frozen.lines if line.is_late], names),
        later=evidence_rows(came_later, names),
        alerts=alert_rows(frozen.alerts, names, seen),
        later_alerts=alert_rows(new_alerts, names, seen),
        remedies=_remedies(one.remedies.all(), user=user, on=on),
        is_corrected=is_corrected and is_open,
        may_judge=judges,
        may_take_again=is_corrected and is_open and (judges or keeps),
    )


def _facts(case: Case, frozen: Evidence) -> tuple[tuple[str, str], ...]:
    age = case.victim_age
    who = (
        str(case.get_victim_sex_display()),
        "" if age is None else ngettext("%(age)d year", "%(age)d years", age) % {"age": age},
        case.victim_occupation,
        str(case.get_victim_group_display()),
        str(case.get_victim_residence_display()),
    )
    elder = _("elder fraud") if case.is_elder_fraud else ""
    facts = (
        (_("Victim"), " · ".join(filter(None, [case.masked_victim, *who]))),
        (_("Lives in"), " · ".join(dict.fromkeys([case.community.name, (case.grid or case.community).name]))),
        (_("Type of fraud"), " · ".join(filter(None, [case.fraud_type.name, elder]))),
        (_("Lost"), yuan(case.amount_lost)),
        (_("Happened"), _whole(case.occurred_at) if case.occurred_at else _("not known; the report counts")),
        (_("Reported"), _whole(case.reported_at)),
        (_("Roster"), off_roster_words(frozen, case) or _("on the roster")),
    )
    return tuple((name, value) for name, value in facts if value)


def _said_warned(case: Case) -> str:
    """Say what the office's own ledger has of a warning, where no alert of ours says it better."""
    if not case.was_warned or case.alert_id is not None:
        return ""
    if case.warned_at is None:
        return _("The ledger says that there was a warning; no alert here belongs to it.")
    return _("The ledger says that there was a warning on {moment}; no alert here belongs to it.").format(
        moment=_whole(case.warned_at)
    )


def _remedies(problems: Iterable[Problem], *, user: User, on: date) -> tuple[RemedyRow, ...]:
    opens = scope_codes(user, Duty.SEE_OUTREACH, on) != ()
    rows = []
    for problem in problems:
        is_open = problem.state == ProblemState.TO_MEND
        done = problem.struck_on or problem.mended_on
        rows.append(
            RemedyRow(
                what=problem.what,
                owner=str(problem.owner),
                due_on=problem.due_on,
                state=str(problem.state.label),
                overdue=max(0, (on - problem.due_on).days) if is_open else 0,
                done=" · ".join(filter(None, [day(done) if done else "", problem.mended_how])),
                url=reverse("campaigns:problem", args=[problem.pk]) if opens else "",
            )
        )
    return tuple(rows)


def owners_for(case: Case, *, on: date) -> QuerySet[User]:
    """Return who may be given what a look-back finds missing: the staff of the victim's community."""
    return on_duty_at(case.area_code, Duty.SEE_OUTREACH, on=on).order_by("name", "username")


# ── the panel beside the case ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Panel:
    """What a case's own page says of its look-back. ``url`` is empty until it was opened; ``is_due``: it will be."""

    case_pk: int
    state_word: str
    verdict: str
    is_confirmed: bool
    why: str
    url: str
    may_open: bool
    is_due: bool = True


def panel_of(case: Case, *, user: User, on: date) -> Panel:
    """Return the panel of a case; two queries."""
    one = LookBack.objects.filter(case=case).prefetch_related("remedies").first()
    if one is None:
        may_open = any(may(user, duty, case.area_code, on) for duty in (Duty.KEEP_CASES, Duty.JUDGE_CASES))
        is_due = case.is_counted
        return Panel(case.pk, "", "", is_confirmed=False, why="", url="", may_open=may_open and is_due, is_due=is_due)
    return Panel(
        case_pk=case.pk,
        state_word=str(one.state.label),
        verdict=str(one.said.label),
        is_confirmed=one.confirmed_at is not None,
        why=said_why(Verdict(one.proposed), one.frozen, case) if one.said == one.proposed else "",
        url=reverse("cases:look_back", args=[one.pk]),
        may_open=False,
    )
