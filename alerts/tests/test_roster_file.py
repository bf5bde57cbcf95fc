"""The duty roster as an office's file: out and in again unchanged, and whatever an office writes into it."""

import contextlib
import io
from datetime import date, time, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.calendars import hours_on
from accounts.roles import Role
from alerts import services
from alerts.columns import hours_in_cell, hours_of, name_of_shift, names_of
from alerts.exports import roster_workbook
from alerts.importers import DutyRosterKind
from alerts.models import Shift
from alerts.policy import ShiftKind
from alerts.tests.factories import NOON, make_scene
from alerts.tests.rosters import THURSDAY, at, at_desk, hours, on_call, pattern
from residents.tests.factories import make_staff
from sheets.models import Import, State, Verdict
from sheets.policy import CellError
from sheets.services import hand_in, move_on, plan_of, work_on
from sheets.tests.files import workbook

pytestmark = pytest.mark.django_db

FRIDAY, SATURDAY = THURSDAY + timedelta(days=1), THURSDAY + timedelta(days=2)
HEAD = ["日期", "星期", "值班岗位", "班次", "值班时间", "值班人员", "带班领导", "联系电话"]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def scene():
    return make_scene()


def planned(scene, content: bytes):
    _table, plan = plan_of(DutyRosterKind(), content, area_code=scene.place.community.code, options={}, now=NOON)
    return plan


def of_rows(scene, *rows: list, head: list = HEAD, merged: tuple[str, ...] = ()):
    return planned(scene, workbook(["第3社区值班表"], head, *rows, merged=merged))


def applied(scene, content: bytes) -> Import:
    """Hand a file in, look it through, and apply it, as a manager does."""
    sheet = hand_in(
        DutyRosterKind(),
        content=content,
        file_name="值班表.xlsx",
        area_code=scene.place.community.code,
        options={},
        by=scene.manager,
        now=NOON,
    )
    work_on(sheet.pk, now=NOON)
    sheet.refresh_from_db()
    move_on(sheet, to=State.APPLYING, by=scene.manager, now=NOON)
    work_on(sheet.pk, now=NOON)
    sheet.refresh_from_db()
    assert sheet.state == State.APPLIED, sheet.message
    return sheet


def roster() -> set[tuple]:
    rows = Shift.objects.values_list("area__code", "kind", "name", "user__name", "starts_at", "ends_at")
    return set(rows)


def problems(plan) -> list[tuple[str, str]]:
    return [(problem.cell, problem.code) for problem in plan.problems]


# ── out and in again ────────────────────────────────────────────────────────────────────────────────────────────────


def filled(scene):
    night = make_staff(Role.DUTY_OFFICER, scene.place.community, name="夜班员")
    for name, starts, ends, people in (
        ("白班", 8, 20, (scene.officer, night)),
        ("夜班", 20, 8, (night, scene.officer)),
    ):
        found = pattern(
            scene.place.community, *people, kind=ShiftKind.DESK, name=name, starts=time(starts), ends=time(ends)
        )
        services.begin_rotation(found, by=scene.manager, now=NOON)
    grid = pattern(scene.grid, scene.first, scene.second, at_once=2, starts=time(0), ends=time(0))
    services.begin_rotation(grid, by=scene.manager, now=NOON)
    on_call(scene.manager, scene.place.community, begins=8, ends=20, day=FRIDAY)
    on_call(scene.police, scene.place.community, begins=0, ends=24, day=SATURDAY)
    friday = Shift.objects.get(kind=ShiftKind.DESK, occurs_on=FRIDAY, name="白班")
    services.give_hours(friday, to=scene.officer, hours=hours(12, 14, day=FRIDAY), by=scene.manager, now=NOON)


def exported(scene, days: int = 14) -> bytes:
    last = THURSDAY + timedelta(days=days)
    return roster_workbook(Shift.objects.all(), community=scene.place.community, first=THURSDAY, last=last)[0]


def test_what_goes_out_comes_in_again_without_a_change(scene):
    filled(scene)
    plan = planned(scene, exported(scene))
    assert plan.problems == []
    assert plan.items == []
    assert plan.same == plan.rows > 40


def test_a_roster_taken_in_anew_from_its_own_file_is_the_same_roster(scene):
    filled(scene)
    before, content = roster(), exported(scene, days=35)
    Shift.objects.filter(starts_at__gt=NOON).delete()
    applied(scene, content)
    assert roster() == before


