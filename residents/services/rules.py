"""The numbers that an administrator may change."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from residents.models import Rule
from residents.policy import DEFAULT_RULES, MOST_OF_A_RULE, RuleName, least_of_a_rule
from residents.services.common import ResidentsError


@transaction.atomic
def set_rules(numbers: Mapping[RuleName, int], *, by: User, now: datetime) -> dict[RuleName, int]:
    """Set rules to numbers; return those that changed, with their new number. A default leaves no row behind.

    Raises ``ResidentsError`` for a number below what the law or sense allows, or beyond the calendar; nothing is then
    changed.
    """
    before = Rule.objects.numbers()
    changed = {name: number for name, number in numbers.items() if number != before[name]}
    for name, number in changed.items():
        least = least_of_a_rule(name)
        if not least <= number <= MOST_OF_A_RULE:
            raise ResidentsError(
                _("{rule}: enter a number from {least} to {most}.").format(
                    rule=name.label, least=least, most=MOST_OF_A_RULE
                )
            )
        if number == DEFAULT_RULES[name]:
            Rule.objects.filter(name=name).delete()
        else:
            Rule.objects.update_or_create(name=name, defaults={"number": number})
    if changed:
        detail = {str(name): [before[name], number] for name, number in changed.items()}
        record("residents.rules_changed", by=by, at=now, detail=detail)
    return changed
