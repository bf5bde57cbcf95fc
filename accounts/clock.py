"""The one clock of the house: the database server's.

Only the doors (views, tasks, commands, middleware) call this; everything below them is handed
``now``. One server's time for all keeps two web machines from disagreeing about a deadline.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

LOCAL_TZ = ZoneInfo("Asia/Shanghai")


def database_now() -> datetime:
    """Return the database server's time, aware and in UTC, for one query.

    PostgreSQL answers with ``clock_timestamp()``, which moves on inside a transaction, to the
    microsecond; SQLite with milliseconds.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
            return moment.astimezone(UTC)
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)


def today() -> date:
    """Return today's date where the office stands.

    A date alone needs no query: guards of views ask for it on every page, and two machines that
    disagree by a second about midnight do no harm to a post that runs from a day to a day.
    """
    return local(timezone.now()).date()


def machine_now() -> datetime:
    """Return this machine's own time, without a query: for what may be off by seconds, like a page lying idle."""
    return timezone.now()


def local(moment: datetime) -> datetime:
    """Return an aware moment in the office's time zone."""
    return moment.astimezone(LOCAL_TZ)


def midnight(on: date) -> datetime:
    """Return the moment at which a day begins where the office stands."""
    return datetime.combine(on, time(), tzinfo=LOCAL_TZ)
