"""Every address of alerts under the access rules, whoever adds one: the list of addresses is walked by itself."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.clock import database_now
from accounts.models import AuditEntry
from accounts.roles import DUTIES, Duty, Role
from accounts.tests.factories import AdministratorFactory
from alerts import services, urls
from alerts.models import (
    Alert,
    Drill,
    HandOver,
    InboundMessage,
    InformantLink,
    Observation,
    Replay,
    Shift,
    Source,
    Swap,
    TimelineEntry,
)
from alerts.policy import Hurry, Way
from alerts.services import Plan, Seen, make_link, plan_drill
from alerts.tests.factories import EXCUSED, ending, make_scene
from alerts.tests.rosters import make_duty
from residents.tests.factories import ResidentFactory, make_community, make_staff

pytestmark = pytest.mark.django_db

SECRET = "梧桐巷12号"
"""Stands in everything there is of this community, and nowhere else."""

BY_ITS_KEY = "alerts:inform"
"""The address of a person that asks nobody to log in: the key in it is the log-in."""

OPEN = {BY_ITS_KEY, "alerts:hook", "alerts:hook_with_token"}
"""Sources leave their messages by a token: what they may is asked in ``test_received.py``."""

ALERT_DUTIES = {Duty.SEE_ALERTS, Duty.HANDLE_ALERTS, Duty.WATCH_DESK, Duty.SEE_CLOCK, Duty.APPOINT}
GRID_ROLES = (Role.GRID_LEADER, Role.WARNING_SPECIALIST, Role.BUILDING_INFORMANT, Role.CARER)


class Place:
    """A community with one row of each kind: an alert that is over, with all that came of it, and one that is not."""

    def __init__(self) -> None:
        now = database_now()
        self.scene = make_scene(3)
        self.manager, grid = self.scene.manager, self.scene.grid
        resident = ResidentFactory(grid=grid, name=SECRET)
        informant = make_staff(Role.BUILDING_INFORMANT, grid)
        self.link, self.key = make_link(informant, grid, by=self.manager, now=now)
        report = services.report(
            self.link, press=uuid4(), seen=Seen(SECRET, SECRET, Hurry.NOW), now=now - timedelta(hours=1)
        )
        report.photo.save("1.jpg", ContentFile(bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")))
        end = ending(excuses=EXCUSED, needs_second_feedback=True, note=SECRET)
        self.alert = services.close_alert(report.alert, ending=end, by=self.scene.first, now=now)
        self.open = self.scene.dispatched(at=now, address=SECRET)
        leader = make_staff(Role.DUTY_OFFICER, self.scene.place.community, phone="19900007703")
        plan = Plan(scenario=SECRET, level="low", grids=[grid], leader=leader)
        self.drill = plan_drill(plan, by=self.manager, now=now)
        self.duty: Mapping[str, Any] = make_duty(self.scene, now=now)
        source = Source.objects.create(code="bank-here", name=SECRET, area=self.scene.place.community)
        body = f'{{"address": "{SECRET}"'.encode()
        self.message = services.take_in(services.keep(way=Way.WEBHOOK, source=source, body=body, now=now), now=now)
        self.replay = Replay.objects.create(
            area=grid, first=now.date(), last=now.date(), policy_name=SECRET, by=self.manager, at=now
        )
        self.arguments = {
            "alerts/": self.alert.pk,
            "alerts/replays/": self.replay.pk,
            "received/": self.message.pk,
            "hooks/": source.code,
            "alerts/raise/": resident.pk,
            "drills/": self.drill.pk,
            "informants/": self.link.pk,
            "inform/": self.key,
            "desk/hand-over/": self.duty["hand_over"].pk,
            "duty/shifts/": self.duty["shift"].pk,
            "duty/swaps/": self.duty["swap"].pk,
            "duty/rotations/": self.duty["rotation"].pk,
            "duty/holidays/": self.duty["holiday"].pk,
        }

    def addresses(self) -> Iterator[tuple[str, str, bool]]:
        """Every address by its name, with this community's rows in it, and whether it is about one of them."""
        for pattern in urls.urlpatterns:
            route = str(pattern.pattern)
            before, argument, _rest = route.partition("<")
            if argument:
                assert before in self.arguments, f"{route}: say in Place what stands for its argument"
                route = re.sub(r"<[^>]+>", str(self.arguments[before]), route)
            yield f"alerts:{pattern.name}", f"/{route}", bool(argument)

    def as_it_stands(self) -> list[Any]:
        rows = (self.alert, self.open, self.drill, self.link, self.message, self.replay, *self.duty.values())
        kept = [list(type(one)._default_manager.filter(pk=one.pk).values()) for one in rows]
        counted = (Alert, AuditEntry, Drill, HandOver, InformantLink, Observation, Shift, Swap, TimelineEntry)
        counted += (InboundMessage, Replay)
        return [*kept, *(model._default_manager.count() for model in counted)]


