"""Every workbook that the product hands out says the same to a second reader, made by other people in another language.

Pages are found by walking the addresses, ordered files by their makers: a new workbook is read the day it appears. What
LibreOffice reads is held to the same by ``make libreoffice``, which sets ``SOFFICE`` to its program.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib import import_module
from inspect import getsource
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from accounts.clock import database_now, today
from accounts.personal_data import unseal
from antifraud.tests.test_doors import MADE_BY_OTHERS, World, doors, try_door, world  # noqa: F401 - a fixture
from sheets.models import FileJob
from sheets.services import _kinds, ordering
from sheets.services.ordering import order_file
from sheets.views import XLSX
from sheets.writing import make_template

Cells = dict[str, dict[tuple[int, int], Any]]
"""Sheets by name, each with what stands in its cells, by row and column from 0."""

SOFFICE = os.environ.get("SOFFICE", "")


def plain(value: Any) -> Any:
    """What a cell says, whichever type a library gives it: a day is a moment at midnight, a number a number."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(float(value), 9)
    return value


def by_openpyxl(content: bytes) -> Cells:
    book = load_workbook(BytesIO(content))
    return {
        sheet.title: {
            (cell.row - 1, cell.column - 1): plain(cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in {None, ""}
        }
        for sheet in book.worksheets
    }


def by_calamine(content: bytes) -> Cells:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return {
        name: {
            (row, column): plain(value)
            for row, values in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for column, value in enumerate(values)
            if value != ""
        }
        for name in book.sheet_names
    }


def saved(book: Workbook) -> bytes:
    book.save(content := BytesIO())
    return content.getvalue()


def hands_out(path: str) -> bool:
    """Whether the page at an address is of a module that hands out files: all do it by one function."""
    return "download(" in getsource(import_module(resolve(path).func.__module__))


def workbooks_of_pages(here: World) -> Iterator[tuple[str, bytes]]:
    """Every workbook that a page hands out to who may."""
    span = {"area": here.grid.parent.code, "since": today().isoformat(), "until": today().isoformat()}
    asked = span | {"recipient": "街道办", "purpose": "核对", "year": today().year, "is_whole": "on"}
    client = Client(raise_request_exception=False)
    client.force_login(here.report.signed_by)
    for door in (door for door in doors() if door.app not in MADE_BY_OTHERS and hands_out(here.path(door))):
        for method in ("get", "post") if door.name.endswith("export") else ("get",):
            answer = try_door(client, method, here.path(door), asked)
            if not isinstance(answer, str) and answer.headers.get("Content-Type") == XLSX:
                yield door.name, answer.content


def templates() -> Iterator[tuple[str, bytes]]:
    """The empty workbook of each kind of file that offices hand in."""
    for key, kind in _kinds.items():
        yield f"template of {key}", make_template(kind.columns, title=str(kind.title), notes=kind.notes)


def ordered_workbooks(here: World) -> Iterator[tuple[str, bytes]]:
    """What each maker makes."""
    options: Mapping[str, dict[str, Any]] = {
        "case_ledger": {"first": "2026-01-01", "after": "2027-01-01"},
        "report_paper": {"report": here.report.pk, "paper": "workbook"},
        "replay": {"replay": here.replay.pk},
    }
    assert set(options) == set(ordering._makers), "say here how a file of the new maker is ordered"
    for kind, asked in options.items():
        now = database_now()
        by = here.report.signed_by
        job = order_file(kind, title=kind, area_code=here.grid.parent.code, options=asked, keep_days=7, by=by, now=now)
        ordering.make_file(job.pk, now=now)
        job = FileJob.objects.get(pk=job.pk)
        assert job.content is not None, job.message
        yield kind, unseal(job.content)


@pytest.fixture
def workbooks(world: World) -> dict[str, bytes]:  # noqa: F811
    return dict(templates()) | dict(ordered_workbooks(world)) | dict(workbooks_of_pages(world))


@pytest.mark.django_db
def test_two_readers_read_the_same_in_every_workbook(workbooks):
    assert len(workbooks) >= 10
    for name, content in workbooks.items():
        one, other = by_openpyxl(content), by_calamine(content)
        assert list(one) == list(other), name
        assert any(one.values()), name
        for sheet, cells in one.items():
            assert cells == other[sheet], f"{name}: {sheet}"


def test_the_readers_do_not_overlook_a_value_that_is_another():
    """What is compared is what stands there: a changed cell, a day for a number, a sheet less."""
    book = load_workbook(BytesIO(next(templates())[1]))
    sheet = book.worksheets[0]
    before = by_openpyxl(saved(book))
    assert before == by_calamine(saved(book))
    sheet.cell(3, 1, date(2026, 11, 27))
    assert by_calamine(saved(book)) != before
    assert by_calamine(saved(book))[sheet.title][2, 0] == datetime(2026, 11, 27)  # noqa: DTZ001 - cells know no zone
    sheet.cell(4, 1, 45000.5)
    assert by_calamine(saved(book))[sheet.title][3, 0] == 45000.5


@pytest.mark.django_db
def test_libreoffice_opens_every_workbook_and_reads_the_same(workbooks, tmp_path):
    """Each is opened and written anew by LibreOffice; what it wrote says what we wrote."""
    for number, content in enumerate(workbooks.values()):
        (tmp_path / f"{number}.xlsx").write_bytes(content)
    out = tmp_path / "out"
    command = [
        SOFFICE,
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx",
    ]
    subprocess.run([*command, "--outdir", out, *sorted(tmp_path.glob("*.xlsx"))], check=True, timeout=300)
    for number, (name, content) in enumerate(workbooks.items()):
        assert by_openpyxl((out / f"{number}.xlsx").read_bytes()) == by_openpyxl(content), name


if not SOFFICE:
    # Half a gigabyte that CI does not install for one test: `make libreoffice` has it (CONTRIBUTING.md).
    del test_libreoffice_opens_every_workbook_and_reads_the_same
