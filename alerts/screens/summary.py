"""What happened since a shift began, for whoever takes over and for the file: counted as the desk's figures are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.clock import local
from alerts.models import Alert, AlertQuerySet, ObjectiveClock
from alerts.policy import Confirmation, Objective, ObjectiveState
from alerts.screens.board import Day, day, midnight, received_since
from alerts.screens.card import Card, cards, soonest_first, where_of, who_of, with_card_rows
from alerts.screens.clock import lasted
from residents.models import Area


@dataclass(frozen=True, slots=True)
class Breach:
    """One objective that was not kept, and what was written down about it."""

    number: int
    url: str
    level: str
    level_word: str
    who: str
    where: str
    objective: str
    due_at: datetime
    took: str
    holder: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A shift so far."""

    day: Day
    breaches: list[Breach]
    open_now: list[Card]
    now: datetime


def begins_at(hour: str, *, now: datetime) -> datetime:
    """Return when a shift of today began that somebody asked for; midnight for anything that is no hour of today."""
    begins = midnight(now)
    asked = begins + timedelta(hours=int(hour)) if hour.isdecimal() and len(hour) <= 2 else begins
    return asked if begins <= asked <= now else begins


def hours(*, now: datetime) -> list[int]:
    """Return the hours of today at which a shift can have begun."""
    return list(range(local(now).hour + 1))


def summary(
    alerts: AlertQuerySet, *, grids: Sequence[Area], viewer_id: int, begins: datetime, now: datetime
) -> Summary:
    """Return a shift's summary. What is open is open now, whenever it was received."""
    breached = ObjectiveClock.objects.filter(
        alert__in=received_since(alerts, begins).values("pk"), state=ObjectiveState.BREACHED
    )
    rows = breached.select_related("alert__resident__household", "alert__holder", "alert__grid").order_by(
        "due_at", "pk"
    )
    still_open = list(with_card_rows(alerts.open().filter(is_drill=False)).most_urgent_first())
    return Summary(
        day=day(alerts, grids=grids, now=now, begins=begins),
        breaches=[_breach(clock, now=now) for clock in rows.order_by("due_at", "pk")],
        open_now=soonest_first(cards(still_open, viewer_id=viewer_id, now=now)),
        now=now,
    )


def _breach(clock: ObjectiveClock, *, now: datetime) -> Breach:
    alert = clock.alert
    return Breach(
        number=alert.pk,
        url=reverse("alerts:detail", args=[alert.pk]),
        level=clock.level,
        level_word=clock.get_level_display(),
        who=who_of(alert),
        where=where_of(alert),
        objective=str(Objective(clock.objective).label),
        due_at=clock.due_at,
        took=_took(clock, alert),
        holder=str(alert.holder) if alert.holder else "",
        reasons=_reasons(alert),
    )


def _took(clock: ObjectiveClock, alert: Alert) -> str:
    if clock.met_at is not None:
        return _("done {span} late").format(span=lasted(clock.met_at - clock.due_at))
    return _("not done yet") if alert.is_open else _("never done")


def _reasons(alert: Alert) -> tuple[str, ...]:
    """Return what people wrote down, in their own words; nothing where nobody did."""
    excuses = [
        _("{what} impossible: {reason}").format(what=Confirmation(what).label, reason=reason)
        for what, reason in alert.excuses.items()
    ]
    return tuple(filter(None, [*excuses, alert.closing_note.strip()]))
