"""The words of a report, drafted from its numbers: what happened, to whom, what was not done, what to do next.

Nobody is named. Both counts stand beside every percentage; a base of zero is said in words; what was prevented is
called an estimate (field-notes.md "Statistics"). Types are held against what was taught, because the law asks that
publicity follow how victims are distributed (反电信网络诈骗法, article 8).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.formats import TEN_THOUSAND, decimals, headline, percent_change, share, yuan
from cases.policy import Verdict
from reports.figures.ledgers import Ledgers
from reports.figures.places import REST
from reports.figures.shapes import AreaRow, Compared, Figures, Part, TypeRow
from reports.formats import period_name
from reports.policy import Change, Direction, Section, change

T = TypeVar("T", int, Decimal)

MOST_NAMED = 3
"""So many types, grids and groups are named in one list: a text that names all is a table."""
LOW_COVER = Decimal("0.65")
"""Below this share of those over 60 a grid is called a blind spot: S1 found 35 % never on site and called it one."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the words are drafted from."""

    figures: Figures
    ledgers: Ledgers
    pushes_at_least: int
    missing: Sequence[str] = ()
    is_summary: bool = False


def drafted_words(material: Material) -> dict[str, str]:
    """Return the text by section, a paragraph a line."""
    texts = {
        Section.SITUATION: _situation(material),
        Section.FEATURES: _features(material),
        Section.SHORTCOMINGS: _shortcomings(material),
        Section.STEPS: _steps(material),
        Section.COMMENDED: _commended(material),
    }
    return {str(section): "\n".join(filter(None, lines)) for section, lines in texts.items()}


# ── the situation ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _situation(material: Material) -> Iterator[str]:
    figures = material.figures
    cases, now = figures.cases, figures.cases.now
    counts = Compared(now.count, cases.before.count, cases.last_year.count)
    lost = Compared(now.lost, cases.before.lost, cases.last_year.lost)
    if material.is_summary:
        yield _added_from(material)
    yield _(
        "In {period}, {count} cases were reported in {area}, {filed} of them filed by the police; {change}."
    ).format(
        period=period_name(figures.span),
        area=figures.area_name,
        count=now.count,
        filed=now.filed,
        change=_(", ").join(held_against(counts, write=str, more=cases_in_words)),
    )
    yield _("Residents lost {lost}; {change}. {frozen} was frozen and {returned} returned.").format(
        lost=money(now.lost),
        change=_(", ").join(held_against(lost, write=money)),
        frozen=money(now.frozen),
        returned=money(now.returned),
    )
    yield _("{prevented} was prevented by dissuasion: an estimate, not counted among the losses.").format(
        prevented=money(now.prevented)
    )
    yield _alerts(figures)
    yield _("This year so far: {count} cases, {lost} lost. Days without a case in the period: {zero}.").format(
        count=figures.year_to_date.count, lost=money(figures.year_to_date.lost), zero=figures.zero_days
    )
    yield _work(figures)


def _added_from(material: Material) -> str:
    signed = len(material.figures.areas)
    if not material.missing:
        return _("Added up from the signed reports of all {signed} communities.").format(signed=signed)
    return _("Added up from the signed reports of {signed} communities. Missing: {names}.").format(
        signed=signed, names=_listed(material.missing)
    )


def held_against(
    numbers: Compared[T], *, write: Callable[[T], str], more: Callable[[T], str] | None = None
) -> tuple[str, str]:
    """Return how a number stands to the period before and to last year: both counts, and a base of zero in words.

    ``write`` writes a number, ``more`` one with its unit, where that is another.
    """
    now, said = numbers.now, (more or write)(numbers.now)
    before = (
        _("none in the period before, {more} more now"),
        _("as in the period before ({number})"),
        _("{percent} on the period before ({number})"),
    )
    last_year = (
        _("none in the same period last year, {more} more now"),
        _("as in the same period last year ({number})"),
        _("{percent} on the same period last year ({number})"),
    )
    return (
        _held(change(now, numbers.before), before).format(
            more=said, number=write(numbers.before), percent=_percent(now, numbers.before)
        ),
        _held(change(now, numbers.last_year), last_year).format(
            more=said, number=write(numbers.last_year), percent=_percent(now, numbers.last_year)
        ),
    )


