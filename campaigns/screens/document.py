"""A campaign as the document it leaves as: the parts of a case report, in their order."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.formats import day, decimals, hour_minute
from campaigns.figures.outcomes import Outcome, Totals
from campaigns.models import BudgetLine, Campaign, Event, EventPhoto
from campaigns.policy import EventState, PhotoKind
from campaigns.screens.campaigns import CampaignPage
from sheets.writing.word import Block, Heading, Photo, Photos, Table, Words

MOST_PHOTOS = 24
"""A document with more is too large to be sent on."""


def title_lines(campaign: Campaign) -> list[str]:
    """Return what stands under the title: whose campaign, and when."""
    return [campaign.area.name, f"{day(campaign.starts_on)} – {day(campaign.ends_on)}"]


def blocks_of(page: CampaignPage) -> list[Block]:
    """Return a campaign's document: background, analysis, plan, what was done, evaluation, reflection."""
    texts = {part.name: part.text.strip() or _("(not filled in)") for part in page.parts}
    return [
        Heading(1, _("Background")),
        Words(texts["background"]),
        Heading(1, _("Analysis")),
        Heading(2, _("Problems")),
        *_three(texts, "problems"),
        Heading(2, _("Needs")),
        *_three(texts, "needs"),
        Heading(1, _("Service plan")),
        Heading(2, _("Theory")),
        Words(texts["theory"]),
        Heading(2, _("Service objectives")),
        Words(texts["objectives"]),
        Heading(2, _("Arrangement")),
        Words(texts["plan"]),
        *_partners(page.events),
        *_budget(page),
        Heading(1, _("What was done")),
        Words(texts["actual"]),
        *_events(page.events),
        *_photos(page.campaign),
        Heading(1, _("Evaluation")),
        *_results(page.totals),
        Words(texts["evaluation"]),
        Heading(1, _("Professional reflection")),
        Words(texts["reflection"]),
        *_reflections(page.campaign),
    ]


def _three(texts: dict[str, str], what: str) -> Iterable[Block]:
    titles = {"macro": _("Macro level"), "meso": _("Meso level"), "micro": _("Micro level")}
    for level, title in titles.items():
        yield Heading(3, title)
        yield Words(texts[f"{what}_{level}"])


def _partners(events: Sequence[Outcome]) -> Iterable[Block]:
    """Name the partners, planned and come; nothing where there are none."""
    planned = _unlike(name for row in events for name in row.partners_planned)
    come = _unlike(name for row in events for name in row.partners_come)
    if planned or come:
        yield Heading(2, _("Partner organisations"))
        yield Words(_("Planned: {names}").format(names="、".join(planned) or "–"))
        yield Words(_("Came: {names}").format(names="、".join(come) or "–"))


def _unlike(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _budget(page: CampaignPage) -> Iterable[Block]:
    if not page.budget:
        return
    yield Heading(2, _("Budget"))
    yield Table(
        head=(
            _("Item"),
            _("Price of one, yuan"),
            _("Planned number"),
            _("Planned, yuan"),
            _("Actual number"),
            _("Actual, yuan"),
        ),
        rows=[
            *map(_budget_row, page.budget),
            (_("Total"), "", "", _money(page.planned_cost), "", _money(page.actual_cost)),
        ],
        widths=(5, 3, 3, 3, 3, 3),
        numbers=(1, 2, 3, 4, 5),
        has_total=True,
    )


def _budget_row(line: BudgetLine) -> tuple[str, ...]:
    return (
        line.item,
        _money(line.unit_price),
        str(line.planned),
        _money(line.planned_cost),
        _or_dash(line.actual),
        _money(line.actual_cost),
    )


def _events(events: Sequence[Outcome]) -> Iterable[Block]:
    if not events:
        return
    yield Heading(2, _("Events, planned and actual"))
    yield Table(
        head=(_("When and where"), _("Event"), "", _("Partners"), _("Visitors"), _("Volunteers")),
        rows=[row for event in events for row in _pair(event)],
        widths=(7, 6, 3, 6, 3, 3),
        numbers=(4, 5),
    )


def _pair(event: Outcome) -> Iterable[tuple[str, ...]]:
    """Write one event in two rows: as planned, and as it was."""
    where = " ".join(filter(None, (event.area, event.place)))
    when = f"{day(event.starts_at)} {hour_minute(event.starts_at)}"
    planned = "、".join(event.partners_planned) or "–"
    numbers = (_or_dash(event.expected_heads), _or_dash(event.volunteers_planned))
    yield (when, event.title, _("planned"), planned, *numbers)
    if event.is_held:
        come = "、".join(event.partners_come) or "–"
        yield (where, event.form, _("actual"), come, str(event.heads), str(event.volunteers))
    else:
        yield (where, event.form, str(EventState(event.state).label), "", "", "")


def _results(totals: Totals) -> Iterable[Block]:
    """Count what came of it in one sentence, and nothing where nothing was held."""
    if not totals.held:
        return
    yield Words(
        _(
            "{held} events held; {heads} visits counted ({expected} expected); {handed_out} pieces of material handed "
            "out; {installs} apps installed; {pledges} pledges signed; {volunteers} volunteers ({planned} planned)."
        ).format(
            held=totals.held,
            heads=decimals(totals.heads, 0),
            expected=decimals(totals.expected_heads, 0),
            handed_out=decimals(totals.handed_out, 0),
            installs=decimals(totals.installs, 0),
            pledges=decimals(totals.pledges, 0),
            volunteers=totals.volunteers,
            planned=totals.volunteers_planned,
        )
    )


def _reflections(campaign: Campaign) -> Iterable[Block]:
    held = list(campaign.events.held().with_reflection().earliest_first())
    if held:
        yield Heading(2, _("Written down after the events"))
        for event in held:
            yield Words(f"{day(event.starts_at)} {event.title}：{event.reflection}")


def _photos(campaign: Campaign) -> Iterable[Block]:
    of_events = EventPhoto.objects.filter(event__campaign=campaign, kind=PhotoKind.EVENT)
    rows = of_events.select_related("event").order_by("event__starts_at", "pk")[:MOST_PHOTOS]
    photos = [photo for row in rows if (photo := _read(row, row.event)) is not None]
    if photos:
        yield Heading(2, _("Photos"))
        yield Photos(photos)


def _read(row: EventPhoto, event: Event) -> Photo | None:
    try:
        with row.file.open("rb") as file:
            return Photo(file.read(), row.caption or f"{event.title} {day(event.starts_at)}")
    except OSError:  # a file that is gone leaves its place empty
        return None


def _money(amount: Decimal | None) -> str:
    return "–" if amount is None else decimals(amount, 2)


def _or_dash(number: int | None) -> str:
    return "–" if number is None else str(number)
