"""What the pages of reports show: which reports there are, and one report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.clock import local, midnight
from accounts.formats import share, yuan
from accounts.models import User
from accounts.roles import Duty
from alerts.models import Alert
from campaigns.models import Event
from campaigns.policy import Span
from knowledge.models import FraudType
from reports.drafting.numbers import Moved, kept_figures, moved_between
from reports.drafting.reports import what_moved
from reports.drafting.words import cases_in_words, held_against, money, top_types
from reports.exports.pdf import office
from reports.figures.shapes import Compared, Figures, Rate
from reports.formats import period_name
from reports.models import Report, ReportFile
from reports.policy import (
    FIRST_DAY,
    LAST_DAY,
    PeriodKind,
    Section,
    kind_of,
    month_key,
    months_later,
    numbers_of_their_own,
    period_around,
)
from reports.screens.changes import ChangeLine, change_lines
from reports.services import may_sign
from residents.access import scope_codes, within
from residents.models import Area, Level

MOST_CHANGES = 20
"""Numbers of a list of changes that are shown; who needs more compares the two workbooks."""
MONTHS_SHOWN = 12
REPORTED_LEVELS = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)


# ── which reports there are ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """An area's report on a period, or that there is none. ``on`` is a day of the period."""

    area_code: str
    area: str
    period: str
    on: date
    kind: str
    pk: int | None
    state: str
    state_word: str
    revision: int
    signed_by: str
    signed_at: datetime | None
    may_prepare: bool


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """The reports of one month side by side; of one area alone, month after month."""

    span: Span
    period: str
    earlier: str
    later: str
    lines: Sequence[Line]
    signed: int
    whole: int
    others: Sequence[Line]
    is_one_area: bool


def areas_seen(user: User, *, on: date, duties: Sequence[Duty] = (Duty.SEE_REPORTS,)) -> list[Area]:
    """Return the communities, streets and districts whose reports somebody has one of some duties for."""
    condition = Q(pk__in=[])
    for duty in duties:
        condition |= within("code", scope_codes(user, duty, on))
    return list(Area.objects.filter(condition, level__in=REPORTED_LEVELS).order_by("code"))


def reports_page(user: User, *, month: str, on: date) -> ReportsPage:
    """Return the reports of a month, the last that is over unless one is asked for (``2026-04``)."""
    span = asked_month(month, on=on)
    areas = areas_seen(user, on=on)
    is_one = len(areas) == 1
    signers = _prepares(user, on=on)
    spans = [_months_back(span, back) for back in range(MONTHS_SHOWN)] if is_one else [span]
    reports = _latest(areas, spans)
    lines = [_line(area, one, reports.get((area.pk, one.first)), signers) for one in spans for area in areas]
    seen = Report.objects.visible_to(user, on=on).exclude(kind=PeriodKind.MONTH).latest_revisions()
    others = seen.without_figures().select_related("area", "signed_by")[:MONTHS_SHOWN]
    return ReportsPage(
        span=span,
        period=period_name(span),
        earlier=month_key(months_later(span.first, -1)),
        later=month_key(span.after) if span.after <= on else "",
        lines=lines,
        signed=sum(line.state == "signed" for line in lines),
        whole=len(lines),
        others=[_line(one.area, one.span, one, signers) for one in others],
        is_one_area=is_one,
    )


