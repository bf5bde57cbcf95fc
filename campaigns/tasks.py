"""Doors for Celery: what outreach asks to be done by itself. Each reads the clock and calls what does the work."""

from celery import shared_task

from accounts.clock import database_now, local
from campaigns import services
from campaigns.figures.coverage import cover_by_community
from campaigns.policy import CHANNELS_OF, SUMMED_AUDIENCES, SUMMED_MEANS, Period, span_of
from notifications.tasks import wake_outbox


@shared_task(expires=600)
def count_coverage() -> int:
    """Give merged twins' touches to the one kept, and count what wide areas are added up from."""
    now = database_now()
    on = local(now).date()
    services.carry_merged()
    kept = 0
    for audience in SUMMED_AUDIENCES:
        for means in SUMMED_MEANS:
            covers = cover_by_community(
                "", audience=audience, channels=CHANNELS_OF[means], span=span_of(Period.YEAR, on=on), on=on
            )
            counts = {code: (one.should, one.reached, one.weak) for code, one in covers.items()}
            kept += services.keep_covers(counts, audience=audience, means=means, now=now)
    return kept


@shared_task(ignore_result=True, expires=6 * 60 * 60)
def make_next_events() -> int:
    """Make the dates of what repeats, ninety days ahead."""
    return services.make_next_events(now=database_now())


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
