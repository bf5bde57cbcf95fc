"""What a screen that refreshes itself depends on, asked in one question.

A thousand screens ask every three seconds whether anything is new, and almost always nothing is. So a screen is given
a mark that says what it watches and how that stood; whoever brings the mark back is answered by one statement
(``alerts.middleware``), without finding out again who they are and what they may see. The mark is signed for one
session and one address and grows stale within a minute, in which somebody whose post has ended learns no more than
that nothing has changed.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.core import signing
from django.db import connection
from django.db.models import Count, Max, Q, Value
from django.db.models.functions import Now

from accounts.formats import milliseconds
from accounts.models import User
from accounts.sessions import kept_key
from alerts.models import Alert, AlertQuerySet, BusySpell, BusySpellQuerySet, Heartbeat
from alerts.policy import OPEN_STATES, State
from residents.access import Scope, within
from residents.models import Post

SHOWN_AFTER_END = timedelta(hours=1)
"""How long an ended alert stays on the board."""

SILENT = timedelta(seconds=6)
"""The engine sweeps every second and its stand-by steps in after three. Silent for longer, and the screens say so: with
a refresh every three seconds the banner is there within ten."""

STALE = timedelta(minutes=1)
"""A screen is painted anew at least this often, for what changes without touching an alert: posts, names, residents.
Each reader's at a second of their own: a thousand that were all stale on the minute kept each other waiting."""

SPREAD = 7
"""Seconds between the screens of two who follow each other on the roll; shares no divisor with a minute's."""

CLOCKS = {
    "postgresql": "clock_timestamp()",
    # As the columns hold it there, so that texts compare.
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
}

QUESTION = """
SELECT {clock},
       (SELECT max(at) FROM alerts_heartbeat WHERE guard IN (%s, %s)),
       (SELECT count(*) FROM django_session s, accounts_user u
        WHERE s.session_key = %s AND s.expire_date > {clock} AND u.id = %s AND u.is_active),
       busy.*, shown.*
FROM (SELECT 1) one LEFT JOIN ({busy}) busy ON true LEFT JOIN ({shown}) shown ON true
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """When the clock was last swept, and the server's time at which that was asked."""

    swept_at: datetime | None
    now: datetime

    @property
    def is_standing(self) -> bool:
        """Whether nobody has swept for a while, or at a time that has not come: a clock put back vouches for nobody."""
        return self.swept_at is None or not -SILENT <= self.swept_at - self.now <= SILENT

    @property
    def swept_ms(self) -> str:
        """The last sweep for the browser, in milliseconds; "" where there was none."""
        return str(milliseconds(self.swept_at)) if self.swept_at else ""

    @property
    def phase(self) -> str:
        """How the pill in the header is painted first; from then on the browser counts."""
        return "stands" if self.is_standing else "runs"

    @property
    def age(self) -> int:
        """Seconds since the last sweep."""
        return max(0, int((self.now - self.swept_at).total_seconds())) if self.swept_at else 0


@dataclass(frozen=True, slots=True)
class Watch:
    """Which alerts a screen shows, in words that stand for a user and their posts without either being read.

    Attributes:
        screen: the desk's board, one's own tasks, or the strip of what waits for somebody.
        language: in which it was drawn.
        areas: where the reader watches a desk.
        but: the alert that the strip leaves out; 0 for none.
    """

    screen: str
    user_id: int
    language: str
    areas: Scope = ()
    but: int = 0

    @classmethod
    def of(cls, screen: str, user: User, *, areas: Scope = (), but: int = 0) -> "Watch":
        """Return what this person's screen shows."""
        return cls(screen, user.pk, user.language, areas, but)

    def alerts(self) -> AlertQuerySet:
        """Return the alerts it shows."""
        match self.screen:
            case "desk":
                of_late = Q(closed_at__gte=Now() - SHOWN_AFTER_END)
                return Alert.objects.at_desks(self.areas).filter(Q(state__in=OPEN_STATES) | of_late)
            case "tasks":
                return Alert.objects.held_by(self.user_id)
            case _:
                return waiting_for(self.user_id, desks=self.areas).exclude(pk=self.but)

    def busy(self) -> BusySpellQuerySet:
        """Return who is busy that it shows: at a desk whoever has a post there, else the reader alone."""
        running = BusySpell.objects.running()
        if self.screen != "desk":
            return running.filter(user=self.user_id)
        if self.areas is None:
            return running
        return running.filter(user__in=Post.objects.filter(within("area__code", self.areas)).values("user"))


