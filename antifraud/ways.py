"""The ways through the program: by work, not by table. A section stands in the top bar, its ways in a second one.

A reader sees what their posts allow, nothing greyed out.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import chain

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from residents.access import scope_codes


@dataclass(frozen=True, slots=True)
class Way:
    """One page that one begins at: shown to whom has the duty, to nobody else. ``args`` are its address's."""

    label: str | Promise
    icon: str
    url_name: str
    duty: Duty
    args: tuple[str, ...] = ()
    is_administrators: bool = False

    @property
    def url(self) -> str:
        """Where it leads."""
        return _address(self.url_name, self.args)


@cache
def _address(url_name: str, args: tuple[str, ...]) -> str:
    """Every page asks for two dozen addresses, and they never change."""
    return reverse(url_name, args=args)


@dataclass(frozen=True, slots=True)
class Section:
    """A kind of work and the ways within it, in the order of use."""

    label: str | Promise
    icon: str
    ways: tuple[Way, ...]


SECTIONS: tuple[Section, ...] = (
    Section(
        _("Alert desk"), "layout-columns", (Way(_("Alert desk"), "layout-columns", "alerts:desk", Duty.WATCH_DESK),)
    ),
    Section(_("My tasks"), "list-check", (Way(_("My tasks"), "list-check", "alerts:tasks", Duty.HANDLE_ALERTS),)),
    Section(
        _("Residents"),
        "users",
        (
            Way(_("Residents"), "users", "residents:list", Duty.SEE_RESIDENTS),
            Way(_("Grids"), "map-pin", "residents:grids", Duty.SEE_RESIDENTS),
            Way(_("Care"), "heart-handshake", "residents:key_groups", Duty.PAIR),
            Way(_("Import"), "file-text", "sheets:history", Duty.KEEP_ROSTER, ("roster",)),
        ),
    ),
    Section(
        _("Outreach"),
        "speakerphone",
        (
            Way(_("Overview"), "speakerphone", "campaigns:home", Duty.SEE_OUTREACH),
            Way(_("Calendar"), "calendar", "campaigns:calendar", Duty.SEE_OUTREACH),
            Way(_("Campaigns"), "star", "campaigns:campaigns", Duty.SEE_OUTREACH),
            Way(_("Coverage"), "chart-bar", "campaigns:coverage", Duty.SEE_OUTREACH),
            Way(_("Pushes"), "messages", "campaigns:pushes", Duty.SEE_OUTREACH),
            Way(_("Publicity sites"), "flag", "campaigns:sites", Duty.SEE_OUTREACH),
            Way(_("Materials"), "package", "campaigns:materials", Duty.SEE_OUTREACH),
            Way(_("Meetings"), "users-group", "campaigns:meetings", Duty.SEE_OUTREACH),
            Way(_("Problem list"), "clipboard-list", "campaigns:problems", Duty.SEE_OUTREACH),
            Way(_("Texts"), "book", "knowledge:texts", Duty.SEE_OUTREACH),
            Way(_("Rules"), "settings", "campaigns:rules", Duty.PLAN_OUTREACH, is_administrators=True),
        ),
    ),
    Section(
        _("Cases"),
        "gavel",
        (
            Way(_("Ledger"), "gavel", "cases:list", Duty.SEE_CASES),
            Way(_("Look-backs"), "repeat", "cases:look_backs", Duty.SEE_CASES),
            Way(_("Import"), "file-text", "sheets:history", Duty.KEEP_CASES, ("cases",)),
            Way(_("Rules"), "settings", "cases:rules", Duty.SEE_CASES, is_administrators=True),
        ),
    ),
    Section(
        _("Reports"),
        "chart-bar",
        (
            Way(_("Figures"), "chart-bar", "reports:dashboard", Duty.SEE_REPORTS),
            Way(_("Statistics of the clock"), "clock-exclamation", "reports:clock", Duty.SEE_REPORTS),
            Way(_("Monthly reports"), "file-text", "reports:monthly", Duty.SEE_REPORTS),
            Way(_("No-fraud communities"), "star", "reports:scores", Duty.SEE_REPORTS),
            Way(_("Inspections"), "search", "reports:inspections", Duty.SEE_REPORTS),
            Way(_("My files"), "download", "sheets:files", Duty.SEE_REPORTS),
        ),
    ),
    Section(_("My visits"), "door", (Way(_("My visits"), "door", "residents:visits", Duty.VISIT),)),
    Section(
        _("Alerts"),
        "list-details",
        (
            Way(_("All alerts"), "list-details", "alerts:list", Duty.SEE_ALERTS),
            Way(_("Duty roster"), "calendar", "alerts:roster", Duty.SEE_ALERTS),
            Way(_("Received messages"), "inbox", "alerts:received", Duty.WATCH_DESK),
            Way(_("Import"), "file-text", "sheets:history", Duty.WATCH_DESK, ("alerts",)),
            Way(_("After closing"), "phone-call", "alerts:afterwards", Duty.HANDLE_ALERTS),
            Way(_("Drills"), "flag", "alerts:drills", Duty.SEE_CLOCK),
            Way(_("Informants"), "messages", "alerts:informants", Duty.APPOINT),
            Way(_("Readiness"), "user-check", "alerts:readiness", Duty.SEE_CLOCK),
            Way(_("Lateness"), "clock-exclamation", "alerts:lateness", Duty.SEE_CLOCK),
            Way(_("Learning"), "search", "alerts:learning", Duty.SEE_CLOCK),
            Way(_("Replays"), "repeat", "alerts:replays", Duty.REPLAY),
            Way(_("Rules"), "settings", "alerts:rules", Duty.SEE_CLOCK, is_administrators=True),
        ),
    ),
    Section(
        _("Management"),
        "settings",
        (
            Way(_("Posts"), "users-group", "residents:posts", Duty.APPOINT),
            Way(_("Areas"), "map-pin", "residents:areas", Duty.APPOINT),
            Way(_("Group robots"), "send", "residents:robots", Duty.APPOINT),
            Way(_("Access log"), "eye", "residents:access_log", Duty.SEE_ACCESS),
            Way(_("Retention"), "trash", "residents:retention", Duty.SEE_ACCESS),
            Way(_("Rules"), "settings", "residents:rules", Duty.APPOINT, is_administrators=True),
        ),
    ),
)
"""In the order of daily use: the first stand in the top bar, the others under "More"."""


