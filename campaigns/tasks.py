"""Doors for Celery: what outreach asks to be done by itself. Each reads the clock and calls one thing."""

from celery import shared_task

from accounts.clock import database_now
from campaigns import services


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def forget_sign_ins() -> int:
    """Let go of what visitors typed to sign in, once the rule's days are over."""
    return services.forget_sign_ins(now=database_now())
