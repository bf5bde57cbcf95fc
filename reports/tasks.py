"""Doors for Celery: what reports asks to be done by itself. Each reads the clock and calls what does the work."""

from datetime import timedelta

from celery import shared_task

from accounts.clock import database_now, local
from notifications.tasks import wake_outbox
from reports import services
from reports.drafting.reports import prepare_missing
from reports.figures.kept import recount
from reports.figures.scores import standings_of


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def prepare_reports() -> None:
    """Draw up last month's reports that nobody has: the communities', then the streets' and the districts'."""
    if prepare_missing(now=database_now()):
        wake_outbox()


@shared_task(expires=6 * 60 * 60)
def keep_scores() -> int:
    """Keep everybody's score as of yesterday with yesterday's month: on the 1st the month before is kept for good."""
    now = database_now()
    yesterday = local(now).date() - timedelta(days=1)
    scores = standings_of("", on=yesterday)
    return services.keep_snapshots(scores, month=yesterday.replace(day=1), now=now)


@shared_task(ignore_result=True, expires=600)
def count_figures() -> int:
    """Count again the figures of wide areas that somebody looks at."""
    now = database_now()
    return recount(on=local(now).date(), now=now)
