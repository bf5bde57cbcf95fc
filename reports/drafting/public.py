"""The bulletin as anybody may read it (向社会公开的版本): numbers that speak of nobody, and what to do.

It is written from the figures of a signed report alone. What people wrote is not in it: their words name grids and
single cases. Nor are amounts, shares or changes that would tell a number which its table hides
(``reports.policy.masked``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.formats import decimals, headline
from reports.figures.shapes import CaseSums, Compared, Figures
from reports.formats import cases_changed, number, numbers, period_name
from reports.policy import PUBLIC_FROM
from sheets.writing.word import Block, Heading, Signed, Table, Words, word_document


@dataclass(frozen=True, slots=True)
class PublicTable:
    """Rows with the cases of this period, the one before and a year ago; the last is their total."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class PublicBulletin:
    """What is posted: its title, what it says, its tables, how they are to be read, who posts it, and as of when."""

    title: str
    said: Sequence[str]
    tables: Sequence[PublicTable]
    notes: Sequence[str]
    advice: Sequence[str]
    by: str
    on: str


def public_bulletin(figures: Figures, *, on: str) -> PublicBulletin:
    """Return the public version of a report's bulletin; ``on`` is the day it was signed, in words."""
    about = {"area": figures.area_name, "period": period_name(figures.span)}
    return PublicBulletin(
        title=_("Telecom and online fraud in {area}, {period}").format(**about),
        said=[*_situation(figures), *_work(figures)],
        tables=list(_tables(figures)),
        notes=[
            _("Numbers under {least} are not told ({few}); * stands where a number would tell one of these.").format(
                least=PUBLIC_FROM, few=number(1, is_public=True)
            ),
            _("Counted by where the victims live. Nobody is named."),
        ],
        advice=[
            _("No office, bank or court ever asks for a transfer to a “safe account” by phone, or for a code."),
            _("Hang up, and ask 96110 first. If money has left already, call 110 at once: the first half hour counts."),
        ],
        by=figures.area_name,
        on=on,
    )


def public_document(bulletin: PublicBulletin) -> bytes:
    """Return the public version as a Word document."""
    blocks: list[Block] = [Words("\n".join(bulletin.said))]
    for table in bulletin.tables:
        blocks.append(Heading(1, table.title))
        blocks.append(Table(table.head, table.rows, widths=(7, 3, 3, 3), numbers=(1, 2, 3), has_total=True))
    blocks.append(Words("\n".join(bulletin.notes)))
    blocks.append(Heading(1, _("What to do")))
    blocks.append(Words("\n".join(bulletin.advice)))
    blocks.append(Signed([bulletin.by, bulletin.on]))
    return word_document(title=bulletin.title, lines=[], blocks=blocks)


def _is_told(count: int) -> bool:
    """Say whether a number is told: nought is, so few that they are somebody are not."""
    return not 0 < count < PUBLIC_FROM


def _situation(figures: Figures) -> Iterator[str]:
    now, before, last = figures.cases.now, figures.cases.before, figures.cases.last_year
    if not now.count:
        yield _("In {period} no case was reported in {area}.").format(
            period=period_name(figures.span), area=figures.area_name
        )
        return
    if not _is_told(now.count):
        yield _("In {period} fewer than {least} cases were reported in {area}.").format(
            period=period_name(figures.span), area=figures.area_name, least=PUBLIC_FROM
        )
        return
    yield ngettext(
        "In {period} {count} case was reported in {area}; {lost} were lost.",
        "In {period} {count} cases were reported in {area}; {lost} were lost.",
        now.count,
    ).format(
        period=period_name(figures.span),
        count=decimals(now.count, 0),
        area=figures.area_name,
        lost=headline(now.lost),
    )
    if _is_told(before.count) and _is_told(last.count):
        yield _("Against the period before: {before}; against the same period last year: {last}.").format(
            before=cases_changed(now.count, before.count), last=cases_changed(now.count, last.count)
        )


def _work(figures: Figures) -> Iterator[str]:
    work = figures.outreach.now
    yield _("Outreach: {events} events, {households} households visited, {pushes} messages in chat groups.").format(
        events=decimals(work.events, 0), households=decimals(work.households, 0), pushes=decimals(work.posts, 0)
    )


def _tables(figures: Figures) -> Iterator[PublicTable]:
    head = (_("this period"), _("period before"), _("last year"))
    if len(figures.areas) > 1:
        areas = [(row.name, row.cases) for row in figures.areas]
        yield PublicTable(_("Area by area"), (_("Area"), *head), _rows(areas, figures.cases))
    types = [(row.name, row.sums) for row in figures.types if not row.parent]
    if types:
        yield PublicTable(_("Types of fraud"), (_("Type of fraud"), *head), _rows(types, figures.cases))


def _rows(parts: Sequence[tuple[str, Compared[CaseSums]]], whole: Compared[CaseSums]) -> list[list[str]]:
    """Return the rows of a table and its total, each column hidden for itself."""
    columns = [
        [*numbers([getattr(sums, at).count for _name, sums in parts], is_public=True), number(total, is_public=True)]
        for at in ("now", "before", "last_year")
        for total in (getattr(whole, at).count,)
    ]
    names = [*(name for name, _sums in parts), pgettext("column", "total")]
    return [[name, *cells] for name, *cells in zip(names, *columns, strict=True)]
