"""The library of texts as screens, paper and chat groups show it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import segno
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry, User
from accounts.roles import Duty
from knowledge.models import Text, TextVersion
from knowledge.policy import STORY, Sheet, Shelf, is_public, read_instead, sheets_of, shelf_of
from residents.access import fewest, scope_codes, within
from residents.models import COMMUNITY_DIGITS, Area
from residents.models.areas import AreaQuerySet

KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
HISTORY_SHOWN = 30

VERBS: dict[str, str | Promise] = {
    "knowledge.text_written": _("written for this community"),
    "knowledge.text_changed": _("changed"),
    "knowledge.text_reset": _("set back to the general text"),
    "knowledge.text_added": _("written"),
    "knowledge.text_drafted": _("drafted from an alert"),
    "knowledge.text_released": _("released"),
}


def communities_of(user: User, duty: Duty, *, on: date) -> AreaQuerySet:
    """Return the communities whose texts somebody has a duty for; a post in a grid counts for its community."""
    codes = scope_codes(user, duty, on)
    widened = None if codes is None else fewest(code[:COMMUNITY_DIGITS] for code in codes)
    return Area.objects.communities().filter(within("code", widened)).order_by("code")


def may_write(user: User, community_code: str, *, on: date) -> bool:
    """Say whether somebody writes the texts of a community."""
    return communities_of(user, Duty.PLAN_OUTREACH, on=on).filter(code=community_code).exists()


def names_of(user: User, *, on: date) -> dict[str, str]:
    """Return the communities whose texts somebody reads, by their codes."""
    return dict(communities_of(user, Duty.SEE_OUTREACH, on=on).values_list("code", "name"))


def general_text(key: str) -> Text | None:
    """Return the text for every community without one of its own."""
    return Text.objects.for_area(key, "") if KEY.fullmatch(key) else None


def text_for(key: str, community_code: str) -> Text | None:
    """Return the text that holds in a community; None for a key nobody knows, however it is typed."""
    return Text.objects.for_area(key, community_code) if KEY.fullmatch(key) else None


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text in the library of a community."""

    key: str
    title: str
    beginning: str
    is_own: bool
    is_public: bool
    is_draft: bool
    url: str


@dataclass(frozen=True, slots=True)
class ShelfRows:
    """The texts of one shelf."""

    title: str
    rows: tuple[TextRow, ...]


def library(community_code: str, *, with_drafts: bool) -> list[ShelfRows]:
    """Return the texts that hold in a community, by shelf; "" is the general library. One query.

    Drafts are shown to who writes texts there, ``with_drafts``.
    """
    rows: dict[Shelf, list[TextRow]] = {shelf: [] for shelf in Shelf}
    for text in Text.objects.holding_in(community_code):
        if text.is_draft and not with_drafts:
            continue
        rows[shelf_of(text.key)].append(_row(text, community_code))
    return [ShelfRows(str(shelf.label), tuple(some)) for shelf, some in rows.items() if some]


def _row(text: Text, community_code: str) -> TextRow:
    return TextRow(
        key=text.key,
        title=text.title,
        beginning=text.lines[0] if text.lines else "",
        is_own=bool(text.community_code),
        is_public=is_public(text.key),
        is_draft=text.is_draft,
        url=page_url("text", text.key, community_code),
    )


def page_url(name: str, key: str, community_code: str) -> str:
    """Return the address of a page about a text: the community's, else the general one's."""
    if community_code:
        return reverse(f"knowledge:{name}", args=[community_code, key])
    return reverse(f"knowledge:general_{name}", args=[key])