def _held(told: Change, words: tuple[str, str, str]) -> str:
    """Return which of the words say a change: from nothing, to the same, to another number."""
    from_zero, same, changed = words
    return {Direction.FROM_ZERO: from_zero, Direction.SAME: same}.get(told.direction, changed)


def _percent(now: int | Decimal, base: int | Decimal) -> str:
    percent = change(now, base).percent
    return percent_change(percent) if percent is not None else ""


def cases_in_words(number: int) -> str:
    """Return a number of cases with its unit."""
    return ngettext("{number} case", "{number} cases", number).format(number=number)


def _alerts(figures: Figures) -> str:
    now = figures.alerts.now
    if not now.received:
        return _("No alert was received in the period.")
    return _(
        "Alerts received: {received} ({high} high, {medium} medium, {low} low). Pushed to the grid in time: {pushed}; "
        "high ones answered in time: {on_time}; met face to face: {met}; dissuaded: {dissuaded}."
    ).format(
        received=now.received,
        high=now.of_high,
        medium=now.of_medium,
        low=now.of_low,
        pushed=share(now.pushed.part, now.pushed.whole),
        on_time=share(now.high.part, now.high.whole),
        met=share(now.met.part, now.met.whole),
        dissuaded=share(now.dissuaded.part, now.dissuaded.whole),
    )


def standard_sentence(figures: Figures) -> str:
    """Return the sentence that every summary has: doors, leaflets, lectures, posts, dissuaded, saved, installed."""
    work, alerts = figures.outreach.now, figures.alerts.now
    return _(
        "Households visited {households}, leaflets handed out {leaflets}, lectures {lectures}, messages in chat groups "
        "{posts}, people dissuaded {dissuaded}, losses prevented {saved} (estimate), apps installed {installs}."
    ).format(
        households=decimals(work.households, 0),
        leaflets=decimals(work.leaflets, 0),
        lectures=work.lectures,
        posts=decimals(work.posts, 0),
        dissuaded=alerts.dissuaded.part,
        saved=money(alerts.prevented),
        installs=work.installs,
    )


def _work(figures: Figures) -> str:
    return standard_sentence(figures)


# ── types and victims ─────────────────────────────────────────────────────────────────────────────────────────────────


def _features(material: Material) -> Iterator[str]:
    figures = material.figures
    if not figures.cases.now.count:
        yield _("No case was reported in the period, so there is nothing to say of types and victims.")
        return
    yield from _types(figures)
    yield from _victims(figures)
    yield _part(_("By way of contact: {parts}."), figures.victims.approaches, figures.cases.now.count)
    yield _part(_("By amount lost: {parts}."), figures.victims.amounts, figures.cases.now.count)
    if warned := figures.cases.now.warned:
        yield _("A warning had come before {warned} of the cases.").format(
            warned=share(warned, figures.cases.now.count)
        )


def top_types(figures: Figures) -> list[TypeRow]:
    """Return the first-level types that had cases, the most first."""
    rows = [row for row in figures.types if not row.parent and row.sums.now.count]
    return sorted(rows, key=lambda row: (-row.sums.now.count, -row.sums.now.lost, row.code))


def taught_of(figures: Figures, row: TypeRow) -> int:
    """Return how many events of the period taught of a type, or of one below it."""
    below = [one.code for one in figures.types if one.parent == row.code]
    return sum(figures.taught.get(code, 0) for code in (row.code, *below))


def _types(figures: Figures) -> Iterator[str]:
    events = figures.outreach.now.events
    for row in islice(top_types(figures), MOST_NAMED):
        yield _(
            "{type}: {count} of the cases ({before} in the period before), {lost} lost; {taught} of {events} events "
            "taught it."
        ).format(
            type=row.name,
            count=share(row.sums.now.count, figures.cases.now.count),
            before=row.sums.before.count,
            lost=money(row.sums.now.lost),
            taught=taught_of(figures, row),
            events=events,
        )
    risen = [row for row in top_types(figures) if row.sums.now.count > row.sums.before.count]
    if risen:
        words = [f"{row.name} {row.sums.before.count}→{row.sums.now.count}" for row in risen[:MOST_NAMED]]
        yield _("Rose on the period before: {types}.").format(types=_listed(words))
    if elder := figures.cases.now.elder:
        yield _("Aimed at elders, across types: {elder}.").format(elder=share(elder, figures.cases.now.count))


