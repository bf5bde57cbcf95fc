"""What the field says of residents: kinds, groups, rules with numbers, and how a door is written.

Numbers are policy: a row that an administrator wrote goes before the default that stands here.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

MINOR_UNDER = 14
"""Under this age a record is sensitive as a whole (Personal Information Protection Law, articles 28 and 31)."""


class Residence(TextChoices):
    """By what right somebody lives here."""

    REGISTERED = "registered", _("Registered here")
    TENANT = "tenant", _("Tenant")
    NEWCOMER = "newcomer", _("Newly moved in")
    FLOATING = "floating", _("Floating population")


class Departure(TextChoices):
    """Why somebody is no longer on the roster; they are ended, not deleted."""

    MOVED = "moved", _("Moved away")
    DIED = "died", _("Died")
    LEFT = "left", _("Left, nobody knows where to")
    TWICE = "twice", _("Was on the roster twice")


class Group(TextChoices):
    """Whom outreach and care are for: the three key groups, then the audiences."""

    ELDER_ALONE = "elder_alone", _("Elder living alone")
    LEFT_BEHIND = "left_behind", _("Guardian of a left-behind child")
    TEEN_ONLINE = "teen_online", _("Teenager always online")
    ELDER = "elder", _("Elder")
    STUDENT = "student", _("Student")
    PARENT = "parent", _("Parent of a student")
    YOUNG_WORKER = "young_worker", _("Young worker")
    HOMEMAKER = "homemaker", _("Home-maker")
    SHOPKEEPER = "shopkeeper", _("Shopkeeper or sole trader")
    FINANCE = "finance", _("Company finance staff")
    MIGRANT = "migrant", _("Migrant worker")
    CORRECTION = "correction", _("Under community correction")


KEY_GROUPS = frozenset({Group.ELDER_ALONE, Group.LEFT_BEHIND, Group.TEEN_ONLINE})
"""Those with a dossier, a paired carer and a weekly visit."""


class LegalBasis(TextChoices):
    """What allows the office to keep somebody's data (Personal Information Protection Law, article 13)."""

    DUTY = "duty", _("Duty by law")
    CONSENT = "consent", _("Consent")
    EMERGENCY = "emergency", _("Emergency, to protect life or property")


class VisitResult(TextChoices):
    """What came of a visit."""

    MET = "met", _("Met")
    NOT_HOME = "not_home", _("Not at home")
    PHONE_ONLY = "phone_only", _("By phone only")


COUNTING_RESULTS = (VisitResult.MET, VisitResult.PHONE_ONLY)
"""A visit counts where somebody was met or spoken to."""


class Mood(TextChoices):
    """How somebody seemed."""

    GOOD = "good", _("In good spirits")
    ORDINARY = "ordinary", _("As usual")
    LOW = "low", _("Low or anxious")


class WarningSign(TextChoices):
    """What a visitor may notice of a fraud that is under way."""

    STRANGE_CALLS = "strange_calls", _("Gets calls from strangers")
    SECRETIVE = "secretive", _("Hides the phone or falls silent")
    TRANSFERS = "transfers", _("Has made or prepares a transfer")
    INVESTS = "invests", _("Talks of a sure investment")
    BUYS_TONICS = "buys_tonics", _("Buys many health products")
    NEW_FRIEND = "new_friend", _("Has a new friend met online")
    SCREEN_SHARED = "screen_shared", _("Shares the screen or installed a strange app")


class Purpose(TextChoices):
    """Why somebody opens a name and numbers, or the record of a minor: the usual reasons."""

    CALL = "call", _("To call them or the family")
    VISIT = "visit", _("To visit them")
    ALERT = "alert", _("To look into an alert")
    ROSTER = "roster", _("To correct the roster")
    REQUEST = "request", _("The resident asked for it")


class Lack(TextChoices):
    """What the page of key groups may be narrowed to."""

    OVERDUE = "overdue", _("overdue")
    CARER = "carer", _("without a carer")


class Chase(TextChoices):
    """Who is told of a visit that is overdue."""

    CARER = "carer", _("Carer")
    LEADER = "leader", _("Grid leader")


class FollowUpWhy(TextChoices):
    """After what somebody is visited again."""

    FRAUD = "fraud", _("After a fraud")
    DISSUADED = "dissuaded", _("After a dissuasion just in time")


class RuleName(TextChoices):
    """A number that an administrator may change."""

    VISIT_EVERY_DAYS = "visit_every_days", _("Visit a paired resident at least every … days")
    CHASE_LEADER_DAYS = "chase_leader_days", _("Tell the grid leader of a visit … days overdue")
    FOLLOW_UP_FIRST_DAYS = "follow_up_first_days", _("Visit a victim again … days after the fraud")
    FOLLOW_UP_SECOND_DAYS = "follow_up_second_days", _("Visit a victim once more … days after the fraud")
    SPECIALISTS_PER_GRID = "specialists_per_grid", _("Warning specialists for each grid")
    KEEP_ENDED_DAYS = "keep_ended_days", _("Keep a resident who has gone for … days, then anonymise")
    KEEP_FILES_DAYS = "keep_files_days", _("Keep an imported file for … days")
    KEEP_EXPORTS_DAYS = "keep_exports_days", _("Keep a file that was ordered for … days")
    KEEP_LOGS_DAYS = "keep_logs_days", _("Keep the log of access for … days")