@dataclass(frozen=True, slots=True)
class Link:
    """A way or a section as a reader's page shows it."""

    label: str | Promise
    icon: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """The sections open to a reader, and the ways within the one they are in; no second bar for a single way."""

    sections: list[Link] = field(default_factory=list)
    here: Link | None = None
    ways: list[Link] = field(default_factory=list)


def ways_of(user: User, *, path: str, on: date) -> Ways:
    """Return what this user's posts allow on a day; current is what ``path`` lies on most narrowly."""
    open_to = [(section, ways) for section in SECTIONS if (ways := _open_ways(section, user, on=on))]
    urls = {way.url for _section, ways in open_to for way in ways}
    current = max((url for url in urls if path.startswith(url)), key=len, default="")
    links = [
        (section, [Link(way.label, way.icon, way.url, way.url == current) for way in ways]) for section, ways in open_to
    ]
    sections = [
        Link(section.label, section.icon, ways[0].url, any(way.is_current for way in ways)) for section, ways in links
    ]
    here = next((section for section in sections if section.is_current), None)
    mine = next((ways for section, (_of, ways) in zip(sections, links, strict=True) if section.is_current), [])
    return Ways(sections, here, mine if len(mine) > 1 else [])


def _open_ways(section: Section, user: User, *, on: date) -> list[Way]:
    return [
        way
        for way in section.ways
        if scope_codes(user, way.duty, on) != () and (user.is_superuser or not way.is_administrators)
    ]


BEGINS_AT = ("alerts:desk", "alerts:tasks", "residents:visits", "reports:dashboard", "campaigns:home")
"""Where a day begins: the first of these that somebody may open, else the first way there is."""


def begins_at(user: User, *, on: date) -> str:
    """Return the address of the page at which this user's day begins; "" for somebody without any."""
    open_to = list(chain.from_iterable(_open_ways(section, user, on=on) for section in SECTIONS))
    first = (way.url for name in BEGINS_AT for way in open_to if way.url_name == name)
    return next(chain(first, (way.url for way in open_to)), "")
