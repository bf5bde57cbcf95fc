"""The demo's ledger: invented, plausible, its dates following today."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from cases.demo.ledger import HOW_MANY, IN_THE_OFFICES_FILE, MONTHS, XIYUAN, make_cases
from cases.models import Case

pytestmark = pytest.mark.django_db


def test_the_demo_has_two_years_of_cases_and_leaves_the_offices_own_months_to_its_file(tmp_path, settings) -> None:
    settings.DATA_DIR = tmp_path
    call_command("load_demo", stdout=None)
    now = datetime.now(UTC)
    cases = list(Case.objects.select_related("fraud_type"))
    assert len(cases) == HOW_MANY
    assert make_cases(now=now) == HOW_MANY
    assert all((now - case.reported_at).days <= MONTHS * 31 and case.reported_at <= now for case in cases)
    assert 0.25 < sum(case.is_elder_fraud for case in cases) / len(cases) < 0.55
    assert any(case.alert_id for case in cases)
    assert any(case.resident_id for case in cases)
    assert all(case.amount_returned <= case.amount_lost < 1_000_000 for case in cases)
    told = {(case.fraud_type.code, case.victim_age, int(case.amount_lost)) for case in cases}
    assert {("health_products", 68, 18_000), ("brushing_rebate", 22, 8_000)} <= told
    for first, after in IN_THE_OFFICES_FILE:
        assert not Case.objects.within(XIYUAN).filter(alert=None).between(first, after).exists()


def test_the_offices_own_months_are_those_of_its_file() -> None:
    assert ((date(2025, 2, 1), date(2025, 5, 1)), (date(2026, 2, 1), date(2026, 5, 1))) == IN_THE_OFFICES_FILE
