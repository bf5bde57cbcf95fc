"""Areas and staff from files: right rows in, wrong rows named, the same file again nothing."""

from datetime import UTC, date, datetime

import pytest

from accounts.models import AuditEntry, User
from accounts.roles import Role
from residents.demo import FILES
from residents.importers import Outcome, import_areas, import_staff
from residents.models import Area, Level, Post
from residents.tests.factories import PostFactory, make_community

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 4, 2)
AREAS = (FILES / "areas.csv").read_bytes()
STAFF = (FILES / "staff.csv").read_bytes()


def areas(text: str | bytes) -> Outcome:
    return import_areas(text.encode() if isinstance(text, str) else text, by=None, now=NOW)


def staff(text: str | bytes, on: date = TODAY) -> Outcome:
    return import_staff(text.encode() if isinstance(text, str) else text, on=on, by=None, now=NOW)


def errors(outcome: Outcome) -> list[tuple[int, str, str]]:
    assert all(error.message and str(error.row) in str(error) for error in outcome.errors)
    return [(error.row, error.field, error.code) for error in outcome.errors]


def test_the_areas_of_a_street_come_in_as_a_tree() -> None:
    outcome = areas(AREAS)
    assert outcome.counts() == {"rows": 15, "new": 15, "changed": 0, "same": 0, "errors": 0}
    grid = Area.objects.get(code="370105012003003")
    assert (grid.name, grid.level) == ("第三网格", Level.GRID)
    assert [area.name for area in Area.objects.around(grid.code)] == ["第三网格", "西苑社区", "药山街道", "天桥区"]
    assert grid.parent == grid.community
    assert [area.name for area in Area.objects.named("西苑小区")] == ["西苑社区"]
    assert Area.objects.named("第一网格").count() == 3


def test_the_same_areas_again_change_nothing_and_leave_no_line_in_the_trail() -> None:
    areas(AREAS)
    again = areas(AREAS)
    assert again.counts() == {"rows": 15, "new": 0, "changed": 0, "same": 15, "errors": 0}
    assert AuditEntry.objects.filter(verb="residents.areas_imported").count() == 1


def test_a_file_saved_by_an_office_in_either_encoding_is_read() -> None:
    assert areas(AREAS.decode().encode("gb18030")).new == 15
    assert areas(b"\xef\xbb\xbf" + AREAS).same == 15
    assert areas(AREAS.replace(b"\n", b"\r\n")).same == 15


def test_rows_may_stand_in_any_order_and_columns_too() -> None:
    outcome = areas("level,注,name,code\ngrid,x,第一网格,370105012003001\ndistrict,,天桥区,370105\n")
    assert (outcome.new, errors(outcome)) == (2, [])
    assert Area.objects.get(code="370105012003001").parent == Area.objects.get(code="370105")


def test_a_changed_name_or_a_new_alias_is_a_change_and_aliases_are_only_added() -> None:
    areas("code,name,level,aliases\n370105,天桥区,district,桥区\n")
    assert areas("code,name,level,aliases\n370105,天桥区,district,\n").same == 1
    assert areas("code,name,level,aliases\n370105,天桥区,district,桥区；天桥\n").changed == 1
    assert areas("code,name,level\n370105,新天桥区,district\n").changed == 1
    area = Area.objects.get()
    assert area.name == "新天桥区"
    assert {alias.name for alias in area.aliases.all()} == {"桥区", "天桥"}


def test_wrong_areas_are_named_by_row_and_column_and_the_right_ones_kept() -> None:
    outcome = areas(
        "code,name,level\n"
        "370105,天桥区,district\n"  # 2
        ",无编码,street\n"  # 3
        "3.7E+05,数字,street\n"  # 4
        "370105012,,street\n"  # 5
        "370105013,城管,city\n"  # 6
        "880105013,孤儿街道,street\n"  # 7
        "370105,又一个,district\n"  # 8
        "\n"
        "370105014,低一级,district\n"  # 10
        "370105015,短,street\n"
        "3701050150011234567890123456789012345,长,grid\n"  # 12
    )
    assert errors(outcome) == [
        (3, "code", "missing"),
        (4, "code", "wrong"),
        (5, "name", "missing"),
        (6, "level", "unknown"),
        (7, "code", "no_parent"),
        (8, "code", "twice"),
        (10, "level", "wrong"),
        (12, "code", "wrong"),
    ]
    assert (outcome.rows, outcome.new) == (10, 2)
    assert set(Area.objects.values_list("code", flat=True)) == {"370105", "370105015"}