def waiting_for(user_id: int, *, desks: Scope) -> AlertQuerySet:
    """Return the alerts that wait for somebody: to be accepted by them, or dispatched from the desks they watch."""
    mine = Q(state=State.DISPATCHED, holder=user_id)
    if desks != ():
        mine |= Q(state=State.RECEIVED, pk__in=Alert.objects.open().at_desks(desks).values("pk"))
    return Alert.objects.open().filter(mine)


@dataclass(frozen=True, slots=True)
class Glance:
    """How what is watched stands at this moment.

    Attributes:
        stamp: changes whenever the screen would look different.
        is_logged_in: whether the session that asks is still one of this person's.
    """

    pulse: Pulse
    stamp: str
    is_logged_in: bool

    @property
    def now(self) -> datetime:
        """The database server's time."""
        return self.pulse.now


def look_at(watch: Watch, *, session_key: str = "") -> Glance:
    """Ask how things stand, in one statement that is put together once for each kind of reader.

    When the clock was last swept is no part of the stamp, only whether it stands: the time travels beside the answer.
    """
    sql, params = _question(connection.vendor, watch)
    with connection.cursor() as cursor:
        guards = [Heartbeat.Guard.CELERY.value, Heartbeat.Guard.WATCH.value]
        cursor.execute(sql, [*guards, kept_key(session_key), watch.user_id, *params])
        now, swept, sessions, *seen = cursor.fetchone()
    pulse = Pulse(_moment(swept), _moment(now) or datetime.min.replace(tzinfo=UTC))
    parts = (*astuple(watch), *seen, pulse.is_standing, minute_of(watch.user_id, now=pulse.now))
    return Glance(pulse, sha256(repr(parts).encode()).hexdigest()[:20], bool(sessions))


def minute_of(user_id: int, *, now: datetime) -> int:
    """Return which minute of theirs it is for a reader: in another one their screen is stale."""
    every = STALE.total_seconds()
    return int((now.timestamp() + user_id * SPREAD % every) // every)


@lru_cache(maxsize=1024)
def _question(vendor: str, watch: Watch) -> tuple[str, Sequence[Any]]:
    spells = watch.busy().order_by().annotate(all=Value(1)).values("all")
    called = spells.annotate(count=Count("pk"), newest=Max("pk"))
    busy, who = called.values_list("count", "newest").query.sql_with_params()
    alerts = watch.alerts().order_by().annotate(all=Value(1)).values("all")
    counted = alerts.annotate(count=Count("pk", distinct=True), newest=Max("pk"), changed=Max("changed_at"))
    shown, which = counted.values_list("count", "newest", "changed").query.sql_with_params()
    return QUESTION.format(clock=CLOCKS[vendor], busy=busy, shown=shown), [*who, *which]


def _moment(stored: datetime | str | None) -> datetime | None:
    if isinstance(stored, str):  # SQLite answers in text, and in UTC
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return stored.astimezone(UTC) if stored is not None else None


def pulse() -> Pulse:
    """Return when somebody last swept."""
    return look_at(NOTHING).pulse


NOTHING = Watch("tasks", 0, "")


# ── the mark ────────────────────────────────────────────────────────────────────────────────────────────────────────


def mark_of(watch: Watch, glance: Glance, *, session_key: str, address: str) -> str:
    """Return the mark that a screen brings back, fit to be an ETag."""
    return _signer(session_key, address).sign_object([*astuple(watch), glance.stamp])


def read_mark(mark: str, *, session_key: str, address: str) -> tuple[Watch, str]:
    """Return what a screen watches, and its stamp. Raises ``BadSignature`` for a mark that is not this session's."""
    screen, user_id, language, areas, but, stamp = _signer(session_key, address).unsign_object(mark)
    return Watch(screen, user_id, language, None if areas is None else tuple(areas), but), stamp


def _signer(session_key: str, address: str) -> signing.Signer:
    return signing.Signer(salt=f"alerts.watching {session_key} {address}")