DEFAULT_RULES = {
    RuleName.VISIT_EVERY_DAYS: 7,
    RuleName.CHASE_LEADER_DAYS: 2,
    RuleName.FOLLOW_UP_FIRST_DAYS: 7,
    RuleName.FOLLOW_UP_SECOND_DAYS: 30,
    RuleName.SPECIALISTS_PER_GRID: 2,
    RuleName.KEEP_ENDED_DAYS: 730,
    RuleName.KEEP_FILES_DAYS: 90,
    RuleName.KEEP_EXPORTS_DAYS: 7,
    RuleName.KEEP_LOGS_DAYS: 1095,
}
LEAST_RULES = {RuleName.KEEP_LOGS_DAYS: 180}
"""What no administrator may go below (Cybersecurity Law, article 21: six months of logs)."""


MOST_OF_A_RULE = 10_000
"""No number is larger: days beyond it leave the calendar."""

ENDS_SOON_DAYS = 14
"""So long before a post ends its successor is asked for."""
HANDS_OVER_DAYS = 30
"""Who begins so long before a post ends is taken for its successor."""


def least_of_a_rule(name: RuleName) -> int:
    """Return the smallest number an administrator may set: the law's, else one."""
    return LEAST_RULES.get(name, 1)


@dataclass(frozen=True)
class Span:
    """From a day to a day; both count, None is without end."""

    starts_on: date
    ends_on: date | None

    def runs(self, on: date) -> bool:
        """Say whether a day lies in it."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


def without_successor(spans: Sequence[Span], *, on: date) -> list[int]:
    """Return which of the posts of one role at one area end within a fortnight with nobody to follow, in their order.

    A successor runs on the day after the last one and began within the thirty days before it, or begins on that day;
    each follows one post alone.
    """
    soon = on + timedelta(days=ENDS_SOON_DAYS)
    ending = sorted(
        (span.ends_on, at)
        for at, span in enumerate(spans)
        if span.ends_on is not None and span.runs(on) and span.ends_on <= soon
    )
    free = set(range(len(spans)))
    alone = []
    for last, at in ending:
        after = last + timedelta(days=1)
        since = last - timedelta(days=HANDS_OVER_DAYS)
        fitting = [other for other in sorted(free) if spans[other].starts_on >= since and spans[other].runs(after)]
        free -= set(fitting[:1])
        alone += [] if fitting else [at]
    return sorted(alone)


@dataclass(frozen=True)
class AgeBand:
    """Ages from ``youngest`` to ``oldest``, both counted; None is without end."""

    youngest: int
    oldest: int | None

    def __str__(self) -> str:
        """Return it as tables head it: 60–79, 80+."""
        return f"{self.youngest}–{self.oldest}" if self.oldest is not None else f"{self.youngest}+"

    def holds(self, age: int) -> bool:
        """Say whether an age lies in it."""
        return self.youngest <= age and (self.oldest is None or age <= self.oldest)


AGE_BANDS = (AgeBand(0, 13), AgeBand(14, 17), AgeBand(18, 40), AgeBand(41, 59), AgeBand(60, 79), AgeBand(80, None))


def age_on(birth_on: date, on: date) -> int:
    """Return the age in full years; who is born on 29 February has a birthday on 1 March in other years."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def born_after(age: int, on: date) -> date:
    """Return the last birth date of those who are ``age`` on a day: whoever is born later is younger."""
    try:
        return on.replace(year=on.year - age)
    except ValueError:  # 29 February
        return on.replace(year=on.year - age, day=28)


@dataclass(frozen=True)
class Door:
    """Where somebody lives, taken apart; each part may be empty, never None."""

    building: str
    unit: str = ""
    room: str = ""

    @property
    def order(self) -> str:
        """A key that sorts the second building before the tenth."""
        return "-".join(re.sub(r"\d+", lambda digits: digits[0].zfill(5), part) for part in self.parts)

    @property
    def words(self) -> str:
        """The address as it is written on the spot, whatever the language: 3号楼2单元401."""
        building = self.building
        if building.isdigit():
            building = f"{building}号楼"
        elif building.isascii() and building.isalpha():
            building = f"{building}座"
        unit = f"{self.unit}单元" if self.unit and not self.unit.endswith(("门", "单元")) else self.unit
        return f"{building}{unit}{self.room}"

    @property
    def parts(self) -> tuple[str, str, str]:
        """Building, unit, room."""
        return self.building, self.unit, self.room


