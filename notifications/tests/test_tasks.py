import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.tests.factories import UserFactory
from notifications import tasks
from notifications.models import Delivery
from notifications.tests.factories import ChannelFactory, letter_to, told

pytestmark = pytest.mark.django_db


def test_the_task_empties_the_outbox_round_after_round(web, monkeypatch):
    ChannelFactory(address=f"{web.url}/sms")
    workers = UserFactory.create_batch(5)
    told([letter_to(worker) for worker in workers * 50])
    for _tick in range(20):  # on a machine that is busy with other things one tick may not suffice
        tasks.deliver()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_the_task_gives_its_thread_back_however_much_there_is_to_do(monkeypatch):
    rounds = []
    monkeypatch.setattr(tasks.services, "deliver_due", lambda **options: rounds.append(options) or 1)
    tasks.deliver()
    assert len(rounds) == tasks.MOST_ROUNDS


@pytest.mark.parametrize("error", [None, OperationalError("away"), ConnectionRefusedError()])
def test_the_outbox_is_woken_after_the_commit_and_a_dead_broker_stops_nobody(
    error, monkeypatch, caplog, django_capture_on_commit_callbacks
):
    rung = []

    def ring(**options):
        rung.append(options)
        if error:
            raise error

    monkeypatch.setattr(tasks.deliver, "apply_async", ring)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tasks.wake_outbox()
        assert not rung
    assert len(rung) == 1
    assert ("broker is away" in caplog.text) == (error is not None)
