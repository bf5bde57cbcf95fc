"""Figures as programs read them (``report_figures --json``): flat, every key documented in docs/figures.md.

Counts are whole numbers; amounts are yuan, numbers with at most two decimals; days are ISO; a rate is its two counts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from campaigns.figures.coverage import Cover
from cases.policy import AMOUNT_BANDS
from reports.figures.areas import per_ten_thousand
from reports.figures.shapes import (
    AlertSums,
    AreaRow,
    BandRow,
    CaseSums,
    Compared,
    Figures,
    Minutes,
    OutreachSums,
    Part,
    Rate,
    TypeRow,
)
from reports.formats import cases_changed, number_changed, yuan_changed
from reports.policy import change
from residents.figures import Kept

Plain = dict[str, Any]


def plain(found: Figures) -> Plain:
    """Return everything as JSON has it."""
    spans = found.spans
    return {
        "area": found.area_code,
        "name": found.area_name,
        "from": found.span.first.isoformat(),
        "to": found.span.last.isoformat(),
        "counted_to": spans.now.last.isoformat(),
        "before_from": spans.before.first.isoformat(),
        "before_to": spans.before.last.isoformat(),
        "last_year_from": spans.last_year.first.isoformat(),
        "last_year_to": spans.last_year.last.isoformat(),
        "by": str(found.dated_by),
        **{name: _case_number(found.cases, _FIELD_OF.get(name, name)) for name in _CASE_NUMBERS},
        "year_to_date": _sums(found.year_to_date),
        "residents": found.residents,
        "cases_per_10000": _number(per_ten_thousand(found.cases.now.count, found.residents)),
        "zero_days": found.zero_days,
        "quiet_days": found.quiet_days,
        "types": [_type(row) | {"taught": found.taught.get(row.code, 0)} for row in found.types],
        "ages": [_age(row) for row in found.victims.ages],
        "mean_age": _number(found.victims.mean_age),
        "occupations": _parts(found.victims.occupations),
        "residences": _parts(found.victims.residences),
        "amounts": [_part(row) | _limits(row.key) for row in found.victims.amounts],
        "approaches": _parts(found.victims.approaches),
        "hours": list(found.hours),
        "areas": [_area(row) for row in found.areas],
        "alerts": _alerts(found.alerts),
        "minutes": {name: _minutes(one) for name, one in found.minutes.items()},
        "outreach": {one.name: _compared(found.outreach, one.name, number_changed) for one in fields(OutreachSums)},
        "visits": _kept(found.visits),
        "coverage_60": _cover(found.elders),
        "app": _rate(found.app),
        "call_warning": _rate(found.call_warning),
        "newcomers": _rate(found.newcomers),
        "groups": _rate(found.groups),
        "lookbacks": {
            "verdicts": dict(found.lookbacks.verdicts),
            "confirmed": found.lookbacks.confirmed,
            "without": found.lookbacks.without,
        },
    }


_CASE_NUMBERS = ("cases", "filed", "elder", "warned", "lost", "frozen", "returned", "prevented")
_FIELD_OF = {"cases": "count"}


def _case_number(sums: Compared[CaseSums], field: str) -> Plain:
    is_amount = isinstance(getattr(sums.now, field), Decimal)
    return _compared(sums, field, yuan_changed if is_amount else cases_changed)


def _compared(sums: Compared[Any], field: str, said: Callable[[Any, Any], str]) -> Plain:
    """Return a number of the three periods, with both changes as numbers and as the pages say them."""
    now, before, last_year = (getattr(one, field) for one in (sums.now, sums.before, sums.last_year))
    return {
        "now": _number(now),
        "before": _number(before),
        "last_year": _number(last_year),
        "percent_before": _number(change(now, before).percent),
        "percent_last_year": _number(change(now, last_year).percent),
        "change_before": said(now, before).replace("\u00a0", " "),
        "change_last_year": said(now, last_year).replace("\u00a0", " "),
    }


def _number(value: Decimal | int | None) -> int | float | None:
    """Return a number as JSON has it: whole without decimals. Two decimals of yuan are exact in a double."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _rate(rate: Rate) -> Plain:
    return {"part": rate.part, "whole": rate.whole}


def _kept(kept: Kept) -> Plain:
    return {"part": kept.kept, "whole": kept.due}


def _cover(cover: Cover) -> Plain:
    return {"part": cover.reached, "whole": cover.should, "weak": cover.weak}


def _sums(sums: CaseSums) -> Plain:
    return {name: _number(getattr(sums, _FIELD_OF.get(name, name))) for name in _CASE_NUMBERS}


def _type(row: TypeRow) -> Plain:
    return {"code": row.code, "name": row.name, "parent": row.parent, **_three(row.sums)}


def _three(sums: Compared[CaseSums]) -> Plain:
    """Return counts and losses of the three periods, flat."""
    return {
        "now": sums.now.count,
        "before": sums.before.count,
        "last_year": sums.last_year.count,
        "lost": _number(sums.now.lost),
        "lost_before": _number(sums.before.lost),
        "lost_last_year": _number(sums.last_year.lost),
        "prevented": _number(sums.now.prevented),
    }


def _age(row: BandRow) -> Plain:
    return {
        "band": row.key,
        "women": row.women,
        "men": row.men,
        "unsaid": row.unsaid,
        "cases": row.count,
        "lost": _number(row.lost),
    }


def _parts(rows: Iterable[Part]) -> list[Plain]:
    return [_part(row) for row in rows]


def _part(row: Part) -> Plain:
    return {"key": row.key, "name": row.name, "cases": row.count, "lost": _number(row.lost)}


def _limits(key: str) -> Plain:
    band = next(band for band in AMOUNT_BANDS if str(band.least) == key)
    return {"least": _number(band.least), "below": _number(band.below)}


def _area(row: AreaRow) -> Plain:
    return {
        "code": row.code,
        "name": row.name,
        **_three(row.cases),
        "year_to_date": row.year_to_date.count,
        "lost_year_to_date": _number(row.year_to_date.lost),
        "residents": row.residents,
        "zero_days": row.zero_days,
        "quiet_days": row.quiet_days,
        "rank": row.rank or None,
        "coverage_60": _cover(row.elders),
        "visits": _kept(row.visits),
        "groups": _rate(row.groups),
        "alerts": _alert_sums(row.alerts),
        "outreach": {one.name: getattr(row.outreach, one.name) for one in fields(OutreachSums)},
    }


def _alerts(sums: Compared[AlertSums]) -> Plain:
    """Return the period's alerts, and those of the two others beside it."""
    return {
        **_alert_sums(sums.now),
        "before": _alert_sums(sums.before),
        "last_year": _alert_sums(sums.last_year),
    }


def _alert_sums(sums: AlertSums) -> Plain:
    values = {one.name: getattr(sums, one.name) for one in fields(AlertSums)}
    return {name: _rate(value) if isinstance(value, Rate) else _number(value) for name, value in values.items()}


def _minutes(one: Minutes) -> Plain:
    bands: list[Mapping[str, int | None]] = [{"up_to": up_to, "count": count} for up_to, count in one.bands]
    return {"median": _number(one.median), "worst": _number(one.worst), "bands": bands}