_TIMES = re.compile(r"\s+")
_BUILDING = r"(?P<building>.*?\d+[A-Za-z]?|[^\d]*?[A-Za-z甲乙丙丁东西南北中])\s*(?:号楼|号院|楼|栋|幢|座|#)"
_UNIT = r"(?:(?P<unit>[\dA-Za-z一二三四五六七八九十甲乙丙丁东西中]+)\s*(?:单元|门洞|门))?"
_ROOM = r"(?P<room>[\dA-Za-z-]*)\s*(?:室|号|户)?"
_WRITTEN = re.compile(f"{_BUILDING}{_UNIT}{_ROOM}")
_DASHED = re.compile(r"(?P<building>\d+[A-Za-z]?)-(?:(?P<unit>\d+[A-Za-z]?)-)?(?P<room>\d+[A-Za-z]?)(?:室|号)?")
_CHINESE_DIGITS = {digit: str(number) for number, digit in enumerate("零一二三四五六七八九十")}


@lru_cache(maxsize=50_000)
def parse_door(text: str) -> Door | None:
    """Take an address like 3号楼2单元401, 3栋401室, 3#2单元401 or 3-2-401 apart; None for an empty one.

    What cannot be taken apart is kept whole as the building: a lane's number, a shop's name.
    """
    bare = _TIMES.sub("", unicodedata.normalize("NFKC", text)).replace("—", "-").replace("－", "-")
    if not bare:
        return None
    found = _WRITTEN.fullmatch(bare) or _DASHED.fullmatch(bare)
    if found is None:
        return Door(building=bare[:32])
    unit = found["unit"] or ""
    return Door(
        building=(found["building"] or "").removeprefix("第")[:32],
        unit=_CHINESE_DIGITS.get(unit, unit)[:16],
        room=(found["room"] or "")[:16],
    )


def next_visit_due(*, last_on: date | None, paired_on: date, agreed_on: date | None, every_days: int) -> date:
    """Return the day by which a paired resident is to be visited again.

    Counted from the last visit that met them, else from the day of pairing; a day agreed on at the last visit goes
    before where it comes sooner: at least weekly is the rule (S1), oftener is welcome.
    """
    by_rule = (last_on or paired_on) + timedelta(days=every_days)
    return min(by_rule, agreed_on) if agreed_on is not None else by_rule


def still_counts(last_on: date | None, *, paired_on: date, every_days: int) -> date | None:
    """Return the last visit as far as the present pairing is held to it.

    A new carer goes on from the visits of the one before. Where nobody came for longer than the rule allows, the time
    runs from the day of pairing: nobody is late on the day they begin.
    """
    return last_on if last_on is not None and last_on + timedelta(days=every_days) >= paired_on else None


def days_overdue(due_on: date, on: date) -> int:
    """Return by how many days a visit is late; on the due day itself, and before, none."""
    return max((on - due_on).days, 0)


OFFICE_OPENS, OFFICE_SHUTS = time(8), time(20)
"""Between these nobody is woken by a reminder; local time, on every day of the week."""


def is_office_hour(local_now: datetime) -> bool:
    """Say whether people may be reminded at a moment of local time."""
    return OFFICE_OPENS <= local_now.time() < OFFICE_SHUTS


def chases_due(
    due_on: date, *, on: date, carer_told_on: date | None, leader_told_on: date | None, leader_days: int
) -> frozenset[Chase]:
    """Return who is to be told today of a visit that was due.

    The carer from the first day on which it is overdue, the grid leader from the day on which it is ``leader_days``
    overdue; each once for one due day: ``…_told_on`` is the due day of which they were told last.
    """
    late = days_overdue(due_on, on)
    found = set()
    if late >= 1 and carer_told_on != due_on:
        found.add(Chase.CARER)
    if late >= max(leader_days, 1) and leader_told_on != due_on:
        found.add(Chase.LEADER)
    return frozenset(found)


FOLLOW_UP_EARLY = timedelta(days=2)
"""A visit so long before the due day of a follow-up is that follow-up."""
FOLLOW_UP_GRACE = timedelta(days=2)
"""So long has whoever is given a follow-up whose day had passed before anybody knew of the fraud."""


def follow_up_due(wanted_on: date, *, on: date) -> date:
    """Return the day by which a follow-up planned today is due: nobody is late on the day they are told."""
    return max(wanted_on, on + FOLLOW_UP_GRACE)


def settles_follow_up(visited_on: date, *, due_on: date) -> bool:
    """Say whether a visit that met somebody is the follow-up that was due; later is better than never."""
    return visited_on >= due_on - FOLLOW_UP_EARLY


WEEK = 7
COUNTS_FROM_DAYS = 4
"""A week in which a pairing runs on fewer of its days asks for no visit: there was hardly time for one."""


def monday_of(on: date) -> date:
    """Return the Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def days_in_week(starts_on: date, ends_on: date | None, *, monday: date) -> int:
    """Return on how many days of a week something ran; the first and the last day count."""
    first = max(starts_on, monday)
    last = min(ends_on or date.max, monday + timedelta(days=WEEK - 1))
    return max((last - first).days + 1, 0)


def asks_for_visit(starts_on: date, ends_on: date | None, *, monday: date) -> bool:
    """Say whether a pairing asks for a visit in a week: it runs on four of its days or more.

    Pairings of one resident never overlap, so in each week one of them at most asks for a visit: what is counted by
    carer and what is counted by grid add up to the same.
    """
    return days_in_week(starts_on, ends_on, monday=monday) >= COUNTS_FROM_DAYS
