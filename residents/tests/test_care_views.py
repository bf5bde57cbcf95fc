"""The pages of care: who may open what, what a press does, what is kept when it is refused, what they cost."""

import re
from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.clock import database_now, today
from accounts.models import AuditEntry, User
from accounts.pictures import MOST_BYTES
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from residents.figures import Kept
from residents.models import Pairing, Resident, Rule, Visit
from residents.policy import RuleName, VisitResult, WarningSign
from residents.screens import dossier as dossiers
from residents.screens.dossier import Do, Line
from residents.tests.factories import (
    Community,
    FamilyContactFactory,
    PairingFactory,
    ResidentFactory,
    VisitFactory,
    make_community,
    make_elder,
    make_staff,
)

pytestmark = pytest.mark.django_db


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "green").save(out, kind)
    return out.getvalue()


PNG = picture()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ago(days: int) -> date:
    return today() - timedelta(days=days)


@pytest.fixture
def place() -> Community:
    return make_community()


@pytest.fixture
def elder(place) -> Resident:
    elder = make_elder(place.grid, name="赵秀英", phone="19900001234", id_number="999999195006010029")
    FamilyContactFactory(resident=elder, name="赵小红", phone="19900004321")
    return elder


@pytest.fixture
def carer(place) -> User:
    return make_staff(Role.CARER, place.grid)


@pytest.fixture
def leader(place) -> User:
    return make_staff(Role.GRID_LEADER, place.grid)


@pytest.fixture
def pairing(elder, carer) -> Pairing:
    return PairingFactory(resident=elder, carer=carer, starts_on=ago(10))


@pytest.fixture
def child(place) -> Resident:
    return ResidentFactory(grid=place.grid, name="赵小宝", birth_on=ago(365 * 10))


def page(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(f"residents:{name}", args=args))
    assert response.status_code == 200
    return response.content.decode()


# ── who may open what ───────────────────────────────────────────────────────────────────────────────────────────────

ROLES = {
    Role.GRID_LEADER: {"detail", "visits", "visit", "key_groups", "pair"},
    Role.MANAGER: {"detail", "visits", "visit", "key_groups", "pair"},
    Role.DUTY_OFFICER: {"detail", "key_groups", "pair"},
    Role.WARNING_SPECIALIST: {"detail", "visits", "visit"},
    Role.CARER: {"visits"},
    Role.POLICE_LIAISON: set(),
    Role.SUPERVISOR: set(),
    Role.OUTREACH_WORKER: set(),
    Role.BUILDING_INFORMANT: set(),
}


@pytest.mark.parametrize("role", ROLES)
def test_each_page_opens_for_the_posts_that_carry_its_duty_and_for_no_other(place, elder, role) -> None:
    client = as_(make_staff(role, place.grid))
    pages = {name: reverse(f"residents:{name}", args=[elder.pk]) for name in ("detail", "visit", "pair")}
    pages |= {name: reverse(f"residents:{name}") for name in ("visits", "key_groups")}
    opened = {name for name, path in pages.items() if client.get(path).status_code == 200}
    assert opened == ROLES[role]


@pytest.mark.parametrize("role", ROLES)
def test_nobody_opens_anything_of_another_community(place, elder, role) -> None:
    client = as_(make_staff(role, make_community(4).community))
    pairing = PairingFactory(resident=elder)
    visit = VisitFactory(resident=elder, at=database_now())
    for name, pk in (
        ("detail", elder.pk),
        ("visit", elder.pk),
        ("pair", elder.pk),
        ("unpair", pairing.pk),
        ("photo", visit.pk),
        ("visited", visit.pk),
    ):
        assert client.get(reverse(f"residents:{name}", args=[pk])).status_code in (403, 404), name
    for name in ("reveal", "open_minor", "printed"):
        assert client.post(reverse(f"residents:{name}", args=[elder.pk])).status_code in (403, 404), name


def test_a_carer_sees_those_they_are_paired_with_and_no_neighbour(place, elder, carer, pairing) -> None:
    other = make_elder(place.grid)
    client = as_(carer)
    assert client.get(reverse("residents:detail", args=[elder.pk])).status_code == 200
    assert client.get(reverse("residents:detail", args=[other.pk])).status_code == 404
    assert client.get(reverse("residents:visit", args=[other.pk])).status_code == 404
    assert [card.pk for card in client.get(reverse("residents:visits")).context["visits"].overdue] == [elder.pk]


