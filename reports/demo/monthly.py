"""Reports to try the program with: months that are signed, the last one as it is on the second of a month.

Of last month one community has signed, one has a draft that waits for its manager, one has nothing; so the street's
draft says who is missing.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.clock import local, midnight
from accounts.models import User
from accounts.roles import Role
from campaigns.policy import Span
from reports import services
from reports.drafting.ordered import order_ledger
from reports.drafting.reports import files_of, last_month, prepare
from reports.models import Report
from reports.policy import PeriodKind, months_later, period_around
from residents.models import Area, Level, Post
from sheets.services.ordering import make_file

SIGNED_MONTHS = 2
"""So many before the last in the first community, one in the others: signing takes a second or two each."""
HOUR = timedelta(hours=9)


def make_reports(*, now: datetime) -> int:
    """Draw up and sign the reports of the demo's communities and of their street; return how many there are."""
    if Report.objects.exists():
        return 0
    last = last_month(local(now).date())
    communities = list(Area.objects.communities().order_by("code"))
    street = Area.objects.filter(level=Level.STREET).order_by("code").first()
    for back in range(SIGNED_MONTHS, 0, -1):
        span = Span(months_later(last.first, -back), months_later(last.after, -back))
        for community in communities if back == 1 else communities[:1]:
            _sign(community, span, Role.MANAGER)
    waiting, *others = communities
    for community in others[:1]:
        _sign(community, last, Role.MANAGER)
    prepare(waiting, last, by=None, now=now)
    if street is not None:
        prepare(street, last, by=None, now=now)
    _order_a_ledger(waiting, last, now=now)
    return Report.objects.count()


def _order_a_ledger(area: Area, last: Span, *, now: datetime) -> None:
    """Have a duty officer's year of the ledger made, so that there is a file to fetch."""
    officer = _holder(area, Role.DUTY_OFFICER)
    if officer is not None:
        job = order_ledger(area, period_around(last.first, PeriodKind.YEAR), by=officer, now=now)
        make_file(job.pk, now=now)


@transaction.atomic
def _sign(area: Area, span: Span, role: Role) -> None:
    """Draw a report up on the second of the month after, and have whoever holds the post today sign it that day."""
    then = midnight(span.after) + timedelta(days=1) + HOUR
    signer = _holder(area, role)
    report = prepare(area, span, by=None, now=then)
    if signer is None or report is None:
        return
    draft = services.locked(report)
    services.sign(draft, files=files_of(draft, signer=signer, now=then), by=signer, now=then)


def _holder(area: Area, role: Role) -> User | None:
    post = Post.objects.filter(area=area, role=role).select_related("user").order_by("pk").first()
    return post.user if post is not None else None
