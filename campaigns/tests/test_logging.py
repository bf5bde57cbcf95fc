"""Logging an event: what is saved, what a correction does, what is refused and keeps what was typed."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.clock import database_now
from accounts.models import AuditEntry, User
from accounts.pictures import LONGEST_SIDE
from accounts.roles import Role
from campaigns import services
from campaigns.models import Event, EventPartner, EventPhoto, Material, StockMove
from campaigns.policy import PHONE_KEEPS, EventState, Form, PhotoKind, believable
from campaigns.services import Outcome, OutreachError
from campaigns.tests.factories import EventFactory, MaterialFactory, OrganisationFactory
from campaigns.tests.pictures import photo
from residents.tests.factories import make_community, make_staff

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
def event(place, worker):
    now = database_now()
    return EventFactory(
        area=place.community,
        form=Form.STALL,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
        created_by=worker,
    )


@pytest.fixture
def leaflet(place, worker):
    material = MaterialFactory(area=place.community, name="宣传单")
    StockMove.objects.create(material=material, amount=100, on=database_now().date(), by=worker)
    return material


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stock(material: Material) -> int:
    return Material.objects.with_stock().get(pk=material.pk).stock


def url(event: Event, name: str = "log") -> str:
    return reverse(f"campaigns:{name}", args=[event.pk])


def log(event: Event, worker: User, **fields: object) -> object:
    return as_(worker).post(url(event), fields)


# ── saving ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_is_held_once_it_is_logged_and_what_went_out_is_off_the_stock(event, worker, leaflet):
    fields = {"heads": 46, "installs": 12, "pledges": 31, f"material_{leaflet.pk}": 50}
    response = log(event, worker, **fields, volunteer=["林志愿", "", "方志愿"], hours=["1.5", "", ""])
    assert response.status_code == 302
    event.refresh_from_db()
    assert (event.state, event.heads, event.installs, event.pledges) == (EventState.HELD, 46, 12, 31)
    assert (event.logged_by, stock(leaflet)) == (worker, 50)
    assert event.logged_at > event.starts_at
    assert list(event.volunteers.values_list("name", "hours")) == [("林志愿", Decimal("1.5")), ("方志愿", None)]


def test_a_correction_replaces_what_was_handed_out_and_is_written_down(event, worker, leaflet):
    for number in (50, 30, 0):
        log(event, worker, heads=1, **{f"material_{leaflet.pk}": number})
        assert stock(leaflet) == 100 - number
    verbs = AuditEntry.objects.filter(verb__startswith="campaigns.event_").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["campaigns.event_logged", "campaigns.event_corrected", "campaigns.event_corrected"]


def test_the_same_press_twice_is_one_log(event, worker, leaflet):
    fields = {"press": str(uuid4()), "heads": 5, f"material_{leaflet.pk}": 5}
    for _time in range(2):
        assert log(event, worker, **fields).status_code == 302
    assert (stock(leaflet), AuditEntry.objects.filter(verb="campaigns.event_logged").count()) == (95, 1)
    assert not AuditEntry.objects.filter(verb="campaigns.event_corrected").exists()


def test_more_than_there_was_is_saved_and_said(event, worker, leaflet):
    response = as_(worker).post(url(event), {"heads": 1, f"material_{leaflet.pk}": 130}, follow=True)
    assert stock(leaflet) == -30
    assert "宣传单 -30" in response.content.decode()


def test_partners_that_came_are_kept_apart_from_those_planned(place, event, worker):
    police, bank, school = (OrganisationFactory(area=place.community) for _one in range(3))
    for planned in (police, bank):
        EventPartner.objects.create(event=event, organisation=planned, is_planned=True)
    log(event, worker, came=[police.pk], other=school.pk, new_partner="手机店", new_kind="shop")
    rows = event.partners.values_list("organisation__name", "is_planned", "has_come")
    assert set(rows) == {
        (police.name, True, True),
        (bank.name, True, False),
        (school.name, False, True),
        ("手机店", False, True),
    }
    log(event, worker, came=[bank.pk])
    assert set(event.partners.values_list("organisation_id", "has_come")) == {(police.pk, False), (bank.pk, True)}


# ── refused ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_that_lies_ahead_is_refused_with_the_time_it_begins(event, worker):
    event.starts_at, event.ends_at = database_now() + timedelta(days=1), database_now() + timedelta(days=2)
    event.save()
    response = log(event, worker, heads=3)
    event.refresh_from_db()
    assert (response.status_code, event.state) == (200, EventState.PLANNED)
    assert "move it first" in response.content.decode()
    assert 'value="3"' in response.content.decode()


def test_a_cancelled_event_is_refused(event, worker):
    event.state = EventState.CANCELLED
    event.save()
    with pytest.raises(OutreachError):
        services.log_event(event, outcome=Outcome(heads=1), by=worker, now=database_now())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("heads", "-1", "greater than or equal to 0"),
        ("heads", "9" * 30, "less than or equal to"),
        ("installs", "many", "whole number"),
        ("hours", "a while", "Hours are a number"),
        ("volunteer", "x" * 80, "at most 64"),
        ("new_partner", "手机店", "Choose what kind"),
        ("reflection", "x\x00y", "Null characters"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(event, worker, field, value, words):
    fields = {"heads": "46", "volunteer": "林志愿", "reflection": "后排听不清", field: value}
    shown = log(event, worker, **fields).content.decode()
    event.refresh_from_db()
    assert event.state == EventState.PLANNED
    assert words in shown
    kept = {"heads": 'value="46"', "volunteer": "林志愿", "reflection": "后排听不清"}
    assert all(text in shown for name, text in kept.items() if name != field)


def test_a_script_is_told_what_is_wrong_in_json(event, worker):
    response = as_(worker).post(url(event), {"heads": "-1"}, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["ok"]) == (422, False)


def test_nobody_logs_for_another_community(event):
    stranger = make_staff(Role.OUTREACH_WORKER, make_community(4).community)
    for name in ("log", "logged", "came", "doors", "sign_in_sheet", "sign_pledge", "add_photos"):
        assert as_(stranger).get(url(event, name)).status_code == 404


def test_a_police_liaison_reads_and_does_not_log(place, event):
    liaison = make_staff(Role.POLICE_LIAISON, place.community)
    assert as_(liaison).get(url(event)).status_code == 403


@given(minutes=st.integers(min_value=-20_000, max_value=20_000))
def test_the_time_of_a_press_is_never_to_come_and_never_older_than_a_phone_keeps_it(minutes):
    now = EventFactory.build(area=None, created_by=None).starts_at
    at = believable(now + timedelta(minutes=minutes), now=now)
    assert now - PHONE_KEEPS <= at <= now
    assert at == now + timedelta(minutes=minutes) or minutes > 0 or minutes < -PHONE_KEEPS.total_seconds() / 60


# ── photos ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def send_photos(event: Event, user: User, *contents: bytes, kind: str = "event") -> object:
    files = [SimpleUploadedFile(f"{at}.jpg", content) for at, content in enumerate(contents)]
    return as_(user).post(url(event, "add_photos"), {"photos": files, "kind": kind, "caption": "现场"})


def test_photos_are_kept_small_and_without_a_word_of_the_phone(event, worker):
    assert send_photos(event, worker, photo(size=(3000, 2000)), photo("HEIF"), photo("PNG")).status_code == 302
    kept = [Image.open(BytesIO(one.file.read())) for one in EventPhoto.objects.all()]
    assert [one.format for one in kept] == ["JPEG"] * 3
    assert all(max(one.size) <= LONGEST_SIDE and not one.getexif() for one in kept)


@pytest.mark.parametrize("contents", [(b"a letter",), (photo(), b"a letter"), (), (photo(),) * 13])
def test_what_is_no_photo_is_said_beside_the_field_and_none_is_kept(event, worker, contents):
    response = send_photos(event, worker, *contents)
    assert response.status_code == 200
    assert "现场" in response.content.decode()
    assert not EventPhoto.objects.exists()


def test_a_paper_list_is_for_those_who_log_and_the_event_s_photos_for_all_who_see_it(place, event, worker):
    send_photos(event, worker, photo())
    send_photos(event, worker, photo(), kind="paper")
    liaison = as_(make_staff(Role.POLICE_LIAISON, place.community))
    seen = {
        one.kind: liaison.get(reverse("campaigns:photo", args=[one.pk])).status_code for one in EventPhoto.objects.all()
    }
    assert seen == {PhotoKind.EVENT: 200, PhotoKind.PAPER: 404}


def test_a_removed_photo_leaves_no_file(event, worker, django_capture_on_commit_callbacks):
    send_photos(event, worker, photo())
    kept = EventPhoto.objects.get()
    storage, name = kept.file.storage, kept.file.name
    with django_capture_on_commit_callbacks(execute=True):
        as_(worker).post(reverse("campaigns:remove_photo", args=[kept.pk]))
    assert not EventPhoto.objects.exists()
    assert not storage.exists(name)