@pytest.fixture
def place() -> Place:
    return Place()


def knock(client: Client, path: str) -> Iterator[tuple[str, int, str]]:
    """Read an address, and press it with words that would do something."""
    presses = {"deed": "phone_confirmed", "reason": "x", "outcome": "dissuaded", "found": "safe", "verdict": "true"}
    for method, data in (("get", {}), ("post", presses)):
        answer = getattr(client, method)(path, data)
        shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield method, answer.status_code, shown.decode(errors="replace")


def test_behind_every_address_there_is_something_to_be_kept_from_others(place: Place, client: Client) -> None:
    """Without this the tests below would hold of empty rooms."""
    client.force_login(AdministratorFactory())
    for name, path, is_about_one in place.addresses():
        if is_about_one and name not in OPEN:
            answers = {client.get(path).status_code, client.options(path).status_code}
            assert answers != {404}, f"{name}: {path} is nobody's"


def test_who_is_not_logged_in_is_sent_to_the_door_everywhere_but_where_a_key_is_the_log_in(
    place: Place, client: Client
) -> None:
    before = place.as_it_stands()
    for name, path, _is_about_one in place.addresses():
        if name not in OPEN:
            for method in ("get", "post"):
                answer = getattr(client, method)(path)
                assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/"), (method, path)
    assert place.as_it_stands() == before


@pytest.mark.parametrize("role", Role)
def test_of_the_next_community_nobody_sees_or_changes_anything(place: Place, client: Client, role: Role) -> None:
    abroad = make_community(4)
    client.force_login(make_staff(role, abroad.grid if role in GRID_ROLES else abroad.community))
    before = place.as_it_stands()
    for name, path, is_about_one in place.addresses():
        if name in OPEN or not is_about_one:
            continue
        for method, status, shown in knock(client, path):
            assert status in {403, 404, 405}, (role, method, path, status)
            assert SECRET not in shown, (role, method, path)
    assert place.as_it_stands() == before


@pytest.mark.parametrize("role", [role for role in Role if not DUTIES[role] & ALERT_DUTIES])
def test_who_has_no_duty_for_alerts_is_shut_out_in_the_own_community_too(
    place: Place, client: Client, role: Role
) -> None:
    here = place.scene.place
    client.force_login(make_staff(role, here.grid if role in GRID_ROLES else here.community))
    before = place.as_it_stands()
    for name, path, _is_about_one in place.addresses():
        if name in OPEN | {"alerts:raise"}:  # who visits residents raises an alert about one of theirs
            continue
        for method, status, shown in knock(client, path):
            assert status in {403, 404, 405}, (role, method, path, status)
            assert SECRET not in shown, (role, method, path)
    assert place.as_it_stands() == before


def test_an_informants_link_opens_their_form_and_answers_and_nothing_else(place: Place, client: Client) -> None:
    other = make_staff(Role.BUILDING_INFORMANT, place.scene.grid, name="另一位楼门长")
    link, _key = make_link(other, place.scene.grid, by=place.manager, now=database_now())
    services.report(link, press=uuid4(), seen=Seen("别处", "别的事", Hurry.TODAY), now=database_now())
    page = client.get(f"/inform/{place.key}/")
    shown = page.content.decode()
    assert len(page.context["answers"]) == 1
    for word in (SECRET, "别处", "别的事", "另一位楼门长", place.scene.first.name, f"/alerts/{place.alert.pk}/"):
        assert word not in shown, word
    # Beside their own form, the language alone can be changed: no menu and no log-in come with it.
    led_to = {one for one in re.findall(r'(?:href|action)="(/[^"]*)"', shown) if not one.startswith("/static/")}
    assert led_to <= {f"/inform/{place.key}/", "/accounts/language/", "/manifest.webmanifest"}
    assert "sessionid" not in client.cookies
    for name, path, _is_about_one in place.addresses():
        if name not in OPEN:
            assert client.get(path).status_code == 302, path


def test_a_link_that_is_taken_back_opens_nothing_from_the_next_press_on(place: Place, client: Client) -> None:
    path = f"/inform/{place.key}/"
    assert client.get(path).status_code == 200
    services.revoke_link(place.link, by=place.manager, now=database_now())
    before = place.as_it_stands()
    form = {"press": str(uuid4()), "where": "3号楼", "what": "一直在哭", "hurry": "now"}
    assert [client.get(path).status_code, client.post(path, form).status_code] == [404, 404]
    assert place.as_it_stands() == before
