"""Informants: a link of their own, a report that is an alert at its grid at once, and what they see of it."""

from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.clock import database_now, local
from accounts.models import AuditEntry
from accounts.roles import Role
from alerts import services
from alerts.models import Alert, InformantLink, Observation, Rule
from alerts.policy import Hurry, Level, Objective, Outcome, RuleName, Stage, State, stage_of
from alerts.screens.informants import answers, informants
from alerts.services import AlertError, Seen
from alerts.tests.factories import EXCUSED, NOON, Scene, after, clock_of, ending, lines, make_scene, unread
from residents.models import Area, Post
from residents.models import Level as AreaLevel
from residents.tests.factories import make_community, make_staff

pytestmark = pytest.mark.django_db

TODAY = local(NOON).date()
SEEN = Seen(where="3号楼2单元401", what="打了一小时电话，一直在哭", hurry=Hurry.NOW)


@pytest.fixture(autouse=True)
def _nobody_has_pressed_yet() -> None:
    cache.clear()


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def given_link(scene: Scene) -> tuple[InformantLink, str]:
    informant = make_staff(Role.BUILDING_INFORMANT, scene.grid, name="楼门长一")
    return services.make_link(informant, scene.grid, by=scene.manager, now=NOON)


def told(link: InformantLink, *, press: UUID | None = None, **fields: Any) -> Observation:
    seen = Seen(**{"where": SEEN.where, "what": SEEN.what, "hurry": SEEN.hurry, **fields})
    return services.report(link, press=press or uuid4(), seen=seen, now=NOON)


# ── the verb ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("hurry", "level"), [(Hurry.NOW, Level.HIGH), (Hurry.TODAY, Level.MEDIUM), (Hurry.LOOK, Level.LOW)]
)
def test_a_report_is_an_alert_at_its_grid_at_once_and_the_leader_is_told(
    scene: Scene, given_link: tuple[InformantLink, str], hurry: Hurry, level: Level
) -> None:
    alert = told(given_link[0], hurry=hurry).alert
    assert (alert.level, alert.state, alert.grid) == (level, State.DISPATCHED, scene.grid)
    assert (alert.dispatched_at, alert.source.code) == (NOON, "informant")
    assert clock_of(alert, Objective.DISPATCH).met_at == NOON
    assert clock_of(alert, Objective.RESPOND).started_at == NOON
    assert alert.holder == scene.first
    assert len(unread(scene.leader, alert)) == 1


def test_a_report_from_a_building_names_it_and_goes_to_the_grid_around_it(scene: Scene) -> None:
    building = Area.objects.create(
        code=f"{scene.grid.code}01", name="3号楼", level=AreaLevel.BUILDING, parent=scene.grid
    )
    link, _token = services.make_link(
        make_staff(Role.BUILDING_INFORMANT, building), building, by=scene.manager, now=NOON
    )
    alert = told(link, where="401").alert
    assert (alert.grid, alert.subject_address) == (scene.grid, "3号楼 401")


def test_the_same_press_is_one_report_and_one_alert(given_link: tuple[InformantLink, str]) -> None:
    press = uuid4()
    first, second = told(given_link[0], press=press), told(given_link[0], press=press)
    assert first == second
    assert Alert.objects.count() == 1


def test_another_report_under_an_old_key_is_not_lost(given_link: tuple[InformantLink, str]) -> None:
    """A browser's "back" hands out the form of before, key and all."""
    press = uuid4()
    told(given_link[0], press=press)
    told(given_link[0], press=press, what="又来了两个陌生人")
    assert Observation.objects.count() == 2


def test_past_the_days_number_who_reports_is_asked_to_telephone(given_link: tuple[InformantLink, str]) -> None:
    Rule.objects.create(name=RuleName.REPORTS_A_DAY, number=2)
    told(given_link[0])
    told(given_link[0])
    with pytest.raises(AlertError, match="110"):
        told(given_link[0])
    tomorrow = services.report(given_link[0], press=uuid4(), seen=SEEN, now=after(hours=24))
    assert tomorrow.alert.is_open


def test_a_press_that_was_long_on_its_way_keeps_its_time_but_the_clock_runs_from_its_arrival(
    given_link: tuple[InformantLink, str],
) -> None:
    made = services.report(given_link[0], press=uuid4(), seen=SEEN, now=NOON, pressed_at=after(minutes=-20))
    assert (made.at, made.alert.received_at) == (after(minutes=-20), NOON)
    assert services.report(given_link[0], press=uuid4(), seen=SEEN, now=NOON, pressed_at=after(hours=1)).at == NOON


