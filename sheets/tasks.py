"""Files are read, written and made by a worker: a door for Celery each."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.clock import database_now
from notifications.tasks import wake_outbox
from sheets import services
from sheets.services import ordering

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def work_on(pk: int) -> None:
    """Read, apply or take back a file."""
    services.work_on(pk, now=database_now())


@shared_task(ignore_result=True, expires=30)
def work_off() -> None:
    """Take up what a worker left lying, or whose message the broker lost."""
    now = database_now()
    for pk in services.left_lying(now=now):
        services.work_on(pk, now=now)


def wake_worker(pk: int) -> None:
    """Have a file worked on as soon as the present transaction is committed.

    Where the broker is away it is done at once, by who asks: a file is handed in rarely, and somebody waits for it.
    """
    transaction.on_commit(lambda: _ask(pk), robust=True)


def _ask(pk: int) -> None:
    try:
        work_on.apply_async((pk,), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the file is worked on here: %s", error)
        services.work_on(pk, now=database_now())


@shared_task(ignore_result=True)
def make_file(pk: int) -> None:
    """Make a file that somebody ordered."""
    if ordering.make_file(pk, now=database_now()):
        wake_outbox()


@shared_task(ignore_result=True, expires=30)
def make_left_files() -> None:
    """Take up ordered files that a worker left lying, or whose message the broker lost."""
    now = database_now()
    for pk in ordering.files_left_lying(now=now):
        if ordering.make_file(pk, now=now):
            wake_outbox()


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def let_go_of_files() -> None:
    """Empty the ordered files whose days are over."""
    ordering.let_go_of_files(now=database_now())


def wake_maker(pk: int) -> None:
    """Have an ordered file made as soon as the present transaction is committed; by who asks where no broker is."""
    transaction.on_commit(lambda: _ask_maker(pk), robust=True)


def _ask_maker(pk: int) -> None:
    try:
        make_file.apply_async((pk,), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("the broker is away, the file is made here: %s", error)
        ordering.make_file(pk, now=database_now())
