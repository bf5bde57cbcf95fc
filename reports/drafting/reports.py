"""Reports from their data to their signature: prepared, drawn anew, revised, signed, as files."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.formats import day
from accounts.models import Language, User
from campaigns.models import Rule
from campaigns.policy import RuleName, Span
from cases.policy import DatedBy
from reports import services
from reports.drafting.documents import Paperwork, bulletin, document_names, work_summary
from reports.drafting.leaves import Contents, leaves_of
from reports.drafting.numbers import Moved, Numbers, kept_figures, moved_since, numbers_of
from reports.drafting.words import Material, drafted_words
from reports.exports.workbook import Office, workbook
from reports.figures.freezing import frozen
from reports.figures.ledgers import Ledgers, ledgers_of
from reports.models import Report
from reports.policy import Paper, PeriodKind, period_around
from reports.services import FileToKeep, ReportsError
from residents.models import Area, Level


class MovedError(ReportsError):
    """The data moved on since a report was drawn up; ``moved`` says what."""

    def __init__(self, moved: Moved) -> None:
        super().__init__(
            _("The data changed since this draft was drawn up. Look at what changed, draw it anew, then sign.")
        )
        self.moved = moved


def _in_language_of(report: Report) -> AbstractContextManager[Any]:
    return translation.override(report.language)


def _drafted(numbers: Numbers, ledgers: Ledgers, *, is_summary: bool) -> dict[str, str]:
    return drafted_words(
        Material(
            figures=numbers.figures,
            ledgers=ledgers,
            pushes_at_least=Rule.objects.number(RuleName.PUSHES_PER_WEEK),
            missing=numbers.missing,
            is_summary=is_summary,
        )
    )


def _ledgers(area: Area, span: Span, *, dated_by: DatedBy, signed: Iterable[Sequence[Any]], now: datetime) -> Ledgers:
    """Return the lists of an area; of a wider one only those of the communities that it adds up (code, revision)."""
    ledgers = ledgers_of(area.code, span, dated_by=dated_by, now=now)
    return ledgers.of_communities({one[0] for one in signed}) if area.is_wide else ledgers


def prepare(
    area: Area,
    span: Span,
    *,
    dated_by: DatedBy = DatedBy.REPORTED,
    language: str = Language.CHINESE,
    edited: Mapping[str, str] | None = None,
    by: User | None,
    now: datetime,
) -> Report | None:
    """Draw up a report of an area and a period, or its next revision; ``None`` where a draft is there already."""
    with translation.override(language):
        numbers = numbers_of(area, span, dated_by=dated_by, on=local(now).date())
        ledgers = _ledgers(area, span, dated_by=dated_by, signed=numbers.signed, now=now)
        drafted = _drafted(numbers, ledgers, is_summary=area.is_wide)
    return services.create_draft(
        area,
        span,
        dated_by=dated_by,
        figures=frozen(numbers.figures),
        parts=numbers.parts,
        drafted=drafted,
        edited=edited or {},
        language=language,
        by=by,
        now=now,
    )


def last_month(on: date) -> Span:
    """Return the month before the one a day lies in: the last that is over."""
    return period_around(on.replace(day=1) - timedelta(days=1), PeriodKind.MONTH)


def areas_without_a_report(span: Span) -> list[Area]:
    """Return the communities, then the streets and districts, that have no report on a period at all."""
    reported = Report.objects.on_span(span).order_by().values("area")
    lacking = Area.objects.exclude(pk__in=reported)
    wide = lacking.filter(level__in=(Level.STREET, Level.DISTRICT)).order_by("-code")
    return [*lacking.communities().order_by("code"), *wide]


def prepare_missing(*, now: datetime) -> int:
    """Draw up what last month lacks, each in its own transaction; a second time finds nothing. Returns how many."""
    span = last_month(local(now).date())
    return sum(prepare(area, span, by=None, now=now) is not None for area in areas_without_a_report(span))


def draw_anew(report: Report, *, language: str, by: User, now: datetime) -> Report:
    """Put today's numbers, and words drafted from them, into a draft. Raises ``ReportsError`` once it is signed."""
    with translation.override(language):
        numbers = _fresh(report, now=now)
        dated_by = DatedBy(report.dated_by)
        ledgers = _ledgers(report.area, report.span, dated_by=dated_by, signed=numbers.signed, now=now)
        drafted = _drafted(numbers, ledgers, is_summary=report.is_summary)
    return services.redraw(
        report,
        figures=frozen(numbers.figures),
        parts=numbers.parts,
        drafted=drafted,
        language=language,
        by=by,
        now=now,
    )


