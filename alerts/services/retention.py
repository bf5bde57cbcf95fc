"""What alerts let go of (PIPL, articles 19 and 47): the photos that informants sent, and the text of what was received.

A photo taken at somebody's door is for those who go there. Once its alert has ended it is kept as long as the rule
says, or until the resident is anonymised; what was written stays the alert's own.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.clock import midnight
from alerts.models import InboundMessage, InboundMessageQuerySet, Observation, ObservationQuerySet, Rule
from alerts.policy import RuleName
from residents.access import Scope, within
from residents.models import ResidentQuerySet
from residents.services import Limit, delete_files


class ReportsKeeper:
    """What informants' reports keep of people: see ``residents.services.Keeper``."""

    labels: Mapping[str, str | Promise] = {"report_photos": _("Informants' photos deleted")}

    def limits(self, *, on: date) -> list[Limit]:
        """Return the one rule."""
        rule = RuleName.KEEP_PHOTOS_DAYS
        return [Limit(str(rule.label), Rule.objects.number(rule), None, _first_kept(on))]

    def due(self, gone: ResidentQuerySet, *, codes: Scope, on: date) -> dict[str, int]:
        """Return how many photos are let go of."""
        photos = Observation.objects.with_photo()
        old = _old(photos.filter(within("alert__area_code", codes)), on=on)
        return {"report_photos": (old | photos.filter(alert__resident__in=gone)).count()}

    def forget(self, pks: Sequence[int], *, on: date) -> None:
        """Delete the photos of what was reported about these residents."""
        _delete(Observation.objects.with_photo().filter(alert__resident__in=pks))

    def let_go(self, *, on: date) -> None:
        """Delete the photos whose alerts ended long ago."""
        _delete(_old(Observation.objects.with_photo(), on=on))


def _first_kept(on: date) -> date:
    return on - timedelta(days=Rule.objects.number(RuleName.KEEP_PHOTOS_DAYS))


def _old(photos: ObservationQuerySet, *, on: date) -> ObservationQuerySet:
    return photos.ended_before(midnight(_first_kept(on)).astimezone(UTC))


def _delete(photos: ObservationQuerySet) -> None:
    delete_files(photos, "photo")
    photos.update(photo="")


class MessagesKeeper:
    """What is kept of received messages: see ``residents.services.Keeper``."""

    labels: Mapping[str, str | Promise] = {"inbound_messages": _("Received messages deleted")}

    def limits(self, *, on: date) -> list[Limit]:
        """Return its one rule."""
        days = Rule.objects.numbers()[RuleName.MESSAGES_DAYS]
        return [Limit(str(RuleName.MESSAGES_DAYS.label), days, None, on - timedelta(days=days))]

    def due(self, gone: ResidentQuerySet, *, codes: Scope, on: date) -> dict[str, int]:
        """Return how many are let go of: old ones, and those about people who have gone."""
        old = Q(pk__in=self._old(on).filter(within("area_code", codes)).values("pk"))
        return {"inbound_messages": InboundMessage.objects.filter(old | Q(alert__resident__in=gone)).count()}

    def forget(self, pks: Sequence[int], *, on: date) -> None:
        """Delete what was received about these residents."""
        InboundMessage.objects.filter(alert__resident__in=pks).delete()

    def let_go(self, *, on: date) -> None:
        """Delete what is old, whatever became of it."""
        self._old(on).delete()

    def _old(self, on: date) -> InboundMessageQuerySet:
        first: datetime = midnight(self.limits(on=on)[0].before).astimezone(UTC)
        return InboundMessage.objects.from_before(first)
