"""What alerts add to the agenda of a community's meeting.

Alerts and outreach stand side by side and do not know each other; the roof joins them.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts.clock import midnight
from accounts.models import User
from alerts.models import Alert
from alerts.policy import Level, Outcome
from alerts.screens.learning import late_of_a_week
from residents.access import within
from residents.models import Area


class AlertsOfTheWeek:
    """The alerts of a community in a week (``campaigns.screens.agenda.LineSource``). Drills count nowhere."""

    def lines(self, community: Area, *, first: date, after: date, user: User, on: date) -> Iterable[str]:
        """Yield one line of counts, of the alerts that this user may see; none to who may see no alerts there."""
        seen = Alert.objects.visible_to(user, on=on).filter(within("area_code", (community.code,)), is_drill=False)
        week = seen.filter(received_at__gte=midnight(first), received_at__lt=midnight(after))
        counts = week.order_by().aggregate(
            all=Count("pk"),
            high=Count("pk", filter=Q(level=Level.HIGH)),
            dissuaded=Count("pk", filter=Q(outcome=Outcome.DISSUADED)),
            defrauded=Count("pk", filter=Q(outcome=Outcome.DEFRAUDED)),
        )
        if counts["all"]:
            yield _(
                "Alerts received: {all}, {high} of them high; dissuaded in time: {dissuaded}; defrauded: {defrauded}."
            ).format(**counts)
        if said := late_of_a_week(week, first=first):
            yield said
