"""What reports add to the page of a grid or a community: its days without a case."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from reports.figures.quiet import quiet_days
from reports.screens.score_words import quiet_words, row_words
from residents.access import may
from residents.models import Area, Level
from residents.screens.facts import Fact


class QuietDays:
    """Days without a case of a place (``residents.screens.facts.FactSource``)."""

    def facts(self, area: Area, *, user: User, on: date) -> Iterable[Fact]:
        """Yield how many days of this year were quiet and how many in a row, to who may see cases or reports there."""
        reads = may(user, Duty.SEE_REPORTS, area.code, on)
        if area.level not in (Level.GRID, Level.COMMUNITY) or not (reads or may(user, Duty.SEE_CASES, area.code, on)):
            return
        quiet = quiet_days(area.code, on=on)
        leads = reads and area.level == Level.COMMUNITY
        yield Fact(
            _("Days without a case this year"),
            quiet_words(quiet),
            reverse("reports:score", args=[area.code]) if leads else "",
        )
        yield Fact(_("Without a case up to today"), row_words(quiet))