def test_a_carer_sees_nobody_any_more_once_the_pairing_has_ended(carer, elder, pairing) -> None:
    Pairing.objects.update(ends_on=ago(1))
    assert as_(carer).get(reverse("residents:detail", args=[elder.pk])).status_code == 404


def test_an_administrator_opens_all(elder, pairing) -> None:
    client = as_(AdministratorFactory())
    for name in ("detail", "visit", "pair"):
        assert client.get(reverse(f"residents:{name}", args=[elder.pk])).status_code == 200


# ── the dossier ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dossier_shows_name_and_numbers_masked_until_a_reason_is_given(elder, leader) -> None:
    client = as_(leader)
    shown = page(client, "detail", elder.pk)
    for secret in ("赵秀英", "19900001234", "999999195006010029", "赵小红", "19900004321"):
        assert secret not in shown
    assert "赵**" in shown
    client.post(reverse("residents:reveal", args=[elder.pk]), {"usual": "call"})
    shown = page(client, "detail", elder.pk)
    for secret in ("赵秀英", "19900001234", "999999195006010029", 'href="tel:19900004321"'):
        assert secret in shown
    entry = AuditEntry.objects.get(verb="residents.revealed")
    assert (entry.actor, entry.area_code, entry.detail) == (leader, elder.grid.code, {"reason": "call"})


def test_a_reveal_without_a_reason_opens_nothing(elder, leader) -> None:
    client = as_(leader)
    client.post(reverse("residents:reveal", args=[elder.pk]), {"reason": "  "})
    assert "赵秀英" not in page(client, "detail", elder.pk)
    assert not AuditEntry.objects.filter(verb="residents.revealed").exists()


def test_a_reason_in_ones_own_words_is_written_down_without_a_number(elder, leader) -> None:
    as_(leader).post(reverse("residents:reveal", args=[elder.pk]), {"reason": "回电 19900001234"})
    assert AuditEntry.objects.get(verb="residents.revealed").detail == {"reason": "回电 …"}


def test_the_opening_of_a_dossier_is_written_down_once_a_session(elder, leader) -> None:
    client = as_(leader)
    for _time in range(3):
        page(client, "detail", elder.pk)
    assert AuditEntry.objects.filter(verb="residents.viewed", area_code=elder.grid.code).count() == 1
    page(as_(leader), "detail", elder.pk)
    assert AuditEntry.objects.filter(verb="residents.viewed").count() == 2


def test_printing_is_written_down_and_the_page_prints_itself(elder, leader) -> None:
    client = as_(leader)
    response = client.post(reverse("residents:printed", args=[elder.pk]))
    assert "data-print-now" in client.get(response["Location"]).content.decode()
    assert AuditEntry.objects.get(verb="residents.printed").detail == {"whole": False}


def test_the_record_of_a_child_asks_why_first(place, child, leader) -> None:
    client = as_(leader)
    shown = page(client, "detail", child.pk)
    assert "under fourteen" in shown
    assert "赵**" not in shown
    client.post(reverse("residents:open_minor", args=[child.pk]), {"usual": "visit"})
    assert "赵**" in page(client, "detail", child.pk)
    assert AuditEntry.objects.get(verb="residents.minor_opened").detail == {"reason": "visit"}


def test_the_record_of_a_child_gives_nothing_to_who_has_not_opened_it(child, leader) -> None:
    client = as_(leader)
    visit = VisitFactory(resident=child, at=database_now())
    visit.photo.save("x.png", SimpleUploadedFile("x.png", PNG))
    assert client.post(reverse("residents:reveal", args=[child.pk]), {"usual": "call"}).status_code == 302
    assert client.get(reverse("residents:photo", args=[visit.pk])).status_code == 404
    assert client.get(reverse("residents:visit", args=[child.pk])).status_code == 302
    assert not AuditEntry.objects.filter(verb="residents.revealed").exists()


def test_who_may_not_see_children_does_not_find_the_record_at_all(place, child) -> None:
    specialist = make_staff(Role.WARNING_SPECIALIST, place.grid)
    assert as_(specialist).get(reverse("residents:detail", args=[child.pk])).status_code == 404


