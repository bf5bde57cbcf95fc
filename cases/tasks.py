"""Doors for Celery: what cases ask to be done by itself. Each reads the clock and calls what does the work."""

from datetime import timedelta

from celery import shared_task

from accounts.clock import database_now
from cases import services
from cases.figures.lookback import evidence_of
from cases.models import Case
from cases.policy import OPENED_BY_ITSELF_DAYS

MOST_A_NIGHT = 500


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def open_look_backs() -> int:
    """Freeze the evidence of new cases, before anybody adds to it; return of how many."""
    now = database_now()
    since = now - timedelta(days=OPENED_BY_ITSELF_DAYS)
    cases = list(Case.objects.without_look_back().with_victim().reported_since(since)[:MOST_A_NIGHT])
    for case in cases:
        services.open_look_back(case, evidence=evidence_of(case, now=now), by=None, now=now)
    return len(cases)


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def plan_follow_ups() -> int:
    """Plan the follow-up visits of recent cases that have none."""
    return services.plan_recent_follow_ups(now=database_now())


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def forget_victims() -> int:
    """Let go of the names and phones of victims, once the rule's days are over."""
    return services.forget_victims(now=database_now(), from_where="beat")
