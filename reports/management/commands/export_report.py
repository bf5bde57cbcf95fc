"""Write a report into a file: as it was signed, else as it would be."""

from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import translation

from accounts.clock import database_now
from campaigns.policy import Span
from reports.drafting.reports import file_of, prepare
from reports.models import Report
from reports.policy import Paper, PeriodKind, period_around
from residents.models import Area, Level

PAPERS = {".xlsx": Paper.WORKBOOK, ".docx": Paper.BULLETIN}


def a_month(text: str) -> Span:
    """Return the days of a month written 2026-04. Raises ``CommandError`` for what is none."""
    try:
        return period_around(date.fromisoformat(f"{text}-01"), PeriodKind.MONTH)
    except ValueError as error:
        raise CommandError(f"{text} is no month; write it as 2026-04.") from error


class Command(BaseCommand):
    """``export_report --area CODE --month 2026-04 --output FILE.xlsx|.docx``."""

    help = (
        "Write a month's report into FILE: the workbook (.xlsx) or the bulletin (.docx). What was signed is written "
        "byte for byte as signed; where nothing is signed, the data of now, marked as a draft. Nothing is changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose report, of when, and where it goes."""
        parser.add_argument("--area", required=True, metavar="CODE", help="code of a community, a street or a district")
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--output", required=True, metavar="FILE.xlsx|.docx")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write it, and say what it is."""
        path, span = Path(options["output"]), a_month(options["month"])
        paper = PAPERS.get(path.suffix.lower())
        if paper is None:
            raise CommandError(f"{path}: the name must end in .xlsx (the workbook) or .docx (the bulletin).")
        area = Area.objects.filter(code=options["area"]).exclude(level__in=(Level.GRID, Level.BUILDING)).first()
        if area is None:
            raise CommandError(f"{options['area']}: no community, street or district has this code.")
        with translation.override(settings.LANGUAGE_CODE):
            content, what = content_of(area, span, paper, now=database_now())
        try:
            path.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self.stdout.write(f"{path}: {len(content)} bytes, {what}")


def content_of(area: Area, span: Span, paper: Paper, *, now: datetime) -> tuple[bytes, str]:
    """Return a report's file, and what it is in words."""
    signed = Report.objects.of(area, span).signed().select_related("area", "signed_by").order_by("-revision").first()
    if signed is not None:
        return signed.files.get(paper=paper).bytes, f"signed by {signed.signed_by}, revision {signed.revision}"
    # Drawn up for the file alone: the draft is made as ever, and taken back.
    with transaction.atomic():
        Report.objects.of(area, span).drafts().delete()
        draft = prepare(area, span, by=None, now=now)
        assert draft is not None
        content = file_of(draft, paper, signer=None, now=now).content
        transaction.set_rollback(True)
    return content, "a draft, not signed"
