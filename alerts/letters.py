"""The words in which people are told of an alert.

A letter's title and body are for its reader alone and may name the address, never more of the resident than the task
needs; its public text goes to group robots and carries no resident's name, number or address (field-notes.md, "Office
habits").
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from django.db.models import IntegerChoices
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.clock import local
from accounts.formats import hour_minute
from accounts.personal_data import mask_name
from alerts.models import Alert
from alerts.policy import Level
from alerts.teams import Person
from notifications.services import Letter


class Tiding(IntegerChoices):
    """What a letter is about, the most pressing first; one letter may carry several."""

    YOURS = 1, _("It is yours: accept it now")
    NOBODY = 2, _("Nobody is available: find somebody")
    HELP = 3, _("Help is needed: join in")
    UNPLACED = 4, _("No grid is known: choose one")
    REMIND = 5, _("Not dispatched yet: dispatch it now")
    BREACHED = 6, _("Overdue")
    ESCALATED = 7, _("Nobody has accepted yet; it was handed on")
    IDLE = 8, _("Accepted, nothing recorded since")
    UNDELIVERED = 9, _("A message was not delivered: telephone instead")
    FAULT = 10, _("The clock failed three times at one step: act by hand")
    RAISED = 11, _("The risk is higher now, and its time has started")
    JOINED = 12, _("Another alert about the same person")
    ARRIVED = 13, _("A new alert at the grid")


KIND: Mapping[Tiding, str] = {tiding: f"alert.{tiding.name.lower()}" for tiding in Tiding}


def write(
    alert: Alert,
    *,
    to: Person,
    tidings: Collection[Tiding],
    key: str,
    purpose: str,
    due_at: datetime | None,
    grid_name: str,
) -> Letter:
    """Return one letter to one person, in their language.

    Args:
        tidings: what it says, merged into one letter.
        key: what makes it unique; the same key is told once.
        purpose: the objective it belongs to: meeting that withdraws it.
        due_at: when that objective is due; ``None`` where nothing is.
        grid_name: where, in words fit for a group.
    """
    words = _words(
        to.language,
        tuple(sorted(tidings)),
        level=alert.level,
        is_drill=alert.is_drill,
        grid_name=grid_name,
        limit=local(due_at).replace(second=0, microsecond=0) if due_at else None,
    )
    who = " ".join(filter(None, [mask_name(alert.subject_name), alert.subject_address]))
    return Letter(
        key=key,
        recipient_id=to.pk,
        kind=KIND[min(tidings)],
        urgency=alert.level,
        subject=alert.subject_key,
        purpose=purpose,
        title=words.title,
        body="\n".join(filter(None, [who, *words.lines])),
        public_text=words.public,
        url=_path().format(pk=alert.pk),
        area_code=alert.area_code,
    )


@cache
def _path() -> str:
    """Return an alert's address with a place for its number, resolved once for all letters."""
    return reverse("alerts:detail", args=[0]).replace("/0/", "/{pk}/")


@dataclass(frozen=True, slots=True)
class _Words:
    """What a letter says but for whom it is about."""

    title: str
    lines: tuple[str, ...]
    public: str


@lru_cache(maxsize=1024)
def _words(
    language: str, tidings: tuple[Tiding, ...], *, level: str, is_drill: bool, grid_name: str, limit: datetime | None
) -> _Words:
    """Return the words of a letter. In a burst a thousand letters share a few dozen of them; the subject is in none."""
    with translation.override(language):
        first, *others = (str(tiding.label) for tiding in tidings)
        where = grid_name or gettext("no grid")
        drill = pgettext("before an alert that is an exercise", "[DRILL]") if is_drill else ""
        before = gettext("before {time}").format(time=hour_minute(limit)) if limit else ""
        level_word = str(Level(level).label)
        public = gettext("{drill}[{level}] {where}: 1 alert, {limit}").format(
            drill=drill, level=level_word, where=where, limit=before or first
        )
        return _Words(
            title=" · ".join(filter(None, [f"{drill}[{level_word}] {where}", first])),
            lines=tuple(filter(None, [before, *others])),
            public=public,
        )
