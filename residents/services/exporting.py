"""What is written down of people who search, open and take away."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.services import record
from residents.access import Scope
from residents.models.people import ResidentQuerySet
from residents.policy import MINOR_UNDER, born_after
from sheets.models import Export


def record_search(text: str, *, found: int, by: User, now: datetime) -> None:
    """Write down that somebody searched: how long the text was and how many it found, never the text itself."""
    record("residents.searched", by=by, at=now, detail={"characters": len(text), "found": found})


def exported(residents: ResidentQuerySet, *, has_minors: bool, on: date) -> ResidentQuerySet:
    """Return those who go into a file: no minors under fourteen unless they were asked for."""
    if has_minors:
        return residents
    return residents.filter(Q(birth_on__isnull=True) | Q(birth_on__lte=born_after(MINOR_UNDER, on)))


def record_export(
    *, rows: int, is_whole: bool, recipient: str, purpose: str, codes: Scope, by: User, now: datetime
) -> Export:
    """Enter a file of residents into the export register, and into the trail."""
    return enter_export(
        kind="roster",
        verb="residents.exported",
        rows=rows,
        is_whole=is_whole,
        recipient=recipient,
        purpose=purpose,
        codes=codes,
        by=by,
        now=now,
    )


@transaction.atomic
def enter_export(
    *,
    kind: str,
    verb: str,
    rows: int,
    is_whole: bool,
    recipient: str,
    purpose: str,
    codes: Scope,
    by: User,
    now: datetime,
) -> Export:
    """Enter a file that left into the export register, and into the trail under its app's verb."""
    area_code = codes[0] if codes else ""
    made = Export.objects.create(
        kind=kind,
        area_code=area_code,
        rows=rows,
        is_whole=is_whole,
        recipient=recipient,
        purpose=purpose,
        by=by,
        at=now,
    )
    detail = {"rows": rows, "is_whole": is_whole, "recipient": recipient, "purpose": purpose}
    record(verb, by=by, at=now, about=made, area_code=area_code, detail=detail)
    return made
