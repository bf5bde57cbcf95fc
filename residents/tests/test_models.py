"""Areas, posts and residents: what one row knows, and the questions asked of many."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.roles import Role
from residents.models import Area, AreaAlias, Household, Level, Membership, Post, Resident, Sex
from residents.policy import Group
from residents.tests.factories import (
    AreaFactory,
    FamilyContactFactory,
    HouseholdFactory,
    PostFactory,
    ResidentFactory,
    make_community,
    make_staff,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 2)


def test_an_area_holds_itself_and_all_below_it_and_no_neighbour() -> None:
    place = make_community(3)
    make_community(4)
    assert set(Area.objects.within(place.community.code)) == {place.community, *place.grids}
    assert set(Area.objects.within(place.street.code).communities()) == set(Area.objects.communities())
    assert Area.objects.within(place.community.code).grids().count() == 2


def test_what_lies_around_an_area_comes_narrowest_first() -> None:
    place = make_community()
    assert list(Area.objects.around(place.grid.code)) == [place.grid, place.community, place.street, place.district]


def test_an_area_is_found_by_its_name_and_by_any_other_name_once() -> None:
    grid = make_community().grid
    AreaAlias.objects.create(area=grid, name="1网格")
    AreaAlias.objects.create(area=grid, name=grid.name)
    assert list(Area.objects.named("1网格")) == [grid]
    assert list(Area.objects.named(grid.name)) == [grid]
    assert not Area.objects.named("").exists()


def test_an_area_knows_its_community() -> None:
    place = make_community()
    assert place.grid.community == place.community
    assert place.grid.community_code == place.community.code
    assert place.community.community == place.community
    assert place.street.community is None
    assert place.street.community_code == ""


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("370105013001", Level.COMMUNITY),
        ("370105012", Level.COMMUNITY),
        ("370105012009", Level.STREET),
        ("37010501200A", Level.COMMUNITY),
    ],
)
def test_a_place_in_the_tree_that_the_code_contradicts_is_refused(code: str, level: str) -> None:
    with pytest.raises(ValidationError):
        Area(code=code, name="某处", level=level, parent=make_community().street).full_clean()


def test_a_level_that_those_below_contradict_is_refused() -> None:
    community = make_community().community
    community.level = Level.GRID
    with pytest.raises(ValidationError):
        community.full_clean()


def test_two_areas_cannot_share_a_code() -> None:
    place = make_community()
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.create(code=place.grid.code, name="另一网格", level=Level.GRID)


def test_those_who_serve_a_grid_hold_posts_there_or_above() -> None:
    place, other = make_community(3), make_community(4)
    leader = make_staff(Role.GRID_LEADER, place.grid)
    manager = make_staff(Role.MANAGER, place.community)
    supervisor = make_staff(Role.SUPERVISOR, place.street)
    make_staff(Role.GRID_LEADER, place.grids[1])
    make_staff(Role.MANAGER, other.community)
    serving = Post.objects.serving(place.grid.code)
    assert {post.user for post in serving} == {leader, manager, supervisor}
    assert [post.user for post in serving.of_role(Role.MANAGER)] == [manager]


def test_posts_of_a_day_leave_out_those_that_ended_and_those_to_come() -> None:
    area = make_community().grid
    now = PostFactory(area=area, starts_on=date(2026, 1, 1), ends_on=TODAY)
    PostFactory(area=area, starts_on=date(2026, 1, 1), ends_on=date(2026, 4, 1))
    PostFactory(area=area, starts_on=date(2026, 4, 3))
    assert list(Post.objects.current(TODAY)) == [now]


def test_a_post_cannot_end_before_it_starts() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PostFactory(starts_on=TODAY, ends_on=date(2026, 4, 1))


@pytest.mark.parametrize(
    ("building", "unit", "room", "address"),
    [
        ("3", "2", "401", "3号楼2单元401"),
        ("12", "", "501", "12号楼501"),
        ("幸福公寓", "东门", "", "幸福公寓东门"),
        ("3", "2", "", "3号楼2单元"),
    ],
)
def test_an_address_is_written_as_on_the_spot(building: str, unit: str, room: str, address: str) -> None:
    assert Household(building=building, unit=unit, room=room).address == address


def test_there_is_one_household_per_door() -> None:
    door = HouseholdFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        HouseholdFactory(grid=door.grid, room=door.room)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(1950, 4, 2), TODAY, 76),
        (date(1950, 4, 3), TODAY, 75),
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (TODAY, TODAY, 0),
        (None, TODAY, None),
    ],
)
def test_an_age_counts_full_years(born, on: date, age) -> None:
    assert Resident(birth_on=born).age(on) == age


def test_the_short_facts_say_what_a_worker_at_the_door_wants_to_know() -> None:
    resident = ResidentFactory(sex=Sex.FEMALE, birth_on=date(1948, 1, 1), occupation="退休")
    Membership.objects.create(resident=resident, group=Group.ELDER_ALONE)
    with translation.override("en"):
        assert resident.short_facts(TODAY) == "Woman · 78 years · lives alone · 退休"
        assert Resident().short_facts(TODAY) == ""


def test_a_resident_is_found_by_phone_however_typed_and_by_name_and_by_id_number() -> None:
    wanted = ResidentFactory(name="王秀英", phone="19900000017", id_number="999999195001010012")
    ResidentFactory()
    assert list(Resident.objects.with_phone("+86 199-0000-0017")) == [wanted]
    assert list(Resident.objects.named(" 王秀英 ")) == [wanted]
    assert list(Resident.objects.with_id_number("999999 19500101 0012")) == [wanted]
    assert list(Resident.objects.within(wanted.grid.code).named("王秀英")) == [wanted]


@pytest.mark.parametrize("nothing", ["", "   "])
def test_an_empty_question_finds_nobody(nothing: str) -> None:
    ResidentFactory(phone="", id_number="")
    assert not Resident.objects.with_phone(nothing).exists()
    assert not Resident.objects.with_id_number(nothing).exists()
    assert not Resident.objects.named(nothing).exists()


def test_phone_and_id_number_are_nowhere_in_the_database() -> None:
    resident = ResidentFactory(phone="19900000017", id_number="999999195001010012")
    FamilyContactFactory(resident=resident, phone="19900000018")
    with connection.cursor() as cursor:
        for table in ("residents_resident", "residents_familycontact"):
            cursor.execute(f"SELECT * FROM {table}")
            everything = str(cursor.fetchall())
            assert "1990000001" not in everything
            assert "9999991950" not in everything
    assert Resident.objects.get().id_number == "999999195001010012"


def test_rows_written_in_bulk_are_indexed_too() -> None:
    grid = make_community().grid
    Resident.objects.bulk_create([Resident(name="王秀英", grid=grid, phone="19900000017")])
    assert Resident.objects.with_phone("19900000017").exists()


def test_a_resident_shows_masked_wherever_it_is_printed() -> None:
    resident = ResidentFactory(name="王秀英", phone="19900000017", id_number="999999195001010012")
    assert str(resident) == "王**"
    assert resident.masked_phone == "199****0017"
    assert resident.masked_id_number == "999*************12"
    assert str(FamilyContactFactory(resident=resident, name="李女儿", relation="女儿")) == "李** 女儿"


def test_who_moved_away_lives_here_no_longer() -> None:
    here = ResidentFactory()
    ResidentFactory(ended_on=TODAY)
    assert list(Resident.objects.living_here()) == [here]


def test_family_is_called_in_its_order() -> None:
    resident = ResidentFactory()
    second = FamilyContactFactory(resident=resident, order=2)
    first = FamilyContactFactory(resident=resident, order=1)
    assert list(resident.family_contacts.all()) == [first, second]


def test_a_form_brings_numbers_into_their_one_form_and_names_each_wrong_one() -> None:
    place = make_community()
    resident = ResidentFactory.build(
        household=HouseholdFactory(grid=place.grids[0]), grid=place.grids[1], phone="123", id_number="3.7E+17"
    )
    with pytest.raises(ValidationError) as caught:
        resident.clean()
    assert set(caught.value.message_dict) == {"phone", "id_number", "household"}
    resident.household, resident.phone, resident.id_number = None, "199 0000 0017", ""
    resident.clean()
    assert resident.phone == "19900000017"


def test_an_area_above_two_levels_need_not_have_the_level_between() -> None:
    district = AreaFactory()
    Area(code="370105012003", name="直属社区", level=Level.COMMUNITY, parent=district).full_clean()


@pytest.mark.parametrize(
    "question", [lambda: Resident.objects.with_phone("19900000017"), lambda: Resident.objects.named("王秀英")]
)
def test_matching_an_alert_to_a_resident_uses_an_index(question) -> None:
    grid = make_community().grid
    Resident.objects.bulk_create(
        [Resident(name=f"居民{number}", grid=grid, phone=f"1990000{number:04d}") for number in range(2000)]
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE residents_resident")
    plan = question().order_by().explain()
    assert "resident_by_phone" in plan or "resident_by_name" in plan
