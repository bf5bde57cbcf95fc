"""Looking at cases, searching and taking them out is written down: who, which, why. Nothing else changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.services import record
from cases.models import Case
from residents.access import Scope
from residents.services import enter_export
from sheets.models import Export


def view_case(case: Case, *, by: User, now: datetime) -> None:
    """Write down that a case was opened, the victim masked."""
    _record("cases.viewed", case, by=by, now=now)


def reveal_victim(case: Case, *, reason: str, by: User, now: datetime) -> None:
    """Write down that somebody opened a victim's name and number, and why."""
    _record("cases.revealed", case, by=by, now=now, reason=reason)


def _record(verb: str, case: Case, *, by: User, now: datetime, **detail: str) -> None:
    record(verb, by=by, at=now, about=case, area_code=case.area_code, detail=detail)


def record_case_search(text: str, *, found: int, by: User, now: datetime) -> None:
    """Write down that somebody searched the ledger: how long the text was and how many it found, never the text."""
    record("cases.searched", by=by, at=now, detail={"characters": len(text), "found": found})


def record_case_export(
    *, rows: int, is_whole: bool, handed: Mapping[str, Any], codes: Scope, by: User, now: datetime
) -> Export:
    """Enter a file of cases into the export register, and into the trail; ``handed`` has recipient and purpose."""
    return enter_export(
        kind="cases",
        verb="cases.exported",
        rows=rows,
        is_whole=is_whole,
        recipient=handed["recipient"],
        purpose=handed["purpose"],
        codes=codes,
        by=by,
        now=now,
    )
