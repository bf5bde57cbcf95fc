"""What the ledger adds to a resident's dossier: a line for each case in which they were the victim."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.formats import yuan
from accounts.models import User
from cases.models import Case
from residents.models import Resident
from residents.screens.dossier import LINES, Do, Line


class Cases:
    """The cases of a resident (``residents.screens.dossier.Source``)."""

    def lines(self, resident: Resident, *, user: User, on: date) -> Iterable[Line]:
        """Yield the cases that this user may see, the newest first; what was withdrawn is none."""
        mine = Case.objects.visible_to(user, on=on).counted().filter(resident=resident).select_related("fraud_type")
        for case in mine.defer("victim_phone").newest_first()[:LINES]:
            lost = _("lost %(amount)s") % {"amount": yuan(case.amount_lost)}
            yield Line(
                at=case.occurred_at or case.reported_at,
                kind=_("Case"),
                words=" · ".join([f"#{case.pk}", case.fraud_type.name, lost]),
                tone="alarm",
                url=reverse("cases:detail", args=[case.pk]),
            )

    def deeds(self, resident: Resident, *, user: User, on: date) -> Iterable[Do]:
        """Offer nothing: a case begins with what happened, not with whom."""
        return ()
