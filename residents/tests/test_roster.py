"""The roster that the office already has: read, held against what is known, written, taken back."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import AuditEntry
from accounts.roles import Role
from residents.access import scope_codes
from residents.exports import roster_workbook
from residents.importers import RosterKind
from residents.models import Area, AreaAlias, FamilyContact, Household, Level, Resident, Visit
from residents.policy import Group, Residence
from residents.tests.factories import ResidentFactory, make_community, make_staff
from sheets.models import Conflict, Import, State
from sheets.policy import Plan, Settling
from sheets.reading import FileRefusedError
from sheets.services import SheetsError, hand_in, move_on, plan_of, settle, work_on
from sheets.tests.files import workbook

NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 4, 2)
KIND = RosterKind()
HEAD = ["序号", "网格", "楼栋单元房号", "姓名", "身份证号", "联系电话", "人员类别", "备注"]
NUMBER, OTHER_NUMBER = "999999195001010018", "999999196709030318"
XIYUAN = Path(__file__).with_name("roster-xiyuan.xlsx")

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


def row(name="王秀英", *, grid="第1网格", door="3号楼2单元401", number="", phone="", kind="", note="") -> list:
    return [1, grid, door, name, number, phone, kind, note]


def plan(place, *rows, **options) -> Plan:
    content = workbook(HEAD, *rows)
    return plan_of(KIND, content, area_code=place.community.code, options=options, now=NOW)[1]


def bring_in(place, by, *rows, **options) -> Import:
    """Hand in, read and apply, as the pages do."""
    return bring_in_file(place, by, workbook(HEAD, *rows), **options)


def bring_in_file(place, by, content: bytes, **options) -> Import:
    sheet = hand_in(
        KIND, content=content, file_name="名册.xlsx", area_code=place.community.code, options=options, by=by, now=NOW
    )
    work_on(sheet.pk, now=NOW)
    sheet.refresh_from_db()
    if sheet.state == State.PREVIEW:
        move_on(sheet, to=State.APPLYING, by=by, now=NOW)
        work_on(sheet.pk, now=NOW)
        sheet.refresh_from_db()
    return sheet


# ── what a row becomes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_person_is_taken_on_with_all_that_the_row_says(place, manager) -> None:
    head = [*HEAD, "家属联系人姓名", "家属联系人关系", "家属联系人电话", "国家反诈中心APP", "来电预警", "入住日期"]
    line = row(number=NUMBER, phone="199 0000 0017", kind="独居老人、租户", note="耳背，敲门要大声")
    content = workbook(head, [*line, "李梅", "女儿", "199-0000-0018", "√", "否", "2019.7.9"])
    assert bring_in_file(place, manager, content).state == State.APPLIED
    one = Resident.objects.get()
    assert (one.name, one.phone, one.id_number) == ("王秀英", "19900000017", NUMBER)
    assert (one.birth_on, one.sex, one.residence) == (date(1950, 1, 1), "male", Residence.TENANT)
    assert one.address == "3号楼2单元401"
    assert one.groups == (Group.ELDER_ALONE,)
    assert (one.has_app, one.has_call_warning, one.moved_in_on) == (True, False, date(2019, 7, 9))
    assert one.note == "耳背，敲门要大声"
    contact = one.family_contacts.get()
    assert (contact.name, contact.relation, contact.phone) == ("李梅", "女儿", "19900000018")
    assert Resident.objects.with_phone("19900000017").get() == one
    assert Resident.objects.with_phone_ending("0017").get() == one
    assert Resident.objects.with_id_number(NUMBER).get() == one


def test_the_same_file_again_changes_nothing(place, manager) -> None:
    rows = [row(phone="19900000017", kind="独居老人"), row("张伟", phone="19900000018", door="3栋2单元402室")]
    assert bring_in(place, manager, *rows).counts["new"] == 2
    again = plan(place, *rows)
    assert again.counts == {"rows": 2, "new": 0, "changed": 0, "same": 2, "conflicts": 0, "errors": 0}


def test_the_same_file_again_changes_nothing_while_the_keys_are_changed(place, manager, settings) -> None:
    """What stands on the roster under the earlier key is the same person."""
    head = [*HEAD, "家属联系人姓名", "家属联系人关系", "家属联系人电话"]
    lines = [
        [*row(number=NUMBER, phone="19900000017"), "李梅", "女儿", "19900000019"],
        [*row("张伟", phone="19900000018", door="3栋2单元402室"), "", "", ""],
    ]
    assert bring_in_file(place, manager, workbook(head, *lines)).counts["new"] == 2
    settings.EARLIER_INDEX_KEYS, settings.INDEX_KEY = (settings.INDEX_KEY,), b"new index key of tests, 32 bytes"
    again = bring_in_file(place, manager, workbook(head, *lines))
    assert again.counts == {"rows": 2, "new": 0, "changed": 0, "same": 2, "conflicts": 0, "errors": 0}
    assert Resident.objects.with_phone_ending("0017").get() == Resident.objects.with_id_number(NUMBER).get()
    assert FamilyContact.objects.count() == 1


def test_what_changes_is_shown_with_its_old_and_new_value_and_written(place, manager) -> None:
    bring_in(place, manager, row(phone="19900000017", note="一人"))
    changed = row(phone="19900000018", note="一人", kind="独居老人")
    (item,) = plan(place, changed).items
    assert item.verdict == "changed"
    assert [(change.old, change.new) for change in item.changes] == [
        ("19900000017", "19900000018"),
        ("–", "Elder living alone"),
    ]
    bring_in(place, manager, changed)
    one = Resident.objects.get()
    assert (one.phone, one.groups) == ("19900000018", (Group.ELDER_ALONE,))
    assert Resident.objects.with_phone_ending("0018").get() == one


def test_an_empty_cell_leaves_what_is_known_and_a_word_empties_it(place, manager) -> None:
    bring_in(place, manager, row(phone="19900000017", note="一人", kind="独居老人"))
    assert plan(place, row(phone="19900000017")).same == 1
    bring_in(place, manager, row(phone="19900000017", note="清空", kind="清空"))
    one = Resident.objects.get()
    assert (one.note, one.groups) == ("", ())


@pytest.mark.parametrize(
    "written", ["第1网格", "1网格", "第一网格", "第 一 网格", "1", 1, "001", "370105012003001", "3社区1网格", "老街"]
)
def test_a_grid_is_known_by_name_alias_or_number(place, manager, written) -> None:
    AreaAlias.objects.create(area=place.grid, name="老街")
    place.community.name = "3社区"
    place.community.save()
    assert plan(place, row(grid=written)).counts["new"] == 1


def test_an_unknown_grid_is_an_error_until_it_is_to_be_made(place, manager) -> None:
    (problem,) = plan(place, row(grid="第七网格")).problems
    assert (problem.cell, problem.code) == ("B2", "unknown_grid")
    wanted = plan(place, row(grid="第七网格"), row("张伟", grid="7网格"), create_grids=True)
    assert wanted.counts["new"] == 2
    assert "370105012003007" in wanted.notices[0]
    assert not Area.objects.filter(code="370105012003007").exists()
    bring_in(place, manager, row(grid="第七网格"), create_grids=True)
    assert Area.objects.get(code="370105012003007").level == Level.GRID


@pytest.mark.parametrize(
    ("line", "cell", "code"),
    [
        (row(""), "D2", "no_name"),
        (row("12345"), "D2", "not_a_name"),
        (row(number="999999195002300012"), "E2", "wrong_id_number"),
        (row(number=9.999991995031502e17), "E2", "digits_lost"),
        (row(phone="1990000001"), "F2", "wrong_phone"),
        (row(phone="19900000017/19900000018"), "F2", "wrong_phone"),
        (row("=A1"), "D2", "formula"),
        (row(grid=""), "B2", "no_grid"),
        (row("王" * 65), "D2", "too_long"),
    ],
)
def test_a_wrong_cell_is_named_with_a_word_and_a_remedy(place, line, cell, code) -> None:
    (problem,) = plan(place, line).problems
    assert (problem.cell, problem.code) == (cell, code)
    assert problem.message


def test_everything_that_is_wrong_in_a_row_is_said_at_once(place) -> None:
    problems = plan(place, row("", grid="第九网格", phone="199", number="1")).problems
    assert {problem.cell for problem in problems} == {"B2", "D2", "E2", "F2"}


def test_a_formula_in_a_remark_is_passed_over(place) -> None:
    assert plan(place, row(note="=1+1")).counts["new"] == 1


def test_a_person_who_stands_in_two_rows_is_an_error_in_the_second(place) -> None:
    number = NUMBER
    problems = plan(place, row(number=number), row("王秀英", door="9号楼1单元101", number=number)).problems
    assert [(one.cell, one.code) for one in problems] == [("E3", "twice")]
    assert [one.code for one in plan(place, row(), row()).problems] == ["twice"]


def test_a_birth_date_that_differs_from_the_id_number_is_an_error(place) -> None:
    content = workbook([*HEAD, "出生日期"], [*row(number=NUMBER), "1951-01-01"])
    found = plan_of(KIND, content, area_code=place.community.code, options={}, now=NOW)[1]
    assert [(one.cell, one.code) for one in found.problems] == [("I2", "birth_differs")]


def test_a_category_nobody_knows_is_passed_over_and_told(place) -> None:
    found = plan(place, row(kind="党员、独居老人"))
    assert found.counts["new"] == 1
    assert "党员" in found.notices[0]


def test_rows_without_a_column_for_the_grid_are_refused_unless_there_is_only_one(place) -> None:
    content = workbook(["姓名", "联系电话"], ["王秀英", "19900000017"])
    with pytest.raises(FileRefusedError) as error:
        plan_of(KIND, content, area_code=place.community.code, options={}, now=NOW)
    assert error.value.code == "no_grid"
    assert plan_of(KIND, content, area_code=place.grid.code, options={}, now=NOW)[1].counts["new"] == 1


# ── conflicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def conflict_of(place, manager, *rows) -> Conflict:
    sheet = bring_in(place, manager, *rows)
    assert sheet.state == State.APPLIED
    return Conflict.objects.get(owner=sheet)


def test_one_person_in_two_grids_is_parked_and_moved_when_somebody_says_so(place, manager) -> None:
    bring_in(place, manager, row(number=NUMBER))
    conflict = conflict_of(place, manager, row(number=NUMBER, grid="第2网格", door="9号楼1单元101"))
    one = Resident.objects.get()
    assert (conflict.code, one.grid) == ("two_grids", place.grids[0])
    settle(conflict, Settling.SAME, other=str(one.pk), by=manager, now=NOW)
    one.refresh_from_db()
    assert (one.grid, one.address) == (place.grids[1], "9号楼1单元101")
    with pytest.raises(SheetsError):
        settle(conflict, Settling.DROP, other="", by=manager, now=NOW)


def test_the_same_name_behind_the_same_door_with_another_id_number_is_parked(place, manager) -> None:
    bring_in(place, manager, row(number=NUMBER))
    conflict = conflict_of(place, manager, row(number=OTHER_NUMBER))
    assert conflict.code == "other_id"
    settle(conflict, Settling.NEW, other="", by=manager, now=NOW)
    assert Resident.objects.count() == 2


def test_a_parked_row_may_be_left_out(place, manager) -> None:
    bring_in(place, manager, row(number=NUMBER))
    settle(conflict_of(place, manager, row(number=OTHER_NUMBER)), Settling.DROP, other="", by=manager, now=NOW)
    assert Resident.objects.count() == 1


def test_somebody_who_had_gone_is_parked_and_comes_back(place, manager) -> None:
    gone = ResidentFactory(grid=place.grid, id_number=NUMBER, ended_on=date(2025, 1, 1), departure="moved")
    conflict = conflict_of(place, manager, row(number=NUMBER))
    assert conflict.code == "ended"
    settle(conflict, Settling.SAME, other=str(gone.pk), by=manager, now=NOW)
    gone.refresh_from_db()
    assert (gone.ended_on, gone.departure, gone.name) == (None, "", "王秀英")


def test_somebody_of_another_communitys_roster_is_shown_no_further_and_not_taken(place, manager) -> None:
    there = make_community(4)
    other = ResidentFactory(grid=there.grid, name="赵钱孙", id_number=NUMBER)
    conflict = conflict_of(place, manager, row(number=NUMBER))
    assert conflict.code == "elsewhere"
    row_side, side = KIND.sides(conflict.content, user=manager, on=TODAY)
    assert not side.is_open
    assert "赵钱孙" not in str(side)
    assert NUMBER not in str(side)
    assert NUMBER in str(row_side)
    with pytest.raises(SheetsError):
        settle(conflict, Settling.SAME, other=str(other.pk), by=manager, now=NOW)
    with pytest.raises(SheetsError):
        settle(conflict, Settling.SAME, other=str(ResidentFactory(grid=place.grid).pk), by=manager, now=NOW)


# ── a file's way ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_import_is_undone_and_what_came_after_is_left(place, manager) -> None:
    bring_in(place, manager, row(phone="19900000017", note="一人", kind="独居老人"))
    before = Resident.objects.get()
    sheet = bring_in(
        place,
        manager,
        row(phone="19900000017", note="两人", kind="租户"),
        row("张伟", phone="19900000018"),
        row("赵敏", phone="19900000019"),
    )
    assert (sheet.counts["new"], sheet.counts["changed"]) == (2, 1)
    visited = Resident.objects.get(name="赵敏")
    Visit.objects.create(resident=visited, by=manager, at=NOW, result="met")
    move_on(sheet, to=State.UNDOING, by=manager, now=NOW)
    work_on(sheet.pk, now=NOW)
    sheet.refresh_from_db()
    assert sheet.state == State.UNDONE
    assert "赵*" in sheet.message
    one = Resident.objects.get(name="王秀英")
    assert (one.pk, one.note, one.groups, one.residence) == (before.pk, "一人", (Group.ELDER_ALONE,), "")
    assert set(Resident.objects.values_list("name", flat=True)) == {"王秀英", "赵敏"}


def test_a_change_made_after_the_import_is_not_undone(place, manager) -> None:
    sheet = bring_in(place, manager, row(phone="19900000017"))
    Resident.objects.update(name="王秀兰")
    move_on(sheet, to=State.UNDOING, by=manager, now=NOW)
    work_on(sheet.pk, now=NOW)
    assert Resident.objects.get().name == "王秀兰"


def test_what_was_looked_through_is_what_is_written_or_it_is_looked_through_again(place, manager) -> None:
    content = workbook(HEAD, row(phone="19900000017"))
    sheet = hand_in(
        KIND, content=content, file_name="a.xlsx", area_code=place.community.code, options={}, by=manager, now=NOW
    )
    work_on(sheet.pk, now=NOW)
    bring_in(place, manager, row(phone="19900000017"))
    sheet.refresh_from_db()
    move_on(sheet, to=State.APPLYING, by=manager, now=NOW)
    work_on(sheet.pk, now=NOW)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.counts["same"]) == (State.PREVIEW, 1)
    assert sheet.message
    assert Resident.objects.count() == 1


def test_a_press_that_came_second_is_told_so(place, manager) -> None:
    sheet = bring_in(place, manager, row())
    with pytest.raises(SheetsError):
        move_on(sheet, to=State.APPLYING, by=manager, now=NOW)


def test_every_step_leaves_a_line_in_the_trail_and_no_name(place, manager) -> None:
    sheet = bring_in(place, manager, row(phone="19900000017"))
    move_on(sheet, to=State.UNDOING, by=manager, now=NOW)
    work_on(sheet.pk, now=NOW)
    lines = list(AuditEntry.objects.order_by("pk"))
    assert [line.verb for line in lines] == [
        "sheets.roster_handed_in",
        "sheets.roster_applied",
        "sheets.roster_undone",
    ]
    assert "王秀英" not in json.dumps([line.detail for line in lines], ensure_ascii=False)


def test_the_file_and_its_rows_lie_sealed(place, manager) -> None:
    sheet = bring_in(place, manager, row(phone="19900000017"))
    kept = [bytes(sheet.content), *(bytes(page.body) for page in sheet.pages.all())]
    assert not any("王秀英".encode() in piece or b"19900000017" in piece for piece in kept)


# ── out and in again ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_whole", [False, True])
def test_what_is_exported_is_imported_again_without_change(place, manager, is_whole: bool) -> None:
    rows = [
        row(phone="19900000017", kind="独居老人、租户", note="=HYPERLINK(1)", number=NUMBER),
        row("张伟", phone="19900000018", door="商铺", grid="第2网格"),
        row("Anna Lee", door="12-3-401"),
    ]
    bring_in(place, manager, *rows)
    FamilyContact.objects.create(
        resident=Resident.objects.get(name="张伟"), name="李梅", relation="女儿", phone="19900000019"
    )
    content = roster_workbook(Resident.objects.all(), is_whole=is_whole, mark="导出")
    again = plan_of(KIND, content, area_code=place.community.code, options={}, now=NOW)[1]
    assert again.counts == {"rows": 3, "new": 0, "changed": 0, "same": 3, "conflicts": 0, "errors": 0}


def test_an_export_is_masked_and_computes_nothing(place) -> None:
    ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017", id_number=NUMBER, note="=1+1")
    sheet = load_workbook(io.BytesIO(roster_workbook(Resident.objects.all(), is_whole=False, mark="导出"))).active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    said = [str(cell.value) for cell in cells]
    assert {"王**", "199****0017"} <= set(said)
    assert not any("王秀英" in text or "19900000017" in text or NUMBER in text for text in said)
    assert not any(cell.data_type == "f" for cell in cells)


def test_a_value_edited_in_a_masked_export_is_the_only_change(place, manager) -> None:
    bring_in(place, manager, row(phone="19900000017"), row("张伟", phone="19900000018"))
    book = load_workbook(io.BytesIO(roster_workbook(Resident.objects.all(), is_whole=False, mark="导出")))
    sheet = book.active
    place_of = {cell.value: cell.column for cell in sheet[2]}
    sheet.cell(row=3, column=place_of["备注"], value="新情况")
    stream = io.BytesIO()
    book.save(stream)
    (item,) = plan_of(KIND, stream.getvalue(), area_code=place.community.code, options={}, now=NOW)[1].items
    assert [(change.label, change.new) for change in item.changes] == [("note", "新情况")]


# ── the office's own file ─────────────────────────────────────────────────────────────────────────────────────────────

WRONG = ["F15", "F22", "F28", "H36", "D51", "F65"]


def run(*words: str) -> dict:
    out = io.StringIO()
    call_command("import_residents", str(XIYUAN), "--area", "370105012003", "--json", *words, stdout=out)
    return json.loads(out.getvalue())


def test_the_roster_of_xiyuan_names_exactly_its_wrong_cells(place) -> None:
    outcome = run("--dry-run")
    assert [error["cell"] for error in outcome["errors"]] == WRONG
    assert {key: outcome[key] for key in ("rows", "new", "changed", "same", "conflicts")} == {
        "rows": 400,
        "new": 394,
        "changed": 0,
        "same": 0,
        "conflicts": 0,
    }
    assert not Resident.objects.exists()
    assert all(error["code"] and error["message"] for error in outcome["errors"])


def test_applied_twice_the_second_finds_all_the_same(place) -> None:
    assert run()["new"] == 394
    again = run()
    assert (again["new"], again["changed"], again["same"], again["conflicts"]) == (0, 0, 394, 0)
    assert [error["cell"] for error in again["errors"]] == WRONG
    assert Resident.objects.count() == 394
    assert Household.objects.filter(building="1", unit="1", room="101").exists()


def test_grids_are_made_where_there_are_none(place) -> None:
    Area.objects.filter(level=Level.GRID).delete()
    assert {error["code"] for error in run("--dry-run")["errors"] if error["cell"].startswith("B")} == {"unknown_grid"}
    assert run("--create-grids")["new"] == 394
    assert Area.objects.grids().count() == 4


def test_a_file_that_cannot_be_read_ends_the_command_and_changes_nothing(place, tmp_path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError):
        call_command("import_residents", str(path), "--area", "370105012003")
    with pytest.raises(CommandError):
        call_command("import_residents", str(XIYUAN), "--area", "000000000000")
    assert not Import.objects.exists()


def test_a_manager_imports_for_their_own_community_alone(place, manager) -> None:
    make_community(4)
    assert KIND.scope(manager, TODAY) == scope_codes(manager, "keep_roster", TODAY) == (place.community.code,)
    assert {code for code, _name in KIND.areas(manager, TODAY)} == {
        place.community.code,
        *(grid.code for grid in place.grids),
    }
