"""The robots of groups: who may keep which, what never comes out again, and what the outside world says."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now
from accounts.models import AuditEntry, User
from accounts.roles import Role
from accounts.tests.factories import AdministratorFactory, UserFactory
from notifications.models import Channel, Delivery
from notifications.tests.conftest import web  # noqa: F401 - the loopback world of the floor below
from notifications.tests.factories import ChannelFactory, letter_to, told
from notifications.tests.outside import BROKEN, HANG, REFUSED, RESET
from residents.tests.factories import Community, make_community, make_staff

pytestmark = pytest.mark.django_db

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aac-4bc4-97a0-0ec2sifa5aaa"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def place() -> Community:
    return make_community(3)


@pytest.fixture
def manager(place: Community) -> User:
    return make_staff(Role.MANAGER, place.community)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(place: Community, **fields: Any) -> dict[str, Any]:
    usual = {"kind": "wecom", "area": place.community.code, "name": "西苑值班群", "address": WECOM, "is_active": "on"}
    return {**usual, **fields}


def robot_at(code: str, **fields: Any) -> Channel:
    robot: Channel = ChannelFactory(**{"kind": "wecom", "area_code": code, "address": WECOM, "options": {}, **fields})
    return robot


def test_a_manager_sets_up_a_robot_for_the_community_or_a_grid_and_it_is_in_the_trail(place, manager):
    answer = as_(manager).post(reverse("residents:robot_new"), typed(place, area=place.grid.code, mention="on"))
    robot = Channel.objects.get()
    assert answer["Location"] == reverse("residents:robot", args=[robot.pk])
    assert (robot.kind, robot.area_code, robot.address) == ("wecom", place.grid.code, WECOM)
    assert robot.options == {"mention": True}
    entry = AuditEntry.objects.get(verb="notifications.robot_added")
    assert (entry.actor, entry.area_code) == (manager, place.grid.code)
    assert "693a" not in str(entry.detail)


def test_the_secret_parts_are_enciphered_at_rest_and_never_come_out(place, manager):
    client = as_(manager)
    client.post(reverse("residents:robot_new"), typed(place, kind="dingtalk", address=DINGTALK, secret="SEC-geheim"))
    robot = Channel.objects.get()
    assert robot.secret == "SEC-geheim"
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM notifications_channel")
        stored = " ".join(cursor.fetchone())
    assert "0123456789abcdef" not in stored
    assert "geheim" not in stored
    for page in (reverse("residents:robots"), reverse("residents:robot", args=[robot.pk])):
        drawn = client.get(page).content.decode()
        assert "oapi.dingtalk.com · ****cdef" in drawn
        assert "0123456789ab" not in drawn
        assert "geheim" not in drawn


def test_an_empty_address_keeps_the_stored_one_and_a_new_one_counts_as_not_tried(place, manager):
    robot = robot_at(place.community.code, failing_since=database_now(), last_error="no", secret="s")
    page = reverse("residents:robot", args=[robot.pk])
    client = as_(manager)
    client.post(page, typed(place, name="新名", address=""))
    robot.refresh_from_db()
    assert (robot.name, robot.address, robot.secret, robot.last_error) == ("新名", WECOM, "s", "no")
    client.post(page, typed(place, name="新名", address="another-key"))
    robot.refresh_from_db()
    assert (robot.address, robot.failing_since, robot.last_error) == ("another-key", None, "")
    changes = AuditEntry.objects.filter(verb="notifications.robot_changed").order_by("pk")
    assert [entry.detail["changed"] for entry in changes] == [["name"], ["address"]]
    assert "another" not in str([entry.detail for entry in changes])


def test_a_secret_is_forgotten_where_that_is_ticked_and_kept_where_it_is_left_empty(place, manager):
    robot = robot_at(place.community.code, kind="dingtalk", address=DINGTALK, secret="SEC0123456789")
    path, client = reverse("residents:robot", args=[robot.pk]), as_(manager)
    client.post(path, typed(place, address="", secret="", name="群"))
    robot.refresh_from_db()
    assert robot.secret == "SEC0123456789"
    client.post(path, typed(place, address="", secret="", name="群", forget_secret="on"))
    robot.refresh_from_db()
    assert robot.secret == ""
    assert AuditEntry.objects.filter(verb="notifications.robot_changed").order_by("pk").last().detail["changed"] == [
        "secret"
    ]
    assert "forget_secret" not in client.get(reverse("residents:robot_new")).content.decode()


def test_saving_without_a_change_leaves_no_trace(place, manager):
    robot = robot_at(place.community.code, name="西苑值班群")
    page = as_(manager).post(reverse("residents:robot", args=[robot.pk]), typed(place, address=""), follow=True)
    assert "Nothing was different." in page.content.decode()
    assert not AuditEntry.objects.filter(verb="notifications.robot_changed").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": DINGTALK}, "This is the address of another kind of robot: DingTalk group robot."),
        ({"address": "https://qyapi.weixin.qq.com/"}, "Paste the web address that the group shows for its robot."),
        ({"address": ""}, "Paste the web address that the group shows for its robot."),
        ({"address": "http://["}, "Paste the web address that the group shows for its robot."),
        ({"name": ""}, "Enter the name, so that people know which group is meant."),
        ({"area": ""}, "Choose the place."),
        ({"area": "999"}, "Choose one of your places."),
        ({"kind": "sms"}, "Select a valid choice"),
    ],
)
def test_what_cannot_work_is_refused_beside_its_field_and_nothing_typed_is_lost(place, manager, fields, said):
    answer = as_(manager).post(reverse("residents:robot_new"), typed(place, keyword="反诈", **fields))
    drawn = answer.content.decode()
    assert answer.status_code == 200
    assert said in drawn
    assert 'value="反诈"' in drawn
    assert not Channel.objects.exists()


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.GRID_LEADER, Role.WARNING_SPECIALIST, Role.SUPERVISOR])
def test_who_keeps_no_posts_there_keeps_no_robots(place, role):
    robot = robot_at(place.community.code)
    area = place.street if role == Role.SUPERVISOR else place.grid
    client = as_(make_staff(role, area))
    assert client.get(reverse("residents:robots")).status_code == 403
    assert client.get(reverse("residents:robot", args=[robot.pk])).status_code == 403
    assert client.post(reverse("residents:robot_new"), typed(place)).status_code == 403
    assert client.post(reverse("residents:robot_test", args=[robot.pk])).status_code == 403


def test_a_neighbour_s_robot_is_not_there_and_no_robot_can_be_put_there(place, manager, web):  # noqa: F811
    neighbour = make_community(4)
    foreign, everywhere = robot_at(neighbour.community.code), robot_at("")
    client = as_(manager)
    for robot in (foreign, everywhere):
        page = reverse("residents:robot", args=[robot.pk])
        assert client.get(page).status_code == client.post(page, typed(place)).status_code == 404
        assert client.post(reverse("residents:robot_test", args=[robot.pk])).status_code == 404
    drawn = client.get(reverse("residents:robots")).content.decode()
    assert foreign.name not in drawn
    assert everywhere.name not in drawn
    refused = client.post(reverse("residents:robot_new"), typed(place, area=neighbour.community.code))
    assert "Choose one of your places." in refused.content.decode()
    assert not web.asked
    assert Channel.objects.count() == 2


def test_an_administrator_keeps_those_that_speak_everywhere_and_other_channels_are_none_of_them(place):
    robot, gateway = robot_at("", name="全街道群"), ChannelFactory(kind="sms", address="https://gateway.example")
    client = as_(AdministratorFactory())
    assert "全街道群" in client.get(reverse("residents:robots")).content.decode()
    page = reverse("residents:robot", args=[robot.pk])
    assert "everywhere" in client.get(page).content.decode()
    client.post(page, typed(place, name="街道群", area=place.community.code, address=""))
    robot.refresh_from_db()
    assert (robot.name, robot.area_code) == ("街道群", place.community.code)
    assert client.get(reverse("residents:robot", args=[gateway.pk])).status_code == 404


def test_a_test_reaches_the_group_and_its_answer_stands_on_the_page_and_in_the_trail(place, manager, web):  # noqa: F811
    robot = robot_at(place.community.code, is_active=False)
    drawn = as_(manager).post(reverse("residents:robot_test", args=[robot.pk]), follow=True).content.decode()
    assert "took the test message" in drawn
    assert "Last tests" in drawn
    (asked,) = web.at("wecom")
    assert "mentioned_mobile_list" not in asked.json["text"]
    assert AuditEntry.objects.get(verb="notifications.channel_tested").area_code == place.community.code


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (REFUSED, "api freq out of limit"),
        (BROKEN, "HTTP status 500"),
        (HANG, "No answer in time."),
        (RESET, "No connection"),
    ],
)
def test_what_the_outside_world_answers_is_said_in_words(place, manager, web, behaviour, said):  # noqa: F811
    robot = robot_at(place.community.code)
    web.behaviour["wecom"] = behaviour
    drawn = as_(manager).post(reverse("residents:robot_test", args=[robot.pk]), follow=True).content.decode()
    assert said in drawn
    assert "Failing since" in drawn
    assert said in AuditEntry.objects.get(verb="notifications.channel_tested").detail["answer"]


def test_tests_keep_to_the_robot_s_pause_whoever_presses(place, web):  # noqa: F811
    robot = robot_at(place.community.code)
    for _one in range(3):
        manager = make_staff(Role.MANAGER, place.community)
        drawn = as_(manager).post(reverse("residents:robot_test", args=[robot.pk]), follow=True).content.decode()
    assert "Try again in" in drawn
    assert len(web.asked) == 1


def test_a_robot_whose_key_was_lost_says_so_and_can_be_mended(place, manager, settings):
    robot_at(place.community.code, name="另一个群")
    usual = settings.FIELD_KEYS
    settings.FIELD_KEYS = {"lost": bytes(32)}
    robot = robot_at(place.community.code)
    settings.FIELD_KEYS = usual
    client, page = as_(manager), reverse("residents:robot", args=[robot.pk])
    listed = client.get(reverse("residents:robots")).content.decode()
    assert "另一个群" in listed
    assert "Cannot be read any more: paste it again." in listed
    assert "Cannot be read any more: paste it again." in client.get(page).content.decode()
    failed = client.post(reverse("residents:robot_test", args=[robot.pk]), follow=True).content.decode()
    assert "failed:" in failed
    client.post(page, typed(place))
    assert Channel.objects.get(pk=robot.pk).address == WECOM


def test_a_long_queue_is_foretold_on_the_robot_s_pages(place, manager):
    robot = robot_at(place.community.code, quiet_until=database_now() + timedelta(seconds=41))
    told([letter_to(worker, area_code=place.grid.code) for worker in UserFactory.create_batch(3, phone="")])
    Delivery.objects.update(next_at=database_now() - timedelta(seconds=1))
    client = as_(manager)
    for page in (reverse("residents:robots"), reverse("residents:robot", args=[robot.pk])):
        drawn = client.get(page).content.decode()
        assert "3 messages wait; the last is in the group in about 4" in drawn


def test_the_list_costs_the_same_queries_for_two_robots_as_for_twenty(place, manager, django_assert_max_num_queries):
    client, page = as_(manager), reverse("residents:robots")
    for many in (2, 18):
        for number in range(many):
            robot_at(place.grids[number % 2].code)
        with django_assert_max_num_queries(20) as counted:
            client.get(page)
        cost = len(counted)
        if many == 2:
            before = cost
    assert cost == before
