"""The face of a clock, as the server paints it once; from then on the browser counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.formats import milliseconds
from alerts.models import ObjectiveClock

HOUR = 3600


@dataclass(frozen=True, slots=True)
class ClockFace:
    """One running objective. ``phase`` is early, half (half the time is gone) or late."""

    start_at: datetime
    due_at: datetime
    phase: str
    text: str
    total: int
    gone: int

    @property
    def start_ms(self) -> int:
        """The start for the browser, in milliseconds."""
        return milliseconds(self.start_at)

    @property
    def due_ms(self) -> int:
        """The due time for the browser, in milliseconds."""
        return milliseconds(self.due_at)


def face(clock: ObjectiveClock | None, *, now: datetime) -> ClockFace | None:
    """Return the face of a running clock; ``None`` where there is none, or its work is done."""
    if clock is None or not clock.is_running:
        return None
    total, gone = clock.due_at - clock.started_at, now - clock.started_at
    late = now >= clock.due_at
    return ClockFace(
        start_at=clock.started_at,
        due_at=clock.due_at,
        phase="late" if late else "half" if gone * 2 >= total else "early",
        text=f"+{counted(now - clock.due_at)}" if late else counted(clock.due_at - now),
        total=max(1, int(total.total_seconds())),
        gone=int(min(gone, total).total_seconds()),
    )


def counted(span: timedelta) -> str:
    """Return a span as a clock shows it: 06:42 or, from an hour on, 23 h."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= HOUR:
        return f"{seconds // HOUR} {pgettext('hours, after a number', 'h')}"
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def lasted(span: timedelta) -> str:
    """Return a span in words: 7 min 40 s; from an hour on 3 h 5 min."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= HOUR:
        return _("{hours} h {minutes} min").format(hours=seconds // HOUR, minutes=seconds % HOUR // 60)
    if seconds >= 60 and seconds % 60:
        return _("{minutes} min {seconds} s").format(minutes=seconds // 60, seconds=seconds % 60)
    if seconds >= 60:
        return _("{minutes} min").format(minutes=seconds // 60)
    return _("{seconds} s").format(seconds=seconds)
