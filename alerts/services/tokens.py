"""A source's bearer tokens: made, shown once, revoked."""

import hashlib
import secrets
from datetime import datetime

from django.db import connection, transaction

from accounts.composed import Composed, Given
from accounts.models import User
from accounts.services import record
from alerts.models import IntakeToken, Source

PREFIX = "sw_"
"""So that a token found in a log or a chat is recognised for what it is."""

SOURCE = ("id", "code", "name", "area_id", "is_drill")
OWNER = Composed(
    lambda: (
        IntakeToken.objects.valid()
        .filter(token_hash=Given("hash"))
        .order_by()
        .values_list("source_id", "source__code", "source__name", "source__area_id", "source__is_drill")
    )
)


@transaction.atomic
def make_token(source: Source, *, by: User | None, now: datetime, label: str = "") -> tuple[IntakeToken, str]:
    """Return a new token's row and the token itself, which nobody can read again."""
    text = PREFIX + secrets.token_urlsafe(32)
    token = IntakeToken.objects.create(
        source=source, label=label, token_hash=hash_of(text), created_at=now, created_by=by
    )
    record("alerts.token_made", by=by, at=now, about=token, detail={"source": source.code})
    return token, text


@transaction.atomic
def revoke_token(token: IntakeToken, *, by: User | None, now: datetime) -> None:
    """Make a token useless from now on. Revoking twice changes nothing."""
    if IntakeToken.objects.valid().filter(pk=token.pk).update(revoked_at=now):
        record("alerts.token_revoked", by=by, at=now, about=token)


def token_owner(text: str) -> Source | None:
    """Return the source a token belongs to; ``None`` for one that is unknown or revoked.

    A plain hash suffices: the token is 256 random bits, nothing that a dictionary holds.
    """
    found = OWNER.ask(hash=hash_of(text))
    return Source.from_db(connection.alias, SOURCE, found[0]) if found else None


def hash_of(text: str) -> str:
    """Return what is kept of a token: a plain hash suffices for 256 random bits."""
    return hashlib.sha256(text.encode()).hexdigest()