def asked_month(text: str, *, on: date) -> Span:
    """Return the month that is asked for; the last that is over where that is none."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = months_later(on.replace(day=1), -1)
    # Far years have no neighbours in the calendar.
    first = first if FIRST_DAY <= first <= LAST_DAY else months_later(on.replace(day=1), -1)
    return period_around(first, PeriodKind.MONTH)


def _months_back(span: Span, back: int) -> Span:
    return Span(months_later(span.first, -back), months_later(span.after, -back))


def _prepares(user: User, *, on: date) -> set[int]:
    """Return the areas whose reports somebody may draw up: those whose they sign."""
    wide = areas_seen(user, on=on, duties=(Duty.SIGN_SUMMARIES,))
    narrow = areas_seen(user, on=on, duties=(Duty.SIGN_REPORTS,))
    return {area.pk for area in wide if area.level != Level.COMMUNITY} | {
        area.pk for area in narrow if area.level == Level.COMMUNITY
    }


def _latest(areas: Sequence[Area], spans: Sequence[Span]) -> dict[tuple[int, date], Report]:
    rows = Report.objects.filter(area__in=areas, kind=PeriodKind.MONTH, first__in=[span.first for span in spans])
    latest = rows.without_figures().select_related("signed_by", "area").order_by("revision")
    return {(report.area_id, report.first): report for report in latest}


def _line(area: Area, span: Span, report: Report | None, signers: set[int]) -> Line:
    return Line(
        area_code=area.code,
        area=area.name,
        period=period_name(span),
        on=span.first,
        kind=str(kind_of(span)),
        pk=report.pk if report is not None else None,
        state=report.state if report is not None else "missing",
        state_word=str(report.get_state_display()) if report is not None else pgettext("a report", "Missing"),
        revision=report.revision if report is not None else 0,
        signed_by=str(report.signed_by or "") if report is not None else "",
        signed_at=report.signed_at if report is not None else None,
        may_prepare=report is None and area.pk in signers,
    )


# ── one report ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Headline:
    """One number in large, and what stands beside it."""

    label: str
    number: str
    beside: Sequence[str]


@dataclass(frozen=True, slots=True)
class Clock:
    """One objective: kept of those that were to be."""

    label: str
    said: str


@dataclass(frozen=True, slots=True)
class SectionText:
    """One section: as it is now, and as the program would say it where somebody wrote otherwise."""

    key: str
    label: str
    text: str
    drafted: str
    is_edited: bool


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at before one signs: how many, in words, and where."""

    label: str
    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Revision:
    """Another revision of the same report."""

    pk: int
    number: int
    state: str
    signed_by: str
    signed_at: datetime | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report."""

    report: Report
    title: str
    period: str
    figures: Figures
    headlines: Sequence[Headline]
    clocks: Sequence[Clock]
    types: Sequence[tuple[str, str, int, str]]
    sections: Sequence[SectionText]
    checks: Sequence[Check]
    moved: Sequence[ChangeLine]
    moved_more: int
    joined: Sequence[str]
    revised: Sequence[ChangeLine]
    revised_more: int
    revisions: Sequence[Revision]
    files: Sequence[ReportFile]
    missing: Sequence[str]
    may_sign: bool
    is_over: bool
    is_latest: bool
    makes_pdf: bool
    language: str
    is_foreign: bool

    @property
    def month(self) -> str:
        """The month it begins in, as the list of reports is asked for it."""
        return month_key(self.report.first)

    @property
    def is_current(self) -> bool:
        """Whether the data still says what the report says."""
        return not self.moved and not self.joined


def report_page(report: Report, user: User, *, now: datetime) -> ReportPage:
    """Return one report as somebody sees it."""
    on = local(now).date()
    figures = kept_figures(report)
    revisions = list(
        Report.objects.of(report.area, report.span).without_figures().select_related("signed_by").order_by("-revision")
    )
    is_latest = revisions[0].pk == report.pk
    moved = what_moved(report, now=now) if is_latest else Moved()
    before = _revised(report)
    return ReportPage(
        report=report,
        title=report.title,
        period=period_name(report.span),
        figures=figures,
        headlines=_headlines(figures),
        clocks=_clocks(figures),
        types=_types(figures),
        sections=_sections(report),
        checks=_checks(report, figures, now=now) if not report.is_signed else [],
        moved=change_lines(moved.numbers, names=moved.names, most=MOST_CHANGES),
        moved_more=max(0, len(moved.numbers) - MOST_CHANGES),
        joined=moved.communities,
        revised=change_lines(before.numbers, names=before.names, most=MOST_CHANGES),
        revised_more=max(0, len(before.numbers) - MOST_CHANGES),
        revisions=[_revision(one, this=report) for one in revisions],
        files=list(report.files.defer("content")),
        missing=report.parts.get("missing", ()),
        may_sign=may_sign(report, user, on=on),
        is_over=report.after <= on,
        is_latest=is_latest,
        makes_pdf=office() is not None,
        language=str(report.get_language_display()),
        is_foreign=not (get_language() or "").startswith(report.language[:2]),
    )


def _types(figures: Figures) -> list[tuple[str, str, int, str]]:
    """Return the types as the reader's language calls them today; one that is gone as the report called it. A query."""
    rows, count = top_types(figures), figures.cases.now.count
    names = {one.code: str(one.name) for one in FraudType.objects.filter(code__in=[row.code for row in rows])}
    return [
        (
            names.get(row.code, row.name),
            share(row.sums.now.count, count),
            row.sums.before.count,
            yuan(row.sums.now.lost),
        )
        for row in rows
    ]