def test_the_timeline_says_that_an_informant_told_it(given_link: tuple[InformantLink, str]) -> None:
    alert = told(given_link[0]).alert
    (dispatched,) = lines(alert, "dispatched")
    assert dispatched.detail["reported"] is True


# ── links ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_a_link_only_the_hash_is_kept(given_link: tuple[InformantLink, str]) -> None:
    link, token = given_link
    assert token not in str(list(InformantLink.objects.values()))
    assert services.link_of(token, on=TODAY) == link
    assert services.link_of(f"{token}x", on=TODAY) is None


def test_a_new_link_makes_the_old_one_useless(scene: Scene, given_link: tuple[InformantLink, str]) -> None:
    old, token = given_link
    new, newer = services.make_link(old.informant, old.area, by=scene.manager, now=after(days=1))
    assert services.link_of(token, on=TODAY) is None
    assert services.link_of(newer, on=TODAY) == new


@pytest.mark.parametrize("why", ["revoked", "post ended", "left"])
def test_a_link_dies_with_what_it_stands_for(scene: Scene, given_link: tuple[InformantLink, str], why: str) -> None:
    link, token = given_link
    if why == "revoked":
        services.revoke_link(link, by=scene.manager, now=NOON)
    elif why == "post ended":
        Post.objects.filter(user=link.informant).update(ends_on="2026-04-01")
    else:
        link.informant.is_active = False
        link.informant.save()
    assert services.link_of(token, on=TODAY) is None


def test_a_community_has_no_grid_to_send_a_report_to(scene: Scene) -> None:
    with pytest.raises(AlertError, match=scene.place.community.name):
        services.make_link(scene.first, scene.place.community, by=scene.manager, now=NOON)


# ── what they see ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(state=st.sampled_from(State), outcome=st.sampled_from(["", *Outcome]))
def test_nobody_is_told_that_money_was_lost(state: State, outcome: str) -> None:
    stage = stage_of(state, outcome)
    assert (stage == Stage.SAFE) <= (outcome in {Outcome.DISSUADED, Outcome.SAW_THROUGH, Outcome.FALSE_ALARM})
    assert (stage in (Stage.SAFE, Stage.DONE)) == (state in (State.CLOSED, State.VOIDED))


def test_an_informant_sees_how_their_own_report_goes_and_nothing_of_whom(
    scene: Scene, given_link: tuple[InformantLink, str], client: Client
) -> None:
    link = given_link[0]
    alert = told(link, hurry=Hurry.TODAY).alert
    seen = [answers(link, now=NOON)[0].stage]
    services.accept_alert(alert, by=scene.first, now=NOON)
    seen.append(answers(link, now=NOON)[0].stage)
    services.close_alert(alert, ending=ending(excuses=EXCUSED, note="王某某差点转账"), by=scene.first, now=NOON)
    seen.append(answers(link, now=NOON)[0].stage)
    assert seen == [Stage.RECEIVED, Stage.ON_THE_WAY, Stage.SAFE]
    other, _token = services.make_link(
        make_staff(Role.BUILDING_INFORMANT, scene.grid), scene.grid, by=scene.manager, now=NOON
    )
    assert answers(other, now=NOON) == []


def test_a_thank_you_is_told_once_and_counted(scene: Scene, given_link: tuple[InformantLink, str]) -> None:
    made = told(given_link[0])
    for _press in range(2):
        services.thank(made, by=scene.leader, now=after(minutes=30))
    assert len(unread(made.informant)) == 1
    services.close_alert(
        made.alert, ending=ending(outcome=Outcome.FALSE_ALARM, excuses=EXCUSED), by=scene.first, now=after(minutes=40)
    )
    (row,) = informants(scene.manager, on=TODAY)
    assert (row.made, row.confirmed, row.thanked) == (1, 0, 1)


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def photo() -> SimpleUploadedFile:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at the door"
    Image.new("RGB", (3000, 2000), "teal").save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("door.jpg", out.getvalue(), "image/jpeg")


def form(**fields: Any) -> dict[str, Any]:
    return {"press": str(uuid4()), "where": "3号楼2单元401", "what": "一直在哭", "hurry": "now", **fields}


@pytest.fixture
def address(given_link: tuple[InformantLink, str]) -> str:
    return reverse("alerts:inform", args=[given_link[1]])


