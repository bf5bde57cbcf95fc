"""What is kept for how long, what would be let go of today, and what was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from accounts.roles import Duty
from residents.access import scope_codes
from residents.models import Rule
from residents.policy import LEAST_RULES, RuleName
from residents.services import Limit, Limits, keepers, what_is_due

REPORTS_OF_DAYS = 31
"""Past reports are shown for a month; older ones are in the trail."""

KEPT_RULES = (RuleName.KEEP_ENDED_DAYS, RuleName.KEEP_FILES_DAYS, RuleName.KEEP_LOGS_DAYS)

COUNTED: Mapping[str, str | Promise] = {
    "residents": _("Residents anonymised"),
    "family_contacts": _("Family contacts deleted"),
    "visits": _("Visits emptied of notes"),
    "photos": _("Photos deleted"),
    "files": _("Imported files emptied"),
    "pages": _("Pages of previews deleted"),
    "conflicts": _("Settled conflicts emptied"),
    "old_log_lines": _("Lines of the log older than the rule (kept)"),
}
"""What each number of a report counts."""


@dataclass(frozen=True, slots=True)
class PastReport:
    """What one run did."""

    at: datetime
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RetentionPage:
    """The page."""

    rules: tuple[Limit, ...]
    due: tuple[tuple[str, int], ...]
    is_nothing_due: bool
    reports: tuple[PastReport, ...]


def retention_page(user: User, *, now: datetime, on: date) -> RetentionPage:
    """Return the rules, what would be done today in somebody's areas, and what was done in the whole installation."""
    limits = Limits.at(now)
    due = what_is_due(now=now, codes=scope_codes(user, Duty.SEE_ACCESS, on)).counts
    done = AuditEntry.objects.filter(verb="residents.retention_applied", at__gte=now - timedelta(days=REPORTS_OF_DAYS))
    return RetentionPage(
        rules=(*_rules(limits), *(limit for keeper in keepers for limit in keeper.limits(on=on))),
        due=_in_words(due),
        is_nothing_due=not any(number for name, number in due.items() if name != "old_log_lines"),
        reports=tuple(PastReport(entry.at, _in_words(entry.detail)) for entry in done.order_by("-at", "-pk")[:40]),
    )


def _rules(limits: Limits) -> tuple[Limit, ...]:
    numbers = Rule.objects.numbers()
    before = {
        RuleName.KEEP_ENDED_DAYS: limits.ended_before,
        RuleName.KEEP_FILES_DAYS: limits.files_on,
        RuleName.KEEP_LOGS_DAYS: limits.logs_on,
    }
    return tuple(Limit(str(name.label), numbers[name], LEAST_RULES.get(name), before[name]) for name in KEPT_RULES)


def _in_words(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    labels = dict(COUNTED)
    for keeper in keepers:
        labels |= keeper.labels
    return tuple((str(label), counts.get(name, 0)) for name, label in labels.items())


def kept_days() -> tuple[int, int]:
    """Return for how many days the log of access is kept, and for how many at least."""
    return Rule.objects.number(RuleName.KEEP_LOGS_DAYS), LEAST_RULES[RuleName.KEEP_LOGS_DAYS]
