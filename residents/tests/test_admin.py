"""The administration of places and residents: masked, found, checked, in the trail."""

import pytest

from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory, UserFactory
from residents.models import Area, Post, Resident
from residents.tests.factories import FamilyContactFactory, PostFactory, ResidentFactory, make_community

pytestmark = pytest.mark.django_db
RESIDENTS = "/admin/residents/resident/"


@pytest.fixture
def boss(client):
    administrator = AdministratorFactory()
    client.force_login(administrator)
    return administrator


def test_the_list_shows_numbers_masked(client, boss) -> None:
    ResidentFactory(phone="19900000017", id_number="999999195001010012")
    page = client.get(RESIDENTS).content.decode()
    assert "199****0017" in page
    assert "19900000017" not in page
    assert "999999195001010012" not in page


def test_opening_a_resident_shows_the_numbers_and_is_in_the_trail(client, boss) -> None:
    resident = FamilyContactFactory(resident__phone="19900000017").resident
    page = client.get(f"{RESIDENTS}{resident.pk}/change/").content.decode()
    assert "19900000017" in page
    entry = AuditEntry.objects.about(resident).get()
    assert (entry.verb, entry.actor) == ("residents.resident_revealed", boss)


def test_a_resident_is_found_by_whole_numbers_and_by_name(client, boss) -> None:
    wanted = ResidentFactory(name="王秀英", phone="19900000017", id_number="999999195001010012")
    ResidentFactory(name="李建国")
    for question in ("王秀英", "199-0000-0017", "999999195001010012"):
        page = client.get(RESIDENTS, {"q": question}).content.decode()
        assert f"/{wanted.pk}/change/" in page
        assert "李建国" not in page


def test_the_list_costs_the_same_queries_for_two_residents_as_for_twenty(
    client, boss, django_assert_max_num_queries
) -> None:
    ResidentFactory.create_batch(20)
    with django_assert_max_num_queries(8):
        client.get(RESIDENTS)


def test_a_post_that_overlaps_is_refused_and_nothing_typed_is_lost(client, boss) -> None:
    post = PostFactory(role=Role.CARER)
    form = {"user": post.user.pk, "area": post.area.pk, "role": Role.GRID_LEADER, "starts_on": "2026-04-02"}
    answer = client.post("/admin/residents/post/add/", form)
    assert answer.status_code == 200
    assert post.user.name in answer.content.decode()
    assert Post.objects.count() == 1
    assert client.post("/admin/residents/post/add/", form | {"user": UserFactory().pk}).status_code == 302
    assert AuditEntry.objects.filter(verb="residents.post_added").count() == 1


def test_an_empty_form_is_refused_and_no_error_page(client, boss) -> None:
    for model in ("area", "post", "resident", "household"):
        assert client.post(f"/admin/residents/{model}/add/", {}).status_code == 200


def test_an_area_is_kept_with_its_other_names(client, boss) -> None:
    place = make_community()
    form = {
        "code": f"{place.community.code}009",
        "name": "第九网格",
        "level": "grid",
        "parent": place.community.pk,
        "aliases-TOTAL_FORMS": "1",
        "aliases-INITIAL_FORMS": "0",
        "aliases-0-name": "9网格",
    }
    assert client.post("/admin/residents/area/add/", form).status_code == 302
    assert Area.objects.named("9网格").get().name == "第九网格"
    assert AuditEntry.objects.get().verb == "residents.area_added"


def test_the_code_of_an_area_is_not_changed_once_it_is_given(client, boss) -> None:
    place = make_community()
    form = {
        "code": "999",
        "name": "新名",
        "level": "grid",
        "parent": place.community.pk,
        "aliases-TOTAL_FORMS": "0",
        "aliases-INITIAL_FORMS": "0",
    }
    assert client.post(f"/admin/residents/area/{place.grid.pk}/change/", form).status_code == 302
    changed = Area.objects.get(pk=place.grid.pk)
    assert (changed.code, changed.name) == (place.grid.code, "新名")


def test_a_deleted_resident_is_in_the_trail_by_the_masked_name(client, boss) -> None:
    resident = ResidentFactory(name="王秀英")
    assert client.post(f"{RESIDENTS}{resident.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Resident.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.detail) == ("residents.resident_deleted", {"was": "王**"})
