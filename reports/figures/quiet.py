"""Days without a case: of a grid or a community this year, and up to today in a row."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.db.models.functions import TruncDate

from accounts.clock import LOCAL_TZ, local, midnight
from cases.models import Case
from reports.policy import so_far, year_of
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Quiet:
    """Days without a case of a place: of the year so far, and up to today in a row (None: never a case)."""

    zero_days: int
    days: int
    in_a_row: int | None


def quiet_days(area_code: str, *, on: date) -> Quiet:
    """Return how quiet a grid or a community is. Two queries."""
    span = so_far(year_of(on.year), on=on)
    cases = Case.objects.within(area_code).counted()
    hit = cases.between(span.first, span.after).order_by()
    days = set(hit.values_list(TruncDate("reported_at", tzinfo=LOCAL_TZ), flat=True))
    last = (
        cases.filter(reported_at__lt=midnight(span.after))
        .order_by("-reported_at")
        .values_list("reported_at", flat=True)
    )
    latest = last.first()
    whole = (span.after - span.first).days
    return Quiet(whole - len(days), whole, None if latest is None else (on - local(latest).date()).days)


def quiet_by_grid(community_code: str, *, on: date) -> dict[str, Quiet]:
    """Return how quiet each grid of a community is, by its code; what has no grid counts in none. Three queries."""
    span = so_far(year_of(on.year), on=on)
    cases = Case.objects.within(community_code).counted().exclude(grid=None).order_by()
    hit = cases.between(span.first, span.after).values_list("area_code", TruncDate("reported_at", tzinfo=LOCAL_TZ))
    days = Counter(code for code, _day in set(hit))
    last = dict(
        cases.filter(reported_at__lt=midnight(span.after)).values_list("area_code").annotate(Max("reported_at"))
    )
    whole = (span.after - span.first).days
    return {
        code: Quiet(whole - days[code], whole, (on - local(last[code]).date()).days if code in last else None)
        for code in Area.objects.within(community_code).grids().values_list("code", flat=True)
    }
