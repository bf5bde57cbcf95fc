"""A victim, prevented or not, is visited again: many are deceived a second time."""

from datetime import datetime, timedelta

from accounts.clock import local
from accounts.models import User
from cases.models import Case
from cases.policy import FOLLOWED_UP_DAYS
from residents.models import FollowUp
from residents.policy import FollowUpWhy
from residents.services import plan_follow_ups as plan_visits


def plan_follow_ups(case: Case, *, by: User | None, now: datetime) -> list[FollowUp]:
    """Plan the follow-up visits to the victim of a case; return those that are new.

    None for a victim who is not on the roster, a case that was withdrawn, or one reported too long ago. Those planned
    when the alert it came from was closed stand for the case as well.
    """
    if case.resident is None or not case.is_counted or case.reported_at < now - timedelta(days=FOLLOWED_UP_DAYS):
        return []
    return plan_visits(
        case.resident,
        why=FollowUpWhy.FRAUD if case.amount_lost else FollowUpWhy.DISSUADED,
        subject=subject_of(case),
        begins_on=local(case.reported_at).date(),
        by=by,
        now=now,
    )


def plan_recent_follow_ups(*, now: datetime) -> int:
    """Plan the follow-up visits of recent cases that have none; return how many are new. What the night sees to."""
    recent = Case.objects.counted().filter(
        reported_at__gte=now - timedelta(days=FOLLOWED_UP_DAYS), reported_at__lte=now, resident__ended_on__isnull=True
    )
    cases = list(recent.filter(resident__isnull=False).select_related("resident"))
    there = FollowUp.objects.filter(subject__in=[subject_of(case) for case in cases])
    planned = set(there.values_list("subject", flat=True))
    return sum(len(plan_follow_ups(case, by=None, now=now)) for case in cases if subject_of(case) not in planned)


def subject_of(case: Case) -> str:
    """Return what the follow-ups of a case are planned under: one fraud is one, whoever enters it first."""
    return f"alert:{case.alert_id}" if case.alert_id is not None else f"case:{case.pk}"