def test_the_household_shows_those_alone_whom_the_reader_may_see(place, elder, leader, carer, pairing) -> None:
    other = ResidentFactory(grid=place.grid, household=elder.household, name="孙建国")
    link = reverse("residents:detail", args=[other.pk])
    assert link in page(as_(leader), "detail", elder.pk)
    assert link not in page(as_(carer), "detail", elder.pk)


def test_what_the_apps_above_know_stands_in_the_timeline_the_newest_first(elder, leader, monkeypatch) -> None:
    now = database_now()

    class Above:
        def lines(self, resident, *, user, on):
            assert (resident, user) == (elder, leader)
            yield Line(at=now - timedelta(days=1), kind="Case", words="a fraud")
            yield Line(at=now - timedelta(days=9), kind="Outreach", words="a lecture")

        def deeds(self, resident, *, user, on):
            yield Do("Do this", "/there/")

    monkeypatch.setattr(dossiers, "_SOURCES", [Above()])
    VisitFactory(resident=elder, by=leader, at=now - timedelta(days=5))
    shown = as_(leader).get(reverse("residents:detail", args=[elder.pk]))
    assert [str(line.kind) for line in shown.context["page"].timeline] == ["Case", "Visit", "Outreach"]
    assert 'href="/there/"' in shown.content.decode()


def test_a_dossier_costs_the_same_for_one_visit_as_for_thirty(elder, leader, carer, pairing) -> None:
    client = as_(leader)
    page(client, "detail", elder.pk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "detail", elder.pk)
        return len(queries)

    VisitFactory(resident=elder, by=carer, at=database_now())
    ResidentFactory(grid=elder.grid, household=elder.household)
    few = cost()
    for number in range(29):
        VisitFactory(resident=elder, by=carer, at=database_now() - timedelta(days=number))
        ResidentFactory(grid=elder.grid, household=elder.household)
    assert cost() == few <= 40


# ── key groups and pairing ──────────────────────────────────────────────────────────────────────────────────────────


def names(client: Client, **query: str) -> list[int]:
    response = client.get(reverse("residents:key_groups"), query)
    assert response.status_code == 200
    return [row.pk for row in response.context["care"].page.object_list]


def test_those_without_a_carer_come_first_then_the_latest(place, leader, carer) -> None:
    fresh, late, later, alone = (make_elder(place.grid) for _one in range(4))
    for resident, starts in ((fresh, 1), (late, 9), (later, 20)):
        PairingFactory(resident=resident, carer=carer, starts_on=ago(starts))
    client = as_(leader)
    assert names(client) == [alone.pk, later.pk, late.pk, fresh.pk]
    assert names(client, due="overdue") == [later.pk, late.pk]
    assert names(client, due="carer") == [alone.pk]
    assert names(client, group="teen_online") == []
    assert names(client, due="rubbish", grid="1'; --", week="never") == [alone.pk, later.pk, late.pk, fresh.pk]


def test_a_carer_who_has_lost_the_post_counts_as_none(place, leader, carer, elder, pairing) -> None:
    carer.posts.update(ends_on=ago(1))
    (row,) = as_(leader).get(reverse("residents:key_groups"), {"due": "carer"}).context["care"].page.object_list
    assert (row.pk, row.is_manned, row.carer) == (elder.pk, False, carer)


def test_who_is_paired_outside_the_key_groups_is_shown_too(place, leader, carer) -> None:
    victim = ResidentFactory(grid=place.grid)
    PairingFactory(resident=victim, carer=carer)
    ResidentFactory(grid=place.grid)
    assert names(as_(leader)) == [victim.pk]


def test_a_carer_is_paired_right_there_and_the_filters_stay(place, leader, carer, elder) -> None:
    response = as_(leader).post(
        reverse("residents:pair", args=[elder.pk]),
        {"carer": carer.pk, "starts_on": f"{today()}", "from": "care", "back": "due=carer&grid=1"},
    )
    assert response["Location"] == f"{reverse('residents:key_groups')}?due=carer&grid=1"
    assert Pairing.objects.get().carer == carer


def test_a_pairing_that_is_refused_says_why_and_keeps_what_was_chosen(place, leader, carer, elder, pairing) -> None:
    response = as_(leader).post(
        reverse("residents:pair", args=[elder.pk]), {"carer": leader.pk, "starts_on": f"{ago(30)}"}
    )
    shown = response.content.decode()
    assert "choose that day or a later one" in shown
    assert f'<option value="{leader.pk}" selected>' in shown
    assert Pairing.objects.get() == pairing


