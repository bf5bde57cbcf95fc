"""A list of alerts from the police platform comes in as a file: through the intake, once, and can be taken back."""

import json
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import User
from alerts import services
from alerts.importers import AlertsKind
from alerts.models import Alert, IntakeMessage, Source
from alerts.policy import State
from alerts.services import Incoming
from alerts.tests.factories import NOON, SourceFactory, after, clock_of, make_scene
from residents.tests.factories import ResidentFactory
from sheets.models import Import
from sheets.models import State as FileState
from sheets.services import hand_in, move_on, plan_of, work_on
from sheets.tests.files import workbook

pytestmark = pytest.mark.django_db

HEADER = [
    "预警编号",
    "风险级别",
    "涉诈类型",
    "受害人姓名",
    "联系电话",
    "下发时间",
    "现住址",
    "所属网格",
    "涉案金额（万元）",
    "简要案情",
]
ROWS = [
    [
        "YJ-1",
        "高风险",
        "冒充公检法及政府机关",
        "王某",
        19900000017,
        datetime(2026, 4, 2, 11, 50),  # noqa: DTZ001 - a cell has no zone
        "3号楼2单元401",
        "第一网格",
        5,
        "正在转账",
    ],
    ["YJ-2", "中", "没听说过的类型", "李某", "199-0000-0018", "2026年4月2日11时55分", "", "第二网格", "", "点了链接"],
    ["YJ-3", "蓝色", "", "", "19900000019", "", "", "", "", ""],
]


@pytest.fixture
def scene():
    return make_scene(3)


def hand(content: bytes, scene, *, by: User | None = None, at=NOON) -> Import:
    sheet = hand_in(
        AlertsKind(),
        content=content,
        file_name="预警清单.xlsx",
        area_code=scene.place.community.code,
        options={},
        by=by or scene.officer,
        now=at,
    )
    work_on(sheet.pk, now=at)
    sheet.refresh_from_db()
    return sheet


def apply(sheet: Import, by: User, *, at=NOON) -> Import:
    move_on(sheet, to=FileState.APPLYING, by=by, now=at)
    work_on(sheet.pk, now=at)
    sheet.refresh_from_db()
    return sheet


def undo(sheet: Import, by: User, *, at=NOON) -> Import:
    move_on(sheet, to=FileState.UNDOING, by=by, now=at)
    work_on(sheet.pk, now=at)
    sheet.refresh_from_db()
    return sheet


def problems(rows, scene, *, header=HEADER, now=NOON) -> dict[str, str]:
    _table, plan = plan_of(
        AlertsKind(), workbook(header, *rows), area_code=scene.place.community.code, options={}, now=now
    )
    return {problem.cell: problem.code for problem in plan.problems}


def test_a_list_is_looked_through_then_each_row_begins_an_alert_with_its_clock(scene):
    sheet = hand(workbook(["预警清单"], HEADER, *ROWS), scene)
    assert sheet.state == FileState.PREVIEW, sheet.message
    assert (sheet.counts["new"], sheet.counts["errors"]) == (3, 0)
    assert not Alert.objects.exists()
    apply(sheet, scene.officer, at=after(minutes=2))
    first, second, third = Alert.objects.order_by("pk")
    assert (first.level, second.level, third.level) == ("high", "medium", "low")
    assert (first.subject_name, first.subject_phone, first.amount_at_risk) == ("王某", "19900000017", 50000)
    assert first.fraud_type.code == "impersonating_authority"
    assert second.fraud_type_said == "没听说过的类型"
    assert (first.grid, second.grid.name, third.grid) == (scene.grid, "第2网格", None)
    assert third.area_code == scene.place.community.code
    assert (first.received_at, first.source.code) == (after(minutes=2), "file")
    assert first.warned_at == after(minutes=-10)
    assert clock_of(first, "dispatch").due_at == after(minutes=7)


def test_a_csv_file_in_gb18030_is_read(scene):
    lines = "风险等级,姓名,电话,预警时间,地址\n高,王某,19900000017,2026/4/2 11:50,3号楼\n"
    sheet = apply(hand(lines.encode("gb18030"), scene), scene.officer)
    assert sheet.state == FileState.APPLIED
    assert Alert.objects.get().subject_name == "王某"


def test_the_same_file_again_begins_nothing(scene):
    content = workbook(HEADER, *ROWS)
    apply(hand(content, scene), scene.officer)
    again = hand(content, scene, at=after(hours=1))
    assert (again.counts["new"], again.counts["same"]) == (0, 3)


