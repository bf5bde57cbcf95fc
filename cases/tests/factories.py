"""Cases for tests. Invented all."""

from datetime import UTC, datetime

import factory

from cases.models import Case
from knowledge.models import FraudType

REPORTED = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)  # noon where the office stands


class CaseFactory(factory.django.DjangoModelFactory):
    """A case in a community, or in the grid it is given."""

    class Meta:
        model = Case

    reported_at = REPORTED
    occurred_at = factory.SelfAttribute("reported_at")
    changed_at = factory.SelfAttribute("reported_at")
    victim_name = "王秀英"
    amount_lost = 8_000
    community = factory.LazyAttribute(lambda case: case.grid.community)
    grid = None
    area_code = factory.LazyAttribute(lambda case: (case.grid or case.community).code)
    # A test that flushes the tables takes the types of fraud along.
    fraud_type = factory.LazyFunction(
        lambda: FraudType.objects.get_or_create(code="brushing_rebate", defaults={"name_zh": "刷单返利"})[0]
    )