def test_anybody_with_the_link_reports_without_logging_in_and_nobody_without(
    address: str, client: Client, scene: Scene
) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(address).status_code == 200
    sent = strict.post(address, form(photo=photo()))
    assert (sent.status_code, sent.headers["Location"]) == (302, f"{address}?sent=1")
    made = Observation.objects.get()
    with Image.open(made.photo) as kept:
        assert max(kept.size) == 1600
        assert not kept.getexif()
    assert client.get(f"{address[:-1]}x/").status_code == 404
    assert client.get(reverse("alerts:report_photo", args=[made.alert_id])).status_code == 302
    client.force_login(scene.first)
    assert client.get(reverse("alerts:report_photo", args=[made.alert_id])).status_code == 200
    client.force_login(make_staff(Role.GRID_LEADER, make_community(4).grid))
    assert client.get(reverse("alerts:report_photo", args=[made.alert_id])).status_code == 404


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(address: str, client: Client) -> None:
    with translation.override("en"):
        page = client.post(address, form(where="", what="两个陌生人搬箱子"), headers={"Accept-Language": "en"})
    text = page.content.decode()
    assert "两个陌生人搬箱子" in text
    assert "late" in text
    assert not Observation.objects.exists()
    script = client.post(address, form(hurry="never"), headers={"Accept": "application/json"})
    assert (script.status_code, script.json()["ok"]) == (422, False)


def test_a_link_may_be_pressed_only_so_often_a_minute(address: str, client: Client) -> None:
    codes = [client.post(address, form(what=f"第{n}次")).status_code for n in range(12)]
    assert codes == [302] * 10 + [429] * 2


def test_who_tries_keys_is_sent_away(client: Client) -> None:
    codes = [client.get(f"/inform/wrong-{n}/").status_code for n in range(32)]
    assert codes == [404] * 30 + [429] * 2


def test_a_script_is_told_that_the_report_arrived_and_told_the_same_again(address: str, client: Client) -> None:
    fields = form()
    twice = [client.post(address, fields, headers={"Accept": "application/json"}).json()["ok"] for _n in range(2)]
    assert (twice, Observation.objects.count()) == ([True, True], 1)


def test_a_manager_prints_the_missing_cards_once_and_takes_one_back(scene: Scene, client: Client) -> None:
    people = [make_staff(Role.BUILDING_INFORMANT, scene.grid, name=f"楼门长{n}") for n in range(3)]
    client.force_login(scene.manager)
    assert "?" not in client.get(reverse("alerts:informants")).context["rows"][0].name
    page = client.post(reverse("alerts:informant_cards"), {"who": "all"})
    assert [card.name for card in page.context["cards"]] == [str(person) for person in people]
    assert page.headers["Cache-Control"] == "private, no-store"
    shown = page.context["cards"][0].address
    assert Client().get(shown.partition("testserver")[2]).status_code == 200
    again = client.post(reverse("alerts:informant_cards"), {"who": "all"})
    assert again.status_code == 302
    link = InformantLink.objects.get(informant=people[0])
    client.post(reverse("alerts:informant_revoke", args=[link.pk]))
    assert Client().get(shown.partition("testserver")[2]).status_code == 404
    assert AuditEntry.objects.filter(verb="alerts.informant_link_revoked").count() == 1


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MANAGER])
def test_only_who_appoints_makes_links(scene: Scene, client: Client, role: Role) -> None:
    client.force_login(make_staff(role, scene.place.community))
    assert client.post(reverse("alerts:informant_cards"), {"who": "all"}).status_code == 403
    assert client.get(reverse("alerts:informants")).status_code == 403


def test_a_manager_of_the_next_community_takes_back_nothing_here(
    given_link: tuple[InformantLink, str], client: Client
) -> None:
    client.force_login(make_staff(Role.MANAGER, make_community(4).community))
    assert client.post(reverse("alerts:informant_revoke", args=[given_link[0].pk])).status_code == 404
    assert client.get(reverse("alerts:informants")).context["rows"] == []


def test_the_list_costs_the_same_for_two_informants_as_for_twenty(
    scene: Scene, django_assert_max_num_queries: Any
) -> None:
    for _n in range(2):
        make_staff(Role.BUILDING_INFORMANT, scene.grid)
    informants(scene.manager, on=TODAY)
    for _n in range(18):
        make_staff(Role.BUILDING_INFORMANT, scene.grid)
    with django_assert_max_num_queries(3):
        assert len(informants(scene.manager, on=TODAY)) == 20


def test_the_grid_sees_who_reported_calls_them_and_thanks_them(
    scene: Scene, given_link: tuple[InformantLink, str], client: Client
) -> None:
    alert = services.report(given_link[0], press=uuid4(), seen=SEEN, now=database_now()).alert
    client.force_login(scene.leader)
    page = client.get(reverse("alerts:detail", args=[alert.pk])).context["page"]
    assert (page.told_by.name, page.told_by.may_thank) == ("楼门长一", True)
    client.post(reverse("alerts:thank", args=[alert.pk]))
    again = client.get(reverse("alerts:detail", args=[alert.pk])).context["page"]
    assert (again.told_by.is_thanked, again.told_by.may_thank) == (True, False)
