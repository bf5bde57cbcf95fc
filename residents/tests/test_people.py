"""Who is taken on, found, changed, ended, merged, exported; by whom."""

import io
from datetime import UTC, date, datetime
from http import HTTPStatus

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from accounts.models import AuditEntry
from accounts.roles import Role
from residents import services
from residents.models import FamilyContact, Household, Membership, Pairing, Resident, Visit
from residents.policy import Departure, Door, Group, parse_door
from residents.screens.roster import found, narrowed
from residents.services import ResidentsError
from residents.services.roster import Written
from residents.tests.factories import FamilyContactFactory, ResidentFactory, make_community, make_staff
from sheets.models import Export

NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 4, 2)
NUMBER = "999999195001010018"

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


# ── doors ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "door"),
    [
        ("3号楼2单元401", Door("3", "2", "401")),
        ("３号楼２单元４０１室", Door("3", "2", "401")),
        ("3栋401", Door("3", "", "401")),
        ("3#2单元401", Door("3", "2", "401")),
        ("3-2-401", Door("3", "2", "401")),
        ("3-401", Door("3", "", "401")),
        ("A座1203", Door("A", "", "1203")),
        ("12号楼 一单元 101", Door("12", "1", "101")),
        ("第3号楼2单元401", Door("3", "2", "401")),
        ("和平路12号", Door("和平路12号")),
        ("商铺", Door("商铺")),
    ],
)
def test_a_door_is_taken_apart_however_it_is_written(written: str, door: Door) -> None:
    assert parse_door(written) == door


@given(
    st.builds(
        Door,
        building=st.one_of(st.integers(1, 999).map(str), st.sampled_from("ABCX")),
        unit=st.sampled_from(["", "1", "12", "A", "东"]),
        room=st.sampled_from(["", "101", "1203", "4A"]),
    )
)
def test_an_address_as_we_write_it_is_taken_apart_into_what_it_was_made_of(door: Door) -> None:
    assert parse_door(Household(building=door.building, unit=door.unit, room=door.room).address) == door


def test_the_second_building_stands_before_the_tenth() -> None:
    doors = [Door("10", "1", "101"), Door("2", "1", "1101"), Door("2", "1", "201")]
    assert sorted(doors, key=lambda door: door.order) == [doors[2], doors[1], doors[0]]


# ── found ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def names(place, text: str) -> set[str]:
    page = found(Resident.objects.within(place.community.code), text, number="", on=TODAY)
    return {Resident.objects.get(pk=row.pk).name for row in page.rows}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王", {"王秀英", "小王庄"}),
        ("秀", {"王秀英", "李秀兰"}),
        ("秀英", {"王秀英"}),
        ("王秀英", {"王秀英"}),
        ("英秀", set()),
        ("0017", {"王秀英"}),
        ("199 0000 0018", {"李秀兰"}),
        (NUMBER, {"李秀兰"}),
        ("3号楼", {"王秀英", "李秀兰"}),
        ("3", {"王秀英", "李秀兰"}),
        ("3-2-401", {"王秀英"}),
        ("3号楼2单元402", {"李秀兰"}),
        ("Anna", {"Anna Lee"}),
        ("", {"王秀英", "李秀兰", "小王庄", "Anna Lee"}),
        ("%", set()),
        ("'; --", set()),
    ],
)
def test_somebody_is_found_by_what_one_knows_of_them(place, text: str, expected: set[str]) -> None:
    def behind(door: Door) -> Household:
        made = Household.behind(door, grid=place.grid)
        made.save()
        return made

    ResidentFactory(name="王秀英", grid=place.grid, phone="19900000017", household=behind(Door("3", "2", "401")))
    ResidentFactory(
        name="李秀兰", grid=place.grid, phone="19900000018", id_number=NUMBER, household=behind(Door("3", "2", "402"))
    )
    for name, building in (("小王庄", "9"), ("Anna Lee", "10")):
        ResidentFactory(name=name, grid=place.grid, phone="", household=behind(Door(building, "1", "101")))
    ResidentFactory(name="王秀英", grid=make_community(4).grid, phone="19900000017")
    assert names(place, text) == expected


def test_those_who_have_gone_are_shown_only_when_asked_for(place) -> None:
    ResidentFactory(grid=place.grid, ended_on=TODAY)
    everybody = Resident.objects.all()
    assert narrowed(everybody, {}, on=TODAY).count() == 0
    assert narrowed(everybody, {"ended": "yes"}, on=TODAY).count() == 1


