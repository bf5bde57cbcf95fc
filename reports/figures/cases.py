"""Cases of an area and some periods: by part, by type, by who was defrauded, by day.

Counted is what was reported to the police and not withdrawn (警情), by the date the report names; a case without that
date is in no period. Its place is where the victim lives. Sources: field-notes.md "Statistics".
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Aggregate, Avg, CharField, Count, F, Max, Min, Q, Sum, Value, When
from django.db.models import Case as Either
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, ExtractHour, TruncDate
from django.utils.translation import gettext as _

from accounts.clock import LOCAL_TZ, local
from accounts.formats import decimals
from campaigns.policy import Span
from cases.models import Case, CaseQuerySet
from cases.policy import AMOUNT_BANDS, AmountBand, Approach, DatedBy, Status
from reports.figures.places import Parts
from reports.figures.shapes import NOTHING, BandRow, CaseSums, Part, Victims
from reports.figures.slices import Sliced, Slices, dated, summed
from residents.models import Sex
from residents.policy import AGE_BANDS, AgeBand, Residence

HOURS = 24

UNKNOWN = "unknown"
"""The key of what nobody noted: an age, an occupation, a residence, a way of contact."""

FILED = (Status.FILED, Status.SOLVED)
"""The cases that the police filed (立案), solved or not."""

SUMS: Mapping[str, Aggregate] = {
    "count": Count("status"),  # an indexed column, not the key: limits.md, trap 6
    "filed": Count("status", filter=Q(status__in=FILED)),
    "elder": Count("status", filter=Q(is_elder_fraud=True)),
    "warned": Count("status", filter=Q(alert__isnull=False) | Q(was_warned=True)),
    "lost": Sum("amount_lost"),
    "frozen": Sum("amount_frozen"),
    "returned": Sum("amount_returned"),
    "prevented": Sum("amount_prevented"),
}
YUAN = 4
"""So many of the sums, the last ones, are amounts."""


def to_the_fen(amount: Decimal) -> Decimal:
    """Return an amount with its two decimals: SQLite adds yuan up without them, and what is frozen is compared."""
    return Decimal(amount).quantize(Decimal("0.01"))


def counted(area_code: str) -> CaseQuerySet:
    """Return the cases that the figures of an area count."""
    return Case.objects.counted().within(area_code).order_by()


def sums_by_part(parts: Parts, slices: Slices, *, dated_by: DatedBy) -> Sliced[CaseSums]:
    """Return the sums of each part in each slice. One query."""
    return _sliced(parts, slices, dated_by, by=parts.told_by("area_code"), named=parts.told)


def sums_by_type(parts: Parts, slices: Slices, *, dated_by: DatedBy) -> Sliced[CaseSums]:
    """Return the sums of each type of fraud in each slice, by the type's own code. One query."""
    return _sliced(parts, slices, dated_by, by=F("fraud_type__code"), named=str)


def _sliced(
    parts: Parts, slices: Slices, dated_by: DatedBy, *, by: Combinable, named: Callable[[str], str]
) -> Sliced[CaseSums]:
    found: dict[str, dict[int, CaseSums]] = defaultdict(lambda: defaultdict(CaseSums))
    for number, code, *sums in summed(counted(parts.area.code), slices, dated(dated_by), of={"of": by}, sums=SUMS):
        found[named(code)][number] += CaseSums(*sums[:-YUAN], *map(to_the_fen, sums[-YUAN:]))
    return found


def days_by_part(parts: Parts, span: Span, *, dated_by: DatedBy) -> Mapping[str, set[date]]:
    """Return the days of a period on which anybody of a part was defrauded, by the date the report names. One query."""
    by = dated(dated_by)
    found: dict[str, set[date]] = defaultdict(set)
    rows = counted(parts.area.code).filter(by.within(span))
    day: Any = TruncDate(by.field, tzinfo=LOCAL_TZ) if by.is_moment else F(by.field)
    for code, on in rows.values_list(parts.told_by("area_code"), day).distinct():
        found[parts.told(code)].add(on)
    return found


def last_day_by_part(
    parts: Parts, days: Mapping[str, set[date]], before: date, *, dated_by: DatedBy
) -> Mapping[str, date]:
    """Return each part's last day with a case before a day. One query for those that ``days`` does not answer for."""
    last = {code: max(found) for code, found in days.items() if found}
    quiet = [code for code in parts.names if code not in last]
    if quiet:
        by = dated(dated_by)
        rows = counted(parts.area.code).filter(**{f"{by.field}__lt": by.edge(before)})
        latest = rows.values_list(parts.told_by("area_code")).annotate(last=Max(by.field))
        for code, at in latest:
            part, on = parts.told(code), _day(at)
            last[part] = max(on, last.get(part, on))
    return last


def first_day(*, dated_by: DatedBy) -> date | None:
    """Return the first day of the whole ledger: before it, nobody knows of a day without a case. One query."""
    found = Case.objects.counted().order_by().aggregate(first=Min(dated(dated_by).field))["first"]
    return None if found is None else _day(found)


def _day(at: date | datetime) -> date:
    return local(at).date() if isinstance(at, datetime) else at


def quiet_days(span: Span, last: date | None, first: date | None) -> int:
    """Return how many days without a case lead up to a period's last, that day counted (连续零发案).

    Where there never was one, the days since the ledger's first case anywhere, and the period's at the least.
    """
    if span.first >= span.after:
        return 0
    if last is not None:
        return (span.last - last).days
    return max((span.after - span.first).days, (span.last - first).days if first is not None else 0)


