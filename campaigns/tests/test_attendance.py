"""Who was there: ticked, from paper, from a file; and whom the list proposes."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import Workbook

from accounts.clock import database_now, local
from accounts.models import AuditEntry
from accounts.roles import Role
from campaigns.models import EventPhoto, Reach, Touch
from campaigns.policy import PhotoKind, TouchSource
from campaigns.tests.factories import EventFactory
from campaigns.tests.pictures import photo
from residents.tests.factories import HouseholdFactory, ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community, language="en")


@pytest.fixture
def client(worker):
    client = Client()
    client.force_login(worker)
    return client


@pytest.fixture
def event(place, worker):
    at = database_now() - timedelta(days=2)
    return EventFactory(area=place.community, starts_at=at, ends_at=at + timedelta(hours=1), created_by=worker)


def tick(client, event, resident, *, is_there: bool = True, **fields):
    fields |= {"resident": resident.pk, "is_there": "1" if is_there else ""}
    return client.post(reverse("campaigns:tick", args=[event.pk]), fields, headers={"Accept": "application/json"})


def test_a_tick_touches_at_the_time_of_the_event_and_may_be_taken_back(client, event, place):
    resident = ResidentFactory(grid=place.grid)
    for _time in range(2):
        assert tick(client, event, resident).status_code == 200
    touch = Touch.objects.get()
    assert (touch.at, touch.source, touch.resident) == (event.starts_at, TouchSource.LIST, resident)
    assert Reach.objects.get().on_site_on == local(event.starts_at).date()
    tick(client, event, resident, is_there=False)
    assert not Touch.objects.exists()
    assert Reach.objects.get().on_site_on is None


def test_a_tick_of_somebody_elsewhere_is_refused(client, event):
    stranger = ResidentFactory(grid=make_community(4).grid)
    assert tick(client, event, stranger).status_code == 409
    assert not Touch.objects.exists()


def test_nobody_was_at_an_event_that_lies_ahead(client, event, place):
    event.starts_at = event.ends_at = database_now() + timedelta(days=1)
    event.save()
    response = tick(client, event, ResidentFactory(grid=place.grid))
    assert response.status_code == 409
    assert "move it first" in response.json()["message"]


def test_names_are_opened_with_the_list_and_written_down_once(client, event, place):
    resident = ResidentFactory(grid=place.grid, name="慕容居民")
    for _time in range(3):
        assert resident.name in client.get(reverse("campaigns:came", args=[event.pk])).content.decode()
    assert AuditEntry.objects.filter(verb="campaigns.names_opened").count() == 1


@pytest.mark.parametrize("text", ["慕容", "慕容居民", "0017", "19900000017", "9-3-401", "9号楼"])
def test_somebody_is_found_by_name_door_or_the_end_of_the_number(client, event, place, text):
    flat = HouseholdFactory(grid=place.grid, building="9", unit="3", room="401")
    ResidentFactory(grid=place.grid, household=flat, name="慕容居民", phone="19900000017")
    ResidentFactory(grid=place.grid, name="欧阳居民", phone="19900000018")
    shown = client.post(reverse("campaigns:came", args=[event.pk]), {"q": text}).content.decode()
    assert "慕容居民" in shown
    assert "欧阳居民" not in shown


def test_a_grid_s_worker_ticks_the_grid_s_own_alone(event, place):
    leader = make_staff(Role.GRID_LEADER, place.grids[1])
    other, own = ResidentFactory(grid=place.grid, name="慕容"), ResidentFactory(grid=place.grids[1], name="欧阳")
    client = Client()
    client.force_login(leader)
    shown = client.get(reverse("campaigns:came", args=[event.pk])).content.decode()
    assert (own.name in shown, other.name in shown) == (True, False)
    assert tick(client, event, other).status_code == 409


def test_the_list_costs_the_same_for_five_as_for_fifty(client, event, place):
    def price() -> int:
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse("campaigns:came", args=[event.pk]))
        return len(counted)

    for one in [ResidentFactory(grid=place.grid) for _one in range(5)]:
        tick(client, event, one)
    price()
    few = price()
    for one in [ResidentFactory(grid=place.grid) for _one in range(35)]:
        tick(client, event, one)
    assert price() == few


# ── paper ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_paper_list_waits_until_its_names_are_entered(client, event, worker, place):
    paper = EventPhoto.objects.create(
        event=event, kind=PhotoKind.PAPER, file=ContentFile(photo(), "a.jpg"), by=worker, at=database_now()
    )
    assert event.title in client.get(reverse("campaigns:papers")).content.decode()
    resident = ResidentFactory(grid=place.grid)
    said = tick(client, event, resident, source="paper", paper=paper.pk).json()
    assert said["url"] == reverse("campaigns:enter", args=[paper.pk])
    touch = Touch.objects.get()
    assert (touch.source, touch.at) == (TouchSource.PAPER, event.starts_at)
    assert touch.recorded_at > event.starts_at + timedelta(days=1)
    client.post(reverse("campaigns:entered", args=[paper.pk]))
    paper.refresh_from_db()
    assert paper.entered_at is not None
    assert event.title not in client.get(reverse("campaigns:papers")).content.decode()
    client.post(reverse("campaigns:entered", args=[paper.pk]), {"again": "1"})
    assert event.title in client.get(reverse("campaigns:papers")).content.decode()


# ── a file ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def workbook(*rows: tuple[str, ...]) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append(["西苑社区反诈讲座签到表"])
    for row in (("序号", "姓名", "联系电话", "房号"), *rows):
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    return SimpleUploadedFile("签到.xlsx", out.getvalue())


def test_rows_of_a_file_mean_one_resident_each_or_say_why_not(client, event, place):
    flat = HouseholdFactory(grid=place.grid, building="9", unit="3", room="401")
    a = ResidentFactory(grid=place.grid, name="赵一", phone="19900001001")
    b = ResidentFactory(grid=place.grid, name="钱二", household=flat)
    for _twin in range(2):
        ResidentFactory(grid=place.grid, name="孙三")
    rows = (
        ("1", "赵一", "199-0000-1001", ""),
        ("2", "钱二", "", "9-3-401"),
        ("3", "孙三", "", ""),
        ("4", "李四", "", ""),
        ("5", "赵一", "1001", ""),
        ("6", "钱二", "19900009999", ""),
    )
    url = reverse("campaigns:came_file", args=[event.pk])
    shown = client.post(url, {"file": workbook(*rows)}).content.decode()
    assert not Touch.objects.exists()
    for words in ("several fit", "nobody of this name", "stands further up already", "another one on the roster"):
        assert words in shown
    assert client.post(url, {"resident": [a.pk, b.pk]}).status_code == 302
    assert {touch.resident for touch in Touch.objects.filter(source=TouchSource.FILE)} == {a, b}


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", "电话,备注\n1,2\n".encode()])
def test_a_file_that_is_none_is_refused_in_words(client, event, content):
    url = reverse("campaigns:came_file", args=[event.pk])
    response = client.post(url, {"file": SimpleUploadedFile("a.xlsx", content)})
    assert response.status_code == 200
    assert response.context["form"].errors


@pytest.mark.parametrize("key", ["0", "9" * 30, "x", "\x00", "-1"])
def test_a_key_that_is_nobody_s_enters_nobody(client, event, key):
    assert client.post(reverse("campaigns:came_file", args=[event.pk]), {"resident": [key]}).status_code == 302
    assert not Touch.objects.exists()
