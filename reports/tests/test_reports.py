"""A report's life: drawn up once, words mended, signed and frozen, revised beside, added up by the street."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import transaction
from openpyxl import load_workbook

from accounts.models import AuditEntry, User
from accounts.roles import Role
from antifraud.testing.at_once import at_once
from campaigns.policy import Span
from campaigns.tests.factories import ChatGroupFactory
from cases.models import Case
from cases.tests.factories import CaseFactory
from notifications.models import Notice
from reports import services
from reports.drafting import reports as drafting
from reports.drafting.numbers import kept_figures
from reports.drafting.reports import MovedError
from reports.models import FrozenError, Report, ReportFile
from reports.policy import Paper, Section, State
from reports.services import ReportsError
from reports.tasks import prepare_reports
from reports.tests.factories import APRIL, MAY
from residents.models import Post
from residents.tests.factories import Community, make_community, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Community:
    """A community with six cases of April in its two grids."""
    community = make_community()
    for at in range(6):
        CaseFactory(
            grid=community.grids[at % 2], reported_at=datetime(2026, 4, 2 + at, 4, tzinfo=UTC), amount_lost=1000
        )
    return community


@pytest.fixture
def manager(here: Community) -> User:
    return make_staff(Role.MANAGER, here.community)


def drawn(community: Community, **more) -> Report:
    report = drafting.prepare(community.community, APRIL, by=None, now=MAY, **more)
    assert report is not None
    return report


def signed(community: Community, by: User) -> Report:
    return drafting.sign(drawn(community), by=by, now=MAY)


# ── drawn up ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_holds_the_figures_and_tells_the_manager_and_the_police_liaison(here, manager) -> None:
    liaison = make_staff(Role.POLICE_LIAISON, here.community)
    make_staff(Role.DUTY_OFFICER, here.community)
    report = drawn(here)
    assert kept_figures(report).cases.now.count == 6
    assert set(report.drafted) == set(Section.values)
    told = Notice.objects.filter(subject=f"report:{report.pk}")
    assert {notice.recipient for notice in told} == {manager, liaison}
    assert AuditEntry.objects.filter(verb="reports.prepared", actor=None).count() == 1


def test_the_night_of_the_first_draws_up_communities_then_what_is_wider_and_twice_is_once(
    here,
) -> None:
    make_community(4)
    assert drafting.prepare_missing(now=MAY) == 4
    assert drafting.prepare_missing(now=MAY) == 0
    rows = Report.objects.order_by("pk").values_list("area__code", "first", "after", "revision")
    assert [row[0] for row in rows] == ["370105012003", "370105012004", "370105012", "370105"]
    assert {row[1:] for row in rows} == {(date(2026, 4, 1), date(2026, 5, 1), 1)}


def test_a_beat_that_was_off_on_the_first_catches_up_later_in_the_month(here) -> None:
    assert drafting.prepare_missing(now=MAY + timedelta(days=20)) == 3
    assert set(Report.objects.values_list("first", flat=True)) == {date(2026, 4, 1)}


def test_the_task_reads_the_clock_and_is_harmless_twice(here) -> None:
    prepare_reports()
    count = Report.objects.count()
    prepare_reports()
    assert Report.objects.count() == count == 3


def test_a_report_that_is_there_is_not_drawn_up_again(here, manager) -> None:
    drawn(here)
    assert drafting.prepare(here.community, APRIL, by=manager, now=MAY) is None


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_are_mended_and_the_drafted_ones_are_kept_apart(here, manager) -> None:
    report = drawn(here)
    texts = report.words | {"steps": "  逐户上门。\n\n再办讲座。  "}
    report = services.write_words(report, texts, by=manager, now=MAY)
    assert report.edited == {"steps": "逐户上门。\n\n再办讲座。"}
    assert report.words["steps"] == "逐户上门。\n\n再办讲座。"
    assert report.words["situation"] == report.drafted["situation"]
    report = services.restore_words(report, Section.STEPS, by=manager, now=MAY)
    assert report.words == {section: report.drafted[section] for section in Section.values}


def test_drawing_anew_takes_todays_numbers_and_keeps_what_somebody_wrote(here, manager) -> None:
    report = services.write_words(drawn(here), {"steps": "逐户上门。"}, by=manager, now=MAY)
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 20, tzinfo=UTC))
    report = drafting.draw_anew(report, language="zh-hans", by=manager, now=MAY)
    assert kept_figures(report).cases.now.count == 7
    assert report.words["steps"] == "逐户上门。"
    assert "7" in report.drafted["situation"]


def test_lines_left_as_drafted_follow_the_data_in_a_section_that_somebody_mended(here, manager) -> None:
    report = drawn(here)
    mended = report.drafted["situation"] + "\n请各网格认真落实。"
    report = services.write_words(report, {"situation": mended}, by=manager, now=MAY)
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 20, tzinfo=UTC), amount_lost=Decimal(8000))
    report = drafting.draw_anew(report, language="zh-hans", by=manager, now=MAY)
    assert report.words["situation"] == report.drafted["situation"] + "\n请各网格认真落实。"


def test_a_revision_says_todays_numbers_in_a_section_that_somebody_mended(here, manager) -> None:
    report = drawn(here)
    mended = "据台账统计：\n" + report.drafted["situation"]
    report = drafting.sign(
        services.write_words(report, {"situation": mended}, by=manager, now=MAY), by=manager, now=MAY
    )
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 25, tzinfo=UTC), amount_lost=Decimal(8000))
    new = drafting.revise(report, by=manager, now=MAY)
    assert new.words["situation"] == "据台账统计：\n" + new.drafted["situation"]


# ── signed ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_signed_report_is_frozen_with_its_files_who_and_when(here, manager) -> None:
    report = signed(here, manager)
    assert (report.state, report.signed_by, report.signed_at) == (State.SIGNED, manager, MAY)
    assert {file.paper for file in report.files.all()} == set(Paper)
    for file in report.files.all():
        assert sha256(file.bytes).hexdigest() == file.sha256
        assert file.bytes not in bytes(file.content)
    total = load_workbook(io.BytesIO(report.files.get(paper="workbook").bytes)).worksheets[1].values
    assert any(row[2] == 6 and row[1] not in {"第1网格", "第2网格"} for row in total)
    assert not Notice.objects.filter(subject=f"report:{report.pk}", withdrawn_at=None).exists()


def test_nothing_changes_or_removes_what_was_signed(here, manager) -> None:
    stale = drawn(here)
    report = drafting.sign(stale, by=manager, now=MAY)
    stale = Report.objects.get(pk=report.pk)
    stale.state, stale.signed_at, stale.signed_by = State.DRAFT, None, None
    for attempt in (
        stale.save,
        report.save,
        report.delete,
        lambda: Report.objects.filter(pk=report.pk).update(edited={}),
        lambda: Report.objects.all().delete(),
        lambda: Report.objects.bulk_update([report], ["edited"]),
        report.files.first().save,
        report.files.first().delete,
        lambda: ReportFile.objects.update(name=""),
        lambda: report.files.all().delete(),
    ):
        with pytest.raises(FrozenError), transaction.atomic():
            attempt()
    assert Report.objects.get(pk=report.pk).state == State.SIGNED


def test_no_verb_touches_what_was_signed(here, manager) -> None:
    report = signed(here, manager)
    for attempt in (
        lambda: services.write_words(report, {"steps": "x"}, by=manager, now=MAY),
        lambda: services.restore_words(report, Section.STEPS, by=manager, now=MAY),
        lambda: services.discard(report, by=manager, now=MAY),
        lambda: drafting.draw_anew(report, language="en", by=manager, now=MAY),
        lambda: drafting.sign(report, by=manager, now=MAY),
    ):
        with pytest.raises(ReportsError, match=str(manager)):
            attempt()


def test_a_draft_whose_data_moved_is_not_signed_until_it_is_drawn_anew(here, manager) -> None:
    report = drawn(here)
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 20, tzinfo=UTC), amount_lost=8000)
    with pytest.raises(MovedError) as refused:
        drafting.sign(report, by=manager, now=MAY)
    moved = {one.path: (one.before, one.now) for one in refused.value.moved.numbers}
    assert moved["cases", "now", "count"] == (6, 7)
    assert not ReportFile.objects.exists()
    report = drafting.draw_anew(report, language="zh-hans", by=manager, now=MAY)
    assert drafting.sign(report, by=manager, now=MAY).is_signed


def test_a_month_is_not_signed_before_it_is_over(here, manager) -> None:
    may = drafting.prepare(here.community, Span(date(2026, 5, 1), date(2026, 6, 1)), by=manager, now=MAY)
    with pytest.raises(ReportsError):
        drafting.sign(may, by=manager, now=MAY)


@pytest.mark.parametrize("role", [Role.POLICE_LIAISON, Role.DUTY_OFFICER])
def test_only_who_answers_for_the_community_signs(here, role) -> None:
    with pytest.raises(ReportsError):
        drafting.sign(drawn(here), by=make_staff(role, here.community), now=MAY)


def test_a_manager_does_not_sign_for_the_street_nor_a_supervisor_for_a_community(here, manager) -> None:
    supervisor = make_staff(Role.SUPERVISOR, here.street)
    with pytest.raises(ReportsError):
        drafting.sign(drawn(here), by=supervisor, now=MAY)
    street = drafting.prepare(here.street, APRIL, by=supervisor, now=MAY)
    Post.objects.create(user=manager, area=here.street, role=Role.MANAGER, starts_on=date(2020, 1, 1))
    with pytest.raises(ReportsError):
        drafting.sign(street, by=User.objects.get(pk=manager.pk), now=MAY)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_once_one_wins_and_the_other_is_told_who() -> None:
    here = make_community()
    manager, other = (make_staff(Role.MANAGER, here.community) for _one in range(2))
    report = drawn(here)

    def sign_as(person: User) -> str:
        try:
            return f"signed by {drafting.sign(report, by=person, now=MAY).signed_by_id}"
        except ReportsError as error:
            return str(error)

    answers = at_once(lambda: sign_as(manager), lambda: sign_as(other))
    assert sum(answer.startswith("signed by") for answer in answers) == 1
    assert ReportFile.objects.count() == 3
    winner = Report.objects.get(pk=report.pk).signed_by
    assert any(str(winner) in answer for answer in answers)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_draw_a_report_up_once() -> None:
    make_community()
    at_once(lambda: drafting.prepare_missing(now=MAY), lambda: drafting.prepare_missing(now=MAY))
    assert Report.objects.count() == 3
    assert Report.objects.filter(revision=1).count() == 3


# ── revised ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_correction_makes_a_revision_beside_the_old_report_that_says_what_changed(here, manager) -> None:
    old = signed(here, manager)
    kept = {file.paper: file.bytes for file in old.files.all()}
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 25, tzinfo=UTC), amount_lost=Decimal(8000))
    moved = {one.path: (one.before, one.now) for one in drafting.what_moved(old, now=MAY).numbers}
    assert moved["cases", "now", "count"] == (6, 7)
    assert tuple(map(Decimal, moved["cases", "now", "lost"])) == (6000, 14_000)
    new = drafting.revise(old, by=manager, now=MAY)
    assert (new.revision, new.state) == (2, State.DRAFT)
    new = drafting.sign(new, by=manager, now=MAY)
    old = Report.objects.get(pk=old.pk)
    assert (old.state, kept_figures(old).cases.now.count) == (State.SIGNED, 6)
    assert {file.paper: file.bytes for file in old.files.all()} == kept
    assert kept_figures(new).cases.now.count == 7


def test_a_revision_keeps_the_words_that_somebody_wrote(here, manager) -> None:
    report = services.write_words(drawn(here), {"steps": "逐户上门。"}, by=manager, now=MAY)
    report = drafting.sign(report, by=manager, now=MAY)
    Case.objects.first().delete()
    assert drafting.revise(report, by=manager, now=MAY).words["steps"] == "逐户上门。"


def test_where_nothing_changed_there_is_nothing_to_revise(here, manager) -> None:
    report = signed(here, manager)
    with pytest.raises(ReportsError):
        drafting.revise(report, by=manager, now=MAY + timedelta(days=40))


def test_an_old_revision_is_not_revised_and_a_draft_neither(here, manager) -> None:
    old = signed(here, manager)
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 25, tzinfo=UTC))
    new = drafting.revise(old, by=manager, now=MAY)
    for report in (old, new):
        with pytest.raises(ReportsError):
            drafting.revise(report, by=manager, now=MAY)


def test_a_draft_is_thrown_away_and_the_night_makes_it_anew(here, manager) -> None:
    services.discard(drawn(here), by=manager, now=MAY)
    assert not Report.objects.of(here.community, APRIL).exists()
    drafting.prepare_missing(now=MAY)
    assert Report.objects.of(here.community, APRIL).exists()


# ── added up ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_street_adds_up_the_signed_reports_of_its_communities_and_names_who_is_missing(here, manager) -> None:
    next_door = make_community(4)
    CaseFactory(grid=next_door.grid, amount_lost=500)
    supervisor = make_staff(Role.SUPERVISOR, here.street)
    signed(here, manager)
    street = drafting.prepare(here.street, APRIL, by=supervisor, now=MAY)
    assert kept_figures(street).cases.now.count == 6
    assert street.parts["missing"] == [next_door.community.name]
    assert next_door.community.name in street.words["situation"]
    assert kept_figures(street).zero_days == 24
    signed(next_door, make_staff(Role.MANAGER, next_door.community))
    with pytest.raises(MovedError) as refused:
        drafting.sign(street, by=supervisor, now=MAY)
    assert refused.value.moved.communities == (next_door.community.name,)
    street = drafting.draw_anew(street, language="zh-hans", by=supervisor, now=MAY)
    street = drafting.sign(street, by=supervisor, now=MAY)
    assert kept_figures(street).cases.now.lost == Decimal(6500)
    assert street.parts["missing"] == []


def test_a_street_lists_the_rows_of_no_community_that_it_does_not_add_up(here, manager) -> None:
    next_door = make_community(4)
    ChatGroupFactory(area=here.community, name="本村群")
    ChatGroupFactory(area=next_door.community, name="邻村群")
    CaseFactory(grid=next_door.grid, amount_lost=500)
    signed(here, manager)
    street = drafting.prepare(here.street, APRIL, by=None, now=MAY)
    assert "本村群" in street.words["shortcomings"]
    assert "邻村群" not in str(street.words)
    file = drafting.file_of(street, Paper.WORKBOOK, signer=None, now=MAY)
    book = load_workbook(io.BytesIO(file.content))
    cells = {str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None}
    assert "本村群" in cells
    assert "邻村群" not in cells
    losts = [row[14].value for row in book.worksheets[4] if row[14].value is not None]
    assert losts[-1] == 6000


def test_a_case_entered_after_the_signature_is_in_the_street_only_with_the_communitys_revision(here, manager) -> None:
    report = signed(here, manager)
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 25, tzinfo=UTC))
    street = drafting.prepare(here.street, APRIL, by=None, now=MAY)
    assert kept_figures(street).cases.now.count == 6
    drafting.sign(drafting.revise(report, by=manager, now=MAY), by=manager, now=MAY)
    assert drafting.what_moved(street, now=MAY).communities == (here.community.name,)
