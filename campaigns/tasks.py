"""Doors for Celery: what outreach asks to be done by itself. Each reads the clock and calls one thing."""

from celery import shared_task

from accounts.clock import database_now
from campaigns import services
from notifications.tasks import wake_outbox


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def chase_pushes() -> int:
    """Tell whose chat groups are below the week's pushes, while there is time to send them."""
    return _woken(services.chase_pushes(now=database_now()))


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def chase_sites() -> int:
    """Tell whose publicity sites are overdue."""
    return _woken(services.chase_sites(now=database_now()))


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def chase_problems() -> int:
    """Tell whose problems are overdue, and who may strike off what is mended."""
    return _woken(services.chase_problems(now=database_now()))


def _woken(told: int) -> int:
    if told:
        wake_outbox()
    return told
