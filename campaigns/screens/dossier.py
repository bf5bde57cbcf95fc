"""What outreach adds to a resident's dossier: a line for each time they were reached, and each pledge they signed."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Touch
from residents.models import Resident
from residents.screens.dossier import LINES, Do, Line


class Touches:
    """The touches of a resident (``residents.screens.dossier.Source``). Whoever may open the dossier sees them."""

    def lines(self, resident: Resident, *, user: User, on: date) -> Iterable[Line]:
        """Yield what reached this resident, and the pledges signed, the newest first."""
        touches = Touch.objects.filter(resident=resident).select_related("event", "by").order_by("-at", "-pk")
        for touch in touches[:LINES]:
            title = touch.event.title if touch.event is not None else ""
            installed = _("app installed") if touch.has_installed else ""
            yield Line(
                at=touch.at,
                kind=_("Outreach"),
                words=" · ".join(filter(None, [str(touch.get_channel_display()), title, installed])),
            )
        for pledge in resident.pledges.order_by("-at")[:LINES]:
            yield Line(at=pledge.at, kind=_("Outreach"), words=_("Signed the pledge"))

    def deeds(self, resident: Resident, *, user: User, on: date) -> Iterable[Do]:
        """Offer nothing: outreach is planned for many, not from one dossier."""
        return ()
