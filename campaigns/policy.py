"""What the field says of outreach: forms, channels, audiences, and rules with numbers.

Numbers are policy: a row that an administrator wrote goes before the default that stands here.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.calendars import WEEKDAYS, weekly_on


class Form(TextChoices):
    """The forms of an outreach event (S0 to S4)."""

    LECTURE = "lecture", _("Lecture")
    STALL = "stall", _("Street stall")
    HOUSEHOLD = "household", _("Household visits")
    PLEDGE = "pledge", _("Pledge signing")
    QUIZ = "quiz", _("Quiz")
    PERFORMANCE = "performance", _("Performance")
    DRAMA = "drama", _("Drama game")
    BROADCAST = "broadcast", _("Broadcast")
    SCHOOL = "school", _("Letter or talk to parents")
    OTHER = "other", _("Other outreach")


class Channel(TextChoices):
    """By what way outreach reached somebody."""

    ON_SITE = "on_site", _("On site")
    DOOR = "door", _("At the door")
    PHONE = "phone", _("By phone")
    PUSH = "push", _("Chat-group push")


STRONG = (Channel.ON_SITE, Channel.DOOR, Channel.PHONE)
"""Somebody was spoken to. A push to a chat group is weak evidence and says so (field notes, look-back)."""


class Means(TextChoices):
    """The channels that coverage is asked for together."""

    ON_SITE = "on_site", _("On site")
    DOOR = "door", _("At the door")
    PHONE = "phone", _("By phone")
    STRONG = "strong", _("On site, at the door or by phone")
    PUSH = "push", _("Chat-group push (weak evidence)")


CHANNELS_OF: Mapping[Means, tuple[Channel, ...]] = MappingProxyType(
    {
        Means.ON_SITE: (Channel.ON_SITE,),
        Means.DOOR: (Channel.DOOR,),
        Means.PHONE: (Channel.PHONE,),
        Means.STRONG: STRONG,
        Means.PUSH: (Channel.PUSH,),
    }
)


class Audience(TextChoices):
    """Whom outreach is for."""

    EVERYBODY = "everybody", _("All residents")
    OVER_60 = "over_60", _("60 and over")
    OVER_80 = "over_80", _("80 and over")
    ELDER_ALONE = "elder_alone", _("Elders living alone")
    STUDENT = "student", _("Students")
    PARENT = "parent", _("Parents of students")
    YOUNG_WORKER = "young_worker", _("Young workers")
    HOMEMAKER = "homemaker", _("Home-makers")
    SHOPKEEPER = "shopkeeper", _("Shopkeepers and sole traders")
    FINANCE = "finance", _("Company finance staff")
    TENANT = "tenant", _("Tenants")
    NEWCOMER = "newcomer", _("Newcomers")
    MIGRANT = "migrant", _("Migrant workers")
    CORRECTION = "correction", _("People under community correction")


YOUNGEST = MappingProxyType({Audience.OVER_60: 60, Audience.OVER_80: 80})
"""The audiences that an age makes. The others are a group of the roster, or a kind of residence."""


class EventState(TextChoices):
    """What became of an event."""

    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


class OrganisationKind(TextChoices):
    """Kinds of partner organisations."""

    POLICE = "police", _("Police")
    BANK = "bank", _("Bank")
    SCHOOL = "school", _("School")
    TELECOM = "telecom", _("Telecom operator")
    HEALTH = "health", _("Health centre")
    GOVERNMENT = "government", _("Government office")
    PROPERTY = "property", _("Property manager")
    SOCIAL = "social", _("Social organisation")
    SHOP = "shop", _("Shop or company")
    OTHER = "other", _("Other organisation")


AUTHORITIES = frozenset(
    {
        OrganisationKind.POLICE,
        OrganisationKind.BANK,
        OrganisationKind.SCHOOL,
        OrganisationKind.TELECOM,
        OrganisationKind.HEALTH,
        OrganisationKind.GOVERNMENT,
    }
)
"""Whose word residents take: an event with none of them warns while it is planned (S0's first regret)."""


class TouchSource(TextChoices):
    """How it is known that somebody was there."""

    LIST = "list", _("Ticked on the list")
    SIGN_IN = "sign_in", _("Signed in themselves")
    PAPER = "paper", _("From a paper list")
    FILE = "file", _("From an office file")
    DOOR = "door", _("At the door")


class DoorResult(TextChoices):
    """What came of knocking at a door."""

    TALKED = "talked", _("Talked to")
    NOBODY = "nobody", _("Nobody at home")
    REFUSED = "refused", _("Refused")
    AGAIN = "again", _("Come again")


class PhotoKind(TextChoices):
    """What a photo of an event shows."""

    EVENT = "event", _("The event")
    PAPER = "paper", _("A paper list, to be entered later")
    PLEDGE = "pledge", _("A pledge on paper")


class MaterialKind(TextChoices):
    """What is handed out."""

    LEAFLET = "leaflet", _("Leaflet")
    CARD = "card", _("Card")
    POSTER = "poster", _("Poster")
    GIFT = "gift", _("Small gift")
    OTHER = "other", _("Other material")


class GroupKind(TextChoices):
    """Kinds of chat groups."""

    RESIDENTS = "residents", _("Residents")
    PARENTS = "parents", _("Parents")
    SHOPS = "shops", _("Shopkeepers")
    TENANTS = "tenants", _("Tenants")
    OTHER = "other", _("Other group")


class SiteKind(TextChoices):
    """Kinds of fixed publicity sites (宣传阵地)."""

    BOARD = "board", _("Notice board")
    SCREEN = "screen", _("Screen")
    BANNER = "banner", _("Banner")
    WALL = "wall", _("Wall or corridor")
    CORNER = "corner", _("Publicity corner")
    OTHER = "other", _("Other site")


class MeetingKind(TextChoices):
    """Kinds of meetings."""

    WEEKLY = "weekly", _("Weekly meeting")
    MONTHLY = "monthly", _("Monthly coordination meeting")
    OTHER = "other", _("Other meeting")


class ProblemState(TextChoices):
    """How far a problem is (问题清单—整改—销号)."""

    TO_MEND = "to_mend", _("To be mended")
    MENDED = "mended", _("Mended, to be struck off")
    STRUCK = "struck", _("Struck off")


class RuleName(TextChoices):
    """A number that an administrator may change."""

    HEADS_PER_VOLUNTEER = "heads_per_volunteer", _("Expected visitors for each volunteer, at most")
    PUSHES_PER_WEEK = "pushes_per_week", _("Pushes a week to each chat group, at least")
    NEWCOMER_DAYS = "newcomer_days", _("Reach newcomers and tenants within … days")
    SITE_EVERY_DAYS = "site_every_days", _("Refresh a publicity site every … days")
    LOW_STOCK = "low_stock", _("Call a material's stock low below …")
    KEEP_SIGN_INS_DAYS = "keep_sign_ins_days", _("Keep what visitors typed to sign in for … days")
    KEEP_PAPERS_DAYS = "keep_papers_days", _("Keep photos of paper lists for … days")
    KEEP_PLEDGES_DAYS = "keep_pledges_days", _("Keep name and signature of a pledge for … days")


DEFAULT_RULES: Mapping[RuleName, int] = MappingProxyType(
    {
        RuleName.HEADS_PER_VOLUNTEER: 25,
        RuleName.PUSHES_PER_WEEK: 2,
        RuleName.NEWCOMER_DAYS: 30,
        RuleName.SITE_EVERY_DAYS: 30,
        RuleName.LOW_STOCK: 50,
        RuleName.KEEP_SIGN_INS_DAYS: 30,
        RuleName.KEEP_PAPERS_DAYS: 180,
        RuleName.KEEP_PLEDGES_DAYS: 730,
    }
)


PLEDGE_TEXT = "pledge"
"""The key of the pledge among the texts that the office keeps (knowledge)."""

SIGN_IN_STAYS = timedelta(hours=2)
"""So long after an event its page for signing in shuts by itself."""

PHONE_KEEPS = timedelta(days=3)
"""So long a phone keeps what it could not send (static/js/presses.js); no press is older."""


def believable(pressed_at: datetime | None, *, now: datetime) -> datetime:
    """Return the time of a press as it may be written down: never to come, never older than a phone keeps it."""
    return max(now - PHONE_KEEPS, min(pressed_at or now, now))


def is_authority(kind: OrganisationKind | str) -> bool:
    """Say whether residents take the word of such an organisation."""
    return kind in AUTHORITIES


def volunteers_needed(expected: int, *, heads_per_volunteer: int) -> int:
    """Return how many volunteers an expected crowd asks for, rounded up; none for nobody."""
    return -(-expected // heads_per_volunteer)


def week_of(day: date) -> tuple[date, date]:
    """Return the Monday of a day's week and the Monday after it: a half-open week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


class Period(TextChoices):
    """Periods that coverage is asked for, up to today; any two days besides."""

    YEAR = "year", _("Past 12 months")
    HALF = "half", _("Past 6 months")
    QUARTER = "quarter", _("Past 3 months")
    THIS_YEAR = "this_year", _("This year")
    THIS_MONTH = "this_month", _("This month")
    EVER = "ever", _("Ever")
    DAYS = "days", _("From … to …")


BEGINNING = date(1970, 1, 1)
"""Before the first outreach that anybody could have written down."""

MONTHS_OF_A_YEAR = 12
MONTHS_BACK = MappingProxyType({Period.YEAR: MONTHS_OF_A_YEAR, Period.HALF: 6, Period.QUARTER: 3})


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``first`` up to, and without, ``after``."""

    first: date
    after: date

    @property
    def last(self) -> date:
        """The last day, counted."""
        return self.after - timedelta(days=1)

    def reaches(self, on: date) -> bool:
        """Say whether nothing after it has happened by a day."""
        return self.after > on


def months_later(on: date, months: int) -> date:
    """Return the day so many months later (earlier below zero); the month's last where it has no such day."""
    year, month = divmod(on.year * MONTHS_OF_A_YEAR + on.month - 1 + months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def span_of(period: Period, *, on: date) -> Span:
    """Return the days of a period up to a day, that day counted.

    Raises ``ValueError`` for ``Period.DAYS``, which has none of its own.
    """
    after = on + timedelta(days=1)
    if period in MONTHS_BACK:
        return Span(months_later(after, -MONTHS_BACK[period]), after)
    match period:
        case Period.THIS_YEAR:
            return Span(date(on.year, 1, 1), after)
        case Period.THIS_MONTH:
            return Span(on.replace(day=1), after)
        case Period.EVER:
            return Span(BEGINNING, after)
    raise ValueError(period)


def months_of(span: Span, *, most: int) -> list[Span]:
    """Return the calendar months that a span touches, cut off at its ends, the last ``most`` of them."""
    months: list[Span] = []
    after = span.after
    while after > span.first and len(months) < most:
        begin = max((after - timedelta(days=1)).replace(day=1), span.first)
        months.insert(0, Span(begin, after))
        after = begin
    return months


SUMMED_AUDIENCES = (Audience.EVERYBODY, Audience.OVER_60, Audience.OVER_80, Audience.TENANT, Audience.NEWCOMER)
SUMMED_MEANS = (Means.ON_SITE, Means.STRONG)
"""What wide areas are counted for beforehand, for the past twelve months; anything else is counted when asked."""


class Lesson(TextChoices):
    """What S0 regretted afterwards, said while there is still time."""

    NO_AUTHORITY = "no_authority", _("No authoritative partner is planned.")
    FEW_VOLUNTEERS = "few_volunteers", _("Too few volunteers are planned for the expected visitors.")


def lessons(
    *,
    partners: Iterable[OrganisationKind | str],
    expected_heads: int | None,
    volunteers: int | None,
    heads_per_volunteer: int,
) -> tuple[Lesson, ...]:
    """Return what is to be mended before an event: no authority comes, too few volunteers for the crowd.

    Without an expected crowd nothing is said of volunteers; none planned counts as none.
    """
    found = [] if any(map(is_authority, partners)) else [Lesson.NO_AUTHORITY]
    needed = volunteers_needed(expected_heads or 0, heads_per_volunteer=heads_per_volunteer)
    if (volunteers or 0) < needed:
        found.append(Lesson.FEW_VOLUNTEERS)
    return tuple(found)


class Repeat(TextChoices):
    """How an event repeats: by the day of its first date."""

    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


MADE_AHEAD = timedelta(days=90)
"""How far ahead the dates of a repetition are made."""

SHORTEST_MONTH = 28


def rule_of(repeat: Repeat, first: date, weekdays: Iterable[int] = ()) -> str:
    """Return the rule (RFC 5545) of what begins on ``first``: on these weekdays too, or on that day of each month.

    Where a month has no such day, its last day is meant: the 31st is held on 30 April.
    """
    if repeat == Repeat.WEEKLY:
        return weekly_on({first.weekday(), *weekdays})
    if first.day <= SHORTEST_MONTH:
        return f"FREQ=MONTHLY;BYMONTHDAY={first.day}"
    days = list(range(SHORTEST_MONTH, first.day + 1))
    return f"FREQ=MONTHLY;BYMONTHDAY={','.join(map(str, days))};BYSETPOS=-1"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A rule taken apart: its weekdays (Monday is 0), or its day of the month."""

    weekdays: tuple[int, ...] = ()
    day: int = 0

    @property
    def is_at_the_end(self) -> bool:
        """Whether some month has no such day."""
        return self.day > SHORTEST_MONTH


def rhythm_of(rule: str) -> Rhythm:
    """Return a rule that ``rule_of`` made, taken apart."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if "BYDAY" in parts:
        return Rhythm(weekdays=tuple(WEEKDAYS.index(day) for day in parts["BYDAY"].split(",")))
    return Rhythm(day=max(map(int, parts["BYMONTHDAY"].split(","))))


THURSDAY = 3


def is_push_week_late(day: date) -> bool:
    """Say whether a week is so far gone that who is below its pushes is told: from Thursday on, not next Monday."""
    return day.weekday() >= THURSDAY


def missing(done: int, *, at_least: int) -> int:
    """Return how many are still to be done."""
    return max(0, at_least - done)


class StockState(TextChoices):
    """Whether there is enough of a material."""

    ENOUGH = "enough", _("enough")
    LOW = "low", _("low: order more")
    NONE = "none", _("none left")
    BELOW = "below", _("more went out than was counted in: count again")


def stock_state(stock: int, *, low_below: int) -> StockState:
    """Say how a stock stands; below nothing is a count that was forgotten."""
    if stock < 0:
        return StockState.BELOW
    if stock == 0:
        return StockState.NONE
    return StockState.LOW if stock < low_below else StockState.ENOUGH


AUDIENCE_OF_GROUP: Mapping[GroupKind, Audience] = MappingProxyType(
    {
        GroupKind.PARENTS: Audience.PARENT,
        GroupKind.SHOPS: Audience.SHOPKEEPER,
        GroupKind.TENANTS: Audience.TENANT,
    }
)
"""Whom a kind of group is for, where it is not for everybody."""
