"""Posts: given, ended, stood in for, taken back; and the page that says who is missing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.clock import today
from accounts.models import AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory, UserFactory
from residents.models import Post
from residents.screens.posts import holes_in, people_for, posts_page
from residents.services import (
    ResidentsError,
    appoint_new_person,
    end_post,
    substitute,
    withdraw_post,
)
from residents.tests.factories import Community, PostFactory, make_community, make_staff

NOW = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 4, 2)
MARCH, IN_FIVE_DAYS, APRIL_END = date(2026, 3, 1), date(2026, 4, 7), date(2026, 4, 30)

pytestmark = pytest.mark.django_db


def ahead(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place() -> Community:
    return make_community()


@pytest.fixture
def manager(place) -> User:
    return make_staff(Role.MANAGER, place.community)


@pytest.fixture
def post(place) -> Post:
    return PostFactory(area=place.grid, role=Role.GRID_LEADER, starts_on=MARCH, ends_on=APRIL_END)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))


# ── somebody new ──────────────────────────────────────────────────────────────────────────────────────────────────────


def enter(place: Community, by: User, **changed: object) -> Post:
    given = {"username": "xin.lai", "name": "新来的", "phone": "199 0000 7777", "role": Role.CARER}
    return appoint_new_person(area=place.grid, starts_on=TODAY, by=by, now=NOW, **{**given, **changed})


def test_somebody_new_holds_the_post_and_cannot_log_in_before_they_have_a_password(place, manager) -> None:
    user = enter(place, manager).user
    assert (user.username, user.phone, user.has_usable_password()) == ("xin.lai", "19900007777", False)
    assert verbs() == ["accounts.person_entered", "residents.appointed"]
    assert {entry.area_code for entry in AuditEntry.objects.all()} == {place.grid.code}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "schon.da"}, "taken"),
        ({"phone": "19900001111"}, "Somebody else logs in"),
        ({"phone": "12345"}, "eleven digits"),
        ({"ends_on": ahead(-1)}, "cannot end before"),
    ],
)
def test_nobody_is_entered_under_another_s_name_or_number_or_without_a_post(place, manager, changed, said) -> None:
    UserFactory(username="schon.da", phone="19900001111")
    before = User.objects.count()
    with pytest.raises(ResidentsError, match=said):
        enter(place, manager, **changed)
    assert User.objects.count() == before
    assert verbs() == []


# ── the end of a post ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_ends_on_a_day_that_still_counts_with_one_line(post, manager) -> None:
    end_post(post, last_on=TODAY, by=manager, now=NOW)
    assert Post.objects.current(TODAY).filter(pk=post.pk).exists()
    assert not Post.objects.current(ahead(1)).filter(pk=post.pk).exists()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.area_code, entry.detail["was"], entry.detail["to"]) == (
        "residents.post_ended",
        post.area.code,
        "2026-04-30",
        "2026-04-02",
    )


@pytest.mark.parametrize(
    ("last_on", "said"),
    [(APRIL_END, "already"), (date(2026, 5, 1), "already"), (date(2026, 2, 28), "begins on")],
)
def test_a_post_is_neither_lengthened_nor_ended_before_it_begins(post, manager, last_on, said) -> None:
    with pytest.raises(ResidentsError, match=said):
        end_post(post, last_on=last_on, by=manager, now=NOW)
    assert Post.objects.get(pk=post.pk).ends_on == APRIL_END
    assert verbs() == []


def test_nobody_ends_their_own_post_but_an_administrator(place, manager) -> None:
    own = manager.posts.get()
    with pytest.raises(ResidentsError, match="administrator"):
        end_post(own, last_on=TODAY, by=manager, now=NOW)
    boss = AdministratorFactory()
    held = PostFactory(user=boss, area=place.grid)
    assert end_post(held, last_on=TODAY, by=boss, now=NOW).ends_on == TODAY
    assert end_post(own, last_on=TODAY, by=boss, now=NOW).ends_on == TODAY


def test_what_somebody_else_did_in_the_meantime_counts(post, manager) -> None:
    Post.objects.filter(pk=post.pk).update(ends_on=TODAY)
    with pytest.raises(ResidentsError, match="already"):
        end_post(post, last_on=ahead(3), by=manager, now=NOW)
    with pytest.raises(ResidentsError, match="within it"):
        substitute(post, stand_in=UserFactory(), starts_on=TODAY, ends_on=ahead(3), by=manager, now=NOW)
    Post.objects.filter(pk=post.pk).delete()
    with pytest.raises(ResidentsError, match="withdrawn in the meantime"):
        end_post(post, last_on=TODAY, by=manager, now=NOW)
    with pytest.raises(ResidentsError, match="withdrawn in the meantime"):
        substitute(post, stand_in=UserFactory(), starts_on=TODAY, ends_on=TODAY, by=manager, now=NOW)
    assert verbs() == []


# ── standing in ───────────────────────────────────────────────────────────────────────────────────────────────────────


def stand_in_for(
    post: Post, by: User, *, first: date = TODAY, last: date = IN_FIVE_DAYS, who: User | None = None
) -> Post:
    return substitute(post, stand_in=who or UserFactory(), starts_on=first, ends_on=last, by=by, now=NOW)


def test_a_stand_in_holds_the_same_post_for_some_days_beside_it(post, manager) -> None:
    held = stand_in_for(post, manager)
    assert (held.area, held.role, held.stands_in_for, held.ends_on) == (post.area, post.role, post, ahead(5))
    assert Post.objects.current(TODAY).of_role(Role.GRID_LEADER).count() == 2
    assert list(Post.objects.standing_in()) == [held]
    assert list(Post.objects.of_their_own().filter(area=post.area)) == [post]
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.area_code, entry.detail["for"]) == ("residents.substituted", post.area.code, post.pk)


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 2, 28), TODAY, "within it"),
        (TODAY, date(2026, 5, 1), "within it"),
        (TODAY, ahead(-1), "cannot end before"),
    ],
)
def test_nobody_stands_in_on_days_the_post_does_not_run_or_that_end_before_they_begin(
    post, manager, first, last, said
) -> None:
    with pytest.raises(ResidentsError, match=said):
        stand_in_for(post, manager, first=first, last=last)
    assert verbs() == []


def test_nobody_stands_in_for_themselves_or_for_a_stand_in_or_beside_a_post_of_their_own(post, manager) -> None:
    with pytest.raises(ResidentsError, match="themselves"):
        stand_in_for(post, manager, who=post.user)
    held = stand_in_for(post, manager)
    with pytest.raises(ResidentsError, match="stands in for another"):
        stand_in_for(held, manager)
    with pytest.raises(ResidentsError, match="already"):
        stand_in_for(post, manager, who=held.user)
    assert verbs() == ["residents.substituted"]


def test_who_stands_in_for_a_post_that_ends_goes_on_to_their_own_last_day(post, manager) -> None:
    held = stand_in_for(post, manager)
    end_post(post, last_on=TODAY, by=manager, now=NOW)
    assert list(Post.objects.current(ahead(5)).filter(area=post.area)) == [held]


# ── taken back ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_post_that_has_not_begun_is_taken_back_with_who_was_to_stand_in(place, manager) -> None:
    post = PostFactory(area=place.grid, starts_on=ahead(1))
    held = PostFactory(area=place.grid, starts_on=ahead(2), ends_on=ahead(3), stands_in_for=post)
    withdraw_post(post, by=manager, now=NOW, on=TODAY)
    assert not Post.objects.filter(area=place.grid).exists()
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.area_code) == ("residents.post_withdrawn", place.grid.code)
    assert entry.detail["stand_ins"] == [held.user_id]


def test_a_post_that_has_begun_is_not_taken_back(post, manager) -> None:
    with pytest.raises(ResidentsError, match="has begun"):
        withdraw_post(post, by=manager, now=NOW, on=MARCH)
    assert Post.objects.filter(pk=post.pk).exists()
    assert verbs() == []


# ── what the page shows ───────────────────────────────────────────────────────────────────────────────────────────────


def test_only_posts_of_one_s_own_areas_on_the_chosen_day_are_listed(place, manager, post) -> None:
    PostFactory(area=make_community(4).grid)
    rows = posts_page(manager, {}, on=TODAY, number="").rows
    assert {row.pk for row in rows} == {post.pk, manager.posts.get().pk}
    later = posts_page(manager, {"on": date(2026, 5, 1)}, on=TODAY, number="").rows
    assert {row.pk for row in later} == {manager.posts.get().pk}


def test_posts_are_found_by_name_username_role_and_area(place, manager) -> None:
    one = PostFactory(area=place.grid, user=UserFactory(name="李建国", username="li.jianguo"))
    PostFactory(area=place.grids[1], role=Role.CARER)
    for chosen in (
        {"q": "建国"},
        {"q": "li.j"},
        {"role": Role.WARNING_SPECIALIST},
        {"area": place.grid.code},
    ):
        assert [row.pk for row in posts_page(manager, chosen, on=TODAY, number="").rows] == [one.pk], chosen


def test_who_cannot_log_in_yet_is_marked(place, manager) -> None:
    PostFactory(area=place.grid, user=UserFactory(password="lang und geheim"))
    PostFactory(area=place.grid, user=UserFactory(password=None))
    rows = posts_page(manager, {"area": place.grid.code}, on=TODAY, number="").rows
    assert [row.may_log_in for row in rows] == [True, False]


def test_a_post_that_ends_soon_asks_for_who_follows_and_a_successor_silences_it(manager, post) -> None:
    Post.objects.filter(pk=post.pk).update(ends_on=ahead(10))
    (ending,) = holes_in(manager, on=TODAY).soon
    assert (ending.name, ending.ends_on) == (str(post.user), ahead(10))
    assert f"area={post.area.code}&role=grid_leader" in ending.appoint_url
    PostFactory(area=post.area, role=post.role, starts_on=ahead(11))
    assert holes_in(manager, on=TODAY).soon == ()


def test_a_stand_in_is_no_successor_and_asks_for_none(manager, post) -> None:
    Post.objects.filter(pk=post.pk).update(ends_on=ahead(10))
    PostFactory(area=post.area, role=post.role, starts_on=ahead(1), ends_on=ahead(12), stands_in_for=post)
    assert len(holes_in(manager, on=TODAY).soon) == 1


def test_a_manager_appoints_who_served_here_and_an_administrator_anybody(place, manager) -> None:
    here = PostFactory(area=place.grid, ends_on=MARCH, starts_on=MARCH).user
    elsewhere = PostFactory(area=make_community(4).grid).user
    left = PostFactory(area=place.grid, user=UserFactory(is_active=False)).user
    assert set(people_for(manager, on=TODAY)) == {manager, here}
    boss = AdministratorFactory()
    assert set(people_for(boss, on=TODAY)) == {manager, here, elsewhere, boss}
    assert left not in people_for(boss, on=TODAY)


def test_the_page_asks_as_much_for_many_posts_as_for_few(place, manager) -> None:
    client, path = as_(manager), reverse("residents:posts")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    PostFactory(area=place.grid, stands_in_for=PostFactory(area=place.grid, ends_on=today()))
    few = asked()
    for _one in range(20):
        PostFactory(area=place.grid, stands_in_for=PostFactory(area=place.grid, ends_on=today()))
    assert asked() == few


# ── views ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def typed(place: Community, **changed: object) -> dict[str, object]:
    return {"area": place.grid.code, "role": Role.CARER.value, "starts_on": f"{today()}"} | changed


def test_a_manager_appoints_somebody_known_by_name_username_or_number(place, manager) -> None:
    client, path = as_(manager), reverse("residents:appoint")
    users = [PostFactory(area=place.grids[1]).user for _one in range(3)]
    for user, said in zip(users, (users[0].name, users[1].username, users[2].phone), strict=True):
        assert client.post(path, typed(place, person=said)).status_code == 302
        assert user.posts.filter(area=place.grid, role=Role.CARER).exists()
    assert verbs() == ["residents.appointed"] * 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"person": "张无名"}, "Nobody of this name"),
        ({"person": "同名"}, "Several people"),
        ({"person": "von.drueben"}, "Nobody of this name"),
        ({"person": ""}, "Say who it is."),
        ({"person": "\x00"}, "Not saved yet"),
        ({"area": "370105012004001"}, "Not saved yet"),
        ({"role": "emperor"}, "Not saved yet"),
        ({"starts_on": "gestern"}, "Not saved yet"),
        ({"ends_on": "2000-01-01"}, "cannot end before"),
    ],
)
def test_an_appointment_that_cannot_be_says_why(place, manager, changed, said) -> None:
    PostFactory(area=make_community(4).grid, user=UserFactory(username="von.drueben"))
    PostFactory(area=place.grids[1], user=UserFactory(username="hier", name="李建国"))
    for _one in range(2):
        PostFactory(area=place.grids[1], user=UserFactory(name="同名"))
    answer = as_(manager).post(reverse("residents:appoint"), typed(place, person="hier") | changed)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert verbs() == []


def test_a_manager_enters_somebody_new_and_a_taken_username_loses_nothing_typed(place, manager) -> None:
    client, path = as_(manager), reverse("residents:appoint_new")
    given = typed(place, name="新来的", username="xin.lai", phone="19900007777")
    assert client.post(path, given).status_code == 302
    again = client.post(path, given | {"phone": ""}).content.decode()
    assert "This username is taken." in again
    assert 'value="新来的"' in again


def test_a_manager_ends_stands_in_and_withdraws(place, manager) -> None:
    client = as_(manager)
    held, coming = PostFactory(area=place.grid), PostFactory(area=place.grid, starts_on=today() + timedelta(days=9))
    helper = PostFactory(area=place.grids[1]).user
    span = {"starts_on": f"{today()}", "ends_on": f"{today() + timedelta(days=2)}"}
    assert (
        client.post(reverse("residents:substitute", args=[held.pk]), {"person": helper.username, **span}).status_code
        == 302
    )
    assert client.post(reverse("residents:end_post", args=[held.pk]), {"last_on": f"{today()}"}).status_code == 302
    assert "has not begun" in client.get(reverse("residents:end_post", args=[coming.pk])).content.decode()
    assert client.post(reverse("residents:withdraw_post", args=[coming.pk])).status_code == 302
    assert verbs() == ["residents.substituted", "residents.post_ended", "residents.post_withdrawn"]


def test_what_is_refused_of_a_post_is_said(place, manager) -> None:
    client, held = as_(manager), PostFactory(area=place.grid)
    end = reverse("residents:end_post", args=[held.pk])
    assert "begins on" in client.post(end, {"last_on": "2019-01-01"}).content.decode()
    assert "Enter the last day." in client.post(end, {"last_on": ""}).content.decode()
    assert "has begun" in client.post(reverse("residents:withdraw_post", args=[held.pk]), follow=True).content.decode()
    own = reverse("residents:end_post", args=[manager.posts.get().pk])
    assert "administrator" in client.post(own, {"last_on": f"{today()}"}).content.decode()
    span = {"starts_on": f"{today()}", "ends_on": f"{today()}"}
    stand_in = client.post(reverse("residents:substitute", args=[held.pk]), {"person": held.user.username, **span})
    assert "Nobody stands in for themselves." in stand_in.content.decode()


def test_posts_of_another_community_are_nowhere_to_be_found(manager) -> None:
    foreign, client = PostFactory(area=make_community(4).grid), as_(manager)
    for name in ("end_post", "substitute"):
        assert client.get(reverse(f"residents:{name}", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("residents:withdraw_post", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("residents:end_post", args=[10**30])).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_nobody_but_who_keeps_posts_opens_their_pages(place, post, role) -> None:
    client = as_(make_staff(role, place.community))
    for name in ("posts", "appoint", "appoint_new"):
        assert client.get(reverse(f"residents:{name}")).status_code == 403
    for name in ("end_post", "substitute"):
        assert client.get(reverse(f"residents:{name}", args=[post.pk])).status_code == 403


def test_who_is_not_logged_in_is_led_to_the_door(post) -> None:
    for path in (reverse("residents:posts"), reverse("residents:end_post", args=[post.pk])):
        assert Client().get(path)["Location"].startswith(reverse("accounts:login"))


def test_the_list_takes_whatever_stands_in_its_address(manager) -> None:
    for query in (
        {"q": "\x00"},
        {"on": "x"},
        {"role": "x"},
        {"area": "370105"},
        {"page": "9" * 40},
        {"on": "0001-01-01"},
    ):
        assert as_(manager).get(reverse("residents:posts"), query).status_code == 200
