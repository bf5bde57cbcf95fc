"""What the data say of every community of an area in a year, measure by measure (``reports.policy.scores.Measure``).

Each measure is counted for all communities at once: the number of queries is the same for one and for a district.
Cases count by the day they were reported. Everybody on the roster counts; a number names nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Substr, TruncDate

from accounts.clock import LOCAL_TZ, midnight
from alerts.models import Alert, ObjectiveClock
from alerts.policy import Level, Objective, ObjectiveState
from campaigns.figures.coverage import NEW, Cover, cover_by_grid, cover_kept, total
from campaigns.models import ChatGroup, Event, Pledge, PushedTo, Rule, Site, Touch
from campaigns.policy import CHANNELS_OF, STRONG, Audience, Means, RuleName, Span, week_of
from cases.models import Case
from reports.models import Report
from reports.policy import PeriodKind, months_later, year_before
from reports.policy.scores import (
    CONFIRMED_WITHIN,
    SIGNED_WITHIN,
    Counts,
    Measure,
)
from residents.access import within
from residents.figures import dues
from residents.models import COMMUNITY_DIGITS, Area, Household, Pairing, Resident
from residents.policy import WEEK, monday_of

Found = Mapping[str, Counts]
"""What a measure found, by the code of the community."""


def counts_of(area_code: str, *, span: Span, on: date) -> dict[str, dict[Measure, Counts]]:
    """Return what each measure found in each community of an area.

    ``span`` is the year so far, or the whole of one that is over; ``on`` is today. A community of which nothing is
    known has no entry. Some two dozen queries, however many communities.
    """
    measured: dict[Measure, Found] = {
        **_cases(area_code, span=span),
        **_people(area_code, span=span),
        **_clocks(area_code, span=span),
        Measure.ELDERS: _cover(area_code, Audience.OVER_60, Means.ON_SITE, span=span, on=on),
        Measure.EVERYBODY: _cover(area_code, Audience.EVERYBODY, Means.STRONG, span=span, on=on),
        Measure.VISITS: _visits(area_code, span=span),
        Measure.PUSHES: _pushes(area_code, span=span),
        Measure.SITES: _sites(area_code, on=min(on, span.last)),
        Measure.NEWCOMERS: _newcomers(area_code, span=span),
        Measure.LOOKBACKS: _look_backs(area_code, span=span),
        Measure.BULLETINS: _bulletins(area_code, span=span),
    }
    found: dict[str, dict[Measure, Counts]] = defaultdict(dict)
    for measure, by_code in measured.items():
        for code, counts in by_code.items():
            found[code][measure] = counts
    return found


def _look_backs(area_code: str, *, span: Span) -> Found:
    """Cases whose look-back was confirmed, of those reported long enough before the last day. One query."""
    cases = Case.objects.within(area_code).counted().between(span.first, span.after - CONFIRMED_WITHIN).order_by()
    rows = cases.values_list(by_community("area_code")).annotate(
        confirmed=Count("look_back__confirmed_at"), count=Count("pk")
    )
    return {code: Counts(Decimal(confirmed), Decimal(count)) for code, confirmed, count in rows}


def _bulletins(area_code: str, *, span: Span) -> Found:
    """Months whose report was signed in time, of those for which the time is over. Two queries."""
    months = [first for at in range(12) if months_later(first := months_later(span.first, at), 1) < span.after]
    due = {first: midnight(months_later(first, 1) + SIGNED_WITHIN) for first in months}
    due = {first: at for first, at in due.items() if at <= midnight(span.after)}
    signed: Counter[str] = Counter()
    kept = Report.objects.of_communities_in(area_code).signed().filter(first__in=due, kind=PeriodKind.MONTH, revision=1)
    for code, first, at in kept.order_by().values_list("area__code", "first", "signed_at"):
        signed[code] += at is not None and at < due[first]
    codes = Area.objects.within(area_code).communities().values_list("code", flat=True)
    return {code: Counts(Decimal(signed[code]), Decimal(len(due))) for code in codes}


def by_community(path: str) -> Substr:
    """Return the code of the community in which a column's area lies."""
    return Substr(path, 1, COMMUNITY_DIGITS)


def _counts(parts: Mapping[str, float | Decimal], wholes: Mapping[str, float | Decimal]) -> Found:
    codes = {*parts, *wholes}
    return {code: Counts(Decimal(parts.get(code, 0)), Decimal(wholes.get(code, 0))) for code in codes}


