"""Figures to look at: counted on the spot where that is quick, else as they were counted last.

A district's month is forty questions about millions of rows, a matter of seconds; everybody at the district opens it
all day. What is signed, printed or handed out is always counted on the spot (``figures_of``).
"""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import get_language, override

from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures.everything import figures_of
from reports.figures.freezing import frozen, thawed
from reports.figures.shapes import Figures
from reports.models import KeptFigures
from reports.policy.keeping import KEPT_FOR, RECOUNTED_AFTER, WORTH_KEEPING
from reports.services.kept import forget_unasked, keep_figures, note_asked
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Shown:
    """Figures, and when they were counted; None for just now."""

    figures: Figures
    counted_at: datetime | None = None


def figures_shown(area: Area, span: Span, *, dated_by: DatedBy, on: date, now: datetime) -> Shown:
    """Return the figures of an area and a period to look at: of a wide area they may be twenty minutes old."""
    language = get_language() or ""
    if area.is_wide:
        kept = KeptFigures.objects.filter(
            area_code=area.code, first=span.first, after=span.after, dated_by=dated_by, language=language
        ).first()
        if kept is not None:
            note_asked(kept, now=now)
            if kept.on == on and now - kept.counted_at < KEPT_FOR:
                return Shown(thawed(Figures, kept.figures), kept.counted_at)
    began = time.monotonic()
    found = figures_of(area, span, dated_by=dated_by, on=on)
    if area.is_wide and timedelta(seconds=time.monotonic() - began) >= WORTH_KEEPING:
        keep_figures(area.code, span, dated_by=dated_by, language=language, on=on, figures=frozen(found), now=now)
    return Shown(found)


def recount(*, on: date, now: datetime) -> int:
    """Count again what somebody has looked at since yesterday, before it is too old to be shown; return how many."""
    forget_unasked(now=now)
    old = KeptFigures.objects.defer("figures").filter(counted_at__lt=now - RECOUNTED_AFTER).order_by("counted_at")
    areas = {area.code: area for area in Area.objects.filter(code__in=old.values("area_code"))}
    # An area that is no more is counted no more, and keeps no other from being counted.
    due = [kept for kept in old if kept.area_code in areas]
    for kept in due:
        span, dated_by = Span(kept.first, kept.after), DatedBy(kept.dated_by)
        with override(kept.language):
            found = frozen(figures_of(areas[kept.area_code], span, dated_by=dated_by, on=on))
        keep_figures(kept.area_code, span, dated_by=dated_by, language=kept.language, on=on, figures=found, now=now)
    return len(due)
