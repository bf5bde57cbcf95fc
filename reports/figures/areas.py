"""The great table: each part of an area with its cases, alerts, outreach, coverage, quiet days and rank."""

from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

PER_RESIDENTS = 10_000


def ranks(cases: Mapping[str, int], residents: Mapping[str, int]) -> Mapping[str, int]:
    """Return each part's rank: 1 has the fewest cases for each ten thousand residents, equals share one (1, 1, 3).

    A part in which nobody is on the roster has no such number: without a case it is among the first, with one behind
    all others.
    """
    rates = {code: _rate(count, residents.get(code, 0)) for code, count in cases.items()}
    in_order = sorted(rates.values())
    return {code: 1 + bisect_left(in_order, rate) for code, rate in rates.items()}


def _rate(cases: int, residents: int) -> tuple[bool, Fraction]:
    if not residents:
        return bool(cases), Fraction(cases)
    return False, Fraction(cases, residents)


def per_ten_thousand(cases: int, residents: int) -> Decimal | None:
    """Return the cases for each ten thousand residents, two decimals; None where nobody is on the roster."""
    return None if not residents else (Decimal(PER_RESIDENTS * cases) / residents).quantize(Decimal("0.01"))
