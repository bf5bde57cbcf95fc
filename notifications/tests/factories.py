"""Channels and letters for tests. Invented all."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.db import transaction

from accounts.models import User
from notifications.models import Channel, Delivery
from notifications.services import Letter, tell

NOON = datetime(2026, 4, 2, 4, 0, tzinfo=UTC)

_numbers = itertools.count(1)


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


class ChannelFactory(factory.django.DjangoModelFactory):
    """A text message gateway for everybody; its address is the test's matter."""

    class Meta:
        model = Channel

    kind = "sms"
    name = factory.Sequence(lambda number: f"Channel {number}")
    options = factory.LazyAttribute(
        lambda channel: {"ok_field": "errcode", "ok_value": 0} if channel.kind == "sms" else {}
    )


def letter_to(user: User, **fields: Any) -> Letter:
    """Return a new letter to a person."""
    number = next(_numbers)
    return Letter(
        **{
            "key": f"alert:{number}:assigned:{user.pk}",
            "recipient_id": user.pk,
            "kind": "dispatch",
            "urgency": "high",
            "subject": f"alert:{number}",
            "purpose": "respond",
            "title": f"王秀英可能正在转账 {number}",
            "body": "王秀英，68 岁，3号楼2单元401",
            "public_text": f"【高】第三网格预警 {number}，限 10:12 前处置",
            "url": f"/alerts/{number}/",
            "area_code": "999900000000003",
            **fields,
        }
    )


def told(letters: Sequence[Letter] | Letter, *, now: datetime = NOON) -> list[Delivery]:
    """Tell letters and return the outbox's rows for them, in the order of the letters."""
    letters = [letters] if isinstance(letters, Letter) else letters
    with transaction.atomic():
        tell(letters, now=now)
    rows = {row.notice.key: row for row in Delivery.objects.select_related("notice")}
    return [rows[letter.key] for letter in letters if letter.key in rows]
