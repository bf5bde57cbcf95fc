"""Which copies stay: pure rules over the moments at which they were made."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

DAYS, WEEKS, MONTHS = 7, 5, 12
"""The newest of each of so many days, weeks and months stays: a mistake is often found only months later."""

STALE = timedelta(hours=26)
"""A night's copy is made once a day; two hours are left for a long one."""

_NAME = re.compile(r"antifraud-(\d{8}T\d{6})Z\.tar\.age")


def name_at(made_at: datetime) -> str:
    """Return the file name of a copy made at a moment. Names sort as the moments do."""
    return f"antifraud-{made_at.astimezone(UTC):%Y%m%dT%H%M%S}Z.tar.age"


def made_at(name: str) -> datetime | None:
    """Return when a copy was made, by its file name; ``None`` for what is no copy of ours."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(f"{found[1]}+0000", "%Y%m%dT%H%M%S%z") if found else None


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Return which of these copies stay: the newest of each day, week and month, for as many as there are to be.

    The newest of all always stays. Days are those of the clock in Greenwich: what matters is that they are even.
    """
    newest_first = sorted(moments, reverse=True)
    stay: set[datetime] = set(newest_first[:1])
    for most, slot in ((DAYS, "%Y-%j"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        seen: dict[str, datetime] = {}
        for moment in newest_first:
            seen.setdefault(f"{moment.astimezone(UTC):{slot}}", moment)
        stay.update(list(seen.values())[:most])
    return stay
