"""The public version of a bulletin: no number under three, none that can be worked out, nobody's words or name."""

import io
from datetime import UTC, date, datetime
from itertools import product

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import AuditEntry
from accounts.roles import Role
from cases.tests.factories import CaseFactory
from reports import services
from reports.drafting import reports as drafting
from reports.drafting.public import public_bulletin
from reports.figures.shapes import Compared
from reports.formats import BESIDE, FEW
from reports.tests.factories import APRIL, MAY, area_row, make_figures, sums
from residents.tests.factories import make_community, make_staff

NAME, WORDS = "貔貅受害人", "三号楼那位老人"


def tables(*columns: list[int]):
    """Return the table of areas of a bulletin with such numbers of cases: this period, the one before, a year ago."""
    parts = [Compared(*(sums(count, count * 5000) for count in row)) for row in zip(*columns, strict=True)]
    rows = tuple(area_row(number, one) for number, one in enumerate(parts, start=1))
    total = Compared(*(sums(sum(column), sum(column) * 5000) for column in columns))
    return public_bulletin(make_figures(areas=rows, cases=total, types=()), on="2026-05-08")


few = st.lists(st.integers(0, 6), min_size=2, max_size=5)


@given(few)
def test_no_number_under_three_can_be_read_or_worked_out_from_the_others_and_the_total(cells):
    (table,) = tables(cells, cells, cells).tables
    *shown, total = [row[1] for row in table.rows]
    if not sum(cells):
        assert set(shown) == {"0"}
        return
    assert not {"0", "1", "2"} & {*shown, total}
    if set(shown) == {BESIDE}:
        return  # nothing is told but the total
    wholes = range(1, 3) if total == FEW else [int(total)]
    told = {FEW: range(3), BESIDE: range(3, max(wholes) + 1)}
    choices = [told[said] if said in told else [int(said)] for said in shown]
    ways = [way for way in product(*choices) if sum(way) in wholes]
    assert tuple(cells) in ways
    for at, cell in enumerate(cells):
        if cell < 3:
            assert len({way[at] for way in ways}) > 1, f"{cells} shown as {shown} of {total} tells {cell}"


@given(few)
def test_neither_words_nor_amounts_tell_a_number_that_is_hidden(cells):
    said = " ".join(tables(cells, [0, 0, *cells[2:]], cells).said)
    if 0 < sum(cells) < 3:
        assert "fewer than 3" in said or "不足" in said
        assert "yuan" not in said
        assert "元" not in said


pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    community = make_community()
    for day in range(2, 7):
        CaseFactory(grid=community.grids[day % 2], victim_name=NAME, reported_at=datetime(2026, 4, day, 4, tzinfo=UTC))
    return community


@pytest.fixture
def manager(here):
    return make_staff(Role.MANAGER, here.community)


@pytest.fixture
def signed(here, manager):
    report = drafting.prepare(here.community, APRIL, by=None, now=MAY)
    services.write_words(report, report.words | {"features": WORDS}, by=manager, now=MAY)
    return drafting.sign(report, by=manager, now=MAY)


def opened(who, name, report):
    client = Client()
    client.force_login(who)
    return client.get(reverse(f"reports:{name}", args=[report.pk]))


def test_a_signed_report_has_a_public_version_as_page_and_file_that_names_nobody(signed, manager):
    link = reverse("reports:report_public", args=[signed.pk])
    assert link in opened(manager, "report", signed).content.decode()
    page = opened(manager, "report_public", signed).content.decode()
    file = opened(manager, "report_public_file", signed)
    document = Document(io.BytesIO(file.content))
    words = [paragraph.text for paragraph in document.paragraphs]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for text in (page, " ".join([*words, *cells])):
        assert NAME not in text
        assert WORDS not in text
        assert "貔**" not in text
    # Three in one grid and two in the other: both are hidden, since with the total the one tells the other.
    table = next(one for one in document.tables if len(one.rows) > 3)
    assert [row.cells[1].text for row in table.rows][1:3] in ([BESIDE, FEW], [FEW, BESIDE], [BESIDE, BESIDE])
    entry = AuditEntry.objects.of_access().get(verb="reports.exported")
    assert (entry.actor, entry.detail["paper"]) == (manager, "public")


def test_a_draft_has_no_public_version(here, manager):
    report = drafting.prepare(here.community, APRIL, by=None, now=MAY)
    assert reverse("reports:report_public", args=[report.pk]) not in opened(manager, "report", report).content.decode()
    for name in ("report_public", "report_public_file"):
        assert opened(manager, name, report).status_code == 404


def test_another_communitys_public_version_is_not_there(signed):
    other = make_staff(Role.MANAGER, make_community(4).community)
    for name in ("report_public", "report_public_file"):
        assert opened(other, name, signed).status_code == 404


def test_a_month_without_a_case_says_so():
    bulletin = tables([0, 0], [1, 0], [0, 0])
    assert "no case" in bulletin.said[0] or "没有" in bulletin.said[0] or "未接报" in bulletin.said[0]
    assert date(2026, 5, 8).isoformat() == bulletin.on
