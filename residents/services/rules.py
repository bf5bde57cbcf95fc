"""The numbers that an administrator may change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import record
from residents.models import NumberedRule, Rule
from residents.policy import MOST_OF_A_RULE, RuleName, least_of_a_rule
from residents.services.common import ResidentsError


def set_rules(numbers: Mapping[RuleName, int], *, by: User, now: datetime) -> dict[Any, int]:
    """Set rules of the roster and of care to numbers: see ``set_numbers``."""
    least = {name: least_of_a_rule(name) for name in numbers}
    return set_numbers(Rule, numbers, least=least, verb="residents.rules_changed", by=by, now=now)


@transaction.atomic
def set_numbers(
    rules: type[NumberedRule],
    numbers: Mapping[Any, int],
    *,
    least: Mapping[Any, int],
    verb: str,
    by: User,
    now: datetime,
) -> dict[Any, int]:
    """Set an app's rules to numbers; return those that changed, with their new number. A default leaves no row behind.

    Raises ``ResidentsError`` for a number below what the law or sense allows, or beyond the calendar; nothing is then
    changed.
    """
    rows: Any = rules.objects  # an abstract model has no field for the name; each of its children has
    before = rows.numbers()
    changed = {name: number for name, number in numbers.items() if number != before[name]}
    for name, number in changed.items():
        _refuse_senseless(name, number, least=least.get(name, 1))
        if number == rules.DEFAULTS[name]:
            rows.filter(name=name).delete()
        else:
            rows.update_or_create(name=name, defaults={"number": number})
    if changed:
        detail = {str(name): [before[name], number] for name, number in changed.items()}
        record(verb, by=by, at=now, detail=detail)
    return changed


def _refuse_senseless(name: TextChoices, number: int, *, least: int) -> None:
    if not least <= number <= MOST_OF_A_RULE:
        raise ResidentsError(
            _("{rule}: enter a number from {least} to {most}.").format(
                rule=name.label, least=least, most=MOST_OF_A_RULE
            )
        )
