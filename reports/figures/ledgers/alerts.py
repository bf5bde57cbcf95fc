"""The alerts of a period with the time of every step, and where the clock was not kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.clock import midnight
from accounts.personal_data import mask_name
from alerts.models import Alert, ObjectiveClock
from alerts.policy import Objective, ObjectiveState
from campaigns.policy import Span


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert. ``late``: by how much its worst objective was missed; None where each was kept."""

    pk: int
    level: str
    actual_level: str
    fraud_type: str
    grid: str
    grid_code: str
    subject: str
    warned_at: datetime | None
    received_at: datetime
    dispatched_at: datetime | None
    accepted_at: datetime | None
    phone_at: datetime | None
    door_at: datetime | None
    family_at: datetime | None
    contact_at: datetime | None
    closed_at: datetime | None
    outcome: str
    lost: Decimal | None
    prevented: Decimal | None
    late: timedelta | None
    late_objective: str
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class Lateness:
    """A grid in which an objective was missed: how many alerts, the worst by how much, in which."""

    grid_code: str
    grid: str
    alerts: int
    worst: timedelta
    objective: str

    @property
    def area_code(self) -> str:
        """Where it was."""
        return self.grid_code


def alert_rows(area_code: str, span: Span, *, now: datetime, most: int) -> list[AlertRow]:
    """Return the real alerts received in a period, in their order. Two queries."""
    alerts = (
        Alert.objects.real()
        .within(area_code)
        .received_between(midnight(span.first), midnight(span.after))
        .without_phone()
        .select_related("fraud_type", "actual_fraud_type", "grid")
        .prefetch_related("clocks")
        .order_by("received_at", "pk")
    )
    return [_row(alert, now=now) for alert in alerts[:most]]


def _row(alert: Alert, *, now: datetime) -> AlertRow:
    late, objective = _lateness(alert.clocks.all(), end=alert.closed_at or now)
    kind = alert.actual_fraud_type or alert.fraud_type
    return AlertRow(
        pk=alert.pk,
        level=str(alert.get_level_display()),
        actual_level=str(alert.get_actual_level_display()),
        fraud_type=kind.name if kind is not None else alert.fraud_type_said,
        grid=alert.grid.name if alert.grid is not None else "",
        grid_code=alert.grid.code if alert.grid is not None else "",
        subject=mask_name(alert.subject_name),
        warned_at=alert.warned_at,
        received_at=alert.received_at,
        dispatched_at=alert.dispatched_at,
        accepted_at=alert.accepted_at,
        phone_at=alert.phone_at,
        door_at=alert.door_at,
        family_at=alert.family_at,
        contact_at=alert.contact_at,
        closed_at=alert.closed_at,
        outcome=str(alert.get_outcome_display()),
        lost=alert.amount_lost,
        prevented=alert.amount_prevented,
        late=late,
        late_objective=objective,
        area_code=alert.area_code,
    )


def _lateness(clocks: Iterable[ObjectiveClock], *, end: datetime) -> tuple[timedelta | None, str]:
    """Return by how much the worst objective was missed, and which; a breach counts up to the deed, or the end."""
    found = [
        ((clock.met_at or end) - clock.due_at, str(Objective(clock.objective).label))
        for clock in clocks
        if clock.state == ObjectiveState.BREACHED
    ]
    return max(found, default=(None, ""), key=lambda one: one[0] or timedelta())


def lateness_by_grid(rows: Sequence[AlertRow]) -> list[Lateness]:
    """Return the grids in which an objective was missed, the most alerts first."""
    by_grid: dict[str, list[AlertRow]] = {}
    for row in rows:
        if row.late is not None and row.grid_code:
            by_grid.setdefault(row.grid_code, []).append(row)
    found = []
    for code, late in by_grid.items():
        worst = max(late, key=lambda row: row.late or timedelta())
        assert worst.late is not None
        found.append(Lateness(code, worst.grid, len(late), worst.late, worst.late_objective))
    return sorted(found, key=lambda one: (-one.alerts, one.grid_code))
