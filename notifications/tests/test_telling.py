from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from accounts.tests.factories import UserFactory
from notifications.models import Delivery, Notice, Preference, State
from notifications.services import mark_read, reachable, tell, unread_count, withdraw
from notifications.tests.factories import NOON, ChannelFactory, letter_to, told

pytestmark = pytest.mark.django_db


def test_a_letter_reaches_the_inbox_and_the_outbox():
    channel = ChannelFactory()
    worker = UserFactory()
    letter = letter_to(worker)
    (delivery,) = told(letter)
    notice = Notice.objects.get()
    assert (notice.key, notice.recipient, notice.title, notice.created_at) == (letter.key, worker, letter.title, NOON)
    assert (delivery.key, delivery.channel, delivery.state) == (f"{letter.key}:sms", channel, State.WAITING)
    assert delivery.next_at == NOON


def test_a_letter_told_twice_is_told_once_whatever_happened_in_between():
    ChannelFactory()
    worker = UserFactory(email="w@example.com")
    letter = letter_to(worker)
    assert tell([letter, letter], now=NOON) == 1
    ChannelFactory(kind="email")
    worker.channel_order = ["email"]
    worker.save()
    withdraw([letter.subject], now=NOON)
    assert tell([letter], now=NOON) == 0
    assert Notice.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_a_person_without_any_channel_still_has_the_inbox():
    worker = UserFactory(phone="")
    ChannelFactory()
    told(letter_to(worker))
    assert unread_count(worker) == 1
    assert not Delivery.objects.exists()


def test_the_first_channel_is_the_person_s_choice_where_it_can_reach_them():
    ChannelFactory()
    email = ChannelFactory(kind="email")
    chooses_mail = UserFactory(email="w@example.com", channel_order=["email"])
    has_no_mail = UserFactory(email="", channel_order=["email"])
    first, second = told([letter_to(chooses_mail), letter_to(has_no_mail)])
    assert first.channel == email
    assert second.channel.kind == "sms"


def test_of_several_robots_the_one_for_the_smallest_area_around_the_alert_speaks():
    everywhere, street, community = (ChannelFactory(kind="wecom", area_code=code) for code in ("", "9999", "999900"))
    ChannelFactory(kind="wecom", area_code="99990099", is_active=False)
    worker = UserFactory(phone="")
    letters = [letter_to(worker, area_code=code) for code in ("99990099", "99991", "8", "")]
    assert [row.channel for row in told(letters)] == [community, street, everywhere, everywhere]


def test_what_has_no_words_for_the_public_goes_over_no_robot():
    ChannelFactory(kind="wecom")
    assert told(letter_to(UserFactory(), public_text="")) == []


def test_nobody_who_left_is_told_outside():
    ChannelFactory()
    assert told(letter_to(UserFactory(is_active=False))) == []


def test_an_urgency_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="urgent"):
        tell([letter_to(UserFactory(), urgency="urgent")], now=NOON)


def test_nothing_is_told_when_the_transaction_that_told_it_is_undone():
    letter = letter_to(UserFactory())
    with transaction.atomic():
        tell([letter], now=NOON)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_telling_costs_the_same_queries_for_five_letters_as_for_fifty(django_assert_max_num_queries):
    ChannelFactory()
    workers = UserFactory.create_batch(10)
    for many in (5, 50):
        letters = [letter_to(workers[number % 10]) for number in range(many)]
        with django_assert_max_num_queries(8), transaction.atomic():
            assert tell(letters, now=NOON) == many


def test_withdrawing_cancels_what_is_not_sent_and_hides_what_is_not_read():
    ChannelFactory()
    worker = UserFactory()
    read, unread, other = letters = [letter_to(worker, subject=f"alert:{number}") for number in (1, 2, 3)]
    told(letters)
    mark_read(worker, now=NOON, ids=[Notice.objects.get(key=read.key).pk])
    assert withdraw(["alert:1", "alert:2"], now=NOON) == 2
    assert withdraw(["alert:1", "alert:2"], now=NOON) == 0
    assert [row.state for row in Delivery.objects.order_by("pk")] == ["cancelled", "cancelled", "waiting"]
    visible = Notice.objects.visible_to(worker)
    assert {notice.key for notice in visible} == {read.key, other.key}
    assert unread_count(worker) == 1
    assert not Notice.objects.unread().filter(key=unread.key).exists()


def test_withdrawing_may_be_limited_to_a_purpose():
    worker = UserFactory()
    told([letter_to(worker, subject="alert:1", purpose=purpose) for purpose in ("dispatch", "respond")])
    assert withdraw(["alert:1"], purposes=["dispatch"], now=NOON) == 1
    assert [notice.purpose for notice in Notice.objects.unread()] == ["respond"]
    assert withdraw([], now=NOON) == 0