def test_rows_without_a_number_are_known_by_what_they_say(scene):
    header = ["风险等级", "电话", "预警内容"]
    rows = [["高", "19900000017", "转账"], ["高", "19900000018", "转账"]]
    apply(hand(workbook(header, *rows), scene), scene.officer)
    again = hand(workbook(header, rows[1], ["低", "19900000019", "别的"]), scene)
    assert (again.counts["new"], again.counts["same"]) == (1, 1)


def test_a_number_that_came_over_the_interface_is_left_out(scene):
    services.receive_one(SourceFactory(), Incoming("YJ-1", "high", phone="19900000017"), now=NOON)
    sheet = hand(workbook(HEADER, *ROWS), scene)
    assert (sheet.counts["new"], sheet.counts["same"]) == (2, 1)
    assert any("1" in notice for notice in sheet.notices)


def test_a_row_about_somebody_with_an_open_alert_joins_it(scene):
    open_one = scene.alert(phone="19900000017", name="王某")
    sheet = apply(hand(workbook(HEADER, ROWS[0]), scene), scene.officer)
    assert Alert.objects.get() == open_one
    assert undo(sheet, scene.officer).message.count("#") == 1
    open_one.refresh_from_db()
    assert open_one.is_open


def test_a_resident_is_found_by_the_phone(scene):
    resident = ResidentFactory(grid=scene.place.grids[1], name="王某", phone="19900000017")
    apply(hand(workbook(HEADER, ROWS[0]), scene), scene.officer)
    assert Alert.objects.get().resident == resident


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (1, "", "missing"),
        (1, "很高", "level"),
        (4, "没有电话", "phone"),
        (4, 199000000171234567, "digits_lost"),
        (5, "昨天", "not_a_date"),
        (5, "2026-04-02 25:00", "no_such_time"),
        (5, "2027-04-02 11:00", "future"),
        (8, "很多", "not_an_amount"),
        (8, -1, "negative"),
        (3, "王" * 61, "too_long"),
        (6, "路" * 201, "too_long"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_wrong(scene, column, value, code):
    row = list(ROWS[0])
    row[column] = value
    assert problems([row], scene) == {f"{'ABCDEFGHIJ'[column]}2": code}


def test_a_row_about_nobody_and_a_number_used_twice_are_wrong(scene):
    nobody = ["YJ-9", "高", "", "", "", "", "", "", "", ""]
    other = ["YJ-1", "低", "", "赵某", "19900000020", "", "", "", "", ""]
    assert problems([nobody, ROWS[0], other], scene) == {"D2": "nobody", "A4": "twice"}


def test_a_formula_is_asked_to_be_written_down(scene):
    row = list(ROWS[0])
    row[1] = '="高"'
    assert problems([row], scene) == {"B2": "formula"}


def test_a_number_of_an_earlier_list_with_other_contents_is_wrong(scene):
    apply(hand(workbook(HEADER, ROWS[0]), scene), scene.officer)
    changed = list(ROWS[0])
    changed[9] = "别的"
    assert problems([changed], scene) == {"A2": "conflict"}


def test_a_list_without_levels_or_of_too_many_rows_is_refused_whole(scene):
    assert hand(workbook(["姓名", "电话"], ["王某", "19900000017"]), scene).state == FileState.REFUSED
    many = workbook(["风险等级", "电话"], *(["低", str(19900000000 + number)] for number in range(2001)))
    assert hand(many, scene).header["code"] == "too_many"


def test_old_rows_and_unknown_grids_are_said_before_anybody_applies(scene):
    row = list(ROWS[0])
    row[5], row[7] = "2026-03-01 08:00", "不存在的网格"
    sheet = hand(workbook(HEADER, row), scene)
    assert len(sheet.notices) == 2
    assert "不存在的网格" in sheet.notices[0]


def test_taking_a_list_back_voids_what_nobody_has_touched_and_names_the_rest(scene):
    sheet = apply(hand(workbook(HEADER, *ROWS), scene), scene.officer)
    first, second, third = Alert.objects.order_by("pk")
    services.dispatch_alert(first, by=scene.officer, now=NOON)
    services.reveal_contact(second, by=scene.officer, now=NOON)
    undo(sheet, scene.officer, at=after(minutes=1))
    assert sheet.state == FileState.UNDONE
    assert f"#{first.pk}" in sheet.message
    assert f"#{second.pk}" in sheet.message
    assert f"#{third.pk}" not in sheet.message
    states = dict(Alert.objects.values_list("pk", "state"))
    assert states == {first.pk: State.DISPATCHED, second.pk: State.RECEIVED, third.pk: State.VOIDED}


def test_what_was_taken_back_can_be_brought_in_again(scene):
    content = workbook(HEADER, ROWS[2])
    undo(apply(hand(content, scene), scene.officer), scene.officer)
    assert not IntakeMessage.objects.exists()
    apply(hand(content, scene, at=after(minutes=5)), scene.officer, at=after(minutes=5))
    assert sorted(Alert.objects.values_list("state", flat=True)) == [State.RECEIVED, State.VOIDED]


def test_an_alert_that_the_clock_took_to_its_grid_is_not_taken_back(scene):
    sheet = apply(hand(workbook(HEADER, ROWS[0]), scene), scene.officer)
    undo(sheet, scene.officer, at=after(minutes=6))
    assert Alert.objects.get().state != State.VOIDED
    assert "#" in sheet.message


# ── pages and the command ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_duty_officer_goes_the_whole_way_on_the_pages(client, scene, tmp_path):
    client.force_login(scene.officer)
    page = client.get(reverse("sheets:history", args=["alerts"]))
    assert page.status_code == 200
    file = tmp_path / "预警.xlsx"
    file.write_bytes(workbook(HEADER, *ROWS, ["YJ-4", "?", "", "赵某", "", "", "", "", "", ""]))
    with file.open("rb") as opened:
        answer = client.post(
            reverse("sheets:history", args=["alerts"]), {"file": opened, "area": scene.place.community.code}
        )
    sheet = Import.objects.get()
    assert answer.url == reverse("sheets:detail", args=[sheet.pk])
    work_on(sheet.pk, now=database_now())
    assert "B5" in client.get(answer.url).content.decode()
    assert client.get(reverse("sheets:errors", args=[sheet.pk]))["Content-Type"].endswith("sheet")
    client.post(reverse("sheets:apply", args=[sheet.pk]))
    work_on(sheet.pk, now=database_now())
    assert Alert.objects.count() == 3
    assert client.get(reverse("sheets:template", args=["alerts"])).status_code == 200


def test_who_watches_no_desk_brings_nothing_in(client, scene):
    client.force_login(scene.first)
    assert client.get(reverse("sheets:history", args=["alerts"])).status_code == 403
    sheet = hand(workbook(HEADER, *ROWS), scene)
    assert client.post(reverse("sheets:apply", args=[sheet.pk])).status_code == 404
    client.force_login(make_scene(4).officer)
    assert client.get(reverse("sheets:detail", args=[sheet.pk])).status_code == 404


def test_the_template_is_read_back_without_a_fault(client, scene):
    client.force_login(scene.officer)
    content = client.get(reverse("sheets:template", args=["alerts"])).content
    sheet = hand(content, scene)
    assert sheet.state == FileState.PREVIEW
    assert sheet.counts["errors"] == 0


def run(tmp_path, content: bytes, scene, *options: str) -> tuple[str, bool]:
    file = tmp_path / "list.xlsx"
    file.write_bytes(content)
    out = StringIO()
    try:
        call_command("import_alerts", str(file), "--area", scene.place.community.code, *options, stdout=out)
    except CommandError:
        return out.getvalue(), False
    return out.getvalue(), True


def test_the_command_prints_what_import_residents_prints(scene, tmp_path):
    content = workbook(HEADER, *ROWS, ["YJ-4", "?", "", "赵某", "", "", "", "", "", ""])
    said, _ok = run(tmp_path, content, scene, "--dry-run", "--json")
    outcome = json.loads(said)
    assert {name: outcome[name] for name in ("rows", "new", "changed", "same", "conflicts")} == {
        "rows": 4, "new": 3, "changed": 0, "same": 0, "conflicts": 0,
    }  # fmt: skip
    assert [(error["cell"], error["code"]) for error in outcome["errors"]] == [("B5", "level")]
    assert not Alert.objects.exists()
    run(tmp_path, content, scene, "--json")
    assert Alert.objects.count() == 3
    assert json.loads(run(tmp_path, content, scene, "--json")[0])["same"] == 3
    refused, ok = run(tmp_path, b"PK\x03\x04 no workbook", scene, "--json")
    assert not ok
    assert json.loads(refused)["errors"][0]["code"]


def test_the_source_of_lists_is_there():
    assert str(Source.objects.get(code="file"))
