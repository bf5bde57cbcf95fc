"""Pledges, signed with a finger on the phone's screen."""

from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from campaigns.models import Event, Pledge
from campaigns.services.common import note, require_begun
from knowledge.models import Text
from residents.models import Resident


@transaction.atomic
def sign_pledge(
    event: Event,
    *,
    name: str,
    resident: Resident | None,
    signature: bytes,
    text: Text,
    at: datetime,
    by: User,
    now: datetime,
) -> Pledge:
    """Keep a pledge with title and text word for word as they were shown, in the language they were shown in.

    ``signature`` is a picture with ink on it (``forms.logging.SignatureField``). Raises ``OutreachError`` for an event
    that lies ahead or was cancelled.
    """
    require_begun(event, now=now)
    area = resident.grid if resident is not None else event.area
    words = f"{text.title}\n{text.body.strip()}"
    pledge = Pledge.objects.create(event=event, area=area, resident=resident, name=name, text=words, at=at, by=by)
    note("pledge_signed", event, by=by, now=now, pledge=pledge.pk)
    pledge.signature.save(f"{event.pk}.jpg", ContentFile(signature))
    return pledge