def test_the_file_is_one_that_an_office_prints(scene):
    filled(scene)
    sheet = load_workbook(io.BytesIO(exported(scene))).active
    assert sheet["A1"].value == "第3社区值班表（2026年4月2日至2026年4月16日）"
    assert [cell.value for cell in sheet[2]] == HEAD
    assert sheet.page_setup.orientation == "landscape"
    assert any(str(span).startswith("A3:A") for span in sheet.merged_cells.ranges)
    whole = " ".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert scene.first.phone not in whole


def test_a_file_is_undone(scene):
    filled(scene)
    before = roster()
    sheet = applied(scene, workbook(HEAD, ["2026-04-03", "", "", "白班", "08:00-20:00", "值班员", "", ""]))
    assert roster() != before
    move_on(sheet, to=State.UNDOING, by=scene.manager, now=NOON)
    work_on(sheet.pk, now=NOON)
    assert roster() == before


# ── as offices write them ───────────────────────────────────────────────────────────────────────────────────────────


def test_merged_days_several_people_and_a_leader_for_the_whole_day(scene):
    make_staff(Role.DUTY_OFFICER, scene.place.community, name="王伟")
    plan = of_rows(
        scene,
        ["2026年4月3日", "星期五", "", "白班(08:00-20:00)", "", "值班员、王　伟", "书记", "19900000017"],
        ["", "", "", "夜班（20:00—次日8:00）", "", "值班员", "", ""],
        ["合计", "", "", "", "", "", "", ""],
        merged=("A3:A4", "B3:B4", "G3:G4"),
    )
    assert plan.problems == []
    applied(
        scene,
        workbook(
            HEAD,
            ["2026年4月3日", "星期五", "", "白班(08:00-20:00)", "", "值班员、王　伟", "书记", ""],
            ["", "", "", "夜班（20:00—次日8:00）", "", "值班员", "", ""],
            merged=("A2:A3", "B2:B3", "G2:G3"),
        ),
    )
    assert {(kind, name, who) for _code, kind, name, who, _from, _to in roster()} == {
        ("desk", "白班", "值班员"),
        ("desk", "白班", "王伟"),
        ("desk", "夜班", "值班员"),
        ("on_call", "白班", "书记"),
        ("on_call", "夜班", "书记"),
    }


def test_a_grid_is_found_by_whatever_it_is_called(scene):
    plan = of_rows(scene, [date(2026, 4, 3), "", "1网格", "", "全天", "甲专员", "", ""])
    assert plan.problems == []
    (change,) = plan.work
    assert (change.area, change.kind, change.hours) == (scene.grid, ShiftKind.ON_CALL, hours(0, 24, day=FRIDAY))


def test_days_and_duties_that_the_file_names_are_as_the_file_says_and_others_stay(scene):
    filled(scene)
    content = workbook(HEAD, ["2026-04-04", "", "", "", "08:00-08:00", "夜班员", "", ""])
    plan = planned(scene, content)
    assert [item.verdict for item in plan.items] == [Verdict.CHANGED]
    desk_on_saturday = lambda row: row[1] == "desk" and at(0, day=SATURDAY) <= row[4] < at(24, day=SATURDAY)  # noqa: E731
    before = {row for row in roster() if not desk_on_saturday(row)}
    # Friday's night goes on until eight on Saturday morning, so the new hours touch and do not overlap.
    applied(scene, content)
    saturday = [row for row in roster() if desk_on_saturday(row)]
    assert [(row[3], row[4], row[5]) for row in saturday] == [("夜班员", at(8, day=SATURDAY), at(32, day=SATURDAY))]
    assert before <= roster()


def test_what_is_over_stays_as_it_was(scene):
    at_desk(scene.officer, scene, begins=0, ends=8)
    plan = of_rows(scene, [THURSDAY, "", "", "", "00:00-08:00", "书记", "", ""])
    assert (plan.items, plan.same) == ([], 1)


def test_a_wrong_weekday_is_said_and_the_date_is_taken(scene):
    plan = of_rows(scene, ["2026-04-03", "星期四", "", "", "8:00-20:00", "值班员", "", ""])
    assert plan.problems == []
    assert "星期五" in plan.notices[0]


