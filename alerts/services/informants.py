"""What informants see becomes alerts; the links with which they tell it are made and revoked."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import local, midnight
from accounts.models import User
from accounts.services import record
from alerts import letters
from alerts.models import INFORMANT, Alert, InformantLink, Observation, Rule, Source
from alerts.policy import LEVEL_OF_HURRY, Hurry, RuleName, State
from alerts.services.common import AlertError, Kind, in_hand
from alerts.services.intake import Incoming, receive_one
from alerts.services.tokens import hash_of
from notifications import services as notifications
from residents.models import Area, Level

PHONE_KEEPS = timedelta(days=3)
"""So long a phone keeps a report it could not send (static/js/inform.js); no press is older."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an informant typed. ``photo`` is as ``clean_picture`` gave it, or empty."""

    where: str
    what: str
    hurry: Hurry
    photo: bytes = b""

    def key_of(self, press: UUID) -> UUID:
        """Return what makes two sendings one report: the press and the words. A browser's "back" hands an old key to
        another report, which must not be taken for the first."""
        return uuid5(press, f"{self.where}\x1f{self.what}\x1f{self.hurry}")


@transaction.atomic
def make_link(informant: User, area: Area, *, by: User | None, now: datetime) -> tuple[InformantLink, str]:
    """Return an informant's new link, and the key that opens it, which nobody can read again.

    The link they had there before is dead from this moment: a card that is printed anew replaces a lost one. Raises
    ``AlertError`` for an area whose grid is not known by it.
    """
    if area.level not in (Level.GRID, Level.BUILDING):
        raise AlertError(_("{area} is no grid and no building: appoint the informant at one.").format(area=area.name))
    InformantLink.objects.valid().filter(informant=informant, area=area).update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    link = InformantLink.objects.create(
        informant=informant, area=area, token_hash=hash_of(token), made_at=now, made_by=by
    )
    record("alerts.informant_link_made", by=by, at=now, about=link, area_code=area.code)
    return link, token


@transaction.atomic
def revoke_link(link: InformantLink, *, by: User | None, now: datetime) -> None:
    """Make a link useless from now on. Revoking twice changes nothing."""
    if InformantLink.objects.valid().filter(pk=link.pk).update(revoked_at=now):
        record("alerts.informant_link_revoked", by=by, at=now, about=link, area_code=link.area.code)


def link_of(token: str, *, on: date) -> InformantLink | None:
    """Return the link that a key opens on a day; revoked, of a post that has ended, or never there: all ``None``."""
    links = InformantLink.objects.opening(on).select_related("informant", "area__parent")
    return links.filter(token_hash=hash_of(token)).first()


@transaction.atomic
def report(
    link: InformantLink, *, press: UUID, seen: Seen, now: datetime, pressed_at: datetime | None = None
) -> Observation:
    """Take in what an informant saw: an alert that is at its grid from this moment, with its clock running.

    The same press with the same words gives the same report. Raises ``AlertError`` past the day's number of reports:
    so many are no informant's, and who is one telephones.
    """
    key = seen.key_of(press)
    # One after the other: two sendings of one press must not both find nothing.
    InformantLink.objects.select_for_update(no_key=True).get(pk=link.pk)
    before = Observation.objects.filter(link=link, key=key).first()
    if before is not None:
        return before
    most = Rule.objects.number(RuleName.REPORTS_A_DAY)
    if Observation.objects.of(link).since(midnight(local(now).date())).count() >= most:
        raise AlertError(
            _("{most} reports came from this link today. Telephone the grid leader, or 110.").format(most=most)
        )
    alert = _begin(link, key=key, seen=seen, now=now)
    made = Observation(
        link=link,
        informant=link.informant,
        key=key,
        hurry=seen.hurry,
        at=max(now - PHONE_KEEPS, min(pressed_at or now, now)),
        recorded_at=now,
        alert=alert,
    )
    if seen.photo:
        made.photo.save(f"{alert.pk}.jpg", ContentFile(seen.photo), save=False)
    made.save()
    record("alerts.reported", by=link.informant, at=now, about=alert, area_code=alert.area_code)
    return made


def _begin(link: InformantLink, *, key: UUID, seen: Seen, now: datetime) -> Alert:
    """Receive the alert and push it to the grid that the link is of: nobody need choose it."""
    source = Source.objects.get(code=INFORMANT)
    of_building = f"{link.area.name} " if link.area.level == Level.BUILDING else ""
    message = Incoming(
        external_id=f"{link.pk}:{key}",
        level=LEVEL_OF_HURRY[seen.hurry],
        address=f"{of_building}{seen.where}"[:200],
        area_code=link.grid.code,
        description=seen.what,
    )
    receipt = receive_one(source, message, now=now)
    assert receipt.alert is not None
    with in_hand(receipt.alert, by=None, now=now, from_where=INFORMANT) as matter:
        if matter.alert.state == State.RECEIVED:
            matter.dispatch(at=now, is_reported=True)
    return matter.alert


@transaction.atomic
def thank(report: Observation, *, by: User, now: datetime, from_where: str = "") -> Observation:
    """Thank the informant for a report, once; they are told, and it is counted. A second press changes nothing."""
    with in_hand(report.alert, by=by, now=now, from_where=from_where) as matter:
        told = Observation.objects.select_related("informant", "link__area").get(pk=report.pk)
        if told.thanked_at is not None:
            return told
        told.thanked_at, told.thanked_by = now, by
        told.save(update_fields=["thanked_at", "thanked_by"])
        matter.note(Kind.ACTION, actor=by, detail={"thanked": True})
    notifications.tell([letters.thanks(told)], now=now)
    record("alerts.informant_thanked", by=by, at=now, about=told, area_code=told.link.area.code)
    return told
