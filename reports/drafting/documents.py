"""The bulletin (通报) and the work summary (工作总结) in the offices' structure. Nobody is named in either."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.formats import TEN_THOUSAND, decimals, percent_change
from reports.drafting.words import standard_sentence, taught_of, top_types
from reports.figures.shapes import Figures
from reports.formats import period_name
from reports.policy import Section, change
from sheets.writing.word import Block, Heading, Signed, Table, Words, word_document


@dataclass(frozen=True, slots=True)
class Paperwork:
    """What a document is written from. What anybody may read is another paper: ``reports.drafting.public``."""

    figures: Figures
    words: dict[str, str]
    signed_on: str
    is_draft: bool


def bulletin(paper: Paperwork) -> bytes:
    """Return the bulletin: situation, features, shortcomings, next steps, who is commended."""
    about = _about(paper.figures)
    blocks: list[Block] = [Words(_("To all below:"))]
    for section in Section:
        text = paper.words.get(section, "").strip()
        if text:
            blocks += [Heading(1, str(section.label)), Words(text)]
        if section == Section.SITUATION:
            blocks += _areas_table(paper)
        if section == Section.FEATURES:
            blocks += _types_table(paper)
    blocks.append(_signature(paper))
    return word_document(
        title=_("Bulletin on telecom and online fraud, {area}, {period}").format(**about),
        lines=_marks(paper),
        blocks=blocks,
    )


def work_summary(paper: Paperwork) -> bytes:
    """Return the work summary: situation, what was done, shortcomings, next steps."""
    about = _about(paper.figures)
    blocks: list[Block] = [
        Heading(1, _("Situation")),
        Words(paper.words.get(Section.SITUATION, "")),
        Heading(1, pgettext("a work summary", "What was done")),
        *_done(paper.figures),
        Heading(1, _("Shortcomings")),
        Words(paper.words.get(Section.SHORTCOMINGS, "")),
        Heading(1, _("Next steps")),
        Words(paper.words.get(Section.STEPS, "")),
        _signature(paper),
    ]
    return word_document(
        title=_("Summary of anti-fraud work, {area}, {period}").format(**about), lines=_marks(paper), blocks=blocks
    )


def _about(figures: Figures) -> dict[str, str]:
    return {"area": figures.area_name, "period": period_name(figures.span)}


def _marks(paper: Paperwork) -> list[str]:
    return [_("(Draft, not signed)")] if paper.is_draft else []


def _signature(paper: Paperwork) -> Signed:
    return Signed([paper.figures.area_name, paper.signed_on])


def _areas_table(paper: Paperwork) -> Iterable[Block]:
    figures = paper.figures
    if not figures.areas:
        return
    head = [
        _("Area"),
        _("this period"),
        _("period before"),
        _("last year"),
        _("lost (10,000 yuan)"),
        _("60 and over reached"),
    ]
    rows = [
        [
            row.name,
            *(str(one.count) for one in (row.cases.now, row.cases.before, row.cases.last_year)),
            _wan(row.cases.now.lost),
            f"{row.elders.reached} / {row.elders.should}",
        ]
        for row in figures.areas
    ]
    now, before, last = figures.cases.now, figures.cases.before, figures.cases.last_year
    total = [
        _("Total"),
        *(str(one.count) for one in (now, before, last)),
        _wan(now.lost),
        f"{figures.elders.reached} / {figures.elders.should}",
    ]
    yield Table(head, [*rows, total], widths=(5, 3, 3, 3, 4, 4), numbers=(1, 2, 3, 4, 5), has_total=True)


def _wan(amount: Decimal) -> str:
    return decimals(amount / TEN_THOUSAND, 2)


def _types_table(paper: Paperwork) -> Iterable[Block]:
    figures = paper.figures
    types = top_types(figures)
    if not types:
        return
    head = [
        _("Type of fraud"),
        _("this period"),
        _("period before"),
        pgettext("column", "change"),
        _("lost (10,000 yuan)"),
        _("events that taught it"),
    ]
    rows = [
        [
            row.name,
            str(row.sums.now.count),
            str(row.sums.before.count),
            _changed(row.sums.now.count, row.sums.before.count),
            _wan(row.sums.now.lost),
            str(taught_of(figures, row)),
        ]
        for row in types
    ]
    yield Table(head, rows, widths=(6, 3, 3, 4, 4, 4), numbers=(1, 2, 3, 4, 5))


def _changed(now: int, base: int) -> str:
    return percent_change(change(now, base).percent, more=str(now) if now else "")


def _done(figures: Figures) -> Iterable[Block]:
    """Say what was done, kind of work by kind of work."""
    work, alerts = figures.outreach.now, figures.alerts.now
    yield Heading(2, _("Outreach"))
    yield Words(standard_sentence(figures))
    yield Words(
        _(
            "Events held {events} ({before} in the period before), {heads} visits, {people} different people reached "
            "by name, {pledges} pledges signed."
        ).format(
            events=work.events,
            before=figures.outreach.before.events,
            heads=decimals(work.heads, 0),
            people=decimals(work.people, 0),
            pledges=work.pledges,
        )
    )
    yield Heading(2, _("Alerts and dissuasion"))
    yield Words(
        _(
            "Alerts received {received} ({before} in the period before); dissuaded {dissuaded}, saw through it alone "
            "{alone}, defrauded all the same {defrauded}."
        ).format(
            received=alerts.received,
            before=figures.alerts.before.received,
            dissuaded=alerts.dissuaded.part,
            alone=alerts.saw_through,
            defrauded=alerts.defrauded,
        )
    )
    yield Heading(2, _("Care"))
    yield Words(_("Visits to paired residents kept: {kept}.").format(kept=figures.visits))


def document_names(figures: Figures) -> Sequence[str]:
    """Return the file names of the workbook, the bulletin and the summary: area and period, nobody's name."""
    about = _about(figures)
    return (
        _("{area} {period} report.xlsx").format(**about),
        _("{area} {period} bulletin.docx").format(**about),
        _("{area} {period} work summary.docx").format(**about),
    )
