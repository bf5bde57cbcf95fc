"""What of a victim is let go of, and when (PIPL, articles 19 and 47): the case stays, and figures are made of it.

Sex, age on the day, occupation, group and the grid stay: nobody's name is made of them.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.clock import local, midnight
from accounts.models import User
from accounts.services import record
from cases.models import Case, CaseQuerySet, Rule
from cases.policy import RuleName

BATCH = 500
"""Cases at once: SQLite takes no list of any length."""

NOTHING_SAID = {"victim_name": "", "victim_phone": "", "victim_phone_hash": "", "story": "", "note": ""}
"""What a case holds of its victim afterwards. What happened and the note are words of people, and may name them."""
SAYS_SOMETHING = ~Q(victim_name="") | ~Q(victim_phone_hash="") | ~Q(story="") | ~Q(note="")


@transaction.atomic
def forget_victims(
    *, now: datetime, residents: Collection[int] | None = None, by: User | None = None, from_where: str = ""
) -> int:
    """Empty the names, phones and free words of old cases, or of all cases of some residents; return how many it was.

    Args:
        residents: keys of those who are made anonymous on the roster; None for the cases reported longer ago than the
            rule allows.
    """
    due = _of(residents) if residents is not None else _old(now)
    keys = list(due.filter(SAYS_SOMETHING).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        Case.objects.filter(pk__in=keys[start : start + BATCH]).update(**NOTHING_SAID, changed_at=now)
    if keys:
        record("cases.victims_forgotten", by=by, at=now, detail={"cases": len(keys)}, from_where=from_where)
    return len(keys)


def _old(now: datetime) -> CaseQuerySet:
    first = local(now).date() - timedelta(days=Rule.objects.number(RuleName.KEEP_VICTIMS_DAYS))
    return Case.objects.filter(reported_at__lt=midnight(first).astimezone(UTC))


def _of(residents: Collection[int]) -> CaseQuerySet:
    return Case.objects.filter(resident__in=list(residents))
