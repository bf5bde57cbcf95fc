"""What nobody types twice: a closed alert and the roster say most of a case."""

from datetime import date
from typing import Any

from accounts.clock import local
from alerts.models import Alert
from residents.models import Area, Resident
from residents.policy import Group


def carried_from_roster(resident: Resident, *, on: date) -> dict[str, Any]:
    """Return what the roster says of a victim, as the form takes it; the age is that of the day of the fraud."""
    group = next((one for one in Group if one in resident.groups), "")
    return {
        "resident": resident.pk,
        "victim_name": resident.name,
        "victim_phone": resident.phone,
        "victim_sex": resident.sex,
        "victim_age": resident.age(on),
        "victim_occupation": resident.occupation,
        "victim_group": group,
        "victim_residence": resident.residence,
        "area": resident.grid_id,
    }


def carried_from_alert(alert: Alert) -> dict[str, Any]:
    """Return what a closed alert says of its fraud, as the form takes it: nobody types it twice."""
    warned = alert.warned_at or alert.received_at
    kind = alert.actual_fraud_type or alert.fraud_type
    said = "\n".join(part for part in (alert.description, alert.closing_note) if part)
    carried: dict[str, Any] = {
        "fraud_type": kind.pk if kind is not None else None,
        "is_elder_fraud": kind is not None and kind.is_elder,
        "occurred_at": warned,
        "reported_at": alert.closed_at,
        "amount_lost": alert.amount_lost,
        "amount_prevented": alert.amount_prevented,
        "prevented_judged_by": str(alert.holder) if alert.amount_prevented and alert.holder is not None else "",
        "was_warned": "yes",
        "warned_at": warned,
        "story": said,
        "victim_name": alert.subject_name,
        "victim_phone": alert.subject_phone,
        "area": alert.grid_id or _community_of(alert),
    }
    if alert.resident is not None:
        carried |= carried_from_roster(alert.resident, on=local(warned).date())
    return carried


def _community_of(alert: Alert) -> int | None:
    code = Area(code=alert.area_code).community_code
    return Area.objects.communities().filter(code=code).values_list("pk", flat=True).first() if code else None
