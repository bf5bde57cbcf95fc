"""What the ledger adds to the page of a closed alert: the case it became, or the way to enter it as one."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Duty
from alerts.models import Alert
from alerts.policy import Outcome, State
from alerts.screens.alert import Next
from cases.models import Case
from residents.access import may


class CasesOfAlerts:
    """The case of an alert (``alerts.screens.alert.Source``)."""

    def next_of(self, alert: Alert, *, user: User, on: date) -> Iterable[Next]:
        """Offer the case to who may see it; else, to who keeps the ledger there, to enter it."""
        case = Case.objects.visible_to(user, on=on).filter(alert=alert).first()
        if case is not None:
            yield Next(_("Case %(number)s") % {"number": case}, reverse("cases:detail", args=[case.pk]))
        elif may_become_a_case(alert, user=user, on=on) and not Case.objects.filter(alert=alert).exists():
            url = f"{reverse('cases:create')}?alert={alert.pk}"
            is_due = alert.outcome == Outcome.DEFRAUDED
            yield Next(_("Enter it into the ledger of cases"), url, is_due=is_due, shows_whole=True)


def may_become_a_case(alert: Alert, *, user: User, on: date) -> bool:
    """Say whether somebody may enter an alert as a case: it was real, it is closed, and they keep the ledger there."""
    is_real = alert.state == State.CLOSED and not alert.is_drill
    return is_real and may(user, Duty.KEEP_CASES, alert.area_code, on)