def test_who_visits_elsewhere_is_not_offered_and_not_taken(place, leader, elder) -> None:
    stranger = make_staff(Role.CARER, place.grids[1])
    data = {"carer": stranger.pk, "starts_on": f"{today()}"}
    response = as_(leader).post(reverse("residents:pair", args=[elder.pk]), data)
    assert "no post here that visits" in response.content.decode()
    assert not Pairing.objects.exists()


def test_a_pairing_is_ended_on_its_own_page(place, leader, pairing) -> None:
    client = as_(leader)
    url = reverse("residents:unpair", args=[pairing.pk])
    assert "cannot end before" in client.post(url, {"ends_on": "2020-01-01"}).content.decode()
    assert client.post(url, {"ends_on": f"{today()}"}).status_code == 302
    pairing.refresh_from_db()
    assert pairing.ends_on == today()


def test_the_week_is_chosen_and_counted_with_both_numbers(place, leader, carer) -> None:
    monday = ago(today().weekday() + 7)
    for number in range(3):
        resident = make_elder(place.grid)
        PairingFactory(resident=resident, carer=carer, starts_on=monday - timedelta(days=20))
        if number:
            VisitFactory(resident=resident, by=carer, at=database_now() - timedelta(days=today().weekday() + 4))
    response = as_(leader).get(reverse("residents:key_groups"), {"week": f"{monday}"})
    week = response.context["care"].week
    assert (week.whole, week.monday) == (Kept(2, 3), monday)
    assert [one.kept for one in (*week.grids, *week.carers)] == [Kept(2, 3)] * 2
    shown = response.content.decode()
    assert shown.count("2 of 3 (67\xa0%)") == 4
    assert re.findall(r"(?<!\()\b\d+\xa0%", shown) == []


def test_the_page_costs_the_same_for_two_as_for_twenty(place, leader) -> None:
    client = as_(leader)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            names(client)
        return len(queries)

    def fill(number: int) -> None:
        for _one in range(number):
            PairingFactory(resident=make_elder(place.grid), carer=leader, starts_on=ago(9))
            make_elder(place.grid)

    fill(2)
    names(client)
    few = cost()
    fill(18)
    assert cost() == few <= 30


# ── visits ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_pocket_puts_the_latest_on_top_in_red(place, carer) -> None:
    for starts in (1, 9, 20):
        PairingFactory(resident=make_elder(place.grid), carer=carer, starts_on=ago(starts))
    response = as_(carer).get(reverse("residents:visits"))
    found = response.context["visits"]
    assert [card.overdue for card in found.overdue] == [13, 2]
    assert len(found.this_week) + len(found.later) == 1
    assert response.content.decode().count("visit-late") == 2


def test_the_pocket_follows_the_offices_own_number(place, carer) -> None:
    Rule.objects.create(name=RuleName.VISIT_EVERY_DAYS, number=30)
    PairingFactory(resident=make_elder(place.grid), carer=carer, starts_on=ago(20))
    assert as_(carer).get(reverse("residents:visits")).context["visits"].overdue == ()


def test_the_pocket_costs_the_same_for_one_as_for_ten(place, carer) -> None:
    client = as_(carer)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "visits")
        return len(queries)

    PairingFactory(resident=make_elder(place.grid), carer=carer)
    page(client, "visits")
    few = cost()
    for _one in range(9):
        PairingFactory(resident=make_elder(place.grid), carer=carer)
    assert cost() == few <= 20


def test_to_the_carer_name_and_numbers_open_with_the_page_and_it_is_written_down(carer, elder, pairing) -> None:
    client = as_(carer)
    assert "赵秀英" not in page(client, "visits")
    for _time in range(2):
        assert 'href="tel:19900001234"' in page(client, "visit", elder.pk)
    assert AuditEntry.objects.get(verb="residents.revealed").detail == {"reason": "visit"}
    assert 'href="tel:19900001234"' in page(client, "visits")


def test_to_who_stands_in_they_stay_masked(leader, elder, pairing) -> None:
    assert "19900001234" not in page(as_(leader), "visit", elder.pk)