def _fresh(report: Report, *, now: datetime) -> Numbers:
    return numbers_of(report.area, report.span, dated_by=DatedBy(report.dated_by), on=local(now).date())


def what_moved(report: Report, *, now: datetime) -> Moved:
    """Return what is otherwise now than when a report was drawn up: a draft's, or what a revision would correct."""
    with _in_language_of(report):
        return moved_since(report, _fresh(report, now=now))


def sign(report: Report, *, by: User, now: datetime) -> Report:
    """Freeze a draft with its files. Raises ``ReportsError`` once signed, ``MovedError`` where numbers are stale."""
    with transaction.atomic():
        draft = services.locked(report)
        if not services.may_sign(draft, by, on=local(now).date()):
            raise ReportsError(_("Only who answers for this area signs its report."))
        if draft.after > local(now).date():
            raise ReportsError(_("This period is not over yet: sign from {day} on.").format(day=day(draft.after)))
        moved = what_moved(draft, now=now)
        if moved:
            raise MovedError(moved)
        return services.sign(draft, files=files_of(draft, signer=by, now=now), by=by, now=now)


def revise(report: Report, *, by: User, now: datetime) -> Report:
    """Draw up the next revision of a signed report; the old one stays. Raises ``ReportsError`` if nothing changed."""
    if not report.is_signed:
        raise ReportsError(_("This report is a draft: draw it anew instead."))
    latest = Report.objects.of(report.area, report.span).order_by("-revision").first()
    if latest is None or latest.pk != report.pk:
        raise ReportsError(_("There is a later revision already."))
    if not what_moved(report, now=now):
        raise ReportsError(_("The data says what this report says: there is nothing to revise."))
    made = prepare(
        report.area,
        report.span,
        dated_by=DatedBy(report.dated_by),
        language=report.language,
        edited=report.edited,
        by=by,
        now=now,
    )
    if made is None:
        raise ReportsError(_("Somebody has drawn up a revision at this moment. Look again."))
    return made


def files_of(report: Report, *, signer: User | None, now: datetime) -> list[FileToKeep]:
    """Return the workbook, the bulletin and the summary, in the report's language; a draft's are marked as one."""
    return [file_of(report, paper, signer=signer, now=now) for paper in Paper]


def file_of(report: Report, paper: Paper, *, signer: User | None, now: datetime) -> FileToKeep:
    """Return one file of a report that is about to be signed, or of a draft (``signer`` is then None)."""
    with _in_language_of(report):
        figures = kept_figures(report)
        names = dict(zip(Paper, document_names(figures), strict=True))
        if paper == Paper.WORKBOOK:
            content = _workbook(report, signer=signer, now=now)
        else:
            paperwork = Paperwork(figures, report.words, day(local(now)), is_draft=signer is None)
            content = bulletin(paperwork) if paper == Paper.BULLETIN else work_summary(paperwork)
    draft = "" if signer is not None else translation.gettext("(draft) ")
    return FileToKeep(paper, f"{draft}{names[paper]}", content)


def _workbook(report: Report, *, signer: User | None, now: datetime) -> bytes:
    figures = kept_figures(report)
    dated_by, signed = DatedBy(report.dated_by), report.parts.get("signed", ())
    ledgers = _ledgers(report.area, report.span, dated_by=dated_by, signed=signed, now=now)
    office = Office(
        area=report.area.name,
        filled_by=str(report.prepared_by or ""),
        checked_by=str(signer or ""),
        on=day(local(now)),
        mark=_("For internal use. Do not pass on."),
        is_draft=signer is None,
    )
    leaves = leaves_of(Contents(figures, ledgers, report.words))
    return workbook(leaves, office, title=f"{report.area} {report.first}")
