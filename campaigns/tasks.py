"""Doors for Celery: what outreach asks to be done by itself. Each reads the clock and calls one thing."""

from celery import shared_task

from accounts.clock import database_now
from campaigns import services


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def make_next_events() -> int:
    """Make the dates of what repeats, ninety days ahead."""
    return services.make_next_events(now=database_now())
