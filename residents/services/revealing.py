"""What leaves the program about one person is written down."""

from datetime import datetime

from accounts.models import AuditEntry, User
from accounts.services import record
from residents.models import Resident


def record_sheet(resident: Resident, *, handed_to: str, by: User, now: datetime, from_where: str = "") -> AuditEntry:
    """Write down that all that is kept of a resident was printed for somebody (PIPL, article 45)."""
    return record(
        "residents.sheet_printed",
        by=by,
        at=now,
        about=resident,
        area_code=resident.grid.code,
        detail={"handed_to": handed_to},
        from_where=from_where,
    )
