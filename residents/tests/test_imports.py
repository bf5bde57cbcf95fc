"""A file's way as people see it: the pages, and who may open them."""

import io
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.clock import database_now
from accounts.roles import Role
from residents.models import Resident
from residents.tests.factories import ResidentFactory, make_community, make_staff
from sheets.models import ColumnName, Conflict, Import, State
from sheets.services import work_on
from sheets.tests.files import archive, workbook

HEAD = ["序号", "网格", "姓名", "联系电话"]
ROW = [1, "第1网格", "王秀英", "19900000017"]
HISTORY = "/imports/roster/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_community(3)


@pytest.fixture
def manager(place):
    return make_staff(Role.MANAGER, place.community)


@pytest.fixture
def client(client: Client, manager) -> Client:
    client.force_login(manager)
    return client


def hand_in(client: Client, place, content: bytes, *, name="名册.xlsx", follow=True, **fields):
    """Hand a file in and let the worker read it."""
    file = SimpleUploadedFile(name, content)
    answer = client.post(HISTORY, {"file": file, "area": place.community.code, **fields})
    for sheet in Import.objects.filter(state=State.WAITING):
        work_on(sheet.pk, now=database_now())
    return client.get(answer["Location"]) if follow and answer.status_code == HTTPStatus.FOUND else answer


def press(client: Client, name: str, sheet: Import, **fields):
    answer = client.post(reverse(f"sheets:{name}", args=[sheet.pk]), fields)
    work_on(sheet.pk, now=database_now())
    sheet.refresh_from_db()
    return answer


def test_a_file_is_handed_in_looked_through_applied_and_undone(client, place) -> None:
    page = hand_in(client, place, workbook(HEAD, ROW, [2, "第9网格", "张伟", "1"]))
    text = page.content.decode()
    assert "B3" in text
    assert "D3" in text
    assert not Resident.objects.exists()
    sheet = Import.objects.get()
    assert (sheet.state, sheet.counts["new"], sheet.counts["errors"]) == (State.PREVIEW, 1, 1)
    press(client, "apply", sheet)
    assert sheet.state == State.APPLIED
    assert Resident.objects.get().name == "王秀英"
    press(client, "undo", sheet)
    assert sheet.state == State.UNDONE
    assert not Resident.objects.exists()
    history = client.get(HISTORY).content.decode()
    assert "名册.xlsx" in history


def test_while_a_worker_has_it_the_page_asks_again_by_itself(client, place) -> None:
    file = SimpleUploadedFile("名册.xlsx", workbook(HEAD, ROW))
    answer = client.post(HISTORY, {"file": file, "area": place.community.code})
    page = client.get(answer["Location"])
    assert 'data-hx-trigger="every 1s"' in page.content.decode()
    fragment = client.get(answer["Location"], headers={"HX-Request": "true"})
    assert fragment.content.decode().lstrip().startswith("<div")
    assert fragment["X-Server-Now"].isdigit()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.zip", archive(**{"a.txt": b"x"})), ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(600)), ("a.xlsx", b"nothing")],
)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(client, place, name: str, content: bytes) -> None:
    page = hand_in(client, place, content, name=name)
    assert page.status_code == HTTPStatus.OK
    sheet = Import.objects.get()
    assert sheet.state == State.REFUSED
    assert sheet.message
    assert sheet.message in page.content.decode().replace("&quot;", '"').replace("&#x27;", "'")
    press(client, "apply", sheet)
    assert sheet.state == State.REFUSED


def test_an_empty_file_and_no_file_are_said_beside_the_field(client, place) -> None:
    for fields in ({"area": place.community.code}, {"file": SimpleUploadedFile("a.csv", b""), "area": "1"}):
        answer = client.post(HISTORY, fields)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert 'id="errors"' in answer.content.decode()
    assert not Import.objects.exists()


def test_a_column_nobody_knows_is_mapped_once_and_remembered(client, place) -> None:
    content = workbook(["网格", "住户大名", "联系电话"], ["第1网格", "王秀英", "19900000017"])
    page = hand_in(client, place, content)
    sheet = Import.objects.get()
    assert sheet.state == State.REFUSED
    assert "住户大名" in page.content.decode()
    press(client, "columns", sheet, column_0="name")
    assert (sheet.state, sheet.counts["new"]) == (State.PREVIEW, 1)
    assert ColumnName.objects.get().column == "name"
    hand_in(client, place, content)
    assert Import.objects.latest("pk").state == State.PREVIEW


