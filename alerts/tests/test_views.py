"""The screens: who may open them, what a press does, what is kept when it is refused, and what they cost."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory
from alerts import engine, urls
from alerts.models import Alert, BusySpell, Heartbeat
from alerts.policy import Level, State
from alerts.tests.factories import Scene, SourceFactory, lines, make_alert, make_scene
from notifications.tests.factories import ChannelFactory
from residents.tests.factories import FamilyContactFactory, ResidentFactory, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    engine.beat(Heartbeat.Guard.CELERY, now=database_now(), by="a test")
    return make_scene()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refresh(client: Client, path: str, etag: str = "") -> Any:
    return client.get(path, headers={"HX-Request": "true", "If-None-Match": etag})


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# ── who may open what ─────────────────────────────────────────────────────────────────────────────────────────────────

PAGES = ["desk", "tasks", "list", "create", "readiness", "lateness"]
ALLOWED: dict[str, set[str]] = {
    "officer": {"desk", "tasks", "list", "create", "readiness", "lateness"},
    "manager": {"desk", "tasks", "list", "create", "readiness", "lateness"},
    "first": {"tasks", "list"},
    "leader": {"tasks", "list"},
    "police": {"tasks", "list"},
    "supervisor": {"list", "readiness", "lateness"},
}


@pytest.mark.parametrize("name", ALLOWED)
def test_each_page_opens_for_the_posts_that_carry_its_duty_and_for_no_other(scene: Scene, name: str) -> None:
    scene.dispatched(at=database_now())
    client = as_(scene.people[name])
    got = {page: client.get(reverse(f"alerts:{page}")).status_code for page in PAGES}
    assert got == {page: 200 if page in ALLOWED[name] else 403 for page in PAGES}


def test_who_has_no_post_gets_the_page_that_says_so(scene: Scene) -> None:
    outsider = make_staff(Role.OUTREACH_WORKER, scene.place.community)
    response = as_(outsider).get(reverse("alerts:desk"))
    assert response.status_code == 403
    assert "Your posts do not include this page" in response.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_anything_before_logging_in(client: Client, page: str) -> None:
    response = client.get(reverse(f"alerts:{page}"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:login"))


def addresses_of_one_alert() -> list[str]:
    """Return every address with an alert in it, whoever adds one: this test walks the list by itself."""
    about = [pattern for pattern in urls.urlpatterns if "pk" in pattern.pattern.converters]
    return [f"alerts:{pattern.name}" for pattern in about if str(pattern.pattern).startswith("alerts/<")]


@pytest.mark.parametrize("address", addresses_of_one_alert())
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_an_alert_can_be_read_or_pressed_by_another_communitys_staff(
    scene: Scene, address: str, method: str
) -> None:
    alert = scene.dispatched(at=database_now())
    before = Alert.objects.filter(pk=alert.pk).values().get(), len(lines(alert))
    neighbours = make_scene(4)
    presses = {"deed": "phone_confirmed", "confirmation": "phone", "reason": "x", "usual": "x", "outcome": "dissuaded"}
    # A press has no page and a page takes no press: that is a 405 before anybody looks at whose alert it is.
    refused = {404, 405}
    for user in (neighbours.officer, neighbours.manager):
        assert getattr(as_(user), method)(reverse(address, args=[alert.pk]), presses).status_code in refused
    # A specialist has the desk's duties nowhere: the page that says so.
    assert getattr(as_(neighbours.first), method)(reverse(address, args=[alert.pk]), presses).status_code in refused | {
        403
    }
    assert (Alert.objects.filter(pk=alert.pk).values().get(), len(lines(alert))) == before


def test_a_neighbouring_desk_does_not_show_the_alert_in_any_list(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now(), address="梧桐巷12号")
    neighbours = make_scene(4)
    for page in ("desk", "list"):
        assert "梧桐巷12号" not in as_(neighbours.officer).get(reverse(f"alerts:{page}")).content.decode()
    found = as_(scene.officer).post(reverse("alerts:list"), {"q": str(alert.pk)}, follow=True)
    assert found.content.decode().count("梧桐巷12号") == 1
    assert AuditEntry.objects.of_access().get(verb="alerts.searched").detail["found"] == 1


def test_a_reader_without_the_duty_to_handle_can_read_and_not_press(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    supervisor = as_(scene.supervisor)
    page = supervisor.get(reverse("alerts:detail", args=[alert.pk]))
    assert page.status_code == 200
    assert reverse("alerts:accept", args=[alert.pk]) not in page.content.decode()
    assert supervisor.post(reverse("alerts:accept", args=[alert.pk])).status_code == 403


# ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def cost(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert refresh(client, path).status_code == 200
    return len(queries)


def test_the_desk_costs_the_same_queries_for_five_alerts_as_for_fifty(scene: Scene) -> None:
    now = database_now()
    for _ in range(2):
        scene.alert(at=now), scene.dispatched(at=now), scene.accepted(at=now)
    client = as_(scene.officer)
    cost(client, reverse("alerts:desk"))
    few = cost(client, reverse("alerts:desk"))
    for _ in range(15):
        scene.alert(at=now), scene.dispatched(at=now), scene.accepted(at=now)
    assert cost(client, reverse("alerts:desk")) == few


def test_the_list_costs_six_queries_beside_what_every_page_asks(scene: Scene) -> None:
    now = database_now()
    for _ in range(8):
        scene.dispatched(at=now)
    client = as_(scene.officer)
    client.get(reverse("alerts:list"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("alerts:list"))
    # The page's rows and the names of its filters; and, as on every page, what waits for the reader.
    about_alerts = [query for query in queries if "alerts_alert" in query["sql"]]
    assert len(about_alerts) == 3
    assert len(queries) <= 6 + 4


def test_a_refresh_says_not_modified_until_something_changes(scene: Scene) -> None:
    client, path = as_(scene.officer), reverse("alerts:desk")
    first = refresh(client, path)
    again = refresh(client, path, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["X-Server-Now"].isdigit()
    assert refresh(client, path, f"W/{first['ETag']}").status_code == 304
    scene.alert(at=database_now())
    changed = refresh(client, path, first["ETag"])
    assert changed.status_code == 200
    assert "<html" not in changed.content.decode()


def test_an_unchanged_refresh_asks_few_questions(scene: Scene) -> None:
    client, path = as_(scene.officer), reverse("alerts:desk")
    etag = refresh(client, path)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        assert refresh(client, path, etag).status_code == 304
    assert len(queries) <= 6


def test_the_desk_shows_a_red_banner_once_nobody_sweeps(scene: Scene) -> None:
    client, path = as_(scene.officer), reverse("alerts:desk")
    first = refresh(client, path)
    assert "The clock stands still" not in first.content.decode()
    Heartbeat.objects.update(at=database_now() - timedelta(seconds=7))
    silent = refresh(client, path, first["ETag"])
    assert silent.status_code == 200
    assert "The clock stands still" in silent.content.decode()


def test_one_press_dispatches_to_the_people_who_were_proposed(scene: Scene) -> None:
    alert = scene.alert(at=database_now())
    client = as_(scene.officer)
    assert f"goes to {scene.first}" in client.get(reverse("alerts:desk")).content.decode()
    response = client.post(reverse("alerts:dispatch", args=[alert.pk]), {"back": "desk"})
    assert response["Location"] == reverse("alerts:desk")
    alert.refresh_from_db()
    assert (alert.state, alert.holder) == (State.DISPATCHED, scene.first)


def test_the_second_who_presses_is_told_who_was_first(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    response = as_(scene.manager).post(reverse("alerts:dispatch", args=[alert.pk]), {"back": "desk"})
    assert "Already dispatched" in said(response)[0]


def test_an_alert_without_a_grid_is_dispatched_to_the_one_that_is_chosen(scene: Scene) -> None:
    source = SourceFactory(code="desk-of-3", area=scene.place.community)
    alert = make_alert(at=database_now(), source=source, area_code="", address="不知道在哪里")
    client = as_(scene.officer)
    refused = client.post(reverse("alerts:dispatch", args=[alert.pk]), {"back": "desk", "grid": ""})
    assert said(refused) == ["Choose a grid first."]
    neighbours = make_scene(4)
    foreign = client.post(reverse("alerts:dispatch", args=[alert.pk]), {"back": "desk", "grid": neighbours.grid.pk})
    assert said(foreign)[-1] == "Choose a grid first."
    alert.refresh_from_db()
    assert alert.state == State.RECEIVED
    client.post(reverse("alerts:dispatch", args=[alert.pk]), {"back": "desk", "grid": scene.grid.pk})
    alert.refresh_from_db()
    assert (alert.state, alert.grid) == (State.DISPATCHED, scene.grid)


def entry(**fields: str) -> dict[str, str]:
    return {
        "key": str(uuid4()),
        "who": "王秀英 199 0000 4321",
        "where": "3号楼2单元401",
        "level": "high",
        "description": "正在转账",
        **fields,
    }


def test_an_alert_typed_in_from_a_telephone_call_takes_four_fields(scene: Scene) -> None:
    client = as_(scene.officer)
    response = client.post(reverse("alerts:create"), entry())
    assert response["Location"] == reverse("alerts:desk")
    alert = Alert.objects.get()
    assert (alert.subject_name, alert.subject_phone, alert.level) == ("王秀英", "19900004321", Level.HIGH)
    assert alert.area_code.startswith(scene.place.community.code)


def test_a_double_press_takes_a_typed_alert_in_once(scene: Scene) -> None:
    client, typed = as_(scene.officer), entry()
    client.post(reverse("alerts:create"), typed)
    client.post(reverse("alerts:create"), typed)
    assert Alert.objects.count() == 1
    assert [line.kind for line in lines(Alert.objects.get())].count("received") == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"level": ""}, "Choose high, medium or low."),
        ({"who": "王秀英 19900"}, "not a mobile number"),
        ({"who": "", "where": ""}, "Say at least who it is about, or where."),
        ({"fraud_type": "nonsense"}, "Select a valid choice"),
    ],
)
def test_a_typed_alert_that_is_refused_keeps_what_was_typed(scene: Scene, wrong: dict[str, str], words: str) -> None:
    response = as_(scene.officer).post(reverse("alerts:create"), entry(**wrong))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "正在转账" in page
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("who", "name", "phone"),
    [
        ("王秀英", "王秀英", ""),
        ("19900004321", "", "19900004321"),
        ("王秀英，１９９－００００－４３２１", "王秀英", "19900004321"),
        ("+86 199 0000 4321 王秀英", "王秀英", "19900004321"),
    ],
)
def test_name_and_number_are_told_apart_as_they_are_typed(scene: Scene, who: str, name: str, phone: str) -> None:
    as_(scene.officer).post(reverse("alerts:create"), entry(who=who))
    alert = Alert.objects.get()
    assert (alert.subject_name, alert.subject_phone) == (name, phone)


def test_an_alert_is_voided_with_a_reason_and_not_without(scene: Scene) -> None:
    alert = scene.alert(at=database_now())
    client, path = as_(scene.officer), reverse("alerts:void", args=[alert.pk])
    refused = client.post(path, {"reason": "  "})
    assert "Say why the alert is void" in refused.content.decode()
    client.post(path, {"reason": "居民打来说是自己取款"})
    alert.refresh_from_db()
    assert (alert.state, alert.void_reason) == (State.VOIDED, "居民打来说是自己取款")


# ── the pocket ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_pocket_shows_ones_own_alerts_alone_the_most_urgent_first(scene: Scene) -> None:
    now = database_now()
    mild = scene.dispatched(at=now, level=Level.MEDIUM)
    grave = scene.dispatched(at=now)
    page = as_(scene.first).get(reverse("alerts:tasks")).content.decode()
    assert re.findall(r'id="alert-(\d+)"', page) == [str(grave.pk), str(mild.pk)]
    assert 'id="alert-' not in as_(scene.second).get(reverse("alerts:tasks")).content.decode()


def test_accepting_leads_to_the_alert_with_the_numbers_open_and_written_down(scene: Scene) -> None:
    resident = ResidentFactory(grid=scene.grid, phone="19900004321", household=None)
    FamilyContactFactory(resident=resident, phone="19900004322")
    alert = scene.dispatched(at=database_now(), phone="19900004321", name=resident.name)
    client = as_(scene.first)
    assert "tel:19900004321" not in client.get(reverse("alerts:detail", args=[alert.pk])).content.decode()
    response = client.post(reverse("alerts:accept", args=[alert.pk]), follow=True)
    page = response.content.decode()
    assert "tel:19900004321" in page
    assert "tel:19900004322" in page
    assert AuditEntry.objects.about(alert).filter(verb="alerts.contact_revealed", actor=scene.first).count() == 1


def test_opening_the_numbers_is_written_down_once_a_session(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now(), phone="19900004321")
    client = as_(scene.supervisor)
    assert "19900004321" not in client.get(reverse("alerts:detail", args=[alert.pk])).content.decode()
    for _ in range(2):
        response = client.post(reverse("alerts:reveal", args=[alert.pk]), follow=True)
    assert "19900004321" in response.content.decode()
    assert len(lines(alert, "revealed")) == 1


def test_who_accepts_too_late_is_told_who_has_it(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    response = as_(scene.second).post(reverse("alerts:accept", args=[alert.pk]))
    assert f"{scene.first} accepted this alert" in said(response)[0]


def test_busy_hands_what_was_not_accepted_to_the_partner_at_once(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    client = as_(scene.first)
    assert said(client.post(reverse("alerts:busy"))) == ["Busy. 1 alert was handed on."]
    alert.refresh_from_db()
    assert alert.holder == scene.second
    assert "press when free" in client.get(reverse("alerts:tasks")).content.decode()
    client.post(reverse("alerts:free"))
    assert not BusySpell.objects.running().exists()


def test_the_pocket_refreshes_as_cheaply_as_the_desk(scene: Scene) -> None:
    client, path = as_(scene.first), reverse("alerts:tasks")
    etag = refresh(client, path)["ETag"]
    assert refresh(client, path, etag).status_code == 304
    scene.dispatched(at=database_now())
    assert refresh(client, path, etag).status_code == 200


# ── the alert's page ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_step_is_one_press_and_the_third_keeps_the_objective(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client = as_(scene.first)
    for deed in ("phone_busy_line", "phone_confirmed", "door_confirmed", "family_contacted"):
        response = client.post(reverse("alerts:deed", args=[alert.pk]), {"deed": deed})
        assert said(response)[-1].startswith("Recorded")
    page = client.get(reverse("alerts:detail", args=[alert.pk])).content.decode()
    assert "In time: all steps done" in page
    assert "Line busy" not in page or "Called, line busy" in page


def test_an_unknown_step_changes_nothing_and_says_so(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    response = as_(scene.first).post(reverse("alerts:deed", args=[alert.pk]), {"deed": "flown_to_the_moon"})
    assert said(response) == ["This step is not known; reload the page."]


def test_what_is_impossible_is_recorded_with_its_reason(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, path = as_(scene.first), reverse("alerts:excuse", args=[alert.pk])
    assert "Say why" in said(client.post(path, {"confirmation": "family"}))[0]
    client.post(path, {"confirmation": "family", "usual": "No family known"})
    alert.refresh_from_db()
    assert alert.excuses == {"family": "No family known"}


def test_an_alert_is_handed_to_a_person_of_its_team_or_to_whoever_is_free(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, path = as_(scene.first), reverse("alerts:hand_over", args=[alert.pk])
    assert said(client.post(path, {"to": scene.leader.pk, "reason": "在外地"}))[-1].startswith(
        f"Handed to {scene.leader}"
    )
    alert.refresh_from_db()
    assert alert.holder == scene.leader
    outsider = make_scene(4).first
    assert "Only the people" in said(client.post(path, {"to": outsider.pk}))[-1]


def test_help_brings_in_the_partner(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    as_(scene.first).post(reverse("alerts:help", args=[alert.pk]))
    assert list(alert.helpers.all()) == [scene.second]
    as_(scene.first).post(reverse("alerts:help", args=[alert.pk]), {"whom": "leader"})
    assert set(alert.helpers.all()) == {scene.second, scene.leader}
    assert "Helping others" in as_(scene.second).get(reverse("alerts:tasks")).content.decode()


def test_the_page_of_an_alert_refreshes_itself_as_cheaply(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, path = as_(scene.officer), reverse("alerts:detail", args=[alert.pk])
    etag = refresh(client, path)["ETag"]
    assert refresh(client, path, etag).status_code == 304
    as_(scene.first).post(reverse("alerts:deed", args=[alert.pk]), {"deed": "phone_no_answer"})
    assert refresh(client, path, etag).status_code == 200


# ── closing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def ending(**fields: str) -> dict[str, str]:
    return {
        "outcome": "dissuaded",
        "spoken_to": "resident",
        "prevented": "1.8万",
        "level": "high",
        "note": "居民已挂断电话",
        "phone_how": "done",
        "door_how": "done",
        "family_how": "No family known",
        **fields,
    }


def test_closing_asks_for_what_is_missing_right_there(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, path = as_(scene.first), reverse("alerts:close", args=[alert.pk])
    page = client.get(path).content.decode()
    assert all(f'name="{c}_how"' in page for c in ("phone", "door", "family"))
    response = client.post(path, ending(), follow=True)
    assert "Closed: Dissuaded in time." in response.content.decode()
    alert.refresh_from_db()
    assert alert.state == State.CLOSED
    assert (str(alert.amount_prevented), alert.excuses) == ("18000.00", {"family": "No family known"})
    assert set(alert.confirmed) == {"phone", "door"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"outcome": ""}, "Choose how it ended."),
        ({"outcome": "defrauded"}, "Enter the amount that was lost."),
        ({"lost": "500"}, "the outcome is &quot;defrauded&quot;"),
        ({"prevented": "10000万"}, "Really more than a million yuan?"),
        ({"prevented": "很多"}, "Enter an amount in yuan"),
        ({"door_how": ""}, "or a reason why it was impossible."),
        ({"door_how": "other"}, "Write the reason in a few words."),
    ],
)
def test_a_closing_that_is_refused_keeps_what_was_typed(scene: Scene, wrong: dict[str, str], words: str) -> None:
    alert = scene.accepted(at=database_now())
    response = as_(scene.first).post(reverse("alerts:close", args=[alert.pk]), ending(**wrong))
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "居民已挂断电话" in page
    alert.refresh_from_db()
    assert alert.state == State.ACCEPTED


def test_a_large_amount_is_taken_once_it_was_asked_for_again(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    as_(scene.first).post(reverse("alerts:close", args=[alert.pk]), ending(prevented="200万", is_sure="on"))
    alert.refresh_from_db()
    assert str(alert.amount_prevented) == "2000000.00"


def test_pressing_close_twice_closes_once(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    client, path = as_(scene.first), reverse("alerts:close", args=[alert.pk])
    for _ in range(2):
        client.post(path, ending())
    assert len(lines(alert, "closed")) == 1


def test_closing_a_closed_alert_says_so_and_keeps_what_was_typed(scene: Scene) -> None:
    alert = scene.accepted(at=database_now())
    as_(scene.first).post(reverse("alerts:close", args=[alert.pk]), ending())
    response = as_(scene.second).post(reverse("alerts:close", args=[alert.pk]), ending())
    assert "This alert was closed at" in response.content.decode()
    assert "居民已挂断电话" in response.content.decode()


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_is_narrowed_by_what_the_address_says(scene: Scene) -> None:
    now = database_now()
    high = scene.alert(at=now, name="赵一", phone="19900001111", address="梧桐巷1号")
    low = scene.accepted(at=now, name="钱二", phone="19900002222", address="银杏路2号", level=Level.LOW)
    client = as_(scene.officer)

    def found(**chosen: str) -> set[str]:
        page = client.post(reverse("alerts:list"), chosen, follow=True).content.decode().partition("<main")[2]
        return set(re.findall(r'/alerts/(\d+)/"', page))

    both = {str(high.pk), str(low.pk)}
    assert found() == found(state="open") == found(grid=scene.grid.code) == both
    assert found(q="赵") == found(q="199 0000 1111") == found(q=f"#{high.pk}") == found(level="high") == {str(high.pk)}
    assert found(q="银杏路") == found(state="accepted") == {str(low.pk)}
    assert found(until="2020-01-01") == found(q="没有这个人") == set()
    assert found(since="yesterday", page="minus one") == both


def test_an_empty_list_says_what_would_be_here(scene: Scene) -> None:
    assert "No alert yet" in as_(scene.officer).get(reverse("alerts:list")).content.decode()


def test_readiness_names_grids_without_two_specialists_and_people_nobody_can_tell(scene: Scene) -> None:
    page = as_(scene.officer).get(reverse("alerts:readiness")).content.decode()
    assert f"{scene.place.grids[1].name}: 0 specialists" in page
    assert f"{scene.grid.name}: " not in page
    assert "Can only be told on the screen" in page
    ChannelFactory()
    assert "Can only be told on the screen" not in as_(scene.officer).get(reverse("alerts:readiness")).content.decode()


def test_lateness_is_shown_by_day(scene: Scene) -> None:
    now = database_now()
    scene.alert(at=now - timedelta(minutes=4))
    engine.sweep(now=now)
    page = as_(scene.officer).get(reverse("alerts:lateness")).content.decode()
    assert "60.0" in page


def test_an_administrator_sees_every_page(scene: Scene) -> None:
    alert = scene.dispatched(at=database_now())
    client = as_(AdministratorFactory())
    paths = [reverse(f"alerts:{page}") for page in PAGES] + [reverse("alerts:detail", args=[alert.pk])]
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_renders_in_both_languages(scene: Scene, language: str) -> None:
    User.objects.update(language=language)
    now = database_now()
    alerts = [scene.alert(at=now), scene.dispatched(at=now), scene.accepted(at=now, is_drill=True)]
    client = as_(User.objects.get(pk=scene.officer.pk))
    paths = [reverse(f"alerts:{page}") for page in PAGES]
    paths += [reverse("alerts:detail", args=[alert.pk]) for alert in alerts]
    paths += [reverse("alerts:close", args=[alerts[2].pk]), reverse("alerts:void", args=[alerts[0].pk])]
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)


@pytest.mark.parametrize(
    ("who", "name", "said"),
    [
        ("周秀兰 199 0000 8765", "周秀兰", "正在转账"),
        ("宋桂兰 女 68岁，199 0000 8765", "宋桂兰", "女 68岁\n正在转账"),
        ("19900008765 阿依古丽·买买提，独居", "阿依古丽·买买提", "独居\n正在转账"),
        ("Li Ming 199 0000 8765", "Li Ming", "正在转账"),
        ("199 0000 8765", "", "正在转账"),
    ],
)
def test_what_is_said_of_a_person_is_no_part_of_their_name(scene: Scene, who: str, name: str, said: str) -> None:
    form = {"key": uuid4(), "who": who, "where": scene.grid.name, "level": "high", "description": "正在转账"}
    as_(scene.officer).post(reverse("alerts:create"), form)
    alert = Alert.objects.get()
    assert (alert.subject_name, alert.description, alert.subject_phone) == (name, said, "19900008765")