def read_url(key: str, community_code: str) -> str:
    """Return the address of the public page that a code on paper, or a line in a chat group, leads to."""
    shown = read_instead(key)
    if community_code:
        return reverse("knowledge:read", args=[shown, community_code])
    return reverse("knowledge:read_general", args=[shown])


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a text, when, how."""

    at: datetime
    who: str
    what: str | Promise


@dataclass(frozen=True, slots=True)
class Version:
    """How a text once read, and who wrote it so; as it was shipped, nobody."""

    pk: int
    at: datetime
    who: str
    title: str
    lines: tuple[str, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class TextPage:
    """One text as it holds in a community."""

    text: Text
    key: str
    community_code: str
    community: str
    shelf: str
    is_own: bool
    is_public: bool
    to_copy: str
    read_url: str
    sheets: tuple[Sheet, ...]
    history: tuple[Change, ...]
    versions: tuple[Version, ...]
    is_story: bool
    restore_url: str
    release_url: str
    edit_url: str
    paper_url: str


def text_page(text: Text, *, community: Area | None, absolute: Callable[[str], str]) -> TextPage:
    """Return what the page of a text shows; ``absolute`` makes a path of this site into an address."""
    code = community.code if community else ""
    return TextPage(
        text=text,
        key=text.key,
        community_code=code,
        community=community.name if community else "",
        shelf=str(shelf_of(text.key).label),
        is_own=bool(text.community_code),
        is_public=is_public(text.key) and not text.is_draft,
        to_copy=_to_copy(text, code, absolute=absolute),
        read_url=absolute(read_url(text.key, code)),
        sheets=sheets_of(text.key),
        history=tuple(_history(text, code)),
        versions=tuple(_versions(text)),
        is_story=text.key.startswith(STORY),
        restore_url=page_url("restore", text.key, text.community_code),
        release_url=page_url("release", text.key, code) if text.is_draft and code else "",
        edit_url=page_url("edit", text.key, code),
        paper_url=page_url("paper", text.key, code),
    )


def _history(text: Text, community_code: str) -> list[Change]:
    """Return who changed a text here, also what was set back since: that row is gone, the trail has its key."""
    about = AuditEntry.objects.filter(object_type=Text._meta.label_lower)
    here = Q(detail__key=text.key, area_code=community_code)
    # The administration writes no key along.
    if text.community_code == community_code:
        here |= Q(object_id=str(text.pk))
    lines = about.filter(here).select_related("actor")[:HISTORY_SHOWN]
    return [Change(line.at, str(line.actor or ""), VERBS.get(line.verb, line.verb)) for line in lines]


def _versions(text: Text) -> list[Version]:
    """Return how a text read, the present words first; none where it was never changed."""
    kept = TextVersion.objects.filter(key=text.key, community_code=text.community_code).select_related("by")
    return [
        Version(one.pk, one.at, str(one.by or ""), str(one), tuple(one.lines), is_current=place == 0)
        for place, one in enumerate(kept[:HISTORY_SHOWN])
    ]


def version_of(text: Text, number: str) -> TextVersion | None:
    """Return a version of a text by its number; ``None`` for one of another, or no number at all."""
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    return TextVersion.objects.filter(key=text.key, community_code=text.community_code, pk=int(number)).first()


def _to_copy(text: Text, community_code: str, *, absolute: Callable[[str], str]) -> str:
    """Return a text for a chat group: the title, the lines, and where to read it again."""
    link = [absolute(read_url(text.key, community_code))] if is_public(text.key) and not text.is_draft else []
    return "\n".join([f"【{text.title}】", *text.lines, *link])


def text_to_send(key: str, community_code: str, *, absolute: Callable[[str], str]) -> str:
    """Return a text for a chat group by its key; "" for one nobody knows, or that is not for residents."""
    text = text_for(key, community_code)
    may_go_out = text is not None and is_public(key) and not text.is_draft
    return _to_copy(text, community_code, absolute=absolute) if text is not None and may_go_out else ""


def texts_to_send(community_code: str) -> list[tuple[str, str]]:
    """Return the texts for residents that hold in a community: key and title."""
    held = Text.objects.holding_in(community_code)
    return [(text.key, text.title) for text in held if is_public(text.key) and not text.is_draft]


def qr_of(address: str) -> SafeString:
    """Return a QR code of an address as SVG, drawn in black whatever the theme: it stands on white."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(border=2, omitsize=True, dark="#000")
    # Ours from end to end: squares of a path, no word of anybody's in it.
    return mark_safe(drawn)  # noqa: S308