@pytest.mark.parametrize(
    ("row", "cell", "code"),
    [
        (["", "", "", "", "8:00-20:00", "值班员", "", ""], "A3", "missing"),
        (["明天", "", "", "", "8:00-20:00", "值班员", "", ""], "A3", "not_a_date"),
        (["2026-02-30", "", "", "", "8:00-20:00", "值班员", "", ""], "A3", "no_such_day"),
        (["2026-04-03", "", "", "白班", "", "值班员", "", ""], "E3", "no_hours"),
        (["2026-04-03", "", "", "", "8:00-25:00", "值班员", "", ""], "E3", "no_such_time"),
        (["2026-04-03", "", "", "", "8:00-次日20:00", "值班员", "", ""], "E3", "too_long"),
        (["2026-04-03", "", "", "", "8:00-20:00", "无名氏", "", ""], "F3", "unknown"),
        (["2026-04-03", "", "", "", "8:00-20:00", "甲专员", "", ""], "F3", "unknown"),
        (["2026-04-03", "", "", "", "8:00-20:00", "值班员", "甲专员", ""], "G3", "unknown"),
        (["2026-04-03", "", "第九网格", "", "8:00-20:00", "甲专员", "", ""], "C3", "unknown_place"),
    ],
)
def test_what_is_wrong_is_said_of_its_cell(scene, row, cell, code):
    assert problems(of_rows(scene, row)) == [(cell, code)]


def test_nothing_of_a_duty_whose_row_is_wrong_is_written(scene):
    filled(scene)
    plan = of_rows(scene, ["2026-04-03", "", "", "白班", "08:00-20:00", "值班员、无名氏", "", ""])
    assert [item.verdict for item in plan.items] == [Verdict.ERROR]
    assert plan.work == []


def test_one_person_at_two_desks_at_once_is_found_in_the_file(scene):
    plan = of_rows(
        scene,
        ["2026-04-03", "", "", "", "08:00-20:00", "值班员", "", ""],
        ["2026-04-03", "", "", "", "18:00-22:00", "值班员", "", ""],
    )
    assert problems(plan) == [("F4", "overlap")]


def test_of_two_people_of_one_name_the_phone_or_the_username_says_who(scene):
    twin = make_staff(Role.DUTY_OFFICER, scene.place.community, name="值班员", phone="19900004321")
    row = ["2026-04-03", "", "", "", "8:00-20:00", "值班员", "", ""]
    assert problems(of_rows(scene, row)) == [("F3", "many")]
    for people, phone in (("值班员", "199****4321"), (f"值班员({twin.username})", "")):
        plan = of_rows(scene, [*row[:5], people, "", phone])
        assert plan.problems == []
        assert plan.work[0].new == [twin.pk]


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("08:00-20:00", time(8), time(20)),
        ("8:30—17:30", time(8, 30), time(17, 30)),
        ("８：００～２０：００", time(8), time(20)),
        ("20:00至次日8:00", time(20), time(8)),
        ("早8点到晚8点", time(8), time(20)),
        ("18:00-24:00", time(18), time(0)),
        ("全天", time(0), time(0)),
        ("24小时", time(0), time(0)),
    ],
)
def test_hours_are_read_as_offices_write_them(text, starts, ends):
    assert hours_of(text, FRIDAY) == hours_on(FRIDAY, starts=starts, ends=ends)


@pytest.mark.parametrize("text", ["", "白班", "x" * 500, "8", "--", "：：-："])
def test_a_cell_that_names_no_hours_names_none(text):
    assert hours_of(text, FRIDAY) is None


@given(starts=st.times(), ends=st.times())
def test_hours_that_are_written_are_read_back_the_same(starts, ends):
    whole = hours_on(FRIDAY, starts=starts.replace(second=0, microsecond=0), ends=ends.replace(second=0, microsecond=0))
    assert hours_of(hours_in_cell(whole), FRIDAY) == whole


@given(text=st.text(max_size=40))
def test_no_text_of_a_cell_breaks_the_reading(text):
    assert all(names_of(text))
    assert len(name_of_shift(text)) <= 20
    with contextlib.suppress(CellError):
        found = hours_of(text, FRIDAY)
        assert found is None or found.begins_at.tzinfo is not None


def test_an_empty_cell_says_nothing_and_the_word_for_nobody_empties_the_hours(scene):
    at_desk(scene.officer, scene, day=FRIDAY)
    on_call(scene.manager, scene.place.community, day=FRIDAY)
    same = of_rows(scene, ["2026-04-03", "", "", "", "08:00-20:00", "值班员", "", ""])
    assert (same.items, same.problems) == ([], [])
    applied(scene, workbook(HEAD, ["2026-04-03", "", "", "", "08:00-20:00", "无", "书记", ""]))
    assert {row[3] for row in roster()} == {"书记"}


def test_a_name_of_two_characters_may_have_a_blank_in_it():
    assert names_of("王 伟 李明英、张 三") == ["王伟", "李明英", "张三"]
