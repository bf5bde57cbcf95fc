"""What became of each message, read in the alert's timeline; and that no device shows a person's name."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.clock import database_now
from accounts.models import User
from alerts import engine, services
from alerts.models import Alert, Heartbeat
from alerts.policy import Deed
from alerts.screens.alert import version
from alerts.screens.card import cards, with_card_rows
from alerts.screens.timeline import Told, lines
from alerts.tests.factories import NOON, Scene, after, make_scene
from notifications.models import Delivery, Notice, State
from notifications.services import mark_seen
from notifications.tests.factories import ChannelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    engine.beat(Heartbeat.Guard.CELERY, now=database_now(), by="a test")
    return make_scene()


def receipt_of(alert: Alert, user: User) -> Told:
    """The receipt of what somebody was told first."""
    with translation.override("en"):
        found = [one for line in lines(alert) for one in line.receipts if str(user) in one.people.split(", ")]
    return found[0]


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_timeline_says_over_what_somebody_was_told_when_they_saw_it_and_when_they_acted(scene):
    ChannelFactory()
    alert = scene.dispatched()
    told = receipt_of(alert, scene.first)
    assert (told.ways, told.seen, told.acted, told.is_lost) == ("Text message waiting", "", "", False)
    Delivery.objects.update(state=State.SENT, sent_at=after(seconds=2))
    mark_seen(scene.first, subject=alert.subject_key, now=after(seconds=50))
    services.accept_alert(alert, by=scene.first, now=after(seconds=70))
    services.record_deed(alert, deed=Deed.PHONE_CONFIRMED, by=scene.first, now=after(minutes=3))
    told = receipt_of(alert, scene.first)
    assert (told.ways, told.seen, told.acted) == (
        "Text message delivered 12:00:02",
        "seen 12:00:50",
        "acted 12:01:10",
    )
    assert not told.is_lost


def test_who_acted_has_seen_it_though_they_never_opened_the_message(scene):
    alert = scene.dispatched()
    services.accept_alert(alert, by=scene.first, now=after(minutes=1))
    told = receipt_of(alert, scene.first)
    assert (told.ways, told.seen, told.acted) == ("in the inbox alone", "seen 12:01:00", "acted 12:01:00")
    assert receipt_of(alert, scene.leader).acted == ""


def test_a_message_that_reached_nobody_is_said_to_be_lost_until_they_turn_up_all_the_same(scene):
    ChannelFactory()
    alert = scene.dispatched()
    Delivery.objects.filter(notice__recipient=scene.first).update(state=State.FAILED)
    told = receipt_of(alert, scene.first)
    assert told.is_lost
    assert told.ways == "Text message failed"
    services.accept_alert(alert, by=scene.first, now=after(minutes=1))
    assert not receipt_of(alert, scene.first).is_lost


def test_the_page_is_painted_anew_when_a_receipt_comes_in(scene):
    ChannelFactory()
    alert = scene.dispatched()

    def mark() -> str:
        return version(alert, user=scene.first, are_numbers_open=False, now=NOON)

    before = mark()
    assert mark() == before
    Delivery.objects.update(state=State.SENT, sent_at=after(seconds=2))
    sent = mark()
    assert sent != before
    mark_seen(scene.first, subject=alert.subject_key, now=after(seconds=50))
    assert mark() != sent


def test_who_has_the_alert_before_them_has_seen_what_they_were_told_of_it_and_nobody_else_has(scene):
    alert = scene.dispatched(at=database_now())
    client = as_(scene.first)
    page = client.get(reverse("alerts:detail", args=[alert.pk])).content.decode()
    assert 'id="seen"' in page
    assert not Notice.objects.filter(read_at__isnull=False).exists(), "opening a page writes nothing"
    client.post(reverse("notifications:seen"), {"subject": alert.subject_key})
    assert {notice.recipient for notice in Notice.objects.filter(read_at__isnull=False)} == {scene.first}
    assert 'id="seen"' not in client.get(reverse("alerts:detail", args=[alert.pk])).content.decode()


def test_the_timeline_costs_the_same_queries_for_two_messages_as_for_twenty(scene, django_assert_max_num_queries):
    ChannelFactory()
    alert = scene.dispatched()
    with django_assert_max_num_queries(4):
        lines(alert)
    for minute in (3, 5, 10, 20):
        engine.sweep(now=after(minutes=minute))
    with django_assert_max_num_queries(4):
        assert sum(len(line.receipts) for line in lines(alert)) >= 5


def test_what_a_device_shows_on_a_locked_screen_names_no_resident(scene):
    secrets = ("王秀英", "王", "19900001234", "1234", "3号楼", "401")
    alert = scene.dispatched(name="王秀英", phone="19900001234", address="3号楼2单元401")
    with translation.override("en"):
        (card,) = cards(list(with_card_rows(Alert.objects.filter(pk=alert.pk))), viewer_id=scene.first.pk, now=NOON)
        assert card.told == f"[High] {scene.grid.name}: 1 alert, before 12:10"
    for page in ("tasks", "list"):
        drawn = as_(scene.first).get(reverse(f"alerts:{page}")).content.decode()
        (told,) = re.findall(r'data-told="([^"]*)"', drawn)
        assert scene.grid.name in told
        assert not [secret for secret in secrets if secret in told]


def test_those_of_whom_the_same_is_to_be_said_share_a_line(scene):
    alert = scene.dispatched()
    with translation.override("en"):
        (told,) = [line.receipts for line in lines(alert) if line.receipts]
    assert [one.ways for one in told] == ["in the inbox alone"]
    assert told[0].people == f"{scene.first}, {scene.second}, {scene.leader}"