@pytest.mark.parametrize("too_long", ["code,name,level\n370105," + "长" * 65 + ",district\n"])
def test_a_name_that_does_not_fit_is_refused_with_its_column(too_long: str) -> None:
    assert errors(areas(too_long)) == [(2, "name", "wrong")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"name,level\n", "no_column"),
        (b"PK\x03\x04 a workbook", "not_csv"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "not_csv"),
        (b"code\x00,name,level\n", "not_text"),
        (b"\x80\xff\xff", "not_text"),
        (b'code,name,level\n"' + b"x" * 200_000 + b'",a,b\n', "not_csv"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_in_words(content: bytes, code: str) -> None:
    for outcome in (areas(content), staff(content)):
        assert [(error.row, error.code) for error in outcome.errors] == [(1, code)]
        assert outcome.rows == 0


def test_the_staff_of_a_street_come_in_with_their_posts() -> None:
    areas(AREAS)
    outcome = staff(STAFF)
    assert outcome.counts() == {"rows": 64, "new": 64, "changed": 0, "same": 0, "errors": 0}
    first = Post.objects.serving("370105012003001").of_role(Role.WARNING_SPECIALIST).order_by("user__username")
    assert [post.user.name for post in first] == ["阎军桂", "杨艳文"]
    assert {post.starts_on for post in Post.objects.all()} == {TODAY}
    assert User.objects.who_types("199 0000 9000").username == "supervisor.105012.1"


def test_nobody_imported_can_log_in_until_a_password_is_set(client) -> None:
    areas(AREAS)
    staff(STAFF)
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_the_same_staff_again_change_nothing_even_on_a_later_day() -> None:
    areas(AREAS)
    staff(STAFF)
    entries = AuditEntry.objects.count()
    again = staff(STAFF.decode().encode("gb18030"), on=date(2026, 5, 1))
    assert again.counts() == {"rows": 64, "new": 0, "changed": 0, "same": 64, "errors": 0}
    assert (Post.objects.count(), AuditEntry.objects.count()) == (64, entries)


def test_a_person_may_hold_posts_at_several_areas() -> None:
    place = make_community()
    outcome = staff(
        "username,name,phone,role,area\n"
        f"one,张一,19900000017,grid_leader,{place.grids[0].code}\n"
        f"one,张一,19900000017,carer,{place.grids[1].code}\n"
    )
    assert (outcome.new, outcome.changed, errors(outcome)) == (1, 1, [])
    assert User.objects.get().posts.count() == 2


def test_a_new_name_or_number_is_a_change_and_an_empty_number_keeps_the_old_one() -> None:
    code = make_community().grid.code
    header = "username,name,phone,role,area\n"
    staff(f"{header}one,张一,19900000017,carer,{code}\n")
    assert staff(f"{header}one,张一一,,carer,{code}\n").changed == 1
    assert staff(f"{header}one,张一一,199 0000 0018,carer,{code}\n").changed == 1
    user = User.objects.get()
    assert (user.name, user.phone) == ("张一一", "19900000018")


def test_wrong_staff_are_named_by_row_and_column_and_the_right_ones_kept() -> None:
    place = make_community()
    grid = place.grid.code
    PostFactory(user__username="taken", user__phone="19900000099", area=place.grid, role=Role.CARER)
    outcome = staff(
        "username,name,phone,role,area\n"
        f"right,张一,19900000011,grid_leader,{grid}\n"  # 2
        f",李二,19900000012,carer,{grid}\n"  # 3
        f"three,,19900000013,carer,{grid}\n"  # 4
        f"four,王四,12345,carer,{grid}\n"  # 5
        f"five,王五,19900000015,captain,{grid}\n"  # 6
        "six,王六,19900000016,carer,999999\n"  # 7
        f"seven,王七,19900000011,carer,{grid}\n"  # 8
        f"taken,王八,19900000099,grid_leader,{grid}\n"  # 9
        f"{'x' * 65},王九,19900000019,carer,{grid}\n"  # 10
        "short,王十\n"  # 11
    )
    assert errors(outcome) == [
        (3, "username", "missing"),
        (4, "name", "missing"),
        (5, "phone", "wrong"),
        (6, "role", "unknown"),
        (7, "area", "unknown"),
        (8, "phone", "taken"),
        (9, "role", "overlap"),
        (10, "username", "wrong"),
        (11, "role", "unknown"),
    ]
    assert (outcome.rows, outcome.new) == (10, 1)
    assert set(User.objects.values_list("username", flat=True)) == {"right", "taken"}
    assert User.objects.get(username="taken").name != "王八"  # the row was refused whole
