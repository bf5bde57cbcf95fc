"""Places: what their figures count, how the tree of areas is kept, and who may see or change what of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.clock import today
from accounts.models import AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory, UserFactory
from residents.figures import (
    Staffing,
    ages_of,
    app_of,
    groups_of,
    population_by_grid,
    residents_of,
    staffing_by_grid,
)
from residents.models import Area, AreaAlias, Level, Membership, Resident, Rule
from residents.policy import DEFAULT_RULES, KEY_GROUPS, AgeBand, Group, RuleName, age_on, least_of_a_rule
from residents.screens.areas import tree_of
from residents.screens.bars import chart_of
from residents.screens.grids import blocks_of, communities_of, grid_page, holes_of
from residents.services import (
    ResidentsError,
    add_alias,
    add_area,
    next_code,
    remove_alias,
    remove_area,
    rename_area,
    set_rules,
)
from residents.tests.factories import (
    Community,
    HouseholdFactory,
    PostFactory,
    ResidentFactory,
    make_community,
    make_elder,
    make_staff,
)

NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 4, 2)
LEAP = date(2028, 2, 29)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place() -> Community:
    return make_community()


@pytest.fixture
def boss() -> User:
    return AdministratorFactory()


@pytest.fixture
def manager(place) -> User:
    return make_staff(Role.MANAGER, place.community)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# ── figures ───────────────────────────────────────────────────────────────────────────────────────────────────────────

birthdays = st.lists(st.none() | st.dates(date(1915, 1, 1), date(2030, 12, 31)), max_size=12)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31)) | st.just(LEAP)
in_one_transaction = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def move_in(place: Community, born: list[date | None]) -> None:
    Resident.objects.all().delete()
    Resident.objects.bulk_create(Resident(grid=place.grid, name=f"甲{at}", birth_on=on) for at, on in enumerate(born))


@in_one_transaction
@given(born=birthdays, on=days)
def test_the_bands_and_the_unknown_add_up_to_everybody_whoever_is_born_when(place, born, on) -> None:
    move_in(place, born)
    ages = ages_of(residents_of(place.grid), on=on)
    assert ages.total == len(born)
    assert ages.unknown == sum(one is None or one > on for one in born)


@in_one_transaction
@given(born=birthdays, on=days)
def test_a_band_holds_whoever_is_of_its_age_and_nobody_else(place, born, on) -> None:
    move_in(place, born)
    known = [age_on(one, on) for one in born if one is not None and one <= on]
    for band, count in ages_of(residents_of(place.grid), on=on).bands:
        assert count == sum(band.holds(age) for age in known), band
    elders = population_by_grid(residents_of(place.grid), on=on)
    assert sum(one.elders for one in elders.values()) == sum(age >= 60 for age in known)


@in_one_transaction
@given(born=birthdays, first=st.integers(0, 90), width=st.integers(0, 30))
def test_whoever_is_in_none_of_fewer_bands_is_counted_as_unknown(place, born, first, width) -> None:
    move_in(place, born)
    ages = ages_of(residents_of(place.grid), on=TODAY, bands=[AgeBand(first, first + width)])
    assert ages.total == len(born)


def test_who_has_ended_is_in_no_figure(place) -> None:
    here, gone = make_elder(place.grid, has_app=True), make_elder(place.grid, has_app=True, ended_on=TODAY)
    residents = residents_of(place.grid)
    assert ages_of(residents, on=TODAY).total == 1
    assert groups_of(residents).counts[Group.ELDER_ALONE] == 1
    assert (app_of(residents).installed, app_of(residents).total) == (1, 1)
    assert population_by_grid(residents, on=TODAY)[place.grid.pk].residents == 1
    assert here.ended_on is None
    assert gone.ended_on == TODAY


def test_somebody_in_two_groups_counts_in_both_and_once_in_the_total(place) -> None:
    both, none = make_elder(place.grid), ResidentFactory(grid=place.grid)
    Membership.objects.create(resident=both, group=Group.ELDER)
    groups = groups_of(residents_of(place.grid))
    assert (groups.counts[Group.ELDER_ALONE], groups.counts[Group.ELDER], groups.counts[Group.STUDENT]) == (1, 1, 0)
    assert (groups.in_none, groups.total) == (1, 2)
    assert {group for group, _count in groups.in_key_groups} == KEY_GROUPS
    assert none.groups == ()


def test_somebody_in_two_key_groups_is_one_person_in_a_key_group(place) -> None:
    elder = make_elder(place.grid)
    Membership.objects.create(resident=elder, group=Group.LEFT_BEHIND)
    assert population_by_grid(residents_of(place.grid), on=TODAY)[place.grid.pk].in_key_groups == 1


def test_of_the_app_who_was_never_asked_counts_as_without_and_is_named(place) -> None:
    for has_app, warning in ((True, True), (True, None), (False, None), (None, None), (False, True)):
        ResidentFactory(grid=place.grid, has_app=has_app, has_call_warning=warning)
    app = app_of(residents_of(place.grid))
    assert (app.installed, app.warning_on, app.not_asked, app.total) == (2, 1, 1, 5)


def test_an_area_with_nobody_has_nothing_but_noughts(place) -> None:
    empty = residents_of(place.grids[1])
    assert ages_of(empty, on=TODAY).total == groups_of(empty).total == app_of(empty).total == 0
    assert population_by_grid(empty, on=TODAY) == {}


def staffed(grid: Area, on: date = TODAY) -> Staffing:
    return staffing_by_grid([grid], on=on)[grid.code]


def test_a_grid_with_a_leader_and_two_specialists_is_whole(place) -> None:
    PostFactory(area=place.grid, role=Role.GRID_LEADER)
    PostFactory(area=place.grid)
    PostFactory(area=place.grid)
    assert staffed(place.grid).is_whole
    assert holes_of(staffed(place.grid)) == ()


@pytest.mark.parametrize(
    ("leaders", "specialists", "said"),
    [
        (0, 0, [("high", "No grid leader"), ("high", "No warning specialist")]),
        (1, 1, [("medium", "1 warning specialist missing")]),
        (0, 2, [("high", "No grid leader")]),
        (1, 3, []),
    ],
)
def test_holes_say_who_is_missing_and_how_bad_that_is(place, leaders, specialists, said) -> None:
    for role, number in ((Role.GRID_LEADER, leaders), (Role.WARNING_SPECIALIST, specialists)):
        for _one in range(number):
            PostFactory(area=place.grid, role=role)
    assert [(hole.level, hole.words) for hole in holes_of(staffed(place.grid))] == said


def test_a_stand_in_does_not_fill_a_post_a_second_time(place) -> None:
    held = PostFactory(area=place.grid)
    PostFactory(area=place.grid, stands_in_for=held)
    assert staffed(place.grid).specialists == 1


def test_who_may_no_longer_log_in_or_serves_on_other_days_or_elsewhere_fills_no_post(place) -> None:
    PostFactory(area=place.grid, user=UserFactory(is_active=False))
    PostFactory(area=place.grid, ends_on=TODAY - timedelta(days=1))
    PostFactory(area=place.grid, starts_on=TODAY + timedelta(days=1))
    PostFactory(area=place.grids[1])
    PostFactory(area=place.community)
    assert staffed(place.grid).specialists == 0


def test_how_many_specialists_a_grid_needs_is_a_rule(place) -> None:
    PostFactory(area=place.grid)
    Rule.objects.create(name=RuleName.SPECIALISTS_PER_GRID, number=3)
    assert staffed(place.grid).missing == 2


def test_bars_are_held_against_the_whole_and_an_empty_chart_divides_by_nothing() -> None:
    chart = chart_of([("a", 1), ("b", 3)], key="k", title="t", sentence="s", whole=4, adds_up=True)
    assert [(bar.width, bar.count) for bar in chart.bars] == [("33%", 1), ("100%", 3)]
    assert chart.total == 4
    empty = chart_of([("a", 0)], key="k", title="t", sentence="s", whole=0, adds_up=False)
    assert (empty.bars[0].width, empty.total) == ("0%", None)


# ── what a page costs ─────────────────────────────────────────────────────────────────────────────────────────────────


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("name", ["grids", "areas", "posts"])
def test_a_page_of_places_asks_as_much_for_twenty_grids_as_for_two(name) -> None:
    place = make_community(grids=2)
    client = as_(make_staff(Role.MANAGER, place.community))
    for grid in place.grids:
        PostFactory(area=grid, ends_on=today() + timedelta(days=3))
        make_elder(grid)
    few = queries(client, reverse(f"residents:{name}"))
    for grid in make_community(grids=20).grids[2:]:
        PostFactory(area=grid, ends_on=today() + timedelta(days=3))
        PostFactory(area=grid, role=Role.GRID_LEADER)
        make_elder(grid)
        AreaAlias.objects.create(area=grid, name=f"又名{grid.code}")
    assert queries(client, reverse(f"residents:{name}")) == few


def test_a_grid_asks_as_much_for_twenty_people_as_for_two(place, manager) -> None:
    path, client = reverse("residents:grid", args=[place.grid.code]), as_(manager)
    PostFactory(area=place.grid)
    make_elder(place.grid)
    few = queries(client, path)
    for _one in range(20):
        PostFactory(area=place.grid, stands_in_for=PostFactory(area=place.grid))
        make_elder(place.grid)
    assert queries(client, path) == few


# ── screens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sum_of_a_community_is_the_sum_of_its_grids(place, manager) -> None:
    for grid, number in zip(place.grids, (2, 3), strict=True):
        for _one in range(number):
            make_elder(grid)
    make_elder(make_community(4).grid)
    (block,) = blocks_of(manager, communities=communities_of(manager, on=TODAY), chosen="", on=TODAY)
    assert [row.population.residents for row in block.rows] == [2, 3]
    assert (block.sum.residents, block.sum.elders, block.sum.in_key_groups) == (5, 5, 5)
    assert block.hole_count == 2


def test_an_administrator_sees_every_community_or_the_chosen_one(place, boss) -> None:
    other = make_community(4)
    communities = communities_of(boss, on=TODAY)
    assert [block.code for block in blocks_of(boss, communities=communities, chosen="", on=TODAY)] == [
        place.community.code,
        other.community.code,
    ]
    (block,) = blocks_of(boss, communities=communities, chosen=other.community.code, on=TODAY)
    assert block.code == other.community.code


def test_a_grid_lists_its_own_people_first_and_names_who_stands_in(place) -> None:
    liaison = make_staff(Role.POLICE_LIAISON, place.community, name="民警")
    held = PostFactory(area=place.grid, user=UserFactory(name="专员"))
    PostFactory(area=place.grid, user=UserFactory(name="替补"), stands_in_for=held)
    make_staff(Role.GRID_LEADER, place.grids[1], name="邻居")
    make_staff(Role.CARER, place.community, name="外人")
    people = grid_page(place.grid, user=UserFactory(), on=TODAY).people
    assert [(one.name, one.stands_in_for) for one in people] == [("专员", ""), ("替补", "专员"), (str(liaison), "")]


def test_a_tree_begins_where_somebody_s_own_areas_begin(place, manager) -> None:
    (root,) = tree_of(manager, on=TODAY)
    assert root.code == place.community.code
    assert [child.code for child in root.children] == [grid.code for grid in place.grids]


# ── the tree is kept ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_area_is_added_below_another_with_the_code_proposed(place, boss) -> None:
    code = next_code(place.community)
    added = add_area(above=place.community, level=Level.GRID, code=code, name="第3网格", by=boss, now=NOW)
    assert (added.code, added.parent) == ("370105012003003", place.community)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.at, entry.area_code) == ("residents.area_added", boss, NOW, code)


@pytest.mark.parametrize(
    "code",
    [
        "370105012003001",  # another area has it
        "370105012004009",  # it does not begin with the code above
        "370105012003",  # it is the code above
        "3701050120030011",  # it lies within the first grid's: who sees that would see this
        "37010501200300",  # the grids would lie within it
        "37010501200三",
        "",
    ],
)
def test_an_area_whose_code_does_not_fit_there_is_refused(place, boss, code) -> None:
    with pytest.raises(ResidentsError):
        add_area(above=place.community, level=Level.GRID, code=code, name="新网格", by=boss, now=NOW)
    assert Area.objects.count() == 5
    assert verbs() == []


def test_an_area_of_a_level_that_is_not_below_is_refused(place, boss) -> None:
    with pytest.raises(ResidentsError):
        add_area(above=place.grid, level=Level.GRID, code=f"{place.grid.code}001", name="新", by=boss, now=NOW)


def test_a_district_within_another_s_code_is_refused(place, boss) -> None:
    with pytest.raises(ResidentsError, match="天桥区"):
        add_area(above=None, level=Level.DISTRICT, code="370105999", name="新区", by=boss, now=NOW)
    added = add_area(above=None, level=Level.DISTRICT, code="370102", name="历下区", by=boss, now=NOW)
    assert added.parent is None


def test_the_next_code_fills_a_gap_only_when_the_numbers_have_run_out(place) -> None:
    above = place.community
    Area.objects.create(parent=above, level=Level.GRID, code=f"{above.code}999", name="末网格")
    assert next_code(above) == f"{above.code}003"
    deep = Area.objects.create(level=Level.BUILDING, code="1" * 22, name="楼")
    assert next_code(deep) == ""


def test_a_renamed_area_is_still_found_by_its_old_name_and_takes_an_alias_for_its_own(place, boss) -> None:
    AreaAlias.objects.create(area=place.grid, name="东片")
    rename_area(place.grid, name="东片", by=boss, now=NOW)
    assert list(place.grid.aliases.values_list("name", flat=True)) == ["第1网格"]
    assert set(Area.objects.named("第1网格")) == set(Area.objects.named("东片")) == {place.grid}
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.detail) == ("residents.area_renamed", {"from": "第1网格", "to": "东片"})


def test_a_rename_to_the_same_name_writes_nothing_and_to_none_is_refused(place, boss) -> None:
    rename_area(place.grid, name="第1网格", by=boss, now=NOW)
    with pytest.raises(ResidentsError):
        rename_area(place.grid, name="", by=boss, now=NOW)
    assert place.grid.name == "第1网格"
    assert verbs() == []


def test_an_alias_is_added_and_removed_with_a_line_for_each(place, boss) -> None:
    alias = add_alias(place.grid, name="东片", by=boss, now=NOW)
    assert set(Area.objects.named("东片")) == {place.grid}
    remove_alias(alias, by=boss, now=NOW)
    assert not Area.objects.named("东片").exists()
    assert verbs() == ["residents.alias_added", "residents.alias_removed"]


@pytest.mark.parametrize("name", ["第1网格", "东片", ""])
def test_a_name_an_area_goes_by_already_or_none_is_refused(place, boss, name) -> None:
    AreaAlias.objects.create(area=place.grid, name="东片")
    with pytest.raises(ResidentsError) as caught:
        add_alias(place.grid, name=name, by=boss, now=NOW)
    assert ("already" in str(caught.value)) == bool(name)
    assert verbs() == []


def test_an_empty_area_is_removed_and_the_trail_keeps_its_name(place, boss) -> None:
    grid = place.grids[1]
    AreaAlias.objects.create(area=grid, name="西片")
    remove_area(grid, by=boss, now=NOW)
    assert not Area.objects.filter(code="370105012003002").exists()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.area_code, entry.detail) == (
        "residents.area_removed",
        "370105012003002",
        {"name": "第2网格"},
    )


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (lambda grid: PostFactory(area=grid), "posts 1"),
        (lambda grid: HouseholdFactory(grid=grid), "households 1"),
        (lambda grid: ResidentFactory(grid=grid, household=None, ended_on=TODAY), "residents 1"),
    ],
)
def test_an_area_of_which_something_is_kept_stays_and_says_what(place, boss, kept, said) -> None:
    kept(place.grid)
    with pytest.raises(ResidentsError, match=said):
        remove_area(place.grid, by=boss, now=NOW)
    assert Area.objects.filter(pk=place.grid.pk).exists()
    assert verbs() == []


def test_an_area_with_areas_below_it_stays(place, boss) -> None:
    with pytest.raises(ResidentsError, match="areas 2"):
        remove_area(place.community, by=boss, now=NOW)


# ── rules with numbers ────────────────────────────────────────────────────────────────────────────────────────────────


def test_rules_are_set_with_one_line_and_a_default_leaves_no_row(boss) -> None:
    assert set_rules({RuleName.VISIT_EVERY_DAYS: 5, RuleName.KEEP_LOGS_DAYS: 1095}, by=boss, now=NOW) == {
        RuleName.VISIT_EVERY_DAYS: 5
    }
    assert Rule.objects.number(RuleName.VISIT_EVERY_DAYS) == 5
    set_rules({RuleName.VISIT_EVERY_DAYS: DEFAULT_RULES[RuleName.VISIT_EVERY_DAYS]}, by=boss, now=NOW)
    assert not Rule.objects.exists()
    assert [entry.detail for entry in AuditEntry.objects.order_by("pk")] == [
        {"visit_every_days": [7, 5]},
        {"visit_every_days": [5, 7]},
    ]


def test_rules_as_they_are_write_nothing(boss) -> None:
    assert set_rules(Rule.objects.numbers(), by=boss, now=NOW) == {}
    assert verbs() == []


@pytest.mark.parametrize("name", RuleName)
def test_no_rule_goes_below_its_floor_or_beyond_the_calendar_and_none_is_then_changed(boss, name) -> None:
    other = next(one for one in RuleName if one != name)
    for number in (least_of_a_rule(name) - 1, 10_001):
        with pytest.raises(ResidentsError):
            set_rules({other: 200, name: number}, by=boss, now=NOW)
    assert not Rule.objects.exists()
    assert verbs() == []


def numbers(**changed: object) -> dict[str, object]:
    return {str(name): number for name, number in DEFAULT_RULES.items()} | changed


def test_the_page_of_rules_saves_and_refuses_below_the_floor_without_losing_what_was_typed(boss) -> None:
    client, path = as_(boss), reverse("residents:rules")
    refused = client.post(path, numbers(keep_logs_days=179, visit_every_days=5))
    assert refused.status_code == 200
    assert "Enter a number from 180 to 10000." in refused.content.decode()
    assert 'value="179"' in refused.content.decode()
    assert not Rule.objects.exists()
    assert client.post(path, numbers(keep_logs_days=180)).status_code == 302
    assert Rule.objects.numbers()[RuleName.KEEP_LOGS_DAYS] == 180


@pytest.mark.parametrize("typed", ["", "x", "-1", "9" * 40, "1.5"])
def test_what_is_no_number_is_refused_with_words(boss, typed) -> None:
    answer = as_(boss).post(reverse("residents:rules"), numbers(visit_every_days=typed))
    assert answer.status_code == 200
    assert "Enter a number from 1 to 10000." in answer.content.decode()


# ── who may open and press what ───────────────────────────────────────────────────────────────────────────────────────


def addresses(place: Community) -> dict[str, str]:
    code = [place.grid.code]
    names = {"grids": [], "grid": code, "areas": [], "area": code, "rules": []}
    return {name: reverse(f"residents:{name}", args=args) for name, args in names.items()}


@pytest.mark.parametrize(
    ("role", "opened"),
    [
        (Role.MANAGER, {"grids", "grid", "areas", "area"}),
        (Role.DUTY_OFFICER, {"grids", "grid"}),
        (Role.GRID_LEADER, {"grids", "grid"}),
        (Role.WARNING_SPECIALIST, {"grids", "grid"}),
        (Role.POLICE_LIAISON, set()),
        (Role.SUPERVISOR, set()),
        (Role.CARER, set()),
        (Role.OUTREACH_WORKER, set()),
        (Role.BUILDING_INFORMANT, set()),
    ],
)
def test_pages_of_places_open_by_duty(place, role, opened) -> None:
    client = as_(make_staff(role, place.community))
    answers = {name: client.get(path).status_code for name, path in addresses(place).items()}
    assert answers == {name: 200 if name in opened else 403 for name in answers}


def test_an_administrator_opens_all_and_nobody_who_is_not_logged_in_any(place, boss) -> None:
    for path in addresses(place).values():
        assert as_(boss).get(path).status_code == 200
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, reverse("accounts:login"))


def test_areas_of_another_community_are_nowhere_to_be_found(place) -> None:
    client = as_(make_staff(Role.MANAGER, make_community(4).community))
    code = [place.grid.code]
    for name in ("grid", "area"):
        assert client.get(reverse(f"residents:{name}", args=code)).status_code == 404
    for name in ("add_area", "rename_area", "add_alias", "remove_area"):
        assert client.post(reverse(f"residents:{name}", args=code), {"name-name": "x"}).status_code == 404
    alias = AreaAlias.objects.create(area=place.grid, name="东片")
    assert client.post(reverse("residents:drop_alias", args=[alias.pk])).status_code == 404
    assert AreaAlias.objects.exists()


def test_a_manager_cannot_touch_what_lies_above_nor_the_rules(place, manager) -> None:
    client = as_(manager)
    assert (
        client.post(reverse("residents:rename_area", args=[place.street.code]), {"name-name": "x"}).status_code == 404
    )
    assert client.post(reverse("residents:add_district"), {"name": "x", "code": "1"}).status_code == 403
    assert client.post(reverse("residents:rules"), numbers(visit_every_days=5)).status_code == 403
    assert not Rule.objects.exists()


def test_a_manager_adds_renames_names_and_removes_on_the_area_s_page(place, manager) -> None:
    client, above, code = as_(manager), place.community.code, "370105012003003"
    client.post(reverse("residents:add_area", args=[above]), {"new-name": "第3网格", "new-code": code})
    client.post(reverse("residents:rename_area", args=[code]), {"name-name": "河东网格"})
    client.post(reverse("residents:add_alias", args=[code]), {"alias-name": "河东"})
    page = client.get(reverse("residents:area", args=[code])).content.decode()
    assert "河东网格" in page
    assert "第3网格" in page
    client.post(reverse("residents:drop_alias", args=[AreaAlias.objects.get(name="河东").pk]))
    gone = client.post(reverse("residents:remove_area", args=[code]))
    assert gone["Location"] == reverse("residents:area", args=[above])
    assert verbs()[-5:] == [
        "residents.area_added",
        "residents.area_renamed",
        "residents.alias_added",
        "residents.alias_removed",
        "residents.area_removed",
    ]


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("add_area", {"new-name": "重号", "new-code": "370105012003001"}, "Another area has this code."),
        ("add_area", {"new-name": "重号", "new-code": "12x"}, "A code has digits only."),
        ("add_area", {"new-name": "", "new-code": "370105012003009"}, "Enter the name."),
        ("rename_area", {"name-name": " "}, "Enter the name."),
        ("add_alias", {"alias-name": "第3社区"}, "already"),
    ],
)
def test_what_is_refused_on_an_area_s_page_says_why_and_keeps_what_was_typed(place, manager, name, typed, said) -> None:
    answer = as_(manager).post(reverse(f"residents:{name}", args=[place.community.code]), typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert all(f'value="{text}"' in page for text in typed.values() if text.strip())


def test_a_rename_that_the_tree_refuses_is_said_on_the_page(place, boss) -> None:
    # As an old file may have left it: a grid below another grid.
    Area.objects.filter(pk=place.community.pk).update(level=Level.BUILDING)
    answer = as_(boss).post(reverse("residents:rename_area", args=[place.community.code]), {"name-name": "新名"})
    assert answer.status_code == 200
    assert "An area below it has the same level or a wider one." in answer.content.decode()


def test_removing_an_area_in_use_says_what_stands_in_the_way(place, manager) -> None:
    make_elder(place.grid)
    answer = as_(manager).post(reverse("residents:remove_area", args=[place.grid.code]), follow=True)
    assert "cannot be removed" in answer.content.decode()
    assert "residents 1" in answer.content.decode()


def test_the_list_of_grids_takes_whatever_stands_in_its_address(place, boss) -> None:
    for community in ("", "0", "x" * 500, "%00", place.community.code):
        assert as_(boss).get(reverse("residents:grids"), {"community": community}).status_code == 200


def test_with_no_area_at_all_the_pages_say_what_to_do_first(boss) -> None:
    assert "No grid yet." in as_(boss).get(reverse("residents:grids")).content.decode()
    assert "No area yet." in as_(boss).get(reverse("residents:areas")).content.decode()
