"""Photos of events, kept and removed."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from campaigns.models import Event, EventPhoto
from campaigns.policy import PhotoKind
from campaigns.services.common import note


@transaction.atomic
def add_photos(
    event: Event, pictures: Sequence[bytes], *, kind: PhotoKind, caption: str, by: User, now: datetime
) -> list[EventPhoto]:
    """Keep photos of an event, as ``clean_picture`` gave them."""
    photos = [EventPhoto(event=event, kind=kind, caption=caption, by=by, at=now) for _picture in pictures]
    note("photos_added", event, by=by, now=now, photos=len(photos), kind=kind)
    for photo, picture in zip(photos, pictures, strict=True):
        photo.file.save(f"{event.pk}.jpg", ContentFile(picture))
    return photos


@transaction.atomic
def remove_photo(photo: EventPhoto, *, by: User, now: datetime) -> None:
    """Remove a photo, its file as well once nothing can bring the row back."""
    note("photo_removed", photo.event, by=by, now=now, photo=photo.pk, kind=photo.kind)
    storage, name = photo.file.storage, photo.file.name
    photo.delete()
    transaction.on_commit(lambda: storage.delete(name or ""))
