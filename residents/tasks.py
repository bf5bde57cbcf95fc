"""Doors for Celery: what residents ask to be done by itself. Each reads the clock and calls one thing."""

from celery import shared_task

from accounts.clock import database_now
from notifications.tasks import wake_outbox
from residents import services
from residents.figures import app_by_community


@shared_task(ignore_result=True, expires=600)
def chase_visits() -> int:
    """Remind carers of overdue visits and tell grid leaders; the stand-by does the same while Celery is silent."""
    told = services.chase_overdue(now=database_now())
    if told:
        wake_outbox()
    return told


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def apply_retention() -> None:
    """Let go of what the rules no longer let us keep."""
    services.apply_retention(now=database_now(), from_where="beat")


@shared_task(ignore_result=True, expires=600)
def count_app() -> int:
    """Count who lives in each community and has the app, which wide areas are added up from."""
    now = database_now()
    counts = app_by_community("").items()
    kept = {code: (app.installed, app.warning_on, app.not_asked, app.total) for code, app in counts}
    return services.keep_app(kept, now=now)
