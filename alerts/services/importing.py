"""Lists of alerts that somebody brings in as a file, and takes back as long as nobody has touched what came of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.models import FILE, Alert, IntakeMessage, Source, TimelineEntry
from alerts.policy import State
from alerts.services.closing import void_alert
from alerts.services.common import AlertError
from alerts.services.intake import Incoming, Receipt, Result, receive

AT_ONCE = 500


def receive_list(messages: Sequence[Incoming], *, by: User | None, now: datetime) -> list[dict[str, Any]]:
    """Take a list in through the intake, in the caller's transaction; return what taking it back needs."""
    source = Source.objects.get(code=FILE)
    receipts: list[Receipt] = []
    for start in range(0, len(messages), AT_ONCE):
        receipts += receive(source, messages[start : start + AT_ONCE], now=now, by=by)
    return [
        {"number": receipt.external_id, "alert": receipt.alert.pk, "joined": receipt.joined}
        for receipt in receipts
        if receipt.alert is not None and receipt.result in {Result.CREATED, Result.JOINED}
    ]


@transaction.atomic
def withdraw_list(entries: Sequence[Mapping[str, Any]], *, by: User | None, now: datetime) -> tuple[int, list[str]]:
    """Void the alerts of a list that nobody has touched; return how many, and which were left.

    Touched is what has left the desk, what somebody looked into or did something to, and what another message joined.
    What is voided may be brought in again: its number is forgotten.
    """
    done, left = 0, []
    for entry in entries:
        if not entry["joined"] and _is_untouched(entry["alert"]) and _void(entry["alert"], by=by, now=now):
            IntakeMessage.objects.filter(source__code=FILE, external_id=entry["number"]).delete()
            done += 1
        else:
            left.append(f"#{entry['alert']}")
    return done, left


def _is_untouched(pk: int) -> bool:
    if not Alert.objects.select_for_update().filter(pk=pk, state=State.RECEIVED).exists():
        return False
    by_people = TimelineEntry.objects.filter(alert=pk, actor__isnull=False)
    is_touched = by_people.exclude(kind=TimelineEntry.Kind.RECEIVED).exists()
    return not is_touched and IntakeMessage.objects.filter(alert=pk).count() == 1


def _void(pk: int, *, by: User | None, now: datetime) -> bool:
    """Void an alert; False where the clock, catching up, has taken it to its grid in this moment."""
    try:
        with transaction.atomic():
            void_alert(Alert.objects.get(pk=pk), reason=_("The list it came in was taken back"), by=by, now=now)
    except AlertError:
        return False
    return True