def zero_days(span: Span, with_cases: int) -> int:
    """Return the days of a period on which nobody was defrauded."""
    return (span.after - span.first).days - with_cases


def victims_of(area_code: str, span: Span, *, dated_by: DatedBy) -> tuple[Victims, tuple[int, ...]]:
    """Return who was defrauded in a period, and the cases by the hour of the fraud. Two queries.

    Every table adds up to the cases; the hours do to those whose moment is known.
    """
    here = counted(area_code).filter(dated(dated_by).within(span))
    found = _tables(here)
    mean = here.aggregate(mean=Avg("victim_age"))["mean"]
    hours = {int(row.key): row.count for row in found["hour"] if row.key != UNKNOWN}
    amounts = {str(band.least): amount_band_name(band) for band in AMOUNT_BANDS}
    victims = Victims(
        ages=_ages(found["age"]),
        occupations=_by_count(found["occupation"]),
        residences=_in_order(found["residence"], dict(Residence.choices)),
        amounts=_in_order(found["amount"], amounts, keeps_all=True),
        approaches=_in_order(found["approach"], dict(Approach.choices)),
        mean_age=None if mean is None else Decimal(mean).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP),
    )
    return victims, tuple(hours.get(hour, 0) for hour in range(HOURS))


def amount_band_name(band: AmountBand) -> str:
    """Return what a table calls an amount band: "10,000 to 50,000 yuan"."""
    least, below = decimals(band.least, 0), decimals(band.below or 0, 0)
    if band.below is None:
        return _("{least} yuan and more").format(least=least)
    if not band.least:
        return _("Under {below} yuan").format(below=below)
    return _("{least} to {below} yuan").format(least=least, below=below)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of one of the tables, as the database counted it."""

    key: str
    sex: str
    count: int
    lost: Decimal


def _tables(here: CaseQuerySet) -> Mapping[str, list[_Row]]:
    """Return the rows of each table: one query, a part of it for each table."""
    keys: Mapping[str, Combinable] = {
        "age": _age_band(),
        "occupation": F("victim_occupation"),
        "residence": F("victim_residence"),
        "amount": _amount_band(),
        "approach": F("approach"),
        "hour": ExtractHour("occurred_at", tzinfo=LOCAL_TZ),
    }
    nobodys = Value("", output_field=CharField())
    queries = [
        here.annotate(
            table=Value(name, output_field=CharField()),
            key=Cast(key, CharField()),
            sex=F("victim_sex") if name == "age" else nobodys,
        )
        .values("table", "key", "sex")
        .annotate(count=Count("status"), yuan=Sum("amount_lost"))
        .values_list("table", "key", "sex", "count", "yuan")
        for name, key in keys.items()
    ]
    found: dict[str, list[_Row]] = {name: [] for name in keys}
    for name, key, sex, count, lost in queries[0].union(*queries[1:], all=True):
        found[name].append(_Row(key or UNKNOWN, sex, count, to_the_fen(lost)))
    return found


def _age_band() -> Combinable:
    known = (When(_aged(band), then=Value(str(band))) for band in AGE_BANDS)
    return Either(*known, default=Value(UNKNOWN), output_field=CharField())


def _aged(band: AgeBand) -> Q:
    old_enough = Q(victim_age__gte=band.youngest)
    return old_enough if band.oldest is None else old_enough & Q(victim_age__lte=band.oldest)


def _amount_band() -> Combinable:
    bands = (When(amount_lost__gte=band.least, then=Value(str(band.least))) for band in reversed(AMOUNT_BANDS))
    return Either(*bands, default=Value(str(AMOUNT_BANDS[0].least)), output_field=CharField())


def _ages(rows: Iterable[_Row]) -> tuple[BandRow, ...]:
    """Return every band, and the unknown, by sex."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    lost: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        counts[row.key, row.sex] += row.count
        lost[row.key] += row.lost
    return tuple(
        BandRow(key, counts[key, Sex.FEMALE], counts[key, Sex.MALE], counts[key, ""], lost[key])
        for key in [*map(str, AGE_BANDS), UNKNOWN]
    )


def _by_count(rows: Iterable[_Row]) -> tuple[Part, ...]:
    """Return what people wrote in their own words, the most first and what nobody noted last."""
    parts = (Part(row.key, _("Not stated") if row.key == UNKNOWN else row.key, row.count, row.lost) for row in rows)
    return tuple(sorted(parts, key=lambda part: (part.key == UNKNOWN, -part.count, part.key)))


def _in_order(rows: Iterable[_Row], names: Mapping[str, Any], *, keeps_all: bool = False) -> tuple[Part, ...]:
    """Return the parts in the order of their names, then what has none; without what counts nothing, unless kept."""
    found = {row.key: row for row in rows}
    named = [key for key in names if key in found or keeps_all]
    strangers = sorted(key for key in found if key not in names and key != UNKNOWN)
    last = [UNKNOWN] if UNKNOWN in found else []
    known = {**dict(zip(strangers, strangers, strict=True)), **names, UNKNOWN: _("Not stated")}
    empty = _Row("", "", 0, NOTHING)
    return tuple(
        Part(key, str(known[key]), (row := found.get(key, empty)).count, row.lost)
        for key in [*named, *strangers, *last]
    )
