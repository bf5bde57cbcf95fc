"""Publicity sites, refreshed and chased; materials, counted in and out."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.clock import database_now, today
from accounts.roles import Role
from campaigns import services
from campaigns.models import Material, Rule, Site, SiteRefresh, StockMove
from campaigns.policy import RuleName, SiteKind, StockState, stock_state
from campaigns.services import OutreachError
from campaigns.tests.factories import MaterialFactory, SiteFactory
from notifications.models import Notice
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 19)


@pytest.fixture
def place():
    return make_community()


@pytest.fixture
def worker(place):
    return make_staff(Role.OUTREACH_WORKER, place.community)


@pytest.fixture
def leader(place):
    return make_staff(Role.GRID_LEADER, place.grid)


def photo():
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return SimpleUploadedFile("a.png", out.getvalue(), "image/png")


def test_a_site_is_due_again_after_the_rules_days_or_its_own(place, worker):
    usual, own = SiteFactory(area=place.grid), SiteFactory(area=place.grid, every_days=7)
    for site in (usual, own):
        services.refresh_site(site, hangs="新海报", by=worker, now=NOW)
        site.refresh_from_db()
    assert usual.due_on == ON + timedelta(days=30)
    assert own.due_on == ON + timedelta(days=7)
    Rule.objects.create(name=RuleName.SITE_EVERY_DAYS, number=10)
    services.refresh_site(usual, hangs="再新", by=worker, now=NOW)
    usual.refresh_from_db()
    assert usual.due_on == ON + timedelta(days=10)


def test_an_overdue_site_is_chased_once_for_its_day_and_let_be_when_it_is_refreshed(place, worker, leader):
    site = SiteFactory(area=place.grid, owner=leader, due_on=ON - timedelta(days=1))
    unowned = SiteFactory(area=place.grid, due_on=ON - timedelta(days=1))
    SiteFactory(area=place.grid, owner=leader, due_on=ON)
    assert services.chase_sites(now=NOW) == 2
    assert services.chase_sites(now=NOW + timedelta(days=3)) == 1  # the third's day has passed by then
    assert Notice.objects.get(subject=f"site:{unowned.pk}").recipient == worker
    services.refresh_site(site, hangs="新海报", by=leader, now=NOW)
    assert Notice.objects.get(subject=f"site:{site.pk}").withdrawn_at is not None


def test_a_site_that_changes_hands_while_it_is_overdue_is_the_new_owners(place, worker, leader):
    site = SiteFactory(area=place.grid, owner=leader, due_on=ON - timedelta(days=1))
    services.chase_sites(now=NOW)
    services.keep_site(site, {"owner": worker}, by=worker, now=NOW, on=ON)
    assert Notice.objects.get(recipient=leader).withdrawn_at is not None
    services.chase_sites(now=NOW)
    assert Notice.objects.get(recipient=worker).withdrawn_at is None


def test_a_site_is_refreshed_on_the_phone_with_a_photo_once_however_often_it_is_pressed(client, place, leader):
    client.force_login(leader)
    site = SiteFactory(area=place.grid)
    press = str(uuid4())
    for _again in range(2):
        answer = client.post(
            reverse("campaigns:site_refresh", args=[site.pk]), {"press": press, "hangs": "新海报", "photo": photo()}
        )
        assert answer.status_code == 302
    made = SiteRefresh.objects.get()
    answer = client.get(reverse("campaigns:site_photo", args=[made.pk]))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"


def test_what_is_no_photo_is_refused_and_what_was_typed_is_kept(client, place, leader):
    client.force_login(leader)
    site = SiteFactory(area=place.grid)
    wrong = SimpleUploadedFile("a.png", b"MZ not a picture", "image/png")
    answer = client.post(reverse("campaigns:site_refresh", args=[site.pk]), {"hangs": "打好的字", "photo": wrong})
    assert answer.status_code == 400
    assert "打好的字" in answer.content.decode()
    assert not SiteRefresh.objects.exists()


def test_a_site_taken_down_is_chased_no_more_and_comes_back(place, worker, leader):
    site = SiteFactory(area=place.grid, owner=leader, due_on=ON - timedelta(days=9))
    services.take_down_site(site, by=worker, now=NOW, on=ON)
    assert services.chase_sites(now=NOW) == 0
    with pytest.raises(OutreachError):
        services.refresh_site(site, hangs="x", by=leader, now=NOW)
    services.put_up_site(site, by=worker, now=NOW)
    assert services.chase_sites(now=NOW) == 1


def test_a_planner_adds_a_site_and_a_grid_leader_does_not(client, place, worker, leader):
    typed = {"name": "西门宣传栏", "area": place.grid.code, "kind": SiteKind.BOARD, "owner": leader.pk}
    client.force_login(leader)
    assert client.post(reverse("campaigns:site_new"), typed).status_code == 403
    client.force_login(worker)
    assert client.post(reverse("campaigns:site_new"), typed).status_code == 302
    again = client.post(reverse("campaigns:site_new"), typed)
    assert again.status_code == 400
    assert "西门宣传栏" in again.content.decode()
    assert Site.objects.get().due_on == today() + timedelta(days=30)


@given(st.integers(-1000, 1000), st.integers(0, 500))
def test_the_words_for_a_stock_follow_its_number(stock, low):
    state = stock_state(stock, low_below=low)
    assert (state == StockState.BELOW) == (stock < 0)
    assert (state == StockState.NONE) == (stock == 0)
    assert (state == StockState.ENOUGH) == (stock > 0 and stock >= low)


def test_stock_is_what_came_and_went_and_may_fall_below_nothing(place, worker):
    material = MaterialFactory(area=place.community)
    for amount in (100, -30, -90):
        services.move_stock(material, amount=amount, on=ON, by=worker, now=NOW)
    assert Material.objects.with_stock().get().stock == -20
    assert services.count_stock(material, counted=15, by=worker, now=NOW).amount == 35
    assert services.count_stock(material, counted=15, by=worker, now=NOW) is None
    assert Material.objects.with_stock().get().stock == 15


def test_a_press_moves_stock_once(place, worker):
    material, other, press = MaterialFactory(area=place.community), MaterialFactory(area=place.community), uuid4()
    for _again in range(2):
        services.move_stock(material, amount=5, on=ON, by=worker, now=NOW, press=press)
    assert StockMove.objects.count() == 1
    with pytest.raises(OutreachError):
        services.move_stock(other, amount=5, on=ON, by=worker, now=NOW, press=press)


def test_materials_are_taken_in_by_planners_and_handed_out_by_all_who_log(client, place, worker, leader):
    material = MaterialFactory(area=place.community)
    typed = {"in-number": "80", "in-on": today().isoformat()}
    client.force_login(leader)
    assert client.post(reverse("campaigns:take_in", args=[material.pk]), typed).status_code == 403
    client.force_login(worker)
    assert client.post(reverse("campaigns:take_in", args=[material.pk]), typed).status_code == 302
    client.force_login(leader)
    out = {"out-number": "30", "out-on": today().isoformat(), "out-note": "老年学堂"}
    assert client.post(reverse("campaigns:hand_out", args=[material.pk]), out).status_code == 302
    assert Material.objects.with_stock().get().stock == 50
    refused = client.post(reverse("campaigns:hand_out", args=[material.pk]), out | {"out-number": "0"})
    assert refused.status_code == 400
    assert "老年学堂" in refused.content.decode()


@pytest.mark.parametrize("name", ["sites", "materials"])
def test_a_list_costs_the_same_queries_for_five_rows_as_for_fifty(client, place, worker, name):
    client.force_login(worker)
    factory = SiteFactory if name == "sites" else MaterialFactory
    counts = []
    for number in (5, 45):
        for made in factory.create_batch(number, area=place.community):
            if name == "materials":
                services.move_stock(made, amount=3, on=today(), by=worker, now=database_now())
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse(f"campaigns:{name}")).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