def test_the_list_is_narrowed_by_age_group_residence_and_app(place) -> None:
    elder = ResidentFactory(grid=place.grid, birth_on=date(1966, 4, 2), has_app=True, residence="tenant")
    young = ResidentFactory(grid=place.grid, birth_on=date(1966, 4, 3))
    Membership.objects.create(resident=elder, group=Group.ELDER_ALONE)
    everybody = Resident.objects.all()
    assert list(narrowed(everybody, {"age": "60-"}, on=TODAY)) == [elder]
    assert list(narrowed(everybody, {"age": "41-59"}, on=TODAY)) == [young]
    assert list(narrowed(everybody, {"group": Group.ELDER_ALONE}, on=TODAY)) == [elder]
    assert list(narrowed(everybody, {"residence": "tenant"}, on=TODAY)) == [elder]
    assert list(narrowed(everybody, {"app": "no"}, on=TODAY)) == [young]


def test_a_page_of_fifty_costs_the_same_queries_as_one_of_five(client, place, django_assert_max_num_queries) -> None:
    for _number in range(5):
        Membership.objects.create(resident=ResidentFactory(grid=place.grid), group=Group.ELDER)
    with django_assert_max_num_queries(20) as few:
        client.get("/residents/")
    for _number in range(45):
        Membership.objects.create(resident=ResidentFactory(grid=place.grid), group=Group.ELDER)
    with django_assert_max_num_queries(20) as many:
        client.get("/residents/")
    assert len(few) == len(many)


# ── taken on, changed ─────────────────────────────────────────────────────────────────────────────────────────────────

FORM = {
    "name": "王秀英",
    "sex": "female",
    "birth_on": "1950-01-01",
    "phone": "199 0000 0017",
    "id_number": "",
    "address": "3号楼2单元401",
    "groups": ["elder_alone"],
    "has_app": "yes",
    "family_name": "李梅",
    "family_relation": "女儿",
    "family_phone": "19900000018",
    "legal_basis": "duty",
}


def test_somebody_is_taken_on_by_the_form(client, place) -> None:
    answer = client.post("/residents/new/", {**FORM, "grid": place.grid.pk})
    one = Resident.objects.get()
    assert answer["Location"] == f"/residents/{one.pk}/"
    assert (one.name, one.phone, one.address, one.has_app) == ("王秀英", "19900000017", "3号楼2单元401", True)
    assert one.groups == (Group.ELDER_ALONE,)
    assert one.family_contacts.get().phone == "19900000018"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("phone", "123"),
        ("id_number", "999999195001010019"),
        ("birth_on", "2999-01-01"),
        ("birth_on", "nonsense"),
        ("family_phone", ""),
        ("grid", "0"),
        ("legal_basis", "consent"),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_typed_is_lost(client, place, field: str, value: str) -> None:
    answer = client.post("/residents/new/", {**FORM, "grid": place.grid.pk, field: value})
    text = answer.content.decode()
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert 'id="errors"' in text
    assert not Resident.objects.exists()
    assert ("王秀英" in text) is (field != "name")


def test_a_record_is_changed_and_the_trail_keeps_which_fields_and_no_values(client, place) -> None:
    one = ResidentFactory(grid=place.grid, name="王秀英", phone="19900000011")
    FamilyContactFactory(resident=one, name="旧", phone="19900000010")
    client.post(f"/residents/{one.pk}/edit/", {**FORM, "grid": place.grids[1].pk, "note": "耳背"})
    one.refresh_from_db()
    assert (one.phone, one.note, one.grid, one.address) == ("19900000017", "耳背", place.grids[1], "3号楼2单元401")
    assert Resident.objects.with_phone_ending("0017").get() == one
    assert one.family_contacts.get().name == "李梅"
    line = AuditEntry.objects.get(verb="residents.changed")
    assert {"phone", "note", "grid"} <= set(line.detail["fields"])
    assert "19900000017" not in str(line.detail)


def test_saving_a_form_that_nobody_changed_changes_nothing(client, place) -> None:
    client.post("/residents/new/", {**FORM, "grid": place.grid.pk})
    one = Resident.objects.get()
    before = {field.name: getattr(one, field.name) for field in one._meta.concrete_fields}
    form = client.post(f"/residents/{one.pk}/edit/", {"open": "1"}, follow=True).context["form"]
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    sent = {name: value.pk if hasattr(value, "pk") else value for name, value in sent.items() if value is not None}
    client.post(f"/residents/{one.pk}/edit/", sent)
    one.refresh_from_db()
    assert {field.name: getattr(one, field.name) for field in one._meta.concrete_fields} == before
    assert AuditEntry.objects.get(verb="residents.changed").detail["fields"] == []


