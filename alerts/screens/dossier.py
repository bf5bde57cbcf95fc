"""What alerts add to a resident's dossier: a line for each alert that the reader may see, and the raising of one."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Duty
from alerts.models import Alert
from alerts.policy import Level, Outcome, State
from alerts.screens.card import kind_of
from residents.access import may
from residents.models import Resident, Visit
from residents.screens.dossier import LINES, Do, Line

FRESH = timedelta(days=1)
"""How old a visit may be whose warning signs are put into an alert."""


class Alerts:
    """The alerts about a resident (``residents.screens.dossier.Source``)."""

    def lines(self, resident: Resident, *, user: User, on: date) -> Iterable[Line]:
        """Yield the alerts that this user may see, the newest first."""
        seen = Alert.objects.visible_to(user, on=on, duty=Duty.SEE_ALERTS).without_phone()
        mine = seen.filter(resident=resident).select_related("source", "fraud_type", "holder")
        for alert in mine.order_by("-received_at")[:LINES]:
            ended = Outcome(alert.outcome).label if alert.outcome else State(alert.state).label
            yield Line(
                at=alert.received_at,
                kind=_("Drill") if alert.is_drill else _("Alert"),
                words=" · ".join(filter(None, [f"{Level(alert.level).label} #{alert.pk}", kind_of(alert), str(ended)])),
                note=alert.closing_note,
                tone="quiet" if alert.is_drill else "alarm" if alert.is_open else "",
                url=reverse("alerts:detail", args=[alert.pk]),
            )

    def deeds(self, resident: Resident, *, user: User, on: date) -> Iterable[Do]:
        """Offer to raise an alert to who watches the desk there, and to who visits."""
        if may_raise(resident, user=user, on=on):
            yield Do(gettext_lazy("Raise an alert"), reverse("alerts:raise", args=[resident.pk]))


def may_raise(resident: Resident, *, user: User, on: date) -> bool:
    """Say whether somebody may raise an alert about a resident: the desk, and those who stand at the door."""
    if may(user, Duty.WATCH_DESK, resident.grid.code, on):
        return True
    return Resident.objects.visited_by(user, on=on).filter(pk=resident.pk).exists()


def seen_lately(resident: Resident, *, user: User, now: datetime) -> str:
    """Return what this user saw on a visit within a day, in words for the alert; "" for nothing."""
    visits = Visit.objects.made_by(user).filter(resident=resident, at__gte=now - FRESH)
    visit = next((one for one in visits if one.signs), None)
    if visit is None:
        return ""
    return "\n".join(filter(None, [_("; ").join(map(str, visit.sign_labels)), visit.note]))
