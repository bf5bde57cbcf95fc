"""The ledger that the office already has: every sheet read, held against what is known, written, taken back."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from accounts.clock import LOCAL_TZ
from accounts.roles import Role
from cases.columns import APPROACH_WORDS, MONEY
from cases.exports import EXPORTED, ledger_workbook
from cases.importers import CasesKind
from cases.models import Case
from cases.policy import Approach, Status
from cases.tests.factories import CaseFactory
from knowledge.models import FraudType, FraudTypeAlias
from residents.models import Resident
from residents.policy import Group, Residence
from residents.tests.factories import ResidentFactory, make_community, make_staff
from sheets.models import Conflict, Import, State
from sheets.policy import Plan, Settling
from sheets.reading import FileRefusedError
from sheets.services import hand_in, move_on, plan_of, settle, work_on
from sheets.tests.files import workbook

NOW = datetime(2026, 5, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 5, 2)
KIND = CasesKind()
XIYUAN = Path(__file__).with_name("ledger-xiyuan.xlsx")
HEAD = ["序号", "报案时间", "受害人", "诈骗类型", "涉案金额（元）", "备注"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community(3, grids=4)


@pytest.fixture
def manager(place):
    return make_staff(Role.MANAGER, place.community)


def row(at="2026-04-02 12:00", *, who="王秀英", kind="刷单返利", lost=8000, note="") -> list:
    return [1, at, who, kind, lost, note]


def plan_file(place, content: bytes) -> Plan:
    return plan_of(KIND, content, area_code=place.community.code, options={}, now=NOW)[1]


def plan(place, *rows, head=HEAD) -> Plan:
    return plan_file(place, workbook(head, *rows))


def said(place, *rows, head=HEAD) -> list[tuple[str, str]]:
    """What is wrong in these rows: cell and code."""
    return [(problem.cell, problem.code) for problem in plan(place, *rows, head=head).problems]


def bring_in(place, by, content: bytes) -> Import:
    """Hand in, read and apply, as the pages do."""
    sheet = hand_in(
        KIND, content=content, file_name="台账.xlsx", area_code=place.community.code, options={}, by=by, now=NOW
    )
    work_on(sheet.pk, now=NOW)
    sheet.refresh_from_db()
    if sheet.state == State.PREVIEW:
        move_on(sheet, to=State.APPLYING, by=by, now=NOW)
        work_on(sheet.pk, now=NOW)
        sheet.refresh_from_db()
    return sheet


def undo(sheet: Import, by) -> Import:
    move_on(sheet, to=State.UNDOING, by=by, now=NOW)
    work_on(sheet.pk, now=NOW)
    sheet.refresh_from_db()
    return sheet


# ── the office's own file ─────────────────────────────────────────────────────────────────────────────────────────────


def run(*words: str) -> dict:
    out = io.StringIO()
    call_command("import_cases", str(XIYUAN), "--area", "370105012003", "--json", *words, stdout=out)
    return json.loads(out.getvalue())


def test_both_years_of_the_offices_ledger_come_in_and_a_dry_run_writes_nothing(place) -> None:
    expected = {"rows": 43, "new": 43, "changed": 0, "same": 0, "conflicts": 0, "errors": []}
    assert run("--dry-run") == expected
    assert not Case.objects.exists()
    assert run() == expected


def test_applied_twice_the_second_finds_all_the_same(place) -> None:
    run()
    assert run() == {"rows": 43, "new": 0, "changed": 0, "same": 43, "conflicts": 0, "errors": []}
    assert Case.objects.count() == 43


def test_the_sums_of_the_offices_ledger_are_those_of_its_own_total_rows(place) -> None:
    run()
    for year, number, lost, prevented in ((2025, 20, 512_000, 126_000), (2026, 23, 587_000, 213_000)):
        cases = Case.objects.between(date(year, 2, 1), date(year, 5, 1))
        assert cases.count() == number
        assert cases.aggregate(lost=Sum("amount_lost"), kept=Sum("amount_prevented")) == {
            "lost": Decimal(lost),
            "kept": Decimal(prevented),
        }


def test_its_total_rows_agree_so_nothing_is_noticed(place) -> None:
    assert plan_file(place, XIYUAN.read_bytes()).notices == []


def test_one_case_of_the_offices_ledger_is_read_to_the_minute_and_to_the_fen(place) -> None:
    run()
    case = Case.objects.get(victim_name="孙霞")
    assert case.occurred_at == datetime(2026, 3, 16, 12, 1, tzinfo=LOCAL_TZ)
    assert case.reported_at == datetime(2026, 3, 17, 1, 1, tzinfo=LOCAL_TZ)
    assert case.warned_at == datetime(2026, 3, 16, 11, 31, tzinfo=LOCAL_TZ)
    assert (case.amount_lost, case.amount_returned) == (Decimal("43200.00"), Decimal("14400.00"))
    assert (case.victim_age, case.victim_sex, case.victim_occupation) == (64, "female", "退休")
    assert (case.fraud_type.code, case.approach, case.was_warned) == ("fake_loan", Approach.VIDEO, True)
    assert case.grid == place.grids[0]
    assert case.area_code == place.grids[0].code


def test_what_the_office_calls_elder_fraud_is_that_type_and_has_the_flag(place) -> None:
    run()
    elder = Case.objects.filter(fraud_type__code="elder")
    assert elder.count() == Case.objects.filter(is_elder_fraud=True).count() == 18


def test_a_file_that_is_no_ledger_fails_the_command_in_words(tmp_path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="No row names the columns"):
        call_command("import_cases", str(file), "--area", "370105012003", stdout=io.StringIO())


# ── sheets ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def book(**sheets: list[list]) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_a_wrong_cell_is_named_with_its_sheet_where_there_are_several(place) -> None:
    content = book(一月=[HEAD, row()], 二月=[["二月台账"], HEAD, row("2026-04-03 12:00", kind="没听说过")])
    (problem,) = plan_file(place, content).problems
    assert (problem.cell, problem.sheet, problem.row, problem.code) == ("二月!D3", "二月", 3, "unknown_type")


def test_a_wrong_cell_is_named_plainly_where_there_is_one_sheet(place) -> None:
    assert said(place, row(kind="没听说过")) == [("D2", "unknown_type")]


def test_a_sheet_without_the_columns_of_a_ledger_is_passed_over_and_named(place) -> None:
    content = book(台账=[HEAD, row()], 分析=[["网格", "年龄"], ["第一网格", 3]], 说明=[["填写说明"]])
    found = plan_file(place, content)
    assert found.counts["new"] == 1
    assert found.notices == ["Not read, because the columns of a ledger are missing: 分析、说明."]


def test_the_same_case_on_two_sheets_is_one_and_the_second_is_named(place) -> None:
    (problem,) = plan_file(place, book(甲=[HEAD, row()], 乙=[HEAD, row()])).problems
    assert (problem.cell, problem.code) == ("乙!B2", "twice")
    assert "row 甲!2" in problem.message


def test_errors_are_marked_on_the_sheet_they_are_on(client, place, manager) -> None:
    sheet = bring_in(place, manager, book(甲=[HEAD, row(kind="谜")], 乙=[HEAD, row(lost="很多")]))
    client.force_login(manager)
    answer = client.get(f"/imports/{sheet.pk}/errors/")
    marked = load_workbook(io.BytesIO(answer.content))
    assert marked.sheetnames == ["甲", "乙"]
    assert marked["甲"].cell(1, 7).value == "错误原因"
    assert marked["甲"].cell(2, 7).value.startswith("甲!D2 ")
    assert marked["乙"].cell(2, 7).value.startswith("乙!E2 ")
    assert marked["乙"]["E2"].fill.fgColor.rgb == "00FDE2E2"


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("heading", "cell", "yuan"),
    [
        ("涉案金额（万元）", 1.8, "18000"),
        ("损失金额(万元)", 0.14, "1400"),
        ("涉案金额", 18000, "18000"),
        ("涉案金额（元）", "18,000.50", "18000.50"),
        ("涉案金额（元）", "1.8万", "18000"),
        ("涉案金额（万元）", "18000元", "18000"),
        ("被骗金额（万元）", 0.1 + 0.2, "3000"),
        ("涉案金额（万元）", "１.８", "18000"),
    ],
)
def test_an_amount_is_exact_whatever_its_unit(place, manager, heading, cell, yuan) -> None:
    head = [heading if "涉案金额" in one else one for one in HEAD]
    bring_in(place, manager, workbook(head, row(lost=cell)))
    assert Case.objects.get().amount_lost == Decimal(yuan)


@pytest.mark.parametrize(("cell", "code"), [("很多", "not_an_amount"), (-5, "negative"), ("-5", "negative")])
def test_what_is_no_amount_is_refused_at_its_cell(place, cell, code) -> None:
    assert said(place, row(lost=cell)) == [("E2", code)]


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2026, 4, 2, 21, 57),  # noqa: DTZ001 - a cell has no zone
        "2026-04-02 21:57",
        "2026/4/2 21:57",
        "2026.4.2 21：57",
        "2026年4月2日21时57分",
        "2026年4月2日 21点57分",
        "20260402 21:57",
        46114.914583333,
    ],
)
def test_a_moment_is_read_however_offices_write_it(place, manager, cell) -> None:
    bring_in(place, manager, workbook(HEAD, row(cell)))
    assert Case.objects.get().reported_at == datetime(2026, 4, 2, 21, 57, tzinfo=LOCAL_TZ)


def test_a_day_alone_is_its_midnight(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row("2026.4.2")))
    assert Case.objects.get().reported_at == datetime(2026, 4, 2, tzinfo=LOCAL_TZ)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("4月2日", "not_a_date"),
        ("2026-02-30 10:00", "no_such_day"),
        ("2026-04-02 25:00", "no_such_time"),
        ("0001-01-01", "no_such_day"),
    ],
)
def test_what_is_no_moment_is_refused_at_its_cell(place, cell, code) -> None:
    assert said(place, row(cell)) == [("B2", code)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("刷单返利", "brushing_rebate"),
        ("刷单返利类诈骗", "brushing_rebate"),
        ("虚假投资理财", "fake_investment"),
        ("冒充公检法", "impersonating_authority"),
        ("网络游戏虚假交易", "game_trade"),
        ("冒充客服", "fake_customer_service"),
        ("保健品", "health_products"),
        ("养老诈骗", "elder"),
        ("Fake loan", "fake_loan"),
        ("posing_as_child", "posing_as_child"),
    ],
)
def test_a_type_is_known_by_its_name_its_code_and_its_other_names(place, manager, words, code) -> None:
    bring_in(place, manager, workbook(HEAD, row(kind=words)))
    assert Case.objects.get().fraud_type.code == code


def test_a_type_that_the_office_names_itself_is_known_from_then_on(place) -> None:
    assert said(place, row(kind="跑分")) == [("D2", "unknown_type")]
    FraudTypeAlias.objects.create(fraud_type=FraudType.objects.get(code="other"), name="跑分")
    assert said(place, row(kind="跑分")) == []


def test_an_unknown_type_names_the_nearest(place) -> None:
    (problem,) = plan(place, row(kind="虚假贷欵")).problems
    assert "The nearest is Fake loan." in problem.message


def test_an_unknown_grid_is_named_at_its_cell(place) -> None:
    assert said(place, [*row(), "第九网格"], head=[*HEAD, "所属网格"]) == [("G2", "unknown_grid")]


def test_a_case_without_report_or_type_is_refused_at_these_cells(place) -> None:
    assert said(place, row(at="", kind="")) == [("B2", "no_report"), ("D2", "no_type")]


@pytest.mark.parametrize(
    ("columns", "cells", "wrong"),
    [
        (["发案时间"], ["2026-04-02 13:00"], ("G2", "after_report")),
        (["发案时间"], ["2026-05-02 13:00"], ("G2", "in_future")),
        (["立案日期"], ["2026-04-01"], ("G2", "before_report")),
        (["追回金额（万元）"], [0.81], ("G2", "more_than_lost")),
        (["止付金额"], [8001], ("G2", "more_than_lost")),
    ],
)
def test_what_cannot_be_is_refused_at_its_cell(place, columns, cells, wrong) -> None:
    assert said(place, [*row(), *cells], head=[*HEAD, *columns]) == [wrong]


def test_a_loss_above_a_million_is_asked_for_again_in_the_note(place) -> None:
    head = [*HEAD[:4], "涉案金额（万元）", "备注"]
    assert said(place, row(lost=100), head=head) == []
    (problem,) = plan(place, row(lost=1200), head=head).problems
    assert (problem.cell, problem.code) == ("E2", "large_loss")
    assert "12,000,000 yuan is more than a million" in problem.message
    assert "已核实" in problem.message
    assert said(place, row(lost=1200, note="银行流水已核实"), head=head) == []


def test_a_total_that_its_rows_do_not_reach_is_told_with_its_cell(place) -> None:
    content = workbook(HEAD, row(), row("2026-04-03 12:00", lost=500), ["合计", None, None, None, 9000, None])
    assert plan_file(place, content).notices == [
        "E4: the total of “涉案金额（元）” says 9,000 yuan, the rows add up to 8,500 yuan."
    ]


def test_a_total_that_computes_is_not_held_against_its_rows(place) -> None:
    assert plan_file(place, workbook(HEAD, row(), ["合计", None, None, None, "=SUM(E2:E2)", None])).notices == []


# ── which case is meant ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_that_says_more_changes_the_case_and_shows_old_and_new(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row()))
    (item,) = plan(place, row(lost=9000, note="已退回")).items
    assert item.verdict == "changed"
    assert [(change.label, change.old, change.new) for change in item.changes] == [
        ("lost (yuan)", "8,000 yuan", "9,000 yuan"),
        ("note", "–", "已退回"),
    ]


def test_what_is_kept_of_a_minor_is_shown_to_those_alone_who_may_see_minors(place, manager) -> None:
    CaseFactory(grid=place.grid, victim_name="赵小宝", victim_age=9, number="A37", amount_lost=8000)
    head = ["序号", "警情编号", "报案时间", "受害人", "诈骗类型", "涉案金额（元）"]
    content = workbook(head, [1, "A37", "2026-04-02 12:00", "赵小宝", "刷单返利", 9000])
    options = {"area_code": place.community.code, "options": {}, "by": manager, "now": NOW}
    sheet = hand_in(KIND, content=content, file_name="台账.xlsx", **options)
    work_on(sheet.pk, now=NOW)
    liaison = make_staff(Role.POLICE_LIAISON, place.community)
    pages = {}
    for who in (manager, liaison):
        client = Client()
        client.force_login(who)
        pages[who] = client.get(reverse("sheets:detail", args=[sheet.pk])).content.decode()
    assert "8,000 yuan" in pages[manager]
    assert "赵小宝" in pages[manager]
    assert "8,000 yuan" not in pages[liaison]
    assert "赵小宝" not in pages[liaison]
    assert "About a minor" in pages[liaison]


def test_an_empty_cell_leaves_what_is_known_and_one_that_says_so_empties_it(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row(note="旧")))
    assert plan(place, row()).counts["same"] == 1
    bring_in(place, manager, workbook(HEAD, row(note="清空")))
    assert Case.objects.get().note == ""


def test_the_number_of_the_police_tells_a_case_whose_time_was_mended(place, manager) -> None:
    head = [*HEAD, "警情编号"]
    bring_in(place, manager, workbook(head, [*row(), "A1"]))
    assert plan(place, [*row("2026-04-02 13:00"), "A1"], head=head).counts["changed"] == 1


def test_a_number_that_is_another_victims_is_parked(place, manager) -> None:
    head = [*HEAD, "警情编号"]
    bring_in(place, manager, workbook(head, [*row(), "A1"]))
    (item,) = plan(place, [*row(who="张伟"), "A1"], head=head).items
    assert (item.verdict, item.code) == ("conflict", "other_victim")


def test_the_same_victim_on_the_same_day_is_parked_and_settled_by_a_person(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row()))
    case = Case.objects.get()
    bring_in(place, manager, workbook(HEAD, row("2026-04-02 15:00", lost=9000)))
    conflict = Conflict.objects.get()
    assert conflict.code == "same_day"
    (here, there) = KIND.sides(conflict.content, user=manager, on=TODAY)
    assert (here.key, there.key, there.is_open) == ("", str(case.pk), True)
    assert there.differs == {"reported at", "lost (yuan)"}
    settle(conflict, Settling.SAME, other=str(case.pk), by=manager, now=NOW)
    case.refresh_from_db()
    assert case.amount_lost == 9000
    assert Case.objects.count() == 1


def test_a_parked_row_may_be_a_case_of_its_own(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row()))
    bring_in(place, manager, workbook(HEAD, row("2026-04-02 15:00")))
    settle(Conflict.objects.get(), Settling.NEW, other="", by=manager, now=NOW)
    assert Case.objects.count() == 2


def test_a_parked_row_shows_a_case_of_elsewhere_masked_and_shut(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row()))
    bring_in(place, manager, workbook(HEAD, row("2026-04-02 15:00")))
    stranger = make_staff(Role.MANAGER, make_community(4).community)
    (_here, there) = KIND.sides(Conflict.objects.get().content, user=stranger, on=TODAY)
    assert not there.is_open
    assert there.facts == [("victim", "王**")]


def test_a_case_is_never_withdrawn_by_a_cell(place, manager) -> None:
    head = [*HEAD, "案件状态"]
    bring_in(place, manager, workbook(head, [*row(), "已立案"]))
    assert Case.objects.get().status == Status.FILED
    assert said(place, [*row(), "已撤销"], head=head) == [("G2", "withdrawn")]


# ── victims ───────────────────────────────────────────────────────────────────────────────────────────────────────────

VICTIM = [*HEAD, "所属网格", "性别", "年龄"]


def test_a_victim_whom_exactly_one_of_the_roster_fits_is_that_resident(place, manager) -> None:
    mine = ResidentFactory(
        name="王秀英", grid=place.grids[1], sex="female", birth_on=date(1957, 6, 1), occupation="退休"
    )
    ResidentFactory(name="王秀英", grid=place.grids[0], sex="female", birth_on=date(1957, 6, 1))
    bring_in(place, manager, workbook(VICTIM, [*row(), "第2网格", "女", 69]))  # 68, as the office counts
    case = Case.objects.get()
    assert case.resident == mine
    assert (case.victim_age, case.victim_occupation) == (69, "退休")


@pytest.mark.parametrize("cells", [["第1网格", "女", 68], ["第2网格", "男", 68], ["第2网格", "女", 40]])
def test_a_victim_of_another_grid_sex_or_age_is_nobody_of_the_roster(place, manager, cells) -> None:
    ResidentFactory(name="王秀英", grid=place.grids[1], sex="female", birth_on=date(1957, 6, 1))
    bring_in(place, manager, workbook(VICTIM, [*row(), *cells]))
    assert Case.objects.get().resident is None


def test_two_who_fit_are_nobody(place, manager) -> None:
    for _number in range(2):
        ResidentFactory(name="王秀英", grid=place.grids[1])
    bring_in(place, manager, workbook(HEAD, row()))
    assert Case.objects.get().resident is None


def test_a_victim_who_came_onto_the_roster_later_changes_nothing(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row()))
    ResidentFactory(name="王秀英", grid=place.grids[1])
    assert plan(place, row()).counts["same"] == 1


# ── undo ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_import_is_undone_new_cases_go_and_changed_ones_are_as_before(place, manager) -> None:
    bring_in(place, manager, workbook(HEAD, row()))
    before = Case.objects.values().get()
    again = bring_in(place, manager, workbook(HEAD, row(lost=9000), row("2026-04-09 12:00")))
    assert Case.objects.count() == 2
    sheet = undo(again, manager)
    assert sheet.state == State.UNDONE
    after = Case.objects.values().get()
    encrypted = {"victim_phone"}
    assert {key: value for key, value in after.items() if key not in encrypted} == {
        key: value for key, value in before.items() if key not in encrypted
    }


def test_what_somebody_corrected_since_is_left_and_named_masked(place, manager) -> None:
    sheet = bring_in(place, manager, workbook(HEAD, row()))
    Case.objects.update(note="更正", changed_at=NOW + timedelta(minutes=1))
    assert "王**" in undo(sheet, manager).message
    assert Case.objects.count() == 1


# ── the round trip ────────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=12).filter(
    lambda text: text != "清空" and "*" not in text
)
AMOUNTS = st.decimals(0, 10**9, places=2)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2026, 3, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
CASES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(list(Status)),
        "reported_at": MOMENTS,
        "before": st.none() | st.integers(0, 10**7),
        "filed": st.none() | st.integers(0, 30),
        "warned_at": st.none() | MOMENTS,
        "was_warned": st.none() | st.booleans(),
        "kind": st.sampled_from(["elder", "health_products", "brushing_rebate", "posing_as_child", "other"]),
        "is_elder_fraud": st.booleans(),
        "approach": st.sampled_from(["", *Approach]),
        "amount_lost": AMOUNTS,
        "share": st.decimals(0, 1, places=2),
        "amount_prevented": AMOUNTS,
        "victim_name": st.text("王李张刘秀英伟", min_size=1, max_size=4),
        "victim_phone": st.sampled_from(["", "19900000017", "19900000018"]),
        "victim_sex": st.sampled_from(["", "female", "male"]),
        "victim_age": st.none() | st.integers(0, 110),
        "victim_group": st.sampled_from(["", *Group]),
        "victim_residence": st.sampled_from(["", *Residence]),
        "grid": st.none() | st.integers(0, 3),
        "number": st.sampled_from(["", "A3701", "00123"]),
        "note": TEXTS,
        "story": TEXTS,
        "victim_occupation": TEXTS,
    }
)


def make(place, said: dict, number: int) -> Case:
    fields = dict(said)
    before, filed, share, kind, grid = (fields.pop(name) for name in ("before", "filed", "share", "kind", "grid"))
    reported = fields["reported_at"]
    returned = (fields["amount_lost"] * share).quantize(Decimal("0.01"))
    return CaseFactory(
        **fields,
        occurred_at=reported - timedelta(seconds=before) if before is not None else None,
        filed_on=reported.astimezone(LOCAL_TZ).date() + timedelta(days=filed) if filed is not None else None,
        fraud_type=FraudType.objects.get(code=kind),
        amount_returned=returned,
        amount_frozen=returned,
        community=place.community,
        grid=place.grids[grid] if grid is not None else None,
    )


@pytest.mark.parametrize("is_whole", [True, False])
@given(data=st.lists(CASES, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exported_and_imported_again_nothing_changes(place, is_whole, data) -> None:
    Case.objects.all().delete()
    for number, fields in enumerate(data):
        make(place, fields, number)
    content = ledger_workbook(Case.objects.all(), is_whole=is_whole, mark="导出")
    found = plan_file(place, content)
    assert [(problem.cell, problem.message) for problem in found.problems] == []
    assert [(item.verdict, item.changes) for item in found.items] == []
    assert found.same == len(data)


def test_what_is_edited_in_the_export_comes_back_for_that_case(place) -> None:
    case = CaseFactory(grid=place.grid, victim_phone="19900000017")
    edited = load_workbook(io.BytesIO(ledger_workbook(Case.objects.all(), is_whole=False, mark="")))
    edited.active.cell(3, len(EXPORTED)).value = "已退回"
    stream = io.BytesIO()
    edited.save(stream)
    (item,) = plan_file(place, stream.getvalue()).items
    assert (item.verdict, item.who) == ("changed", case.victim_name)
    assert [change.new for change in item.changes] == ["已退回"]


def test_a_masked_name_without_a_system_number_is_refused(place) -> None:
    assert said(place, row(who="王**")) == [("C2", "masked")]


def test_amounts_leave_as_numbers_in_yuan_and_a_name_that_computes_as_text(place) -> None:
    CaseFactory(grid=place.grid, amount_lost=Decimal("12000.50"), victim_name="=1+1")
    sheet = load_workbook(io.BytesIO(ledger_workbook(Case.objects.all(), is_whole=True, mark=""))).active
    labels = {cell.value: cell.column for cell in sheet[2]}
    assert sheet.cell(3, labels["涉案金额（元）"]).value == 12000.5
    assert (sheet.cell(3, labels["受害人"]).value, sheet.cell(3, labels["受害人"]).data_type) == ("=1+1", "s")


def test_every_way_of_contact_and_every_amount_has_its_column() -> None:
    assert set(APPROACH_WORDS) == set(Approach)
    assert set(MONEY) <= {column.key for column in EXPORTED}


def test_a_ledger_for_an_area_that_is_none_is_refused(place) -> None:
    with pytest.raises(FileRefusedError, match="There is no community or grid"):
        plan_of(KIND, workbook(HEAD, row()), area_code="1", options={}, now=NOW)


def test_a_grid_may_have_a_ledger_of_its_own(place, manager) -> None:
    found = plan_of(KIND, workbook(HEAD, row()), area_code=place.grid.code, options={}, now=NOW)[1]
    KIND.write(found, by=manager, now=NOW)
    case = Case.objects.get()
    assert (case.community, case.grid) == (place.community, place.grid)


def test_reading_asks_a_fixed_number_of_questions(place, manager, django_assert_max_num_queries) -> None:
    rows = [row(f"2026-04-{day:02d} {hour:02d}:00", who=f"王{day}{hour}") for day in range(1, 29) for hour in range(8)]
    few, many = workbook(HEAD, *rows[:5]), workbook(HEAD, *rows)
    for content in (few, many):
        with django_assert_max_num_queries(9):
            plan_file(place, content)
    assert Resident.objects.count() == 0
