"""Two processes' worth of connections at once. Only PostgreSQL lets two writers in."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts.tests.factories import UserFactory
from antifraud.testing.at_once import at_once
from notifications.models import Channel, Delivery, Notice
from notifications.policy import LEASE
from notifications.services import deliver_due, delivering, mark_reported, tell, unreported
from notifications.services.lanes import Lane
from notifications.tests.factories import NOON, ChannelFactory, letter_to, told
from notifications.tests.outside import BROKEN

pytestmark = [pytest.mark.postgres, pytest.mark.alone, pytest.mark.django_db(transaction=True)]


def emptied_by(worker: str) -> Callable[[], int]:
    def empty() -> int:
        total = 0
        while handed_over := deliver_due(clock=lambda: NOON, worker=worker, limit=20):
            total += handed_over
        return total

    return empty


@pytest.fixture
def workers() -> list:
    return UserFactory.create_batch(20)


def test_two_workers_deliver_each_message_once(web, workers):
    ChannelFactory(address=f"{web.url}/sms")
    told([letter_to(worker) for worker in workers * 10])
    first, second = at_once(emptied_by("one"), emptied_by("two"))
    while emptied_by("three")():
        pass
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}
    texts = [asked.json["text"] for asked in web.asked]
    assert len(texts) == len(set(texts)) == 200


def test_a_second_worker_passes_over_what_the_first_holds(web, workers):
    channel = ChannelFactory(address=f"{web.url}/sms")
    told([letter_to(worker) for worker in workers])
    with transaction.atomic():
        held = list(delivering._locked(Delivery.objects.due(NOON), most=5))
        claimed: list = []

        def claim() -> None:
            claimed.extend(delivering._claim(Channel.objects.get(pk=channel.pk), token="two", limit=200, now=NOON))

        at_once(claim)
    assert len(held) == 5
    assert len(claimed) == 15
    assert not {row.pk for row in held} & {row.pk for row in claimed}


def test_two_workers_make_one_post_of_a_robot_s_messages(web, workers):
    ChannelFactory(kind="wecom", address="k")
    told([letter_to(worker) for worker in UserFactory.create_batch(10, phone="")])
    assert all(isinstance(result, int) for result in at_once(*[emptied_by(str(number)) for number in range(4)]))
    assert len(web.asked) == 1
    assert not Delivery.objects.exclude(state="sent").exists()


def test_the_same_letters_told_by_four_at_once_are_told_once(workers):
    ChannelFactory()
    letters = [letter_to(worker) for worker in workers * 10]

    def tell_them(some: list) -> Callable[[], int]:
        def telling() -> int:
            with transaction.atomic():
                return tell(some, now=NOON)

        return telling

    results = at_once(*[tell_them(letters if number % 2 else letters[::-1]) for number in range(4)])
    assert all(isinstance(result, int) for result in results), results
    assert Notice.objects.count() == Delivery.objects.count() == 200


def test_two_who_find_a_dead_lease_mend_it_once(workers):
    ChannelFactory()
    told([letter_to(worker, urgency=urgency) for worker in workers for urgency in ("high", "medium")])
    Delivery.objects.update(state="leased", attempts=1, leased_until=NOON, leased_by="who died")
    later = NOON + LEASE
    at_once(*[lambda: delivering._mend_dead_leases(later)] * 3)
    assert Delivery.objects.filter(state="waiting", is_resent=True).count() == 20
    assert Delivery.objects.filter(state="unknown").count() == 20


def test_two_who_report_take_different_rows(workers):
    ChannelFactory()
    told([letter_to(worker) for worker in workers])
    Delivery.objects.update(state="failed")

    def report() -> list[int]:
        with transaction.atomic():
            ids = [row.pk for row in unreported(15)]
            mark_reported(ids, now=NOON + timedelta(seconds=1))
        return ids

    first, second = at_once(report, report)
    assert len(first) + len(second) == len({*first, *second})
    assert len({*first, *second, *report()}) == 20


def test_a_refusal_waits_for_who_is_just_reporting_the_row_and_is_not_lost(web, workers):
    ChannelFactory(address=f"{web.url}/sms")
    (row,) = told(letter_to(workers[0]))
    Delivery.objects.update(is_resent=True)
    web.behaviour["sms"] = BROKEN
    is_reporting, may_end = threading.Event(), threading.Event()

    def report() -> None:
        with transaction.atomic():
            assert [reported.pk for reported in unreported()] == [row.pk]
            is_reporting.set()
            may_end.wait(10)

    def refuse() -> int:
        claimed = delivering._claim(row.channel, token="one", limit=1, now=NOON)
        threading.Thread(target=report_on_a_connection_of_its_own).start()
        is_reporting.wait(10)
        job = delivering._Job((claimed[0].pk,), row.channel_id, "one", Lane(1), Future())
        job.answer.set_result(["no"])
        threading.Timer(0.2, may_end.set).start()
        delivering._settle([job], now=NOON)
        return len(claimed)

    def report_on_a_connection_of_its_own() -> None:
        try:
            report()
        finally:
            connection.close()

    assert at_once(refuse) == [1]
    row.refresh_from_db()
    assert (row.state, row.error) == ("waiting", "no")
