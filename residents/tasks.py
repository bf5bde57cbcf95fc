"""Doors for Celery: what residents do by themselves once a day."""

from celery import shared_task

from accounts.clock import database_now
from residents import services


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def apply_retention() -> None:
    """Let go of what the rules no longer let us keep."""
    services.apply_retention(now=database_now(), from_where="beat")
