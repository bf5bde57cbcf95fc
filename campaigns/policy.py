"""What the field says of outreach: forms, channels, audiences, and rules with numbers.

Numbers are policy: a row that an administrator wrote goes before the default that stands here.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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


DEFAULT_RULES: Mapping[RuleName, int] = MappingProxyType(
    {
        RuleName.HEADS_PER_VOLUNTEER: 25,
        RuleName.PUSHES_PER_WEEK: 2,
        RuleName.NEWCOMER_DAYS: 30,
        RuleName.SITE_EVERY_DAYS: 30,
        RuleName.LOW_STOCK: 50,
    }
)


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
