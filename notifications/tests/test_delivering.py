"""The outbox against a loopback world, on a clock that only the test moves."""

import threading
import time
from datetime import timedelta

import httpx
import pytest

from accounts.tests.factories import UserFactory
from notifications import channels
from notifications.models import Channel, Delivery, Notice, Preference, State
from notifications.policy import robot_delay
from notifications.services import (
    Handed,
    deliver_due,
    delivering,
    is_unseen,
    mark_reported,
    mark_seen,
    oldest_due_at,
    queues_at,
    receipts_about,
    receipts_mark,
    unreported,
    withdraw,
)
from notifications.tests.conftest import LEASE_SECONDS
from notifications.tests.factories import NOON, ChannelFactory, letter_to, told
from notifications.tests.outside import BROKEN, HANG, REFUSED, RESET

pytestmark = [pytest.mark.alone, pytest.mark.django_db]


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def gateway(web, name: str = "sms", **fields) -> Channel:
    return ChannelFactory(address=f"{web.url}/{name}", **fields)


def take_and_die(deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim what is due in a process that never comes back."""
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "PATIENCE_SECONDS", 0)
        patch.setattr(delivering.channels, "send", lambda *args, **options: time.sleep(3600))
        assert deliver("who dies")
    monkeypatch.setattr(delivering, "_hands", delivering._Hands())
    monkeypatch.setattr(delivering, "_lanes", delivering.Lanes())


def test_what_is_due_is_handed_over_once(web, deliver, clock):
    gateway(web)
    worker = UserFactory()
    (row,) = told(letter_to(worker))
    assert deliver() == 1
    assert deliver() == 0
    row.refresh_from_db()
    assert (row.state, row.attempts, row.sent_at, row.error) == (State.SENT, 1, NOON, "")
    (asked,) = web.asked
    assert asked.json == {
        "phone": worker.phone,
        "text": f"{row.notice.title}\n{row.notice.body}\nhttps://desk.example{row.notice.url}",
    }
    assert not unreported()


def test_the_most_urgent_goes_first_whoever_came_first(web, deliver):
    gateway(web)
    worker = UserFactory()
    told([letter_to(worker, urgency=urgency, title=urgency) for urgency in ("low", "medium", "high")])
    for _round in range(3):
        deliver(limit=1)
    assert [asked.json["text"].split("\n")[0] for asked in web.asked] == ["high", "medium", "low"]


@pytest.mark.parametrize("behaviour", [REFUSED, BROKEN, RESET, HANG])
def test_a_failed_message_is_tried_after_five_fifteen_and_thirty_seconds_and_then_given_up(
    web, deliver, clock, behaviour
):
    gateway(web)
    web.behaviour["sms"] = behaviour
    told(letter_to(UserFactory()))
    for wait in (5, 15, 30):
        assert deliver() == 1
        clock.forward(wait - 0.001)
        assert deliver() == 0
        assert states() == ["waiting"]
        clock.forward(0.001)
    assert deliver() == 1
    row = unreported().get()
    assert (row.state, row.attempts, len(web.asked)) == (State.FAILED, 4, 4)
    assert row.error
    assert mark_reported([row.pk], now=clock()) == 1
    assert not unreported()


def test_a_message_that_comes_through_at_last_is_sent_and_leaves_no_error(web, deliver, clock):
    channel = gateway(web)
    web.behaviour["sms"] = BROKEN
    told(letter_to(UserFactory()))
    deliver()
    channel.refresh_from_db()
    assert channel.failing_since == NOON
    assert channel.last_error
    web.behaviour.clear()
    clock.forward(5)
    deliver()
    channel.refresh_from_db()
    assert (channel.failing_since, channel.last_error, channel.last_sent_at) == (None, "", clock())
    assert states() == ["sent"]
    assert Delivery.objects.get().error == ""


def test_who_is_not_reached_over_one_channel_is_tried_over_the_next(web, mail, deliver, clock):
    gateway(web)
    ChannelFactory(kind="wecom", address="k")
    ChannelFactory(kind="email")
    web.behaviour["sms"] = web.behaviour["wecom"] = BROKEN
    worker = UserFactory(email="w@example.com")
    told(letter_to(worker))
    for wait in (5, 15, 30, 0) * 2:
        deliver()
        clock.forward(wait)
    deliver()
    assert states() == ["passed_on", "passed_on", "sent"]
    assert [row.channel.kind for row in Delivery.objects.order_by("pk")] == ["sms", "wecom", "email"]
    assert [sent["To"] for sent in mail.box.mails] == ["w@example.com"]
    assert not unreported()


def test_a_person_may_choose_the_robot_first_and_be_texted_when_it_fails(web, deliver, clock):
    gateway(web)
    ChannelFactory(kind="dingtalk", address="k")
    web.behaviour["dingtalk"] = REFUSED
    told(letter_to(UserFactory(channel_order=["dingtalk"])))
    for wait in (5, 15, 30, 0, 0):
        deliver()
        clock.forward(wait)
    assert states() == ["passed_on", "sent"]
    assert len(web.at("dingtalk")) == 4


def test_a_robot_never_hears_a_person_s_name(web, deliver):
    ChannelFactory(kind="wecom", address="k")
    letter = letter_to(UserFactory(phone=""))
    told(letter)
    deliver()
    content = web.asked[0].json["text"]["content"]
    assert content == f"{letter.public_text}\nhttps://desk.example{letter.url}"
    assert "王" not in content


def test_a_robot_calls_whom_a_message_is_for_where_it_is_to_and_nobody_else(web, deliver, clock):
    for code, mentions in (("1", True), ("2", False)):
        ChannelFactory(kind="wecom", address="k", area_code=code, options={"mention": mentions})
    worker = UserFactory(channel_order=["wecom"])
    told([letter_to(worker, area_code="1"), letter_to(worker, area_code="2")])
    deliver()
    assert sorted(asked.json["text"].get("mentioned_mobile_list", []) for asked in web.asked) == [[], [worker.phone]]


def test_a_number_that_somebody_typed_into_a_title_stays_out_of_the_group(web, deliver):
    ChannelFactory(kind="feishu", address="k")
    told(letter_to(UserFactory(phone=""), public_text="请回电 199 0000 0017", url=""))
    deliver()
    assert web.asked[0].json["content"] == {"text": "请回电 …"}


def test_a_robot_s_queue_is_empty_when_it_was_predicted_to_be(web, clock):
    robot = ChannelFactory(kind="wecom", address="k")
    told([letter_to(worker) for worker in UserFactory.create_batch(9, phone="")])
    robot.quiet_until = clock() + timedelta(seconds=2)
    robot.save()
    began = clock()
    predicted = robot_delay(9, quiet_for=timedelta(seconds=2), a_post=2)
    while Delivery.objects.exclude(state="sent").exists():
        deliver_due(clock=clock, worker="one", limit=2)
        last = clock()
        clock.forward(0.1)
    assert last - began == predicted
    assert len(web.asked) == 5


def test_who_waits_at_which_channel_is_known_in_one_query(web, clock, django_assert_num_queries):
    robot, quick = ChannelFactory(kind="wecom", address="k"), gateway(web)
    idle = ChannelFactory(kind="email")
    group = UserFactory.create_batch(3, phone="")
    told([letter_to(worker) for worker in group] + [letter_to(UserFactory())])
    Delivery.objects.filter(channel=robot).update(next_at=NOON)
    robot.quiet_until = NOON + timedelta(seconds=42)
    robot.save()
    with django_assert_num_queries(1):
        queues = queues_at([robot, quick, idle], now=clock.forward(12))
    assert (queues[robot.pk].waiting, queues[robot.pk].delay) == (3, timedelta(seconds=30))
    assert queues[robot.pk].is_long
    assert (queues[quick.pk].waiting, queues[quick.pk].delay) == (1, timedelta(seconds=12))
    assert not queues[quick.pk].is_long
    assert queues[idle.pk].waiting == 0


def test_who_wants_one_channel_alone_is_not_tried_over_another_but_for_what_is_high(web, deliver, clock):
    gateway(web)
    ChannelFactory(kind="dingtalk", address="k")
    web.behaviour["sms"] = BROKEN
    worker = UserFactory()
    Preference.objects.create(user=worker, topic="outreach", kinds=["sms"])
    told([letter_to(worker, kind="outreach.event", urgency=urgency) for urgency in ("high", "low")])
    for wait in (5, 15, 30, 0, 4):
        deliver()
        clock.forward(wait)
    assert states() == ["passed_on", "failed", "sent"]


def test_the_receipt_of_a_notice_says_over_what_it_went_and_when_it_was_seen(web, deliver, clock):
    gateway(web)
    worker = UserFactory()
    letter = letter_to(worker, subject="alert:7")
    mark = receipts_mark("alert:7")
    told(letter)
    assert receipts_mark("alert:7") != mark
    mark = receipts_mark("alert:7")
    (receipt,) = receipts_about("alert:7").values()
    assert (receipt.recipient_id, receipt.told_at, receipt.seen_at) == (worker.pk, NOON, None)
    assert receipt.ways == (Handed("sms", "waiting", None),)
    deliver()
    assert receipts_mark("alert:7") != mark
    mark = receipts_mark("alert:7")
    assert is_unseen(worker, subject="alert:7")
    assert mark_seen(UserFactory(), subject="alert:7", now=clock()) == 0
    assert mark_seen(worker, subject="alert:7", now=clock.forward(40)) == 1
    assert not is_unseen(worker, subject="alert:7")
    assert receipts_mark("alert:7") != mark
    receipt = receipts_about("alert:7")[letter.key]
    assert receipt.ways == (Handed("sms", "sent", NOON),)
    assert receipt.seen_at == NOON + timedelta(seconds=40)


def test_several_messages_to_one_robot_within_seconds_are_one_post(web, deliver, clock):
    ChannelFactory(kind="wecom", address="k")
    workers = [UserFactory(phone="") for _number in range(3)]
    told(letter_to(workers[0], public_text="甲", url=""))
    deliver()
    told([letter_to(worker, public_text="乙", url="") for worker in workers], now=clock())
    told(letter_to(workers[0], public_text="丙", url=""), now=clock.forward(1))
    assert deliver() == 0
    clock.forward(2.2)
    assert deliver() == 4
    assert [asked.json["text"]["content"] for asked in web.asked] == ["甲", "乙\n丙"]
    assert states() == ["sent"] * 5


def test_no_robot_says_more_than_twenty_things_in_any_minute(web, deliver, clock):
    ChannelFactory(kind="dingtalk", address="k")
    worker = UserFactory(phone="")
    posts = []
    for _step in range(240):
        told(letter_to(worker), now=clock.forward(0.5))
        before = len(web.asked)
        deliver()
        posts += [clock()] * (len(web.asked) - before)
    assert max(sum(0 <= (later - post).total_seconds() < 60 for later in posts) for post in posts) <= 20
    assert len(posts) > 30
    assert states().count("waiting") <= 7


def test_a_channel_that_hangs_delays_nobody_else_s_message(web, deliver, monkeypatch):
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(channels, "TIMEOUT", httpx.Timeout(10))
    gateway(web, "bad", area_code="1")
    gateway(web, "good", area_code="2")
    web.behaviour["bad"] = HANG
    worker = UserFactory()
    told([letter_to(worker, area_code="1") for _number in range(40)] + [letter_to(worker, area_code="2")])
    good = Delivery.objects.filter(channel__area_code="2")
    began = time.monotonic()
    while good.exclude(state="sent").exists() and time.monotonic() - began < 3:
        deliver()
    assert len(web.at("good")) == 1
    told([letter_to(worker, area_code="2") for _number in range(5)])
    while good.exclude(state="sent").exists() and time.monotonic() - began < 3:
        deliver()
    assert len(web.at("good")) == 6
    assert set(good.values_list("state", flat=True)) == {"sent"}


def test_a_hanging_channel_gets_no_more_than_its_lane_holds_and_the_rest_is_as_if_never_touched(
    web, deliver, monkeypatch
):
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 0.1)
    gateway(web)
    web.behaviour["sms"] = HANG
    told([letter_to(UserFactory()) for _number in range(40)])
    assert deliver() == 16
    assert deliver() == 0
    assert states().count("leased") == 16
    assert Delivery.objects.waiting().filter(attempts=0, leased_by="", next_at=NOON).count() == 24


def test_who_settles_while_another_thread_takes_back_what_did_not_begin_takes_none_of_it_for_an_answer(
    web, deliver, clock, monkeypatch
):
    gateway(web)
    web.behaviour["sms"] = HANG
    told([letter_to(UserFactory()) for _number in range(40)])
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 0.1)
    put_down = delivering._Hands.put_down
    settled = []

    def while_another_settles(hands, jobs):
        settled.append(delivering.settle_answered(clock=clock))
        put_down(hands, jobs)

    with monkeypatch.context() as patch:
        patch.setattr(delivering._Hands, "put_down", while_another_settles)
        begun = deliver()
    assert settled == [0]
    assert 0 < begun <= 16
    assert states() == ["leased"] * begun + ["waiting"] * (40 - begun)
    deliver()  # whoever comes next is not stopped by it either: this raised, round after round


def test_answers_that_came_late_are_written_down_later(web, deliver, clock, monkeypatch):
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 0.05)
    gateway(web)
    web.behaviour["sms"] = HANG
    told(letter_to(UserFactory()))
    deliver()
    assert states() == ["leased"]
    time.sleep(0.6)
    clock.forward(1)
    assert delivering.settle_answered(clock=clock) == 1
    assert delivering.settle_answered(clock=clock) == 0
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == (State.WAITING, 1)
    assert (row.next_at - clock()).total_seconds() == 5


def test_those_who_wait_at_a_channel_that_has_failed_for_a_minute_go_another_way(web, mail, deliver, clock):
    gateway(web)
    ChannelFactory(kind="email")
    web.behaviour["sms"] = BROKEN
    told([letter_to(UserFactory(email=f"{number}@example.com")) for number in range(30)])
    deliver(limit=1)
    Delivery.objects.filter(attempts=1).update(next_at=clock.forward(3600))
    deliver(limit=10)
    assert states()[:30].count("passed_on") == 30
    deliver()
    assert len(mail.box.mails) == 30


def test_those_who_wait_at_a_channel_that_was_switched_off_go_another_way_at_once(web, deliver):
    gateway(web, is_active=True)
    told(letter_to(UserFactory()))
    Channel.objects.update(is_active=False)
    deliver()
    assert unreported().get().state == State.FAILED
    assert not web.asked


def test_of_high_urgency_a_message_whose_sender_died_is_sent_again_and_says_so(web, deliver, clock, monkeypatch):
    gateway(web)
    (row,) = told(letter_to(UserFactory(), urgency="high"))
    take_and_die(deliver, monkeypatch)
    clock.forward(LEASE_SECONDS - 0.001)
    assert deliver() == 0
    clock.forward(0.001)
    assert deliver() == 1
    again = unreported().get()
    assert (again.key, again.state, again.is_resent, again.attempts) == (row.key, State.SENT, True, 2)
    assert mark_reported([again.pk], now=clock()) == 1


@pytest.mark.parametrize("urgency", ["medium", "low"])
def test_of_lesser_urgency_it_stays_unknown(web, deliver, clock, monkeypatch, urgency):
    gateway(web)
    told(letter_to(UserFactory(), urgency=urgency))
    take_and_die(deliver, monkeypatch)
    clock.forward(LEASE_SECONDS)
    assert deliver() == 0
    assert unreported().get().state == State.UNKNOWN
    assert not web.asked


def test_a_message_that_kills_every_sender_ends_too(web, deliver, clock, monkeypatch):
    gateway(web)
    told(letter_to(UserFactory()))
    for _death in range(4):
        take_and_die(deliver, monkeypatch)
        clock.forward(LEASE_SECONDS)
        delivering._mend_dead_leases(clock())
    assert states() == ["failed"]


def test_an_answer_that_comes_after_its_lease_ended_is_believed(web, deliver, clock, monkeypatch):
    gateway(web)
    told(letter_to(UserFactory(), urgency="medium"))
    answered = threading.Event()
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(delivering.channels, "send", lambda *args, **options: [""] if answered.wait(10) else ["no"])
    # Both began in one process: the first round leaves the message in the hands of a thread.
    while not deliver():
        pass
    clock.forward(LEASE_SECONDS)
    deliver()
    assert states() == ["unknown"]
    answered.set()
    for _try in range(100):
        time.sleep(0.01)
        deliver()
        if states() == ["sent"]:
            break
    assert states() == ["sent"]


def test_an_answer_survives_a_database_that_is_away_for_a_moment(web, deliver, monkeypatch):
    gateway(web)
    told(letter_to(UserFactory()))
    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_settle", lambda *args, **options: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            deliver()
    assert states() == ["leased"]
    deliver()
    assert states() == ["sent"]
    assert len(web.asked) == 1


def test_an_adapter_that_breaks_costs_its_message_a_try_and_nobody_else_anything(web, deliver, monkeypatch):
    gateway(web)
    told(letter_to(UserFactory()))
    with monkeypatch.context() as patch:
        patch.setattr(delivering.channels, "send", lambda *args, **options: 1 / 0)
        deliver()
    assert "ZeroDivisionError" in Delivery.objects.get().error
    assert states() == ["waiting"]


def test_what_is_withdrawn_while_it_is_being_sent_is_not_tried_again(web, deliver, clock, monkeypatch):
    monkeypatch.setattr(delivering, "PATIENCE_SECONDS", 0.05)
    gateway(web)
    web.behaviour["sms"] = HANG
    letter = letter_to(UserFactory())
    told(letter)
    deliver()
    withdraw([letter.subject], now=clock())
    assert states() == ["leased"]
    time.sleep(0.6)
    deliver()
    assert states() == ["cancelled"]
    assert not unreported()


def test_what_is_withdrawn_before_it_is_sent_is_never_sent(web, deliver, clock):
    gateway(web)
    letter = letter_to(UserFactory())
    told(letter)
    withdraw([letter.subject], now=clock())
    assert deliver() == 0
    assert not web.asked


def test_a_channel_whose_key_was_lost_stops_nobody_else(web, mail, deliver, settings):
    bad = gateway(web)
    ChannelFactory(kind="email")
    told(letter_to(UserFactory(email="w@example.com")))
    Channel.objects.filter(pk=bad.pk).update(address="x")
    kept = settings.FIELD_KEYS
    settings.FIELD_KEYS = {"new": b"n" * 32}
    Channel.objects.filter(kind="email").update(address="", secret="")
    deliver()
    deliver()
    settings.FIELD_KEYS = kept
    assert states() == ["passed_on", "sent"]


def test_the_longest_overdue_message_is_known(web, clock):
    gateway(web)
    assert oldest_due_at(clock()) is None
    told(letter_to(UserFactory()))
    clock.forward(10)
    assert oldest_due_at(clock()) == NOON


def test_an_idle_round_asks_the_database_twice(deliver, django_assert_num_queries):
    ChannelFactory()
    told(letter_to(UserFactory(phone="")))
    with django_assert_num_queries(2):
        assert deliver() == 0
    assert Notice.objects.count() == 1