def _cases(area_code: str, *, span: Span) -> dict[Measure, Found]:
    """Days without a case; cases and yuan against the same days of last year. Three queries."""
    now, before = _case_sums(area_code, span), _case_sums(area_code, year_before(span))
    days = (span.after - span.first).days
    communities = Area.objects.within(area_code).communities().values_list("code", flat=True)
    hit = {code: len(sums.days) for code, sums in now.items()}
    return {
        Measure.ZERO_DAYS: {code: Counts(Decimal(days - hit.get(code, 0)), Decimal(days)) for code in communities},
        Measure.CASES_CHANGE: _counts(
            {code: one.count for code, one in now.items()}, {code: one.count for code, one in before.items()}
        ),
        Measure.LOSSES_CHANGE: _counts(
            {code: one.lost for code, one in now.items()}, {code: one.lost for code, one in before.items()}
        ),
    }


@dataclass(slots=True)
class _CaseSums:
    count: int
    lost: Decimal
    days: set[date]


def _case_sums(area_code: str, span: Span) -> dict[str, _CaseSums]:
    cases = Case.objects.within(area_code).counted().between(span.first, span.after).order_by()
    rows = cases.values_list(by_community("area_code"), TruncDate("reported_at", tzinfo=LOCAL_TZ)).annotate(
        Count("pk"), Sum("amount_lost")
    )
    found: dict[str, _CaseSums] = {}
    for code, day, count, lost in rows:
        sums = found.setdefault(code, _CaseSums(0, Decimal(0), set()))
        sums.count, sums.lost = sums.count + count, sums.lost + lost
        sums.days.add(day)
    return found


def _people(area_code: str, *, span: Span) -> dict[Measure, Found]:
    """Apps of residents; pledges, signed and on paper, for each household. Four queries.

    Residents and households are those of today.
    """
    residents = Resident.objects.living_here().within(area_code).order_by()
    rows = list(
        residents.values_list(by_community("grid__code")).annotate(
            living=Count("pk"), with_app=Count("pk", filter=Q(has_app=True))
        )
    )
    households = counted_by_community(Household.objects.filter(within("grid__code", (area_code,))), "grid__code")
    signed = Pledge.objects.filter(
        within("area__code", (area_code,)), at__gte=midnight(span.first), at__lt=midnight(span.after)
    )
    held = Event.objects.filter(within("area__code", (area_code,))).held().between(span.first, span.after).order_by()
    on_paper = dict(held.values_list(by_community("area__code")).annotate(signed=Coalesce(Sum("pledges"), 0)))
    pledges = Counter(counted_by_community(signed, "area__code"))
    pledges.update(on_paper)
    return {
        Measure.APPS: {code: Counts(Decimal(with_app), Decimal(living)) for code, living, with_app in rows},
        Measure.PLEDGES: {
            code: Counts(Decimal(pledges.get(code, 0)), Decimal(number)) for code, number in households.items()
        },
    }


def counted_by_community(rows: "QuerySet[Household] | QuerySet[Pledge] | QuerySet[Case]", path: str) -> dict[str, int]:
    """Return how many rows each community has, by its code. One query."""
    return dict(rows.order_by().values_list(by_community(path)).annotate(Count("pk")))


def _cover(area_code: str, audience: Audience, means: Means, *, span: Span, on: date) -> Found:
    """Coverage of the twelve months up to today, as it was last counted; of a year that is over, in that year."""
    if span.reaches(on):
        kept, counted_at = cover_kept(area_code, audience=audience, means=means)
        if counted_at is not None:
            return {code: Counts(Decimal(one.reached), Decimal(one.should)) for code, one in kept.items()}
        span = Span(months_later(span.after, -12), span.after)
    grids = dict(Area.objects.within(area_code).grids().values_list("pk", "code"))
    parts: dict[str, list[Cover]] = defaultdict(list)
    for grid, cover in cover_by_grid(
        area_code, audience=audience, channels=CHANNELS_OF[means], span=span, on=on
    ).items():
        parts[grids[grid][:COMMUNITY_DIGITS]].append(cover)
    sums = {code: total(covers) for code, covers in parts.items()}
    return {code: Counts(Decimal(one.reached), Decimal(one.should)) for code, one in sums.items()}


def _whole_weeks(span: Span) -> list[date]:
    """Return the Mondays of the weeks that lie within some days from beginning to end."""
    monday = monday_of(span.first + timedelta(days=WEEK - 1))
    weeks = (span.after - monday).days // WEEK
    return [monday + timedelta(days=WEEK * at) for at in range(weeks)]


