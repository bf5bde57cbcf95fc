"""The pages of reports: who finds what, what they show, what a press does."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.services import RefusedError
from cases.tests.factories import CaseFactory
from reports import services
from reports.drafting import reports as drafting
from reports.drafting.ordered import order_ledger, order_paper
from reports.models import Report
from reports.policy import Paper, State
from reports.tests.factories import APRIL, MAY
from residents.tests.factories import make_community, make_staff
from sheets.models import Export, FileJob, FileState
from sheets.services.ordering import fetch_file, make_file

pytestmark = pytest.mark.django_db
NAME = "貔貅受害人"


@pytest.fixture
def here():
    community = make_community()
    CaseFactory(grid=community.grid, victim_name=NAME)
    return community


@pytest.fixture
def manager(here):
    return make_staff(Role.MANAGER, here.community)


@pytest.fixture
def report(here) -> Report:
    return drafting.prepare(here.community, APRIL, by=None, now=MAY)


def page(client: Client, name: str, *args) -> str:
    answer = client.get(reverse(f"reports:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, name: str, report: Report, data=None, *more):
    return client.post(reverse(f"reports:{name}", args=[report.pk, *more]), data or {}, follow=True)


def test_a_manager_finds_the_draft_mends_it_signs_it_and_downloads_what_was_signed(client, manager, report) -> None:
    client.force_login(manager)
    assert (
        reverse("reports:report", args=[report.pk])
        in client.get(reverse("reports:monthly"), {"month": "2026-04"}).content.decode()
    )
    shown = page(client, "report", report.pk)
    assert reverse("reports:report_sign", args=[report.pk]) in shown
    press(client, "report_write", report, report.words | {"steps": "逐户上门"})
    assert press(client, "report_sign", report).status_code == 200
    report.refresh_from_db()
    assert (report.state, report.words["steps"]) == (State.SIGNED, "逐户上门")
    for file in report.files.all():
        answer = client.get(reverse("reports:report_file", args=[report.pk, file.paper]))
        assert answer.content == file.bytes
        assert file.sha256 in page(client, "report", report.pk)
    assert AuditEntry.objects.filter(verb="reports.exported", actor=manager).count() == 3


def test_no_form_of_the_page_has_a_number_to_edit(client, manager, report) -> None:
    client.force_login(manager)
    form = client.get(reverse("reports:report", args=[report.pk])).context["form"]
    assert set(form.fields) == {"situation", "features", "shortcomings", "steps", "commended"}
    press(client, "report_write", report, report.words | {"figures": "{}", "state": "signed"})
    report.refresh_from_db()
    assert report.state == State.DRAFT
    assert report.figures["cases"]["now"]["count"] == 1


def test_words_that_are_too_long_are_not_lost(client, manager, report) -> None:
    client.force_login(manager)
    answer = press(client, "report_write", report, {"steps": "长" * 9000})
    assert answer.status_code == 400
    assert "长" * 9000 in answer.content.decode()


def test_what_moved_is_shown_and_signing_waits_for_it(client, manager, report, here) -> None:
    client.force_login(manager)
    CaseFactory(grid=here.grid)
    shown = page(client, "report", report.pk)
    assert reverse("reports:report_redraw", args=[report.pk]) in shown
    assert reverse("reports:report_sign", args=[report.pk]) not in shown
    press(client, "report_sign", report)
    assert not Report.objects.signed().exists()
    press(client, "report_redraw", report)
    press(client, "report_sign", report)
    assert Report.objects.signed().exists()


def test_a_correction_is_offered_as_a_revision_with_what_it_corrects(client, manager, report, here) -> None:
    client.force_login(manager)
    press(client, "report_sign", report)
    CaseFactory(grid=here.grid)
    assert reverse("reports:report_revise", args=[report.pk]) in page(client, "report", report.pk)
    answer = press(client, "report_revise", report)
    revision = Report.objects.get(revision=2)
    assert answer.redirect_chain[-1][0] == reverse("reports:report", args=[revision.pk])
    assert answer.context["page"].revised
    assert page(client, "report", report.pk)


def test_nobodys_name_is_on_a_page_of_reports(client, manager, report) -> None:
    client.force_login(manager)
    for name in ("report", "report_print"):
        assert NAME not in page(client, name, report.pk)
    assert not any(NAME in text for text in report.words.values())


@pytest.mark.parametrize("role", [Role.MANAGER, Role.POLICE_LIAISON])
def test_a_report_of_another_community_is_not_there_and_cannot_be_guessed(client, report, manager, role) -> None:
    drafting.sign(report, by=manager, now=MAY)
    client.force_login(make_staff(role, make_community(4).community))
    for name in ("report", "report_print"):
        assert client.get(reverse(f"reports:{name}", args=[report.pk])).status_code == 404
    assert client.get(reverse("reports:report_file", args=[report.pk, "workbook"])).status_code == 404
    assert report.area.name not in client.get(reverse("reports:monthly"), {"month": "2026-04"}).content.decode()
    if role == Role.MANAGER:
        for name in ("report_write", "report_redraw", "report_sign", "report_revise", "report_discard", "report_order"):
            assert client.post(reverse(f"reports:{name}", args=[report.pk])).status_code == 404


def test_who_sees_a_report_and_does_not_sign_it_reads_and_presses_nothing(client, here, report) -> None:
    client.force_login(make_staff(Role.POLICE_LIAISON, here.community))
    assert reverse("reports:report_sign", args=[report.pk]) not in page(client, "report", report.pk)
    assert client.post(reverse("reports:report_sign", args=[report.pk])).status_code == 403


def test_a_supervisor_sees_who_has_signed_and_draws_up_what_is_missing(client, here, report, manager) -> None:
    make_community(4)
    drafting.sign(report, by=manager, now=MAY)
    supervisor = make_staff(Role.SUPERVISOR, here.street)
    client.force_login(supervisor)
    context = client.get(reverse("reports:monthly"), {"month": "2026-04"}).context["page"]
    assert [(line.area, line.state) for line in context.lines] == [
        (here.street.name, "missing"),
        (here.community.name, "signed"),
        ("第4社区", "missing"),
    ]
    assert [line.may_prepare for line in context.lines] == [True, False, False]
    answer = client.post(
        reverse("reports:report_prepare"), {"area": here.street.code, "kind": "month", "on": "2026-04-01"}
    )
    street = Report.objects.get(area=here.street)
    assert answer.url == reverse("reports:report", args=[street.pk])
    assert "第4社区" in page(client, "report", street.pk)


def test_the_list_costs_the_same_for_two_communities_as_for_ten(client, here) -> None:
    client.force_login(make_staff(Role.SUPERVISOR, here.street))
    counts = []
    for number in (4, 13):
        for one in range(4, number + 1):
            make_community(one)
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse("reports:monthly"), {"month": "2026-04"})
        counts.append(len(counted))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("month", ["", "2026-13", "9999-12", "0001-01", "x", "2026-04-01"])
def test_a_month_that_is_none_shows_the_last_that_is_over(client, manager, month) -> None:
    client.force_login(manager)
    assert client.get(reverse("reports:monthly"), {"month": month}).status_code == 200


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"area": "370105012003", "kind": "month", "on": "0001-01-01"},
        {"area": "9", "kind": "week", "on": "2026-04-01"},
    ],
)
def test_a_period_that_is_none_draws_nothing_up(client, manager, data) -> None:
    client.force_login(manager)
    assert client.post(reverse("reports:report_prepare"), data).status_code == 400
    assert not Report.objects.exists()


def test_a_quarter_is_drawn_up_and_listed_apart(client, manager, here) -> None:
    client.force_login(manager)
    client.post(reverse("reports:report_prepare"), {"area": here.community.code, "kind": "quarter", "on": "2026-05-20"})
    report = Report.objects.get()
    assert (str(report.first), str(report.after), report.kind) == ("2026-04-01", "2026-07-01", "quarter")
    assert [line.pk for line in client.get(reverse("reports:monthly")).context["page"].others] == [report.pk]


# ── files that are ordered ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_drafts_workbook_is_ordered_made_and_marked_as_a_draft(client, manager, report) -> None:
    client.force_login(manager)
    client.post(reverse("reports:report_order", args=[report.pk]), {"paper": "workbook"})
    job = FileJob.objects.get()
    make_file(job.pk, now=MAY)
    job.refresh_from_db()
    assert job.state == FileState.READY
    assert job.file_name.endswith(".xlsx")
    assert Export.objects.get().rows == 1


def test_an_ordered_paper_of_a_signed_report_is_the_one_that_was_signed(manager, report) -> None:
    drafting.sign(report, by=manager, now=MAY)
    job = order_paper(report, Paper.BULLETIN, is_pdf=False, by=manager, now=MAY)
    make_file(job.pk, now=MAY)
    job.refresh_from_db()
    assert fetch_file(job, by=job.by, now=MAY) == report.files.get(paper="bulletin").bytes


def test_who_lost_the_post_meanwhile_gets_no_file(manager, report) -> None:
    job = order_paper(report, Paper.WORKBOOK, is_pdf=False, by=manager, now=MAY)
    manager.posts.update(ends_on="2026-04-30")
    make_file(job.pk, now=MAY)
    job.refresh_from_db()
    assert (job.state, job.content) == (FileState.FAILED, None)


def test_files_made_in_time_go_with_the_post_they_were_ordered_under(manager, report) -> None:
    paper = order_paper(report, Paper.WORKBOOK, is_pdf=False, by=manager, now=MAY)
    ledger = order_ledger(report.area, APRIL, by=manager, now=MAY)
    for job in (paper, ledger):
        make_file(job.pk, now=MAY)
        job.refresh_from_db()
        assert fetch_file(job, by=manager, now=MAY)
    manager.posts.update(ends_on="2026-04-30")
    for job in (paper, ledger):
        with pytest.raises(RefusedError):
            fetch_file(FileJob.objects.get(pk=job.pk), by=manager, now=MAY)


def test_who_moved_from_the_street_to_one_of_its_communities_gets_no_ledger_of_the_street(here) -> None:
    CaseFactory(grid=make_community(4).grid)
    street = here.community.parent
    supervisor = make_staff(Role.MANAGER, street)
    job = order_ledger(street, APRIL, by=supervisor, now=MAY)
    make_file(job.pk, now=MAY)
    job.refresh_from_db()
    supervisor.posts.update(area=here.community)
    with pytest.raises(RefusedError):
        fetch_file(FileJob.objects.get(pk=job.pk), by=supervisor, now=MAY)


def test_a_report_goes_to_paper_by_a_press_that_is_written_down_and_by_no_look(client, manager, report) -> None:
    client.force_login(manager)
    assert "data-print-now" not in page(client, "report_print", report.pk)
    assert not AuditEntry.objects.filter(verb="reports.printed").exists()
    assert "data-print-now" in press(client, "report_printed", report).content.decode()
    assert AuditEntry.objects.of_access().get(verb="reports.printed").actor == manager


def test_a_paper_that_does_not_exist_is_not_ordered(client, manager, report) -> None:
    client.force_login(manager)
    client.post(reverse("reports:report_order", args=[report.pk]), {"paper": "novel"})
    assert not FileJob.objects.exists()


def test_the_ledger_of_a_year_is_ordered_masked_and_without_minors(client, manager, here) -> None:
    CaseFactory(grid=here.grid, victim_name="麒麟孩子", victim_age=12)
    client.force_login(manager)
    client.post(reverse("reports:ledger_order"), {"area": here.community.code, "year": "2026"})
    job = FileJob.objects.get()
    make_file(job.pk, now=MAY)
    job.refresh_from_db()
    assert job.state == FileState.READY
    assert Export.objects.get().rows == 1
    assert client.post(reverse("reports:ledger_order"), {"area": "1", "year": "x"}).status_code == 400


def test_the_ledger_of_another_community_is_not_ordered(client, here) -> None:
    client.force_login(make_staff(Role.MANAGER, make_community(4).community))
    client.post(reverse("reports:ledger_order"), {"area": here.community.code, "year": "2026"})
    assert not FileJob.objects.exists()


def test_a_job_for_the_ledger_counts_what_its_owner_may_take(manager, here) -> None:
    abroad = make_community(4)
    CaseFactory(grid=abroad.grid)
    job = order_ledger(here.street, APRIL, by=manager, now=MAY)
    make_file(job.pk, now=MAY)
    assert Export.objects.get().rows == 1


# ── the command ───────────────────────────────────────────────────────────────────────────────────────────────────────


def export(tmp_path, name: str, **options) -> tuple[bytes, str]:
    out, path = StringIO(), tmp_path / name
    call_command("export_report", area="370105012003", month="2026-04", output=str(path), stdout=out, **options)
    return path.read_bytes(), out.getvalue()


def test_the_command_writes_what_was_signed_byte_for_byte(tmp_path, manager, report) -> None:
    drafting.sign(report, by=manager, now=MAY)
    content, said = export(tmp_path, "a.xlsx")
    assert content == report.files.get(paper="workbook").bytes
    assert "signed by" in said
    assert export(tmp_path, "a.docx")[0] == report.files.get(paper="bulletin").bytes


def test_the_command_writes_a_draft_where_nothing_is_signed_and_leaves_nothing_behind(
    tmp_path, here, report, manager
) -> None:
    services.write_words(report, {"steps": "逐户上门"}, by=manager, now=MAY)
    CaseFactory(grid=here.grid, reported_at=datetime(2026, 4, 9, tzinfo=UTC))
    content, said = export(tmp_path, "a.xlsx")
    assert content.startswith(b"PK")
    assert "draft" in said
    assert Report.objects.get().edited == {"steps": "逐户上门"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"output": "a.pdf"}, "must end in .xlsx"),
        ({"area": "999"}, "no community, street or district"),
        ({"area": "370105012003001"}, "no community, street or district"),
        ({"output": "/nowhere/at/all/a.xlsx"}, "No such file"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, here, options, words) -> None:
    chosen = {"area": "370105012003", "month": "2026-04", "output": str(tmp_path / "a.xlsx")} | options
    with pytest.raises(CommandError, match=words):
        call_command("export_report", **chosen)


def test_the_command_refuses_a_month_that_is_none(here) -> None:
    with pytest.raises(CommandError, match="is no month"):
        call_command("export_report", "--area", "370105012003", "--month", "2026-4x", "--output", "a.xlsx")


def test_what_was_typed_wrongly_for_a_report_or_a_ledger_is_still_there(client, manager, report) -> None:
    client.force_login(manager)
    typed = {"area": report.area.code, "kind": "half", "on": "30.2."}
    answer = client.post(reverse("reports:report_prepare"), typed)
    assert answer.status_code == 400
    assert 'value="30.2."' in answer.content.decode()
    assert answer.context["period_form"]["kind"].value() == "half"
    answer = client.post(reverse("reports:ledger_order"), {"area": report.area.code, "year": "20265"})
    assert answer.status_code == 400
    assert 'value="20265"' in answer.content.decode()
    assert not FileJob.objects.exists()


def test_a_reader_in_another_language_is_told_which_the_text_and_the_files_are_in(client, manager, report) -> None:
    drafting.sign(report, by=manager, now=MAY)
    before = [bytes(file.bytes) for file in report.files.order_by("paper")]
    manager.language = "en"
    manager.save()
    client.force_login(manager)
    said = page(client, "report", report.pk)
    assert "The text is in 简体中文" in said or "The text is in Simplified Chinese" in said or "The text is in " in said
    assert 'lang="zh-hans"' in said
    assert "byte for byte" in said
    client.get(reverse("reports:report_file", args=[report.pk, "bulletin"]))
    assert [bytes(file.bytes) for file in report.files.order_by("paper")] == before
