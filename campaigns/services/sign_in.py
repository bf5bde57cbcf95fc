"""Visitors who sign in themselves, at a page that is open to everybody and tells nothing of anybody."""

import re
import unicodedata
from datetime import datetime
from secrets import token_urlsafe

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import bare_phone
from campaigns.models import Event, SignIn, who_may_come
from campaigns.policy import SIGN_IN_STAYS, Channel, EventState, TouchSource
from campaigns.services.common import OutreachError, locked, note
from campaigns.services.touches import write_touches
from residents.models import Resident

KEY_BYTES = 18
TAIL = 4
MOST_SIGN_INS = 5000
"""No event of a community has more; who sends more is no visitor."""


@transaction.atomic
def open_sign_in(event: Event, *, by: User, now: datetime) -> Event:
    """Open the page on which an event's visitors sign in, under an address that nobody guesses; an open one stays.

    Raises ``OutreachError`` for an event that was cancelled, or is over for more than two hours.
    """
    event = locked(event)
    if event.state == EventState.CANCELLED:
        raise OutreachError(_("This event was cancelled; nobody signs in."))
    if now > event.ends_at + SIGN_IN_STAYS:
        raise OutreachError(_("This event is over. Tick on the list who was there."))
    if not event.sign_in_key:
        event.sign_in_key = token_urlsafe(KEY_BYTES)
        event.save(update_fields=["sign_in_key"])
        note("sign_in_opened", event, by=by, now=now)
    return event


@transaction.atomic
def shut_sign_in(event: Event, *, by: User, now: datetime) -> Event:
    """Shut the page for signing in; its address leads nowhere from now on."""
    event = locked(event)
    if event.sign_in_key:
        event.sign_in_key = ""
        event.save(update_fields=["sign_in_key"])
        note("sign_in_shut", event, by=by, now=now)
    return event


@transaction.atomic
def sign_in(event: Event, *, name: str, phone: str, now: datetime) -> SignIn | None:
    """Write down that a visitor is here; the same one again counts once and gives the first.

    Who it is, the roster is asked in silence: exactly one resident of the event's communities with this name and this
    number, or this end of it, is touched. ``None`` where so many signed in that they are no visitors.
    """
    event = locked(event)
    name, phone = _bare_name(name), bare_phone(phone)
    resident = _resident(event, name=name, phone=phone)
    there = event.sign_ins.all()
    if there.count() >= MOST_SIGN_INS:
        return None
    for one in there.filter(resident=resident) if resident is not None else there.filter(resident=None, name=name):
        if resident is not None or one.phone[-TAIL:] == phone[-TAIL:]:
            return one
    if resident is not None:
        write_touches([resident], event=event, channel=Channel.ON_SITE, source=TouchSource.SIGN_IN, at=now, by=None)
    made = SignIn.objects.create(event=event, name=name, phone=phone, resident=resident, at=now)
    note("signed_in", event, by=None, now=now, sign_in=made.pk)
    return made


def _bare_name(text: str) -> str:
    """Return a name as the roster writes it: no space between Chinese characters, no full-width letters."""
    name = unicodedata.normalize("NFKC", text).strip()
    return name if name.isascii() else re.sub(r"\s", "", name)


def _resident(event: Event, *, name: str, phone: str) -> Resident | None:
    """Return the one resident it can only be; of two with the same name and number it is neither."""
    named = who_may_come(Resident.objects.all(), event).named(name)
    found = list((named.with_phone_ending(phone) if len(phone) == TAIL else named.with_phone(phone))[:2])
    return found[0] if len(found) == 1 else None