def test_the_file_comes_back_with_a_red_column_that_says_what_is_wrong(client, place) -> None:
    hand_in(client, place, workbook(["花名册"], HEAD, ROW, [2, "第1网格", "张伟", "199"]))
    answer = client.get(reverse("sheets:errors", args=[Import.objects.get().pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).active
    last = sheet.max_column
    assert sheet.cell(row=2, column=last).value == "错误原因"
    said = sheet.cell(row=4, column=last)
    assert said.value.startswith("D4 ")
    assert said.font.color.rgb.endswith("C00000")
    assert sheet.cell(row=3, column=last).value is None


def test_a_csv_file_comes_back_as_a_workbook_with_the_column(client, place) -> None:
    hand_in(client, place, "网格,姓名,联系电话\n第1网格,张伟,199\n".encode("gb18030"), name="名册.csv")
    answer = client.get(reverse("sheets:errors", args=[Import.objects.get().pk]))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[0][0] == "错误原因"
    assert rows[1][0].startswith("C2 ")


def test_the_template_is_read_back_and_has_lists_to_choose_from(client, place) -> None:
    answer = client.get("/imports/roster/template/")
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    headings = {cell.value: cell.column for cell in sheet[1]}
    assert {rule.formula1 for rule in sheet.data_validations.dataValidation} == {'"男,女"', '"是,否"'}
    for label, value in {"姓名": "王秀英", "网格": "第1网格", "联系电话": "19900000017", "性别": "女"}.items():
        sheet.cell(row=2, column=headings[label], value=value)
    stream = io.BytesIO()
    book.save(stream)
    hand_in(client, place, stream.getvalue())
    assert Import.objects.get().counts["new"] == 1


def test_a_parked_row_is_settled_by_one_press(client, place) -> None:
    known = ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017")
    other = ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017")
    hand_in(client, place, workbook(HEAD, ROW))
    press(client, "apply", Import.objects.get())
    conflict = Conflict.objects.get()
    page = client.get("/imports/roster/parked/").content.decode()
    assert f"same:{known.pk}" in page
    assert f"same:{other.pk}" in page
    client.post(reverse("sheets:settle", args=[conflict.pk]), {"how": "drop"})
    conflict.refresh_from_db()
    assert conflict.settled == "drop"
    assert "same:" not in client.get("/imports/roster/parked/").content.decode()
    answer = client.post(reverse("sheets:settle", args=[conflict.pk]), {"how": "same:abc"}, follow=True)
    assert answer.status_code == HTTPStatus.OK


def test_files_of_another_community_are_not_there(client, place) -> None:
    hand_in(client, place, workbook(HEAD, ROW))
    sheet = Import.objects.get()
    stranger = Client()
    stranger.force_login(make_staff(Role.MANAGER, make_community(4).community))
    for name in ("detail", "errors"):
        assert stranger.get(reverse(f"sheets:{name}", args=[sheet.pk])).status_code == HTTPStatus.NOT_FOUND
    for name in ("apply", "undo", "discard", "columns"):
        assert stranger.post(reverse(f"sheets:{name}", args=[sheet.pk])).status_code == HTTPStatus.NOT_FOUND
    assert "名册.xlsx" not in stranger.get(HISTORY).content.decode()
    file = SimpleUploadedFile("a.xlsx", workbook(HEAD, ROW))
    assert stranger.post(HISTORY, {"file": file, "area": place.community.code}).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("role", [Role.WARNING_SPECIALIST, Role.CARER, Role.SUPERVISOR, Role.POLICE_LIAISON])
def test_who_does_not_keep_the_roster_imports_nothing(place, role) -> None:
    client = Client()
    client.force_login(make_staff(role, place.community))
    assert client.get(HISTORY).status_code == HTTPStatus.FORBIDDEN
    assert client.get("/imports/roster/template/").status_code == HTTPStatus.FORBIDDEN
    assert client.get("/imports/unheard-of/").status_code == HTTPStatus.NOT_FOUND


def test_a_discarded_file_is_let_go_of(client, place) -> None:
    hand_in(client, place, workbook(HEAD, ROW))
    sheet = Import.objects.get()
    client.post(reverse("sheets:discard", args=[sheet.pk]))
    sheet.refresh_from_db()
    assert (sheet.state, sheet.content, sheet.pages.count()) == (State.DISCARDED, None, 0)


def test_the_preview_is_in_the_language_of_who_handed_the_file_in(client, place, manager) -> None:
    manager.language = "en"
    manager.save()
    with translation.override("zh-hans"):
        hand_in(client, place, workbook(HEAD, [1, "第1网格", "", "19900000017"]))
    (row,) = Import.objects.get().pages.get().rows
    assert row["problems"][0]["message"] == "The name is missing. Fill it in, or delete the row."
