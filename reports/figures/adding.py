"""A street's or a district's figures as the sum of its communities' signed ones.

What cannot be added is not: the middle one of several middles is none, and days without a case are counted by the
caller, who knows the days. Everybody lives in one community, so people add up as cases do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any, TypeVar

from campaigns.figures.coverage import Cover
from campaigns.policy import Span
from cases.policy import DatedBy
from reports.figures.shapes import (
    AlertSums,
    AreaRow,
    BandRow,
    CaseSums,
    Compared,
    Figures,
    Lookbacks,
    Minutes,
    OutreachSums,
    Part,
    Rate,
    TypeRow,
    Victims,
)
from residents.figures import Kept

T = TypeVar("T")


def added_up(
    area_code: str,
    area_name: str,
    parts: Sequence[Figures],
    *,
    span: Span,
    dated_by: DatedBy,
    on: date,
    zero_days: int,
) -> Figures:
    """Return the sum of some communities; nothing but zeros of none. ``zero_days`` of all of them together."""
    return Figures(
        area_code=area_code,
        area_name=area_name,
        span=span,
        dated_by=dated_by,
        on=on,
        cases=_sum((one.cases for one in parts), _compared(CaseSums())),
        year_to_date=_sum((one.year_to_date for one in parts), CaseSums()),
        alerts=_sum((one.alerts for one in parts), _compared(AlertSums())),
        outreach=_sum((one.outreach for one in parts), _compared(OutreachSums())),
        visits=_sum((one.visits for one in parts), Kept(0, 0)),
        elders=_sum((one.elders for one in parts), Cover()),
        zero_days=zero_days,
        quiet_days=min((one.quiet_days for one in parts), default=0),
        residents=sum(one.residents for one in parts),
        types=_types(parts),
        areas=_ranked([_row(one) for one in parts]),
        victims=_victims([one.victims for one in parts]),
        hours=tuple(map(sum, zip(*(one.hours for one in parts if one.hours), strict=True))),
        minutes=_minutes(parts),
        taught=_counted([one.taught for one in parts]),
        lookbacks=_lookbacks(parts),
        app=_sum((one.app for one in parts), Rate()),
        call_warning=_sum((one.call_warning for one in parts), Rate()),
        newcomers=_sum((one.newcomers for one in parts), Rate()),
        groups=_sum((one.groups for one in parts), Rate()),
    )


def _compared(nothing: T) -> Compared[T]:
    return Compared(nothing, nothing, nothing)


def _sum(values: Iterable[T], nothing: T) -> T:
    return reduce(_plus, values, nothing)


def _plus(one: Any, other: Any) -> Any:
    """Add numbers, and what is made of numbers field by field."""
    if is_dataclass(one) and not isinstance(one, type):
        return type(one)(*(_plus(getattr(one, at.name), getattr(other, at.name)) for at in fields(one)))
    return one + other


def _by_key(rows: Iterable[T], key: str) -> Mapping[str, list[T]]:
    found: dict[str, list[T]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found


def _types(parts: Sequence[Figures]) -> tuple[TypeRow, ...]:
    rows = _by_key((row for one in parts for row in one.types), "code")
    return tuple(
        replace(same[0], sums=_sum((row.sums for row in same), _compared(CaseSums()))) for same in rows.values()
    )


def _row(one: Figures) -> AreaRow:
    return AreaRow(
        code=one.area_code,
        name=one.area_name,
        cases=one.cases,
        year_to_date=one.year_to_date,
        alerts=one.alerts.now,
        outreach=one.outreach.now,
        elders=one.elders,
        visits=one.visits,
        residents=one.residents,
        zero_days=one.zero_days,
        quiet_days=one.quiet_days,
        rank=0,
    )


def _ranked(rows: Sequence[AreaRow]) -> tuple[AreaRow, ...]:
    """Rank by cases for each resident, the fewest first; equals share a rank, where nobody lives there is none."""
    rates = {row.code: Decimal(row.cases.now.count) / row.residents for row in rows if row.residents}
    return tuple(
        replace(row, rank=1 + sum(rate < rates[row.code] for rate in rates.values()) if row.code in rates else 0)
        for row in rows
    )


def _victims(parts: Sequence[Victims]) -> Victims:
    ages = _by_key((row for one in parts for row in one.ages), "key")
    return Victims(
        ages=tuple(_added_band(key, same) for key, same in ages.items()),
        occupations=_parts(one.occupations for one in parts),
        residences=_parts(one.residences for one in parts),
        amounts=_parts(one.amounts for one in parts),
        approaches=_parts(one.approaches for one in parts),
        mean_age=None,
    )


def _added_band(key: str, same: Sequence[BandRow]) -> BandRow:
    women, men, unsaid = (sum(getattr(row, name) for row in same) for name in ("women", "men", "unsaid"))
    return BandRow(key, women, men, unsaid, sum((row.lost for row in same), Decimal(0)))


def _parts(tables: Iterable[Sequence[Part]]) -> tuple[Part, ...]:
    rows = _by_key((row for table in tables for row in table), "key")
    return tuple(
        Part(key, same[0].name, sum(row.count for row in same), sum((row.lost for row in same), Decimal(0)))
        for key, same in rows.items()
    )


def _counted(tables: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for table in tables:
        for key, number in table.items():
            found[key] = found.get(key, 0) + number
    return found


def _minutes(parts: Sequence[Figures]) -> Mapping[str, Minutes]:
    names = dict.fromkeys(name for one in parts for name in one.minutes)
    return {name: _added_minutes([one.minutes[name] for one in parts if name in one.minutes]) for name in names}


def _added_minutes(same: Sequence[Minutes]) -> Minutes:
    bands: dict[int | None, int] = {}
    for one in same:
        for most, number in one.bands:
            bands[most] = bands.get(most, 0) + number
    return Minutes(
        bands=tuple(bands.items()),
        median=same[0].median if len(same) == 1 else None,
        worst=max((one.worst for one in same if one.worst is not None), default=None),
    )


def _lookbacks(parts: Sequence[Figures]) -> Lookbacks:
    return Lookbacks(
        verdicts=_counted([one.lookbacks.verdicts for one in parts]),
        confirmed=sum(one.lookbacks.confirmed for one in parts),
        without=sum(one.lookbacks.without for one in parts),
    )