def test_an_id_number_that_somebody_has_already_is_refused(client, place) -> None:
    ResidentFactory(grid=place.grids[1], id_number=NUMBER)
    answer = client.post("/residents/new/", {**FORM, "grid": place.grid.pk, "id_number": NUMBER})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert Resident.objects.count() == 1


def test_a_press_opens_the_form_and_is_recorded(client, place) -> None:
    one = ResidentFactory(grid=place.grid)
    url, lines = f"/residents/{one.pk}/edit/", AuditEntry.objects.filter(verb="residents.revealed")
    assert "form" not in client.get(url).context
    assert not lines.exists()
    assert "form" in client.post(url, {"open": "1"}, follow=True).context
    assert lines.get().object_id == str(one.pk)


# ── ended, merged ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_moves_away_is_ended_and_comes_back_as_they_were(client, place, manager) -> None:
    one = ResidentFactory(grid=place.grid)
    pairing = Pairing.objects.create(resident=one, carer=manager, starts_on=date(2026, 1, 1))
    client.post(f"/residents/{one.pk}/end/", {"departure": "moved", "ended_on": "2026-04-01"})
    one.refresh_from_db()
    pairing.refresh_from_db()
    assert (one.ended_on, one.departure, pairing.ends_on) == (date(2026, 4, 1), Departure.MOVED, date(2026, 4, 1))
    with pytest.raises(ResidentsError):
        services.end(one, departure=Departure.MOVED, ended_on=TODAY, by=manager, now=NOW)
    client.post(f"/residents/{one.pk}/back/")
    one.refresh_from_db()
    assert (one.ended_on, one.departure) == (None, "")


def test_two_records_of_one_person_become_one_and_nothing_is_lost(place, manager) -> None:
    kept = ResidentFactory(grid=place.grid, phone="", note="一", household=None)
    twin = ResidentFactory(grid=place.grid, phone="19900000017", id_number=NUMBER, note="二", occupation="退休")
    FamilyContactFactory(resident=twin, phone="19900000018")
    Membership.objects.create(resident=twin, group=Group.ELDER)
    visit = Visit.objects.create(resident=twin, by=manager, at=NOW, result="met")
    pairing = Pairing.objects.create(resident=twin, carer=manager, starts_on=TODAY)
    services.merge(kept, twin, by=manager, now=NOW)
    for thing in (kept, twin, visit, pairing):
        thing.refresh_from_db()
    assert (kept.phone, kept.id_number, kept.note, kept.occupation) == ("19900000017", NUMBER, "一\n二", "退休")
    assert kept.household == twin.household
    assert kept.groups == (Group.ELDER,)
    assert FamilyContact.objects.get(resident=kept).phone == "19900000018"
    assert (visit.resident, pairing.resident) == (kept, kept)
    assert (twin.merged_into, twin.departure, twin.ended_on) == (kept, Departure.TWICE, TODAY)
    with pytest.raises(ResidentsError):
        services.merge(kept, twin, by=manager, now=NOW)
    with pytest.raises(ResidentsError):
        services.bring_back(twin, by=manager, now=NOW)


def test_two_carers_of_two_records_leave_one_at_a_time(place, manager) -> None:
    kept, twin = ResidentFactory(grid=place.grid), ResidentFactory(grid=place.grid)
    for one in (kept, twin):
        Pairing.objects.create(resident=one, carer=manager, starts_on=TODAY)
    services.merge(kept, twin, by=manager, now=NOW)
    assert kept.pairings.filter(ends_on__isnull=True).count() == 1
    assert kept.pairings.count() == 2


def test_a_twin_is_proposed_and_merged_by_one_press(client, place) -> None:
    kept = ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017")
    twin = ResidentFactory(grid=place.grids[1], name="王秀英", phone="")
    foreign = ResidentFactory(grid=make_community(4).grid, name="王秀英")
    page = client.get(f"/residents/{kept.pk}/merge/")
    assert [one.pk for one in page.context["twins"]] == [twin.pk]
    client.post(f"/residents/{kept.pk}/merge/", {"twin": twin.pk})
    twin.refresh_from_db()
    assert twin.merged_into == kept
    for wrong in (foreign.pk, "abc", ""):
        assert client.post(f"/residents/{kept.pk}/merge/", {"twin": wrong}).status_code == HTTPStatus.NOT_FOUND


# ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["/residents/{pk}/edit/", "/residents/{pk}/end/", "/residents/{pk}/merge/"])
def test_somebody_elses_resident_is_not_there(client, address: str) -> None:
    other = ResidentFactory(grid=make_community(4).grid)
    for method in (client.get, client.post):
        assert method(address.format(pk=other.pk)).status_code == HTTPStatus.NOT_FOUND


def test_a_specialist_sees_the_list_of_their_grid_and_changes_nothing(place) -> None:
    mine, other = ResidentFactory(grid=place.grid), ResidentFactory(grid=place.grids[1])
    client = Client()
    client.force_login(make_staff(Role.WARNING_SPECIALIST, place.grid))
    page = client.get("/residents/").content.decode()
    assert f'"/residents/{mine.pk}/"' in page
    assert f'"/residents/{other.pk}/"' not in page
    assert client.get(f"/residents/{mine.pk}/edit/").status_code == HTTPStatus.FORBIDDEN
    assert client.get("/residents/export/").status_code == HTTPStatus.FORBIDDEN


def test_the_list_shows_no_whole_name_and_no_whole_number(client, place) -> None:
    ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017", id_number=NUMBER)
    text = client.post("/residents/", {"q": "秀英"}, follow=True).content.decode()
    assert "王**" in text
    assert "199****0017" in text
    assert "19900000017" not in text
    assert NUMBER not in text


def test_a_search_is_recorded_without_what_was_searched_for(client, place) -> None:
    client.post("/residents/", {"q": "王秀英"}, follow=True)
    line = AuditEntry.objects.get(verb="residents.searched")
    assert "王秀英" not in str(line.detail)


# ── exported ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def cells(answer) -> list[str]:
    sheet = load_workbook(io.BytesIO(answer.content)).active
    return [str(cell) for line in sheet.iter_rows(values_only=True) for cell in line if cell]


def test_an_export_is_masked_unless_asked_for_with_recipient_and_purpose(client, place) -> None:
    ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017")
    masked = cells(client.post("/residents/export/", {}))
    assert "王**" in masked
    assert "王秀英" not in masked
    refused = client.post("/residents/export/", {"is_whole": "on"})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    asked = {"is_whole": "on", "recipient": "药山派出所", "purpose": "核对名册"}
    whole = cells(client.post("/residents/export/", asked))
    assert {"王秀英", "19900000017"} <= set(whole)
    assert "药山派出所" in whole[0]
    register = list(Export.objects.order_by("pk").values_list("is_whole", "rows", "recipient"))
    assert register == [(False, 1, ""), (True, 1, "药山派出所")]
    assert AuditEntry.objects.filter(verb="residents.exported").count() == 2


def test_who_may_not_export_whole_gets_it_masked_whatever_they_send(place) -> None:
    ResidentFactory(grid=place.grid, name="王秀英", phone="19900000017")
    client = Client()
    client.force_login(make_staff(Role.GRID_LEADER, place.grid))
    sent = {"is_whole": "on", "recipient": "a", "purpose": "b"}
    assert "王秀英" not in cells(client.post("/residents/export/", sent))
    assert Export.objects.get().is_whole is False


def test_minors_stay_out_of_an_export_unless_asked_for(client, place) -> None:
    ResidentFactory(grid=place.grid, name="王小宝", birth_on=date(2020, 1, 1))
    assert "王**" not in cells(client.post("/residents/export/", {}))
    assert "王**" in cells(client.post("/residents/export/", {"has_minors": "on"}))


def test_an_export_has_what_the_list_shows_and_no_more(client, place) -> None:
    ResidentFactory(grid=place.grid, name="王秀英")
    ResidentFactory(grid=place.grids[1], name="李秀兰")
    ResidentFactory(grid=make_community(4).grid, name="赵敏")
    said = cells(client.post(f"/residents/export/?grid={place.grid.code}", {}))
    assert "王**" in said
    assert "李**" not in said
    assert "赵*" not in said


def test_written_values_keep_their_indexes(place, manager) -> None:
    written = Written(place.grid, None, {"name": "王秀英", "phone": "19900000017", "id_number": NUMBER})
    one = services.take_on(written, by=manager, now=NOW)
    assert Resident.objects.with_id_number(NUMBER).get() == one
    services.change(one, Written(place.grid, None, {"name": "王秀英", "phone": ""}), by=manager, now=NOW)
    one.refresh_from_db()
    assert (one.phone, one.phone_hash, one.tail_hash) == ("", "", "")