def _victims(figures: Figures) -> Iterator[str]:
    ages, count = figures.victims.ages, figures.cases.now.count
    if not ages:
        return
    women, men = sum(row.women for row in ages), sum(row.men for row in ages)
    yield _("Victims: {women} women, {men} men.").format(women=women, men=men)
    known = sorted((row for row in ages if row.count and row.key != "unknown"), key=lambda row: -row.count)
    if known:
        words = [f"{age_words(row.key)} {share(row.count, count)}" for row in known[:MOST_NAMED]]
        yield _("By age: {ages}.").format(ages=_listed(words))


def age_words(key: str) -> str:
    """Return an age band in words: 60–79 岁; the key "unknown" says that nobody knows."""
    return _("age unknown") if key == "unknown" else _("{band} years").format(band=key)


def _part(words: str, parts: Sequence[Part], count: int) -> str:
    most = sorted((part for part in parts if part.count), key=lambda part: -part.count)[:MOST_NAMED]
    return words.format(parts=_listed(f"{part.name} {share(part.count, count)}" for part in most)) if most else ""


# ── what was not done ─────────────────────────────────────────────────────────────────────────────────────────────────


def _shortcomings(material: Material) -> Iterator[str]:
    found = list(filter(None, _lacks(material)))
    yield from found or [_("The figures of this period show no shortcoming.")]


def _lacks(material: Material) -> Iterator[str]:
    figures, ledgers = material.figures, material.ledgers
    for late in islice(ledgers.late, MOST_NAMED):
        yield ngettext(
            "{grid}: {number} alert was over its time, by {late} ({objective}).",
            "{grid}: {number} alerts were over their time, the worst by {late} ({objective}).",
            late.alerts,
        ).format(grid=late.grid, number=late.alerts, late=duration(late.worst), objective=late.objective)
    for row in blind_areas(figures)[:MOST_NAMED]:
        yield _("Blind spot: in {area} {reached} of those over 60 were at a live event within twelve months.").format(
            area=row.name, reached=share(row.elders.reached, row.elders.should)
        )
    yield _untaught(figures)
    if figures.visits.missed:
        yield _("Visits to paired residents kept: {kept}.").format(kept=figures.visits)
    yield _groups_below(material)
    if figures.newcomers.whole > figures.newcomers.part:
        yield _("New tenants and owners reached in time: {reached}.").format(
            reached=share(figures.newcomers.part, figures.newcomers.whole)
        )
    yield _lookbacks(figures)


def _untaught(figures: Figures) -> str:
    names = [row.name for row in top_types(figures) if not taught_of(figures, row)]
    return (
        _("Frauds that hit residents and that no event taught: {types}.").format(types=_listed(names)) if names else ""
    )


def _groups_below(material: Material) -> str:
    below = [group for group in material.ledgers.groups if group.weeks_below]
    if not below:
        return ""
    return _("Chat groups with fewer than {least} pushes in some week: {below} ({names}).").format(
        least=material.pushes_at_least,
        below=share(len(below), len(material.ledgers.groups)),
        names=_listed([group.name for group in below[:MOST_NAMED]], more=len(below) - MOST_NAMED),
    )


def _lookbacks(figures: Figures) -> str:
    verdicts = {verdict: figures.lookbacks.verdicts.get(verdict, 0) for verdict in Verdict}
    said = [f"{verdict.label} {number}" for verdict, number in verdicts.items() if number]
    if figures.lookbacks.without:
        said.append(_("not looked back on yet {number}").format(number=figures.lookbacks.without))
    return _("Look-backs: {verdicts}.").format(verdicts=_listed(said)) if said else ""


def blind_areas(figures: Figures) -> list[AreaRow]:
    """Return the areas where fewer of those over 60 than ``LOW_COVER`` were reached, the lowest share first."""
    shares = {row.code: Decimal(row.elders.reached) / row.elders.should for row in figures.areas if row.elders.should}
    low = [row for row in figures.areas if row.code in shares and shares[row.code] < LOW_COVER]
    return sorted(low, key=lambda row: (shares[row.code], row.code))


# ── what to do next ───────────────────────────────────────────────────────────────────────────────────────────────────


def _steps(material: Material) -> Iterator[str]:
    found = list(filter(None, _advice(material)))
    yield from found or [_("Go on as before; the figures call for nothing more.")]


