"""Keeping figures that took long to count."""

from datetime import date, datetime
from typing import Any

from campaigns.policy import Span
from cases.policy import DatedBy
from reports.models import KeptFigures
from reports.policy.keeping import FORGOTTEN_AFTER, NOTED_EVERY


def keep_figures(
    area_code: str, span: Span, *, dated_by: DatedBy, language: str, on: date, figures: Any, now: datetime
) -> None:
    """Keep figures, as JSON knows them, over what was kept of the same area and period."""
    KeptFigures.objects.update_or_create(
        area_code=area_code,
        first=span.first,
        after=span.after,
        dated_by=dated_by,
        language=language,
        defaults={"on": on, "figures": figures, "counted_at": now},
        create_defaults={"on": on, "figures": figures, "counted_at": now, "asked_at": now},
    )


def note_asked(kept: KeptFigures, *, now: datetime) -> None:
    """Write down that somebody looked; not at every look."""
    if now - kept.asked_at >= NOTED_EVERY:
        KeptFigures.objects.filter(pk=kept.pk).update(asked_at=now)


def forget_unasked(*, now: datetime) -> int:
    """Let go of what nobody has looked at for a day; return how many."""
    gone, _models = KeptFigures.objects.filter(asked_at__lt=now - FORGOTTEN_AFTER).delete()
    return gone
