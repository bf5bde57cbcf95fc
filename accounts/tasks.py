"""Doors for Celery: what accounts ask to be done by itself. Each reads the clock and calls one thing."""

import logging

from celery import shared_task

from accounts import services
from accounts.clock import database_now

log = logging.getLogger(__name__)


@shared_task(ignore_result=True, expires=60)
def seal_trail() -> int:
    """Put the trail under seal, and say in the log how far: who keeps the log has a witness outside the database."""
    count = services.mark_and_seal(now=database_now())
    if count:
        log.info("The audit trail is sealed up to %s", services.head_of_trail())
    return count


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def let_go() -> None:
    """Let go of sessions that ended, devices long unused and failures long past."""
    services.let_go_of_guards(now=database_now())
