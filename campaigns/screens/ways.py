"""The ways within outreach: the second bar of every one of its pages."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Duty
from residents.access import scope_codes


@dataclass(frozen=True, slots=True)
class Way:
    """One way: shown to whom has the duty, to nobody else."""

    label: str | Promise
    icon: str
    url_name: str
    duty: Duty
    is_administrators: bool = False


WAYS: tuple[Way, ...] = (
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
)
"""In the order of use. Newcomers, lists to enter and the standard sentence hang on the overview and the coverage."""


@dataclass(frozen=True, slots=True)
class Link:
    """A way as this reader's page shows it."""

    label: str | Promise
    icon: str
    url: str
    is_current: bool


def ways_of(user: User, *, path: str, on: date) -> list[Link]:
    """Return the ways this user's posts allow on a day; the one that ``path`` lies on most narrowly is current."""
    open_to = [
        way
        for way in WAYS
        if scope_codes(user, way.duty, on) != () and (user.is_superuser or not way.is_administrators)
    ]
    urls = [reverse(way.url_name) for way in open_to]
    current = max((url for url in urls if path.startswith(url)), key=len, default="")
    return [Link(way.label, way.icon, url, url == current) for way, url in zip(open_to, urls, strict=True)]
