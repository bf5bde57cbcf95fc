"""The outbox's doors: the task that empties it, and the bell that calls the task."""

import logging
import os
import socket

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.clock import database_now
from notifications import services

log = logging.getLogger(__name__)

# A task gives its thread back after so many rounds of half a second; the next tick goes on.
MOST_ROUNDS = 20


@shared_task(ignore_result=True, expires=2)
def deliver() -> None:
    """Empty the outbox, round after round, until nothing is left that can be handed over now."""
    for _round in range(MOST_ROUNDS):
        if not services.deliver_due(clock=database_now, worker=f"{socket.gethostname()}:{os.getpid()}"):
            break


def wake_outbox() -> None:
    """Have the outbox emptied as soon as the present transaction is committed.

    Only a hurry: without it the next tick does the same. So a broker that is away is logged and
    nothing else; whoever told somebody something has told them.
    """
    transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    try:
        deliver.apply_async(retry=False)
    except (OperationalError, OSError) as error:
        log.warning("The broker is away, the next tick delivers: %s", error)
