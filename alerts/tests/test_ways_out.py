"""Channels that fail or are slow, said to those who look after the place before somebody relies on them."""

from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now
from accounts.models import User
from alerts import engine
from alerts.models import Heartbeat
from alerts.screens.channels import ways_out
from alerts.tests.factories import NOON, Scene, after, make_scene
from notifications.models import Delivery, Preference
from notifications.tests.factories import ChannelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def scene() -> Scene:
    engine.beat(Heartbeat.Guard.CELERY, now=database_now(), by="a test")
    return make_scene()


def page(user: User, name: str) -> str:
    User.objects.filter(pk=user.pk).update(language="en")
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"alerts:{name}")).content.decode()


def test_those_that_serve_an_area_are_its_own_those_within_it_and_those_for_everybody(scene):
    community = scene.place.community.code
    for name, code in (("own", community), ("grid", scene.grid.code), ("all", ""), ("street", community[:9])):
        ChannelFactory(name=name, area_code=code)
    ChannelFactory(name="neighbour", area_code=f"{community[:-1]}9")
    ChannelFactory(name="off", is_active=False)
    names = {way.name.split()[-1] for way in ways_out((community,), now=NOON)}
    assert names == {"own", "grid", "all", "street"}
    assert ways_out((), now=NOON) == ()
    assert len(ways_out(None, now=NOON)) == 5


def test_one_message_that_failed_makes_no_failing_channel_and_a_minute_of_them_does(scene):
    ChannelFactory(failing_since=NOON, last_error="no")
    assert not ways_out(None, now=after(seconds=30))[0].is_wrong
    (way,) = ways_out(None, now=after(seconds=60))
    assert way.is_failing
    assert way.words.endswith("no")


def test_a_robot_whose_queue_is_long_is_said_at_the_desk_and_before_the_night(scene):
    robot = ChannelFactory(kind="wecom", name="值班群", address="k", area_code=scene.place.community.code)
    scene.dispatched(at=database_now())
    assert "Messages are late." not in page(scene.officer, "desk")
    assert "值班群" in page(scene.officer, "readiness")
    robot.quiet_until = database_now() + timedelta(seconds=50)
    robot.save()
    Delivery.objects.update(channel=robot, next_at=database_now() - timedelta(seconds=1))
    for name in ("desk", "readiness"):
        drawn = page(scene.officer, name)
        assert "the last is in the group in about" in drawn
    assert "Messages are late." in page(scene.officer, "desk")


def test_a_gateway_at_which_messages_have_waited_says_for_how_long(scene):
    ChannelFactory()
    scene.dispatched()
    (way,) = ways_out(None, now=after(seconds=40))
    assert way.is_slow
    assert way.queue.endswith("the first has waited for 40 seconds")


def test_who_has_hours_for_alerts_is_named_with_them_before_the_night(scene):
    ChannelFactory()
    Preference.objects.create(user=scene.first, topic="alerts", begins_at=time(8), ends_at=time(21))
    assert "medium and low alerts only 08:00–21:00" in page(scene.officer, "readiness")


def test_the_board_asks_the_same_for_two_channels_as_for_twenty(scene, django_assert_num_queries):
    ChannelFactory.create_batch(2)
    with django_assert_num_queries(2):
        ways_out(None, now=NOON)
    ChannelFactory.create_batch(18)
    with django_assert_num_queries(2):
        ways_out(None, now=NOON)
