"""Files of reports that are ordered and made by a worker: a draft's papers, PDF, a year of the ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.clock import local
from accounts.models import User
from accounts.roles import Duty
from accounts.services import RefusedError
from campaigns.policy import Span
from cases.exports import ledger_workbook
from cases.models import Case, CaseQuerySet
from reports.drafting.reports import file_of
from reports.exports.pdf import as_pdf
from reports.models import Report
from reports.policy import Paper
from residents.access import may
from residents.exports import watermark
from residents.models import Area, Rule
from residents.policy import RuleName
from sheets.models import FileJob
from sheets.services.ordering import Made, Progress, order_file

PAPER, LEDGER = "report_paper", "case_ledger"
VERB = "reports.exported"


@dataclass(frozen=True)
class PaperMaker:
    """Makes a paper of a report: of a draft as it stands now, of a signed one the very bytes that were signed."""

    key: str = PAPER
    verb: str = VERB

    def make(self, job: FileJob, *, now: datetime, progress: Progress) -> Made:
        """Return it, as PDF where that was asked. Raises ``RefusedError`` where it is out of sight by now."""
        seen = Report.objects.visible_to(job.by, on=local(now).date()).select_related(
            "area", "prepared_by", "signed_by"
        )
        report = seen.filter(pk=job.options["report"]).first()
        if report is None:
            raise RefusedError(_("This report is not there any more, or not yours to see."))
        paper = Paper(job.options["paper"])
        progress(0, 2)
        name, content = _paper(report, paper, now=now)
        progress(1, 2)
        if job.options.get("as_pdf"):
            stem, suffix = name.rsplit(".", 1)
            name, content = f"{stem}.pdf", as_pdf(content, suffix=suffix)
        return Made(name, content, rows=report.figures["cases"]["now"]["count"])

    def may_have(self, job: FileJob, *, on: date) -> bool:
        """Say whether who ordered it may see the report."""
        return Report.objects.visible_to(job.by, on=on).filter(pk=job.options["report"]).exists()


def _paper(report: Report, paper: Paper, *, now: datetime) -> tuple[str, bytes]:
    if report.is_signed:
        kept = report.files.get(paper=paper)
        return kept.name, kept.bytes
    file = file_of(report, paper, signer=None, now=now)
    return file.name, file.content


@dataclass(frozen=True)
class LedgerMaker:
    """Makes the ledger of cases of some days, masked: a hundred thousand rows in ten seconds (limits.md)."""

    key: str = LEDGER
    verb: str = VERB

    def make(self, job: FileJob, *, now: datetime, progress: Progress) -> Made:
        """Return the ledger of what who ordered it may see."""
        area = Area.objects.get(code=job.area_code)
        span = Span(date.fromisoformat(job.options["first"]), date.fromisoformat(job.options["after"]))
        cases = cases_to_export(job.by, area.code, span, on=local(now).date())
        total = cases.count()

        progress(0, total)
        mark = watermark(by=job.by, at=now, recipient="", purpose="")
        content = ledger_workbook(cases, is_whole=False, mark=mark)
        name = _("{area} cases {first} to {last}.xlsx").format(area=area, first=span.first, last=span.last)
        return Made(name, content, rows=total)

    def may_have(self, job: FileJob, *, on: date) -> bool:
        """Say whether who ordered it keeps the ledger of all of the area."""
        return may(job.by, Duty.KEEP_CASES, job.area_code, on)


def cases_to_export(user: User, area_code: str, span: Span, *, on: date) -> CaseQuerySet:
    """Return the cases of an area and some days that somebody may take away; a minor's are in no file (PIPL, 28)."""
    seen = Case.objects.visible_to(user, on=on, duty=Duty.KEEP_CASES)
    return seen.without_minors().within(area_code).between(span.first, span.after)


def order_paper(report: Report, paper: Paper, *, is_pdf: bool, by: User, now: datetime) -> FileJob:
    """Have a worker make a paper of a report."""
    title = f"{report.title} · {paper.label}" + (" PDF" if is_pdf else "")
    options = {"report": report.pk, "paper": str(paper), "as_pdf": is_pdf}
    return _ordered(PAPER, title, report.area.code, options, by=by, now=now)


def order_ledger(area: Area, span: Span, *, by: User, now: datetime) -> FileJob:
    """Have a worker write out the ledger of an area and some days."""
    title = _("Ledger of cases, {area}, {first} to {last}").format(area=area, first=span.first, last=span.last)
    options = {"first": span.first.isoformat(), "after": span.after.isoformat()}
    return _ordered(LEDGER, title, area.code, options, by=by, now=now)


def _ordered(kind: str, title: str, area_code: str, options: dict[str, Any], *, by: User, now: datetime) -> FileJob:
    days = Rule.objects.number(RuleName.KEEP_EXPORTS_DAYS)
    return order_file(kind, title=title, area_code=area_code, options=options, keep_days=days, by=by, now=now)
