"""Keeping the counts that wide areas are added up from."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from residents.models import CommunityApp

FIELDS = ("installed", "warning_on", "not_asked", "total")


@transaction.atomic
def keep_app(counts: Mapping[str, tuple[int, int, int, int]], *, now: datetime) -> int:
    """Keep (installed, warning on, not asked, total) of each community by its code; return how many.

    Those not named are forgotten: nobody lives there any more.
    """
    CommunityApp.objects.exclude(area_code__in=counts).delete()
    rows = [
        CommunityApp(area_code=code, counted_at=now, **dict(zip(FIELDS, found, strict=True)))
        for code, found in counts.items()
    ]
    CommunityApp.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["area_code"],
        update_fields=[*FIELDS, "counted_at"],
    )
    return len(rows)