def _advice(material: Material) -> Iterator[str]:
    figures, ledgers = material.figures, material.ledgers
    for row in islice(top_types(figures), MOST_NAMED):
        yield _lesson(material, row)
    for area in blind_areas(figures)[:MOST_NAMED]:
        yield _("Visit the {number} of those over 60 in {area} who were at no live event.").format(
            number=area.elders.missed, area=area.name
        )
    for new in sorted(ledgers.newcomers, key=lambda one: -one.people)[:MOST_NAMED]:
        yield _("Speak to the {number} tenants and newcomers in {grid} whom nobody has spoken to.").format(
            number=new.people, grid=new.grid
        )
    for late in islice(ledgers.late, MOST_NAMED):
        yield _("Go through the late alerts of {grid} with its two specialists, and check who is on call.").format(
            grid=late.grid
        )
    if any(group.weeks_below for group in ledgers.groups):
        yield _("Have those who answer for the chat groups send at least {least} pushes every week.").format(
            least=material.pushes_at_least
        )
    if figures.lookbacks.without:
        yield _("Look back on the {number} cases that nobody has looked back on.").format(
            number=figures.lookbacks.without
        )


def _lesson(material: Material, row: TypeRow) -> str:
    """Say what to teach to whom and where: the grid and the age that this type hit most."""
    below = {one.name for one in material.figures.types if one.parent == row.code}
    hit = [case for case in material.ledgers.cases if case.fraud_type == row.name or case.fraud_type in below]
    grid = _most_common(case.grid for case in hit)
    if not grid:
        return _("Teach {type} at next period's events.").format(type=row.name)
    return _("Teach {type} to {audience} in {grid}: {taught} of {events} events taught it.").format(
        type=row.name,
        audience=_most_common(audience_of(case.age) for case in hit),
        grid=grid,
        taught=taught_of(material.figures, row),
        events=material.figures.outreach.now.events,
    )


def audience_of(age: int | None) -> str:
    """Return whom an event would invite to reach somebody of an age."""
    if age is None:
        return _("all residents")
    if age < 18:
        return _("pupils and their parents")
    if age < 41:
        return _("young workers and tenants")
    return _("middle-aged residents") if age < 60 else _("residents of 60 and over")


def _most_common(words: Iterable[str]) -> str:
    counted = Counter(word for word in words if word)
    return min(counted, key=lambda word: (-counted[word], word), default="")


# ── commended ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _commended(material: Material) -> Iterator[str]:
    rows = commended_areas(material.figures, late={one.grid_code for one in material.ledgers.late})
    for row in rows:
        yield _("{area}: no case, every alert in time; {days} days without a case.").format(
            area=row.name, days=row.quiet_days
        )
    if not rows:
        yield _("Nobody this time: no part was without a case and with every clock kept.")


def commended_areas(figures: Figures, *, late: Iterable[str]) -> list[AreaRow]:
    """Return the areas without a case in the period and without a missed objective, the longest quiet first."""
    blamed = tuple(late)
    # Whoever lives in no grid is nobody's merit.
    rows = [row for row in figures.areas if row.code not in {REST, figures.area_code} and not row.cases.now.count]
    found = [row for row in rows if _kept(row) and not _is_blamed(row, blamed)]
    return sorted(found, key=lambda row: (-row.quiet_days, row.code))


def _kept(row: AreaRow) -> bool:
    rates = (row.alerts.pushed, row.alerts.high, row.alerts.medium, row.alerts.low)
    return all(rate.part == rate.whole for rate in rates)


def _is_blamed(row: AreaRow, late: Sequence[str]) -> bool:
    return any(code.startswith(row.code) for code in late)


# ── small words ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _listed(words: Iterable[str], *, more: int = 0) -> str:
    said = _(", ").join(words)
    return _("{names} and {more} more").format(names=said, more=more) if more > 0 else said


def money(amount: Decimal) -> str:
    """Return an amount in short; below ten thousand in full: 0.2万元 is no way to say 2,000元."""
    return headline(amount) if amount >= TEN_THOUSAND else yuan(amount)


def duration(late: timedelta) -> str:
    """Return how late something was: 2 min 05 s; from an hour on without the seconds."""
    seconds = int(late.total_seconds())
    minutes, rest = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes_left)
    return _("{minutes} min {seconds:02d} s").format(minutes=minutes, seconds=rest)