def test_reading_touches_one_s_own_notices_only():
    worker, neighbour = UserFactory(), UserFactory()
    told([letter_to(worker), letter_to(worker), letter_to(neighbour)])
    assert mark_read(worker, now=NOON, ids=[Notice.objects.get(recipient=neighbour).pk]) == 0
    assert mark_read(worker, now=NOON) == 2
    assert (unread_count(worker), unread_count(neighbour)) == (0, 1)


def test_who_cannot_be_reached_is_known_before_the_night():
    ChannelFactory()
    ChannelFactory(kind="wecom", area_code="9999")
    ChannelFactory(kind="email", is_active=False)
    phone, nothing = UserFactory(email="a@example.com"), UserFactory(phone="")
    assert reachable([phone, nothing]) == {phone.pk: ["sms"], nothing.pk: []}
    assert reachable([phone, nothing], area_code="99991") == {phone.pk: ["sms", "wecom"], nothing.pk: ["wecom"]}


def test_a_channel_that_has_failed_for_a_minute_counts_as_none():
    channel = ChannelFactory(failing_since=NOON)
    worker = UserFactory()
    assert reachable([worker], now=NOON) == {worker.pk: ["sms"]}
    channel.failing_since = NOON.replace(hour=3)
    channel.save()
    assert reachable([worker], now=NOON) == {worker.pk: []}


# What people wish


def test_a_wish_about_one_topic_leaves_the_others_as_usual():
    ChannelFactory()
    email = ChannelFactory(kind="email")
    worker = UserFactory(email="w@example.com")
    Preference.objects.create(user=worker, topic="outreach", kinds=["email"])
    outreach, alert = told([letter_to(worker, kind="outreach.event"), letter_to(worker, kind="alert.yours")])
    assert outreach.channel == email
    assert alert.channel.kind == "sms"


def test_who_wants_a_topic_in_the_inbox_alone_is_told_nothing_else_of_it_but_what_is_high():
    ChannelFactory()
    worker = UserFactory()
    Preference.objects.create(user=worker, topic="outreach", is_inbox_alone=True)
    assert told(letter_to(worker, kind="outreach.event", urgency="low")) == []
    assert len(told(letter_to(worker, kind="outreach.event", urgency="high"))) == 1
    assert unread_count(worker) == 2


def test_outside_somebody_s_hours_the_inbox_has_it_at_once_and_the_outbox_when_they_begin():
    ChannelFactory()
    worker = UserFactory()
    # It is noon in Shanghai.
    Preference.objects.create(user=worker, topic="alerts", kinds=["sms"], begins_at=time(20), ends_at=time(6))
    medium, high = told([letter_to(worker, kind="alert.yours", urgency=urgency) for urgency in ("medium", "high")])
    assert medium.next_at == NOON + timedelta(hours=8)
    assert high.next_at == NOON
    assert unread_count(worker) == 2
    assert not Delivery.objects.due(NOON + timedelta(hours=7)).filter(pk=medium.pk)
    withdraw([medium.notice.subject], now=NOON + timedelta(hours=1))
    assert not Delivery.objects.due(NOON + timedelta(hours=9)).filter(pk=medium.pk)


def test_a_preference_has_both_of_its_hours_or_none():
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(user=UserFactory(), topic="alerts", begins_at=time(8))


def test_wishes_are_read_once_for_a_batch_of_any_size(django_assert_num_queries):
    ChannelFactory()
    workers = UserFactory.create_batch(20)
    for worker in workers:
        Preference.objects.create(user=worker, topic="alerts", kinds=["sms"], begins_at=time(8), ends_at=time(21))
    for many in (2, 20):
        letters = [letter_to(worker, kind="alert.yours") for worker in workers[:many]]
        # The transaction's two on top.
        with django_assert_num_queries(7), transaction.atomic():
            assert tell(letters, now=NOON) == many


@pytest.mark.parametrize("kinds", ["sms", 7, None, {"a": 1}, [["sms"], 3, "pigeon"]])
def test_a_wish_that_is_none_keeps_nobody_s_message_and_cannot_be_written(kinds):
    ChannelFactory()
    worker = UserFactory()
    nonsense = Preference(user=worker, topic="alerts", kinds=kinds)
    with pytest.raises(ValidationError, match="Kinds of channels"), translation.override("en"):
        nonsense.full_clean()
    Preference.objects.create(user=worker, topic="alerts", kinds=kinds if kinds is not None else 0)
    (row,) = told(letter_to(worker, kind="alert.yours"))
    assert row.channel.kind == "sms"