def test_a_visit_is_logged_with_two_fields_and_a_second_press_changes_nothing(carer, elder, pairing) -> None:
    client = as_(carer)
    press = re.search(r'name="press" value="([0-9a-f-]+)"', page(client, "visit", elder.pk))[1]
    for _time in range(2):
        response = client.post(reverse("residents:visit", args=[elder.pk]), {"press": press, "result": VisitResult.MET})
        assert response["Location"] == reverse("residents:visits")
    visit = Visit.objects.get()
    assert (visit.by, visit.result, str(visit.press)) == (carer, VisitResult.MET, press)


def test_what_was_typed_is_kept_where_something_is_wrong(carer, elder, pairing) -> None:
    response = as_(carer).post(
        reverse("residents:visit", args=[elder.pk]), {"note": "门口有陌生人", "next_on": "yesterday", "press": "x"}
    )
    shown = response.content.decode()
    assert response.status_code == 200
    assert "Choose what came of it." in shown
    assert "门口有陌生人" in shown
    assert 'value="yesterday"' in shown
    assert not Visit.objects.exists()


def test_a_photo_is_handed_out_as_a_picture_and_to_nobody_else(place, carer, elder, pairing) -> None:
    client = as_(carer)
    photo = SimpleUploadedFile("x.html", PNG, content_type="text/html")
    client.post(reverse("residents:visit", args=[elder.pk]), {"result": "met", "photo": photo})
    url = reverse("residents:photo", args=[Visit.objects.get().pk])
    response = client.get(url)
    assert Image.open(BytesIO(b"".join(response.streaming_content))).size == (40, 30)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline; filename=")
    assert response["Cache-Control"] == "private, no-store"
    assert as_(make_staff(Role.CARER, place.grid)).get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"\xff\xd8\xff" + b"\0" * MOST_BYTES])
def test_what_is_no_photo_or_too_large_is_said_beside_the_field(carer, elder, pairing, content) -> None:
    photo = SimpleUploadedFile("x.jpg", content, content_type="image/jpeg")
    response = as_(carer).post(reverse("residents:visit", args=[elder.pk]), {"result": "met", "photo": photo})
    assert response.status_code == 200
    assert re.search("20 MB|no photo", response.content.decode())
    assert not Visit.objects.exists()


def test_a_photo_as_newer_phones_take_them_is_kept_as_any_browser_shows_it(carer, elder, pairing) -> None:
    photo = SimpleUploadedFile("x.heic", picture("HEIF", (64, 48)), content_type="image/heic")
    as_(carer).post(reverse("residents:visit", args=[elder.pk]), {"result": "met", "photo": photo})
    assert Image.open(Visit.objects.get().photo).format == "JPEG"


def test_a_photo_that_is_lost_is_a_404(carer, elder, pairing) -> None:
    visit = VisitFactory(resident=elder, by=carer, at=database_now(), photo="visits/none.png")
    assert as_(carer).get(reverse("residents:photo", args=[visit.pk])).status_code == 404


def test_warning_signs_lead_to_what_can_be_done_about_them(carer, elder, pairing) -> None:
    client = as_(carer)
    response = client.post(
        reverse("residents:visit", args=[elder.pk]), {"result": "met", "signs": [WarningSign.TRANSFERS]}
    )
    visit = Visit.objects.get()
    assert response["Location"] == reverse("residents:visited", args=[visit.pk])
    shown = client.get(response["Location"]).content.decode()
    assert "Has made or prepares a transfer" in shown
    assert reverse("alerts:raise", args=[elder.pk]) in shown


def test_who_has_gone_is_visited_no_more(carer, elder, pairing) -> None:
    Resident.objects.update(ended_on=ago(1))
    assert as_(carer).get(reverse("residents:visit", args=[elder.pk])).status_code == 404
    assert as_(carer).get(reverse("residents:visits")).context["visits"].has_anybody is False


@pytest.mark.parametrize("data", [{}, {"result": "x" * 5000}, {"result": "met", "at": "9999-99-99", "press": "1"}])
def test_no_input_ends_in_an_error_page(carer, elder, pairing, data) -> None:
    assert as_(carer).post(reverse("residents:visit", args=[elder.pk]), data).status_code == 200


def test_a_press_of_another_visit_is_refused_in_words(place, carer, elder, pairing) -> None:
    press = uuid4()
    VisitFactory(resident=make_elder(place.grid), by=carer, at=database_now(), press=press)
    response = as_(carer).post(reverse("residents:visit", args=[elder.pk]), {"result": "met", "press": press})
    assert "open it anew" in response.content.decode()
