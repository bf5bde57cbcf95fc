"""What the pages of a file show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.paging import ListPage, page_number
from accounts.personal_data import mask_name
from sheets.models import Import, State, Verdict

HOW_MANY = {
    Verdict.NEW: "new",
    Verdict.CHANGED: "changed",
    Verdict.CONFLICT: "conflicts",
    Verdict.ERROR: "errors",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One verdict of the preview: its word, how many rows, and whether it is the one shown."""

    verdict: str
    label: str
    number: int
    is_current: bool
    is_bad: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """One page of one verdict."""

    tabs: list[Tab]
    verdict: str
    page: ListPage


def preview_of(sheet: Import, *, shown: str, number: str, sees_minors: bool) -> Preview:
    """Return one page of the preview; what is not asked for rightly shows the first rows that need somebody."""
    wanted = [verdict for verdict, key in HOW_MANY.items() if sheet.counts.get(key)]
    first = next(
        (verdict for verdict in (Verdict.ERROR, Verdict.CONFLICT, Verdict.CHANGED) if verdict in wanted), "new"
    )
    verdict = shown if shown in wanted else first
    pages = sheet.pages.filter(kind=verdict)
    page = pages.filter(number=page_number(number)).first() or pages.filter(number=1).first()
    at = page.number if page is not None else 1
    tabs = [
        Tab(
            verdict=one,
            label=str(Verdict(one).label),
            number=sheet.counts.get(key, 0),
            is_current=one == verdict,
            is_bad=one in {Verdict.ERROR, Verdict.CONFLICT},
        )
        for one, key in HOW_MANY.items()
    ]
    rows = ListPage(
        rows=[_seen(row, sees_minors=sees_minors) for row in page.rows] if page is not None else [],
        number=at,
        has_next=pages.filter(number=at + 1).exists(),
        count=sheet.counts.get(HOW_MANY[Verdict(verdict)], 0),
    )
    return Preview(tabs=tabs, verdict=str(verdict), page=rows)


def _seen(row: dict[str, Any], *, sees_minors: bool) -> dict[str, Any]:
    """Return a row as its reader may see it: of a minor no more than that there is one, and what is wrong."""
    if sees_minors or not row.get("is_minors"):
        return row
    hidden = _("About a minor: shown to those alone who may see minors.")
    return row | {"who": mask_name(row["who"]), "changes": [], "message": hidden}


@dataclass(frozen=True, slots=True)
class Line:
    """One file of the history."""

    pk: int
    file_name: str
    area: str
    who: str
    at: datetime
    state: str
    said: str
    is_at_work: bool


def history_of(sheets: list[Import], *, areas: dict[str, str]) -> list[Line]:
    """Return the files handed in, newest first."""
    return [
        Line(
            pk=sheet.pk,
            file_name=sheet.file_name,
            area=areas.get(sheet.area_code, sheet.area_code),
            who=str(sheet.by) if sheet.by is not None else _("command line"),
            at=sheet.at,
            state=str(sheet.get_state_display()),
            said=counts_in_words(sheet),
            is_at_work=sheet.is_at_work,
        )
        for sheet in sheets
    ]


def counts_in_words(sheet: Import) -> str:
    """Return what a file did or would do: "394 new, 6 wrong"."""
    if sheet.state in {State.WAITING, State.READING, State.REFUSED}:
        return ""
    counts = sheet.counts
    said = [
        (counts.get("new", 0), _("%(number)d new")),
        (counts.get("changed", 0), _("%(number)d changed")),
        (counts.get("same", 0), _("%(number)d the same")),
        (counts.get("conflicts", 0), _("%(number)d parked")),
        (counts.get("errors", 0), _("%(number)d wrong")),
    ]
    return _(", ").join(words % {"number": number} for number, words in said if number)