def _revised(report: Report) -> Moved:
    """Return what a revision says otherwise than the one before it."""
    former = Report.objects.of(report.area, report.span).filter(revision=report.revision - 1).first()
    return moved_between(kept_figures(former), kept_figures(report)) if former is not None else Moved()


def _revision(one: Report, *, this: Report) -> Revision:
    return Revision(
        pk=one.pk,
        number=one.revision,
        state=str(one.get_state_display()),
        signed_by=str(one.signed_by or ""),
        signed_at=one.signed_at,
        is_this=one.pk == this.pk,
    )


def _headlines(figures: Figures) -> list[Headline]:
    cases = figures.cases
    counts = Compared(cases.now.count, cases.before.count, cases.last_year.count)
    lost = Compared(cases.now.lost, cases.before.lost, cases.last_year.lost)
    beside = held_against(counts, write=str, more=cases_in_words)
    filed = _("filed: {number}").format(number=cases.now.filed)
    return [
        Headline(pgettext("how many", "Cases"), str(cases.now.count), [*beside, filed]),
        Headline(_("Lost"), money(cases.now.lost), held_against(lost, write=money)),
        Headline(_("Prevented (estimate)"), money(cases.now.prevented), [_("not counted among the losses")]),
        Headline(
            _("Days since the last case"),
            str(figures.quiet_days),
            [_("days without a case in the period: {number}").format(number=figures.zero_days)],
        ),
    ]


def _clocks(figures: Figures) -> list[Clock]:
    now = figures.alerts.now
    rates: list[tuple[str, Rate]] = [
        (_("Pushed to the grid in time"), now.pushed),
        (_("High answered in time"), now.high),
        (_("Medium answered in time"), now.medium),
        (_("Low answered in time"), now.low),
        (_("Met face to face"), now.met),
        (_("Dissuaded"), now.dissuaded),
        (_("New tenants and owners in time"), figures.newcomers),
        (_("Chat groups with enough pushes"), figures.groups),
    ]
    clocks = [Clock(label, share(rate.part, rate.whole)) for label, rate in rates]
    clocks.insert(6, Clock(_("Visits kept"), str(figures.visits)))
    clocks.insert(7, Clock(_("60 and over at live events"), share(figures.elders.reached, figures.elders.should)))
    return clocks


def _sections(report: Report) -> list[SectionText]:
    words = report.words
    return [
        SectionText(
            key=section.value,
            label=str(section.label),
            text=words[section],
            drafted=report.drafted.get(section, ""),
            is_edited=section in report.edited,
        )
        for section in Section
    ]


def _checks(report: Report, figures: Figures, *, now: datetime) -> list[Check]:
    """Return what a careful signer looks at first; what is nought is said as well: it was looked at."""
    first, after, code = midnight(report.first), midnight(report.after), report.area.code
    open_alerts = Alert.objects.real().within(code).received_between(first, after).open().count()
    unlogged = Event.objects.within(code).planned().between(report.first, report.after).filter(ends_at__lt=now).count()
    looked = figures.lookbacks
    own = sum(numbers_of_their_own(text, drafted=report.drafted.get(key, "")) for key, text in report.edited.items())
    unconfirmed = max(0, sum(looked.verdicts.values()) - looked.confirmed)
    return [
        Check(_("Cases without a look-back"), looked.without, _cases_url(report)),
        Check(_("Look-backs nobody has confirmed"), unconfirmed, reverse("cases:look_backs")),
        Check(_("Alerts of the period still open"), open_alerts, reverse("alerts:list")),
        Check(_("Events still to be logged"), unlogged, reverse("campaigns:home")),
        Check(_("Lines of your own with numbers: hold them against the data"), own, "#text"),
    ]


def _cases_url(report: Report) -> str:
    """Return where the period's cases are listed."""
    days = {"area": report.area.code, "since": report.first.isoformat(), "until": report.span.last.isoformat()}
    return f"{reverse('cases:list')}?{urlencode(days)}"