def _visits(area_code: str, *, span: Span) -> Found:
    kept: Counter[str] = Counter()
    due: Counter[str] = Counter()
    for one in dues(Pairing.objects.within(area_code), mondays=_whole_weeks(span)):
        code = one.grid_code[:COMMUNITY_DIGITS]
        due[code] += 1
        kept[code] += one.is_kept
    return _counts(kept, due)


CLOCKS = {
    (Objective.DISPATCH, ""): Measure.DISPATCH,
    (Objective.RESPOND, Level.HIGH): Measure.HIGH,
    (Objective.RESPOND, Level.MEDIUM): Measure.MEDIUM,
}
"""The measure of each clock; reaching the grid has one objective for every level."""

ENDED = (ObjectiveState.MET, ObjectiveState.BREACHED)


def clocks_of(area_code: str, span: Span) -> "QuerySet[ObjectiveClock]":
    """Return the clocks of real alerts received within some days."""
    alerts = Alert.objects.real().within(area_code).received_between(midnight(span.first), midnight(span.after))
    return ObjectiveClock.objects.filter(alert__in=alerts.order_by().values("pk")).order_by()


def _clocks(area_code: str, *, span: Span) -> dict[Measure, Found]:
    """Objectives kept, of those that have ended. One query."""
    rows = clocks_of(area_code, span).filter(state__in=ENDED)
    counted = rows.values_list(by_community("alert__area_code"), "objective", "level", "state").annotate(Count("pk"))
    kept: dict[Measure, Counter[str]] = {measure: Counter() for measure in CLOCKS.values()}
    whole: dict[Measure, Counter[str]] = {measure: Counter() for measure in CLOCKS.values()}
    for code, objective, level, state, number in counted:
        measure = CLOCKS.get((Objective(objective), "" if objective == Objective.DISPATCH else level))
        if measure is not None:
            whole[measure][code] += number
            kept[measure][code] += number if state == ObjectiveState.MET else 0
    return {measure: _counts(kept[measure], whole[measure]) for measure in kept}


def _pushes(area_code: str, *, span: Span) -> Found:
    """Weeks in which a running group was sent at least the rule's posts, of all groups' whole weeks. Three queries."""
    mondays = _whole_weeks(span)
    groups = dict(
        ChatGroup.objects.running().within(area_code).order_by().values_list("pk", by_community("area__code"))
    )
    if not (mondays and groups):
        return {}
    at_least = Rule.objects.number(RuleName.PUSHES_PER_WEEK)
    sent = PushedTo.objects.filter(
        within("group__area__code", (area_code,)),
        group__ended_on__isnull=True,
        push__on__gte=mondays[0],
        push__on__lt=mondays[-1] + timedelta(days=WEEK),
    )
    posts: Counter[tuple[int, date]] = Counter()
    for group, on, number in sent.values_list("group_id", "push__on", "push__posts"):
        posts[group, week_of(on)[0]] += number
    kept: Counter[str] = Counter(groups[group] for (group, _monday), number in posts.items() if number >= at_least)
    return _counts(kept, {code: number * len(mondays) for code, number in Counter(groups.values()).items()})


def _sites(area_code: str, *, on: date) -> Found:
    """Sites that are not overdue, of those that stand. One query."""
    standing = Site.objects.within(area_code).standing().order_by()
    rows = standing.values_list(by_community("area__code")).annotate(
        number=Count("pk"), fresh=Count("pk", filter=Q(due_on__gte=on))
    )
    return {code: Counts(Decimal(fresh), Decimal(number)) for code, number, fresh in rows}


def _newcomers(area_code: str, *, span: Span) -> Found:
    """Newcomers and tenants spoken to within the rule's days, of those whose days ended in the span. Three queries."""
    within_days = timedelta(days=Rule.objects.number(RuleName.NEWCOMER_DAYS))
    new = Resident.objects.living_here().within(area_code).order_by()
    new = new.filter(
        residence__in=NEW, moved_in_on__gte=span.first - within_days, moved_in_on__lt=span.after - within_days
    )
    rows = list(new.values_list("pk", by_community("grid__code"), "moved_in_on"))
    touched = Touch.objects.filter(
        resident__in=new.values("pk"), channel__in=STRONG, on__gte=F("resident__moved_in_on")
    )
    days: dict[int, list[date]] = defaultdict(list)
    for resident, on in touched.order_by().values_list("resident_id", "on"):
        days[resident].append(on)
    reached = Counter(code for pk, code, since in rows if any(on <= since + within_days for on in days[pk]))
    return _counts(reached, Counter(code for _pk, code, _since in rows))
